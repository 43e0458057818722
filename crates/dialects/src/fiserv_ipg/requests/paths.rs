//! Paths (provider §2): the same under `/sandbox`, with and without a slash at the end.

use std::fmt;

use super::order::ORDER_MAX;

/// What all paths begin with, after `/sandbox` if it is there.
pub const PREFIX: &str = "/ipp/payments-gateway/v2";
const SANDBOX: &str = "/sandbox";
const STORE_ID: &str = "storeId";

/// By which door a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The plain one.
    Production,
    /// `/sandbox`.
    Sandbox,
}

/// What a path is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/payments`.
    Payments,
    /// `/payments/{transaction-id}`, which may also be the merchant's own `merchantTransactionId`.
    Payment(String),
    /// `/orders/{order-id}`.
    Order(String),
    /// `/payment-tokens`.
    Tokens,
    /// `/payment-tokens/{token-id}`.
    Token(String),
    /// `/card-information`.
    CardInformation,
}

impl Environment {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payments => f.write_str("payments"),
            Self::Payment(id) => write!(f, "payments/{id}"),
            Self::Order(id) => write!(f, "orders/{id}"),
            Self::Tokens => f.write_str("payment-tokens"),
            Self::Token(id) => write!(f, "payment-tokens/{id}"),
            Self::CardInformation => f.write_str("card-information"),
        }
    }
}

/// What a path is about; none if nothing is there. Identifiers are decoded.
pub fn target(path: &str) -> Option<(Environment, Target)> {
    let (environment, rest) = match path.strip_prefix(SANDBOX) {
        Some(rest) => (Environment::Sandbox, rest),
        None => (Environment::Production, path),
    };
    let rest = rest.strip_prefix(PREFIX)?;
    if !rest.starts_with('/') {
        return None;
    }
    // A client joins its base with a slash too many.
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let target = match parts.as_slice() {
        ["payments"] => Target::Payments,
        ["payments", id] => Target::Payment(identifier(id)?),
        ["orders", id] => Target::Order(identifier(id)?),
        ["payment-tokens"] => Target::Tokens,
        ["payment-tokens", id] => Target::Token(identifier(id)?),
        ["card-information"] => Target::CardInformation,
        _ => return None,
    };
    Some((environment, target))
}

/// `storeId` of a query.
pub fn store_id(query: &str) -> Option<String> {
    let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == STORE_ID);
    found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// An identifier within a path, decoded; none if it is too long, or no text.
fn identifier(part: &str) -> Option<String> {
    // To the parser of forms, these mean something else than in a path.
    let part = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let (text, _) = form_urlencoded::parse(part.as_bytes()).next()?;
    let is_text = !text.chars().any(|letter| letter.is_control() || letter == '\u{fffd}');
    (is_text && text.chars().count() <= ORDER_MAX).then(|| text.into_owned())
}
