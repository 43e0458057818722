//! A transaction as answers have it. Every key is left out where there is nothing to say.

use http::StatusCode;
use serde::Serialize;

use super::super::approval::{ApprovalCode, Match, SecurityCodeResponse};
use super::{Amount, ErrorBody, ResponseType, reply};
use crate::Reply;

/// The answer about a transaction, in the order of the seed; with a [`ResponseType`] that of one that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionResponse {
    /// The caller's own identifier of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    /// Ours, see [`ApiTraceId`](super::super::trace::ApiTraceId).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_trace_id: Option<String>,
    /// The kind of error, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_type: Option<ResponseType>,
    /// Which transaction: text of digits. Clients need it in every answer that is no error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipg_transaction_id: Option<String>,
    /// The order that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// What it is. Clients need it in every answer that is no error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_type: Option<TransactionType>,
    /// The token, or what one would be like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_token: Option<PaymentToken>,
    /// Where the payer was: `ECOM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_origin: Option<String>,
    /// How it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_details: Option<PaymentMethodDetails>,
    /// The issuer's country, by its English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The acquirer's terminal: eight characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// The acquirer's merchant: fifteen characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<String>,
    /// The merchant's own name of it, if it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_transaction_id: Option<String>,
    /// When it was made, in seconds since 1970; steps of an authentication do not move it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_time: Option<i64>,
    /// How much was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_amount: Option<Amount>,
    /// How much was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_amount: Option<Amount>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_status: Option<TransactionStatus>,
    /// How it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_result: Option<TransactionResult>,
    /// The same in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_code: Option<ApprovalCode>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Where its money is, for inquiries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_state: Option<TransactionState>,
    /// How the payer's authentication went; the seed never has it.
    #[serde(rename = "secure3dResponse", skip_serializing_if = "Option::is_none")]
    pub secure3d_response: Option<Secure3dResponse>,
    /// How the payer's authentication goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_response: Option<AuthenticationResponse>,
    /// The network's own number, see [`SchemeTransactionId`](super::super::trace::SchemeTransactionId).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme_transaction_id: Option<String>,
    /// What the acquirer said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
    /// What is wrong, of a transaction that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

impl TransactionResponse {
    /// The whole answer, 200 unless it is an error.
    pub fn reply(&self) -> Reply {
        reply(self.response_type.map_or(StatusCode::OK, ResponseType::status), self)
    }
}

/// What a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionType {
    /// Money is taken.
    Sale,
    /// Money is held.
    #[serde(rename = "PREAUTH")]
    PreAuth,
    /// The payer proves to be the cardholder.
    PayerAuth,
    /// Money that was held is taken.
    #[serde(rename = "POSTAUTH")]
    PostAuth,
    /// Something is undone on its day.
    Void,
    /// Money is given back.
    Return,
}

/// How a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionStatus {
    /// It is done.
    Approved,
    /// It waits for the payer; so does an authentication that is done.
    Waiting,
    /// It was approved for less.
    Partial,
    /// A rule of the gateway's was broken.
    ValidationFailed,
    /// The processor could not.
    ProcessingFailed,
    /// The processor or the issuer said no.
    Declined,
}

/// How a transaction went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionResult {
    /// It is done.
    Approved,
    /// The answer was no.
    Declined,
    /// It could not be done.
    Failed,
    /// It waits.
    Waiting,
    /// It was approved for less.
    Partial,
    /// It looked like fraud.
    Fraud,
}

/// Where a transaction's money is. Words that a client in wide use cannot read are left out (provider §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionState {
    /// Held.
    Authorized,
    /// Taken.
    Captured,
    /// Nowhere.
    Declined,
    /// An authentication is done.
    Checked,
    /// With the merchant.
    Settled,
    /// Undone.
    Voided,
    /// The payer is asked.
    Waiting,
}

/// A token, or, without a value, what one would be like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentToken {
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether it is good for more than one payment.
    pub reusable: bool,
    /// Whether the same card is not to be paid with beside it.
    pub decline_duplicates: bool,
    /// The last four digits of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// The network: `RUPAY`.
    pub brand: String,
    /// `PAYMENT_CARD`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl PaymentToken {
    /// What every answer says although no token was asked for (seed).
    pub fn none(brand: &str) -> Self {
        Self {
            value: None,
            reusable: true,
            decline_duplicates: false,
            last4: None,
            brand: brand.to_owned(),
            kind: "PAYMENT_CARD".to_owned(),
        }
    }
}

/// How it was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodDetails {
    /// What may be shown of the card.
    pub payment_card: PaymentCardDetails,
    /// `PAYMENT_CARD`.
    pub payment_method_type: String,
    /// The network: `RUPAY`.
    pub payment_method_brand: String,
}

impl PaymentMethodDetails {
    /// By a card.
    pub fn card(payment_card: PaymentCardDetails) -> Self {
        let payment_method_brand = payment_card.brand.clone();
        Self { payment_card, payment_method_type: "PAYMENT_CARD".to_owned(), payment_method_brand }
    }
}

/// What may be shown of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentCardDetails {
    /// Until when it is good.
    pub expiry_date: ExpiryDate,
    /// Its first six digits.
    pub bin: String,
    /// Its last four.
    pub last4: String,
    /// The network: `RUPAY`.
    pub brand: String,
}

/// Until when a card is good: two digits of the month, four of the year, which requests have two of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpiryDate {
    /// `02`.
    pub month: String,
    /// `2025`.
    pub year: String,
}

/// How an authentication went, for those that ask for it there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Secure3dResponse {
    /// The gateway's code of it.
    #[serde(rename = "responseCode3dSecure", skip_serializing_if = "Option::is_none")]
    pub response_code: Option<String>,
    /// How the one-time password was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otp_verification_response: Option<OtpVerificationResponse>,
}

/// How an authentication goes on: with `params` on the issuer's page, else with a one-time password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationResponse {
    /// Where the payer's browser is to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<AuthenticationParams>,
    /// What becomes of the one-time password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otp_verification_response: Option<OtpVerificationResponse>,
}

/// Where the payer's browser is to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthenticationParams {
    /// Where it comes back to, just as it was sent.
    #[serde(rename = "termURL")]
    pub term_url: String,
    /// Where it is to be posted to.
    #[serde(rename = "acsURL")]
    pub acs_url: String,
}

/// What becomes of a one-time password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OtpVerificationResponse {
    /// How long it is good, once it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otp_validity_in_minutes: Option<u32>,
    /// The network's code, once it was tried: `00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_description: Option<String>,
}

impl OtpVerificationResponse {
    /// One was sent.
    pub fn sent(otp_validity_in_minutes: u32) -> Self {
        Self { otp_validity_in_minutes: Some(otp_validity_in_minutes), ..Self::default() }
    }

    /// One was tried.
    pub fn tried(code: &str, description: &str) -> Self {
        let (code, description) = (Some(code.to_owned()), Some(description.to_owned()));
        Self {
            response_code: code,
            response_description: description,
            otp_validity_in_minutes: None,
        }
    }
}

/// What the acquirer said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Processor {
    /// Its own number, see [`ReferenceNumber`](super::super::trace::ReferenceNumber).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<String>,
    /// The issuer's code of an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<String>,
    /// `00`, or why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_message: Option<String>,
    /// The network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The network's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_response_code: Option<String>,
    /// How the address compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avs_response: Option<AvsResponse>,
    /// How the security code compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_code_response: Option<SecurityCodeResponse>,
}

/// How an address compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AvsResponse {
    /// The street.
    pub street_match: Match,
    /// The postal code.
    pub postal_code_match: Match,
}
