//! `challenge`: what the merchant is to do with the payer (seed; provider §3.3).
//!
//! `redirect` is the seed's. Of `qr` the pages have only the path `challenge_qr.code`. Of `requisites` they have only that it
//! names an account and the fields to be collected from the payer; its shape is ours:
//! `challenge_requisites{account, name, amount, currency, fields[{name, pattern}]}`, where the fields are what
//! PUT `/v1/payment/{id}` takes.

use serde_json::{Value, json};
use torana_domain::payment::Payment;

use super::methods::PayIn;
use super::note::Note;
use super::{UpiChallenge, encode, ids};
use crate::{Caller, Direct};

/// The challenge of a payment that was just made.
pub(super) fn of(caller: &Caller<'_>, payment: &Payment, note: &Note) -> Value {
    let method = note.pay_in();
    let hosted = || redirect(&page(caller, payment, method));
    if note.hosted || method == PayIn::Epay {
        return hosted();
    }
    let Some(direct) = caller.rails.direct(payment, method.slug()) else { return hosted() };
    match caller.switches.rumbapay.upi_challenge {
        UpiChallenge::Redirect => direct.link.as_deref().map_or_else(hosted, redirect),
        UpiChallenge::Qr => {
            json!({ "challenge_type": "qr", "challenge_qr": { "code": direct.code } })
        }
        UpiChallenge::Requisites => requisites(&direct),
    }
}

/// The hosted page; ePay's ends in `confirm` (seed).
fn page(caller: &Caller<'_>, payment: &Payment, method: PayIn) -> String {
    let end = if method == PayIn::Epay { "/confirm" } else { "" };
    format!("{}/p/{}{end}", caller.public_url, ids::uuid(payment.id))
}

fn redirect(url: &str) -> Value {
    json!({ "challenge_type": "redirect", "challenge_redirect": { "url": url } })
}

fn requisites(direct: &Direct) -> Value {
    json!({
        "challenge_type": "requisites",
        "challenge_requisites": {
            "account": direct.account,
            "name": direct.name,
            "amount": encode::number(&direct.amount.to_shortest()),
            "currency": direct.amount.currency().code(),
            "fields": [{ "name": "transaction_id", "pattern": "^[0-9]{12}$" }],
        },
    })
}
