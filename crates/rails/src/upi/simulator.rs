//! The bank of test mode: says what a bank would say of a payment, in its own wording. What it says goes
//! through [`super::read`] like a live message.
//!
//! Deterministic: the same payment gives the same text.

use jiff::civil::DateTime;
use torana_domain::{Money, Timestamp};

use super::{Bank, ist};
use crate::text;
use crate::wallet::Kind;
use crate::wallet::simulator::SimulatedMessage;

const REMARK_CHARS_MAX: usize = 50;
const NAME_CHARS_MAX: usize = 20;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Money that a pretended payer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The bank of the account that is paid; see [`BANKS`].
    pub bank: Bank,
    /// How much, in rupees.
    pub amount: Money,
    /// The payer's address.
    pub payer: String,
    /// The payer's name; banks print it in capitals, cut and without signs.
    pub payer_name: String,
    /// The last digits of the account that is paid.
    pub account_tail: String,
    /// The transfer's number; see [`utr`].
    pub utr: String,
    /// What the payer wrote, where the bank prints it; cut at 50 characters.
    pub remark: Option<String>,
    /// When it happens; most banks write the day of it.
    pub at: Timestamp,
}

/// The banks in whose wording a payment can be simulated; the first is the usual one.
pub const BANKS: [Bank; 6] =
    [Bank::Hdfc, Bank::State, Bank::Icici, Bank::Axis, Bank::IndianOverseas, Bank::Uco];

/// A UTR of that day: the last digit of the year, the day of the year, and eight digits chosen by `random`.
pub fn utr(at: Timestamp, random: u64) -> String {
    let (year, day) = ist::civil(at).map_or((0, 1), |civil| (civil.year(), civil.day_of_year()));
    format!("{}{day:03}{:08}", year.rem_euclid(10), random % 100_000_000)
}

/// The bank's genuine message about a payment. `None` for a bank that is not one of [`BANKS`], or a time
/// that is on no calendar.
pub fn write(payment: &Payment) -> Option<SimulatedMessage> {
    let civil = ist::civil(payment.at)?;
    let body = say(payment, civil)?;
    let reference = match payment.bank {
        Bank::Uco => text::derive_reference(payment.bank.slug(), &text::normalise(&body)),
        _ => payment.utr.clone(),
    };
    let header = payment.bank.headers().first()?;
    Some(SimulatedMessage {
        sender: format!("AX-{header}-S"),
        body,
        reference,
        kind: Kind::Deposit,
    })
}

/// A forger's message: the right words about another account, dated two days ahead. It is read as a
/// credit, and believed Low; where the account's digits are not known, Medium.
pub fn forged(payment: &Payment) -> Option<SimulatedMessage> {
    let other =
        |digit: char| digit.to_digit(10).and_then(|digit| char::from_digit((digit + 5) % 10, 10));
    let account_tail = payment.account_tail.chars().filter_map(other).collect();
    write(&Payment { account_tail, at: payment.at.plus_ms(2 * DAY_MS), ..payment.clone() })
}

fn say(payment: &Payment, at: DateTime) -> Option<String> {
    let Payment { amount, payer, account_tail: tail, utr, .. } = payment;
    let (name, on) = (printed_name(&payment.payer_name), ist::dashed(at));
    let (day, month, year) = (at.day(), ist::month_name(at), at.year().rem_euclid(100));
    Some(match payment.bank {
        Bank::Hdfc => format!(
            "Credit Alert!\nRs.{amount} credited to HDFC Bank A/c XX{tail} on {on} from VPA {payer} (UPI {utr})"
        ),
        Bank::State => format!(
            "Dear SBI User, your A/c X{tail}-credited by Rs.{amount} on {day:02}{month}{year:02} transfer from {name} Ref No {utr} -SBI"
        ),
        Bank::Icici => format!(
            "Dear Customer, Acct XX{tail} is credited with Rs {amount} on {day:02}-{month}-{year:02} from {name}. UPI:{utr}-ICICI Bank."
        ),
        Bank::Axis => format!(
            "INR {amount} credited\nA/c no. XX{tail}\n{on}, {:02}:{:02}:{:02} IST\nUPI/P2A/{utr}/{name}\nAxis Bank",
            at.hour(),
            at.minute(),
            at.second()
        ),
        Bank::IndianOverseas => format!(
            "Your a/c no. XXXXX{tail} is credited by Rs.{amount} on {} {:02}, from {name}-{payer}(UPI Ref no {utr}).Payer Remark - {} -IOB",
            at.date(),
            at.hour(),
            printed_remark(payment.remark.as_deref())
        ),
        Bank::Uco => format!(
            "A/c XX{tail} Credited with Rs.{amount} on {:02}-{:02}-{:04} by UCO-UPI.",
            at.day(),
            at.month(),
            at.year()
        ),
        _ => return None,
    })
}

/// Capitals and blanks only, as banks print names.
fn printed_name(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ');
    let cut: String = letters.map(|c| c.to_ascii_uppercase()).take(NAME_CHARS_MAX).collect();
    let words: Vec<&str> = cut.split_whitespace().collect();
    if words.is_empty() { "PAYER".to_owned() } else { words.join(" ") }
}

fn printed_remark(remark: Option<&str>) -> String {
    let remark = remark.unwrap_or("NA").chars().map(|c| if c.is_control() { ' ' } else { c });
    remark.take(REMARK_CHARS_MAX).collect()
}
