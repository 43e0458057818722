//! The envelope of errors (provider §1, §3).

use http::StatusCode;
use serde::Serialize;

use super::{GatewayCode, reply};
use crate::{Flaw, Reply};

/// The kind of an error. It is absent where all went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ResponseType {
    /// 400.
    BadRequest,
    /// 401 in the schema; the door says [`Self::Unauthorized`].
    Unauthenticated,
    /// 401 at the door.
    Unauthorized,
    /// 403 at the door.
    Forbidden,
    /// 404.
    NotFound,
    /// 409: a rule of the gateway's.
    GatewayDeclined,
    /// 415.
    UnsupportedMediaType,
    /// 422: the processor or the issuer said no.
    EndpointDeclined,
    /// 500.
    ServerError,
    /// 502: the processor was not reached.
    EndpointCommunicationError,
}

impl ResponseType {
    /// The HTTP status that goes with it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::GatewayDeclined => StatusCode::CONFLICT,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::EndpointDeclined => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::EndpointCommunicationError => StatusCode::BAD_GATEWAY,
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The gateway's code without its minus, the processor's, or the HTTP status.
    pub code: String,
    /// What it means.
    pub message: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ErrorDetail>,
    /// The network's word to the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decline_reason_code: Option<String>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// Which.
    pub field: String,
    /// Why.
    pub message: String,
}

impl ErrorBody {
    /// Without anything about fields.
    pub fn new(code: &str, message: &str) -> Self {
        let (code, message) = (code.to_owned(), message.to_owned());
        Self { code, message, details: vec![], decline_reason_code: None }
    }
}

/// An error without a transaction. One with it is a
/// [`TransactionResponse`](super::TransactionResponse) with a [`ResponseType`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorResponse {
    /// The caller's own identifier of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    /// Ours; absent where the request got no further than the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_trace_id: Option<String>,
    /// Its kind.
    pub response_type: ResponseType,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

impl ErrorResponse {
    /// Of that kind and with that text, for a request that nothing is known of yet: see [`Self::to`].
    pub fn new(response_type: ResponseType, error: Option<ErrorBody>) -> Self {
        Self { client_request_id: None, api_trace_id: None, response_type, error }
    }

    /// Fields are wrong, or, where none is named, the whole body. Cards have codes of their own.
    pub fn bad_request(flaws: &[Flaw]) -> Self {
        let code = match flaws.first().map(|flaw| flaw.field) {
            Some("PaymentCard.number") => GatewayCode::InvalidCardNumber.error(),
            Some(field) if field.starts_with("PaymentCard.expiryDate") => {
                GatewayCode::InvalidExpiry.error()
            }
            _ => ErrorBody::new("400", "The request is invalid or not properly formed"),
        };
        let detail = |flaw: &Flaw| ErrorDetail {
            field: flaw.field.to_owned(),
            message: flaw.message.clone(),
        };
        let details = flaws.iter().map(detail).collect();
        Self::new(ResponseType::BadRequest, Some(ErrorBody { details, ..code }))
    }

    /// No such transaction, order, token or path.
    pub fn not_found() -> Self {
        let text = "The requested operation failed because a resource associated with the \
                    request could not be found";
        Self::new(ResponseType::NotFound, Some(ErrorBody::new("404", text)))
    }

    /// The body is not JSON by its own account.
    pub fn unsupported_media_type() -> Self {
        let error = ErrorBody::new("415", "Unsupported Media Type");
        Self::new(ResponseType::UnsupportedMediaType, Some(error))
    }

    /// It cannot be done now.
    pub fn server_error() -> Self {
        let error = ErrorBody::new("500", "The request failed due to an internal error");
        Self::new(ResponseType::ServerError, Some(error))
    }

    /// The same for a request that is known.
    #[must_use]
    pub fn to(mut self, client_request_id: Option<&str>, api_trace_id: impl ToString) -> Self {
        self.client_request_id = client_request_id.map(str::to_owned);
        self.api_trace_id = Some(api_trace_id.to_string());
        self
    }

    /// The whole answer.
    pub fn reply(&self) -> Reply {
        reply(self.response_type.status(), self)
    }
}
