//! `POST` and `PATCH /payment-tokens`, and `POST /card-information` (provider §2; public schemas of `PaymentTokenizationRequest` and
//! `CardInfoLookupRequest`).

use serde_json::Value;

use super::card::{self, Card};
use super::fields::Fields;
use super::{Body, order, primary};
use crate::WireError;

const REQUEST_TYPE: &str = "requestType";
const CREATE: &str = "createToken";
const CARD: &str = "paymentCard";
const TOKENS: &str = "paymentTokens";
const TOKEN_VALUE: &str = "paymentTokens.value";
const VALUE_MAX: usize = 150;
/// Most tokens that one request changes; no page tells of a limit.
const CHANGES_MAX: usize = 50;

/// How a card is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateToken {
    /// The merchant's name of it; the gateway makes one if it is left out.
    pub value: Option<String>,
    /// Whether it is good for more than one payment: so it is if nothing is said.
    pub reusable: bool,
    /// Whether the same card is not to be paid with beside it.
    pub decline_duplicates: bool,
}

impl Default for CreateToken {
    fn default() -> Self {
        Self { value: None, reusable: true, decline_duplicates: false }
    }
}

/// `createToken`, if it is there.
pub(super) fn create_token(fields: &mut Fields<'_>) -> Option<CreateToken> {
    fields.within(CREATE)?;
    Some(CreateToken {
        value: fields.text("createToken.value", VALUE_MAX).map(|text| text.trim().to_owned()),
        reusable: fields.flag("createToken.reusable").unwrap_or(true),
        decline_duplicates: fields.flag("createToken.declineDuplicates").unwrap_or(false),
    })
}

/// A card is to be kept without a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokenization {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// The card.
    pub card: Card,
    /// How.
    pub create_token: CreateToken,
}

impl Tokenization {
    /// Reads a body.
    pub fn read(body: &Body) -> Result<Self, WireError> {
        let fields = &mut Fields::new(body.object());
        match fields.get(REQUEST_TYPE) {
            None => fields.missing(REQUEST_TYPE),
            Some(kind) if kind == "PaymentCardPaymentTokenizationRequest" => {}
            Some(_) => fields.wrong(REQUEST_TYPE, "must be PaymentCardPaymentTokenizationRequest"),
        }
        let store_id = order::store(fields);
        let card = primary::card(fields, CARD, true);
        let create_token = create_token(fields).unwrap_or_default();
        fields.done(card.map(|card| Self { store_id, card, create_token }))
    }
}

/// A token is to become another. What is not said stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenChange {
    /// Which token.
    pub value: String,
    /// Whether it is good for more than one payment.
    pub reusable: Option<bool>,
    /// Whether the same card is not to be paid with beside it.
    pub decline_duplicates: Option<bool>,
    /// The card that it is to stand for.
    pub card: Option<Card>,
}

/// Tokens are to become others: `PATCH /payment-tokens`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUpdate {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// One or more.
    pub changes: Vec<TokenChange>,
}

impl TokenUpdate {
    /// Reads a body.
    pub fn read(body: &Body) -> Result<Self, WireError> {
        let fields = &mut Fields::new(body.object());
        match fields.get(REQUEST_TYPE) {
            None => fields.missing(REQUEST_TYPE),
            Some(kind) if kind == "PaymentCardPaymentTokenUpdateRequest" => {}
            Some(_) => fields.wrong(REQUEST_TYPE, "must be PaymentCardPaymentTokenUpdateRequest"),
        }
        let store_id = order::store(fields);
        let changes = changes(fields);
        fields.done(changes.map(|changes| Self { store_id, changes }))
    }
}

fn changes(fields: &mut Fields<'_>) -> Option<Vec<TokenChange>> {
    let items = match fields.get(TOKENS) {
        None => {
            fields.missing(TOKENS);
            return None;
        }
        Some(Value::Array(items)) if (1..=CHANGES_MAX).contains(&items.len()) => items,
        Some(_) => {
            fields.wrong(TOKENS, format!("must be a list of 1 to {CHANGES_MAX} tokens"));
            return None;
        }
    };
    let changes = items.iter().filter_map(|item| match item {
        Value::Object(object) => {
            let mut within = Fields::new(object);
            let change = change(&mut within);
            fields.take(&mut within);
            change
        }
        _ => {
            fields.wrong(TOKENS, "must be a list of objects");
            None
        }
    });
    Some(changes.collect())
}

fn change(fields: &mut Fields<'_>) -> Option<TokenChange> {
    if fields.get("value").is_none() {
        fields.missing(TOKEN_VALUE);
    }
    let value = fields.named("value", TOKEN_VALUE, VALUE_MAX);
    let reusable = fields.flag("reusable");
    let decline_duplicates = fields.flag("declineDuplicates");
    let card = primary::card(fields, CARD, false);
    Some(TokenChange { value: value?.trim().to_owned(), reusable, decline_duplicates, card })
}

/// What is known of a card is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardInformation {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// The card, of which only the number is needed.
    pub card: Card,
}

impl CardInformation {
    /// Reads a body.
    pub fn read(body: &Body) -> Result<Self, WireError> {
        let fields = &mut Fields::new(body.object());
        let store_id = order::store(fields);
        if fields.get(CARD).is_none() {
            fields.missing(CARD);
        }
        let card = fields.within(CARD).and_then(|mut within| {
            let card = card::read(&mut within, false);
            fields.take(&mut within);
            card
        });
        fields.done(card.map(|card| Self { store_id, card }))
    }
}
