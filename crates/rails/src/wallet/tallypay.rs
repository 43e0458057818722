//! TallyPay: payments by QR code, with a masked payer.

use super::Wallet;
use super::message::Kind::Merchant;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::TallyPay,
    senders: &["tallypay"],
    wordings: &[Wording::new(
        Merchant,
        "{amount} received from {payer} via TallyPay QR. {filler} Txn ID: {id}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { id, .. } = spoken;
        let (amount, masked) = (spoken.amount(), spoken.masked_middle());
        (kind == Merchant)
            .then(|| format!("Tk {amount} received from {masked} via TallyPay QR. Txn ID: {id}"))
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
