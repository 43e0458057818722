//! `POST /payments`: what begins something (provider §2).

use std::fmt;

use torana_domain::card::{CardBrand, Means};
use torana_domain::payment::Customer;
use zeroize::Zeroizing;

use super::Body;
use super::authentication::{self, RupayAuthentication};
use super::card::{self, NamedCard};
use super::fields::Fields;
use super::order::{self, Asked, Origin};
use super::tokens;
use crate::WireError;
use crate::cards::KeepCard;

const REQUEST_TYPE: &str = "requestType";
const METHOD: &str = "paymentMethod";
const CARD: &str = "paymentMethod.paymentCard";
const TOKEN: &str = "paymentMethod.paymentToken.value";
const AUTHENTICATION: &str = "authenticationRequest";
const TOKEN_CODE: &str = "paymentMethod.paymentToken.securityCode";
const TOKEN_MAX: usize = 150;
const CRYPTOGRAM: &str = "order.tokenCryptogram";

/// What is to be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrimaryKind {
    /// The payer is to prove to be the cardholder.
    PayerAuth,
    /// Money is to be taken.
    Sale,
    /// Money is to be held.
    PreAuth,
}

/// By the name of the request, and whether that is one with a token instead of a card.
const KINDS: [(&str, (PrimaryKind, bool)); 6] = [
    ("PaymentCardPayerAuthTransaction", (PrimaryKind::PayerAuth, false)),
    ("PaymentCardSaleTransaction", (PrimaryKind::Sale, false)),
    ("PaymentCardPreAuthTransaction", (PrimaryKind::PreAuth, false)),
    ("PaymentTokenPayerauthTransaction", (PrimaryKind::PayerAuth, true)),
    ("PaymentTokenSaleTransaction", (PrimaryKind::Sale, true)),
    ("PaymentTokenPreAuthTransaction", (PrimaryKind::PreAuth, true)),
];

/// With what is to be paid.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// A card, or the name of one that the gateway keeps.
    pub means: Means,
    /// Whose it is by the merchant's word.
    pub named_brand: Option<CardBrand>,
}

/// What is asked for.
#[derive(PartialEq, Eq)]
pub struct Primary {
    /// What is to be begun.
    pub kind: PrimaryKind,
    /// The store; the caller's own if it is left out.
    pub store_id: Option<String>,
    /// How much.
    pub amount: Asked,
    /// The merchant's name of it.
    pub merchant_transaction_id: Option<String>,
    /// Where the payer is.
    pub origin: Origin,
    /// The order; the gateway makes one if it is left out.
    pub order_id: Option<String>,
    /// The authentication that this is upon.
    pub ipg_transaction_id: Option<String>,
    /// With what is to be paid; only upon an authentication, which has it already, it may be left out.
    pub method: Option<Method>,
    /// How the payer is to prove to be the cardholder.
    pub authentication: Option<RupayAuthentication>,
    /// The card is to be kept.
    pub keep: Option<KeepCard>,
    /// What proves a network's token.
    pub cryptogram: Option<Zeroizing<String>>,
    /// Who pays, as far as the order says.
    pub customer: Customer,
}

impl fmt::Debug for Primary {
    /// A cryptogram pays as a security code does: it does not print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Primary")
            .field("kind", &self.kind)
            .field("amount", &self.amount)
            .field("order_id", &self.order_id)
            .field("ipg_transaction_id", &self.ipg_transaction_id)
            .field("method", &self.method)
            .field("authentication", &self.authentication)
            .finish_non_exhaustive()
    }
}

impl Primary {
    /// Reads a body.
    pub fn read(body: &Body) -> Result<Self, WireError> {
        let fields = &mut Fields::new(body.object());
        if fields.get(REQUEST_TYPE).is_none() {
            fields.missing(REQUEST_TYPE);
        }
        let kind = fields.word(REQUEST_TYPE, REQUEST_TYPE, &KINDS);
        let store_id = order::store(fields);
        let amount = order::amount(fields, true);
        let merchant_transaction_id = order::merchant_transaction(fields);
        let origin = order::origin(fields);
        let order_id = order::order(fields);
        let ipg_transaction_id = fields.transaction_id("ipgTransactionId");
        let is_upon = ipg_transaction_id.is_some();
        let method = kind.and_then(|(kind, has_token)| {
            let is_needed = kind == PrimaryKind::PayerAuth || !is_upon;
            method(fields, has_token, is_needed)
        });
        if let Some((PrimaryKind::PayerAuth, _)) = kind
            && fields.get(AUTHENTICATION).is_none()
        {
            fields.missing(AUTHENTICATION);
        }
        let authentication = authentication::read(fields);
        if fields.get(AUTHENTICATION).is_some() && fields.get("authenticationResult").is_some() {
            fields.wrong("authenticationResult", "must not come with an authenticationRequest");
        }
        if fields.get(AUTHENTICATION).is_some() && is_payment(kind) {
            // The payer must be asked in between: one request cannot do both.
            fields.wrong(AUTHENTICATION, "must come in a payer authentication of its own");
        }
        let keep = tokens::create_token(fields);
        let cryptogram = cryptogram(fields);
        let customer = order::customer(fields);
        let read = kind.zip(amount).map(|((kind, _), amount)| Self {
            kind,
            store_id,
            amount,
            merchant_transaction_id,
            origin,
            order_id,
            ipg_transaction_id,
            method,
            authentication,
            keep,
            cryptogram,
            customer,
        });
        fields.done(read)
    }
}

fn is_payment(kind: Option<(PrimaryKind, bool)>) -> bool {
    matches!(kind, Some((PrimaryKind::Sale | PrimaryKind::PreAuth, _)))
}

fn cryptogram(fields: &mut Fields<'_>) -> Option<Zeroizing<String>> {
    let text = fields.secret(CRYPTOGRAM, CRYPTOGRAM)?;
    if !(20..=32).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        fields.wrong(CRYPTOGRAM, "must be 20 to 32 characters long");
        return None;
    }
    Some(Zeroizing::new(text.to_owned()))
}

fn method(fields: &mut Fields<'_>, has_token: bool, is_needed: bool) -> Option<Method> {
    fields.within(METHOD);
    if has_token {
        if is_needed && fields.get(TOKEN).is_none() {
            fields.missing(TOKEN);
        }
        let value = fields.text(TOKEN, TOKEN_MAX)?.trim().to_owned();
        let security_code = card::security_code(fields, TOKEN_CODE, TOKEN_CODE);
        let means = Means::Token { value, security_code };
        return Some(Method { means, named_brand: None });
    }
    let NamedCard { card, brand } = card(fields, CARD, is_needed)?;
    Some(Method { means: Means::Card(card), named_brand: brand })
}

/// The card that is at a path, with its expiry date.
pub(super) fn card(
    fields: &mut Fields<'_>,
    path: &'static str,
    is_needed: bool,
) -> Option<NamedCard> {
    if is_needed && fields.get(path).is_none() {
        fields.missing(path);
    }
    let mut within = fields.within(path)?;
    let card = card::read(&mut within);
    fields.take(&mut within);
    card
}
