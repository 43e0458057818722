//! Messages of wallets about money that arrived just now, with TrxIDs of the right structure. Written after
//! real messages, not by the product's own simulator.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::Offset;

const BASE36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The letters for years from 2023, months and days in a bKash TrxID.
const DATE_LETTERS: &[u8; 35] = b"123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A message as a phone hears it.
#[derive(Clone, Debug)]
pub struct Sms {
    pub sender: String,
    pub body: String,
    /// The TrxID in it.
    pub reference: String,
}

impl Sms {
    /// Any message.
    pub fn new(sender: &str, body: &str, reference: &str) -> Self {
        Self { sender: sender.into(), body: body.into(), reference: reference.into() }
    }

    /// bKash tells of so many taka.
    pub fn bkash(taka: i64) -> Self {
        Self::bkash_paisa(taka * 100)
    }

    /// The same in paisa.
    pub fn bkash_paisa(paisa: i64) -> Self {
        Self::bkash_with(paisa, &bkash_id())
    }

    /// bKash tells of so many taka, and that the account now holds so many.
    pub fn bkash_leaving(taka: i64, balance: i64) -> Self {
        let sms = Self::bkash(taka);
        let (usual, stated) = (plain(taka * 100 + 200_000), plain(balance * 100));
        let body =
            sms.body.replace(&format!("Balance Tk {usual}"), &format!("Balance Tk {stated}"));
        Self { body, ..sms }
    }

    /// The same with a TrxID of the caller's.
    pub fn bkash_with(paisa: i64, reference: &str) -> Self {
        let (amount, balance) = (plain(paisa), plain(paisa + 200_000));
        let at = dhaka().strftime("%d/%m/%Y %H:%M").to_string();
        let body = format!(
            "You have received Tk {amount} from {PAYER}. Fee Tk 0.00. Balance Tk {balance}. TrxID {reference} at {at}"
        );
        Self::new("bKash", &body, reference)
    }

    /// bKash tells that so many taka were sent to a number.
    pub fn bkash_sent(taka: i64, payee: &str) -> Self {
        let reference = bkash_id();
        let at = dhaka().strftime("%d/%m/%Y %H:%M").to_string();
        let body = format!(
            "Send Money Tk {} to {payee} successful. Ref refund. Fee Tk 5.00. Balance Tk 505.00. TrxID {reference} at {at}",
            plain(taka * 100)
        );
        Self::new("bKash", &body, &reference)
    }

    /// Nagad, several lines.
    pub fn nagad(taka: i64) -> Self {
        let (amount, balance) = (plain(taka * 100), plain(taka * 100 + 200_000));
        let at = dhaka().strftime("%d/%m/%Y %H:%M").to_string();
        let reference = format!("76{}", unique(6));
        let body = format!(
            "Money Received.\nAmount: Tk {amount}\nSender: {PAYER}\nRef: N/A\nTxnID: {reference}\nBalance: Tk {balance}\n{at}"
        );
        Self::new("NAGAD", &body, &reference)
    }
}

/// The payer in every message; no operator has the number's range.
pub const PAYER: &str = "01711000001";

/// A fresh TrxID such as bKash gives today.
pub fn bkash_id() -> String {
    let today = dhaka();
    let letter = |index: usize| char::from(DATE_LETTERS[index]);
    let year = char::from(b'A' + u8::try_from(today.year() - 2023).unwrap());
    let month = char::from(b'A' + u8::try_from(today.month() - 1).unwrap());
    let day = letter(usize::try_from(today.day()).unwrap() - 1);
    format!("{year}{month}{day}{}", unique(7))
}

/// A text that no other call gives.
fn unique(length: usize) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let started = u64::from(std::process::id()) << 16;
    let mut number = started.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    let mut text = vec![];
    for _ in 0..length {
        text.push(BASE36[usize::try_from(number % 36).unwrap()]);
        number /= 36;
    }
    text.reverse();
    String::from_utf8(text).unwrap()
}

fn dhaka() -> jiff::civil::DateTime {
    Offset::constant(6).to_datetime(jiff::Timestamp::now())
}

/// `1250.00`.
fn plain(paisa: i64) -> String {
    format!("{}.{:02}", paisa / 100, paisa % 100)
}
