//! The phone of test mode: says what a wallet would say, in its own wording, with a TrxID such as it
//! would give at that time. What it says goes through [`super::read`] like a live message.
//!
//! Deterministic: the same transfer gives the same text.

use jiff::civil::DateTime;
use torana_domain::{Money, Timestamp};

use super::message::Kind;
use super::reader::FORMATS;
use super::wording::Format;
use super::{Wallet, bank, dhaka, senders, text};

/// Characters of a reference text that wallets take.
const NOTE_CHARS_MAX: usize = 100;
/// The payer where none that a wallet would print was given.
const NOBODY: &str = "01700000000";

/// Money that a pretended payer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The wallet that tells of it.
    pub wallet: Wallet,
    /// On what kind of account it arrives; see [`kinds`].
    pub kind: Kind,
    /// How much, in taka.
    pub amount: Money,
    /// The payer's number (or the bank's name for [`Kind::Deposit`]); for [`outgoing`], who gets the money.
    pub payer: String,
    /// The account's balance after it, in taka.
    pub balance_after: Money,
    /// What the payer wrote, where the wallet lets payers write; cut at 100 characters.
    pub reference_text: Option<String>,
    /// When it happens; wallets write the minute or the day of it.
    pub at: Timestamp,
    /// Chooses the TrxID among those of that time.
    pub random: u64,
}

/// A message as the phone would hear it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedMessage {
    /// The originating address.
    pub sender: String,
    /// The text.
    pub body: String,
    /// What identifies the transfer: its TrxID, or the derived reference where the text has none.
    pub reference: String,
    /// The kind of account that the text speaks of.
    pub kind: Kind,
}

/// The kinds of account in whose wording a wallet can be simulated; the first is the usual one.
pub const fn kinds(wallet: Wallet) -> &'static [Kind] {
    use Kind::{Agent, Deposit, Merchant, Personal};
    match wallet {
        Wallet::Bkash | Wallet::Nagad | Wallet::Upay => &[Personal, Merchant, Agent, Deposit],
        Wallet::Rocket => &[Personal, Agent, Deposit],
        Wallet::TallyPay => &[Merchant],
        Wallet::Bank => &[Deposit],
        Wallet::Tap
        | Wallet::Cellfin
        | Wallet::OkWallet
        | Wallet::Mcash
        | Wallet::PathaoPay
        | Wallet::Ipay
        | Wallet::SureCash => &[Personal],
    }
}

/// The wallet's genuine message for incoming money. For a kind that the wallet has no known wording for,
/// its usual kind is spoken of instead. `None` only for a time that is on no calendar.
pub fn incoming(transfer: &Transfer) -> Option<SimulatedMessage> {
    let format = format_of(transfer.wallet)?;
    let id = (format.make_id)(transfer.at, transfer.random);
    say_incoming(format, transfer, Spoken::new(transfer, id)?)
}

/// The wallet's message for money that left the account, to the transfer's payer: an agent's cash-in for
/// [`Kind::Agent`], and what a person's account says for every other kind. `None` where its wording is not
/// known. Where the wording states a fee it is nothing, so the balance falls by exactly the amount.
pub fn outgoing(transfer: &Transfer) -> Option<SimulatedMessage> {
    let format = format_of(transfer.wallet)?;
    let kind = if transfer.kind == Kind::Agent { Kind::Agent } else { Kind::Personal };
    let id = (format.make_id)(transfer.at, transfer.random);
    let spoken = Spoken::new(transfer, id)?;
    let body = (format.say_sent)(kind, &spoken)?;
    message(format, kind, body, spoken.id)
}

/// The wallet's message for a cashback; `None` where its wording is not known.
pub fn cashback(transfer: &Transfer) -> Option<SimulatedMessage> {
    let format = format_of(transfer.wallet)?;
    let id = (format.make_id)(transfer.at, transfer.random);
    let spoken = Spoken::new(transfer, id)?;
    let body = (format.say_cashback)(&spoken)?;
    message(format, transfer.kind, body, spoken.id)
}

/// A forger's message: the right words with a TrxID of the wrong structure, and a balance that is less
/// than the amount. Where a wallet states no balance or its TrxIDs have no known structure, fewer signs
/// betray it: only of bKash, Nagad, Rocket and Upay is it always believed Low.
pub fn forged(transfer: &Transfer) -> Option<SimulatedMessage> {
    let format = format_of(transfer.wallet)?;
    let id = format!("FAKE{}", transfer.random % 1000 + 1000).get(..7)?.to_owned();
    let short = Money::from_minor(transfer.amount.minor() / 2, transfer.amount.currency());
    let spoken = Spoken { balance: short, ..Spoken::new(transfer, id)? };
    say_incoming(format, transfer, spoken)
}

fn format_of(wallet: Wallet) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.wallet == wallet)
}

fn say_incoming(format: &Format, transfer: &Transfer, spoken: Spoken) -> Option<SimulatedMessage> {
    let known = kinds(transfer.wallet);
    let usual = *known.first()?;
    let kind = if known.contains(&transfer.kind) { transfer.kind } else { usual };
    let body = (format.say)(kind, &spoken)?;
    message(format, kind, body, spoken.id)
}

fn message(format: &Format, kind: Kind, body: String, id: String) -> Option<SimulatedMessage> {
    let sender = *format.senders.first()?;
    let reference = match format.wallet {
        Wallet::Bank => {
            let speaker = super::Bank::of_sender(&senders::canonical(sender));
            bank::derive_reference(speaker, &text::normalise(&body))
        }
        _ => id,
    };
    Some(SimulatedMessage { sender: sender.to_owned(), body, reference, kind })
}

/// What a wallet's text is made of; the wallet files put it into words.
pub(super) struct Spoken {
    pub amount: Money,
    pub balance: Money,
    /// A number that a wallet would print, always; of who gets the money where it is sent.
    pub payer: String,
    pub note: Option<String>,
    pub id: String,
    /// In Dhaka.
    pub at: DateTime,
    /// What the transfer gave as the payer.
    name: String,
}

impl Spoken {
    fn new(transfer: &Transfer, id: String) -> Option<Self> {
        let digits: String = transfer.payer.chars().filter(char::is_ascii_digit).collect();
        let local = text::local_number(&digits);
        let is_number = local.len() == 11 && local.starts_with("01");
        let payer = if is_number { local.to_owned() } else { NOBODY.to_owned() };
        let cut = |note: &String| note.chars().take(NOTE_CHARS_MAX).collect();
        Some(Self {
            amount: transfer.amount,
            balance: transfer.balance_after,
            payer,
            note: transfer.reference_text.as_ref().map(cut),
            id,
            at: dhaka::civil(transfer.at)?,
            name: transfer.payer.clone(),
        })
    }

    /// `1,250.00`.
    pub fn amount(&self) -> String {
        grouped(self.amount, 3)
    }

    /// `1,250.00`.
    pub fn balance(&self) -> String {
        grouped(self.balance, 3)
    }

    /// `1,00,000.00`.
    pub fn indian_amount(&self) -> String {
        grouped(self.amount, 2)
    }

    /// `1,00,000.00`.
    pub fn indian_balance(&self) -> String {
        grouped(self.balance, 2)
    }

    /// `***515`.
    pub fn masked_payer(&self) -> String {
        format!("***{}", self.payer.get(8..).unwrap_or_default())
    }

    /// `017***4838`.
    pub fn masked_middle(&self) -> String {
        let (start, end) = (self.payer.get(..3), self.payer.get(7..));
        format!("{}***{}", start.unwrap_or_default(), end.unwrap_or_default())
    }

    /// The payer where it is a bank.
    pub fn bank_name(&self) -> &str {
        let is_word = |c: char| c.is_ascii_alphabetic() || c == ' ';
        let is_name = (2..=60).contains(&self.name.len()) && self.name.chars().all(is_word);
        let is_trimmed = self.name.trim() == self.name && !self.name.contains("  ");
        if is_name && is_trimmed { &self.name } else { "BRAC Bank" }
    }
}

/// Two decimals and commas: the last three digits of the whole, then groups of `size`.
fn grouped(money: Money, size: usize) -> String {
    let plain = money.to_string();
    let (whole, paisa) = plain.split_once('.').unwrap_or((&plain, "00"));
    let count = whole.len();
    let mut text = String::with_capacity(plain.len() * 2);
    for (index, digit) in whole.chars().enumerate() {
        let left = count - index;
        if index > 0 && left >= 3 && (left - 3).is_multiple_of(size) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{paisa}")
}

#[cfg(test)]
mod tests {
    use torana_domain::Currency;

    use super::*;

    #[test]
    fn sums_are_grouped_the_english_and_the_indian_way() {
        let sum = |paisa| Money::from_minor(paisa, Currency::BDT);
        assert_eq!(grouped(sum(12_345_678_901), 3), "123,456,789.01");
        assert_eq!(grouped(sum(12_345_678_901), 2), "12,34,56,789.01");
        assert_eq!(grouped(sum(100_000), 2), "1,000.00");
        assert_eq!(grouped(sum(99_999), 2), "999.99");
    }
}
