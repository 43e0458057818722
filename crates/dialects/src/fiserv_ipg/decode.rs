//! Requests into calls.

use http::Method;
use torana_domain::Money;
use torana_domain::card::Kind;
use torana_domain::payment::Urls;

use super::auth::{Keys, Shown};
use super::note::{Note, OrderNote};
use super::repeat;
use super::requests::{
    self, AuthenticationUpdate, Body, CardInformation, Environment, Primary, PrimaryKind,
    RupayAuthentication, Secondary, SecondaryKind, Target, Tokenization,
};
use crate::cards::{
    AuthenticateCard, AuthoriseCard, CardCall, FollowCard, FollowKind, OperationName,
    OperationOrOrder, ProveCard,
};
use crate::{Call, Caller, Candidate, CreatePayment, Door, Pin, Request, WireError};

/// The rail that all of this goes over.
const CARD: &str = "card";
/// Time for the payer to prove to be the holder and for the shop to ask for the sale: no challenge lives longer
/// (`torana_domain::card::otp::Rules::life_minutes`), and no page tells of a time.
const PAYER_AUTH_EXPIRY_MS: i64 = 15 * 60 * 1000;
const STORE_ID: &str = "storeId";

/// What the request asks for.
pub(super) fn decode(request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
    let reading = Reading::of(request, caller)?;
    let call = match (request.method, &reading.target) {
        (&Method::POST, Target::Payments) => reading.primary()?,
        (&Method::POST, Target::Payment(id)) => {
            reading.secondary(OperationOrOrder::Operation(OperationName(id.clone())))?
        }
        (&Method::POST, Target::Order(id)) => {
            reading.secondary(OperationOrOrder::Order(id.clone()))?
        }
        (&Method::PATCH, Target::Payment(id)) => reading.update(id)?,
        (&Method::GET, Target::Payment(id)) => CardCall::Find(OperationName(id.clone())),
        (&Method::GET, Target::Order(id)) => CardCall::FindOrder(id.clone()),
        (&Method::POST, Target::Tokens) => reading.keep()?,
        (&Method::GET, Target::Token(value)) => CardCall::FindKept(value.clone()),
        (&Method::DELETE, Target::Token(value)) => CardCall::ForgetKept(value.clone()),
        (&Method::POST, Target::CardInformation) => reading.information()?,
        _ => return Err(WireError::MethodNotAllowed),
    };
    Ok(Call::Card(call))
}

/// See [`Pin`].
pub(super) fn pin(request: &Request<'_>) -> Option<Pin> {
    let (environment, target) = requests::target(request.path)?;
    let shown = Shown::of(request.headers).ok()?;
    let asked = repeat::Asked {
        client_request_id: shown.client_request_id?,
        method: request.method,
        environment,
        target: &target,
    };
    repeat::pin(&asked, &shown)
}

/// The payments that an identifier may mean: a whole identity of ours, or the name of an order.
pub(super) fn candidates(text: &str) -> Vec<Candidate> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > requests::ORDER_MAX {
        return vec![];
    }
    let own = text.parse().ok().map(Candidate::Id);
    own.into_iter().chain([Candidate::Key(text.to_owned())]).collect()
}

/// The order that a request without one makes: `R-` and a UUID of version 4, as the seed's.
fn new_order(id: u128) -> String {
    const VERSION: u128 = 4 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let bits = id & !(0xf << 76 | 0b11 << 62) | VERSION | VARIANT;
    let digits = format!("{bits:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    format!("R-{}", parts.join("-"))
}

/// A request that is being read, of a caller who is known.
struct Reading<'a> {
    request: &'a Request<'a>,
    shown: Shown<'a>,
    client_request_id: &'a str,
    store_id: String,
    environment: Environment,
    target: Target,
}

impl<'a> Reading<'a> {
    fn of(request: &'a Request<'a>, caller: &Caller<'_>) -> Result<Self, WireError> {
        let (environment, target) = requests::target(request.path).ok_or(WireError::NotFound)?;
        let shown = Shown::of(request.headers)?;
        let client_request_id = shown.client_request_id.ok_or(WireError::Door(Door::Malformed))?;
        let keys = Keys::of(caller.secret).ok_or(WireError::Unauthenticated)?;
        let (store_id, request) = (keys.store_id, request);
        let reading = Self { request, shown, client_request_id, store_id, environment, target };
        reading.own_store(requests::store_id(request.query).as_deref())?;
        Ok(reading)
    }

    /// Another store's name is no slip that may pass: it would be another's money.
    fn own_store(&self, named: Option<&str>) -> Result<(), WireError> {
        match named.is_none_or(|named| named == self.store_id) {
            true => Ok(()),
            false => Err(WireError::invalid(STORE_ID, "is not a store of this Api-Key")),
        }
    }

    fn body(&self) -> Result<Body, WireError> {
        let content_type = self.request.headers.get(http::header::CONTENT_TYPE);
        let content_type = content_type.map(|value| value.to_str().unwrap_or_default());
        if !requests::is_json(content_type) {
            return Err(WireError::UnsupportedMediaType);
        }
        Body::read(self.request.body)
    }

    fn asked(&self) -> repeat::Asked<'_> {
        repeat::Asked {
            client_request_id: self.client_request_id,
            method: self.request.method,
            environment: self.environment,
            target: &self.target,
        }
    }

    fn primary(&self) -> Result<CardCall, WireError> {
        let body = self.body()?;
        let asked = Primary::read(&body)?;
        self.own_store(asked.store_id.as_deref())?;
        let repeat = repeat::beginning(&self.asked(), &body);
        let kind = match asked.kind {
            PrimaryKind::PayerAuth => return self.authentication(asked, repeat),
            PrimaryKind::Sale => Kind::Sale,
            PrimaryKind::PreAuth => Kind::Preauthorisation,
        };
        let payment = self.payment(&asked);
        let note = Note::new(asked.origin, Some(&asked.amount), None).to_text();
        let (means, named_brand) =
            asked.method.map_or((None, None), |it| (Some(it.means), it.named_brand));
        Ok(CardCall::Authorise(Box::new(AuthoriseCard {
            kind,
            upon: asked.ipg_transaction_id.map(OperationName),
            order: asked.order_id,
            amount: asked.amount.total,
            means,
            named_brand,
            cryptogram: asked.cryptogram,
            payment,
            keep: asked.keep,
            merchant_name: asked.merchant_transaction_id,
            note,
            repeat,
        })))
    }

    fn authentication(
        &self,
        asked: Primary,
        repeat: crate::cards::Repeat,
    ) -> Result<CardCall, WireError> {
        let payment = self.payment(&asked);
        // The reader has found both missing, if they are.
        let incomplete = WireError::Malformed("The request is incomplete");
        let (Some(method), Some(authentication)) = (asked.method, asked.authentication) else {
            return Err(incomplete);
        };
        let RupayAuthentication { term_url, return_url, browser } = authentication;
        let note = Note::new(asked.origin, Some(&asked.amount), Some(&term_url));
        Ok(CardCall::Authenticate(Box::new(AuthenticateCard {
            payment,
            means: method.means,
            named_brand: method.named_brand,
            return_url,
            browser,
            keep: asked.keep,
            merchant_name: asked.merchant_transaction_id,
            note: note.to_text(),
            repeat,
        })))
    }

    /// The payment that a request begins.
    fn payment(&self, asked: &Primary) -> CreatePayment {
        let order = asked.order_id.clone().unwrap_or_else(|| new_order(self.request.id));
        let return_url = asked.authentication.as_ref().map(|it| it.return_url.clone());
        let return_url = return_url.unwrap_or_default();
        CreatePayment {
            amount: asked.amount.total,
            customer: asked.customer.clone(),
            urls: Urls { success: return_url.clone(), cancel: return_url, callback: None },
            metadata: None,
            dialect_note: OrderNote { order: order.clone() }.to_text(),
            expiry_ms: Some(PAYER_AUTH_EXPIRY_MS),
            method: Some(CARD.to_owned()),
            key: Some(order),
        }
    }

    fn secondary(&self, of: OperationOrOrder) -> Result<CardCall, WireError> {
        let body = self.body()?;
        let asked = Secondary::read(&body)?;
        self.own_store(asked.store_id.as_deref())?;
        let kind = match asked.kind {
            SecondaryKind::Void => FollowKind::Void,
            SecondaryKind::VoidPreAuths => FollowKind::VoidReservations,
            SecondaryKind::Return => FollowKind::Refund,
            SecondaryKind::PostAuth => FollowKind::Capture,
        };
        let amount: Option<Money> = asked.amount.as_ref().map(|amount| amount.total);
        let note = Note::new(asked.origin, asked.amount.as_ref(), None);
        Ok(CardCall::Follow(Box::new(FollowCard {
            of,
            kind,
            amount,
            reason: asked.comments.unwrap_or_default(),
            merchant_name: asked.merchant_transaction_id,
            note: note.to_text(),
            repeat: repeat::following(&self.asked(), &body),
        })))
    }

    fn update(&self, id: &str) -> Result<CardCall, WireError> {
        let body = self.body()?;
        let asked = AuthenticationUpdate::read(&body)?;
        self.own_store(asked.store_id.as_deref())?;
        Ok(CardCall::Prove(Box::new(ProveCard {
            of: OperationName(id.to_owned()),
            order: asked.order_id,
            card: asked.card,
            proof: asked.proof,
            repeat: repeat::step(&self.asked(), &self.shown)?,
        })))
    }

    fn keep(&self) -> Result<CardCall, WireError> {
        let body = self.body()?;
        let asked = Tokenization::read(&body)?;
        self.own_store(asked.store_id.as_deref())?;
        Ok(CardCall::Keep {
            card: asked.card.card,
            named_brand: asked.card.brand,
            keep: asked.keep,
            repeat: repeat::beginning(&self.asked(), &body),
        })
    }

    fn information(&self) -> Result<CardCall, WireError> {
        let asked = CardInformation::read(&self.body()?)?;
        self.own_store(asked.store_id.as_deref())?;
        Ok(CardCall::Information { bin: asked.bin, named_brand: asked.named_brand })
    }
}
