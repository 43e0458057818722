//! `POST /payment-tokens` and `POST /card-information` (provider §2; public schemas of `PaymentTokenizationRequest` and
//! `CardInfoLookupRequest`).

use super::card::{self, Card};
use super::fields::Fields;
use super::{Body, order, primary};
use crate::WireError;

const REQUEST_TYPE: &str = "requestType";
const CREATE: &str = "createToken";
const CARD: &str = "paymentCard";
const VALUE_MAX: usize = 150;

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
