//! Every known message of every wallet, with what is read from it: `corpus/<wallet>.txt`.
//! `corpus/mod.rs` says how it is written.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::unwrap_used)]

mod corpus;

use corpus::add;
use torana_domain::{Money, Timestamp};
use torana_rails::wallet::{
    Bank, Kind, Message, Notice, Reading, SentNotice, Wallet, Warning, WhyNotMoney, WhyUnread, read,
};

fn summary(reading: &Reading) -> String {
    match reading {
        Reading::Receipt(notice) => receipt_summary(notice),
        Reading::Sent(notice) => sent_summary(notice),
        Reading::NotMoney { wallet, bank, why, balance } => {
            let balance = balance.map_or(String::new(), |money| format!(" balance={money}"));
            format!("{}{} is {}{balance}", wallet.slug(), of_bank(*bank), why.code())
        }
        Reading::Unread { wallet, why } => {
            format!("{} {}", wallet.map_or("unread", Wallet::slug), why.code())
        }
    }
}

fn receipt_summary(notice: &Notice) -> String {
    let bank = of_bank(notice.bank);
    let (wallet, kind) = (notice.wallet.slug(), notice.kind.code());
    let mut line = format!("{wallet}{bank} {kind} {} {}", notice.amount, notice.reference);
    add(&mut line, "payer", notice.payer.clone());
    add(&mut line, "balance", money(notice.balance));
    add(&mut line, "fee", money(notice.fee));
    add(&mut line, "commission", money(notice.commission));
    add_circumstances(&mut line, notice.note.as_ref(), notice.sent_at, &notice.warnings);
    line
}

fn sent_summary(notice: &SentNotice) -> String {
    let wallet = notice.wallet.slug();
    let mut line = format!("{wallet} sent {} {}", notice.amount, notice.reference);
    add(&mut line, "payee", notice.payee.clone());
    add(&mut line, "balance", money(notice.balance));
    add(&mut line, "fee", money(notice.fee));
    add_circumstances(&mut line, notice.note.as_ref(), notice.sent_at, &notice.warnings);
    line
}

fn add_circumstances(
    line: &mut String,
    note: Option<&String>,
    at: Option<Timestamp>,
    warnings: &[Warning],
) {
    let odd: Vec<&str> = warnings.iter().map(|warning| warning.code()).collect();
    add(line, "note", note.map(|note| format!("{note:?}")));
    add(line, "at", at.map(in_dhaka));
    add(line, "odd", (!odd.is_empty()).then(|| odd.join(",")));
}

fn money(money: Option<Money>) -> Option<String> {
    money.map(|money| money.to_string())
}

fn of_bank(bank: Option<Bank>) -> String {
    bank.map_or(String::new(), |bank| format!("/{}", bank.slug()))
}

fn in_dhaka(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.as_ms()).unwrap();
    jiff::tz::Offset::constant(6).to_datetime(instant).to_string()
}

#[test]
fn every_known_message_is_read_as_the_corpus_says() {
    let wrong: String = Wallet::ALL
        .map(|wallet| {
            corpus::differences(wallet.slug(), |case| {
                let heard_at = Timestamp::default();
                summary(&read(&Message { sender: &case.sender, body: &case.body, heard_at }))
            })
        })
        .concat();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn codes_are_stable() {
    assert_eq!(Kind::ALL.map(Kind::code), ["personal", "merchant", "agent", "deposit"]);
    assert_eq!(WhyNotMoney::OneTimePassword.code(), "one_time_password");
    assert_eq!(WhyUnread::UnknownSender.code(), "unknown_sender");
    assert_eq!(Bank::DutchBangla.slug(), "dutchbangla");
}
