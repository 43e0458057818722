//! mCash (Islami Bank): a colon after `Tk`.

use super::Wallet;
use super::message::Kind::Personal;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Mcash,
    senders: &["mcash", "16259"],
    wordings: &[Wording::new(
        Personal,
        "[IBBL ]mCash You have received {amount} From: {payer} [Reference: {note} ]Balance: {balance} Trx ID: {id}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { payer, id, .. } = spoken;
        let (amount, balance) = (spoken.amount, spoken.balance);
        let note = spoken.note.as_deref().unwrap_or_default();
        (kind == Personal).then(|| format!("IBBL mCash You have received Tk: {amount} From: {payer} Reference: {note} Balance Tk: {balance} TrxID: {id}"))
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
