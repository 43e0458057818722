//! Tests of the whole dialect through its trait, as the server uses it.

mod auth;
mod golden;
mod properties;
mod v1;
mod v2;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use md5::{Digest as _, Md5};
use serde_json::Value;
use torana_domain::chargeback::{Chargeback, ChargebackState};
use torana_domain::payment::{
    Attempt, AttemptState, Command, NewPayment, Order, Origin, Paid, Payment, PaymentState, decide,
};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::{Refund, RefundState};
use torana_domain::{AccountId, BrandId, Currency, Mode, Money, PaymentId, Policy, Timestamp};

use super::PortPos;
use crate::{
    Call, Caller, CreatePayment, Dialect as _, Known, NoRails, Reply, Request, Secret, Subscribed,
    Switches, WireError,
};

const APP_KEY: &str = "9c41cf8bce319cc6300cc2c4e9ef7c8f";
const SECRET_KEY: &str = "3c6e0b8a9c15224a8228b9a98ca1531d";
const SEALED: &[u8] = br#"{"app_key":"9c41cf8bce319cc6300cc2c4e9ef7c8f","secret_key":"3c6e0b8a9c15224a8228b9a98ca1531d"}"#;
const NOW: Timestamp = Timestamp::from_s(1_790_000_000);

/// A brand that calls.
#[derive(Default)]
struct Shop {
    policy: Policy,
    switches: Switches,
}

impl Shop {
    fn with(change: impl FnOnce(&mut super::Switches)) -> Self {
        let mut shop = Self::default();
        change(&mut shop.switches.portpos);
        shop
    }

    fn caller(&self) -> Caller<'_> {
        Caller {
            brand: BrandId(13),
            secret: Secret(SEALED),
            mode: Mode::Live,
            policy: &self.policy,
            switches: &self.switches,
            since: Timestamp::from_s(1_700_000_000),
            now: NOW,
            real_now: NOW,
            public_url: "https://payment.portpos.com",
            rails: &NoRails,
        }
    }

    fn decode(&self, asked: &Asked) -> Result<Call, WireError> {
        PortPos.decode(&asked.request(), &self.caller())
    }

    fn create(&self, asked: &Asked) -> Result<CreatePayment, WireError> {
        self.decode(asked).map(|call| match call {
            Call::Create(call) => *call,
            other => panic!("{other:?}"),
        })
    }

    fn answer(&self, asked: &Asked, payment: &Payment) -> Reply {
        PortPos.answer(&asked.request(), &self.caller(), payment)
    }

    fn refuse(&self, asked: &Asked, error: &WireError) -> Reply {
        PortPos.refuse(&asked.request(), Some(&self.caller()), error)
    }

    /// The refusal of what is asked, as JSON.
    fn refusal(&self, asked: &Asked) -> Value {
        json(&self.refuse(asked, &self.decode(asked).unwrap_err()))
    }

    /// Whether the caller is let in.
    fn authenticate(&self, asked: &Asked, known: Known) -> Result<(), WireError> {
        let request = asked.request();
        PortPos.credential(&request)?;
        PortPos.authenticate(&request, &self.caller(), known)
    }
}

/// A request with everything that it borrows.
#[derive(Clone)]
struct Asked {
    method: Method,
    route: &'static str,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Asked {
    fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            route: self.route,
            path: &self.path,
            query: "",
            headers: &self.headers,
            body: &self.body,
            id: 0,
            at: NOW,
        }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// A v1 form.
    fn form(pairs: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let (route, path) = ("/api/v1/", "/api/v1/".to_owned());
        let asked = Self {
            method: Method::POST,
            route,
            path,
            headers: HeaderMap::new(),
            body: body.into_bytes(),
        };
        asked.header("content-type", "application/x-www-form-urlencoded")
    }

    /// A v2 request.
    fn v2(method: Method, route: &'static str, path: &str, body: &str) -> Self {
        let asked = Self {
            method,
            route,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        };
        asked.header("content-type", "application/json")
    }
}

fn token(timestamp: &str) -> String {
    let digest = Md5::new().chain_update(SECRET_KEY).chain_update(timestamp).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json(reply: &Reply) -> Value {
    assert_eq!(reply.content_type, "application/json");
    serde_json::from_slice(&reply.body).unwrap()
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

fn bdt(text: &str) -> Money {
    Money::parse(text, Currency::BDT).unwrap()
}

/// A payment as the store makes it of what was decoded, with the number of that invoice.
fn payment(call: CreatePayment, invoice: &str) -> Payment {
    let order = Order {
        dialect: PortPos.slug().to_owned(),
        amount: call.amount,
        fee: Money::zero(call.amount.currency()),
        due: call.amount,
        tolerance_minor: 0,
        customer: call.customer,
        urls: call.urls,
        metadata: call.metadata,
        dialect_note: call.dialect_note,
        expires_at: NOW.plus_ms(call.expiry_ms.unwrap_or(3_600_000)),
    };
    let number = super::ids::number(invoice).unwrap();
    let id = PaymentId { number, brand: BrandId(13), token: 7 };
    decide(None, Command::Create(Box::new(NewPayment { id, order })), NOW).unwrap().payment
}

/// The same after it was paid by bKash.
fn paid(mut payment: Payment) -> Payment {
    let key = ReceiptKey::new("bkash", "DKP1ABC2DE");
    let origin = Origin { ip: "192.0.2.39".into(), user_agent: "Mozilla/5.0 (Linux)".into() };
    payment.state = PaymentState::Succeeded;
    payment.attempts.push(Attempt {
        account: AccountId(1),
        key: key.clone(),
        state: AttemptState::Paid,
        at: NOW,
        origin: Some(origin),
    });
    payment.paid = Some(Paid {
        receipt: key,
        account: AccountId(1),
        payer: Some("01711000001".into()),
        received: payment.order.due,
        applied: payment.order.due,
        at: NOW,
        late: false,
    });
    payment
}

fn refund(number: u32, amount: &str, state: RefundState) -> Refund {
    Refund {
        number,
        amount: bdt(amount),
        state,
        payee: None,
        reason: String::new(),
        reference: None,
        note: None,
        requested_at: NOW,
        changed_at: NOW,
    }
}

fn chargeback(amount: &str) -> Chargeback {
    Chargeback {
        number: 1,
        amount: bdt(amount),
        state: ChargebackState::Open,
        reason: "not recognised".into(),
        opened_at: NOW,
        changed_at: NOW,
    }
}
