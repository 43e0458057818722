//! Tests of the whole dialect through its trait, as the server uses it.

mod answers;
mod auth;
mod fields;
mod golden;
mod payouts;
mod properties;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use sha2::Sha256;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{
    Attempt, AttemptState, Command, Event, EventKind, NewPayment, Order, Paid, Payment,
    PaymentState, decide,
};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{AccountId, BrandId, Mode, Money, PaymentId, Policy, Timestamp};

use super::RumbaPay;
use crate::{
    Call, Caller, CreatePayment, Dialect as _, Direct, Known, Rails, Reply, Request, Secret,
    Switches, WireError,
};

const LOGIN: &str = "john_yablonliy";
const PASSWORD: &str = "4f56cc8f-eb99-4b5d-9255-52ae6f23e91c";
const SEALED: &[u8] = br#"{"login":"john_yablonliy","key":"4f56cc8f-eb99-4b5d-9255-52ae6f23e91c","password":"4f56cc8f-eb99-4b5d-9255-52ae6f23e91c"}"#;
const TOKEN: &str = "374edb1201d1b9cf74101aa1f8e14962ee83c611beed65f1e28cbd616e1de8b1";
const NOW: Timestamp = Timestamp::from_ms(1_790_000_000_120);
const NEW: Known = Known { good_at: None, may_search: false };
const REQUEST_ID: u128 = 0xf4d3_0fac_7da9_4fa0_8918_46d5_6f7d_38b0;

/// A brand with an account for each method.
#[derive(Debug)]
struct Accounts {
    link: Option<String>,
}

impl Rails for Accounts {
    fn direct(&self, payment: &Payment, method: &str) -> Option<Direct> {
        (method == "upi").then(|| Direct {
            account: "shop@bank".into(),
            name: "Shop".into(),
            link: self.link.clone(),
            code: "upi://pay?pa=shop@bank".into(),
            amount: payment.order.due,
        })
    }
}

/// A brand that calls.
struct Shop {
    policy: Policy,
    switches: Switches,
    rails: Accounts,
}

impl Default for Shop {
    fn default() -> Self {
        let rails = Accounts { link: None };
        Self { policy: Policy::default(), switches: Switches::default(), rails }
    }
}

impl Shop {
    fn with(change: impl FnOnce(&mut super::Switches)) -> Self {
        let mut shop = Self::default();
        change(&mut shop.switches.rumbapay);
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
            public_url: "https://pay.example",
            rails: &self.rails,
        }
    }

    fn decode(&self, asked: &Asked) -> Result<Call, WireError> {
        RumbaPay.decode(&asked.request(), &self.caller())
    }

    fn create(&self, body: &str) -> Result<CreatePayment, WireError> {
        self.decode(&Asked::post(body)).map(|call| match call {
            Call::Create(call) => *call,
            other => panic!("{other:?}"),
        })
    }

    fn answer(&self, asked: &Asked, payment: &Payment) -> Reply {
        RumbaPay.answer(&asked.request(), &self.caller(), payment)
    }

    fn refuse(&self, asked: &Asked, error: &WireError) -> Reply {
        RumbaPay.refuse(&asked.request(), Some(&self.caller()), error)
    }

    /// The names of what is wrong with a request, and the first message.
    fn flaws(&self, asked: &Asked) -> Vec<(String, String)> {
        let reply = self.refuse(asked, &self.decode(asked).unwrap_err());
        let body = json(&reply);
        assert_eq!((reply.status.as_u16(), &body["error_code"]), (400, &json!(30)), "{body}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let fields = body["error_fields"].as_array().unwrap().iter();
        fields.map(|it| (text(&it["field"]), text(&it["message"]))).collect()
    }

    fn authenticate(&self, asked: &Asked) -> Result<(), WireError> {
        RumbaPay.authenticate(&asked.request(), &self.caller(), NEW)
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
    fn new(method: Method, route: &'static str, path: &str, body: &str) -> Self {
        let (path, body) = (path.to_owned(), body.as_bytes().to_vec());
        Self { method, route, path, headers: HeaderMap::new(), body }
    }

    fn post(body: &str) -> Self {
        Self::new(Method::POST, "/v1/payment", "/v1/payment", body)
    }

    fn payout(body: &str) -> Self {
        Self::new(Method::POST, "/v1/payout", "/v1/payout", body)
    }

    fn get(id: &str) -> Self {
        let path = format!("/v1/transaction/{id}");
        Self::new(Method::GET, "/v1/transaction/{id}", &path, "")
    }

    fn put(id: &str, body: &str) -> Self {
        Self::new(Method::PUT, "/v1/payment/{id}", &format!("/v1/payment/{id}"), body)
    }

    fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            route: self.route,
            path: &self.path,
            query: "",
            headers: &self.headers,
            body: &self.body,
            id: REQUEST_ID,
            at: NOW,
        }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }
}

/// Signed apart from the code under test.
fn signed(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(PASSWORD.as_bytes()).unwrap();
    mac.update(LOGIN.as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The body of an answer, whose signature must be right.
fn text(reply: &Reply) -> &str {
    assert_eq!(reply.content_type, "application/json");
    assert_eq!(reply.headers, [("signature", signed(&reply.body))]);
    std::str::from_utf8(&reply.body).unwrap()
}

fn json(reply: &Reply) -> Value {
    serde_json::from_str(text(reply)).unwrap()
}

const UPI_HPP: &str = include_str!("../fixtures/seed-upi-hpp-request.json");
const UPI_H2H: &str = include_str!("../fixtures/seed-upi-h2h-request.json");
const EPAY_HPP: &str = include_str!("../fixtures/seed-epay-hpp-request.json");
const EPAY_H2H: &str = include_str!("../fixtures/seed-epay-h2h-request.json");

/// A seed's request after a change.
fn changed(seed: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut body = serde_json::from_str(seed).unwrap();
    change(&mut body);
    body.to_string()
}

/// When the payments of these tests are made.
fn made_at() -> Timestamp {
    NOW.plus_ms(-70)
}

/// A payment as the store makes it of what was decoded. The merchant bears a fee of `fee` minor units.
fn payment(call: CreatePayment, fee: i64) -> Payment {
    let currency = call.amount.currency();
    let order = Order {
        dialect: RumbaPay.slug().to_owned(),
        amount: call.amount,
        fee: Money::from_minor(fee, currency),
        due: call.amount,
        tolerance_minor: 0,
        customer: call.customer,
        urls: call.urls,
        metadata: call.metadata,
        dialect_note: call.dialect_note,
        expires_at: NOW.plus_ms(3_600_000),
    };
    let id = PaymentId { number: PaymentNumber::new(made_at(), 5), brand: BrandId(13), token: 7 };
    decide(None, Command::Create(Box::new(NewPayment { id, order })), made_at()).unwrap().payment
}

/// The same after it was paid a minute later.
fn paid(mut payment: Payment) -> Payment {
    let key = ReceiptKey::new("upi", "630712345671");
    payment.state = PaymentState::Succeeded;
    let (account, at) = (AccountId(1), NOW.plus_ms(60_000));
    payment.state_since = at;
    payment.attempts.push(Attempt {
        account,
        key: key.clone(),
        state: AttemptState::Paid,
        at: NOW.plus_ms(30_000),
        origin: None,
    });
    payment.paid = Some(Paid {
        receipt: key,
        account,
        payer: None,
        received: payment.order.due,
        applied: payment.order.due,
        at,
        late: false,
    });
    payment
}

fn event(kind: EventKind) -> Event {
    Event { at: NOW.plus_ms(61_000), kind }
}
