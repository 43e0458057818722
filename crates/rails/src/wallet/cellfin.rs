//! CellFin (Islami Bank): no balance, and the currency stands after the amount. The same senders speak for
//! accounts at the bank itself: see [`super::bank`].

use super::Wallet;
use super::message::Kind::Personal;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Cellfin,
    senders: &["ibbl .", "ibbl", "islami.bank"],
    wordings: &[Wording::new(
        Personal,
        "[Islami Bank ]CellFin Received {amount} Tk From CellFin: {payer} To CellFin: {account} Trx Id: {id}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { payer, id, .. } = spoken;
        let amount = spoken.amount();
        (kind == Personal).then(|| format!("Islami Bank CellFin Received {amount} Tk From CellFin: {payer} To CellFin: 01800000000 TrxId: {id}"))
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
