//! Pathao Pay: `BDT`, and numbers with the country code.

use super::Wallet;
use super::message::Kind::Personal;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::PathaoPay,
    senders: &["pathaopay", "pathao pay"],
    wordings: &[Wording::new(
        Personal,
        "You have received {amount} from {payer}. [Ref: {note}. ]Balance: {balance}. Trx ID: {id}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { payer, id, .. } = spoken;
        let (amount, balance) = (spoken.amount, spoken.balance);
        (kind == Personal).then(|| {
            format!(
                "You have received BDT {amount} from +88{payer}. Balance BDT {balance}. TrxID {id}"
            )
        })
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
