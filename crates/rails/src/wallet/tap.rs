//! Tap (Trust Axiata). Of its TxIDs no structure is known.

use super::Wallet;
use super::message::Kind::Personal;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Tap,
    senders: &["tap.", "tap"],
    wordings: &[Wording::new(
        Personal,
        "Received {amount} from {payer}. [Ref: {note}. ]Balance: {balance}. Tx ID: {id}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { payer, id, .. } = spoken;
        let (amount, balance) = (spoken.amount, spoken.balance);
        (kind == Personal).then(|| {
            format!("Received Tk {amount} from {payer}. Balance Tk. {balance}. TxID: {id}.")
        })
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
