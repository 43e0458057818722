//! The shapes between HTTP and a dialect, in our own words.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use thiserror::Error;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Customer, Urls};
use torana_domain::{Money, PaymentId};

/// A path that a dialect answers.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The path in axum's syntax, such as `/v1/payment/{id}`.
    pub path: &'static str,
    /// The methods that are answered; others get [`WireError::MethodNotAllowed`].
    pub methods: &'static [Method],
}

/// A request, read whole.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a Method,
    /// The [`Route::path`] that matched.
    pub route: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query without its question mark; empty if there is none.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body's raw bytes.
    pub body: &'a [u8],
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Make a payment.
    Create(Box<CreatePayment>),
    /// How does this payment stand? The first candidate that exists is meant.
    Find(Vec<Candidate>),
}

/// A payment to be made, as the merchant asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatePayment {
    /// What the merchant asks for.
    pub amount: Money,
    /// Who pays.
    pub customer: Customer,
    /// Where the outcome is told.
    pub urls: Urls,
    /// The merchant's own data as JSON text.
    pub metadata: Option<String>,
    /// What the dialect wants to find again in `Order::dialect_note`.
    pub dialect_note: Option<String>,
}

/// A payment that a text may mean: by its number within the brand, or by its whole identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// By number.
    Number(PaymentNumber),
    /// By identity; must be of the asking brand.
    Id(PaymentId),
}

/// A payment that was made, for the answer.
#[derive(Clone, Copy, Debug)]
pub struct Created<'a> {
    /// Its identity.
    pub id: PaymentId,
    /// As it was asked for.
    pub call: &'a CreatePayment,
}

/// An answer in the provider's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
}

/// A message to the merchant's server, in the provider's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Where to; untrusted.
    pub url: String,
    /// The content type.
    pub content_type: &'static str,
    /// Headers of the provider's own, such as a signature.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a request is not carried out. Each dialect renders it into its own envelope; the message is for the client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// No credential, or one that is not known.
    #[error("missing or unknown credential")]
    Unauthenticated,
    /// Too many failures from this address; ask again after so many seconds.
    #[error("too many requests")]
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// A field is missing or wrong.
    #[error("{field}: {message}")]
    Invalid {
        /// The provider's own name of the field.
        field: &'static str,
        /// What is wrong, for the client.
        message: String,
    },
    /// The body is not what its content type says.
    #[error("{0}")]
    Malformed(&'static str),
    /// No such payment of this brand.
    #[error("no such payment")]
    NotFound,
    /// The path does not take this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The body is larger than the server takes.
    #[error("request too large")]
    TooLarge,
    /// Torana cannot do it now; nothing was written.
    #[error("temporarily unavailable")]
    Unavailable,
}

/// The exact decimal text of an amount that a client may have sent as a JSON number or as text. Nothing else is
/// an amount.
pub fn amount_of_json(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::String(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}
