//! OK Wallet (ONE Bank). Sources disagree about its sender; all three are accepted.

use super::Wallet;
use super::message::Kind::Personal;
use super::simulator::Spoken;
use super::trxid::{check_length, to_base36};
use super::wording::{Format, Wording};

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::OkWallet,
    senders: &["01847348685", "16269", "01401195496"],
    wordings: &[Wording::new(
        Personal,
        r"\(OK Wallet\) Successfully received {amount} from A/C {payer}. [Ref: {note} ]Balance: {balance}. Trx ID: {id}",
    )],
    sent: &[],
    not_money: &[],
    check_id: |id, _| check_length(id),
    make_id: |_, random| to_base36(random, 10),
    say: |kind, spoken| {
        let Spoken { payer, id, .. } = spoken;
        let (amount, balance) = (spoken.amount, spoken.balance);
        let note = spoken.note.as_ref().map_or(String::new(), |note| format!(" Ref: {note}"));
        (kind == Personal).then(|| format!("(OK Wallet) Successfully received Tk {amount} from A/C {payer}.{note} Balance Tk {balance}. TrxID {id}"))
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};
