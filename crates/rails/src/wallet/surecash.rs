//! SureCash. **Unverified:** only the two fields of its message are known, not what stands before them.

use super::Wallet;
use super::message::Kind::Personal;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::SureCash,
    senders: &["16495", "surecash"],
    wordings: &[Wording::new(
        Personal,
        "[SureCash. ][Money Received. ]Txn ID: {id}[,]. Amount: {amount}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { id, .. } = spoken;
        let amount = spoken.amount;
        (kind == Personal).then(|| format!("TxnID: {id} Amount: Tk {amount}"))
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
