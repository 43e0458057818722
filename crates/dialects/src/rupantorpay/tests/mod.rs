//! Tests of the whole dialect through its trait, as the server uses it.

mod clients;
mod create;
mod golden;
mod outcomes;
mod properties;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Attempt, AttemptState, Order, Paid, Payment, PaymentState};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{AccountId, BrandId, Currency, Mode, Money, PaymentId, Policy, Timestamp};

use super::{CHECKOUT, RupantorPay, VERIFY};
use crate::{
    Call, Caller, Candidate, CreatePayment, Credential, Dialect, FindPayment, NoRails, Reply,
    Request, Secret, Switches, WireError,
};

/// The seed's transaction, of which the time's digits are the seed's too.
const SEED_ID: &str = "OVKPXW165414";
const SINCE: Timestamp = Timestamp::from_s(1_738_000_000);
const NOW: Timestamp = Timestamp::from_s(1_738_800_000);
const KEY: &str = "gnXi7etgWNhFyFGZFrOMYyrmnF4A1eGU5SC2QRmUvILOlNc2Ef";

/// A brand that calls.
#[derive(Default)]
struct Shop {
    policy: Policy,
    switches: Switches,
}

impl Shop {
    fn with(change: impl FnOnce(&mut super::Switches)) -> Self {
        let mut shop = Self::default();
        change(&mut shop.switches.rupantorpay);
        shop
    }

    fn caller(&self) -> Caller<'_> {
        Caller {
            brand: BrandId(7),
            secret: Secret(b""),
            mode: Mode::Live,
            policy: &self.policy,
            switches: &self.switches,
            since: SINCE,
            now: NOW,
            real_now: NOW,
            public_url: "https://payment.rupantorpay.com",
            rails: &NoRails,
        }
    }

    fn post(&self, route: &str, content_type: &str, body: &[u8]) -> Result<Call, WireError> {
        let headers = headers(&[("content-type", content_type), ("x-api-key", KEY)]);
        RupantorPay.decode(&request(route, "", &headers, body), &self.caller())
    }

    fn create(&self, body: &str) -> Result<CreatePayment, WireError> {
        self.post(CHECKOUT, "application/json", body.as_bytes()).map(|call| match call {
            Call::Create(call) => *call,
            other => panic!("{other:?}"),
        })
    }

    fn created(&self, call: &CreatePayment) -> Value {
        json(&self.create_reply(call))
    }

    fn verify(&self, payment: &Payment) -> Value {
        json(&self.verify_reply(payment))
    }

    fn create_reply(&self, call: &CreatePayment) -> Reply {
        let headers = HeaderMap::new();
        let payment = payment(call.clone());
        RupantorPay.answer(&request(CHECKOUT, "", &headers, b""), &self.caller(), &payment)
    }

    fn verify_reply(&self, payment: &Payment) -> Reply {
        let headers = HeaderMap::new();
        RupantorPay.answer(&request(VERIFY, "", &headers, b""), &self.caller(), payment)
    }

    fn return_url(&self, payment: &Payment) -> String {
        RupantorPay.return_url(payment, &self.switches)
    }
}

fn request<'a>(
    route: &'a str,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> Request<'a> {
    let method = if body.is_empty() { &Method::GET } else { &Method::POST };
    Request { method, route, path: route, query, headers, body, id: 0, at: NOW }
}

fn find(candidates: Vec<Candidate>) -> Call {
    Call::Find(FindPayment { candidates, amount: None })
}

fn refuse(error: &WireError) -> Reply {
    RupantorPay.refuse(&request(CHECKOUT, "", &HeaderMap::new(), b""), None, error)
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect()
}

fn json(reply: &Reply) -> Value {
    assert_eq!(reply.content_type, "application/json");
    serde_json::from_slice(&reply.body).unwrap()
}

fn bdt(text: &str) -> Money {
    Money::parse(text, Currency::BDT).unwrap()
}

fn seed_number() -> PaymentNumber {
    match RupantorPay.candidates(SEED_ID, &Shop::default().caller()).as_slice() {
        [Candidate::Number(number)] => *number,
        other => panic!("{other:?}"),
    }
}

fn seed_payment_id() -> PaymentId {
    PaymentId { number: seed_number(), brand: BrandId(7), token: 0xfeed_beef }
}

/// A payment as the store makes it of what was decoded.
fn payment(call: CreatePayment) -> Payment {
    let order = Order {
        dialect: RupantorPay.slug().to_owned(),
        amount: call.amount,
        fee: Money::zero(call.amount.currency()),
        due: call.amount,
        tolerance_minor: 0,
        customer: call.customer,
        urls: call.urls,
        metadata: call.metadata,
        dialect_note: call.dialect_note,
        expires_at: NOW,
    };
    let state = PaymentState::Created;
    let id = seed_payment_id();
    Payment {
        id,
        version: 1,
        state,
        state_since: NOW,
        reason: None,
        order,
        attempts: vec![],
        paid: None,
        refunds: vec![],
        chargebacks: vec![],
    }
}

/// The same after the payer named a receipt.
fn claimed(mut payment: Payment, method: &str, reference: &str) -> Payment {
    let key = ReceiptKey::new(method, reference);
    payment.state = PaymentState::Pending;
    let state = AttemptState::Waiting;
    payment.attempts.push(Attempt { account: AccountId(1), key, state, at: NOW, origin: None });
    payment
}

/// The same after it was paid.
fn paid(payment: Payment, method: &str, reference: &str) -> Payment {
    let mut payment = claimed(payment, method, reference);
    payment.state = PaymentState::Succeeded;
    payment.paid = Some(Paid {
        receipt: ReceiptKey::new(method, reference),
        account: AccountId(1),
        payer: None,
        received: payment.order.due,
        applied: payment.order.due,
        at: NOW,
        late: false,
    });
    payment
}
