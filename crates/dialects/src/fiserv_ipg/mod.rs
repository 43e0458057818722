//! Fiserv IPG: card payments under `/ipp/payments-gateway/v2`, RuPay first. This is the wire alone: who calls, what is asked,
//! what is answered, and what the payer's browser brings back. Nothing here decides anything about a payment.
//!
//! Facts come from Fiserv's page on RuPay (*seed*; its samples are in `fixtures/`) and from other public documents and clients
//! (*provider*, by the section of the project's notes on it). Where the two disagree the seed wins.
//!
//! # What was chosen where the pages are silent or disagree
//!
//! - **Signature** (provider §1): both encodings that official material has, of the raw bytes. GET and DELETE sign no body,
//!   whatever comes with them. A timestamp may be five minutes old or ahead. The signature is checked before the time, so
//!   that only its owner learns that a request is stale.
//! - **Client-Request-Id** need not be a UUID, and is no nonce by itself: the seed sends `2838649` with three requests that
//!   differ within 40 s, and all are carried out. The same request again is the same deed: [`auth::Authentic::repeat_key`].
//! - **Refusals at the door** have the words of provider §1's table; the other page's `Unauthenticated` is not used there.
//! - **Fields** are read in every form that clients send: amounts and identifiers as text or numbers, truth as text, years of
//!   two or four digits. The names in the seed's prose (`cardHolderBrowserParameters`, `browserAcceptHeader`) are taken too.
//! - **Flaws** name their field by its path, `transactionAmount.total`; those of a card begin with `PaymentCard.` as in the
//!   one sample that is public, and so does the message of what is missing. All that is wrong is told at once.
//! - **Amounts leave as numbers** with the decimals of their currency from POST and as short as can be from PATCH, as all six
//!   answers of the seed have it: [`answers::Decimals`].
//! - **`termURL`** comes back as it was sent, with the blank before it; it is trimmed where it is used.
//! - **`transactionStatus`** is always there; `transactionResult` and `transactionState` are for inquiries. `COMPLETED_GET` is
//!   never said: a client in wide use cannot read it (provider §7).
//! - **An expired or wrong one-time password** is documented nowhere: see [`approval::ApprovalCode::Declined`] and
//!   [`answers::GatewayCode::RupayAuthentication`] for the words that fit.
//!
//! *Invariant:* numbers of cards, security codes and one-time passwords are held in [`Hidden`] and nowhere else: they
//! print as `…` and are wiped when they are dropped.

pub mod answers;
pub mod approval;
pub mod auth;
pub mod connect;
pub mod hashes;
mod hidden;
pub mod requests;
#[cfg(test)]
mod tests;
pub mod trace;

use torana_domain::Currency;

pub use hidden::Hidden;

/// The currency of a code of three letters or three digits (provider §2).
pub fn currency(code: &str) -> Option<Currency> {
    match code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        true => iso_currency::Currency::from_numeric(code.parse().ok()?)?.code().parse().ok(),
        false => code.parse().ok(),
    }
}

/// The three digits of a currency, as Connect's forms have it: `356`.
pub fn numeric(currency: Currency) -> String {
    let known = iso_currency::Currency::from_code(currency.code());
    known.map_or_else(String::new, |currency| format!("{:03}", currency.numeric()))
}
