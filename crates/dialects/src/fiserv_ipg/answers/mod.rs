//! Answers into bytes: the keys and their order are the seed's, and where the seed has none those of the provider's schema.

mod amount;
mod codes;
mod error;
mod order;
mod tokens;
mod transaction;

use serde::Serialize;

pub use amount::{Amount, Component, Decimals};
pub use codes::GatewayCode;
pub use error::{ErrorBody, ErrorDetail, ErrorResponse, ResponseType};
pub use order::OrderResponse;
pub use tokens::{CardInfo, CardInformationResponse, RequestStatus, TokenResponse};
pub use transaction::{
    AuthenticationParams, AuthenticationResponse, AvsResponse, ExpiryDate, OtpVerificationResponse,
    PaymentCardDetails, PaymentMethodDetails, PaymentToken, Processor, Secure3dResponse,
    TransactionResponse, TransactionResult, TransactionState, TransactionStatus, TransactionType,
};

use http::StatusCode;

use crate::Reply;

/// The bytes of an answer.
fn written(answer: &impl Serialize) -> Vec<u8> {
    // Structs of text and numbers are always written.
    serde_json::to_vec(answer).unwrap_or_default()
}

fn reply(status: StatusCode, answer: &impl Serialize) -> Reply {
    Reply::json(status, written(answer))
}
