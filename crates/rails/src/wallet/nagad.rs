//! Nagad: one field a line, which phones and servers may glue together; time as `dd/mm/yyyy hh:mm`.
//!
//! A TxnID is eight letters and digits: a counter in base 36, whose first two digits were `71` early in
//! 2023 and `76` late in 2026.

use torana_domain::Timestamp;

use super::message::Kind;
use super::message::Kind::{Agent, Deposit, Merchant, Personal};
use super::message::WhyNotMoney::Outgoing;
use super::simulator::Spoken;
use super::trxid::to_base36;
use super::wording::{Format, Wording};
use super::{Wallet, Warning, dhaka};

/// The first two digits of the earliest TxnID seen, and of the latest.
const FIRST_PREFIX: u64 = 7 * 36 + 1;
const NEWEST_PREFIX: u64 = 7 * 36 + 6;
/// From when (year, month) on TxnIDs began with which number; `72` is 7 × 36 + 2.
const COUNTER_STARTS: [(i16, i8, u64); 6] = [
    (2023, 1, FIRST_PREFIX),
    (2024, 1, 7 * 36 + 2),
    (2025, 1, 7 * 36 + 3),
    (2025, 10, 7 * 36 + 4),
    (2026, 6, 7 * 36 + 5),
    (2026, 10, NEWEST_PREFIX),
];

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Nagad,
    // The number is the hotline, seen as an alias.
    senders: &["nagad", "16167"],
    wordings: &[
        Wording::new(
            Personal,
            "Money Received. <Amount|Amt>: {amount} Sender: {payer} [Ref: {note} ]Txn ID: {id} <Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Personal,
            "Cash In Received. <Amount|Amt>: {amount} Uddokta: {agent} Txn ID: {id} <Balance|Bal>: {balance} {at}",
        )
        .after_promotion(),
        Wording::new(
            Merchant,
            "Payment Received. <Amount|Amt>: {amount} Customer: {payer} [Ref: {note} ]Txn ID: {id} [Fee: {fee} ]<Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Merchant,
            "Payment - Bangla QR Successfully Received. <Amount|Amt>: {amount} Txn ID: {id} <Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Merchant,
            "Payment - Bangla QR Successfully Received. <Amount|Amt>: {amount} Txn ID: {id}[ {at}]",
        ),
        Wording::new(
            Agent,
            "Cash Out Received. <Amount|Amt>: {amount} Customer: {payer} Txn ID: {id} [Comm: {comm} ]<Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Agent,
            "B2B Received. <Amount|Amt>: {amount} Sender: {payer} Txn ID: {id} <Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Deposit,
            "Add Money from Bank is Successful. From: {name} <Amount|Amt>: {amount} Txn ID: {id} <Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Deposit,
            "Add Money from Bank is Successful. From: {name} <Amount|Amt>: {amount} Txn ID: {id}[ {at}]",
        ),
    ],
    sent: &[
        Wording::new(
            Personal,
            "Send Money Successful. <Amount|Amt>: {amount} Receiver: {payee} [Ref: {note} ]Txn ID: {id} [Fee: {fee} ]<Balance|Bal>: {balance} {at}",
        ),
        Wording::new(
            Agent,
            "Cash In Successful. <Amount|Amt>: {amount} Customer: {payee} Txn ID: {id} Comm: {comm} <Balance|Bal>: {balance} {at}",
        ),
    ],
    not_money: &[
        (Outgoing, "Payment to "),
        (Outgoing, "Cash In Successful"),
        (Outgoing, "B2B Transfer"),
        (Outgoing, "Send Money"),
        (Outgoing, "Money Sent"),
    ],
    check_id,
    make_id,
    say,
    say_sent,
    say_cashback: |_| None,
};

fn check_id(id: &str, sent_at: Option<Timestamp>) -> Option<Warning> {
    let prefix = id.get(..2).and_then(|start| u64::from_str_radix(start, 36).ok());
    let Some(prefix) = prefix.filter(|prefix| id.len() == 8 && *prefix >= FIRST_PREFIX) else {
        return Some(Warning::TrxIdStructure);
    };
    // The counter's speed is known only roughly, and not at all for years to come.
    let expected = counter_prefix(sent_at?)?;
    let is_too_new = expected < NEWEST_PREFIX && prefix > expected + 1;
    (prefix + 1 < expected || is_too_new).then_some(Warning::TrxIdDate)
}

fn counter_prefix(at: Timestamp) -> Option<u64> {
    let date = dhaka::civil(at)?;
    let begun = |(year, month, _): &&(i16, i8, u64)| (*year, *month) <= (date.year(), date.month());
    COUNTER_STARTS.iter().filter(begun).map(|(_, _, prefix)| *prefix).next_back()
}

fn make_id(at: Timestamp, random: u64) -> String {
    let prefix = counter_prefix(at).unwrap_or(FIRST_PREFIX);
    format!("{}{}", to_base36(prefix, 2), to_base36(random, 6))
}

fn say(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { payer, id, .. } = spoken;
    let amount = spoken.amount;
    let tail = format!("Balance: Tk {}\n{}", spoken.balance, dhaka::slashed(spoken.at));
    let note = spoken.note.as_deref().unwrap_or("N/A");
    Some(match kind {
        Personal => format!(
            "Money Received.\nAmount: Tk {amount}\nSender: {payer}\nRef: {note}\nTxnID: {id}\n{tail}"
        ),
        Merchant => format!(
            "Payment Received.\nAmount: Tk {amount}\nCustomer: {payer}\nTxnID: {id}\n{tail}"
        ),
        Agent => format!(
            "Cash Out Received.\nAmount: Tk {amount}\nCustomer: {payer}\nTxnID: {id}\nComm: Tk 0.00\n{tail}"
        ),
        Deposit => {
            let bank = spoken.bank_name();
            format!(
                "Add Money from Bank is Successful.\nFrom: {bank}\nAmount: Tk {amount}\nTxnID: {id}\n{tail}"
            )
        }
    })
}

fn say_sent(kind: Kind, spoken: &Spoken) -> Option<String> {
    let Spoken { amount, balance, payer: payee, id, .. } = spoken;
    let tail = format!("Balance: Tk {balance}\n{}", dhaka::slashed(spoken.at));
    let note = spoken.note.as_deref().unwrap_or("N/A");
    match kind {
        Personal => Some(format!(
            "Send Money Successful.\nAmount: Tk {amount}\nReceiver: {payee}\nRef: {note}\nTxnID: {id}\nFee: Tk 0.00\n{tail}"
        )),
        Agent => Some(format!(
            "Cash In Successful.\nAmount: Tk {amount}\nCustomer: {payee}\nTxnID: {id}\nComm: Tk 0.00\n{tail}"
        )),
        Merchant | Deposit => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_grows_with_the_years() {
        let at = dhaka::parse("05/11/2025 14:07");
        assert_eq!(check_id("74ABCDEF", at), None);
        assert_eq!(check_id("73ABCDEF", at), None);
        assert_eq!(check_id("71ABCDEF", at), Some(Warning::TrxIdDate));
        assert_eq!(check_id("77ABCDEF", at), Some(Warning::TrxIdDate));
        assert_eq!(check_id("12345678", at), Some(Warning::TrxIdStructure));
        assert_eq!(check_id("74ABCDEFG", at), Some(Warning::TrxIdStructure));
        let next_decade = dhaka::parse("05/11/2035 14:07");
        assert_eq!(check_id("8ZABCDEF", next_decade), None);
    }
}
