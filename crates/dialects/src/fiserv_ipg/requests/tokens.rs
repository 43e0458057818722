//! `POST /payment-tokens` and `POST /card-information` (provider §2; public schemas of `PaymentTokenizationRequest` and
//! `CardInfoLookupRequest`).

use torana_domain::card::{Bin, CardBrand};

use super::card::{self, NamedCard};
use super::fields::Fields;
use super::{Body, order, primary};
use crate::WireError;
use crate::cards::KeepCard;

const REQUEST_TYPE: &str = "requestType";
const CREATE: &str = "createToken";
const CARD: &str = "paymentCard";
const VALUE_MAX: usize = 150;

/// Where nothing is said of how: reusable, under a name of the gateway's, beside any other.
const BY_DEFAULT: KeepCard = KeepCard { value: None, reusable: true, decline_duplicates: false };

/// `createToken`, if it is there.
pub(super) fn create_token(fields: &mut Fields<'_>) -> Option<KeepCard> {
    fields.within(CREATE)?;
    Some(KeepCard {
        value: fields.text("createToken.value", VALUE_MAX).map(|text| text.trim().to_owned()),
        reusable: fields.flag("createToken.reusable").unwrap_or(BY_DEFAULT.reusable),
        decline_duplicates: fields
            .flag("createToken.declineDuplicates")
            .unwrap_or(BY_DEFAULT.decline_duplicates),
    })
}

/// A card is to be kept without a payment.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokenization {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// The card.
    pub card: NamedCard,
    /// How.
    pub keep: KeepCard,
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
        let keep = create_token(fields).unwrap_or(BY_DEFAULT);
        fields.done(card.map(|card| Self { store_id, card, keep }))
    }
}

/// What is known of a card is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct CardInformation {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// The first digits of the card; no more of it is needed.
    pub bin: Bin,
    /// By the merchant's word.
    pub named_brand: Option<CardBrand>,
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
            let (number, brand) = (card::number(&mut within), card::brand(&mut within));
            fields.take(&mut within);
            Some((number?.bin(), brand))
        });
        fields.done(card.map(|(bin, named_brand)| Self { store_id, bin, named_brand }))
    }
}
