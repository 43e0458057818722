//! The pages of a payment by card: its fields, the one-time code, the ways to the issuer's page and back, and the issuer
//! of test mode.
//!
//! Numbers, security codes and one-time codes go one way here, from the payer to the server: no view struct can hold one,
//! so that none can be shown again, also not after an error. Of a card that is known no more than four digits are shown.

mod carried;
mod code;
mod fields;
mod issuer;
mod words;

pub use carried::{CardRedirectPage, ReturnPage};
pub use code::CardCodePage;
pub use fields::CardPage;
pub use issuer::{IssuerPage, IssuerState};
pub use words::{CardField, CardFieldError, CardNotice, CodeNotice};

/// What may be shown of a number: its end, however much of it a page was given.
fn last_four(digits: &str) -> &str {
    digits.get(digits.len().saturating_sub(4)..).unwrap_or_default()
}
