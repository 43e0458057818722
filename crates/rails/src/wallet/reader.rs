//! Reads a message: sender to wallet, wording to fields, fields to a [`Notice`] or a [`SentNotice`].

use std::sync::LazyLock;

use regex::{Captures, Regex};
use torana_domain::{Money, Timestamp};

use super::message::{Notice, Reading, SentNotice, WhyNotMoney, WhyUnread};
use super::wording::{self, Format, Wording, captured};
use super::{Bank, Wallet, Warning, dhaka, senders, text};
use super::{bank, bkash, cellfin, ipay, mcash, nagad, okwallet, pathaopay, rocket, surecash};
use super::{tallypay, tap, upay};
use crate::message::Message;

/// Characters. Four joined Bengali SMS have fewer than 300, and the longest known message 250.
const BODY_CHARS_MAX: usize = 2000;

/// A mask that leaves fewer digits would fit nearly anybody.
const MASK_DIGITS_MIN: usize = 3;

/// Every wallet. Where two share a sender, the earlier is tried first.
pub(super) const FORMATS: &[Format] = &[
    bkash::FORMAT,
    nagad::FORMAT,
    rocket::FORMAT,
    upay::FORMAT,
    tap::FORMAT,
    cellfin::FORMAT,
    okwallet::FORMAT,
    mcash::FORMAT,
    pathaopay::FORMAT,
    ipay::FORMAT,
    surecash::FORMAT,
    tallypay::FORMAT,
    bank::FORMAT,
];

/// A wallet's wordings, compiled.
struct Reader {
    format: &'static Format,
    wordings: Vec<(Regex, &'static Wording)>,
    sent: Vec<Regex>,
    not_money: Vec<(Regex, WhyNotMoney)>,
}

/// Compiled when the first message comes. A wording that does not compile reads nothing; a test holds
/// that there is none.
static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| FORMATS.iter().map(compile).collect());

fn compile(format: &'static Format) -> Reader {
    let wordings = format.wordings.iter();
    let openings = format.not_money.iter();
    Reader {
        format,
        wordings: wordings.filter_map(|wording| Some((wording.compile()?, wording))).collect(),
        sent: format.sent.iter().filter_map(Wording::compile).collect(),
        not_money: openings
            .filter_map(|(why, opening)| Some((wording::compile_opening(opening)?, *why)))
            .collect(),
    }
}

/// Used only on texts in which no payer writes.
static LAST_BALANCE: LazyLock<Option<Regex>> = LazyLock::new(wording::compile_last_balance);

/// What a message says. Never fails and never panics: what is not understood is [`Reading::Unread`].
pub fn read(message: &Message<'_>) -> Reading {
    let sender = senders::canonical(message.sender);
    let bank = Bank::of_sender(&sender);
    let speakers: Vec<&Reader> =
        READERS.iter().filter(|reader| speaks_for(&sender, bank, reader.format)).collect();
    let Some(first) = speakers.first() else {
        return Reading::Unread { wallet: None, why: WhyUnread::UnknownSender };
    };
    let wallet = first.format.wallet;
    if message.body.chars().nth(BODY_CHARS_MAX).is_some() {
        return Reading::Unread { wallet: Some(wallet), why: WhyUnread::TooLong };
    }
    let line = text::normalise(message.body);
    if let Some(notice) = speakers.iter().find_map(|reader| incoming(reader, bank, &line)) {
        return Reading::Receipt(notice);
    }
    if let Some(notice) = speakers.iter().find_map(|reader| sent(reader, &line)) {
        return Reading::Sent(notice);
    }
    if let Some(not_money) = speakers.iter().find_map(|reader| not_money(reader, bank, &line)) {
        return not_money;
    }
    match without_money(&line) {
        Some(why) => {
            let bank = bank.filter(|_| wallet == Wallet::Bank);
            Reading::NotMoney { wallet, bank, why, balance: None }
        }
        None => Reading::Unread { wallet: Some(wallet), why: WhyUnread::UnknownWording },
    }
}

fn speaks_for(sender: &str, bank: Option<Bank>, format: &Format) -> bool {
    match format.wallet {
        Wallet::Bank => bank.is_some(),
        _ => format.senders.contains(&sender),
    }
}

fn incoming(reader: &Reader, bank: Option<Bank>, line: &str) -> Option<Notice> {
    reader.wordings.iter().find_map(|(regex, wording)| {
        let captures = regex.captures(line)?;
        notice(reader.format, wording, bank, line, &captures)
    })
}

fn notice(
    format: &Format,
    wording: &Wording,
    bank: Option<Bank>,
    line: &str,
    captures: &Captures<'_>,
) -> Option<Notice> {
    let field = |name| captured(captures, name);
    if !field("name").is_none_or(wording::is_bank_name) {
        return None;
    }
    let facts = facts(format, captures)?;
    let bank = bank.filter(|_| format.wallet == Wallet::Bank);
    Some(Notice {
        wallet: format.wallet,
        bank,
        kind: wording.kind,
        amount: facts.amount,
        reference_is_derived: facts.id.is_none(),
        refund_to: field("payer").map(|payer| text::local_number(payer.trim()).to_owned()),
        payer: field("payer")
            .or(field("agent"))
            .or(field("name"))
            .map(|payer| text::local_number(payer.trim()).to_owned()),
        balance: facts.balance,
        fee: facts.fee,
        commission: field("comm").and_then(text::amount_rounded_down),
        note: facts.note,
        sent_at: facts.sent_at,
        warnings: facts.warnings,
        reference: facts.id.unwrap_or_else(|| bank::derive_reference(bank, line)),
    })
}

fn sent(reader: &Reader, line: &str) -> Option<SentNotice> {
    let wallet = reader.format.wallet;
    reader.sent.iter().find_map(|regex| {
        let captures = regex.captures(line)?;
        let payee = payee(wallet, captured(&captures, "payee")?)?;
        let facts = facts(reader.format, &captures)?;
        Some(SentNotice {
            wallet,
            amount: facts.amount,
            reference: facts.id?,
            payee: Some(payee.to_owned()),
            balance: facts.balance,
            fee: facts.fee,
            note: facts.note,
            sent_at: facts.sent_at,
            warnings: facts.warnings,
        })
    })
}

/// The number of a person, whole or masked; `None` for any other digits, such as those of a bank account.
fn payee(wallet: Wallet, number: &str) -> Option<&str> {
    let local = text::local_number(number);
    if local.contains(['*', 'x', 'X']) {
        let known = local.bytes().filter(u8::is_ascii_digit).count();
        return (known >= MASK_DIGITS_MIN).then_some(local);
    }
    // Rocket's accounts are the number and a check digit.
    let local = match wallet {
        Wallet::Rocket if local.len() == 12 => local.get(..11)?,
        _ => local,
    };
    let is_number = local.len() == 11 && local.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && local.starts_with("01")).then_some(local)
}

/// What an incoming and an outgoing message say alike.
struct Facts {
    amount: Money,
    id: Option<String>,
    balance: Option<Money>,
    fee: Option<Money>,
    note: Option<String>,
    sent_at: Option<Timestamp>,
    warnings: Vec<Warning>,
}

/// `None` where the text must not be believed to be in this wording.
fn facts(format: &Format, captures: &Captures<'_>) -> Option<Facts> {
    let field = |name| captured(captures, name);
    let amount = text::amount(field("amount")?).filter(|amount| amount.is_positive())?;
    let lead = field("lead").unwrap_or_default();
    let rest = field("rest").unwrap_or_default();
    // A tail could only be imitated where a person writes and a tail is read.
    let reads_tail = field("id").or(field("balance")).is_some();
    if !wording::is_harmless_before(lead) || reads_tail && !wording::is_harmless_after(rest) {
        return None;
    }
    let sent_at = field("at").and_then(dhaka::parse);
    let balance = field("balance").and_then(text::amount);
    let id = field("id").map(str::to_ascii_uppercase);
    let note = field("note").map(|note| note.trim_end_matches(['.', ' ']));
    let is_blank = |note: &str| matches!(note, "" | "N/A" | "NA");
    let odd = [
        (!lead.is_empty(), Warning::LeadingText),
        (id.is_none(), Warning::DerivedReference),
        (field("at").is_some() && sent_at.is_none(), Warning::ImpossibleDate),
        (field("balance").is_some() && balance.is_none(), Warning::UnreadableBalance),
        (note.is_some_and(wording::imitates_wallet), Warning::NoteImitatesWallet),
    ];
    let odd = odd.into_iter().filter_map(|(is_odd, warning)| is_odd.then_some(warning));
    let odd_id = id.as_deref().and_then(|id| (format.check_id)(id, sent_at));
    Some(Facts {
        amount,
        balance,
        fee: field("fee").and_then(text::amount),
        note: note.filter(|note| !is_blank(note)).map(str::to_owned),
        sent_at,
        warnings: odd.chain(odd_id).collect(),
        id,
    })
}

fn not_money(reader: &Reader, bank: Option<Bank>, line: &str) -> Option<Reading> {
    let (_, why) = reader.not_money.iter().find(|(regex, _)| regex.is_match(line))?;
    let wallet = reader.format.wallet;
    let bank = bank.filter(|_| wallet == Wallet::Bank);
    Some(Reading::NotMoney { wallet, bank, why: *why, balance: last_balance(line) })
}

fn last_balance(line: &str) -> Option<Money> {
    let balance = LAST_BALANCE.as_ref()?.captures(line)?.name("balance")?;
    let is_glued_to_a_date = line.get(balance.end()..)?.starts_with('/');
    if is_glued_to_a_date { None } else { text::amount(balance.as_str()) }
}

/// Whether a message of whatever sender is about a secret code and about no money. One that speaks of money too is
/// not: its digits are what a person has to read.
pub fn is_one_time_password(body: &str) -> bool {
    without_money(&text::normalise(body)) == Some(WhyNotMoney::OneTimePassword)
}

/// Secret codes and advertising: what speaks of no movement of money at all. Anything else stays unread,
/// so that an incoming payment in a new wording is never taken for advertising.
fn without_money(line: &str) -> Option<WhyNotMoney> {
    let text = line.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let moves_money = has(&[
        "received", "credited", "debited", "deposit", "trx", "txn", "balance", "bal:", "cash in",
    ]);
    if moves_money {
        return None;
    }
    let code = [
        "otp",
        "one-time",
        "one time",
        "passcode",
        "login code",
        "verification code",
        "security code",
        "ওটিপি",
    ];
    let offer = ["offer", "cashback", "discount", "download", "bonus", "অফার", "ক্যাশব্যাক"];
    match () {
        () if has(&code) => Some(WhyNotMoney::OneTimePassword),
        () if has(&offer) => Some(WhyNotMoney::Promotion),
        () => None,
    }
}
