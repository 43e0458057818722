//! A brand that calls, what it sends, and payments with what was asked of the network for them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use torana_domain::card::Approval;
use torana_domain::card::operation::{
    CardOperation, OperationDetail, OperationKind, OperationState,
};
use torana_domain::payment::{Order, Payment, PaymentState};
use torana_domain::{AccountId, BrandId, Currency, Mode, PaymentId, Policy};

use super::super::FiservIpg;
use super::super::auth::Signature;
use super::*;
use crate::cards::{KeptCard, Terminal};
use crate::{
    Call, Caller, CardAnswer, CardCall, CardOrder, Dialect as _, Known, NoRails, Request, Switches,
};

pub(super) const PAYMENTS: &str = "/ipp/payments-gateway/v2/payments";
pub(super) const AT: Timestamp = Timestamp::from_s(1_685_611_500);
pub(super) const KEY: &str = "test-api-key-0001";
const SECRET: &str = "test-api-secret-0001";

/// A brand that calls.
pub(super) struct Shop {
    pub(super) now: Timestamp,
    pub(super) public_url: &'static str,
    policy: Policy,
    switches: Switches,
}

impl Shop {
    pub(super) fn at(now: Timestamp) -> Self {
        let (policy, switches) = (Policy::default(), Switches::default());
        Self { now, public_url: "https://test3.ipg-online.com", policy, switches }
    }

    pub(super) fn caller(&self) -> Caller<'_> {
        Caller {
            brand: BrandId(13),
            secret: Secret(SEALED),
            mode: Mode::Live,
            policy: &self.policy,
            switches: &self.switches,
            since: Timestamp::from_s(1_600_000_000),
            now: self.now,
            real_now: self.now,
            public_url: self.public_url,
            rails: &NoRails,
        }
    }
}

/// A request as it was sent.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) id: u128,
    pub(super) at: Timestamp,
}

impl Sent {
    /// Signed, under the seed's `Client-Request-Id`.
    pub(super) fn new(method: Method, path: &str, body: &str) -> Self {
        let sent = Self {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: body.to_owned(),
            id: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef,
            at: AT,
        };
        let sent = sent.with("api-key", KEY).with("client-request-id", "2838649");
        sent.with("content-type", "application/json").signed(AT)
    }

    pub(super) fn post(body: &str) -> Self {
        Self::new(Method::POST, PAYMENTS, body)
    }

    /// With a header that is another.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Signed at that time.
    pub(super) fn signed(self, at: Timestamp) -> Self {
        let (key, id) =
            (self.headers["api-key"].clone(), self.headers["client-request-id"].clone());
        let timestamp = at.as_ms().to_string();
        let body = match self.method {
            Method::GET | Method::DELETE => "",
            _ => self.body.as_str(),
        };
        let parts = [key.as_bytes(), id.as_bytes(), timestamp.as_bytes(), body.as_bytes()];
        let signature = Signature::of(SECRET, parts).unwrap().raw();
        self.with("timestamp", &timestamp).with("message-signature", &signature)
    }

    /// With that trace in its answer: the inverse of what makes traces.
    pub(super) fn traced(mut self, trace: &str) -> Self {
        let bytes = URL_SAFE_NO_PAD.decode(trace).unwrap();
        self.at = Timestamp::from_s(u32::from_be_bytes(bytes[..4].try_into().unwrap()).into());
        let mut id = [0; 16];
        id[..12].copy_from_slice(&bytes[4..16]);
        id[12..14].copy_from_slice(&bytes[18..]);
        self.id = u128::from_be_bytes(id);
        self
    }

    pub(super) fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            route: "",
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: self.body.as_bytes(),
            id: self.id,
            at: self.at,
        }
    }

    pub(super) fn let_in(&self) -> Result<(), WireError> {
        let known = Known { good_at: None, may_search: false };
        FiservIpg.credential(&self.request())?;
        FiservIpg.authenticate(&self.request(), &Shop::at(self.at).caller(), known)
    }

    pub(super) fn call(&self) -> Result<CardCall, WireError> {
        match FiservIpg.decode(&self.request(), &Shop::at(self.at).caller())? {
            Call::Card(call) => Ok(call),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn refused(&self, error: &WireError) -> Reply {
        FiservIpg.refuse(&self.request(), None, error)
    }
}

/// A payment with what was asked of the network for it.
pub(super) struct Stage {
    pub(super) payment: Payment,
    pub(super) order: String,
    pub(super) operations: Vec<CardOperation>,
    pub(super) terminal: Terminal,
    pub(super) kept: Option<KeptCard>,
}

impl Stage {
    pub(super) fn new(order: &str, operations: Vec<CardOperation>) -> Self {
        let terminal =
            Terminal { terminal_id: "00001113".into(), merchant_id: "470000000001113".into() };
        Self { payment: payment(), order: order.into(), operations, terminal, kept: None }
    }

    pub(super) fn of(operation: CardOperation) -> Self {
        Self::new("R-1", vec![operation])
    }

    pub(super) fn order(&self) -> CardOrder<'_> {
        CardOrder {
            payment: &self.payment,
            order: &self.order,
            operations: &self.operations,
            terminal: &self.terminal,
            kept: self.kept.as_ref(),
        }
    }

    /// The answer to a request about the last operation.
    pub(super) fn answer(&self, sent: &Sent) -> Reply {
        let operation = self.operations.last().unwrap();
        let answer = CardAnswer::Operation { order: self.order(), operation };
        FiservIpg.card(&sent.request(), &Shop::at(sent.at).caller(), &answer)
    }

    /// As text, to whoever asks so.
    pub(super) fn told(&self, method: Method) -> (u16, String) {
        let reply = self.answer(&Sent::new(method, &format!("{PAYMENTS}/1"), ""));
        (reply.status.as_u16(), text(&reply).to_owned())
    }
}

/// Of no interest but for its name.
fn payment() -> Payment {
    let order = Order {
        dialect: "fiserv_ipg".into(),
        amount: inr("1"),
        fee: Money::zero(Currency::INR),
        due: inr("1"),
        tolerance_minor: 0,
        customer: Default::default(),
        urls: Default::default(),
        metadata: None,
        dialect_note: Some(r#"{"order":"R-1"}"#.into()),
        expires_at: AT,
    };
    Payment {
        id: PaymentId::new(BrandId(13), AT, 77),
        version: 1,
        state: PaymentState::Created,
        state_since: AT,
        reason: None,
        order,
        attempts: vec![],
        paid: None,
        refunds: vec![],
        chargebacks: vec![],
    }
}

/// The card of the seed's flow by redirection.
pub(super) fn facts(bin: &str, last4: &str, month: &str, year: &str) -> CardFacts {
    CardFacts {
        bin: bin.into(),
        last4: last4.into(),
        expiry_month: month.into(),
        expiry_year: year.into(),
        brand: CardBrand::RuPay,
    }
}

/// Something that was asked for, and that nobody knows the outcome of.
pub(super) fn operation(kind: OperationKind, number: u64, amount: &str) -> CardOperation {
    CardOperation {
        number,
        payment: PaymentId::new(BrandId(13), AT, 77),
        kind,
        state: OperationState::Unknown,
        amount: inr(amount),
        follows: None,
        account: AccountId(1),
        card: facts("607482", "4938", "12", "2026"),
        merchant_name: None,
        note: None,
        at: AT,
        changed_at: AT,
        detail: OperationDetail::default(),
    }
}

/// The same approved.
pub(super) fn approved(kind: OperationKind, number: u64, amount: &str) -> CardOperation {
    let detail = OperationDetail {
        approval: Some(Approval {
            transaction: "T-1".parse().unwrap(),
            amount: inr(amount),
            reference_number: "315214384258".into(),
            authorisation_code: "145601".into(),
            scheme_transaction: Some("100112023060100000000000222157".into()),
        }),
        ..OperationDetail::default()
    };
    CardOperation { state: OperationState::Approved, detail, ..operation(kind, number, amount) }
}
