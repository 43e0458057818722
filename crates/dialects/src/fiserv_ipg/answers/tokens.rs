//! Answers about tokens and about cards (provider §2; public schemas of `PaymentTokenizationResponse` and
//! `CardInfoLookupResponse`). A card's number is never in them.

use http::StatusCode;
use serde::Serialize;

use super::{PaymentCardDetails, PaymentToken, reply};
use crate::Reply;

/// How a request about tokens or cards went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestStatus {
    /// It was done.
    Success,
    /// The token is no more.
    Deleted,
    /// Nothing is known of such cards.
    ListEmpty,
}

/// About a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenResponse {
    /// The caller's own identifier of the request.
    pub client_request_id: String,
    /// Ours.
    pub api_trace_id: String,
    /// How it went.
    pub request_status: RequestStatus,
    /// When, in milliseconds since 1970.
    pub request_time: i64,
    /// The card's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The issuer's country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_token: Option<PaymentToken>,
    /// What may be shown of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_card: Option<PaymentCardDetails>,
}

impl TokenResponse {
    /// The whole answer.
    pub fn reply(&self) -> Reply {
        reply(StatusCode::OK, self)
    }
}

/// What is known of cards whose numbers begin as one does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardInfo {
    /// The network: `RUPAY`.
    pub brand: String,
    /// The network's name of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand_product_id: Option<String>,
    /// `CREDIT`, `DEBIT`, `PREPAID`, `VOUCHER` or `UNDEFINED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_function: Option<String>,
    /// `CORPORATE` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commercial_card: Option<String>,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_country: Option<String>,
    /// The bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_name: Option<String>,
}

/// The answer of `POST /card-information`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardInformationResponse {
    /// The caller's own identifier of the request.
    pub client_request_id: String,
    /// Ours.
    pub api_trace_id: String,
    /// What is known; nothing with [`RequestStatus::ListEmpty`].
    pub card_details: Vec<CardInfo>,
    /// How it went.
    pub request_status: RequestStatus,
}

impl CardInformationResponse {
    /// The whole answer.
    pub fn reply(&self) -> Reply {
        reply(StatusCode::OK, self)
    }
}
