//! Fiserv IPG: card payments under `/ipp/payments-gateway/v2`, RuPay first. Who calls, what is asked, what is answered, and
//! what the payer's browser brings back. Nothing here decides anything about a payment.
//!
//! Facts come from Fiserv's page on RuPay (*seed*; its samples are in `fixtures/`) and from other public documents and clients
//! (*provider*, by the section of the project's notes on it). Where the two disagree the seed wins.
//!
//! # What was chosen where the pages are silent or disagree
//!
//! - **Paths** are answered under `/sandbox` too, with and without a slash at the end. Which money is real is the brand's
//!   matter, not the path's. `PATCH /payment-tokens`, schedules, payment links and wallets are not offered.
//! - **Signature** (provider §1): both encodings that official material has, of the raw bytes. GET and DELETE sign no body,
//!   whatever comes with them. A timestamp has thirteen digits, and may be five minutes old or ahead. The signature is checked
//!   before the time, so that only its owner learns that a request is stale. It covers neither method nor path: see
//!   [`Dialect::pin`].
//! - **Client-Request-Id** need not be a UUID, and is no nonce by itself: the seed sends `2838649` with three requests that
//!   differ within 40 s, and all are carried out. The same request again is the same deed, whenever it was signed: for five
//!   minutes where it begins something, for a day where it follows upon something. A step of an authentication is repeated
//!   only by the very same signature: another password under the same name is another try.
//! - **Refusals at the door** have the words of provider §1's table; the other page's `Unauthenticated` is not used there.
//! - **Fields** are read in every form that clients send: amounts and identifiers as text or numbers, truth as text, years of
//!   two or four digits. The names in the seed's prose (`cardHolderBrowserParameters`, `browserAcceptHeader`) are taken too.
//!   Number, security code and one-time password are text alone: a JSON number has lost the zeros before it.
//! - **Flaws** name their field by its path, `transactionAmount.total`; those of a card begin with `PaymentCard.` as in the
//!   one sample that is public, and so does the message of what is missing. All that is wrong is told at once.
//! - **`storeId`** may be left out. Another store's, in body or query, is a bad request that names the field.
//! - **`orderId`**: of a request without one, `R-` and a UUID, as the seed's. An order is a payment, with the order's name as
//!   its key: a second payer authentication of one order is 5003. A payment that nobody goes on with expires after 15 minutes.
//! - **Amounts leave as numbers** with the decimals of their currency from POST and as short as can be from PATCH, as all six
//!   answers of the seed have it: [`answers::Decimals`].
//! - **`termURL`** comes back as it was sent, with the blank before it; it is trimmed where it is used.
//! - **`transactionStatus`** is always there; `transactionResult` and `transactionState` are for inquiries. `COMPLETED_GET` is
//!   never said: a client in wide use cannot read it (provider §7). What was taken is `CAPTURED` on its day in India, when it
//!   can be voided, and `SETTLED` afterwards.
//! - **A one-time password that was not taken** is documented nowhere. As long as another may be tried, HTTP 200: the
//!   transaction waits, and `approvalCode` and `otpVerificationResponse` have the digits that card networks use for the same of
//!   a PIN: 55 wrong, 68 too old, 65 no other may be sent, 75 too many, 91 the issuer is silent. At the end 409 with 28319,
//!   which is the one code that a public list has for it: `DECLINED` if the issuer says no or too many were wrong,
//!   `PROCESSING_FAILED` if the payer or the time went away.
//! - **An inquiry** after a payer's authentication says what the PATCH said; after one on the issuer's page, for which there is
//!   no sample, `Y:00:Authenticated`. A transaction that was declined is no error there: HTTP 200 with its status.
//! - **What nobody knows the outcome of** is HTTP 200, `WAITING`, `?:waiting for the outcome`, without a `processor`: clients
//!   ask again, and none may take it for a refusal.
//! - **The network's refusal** is 422 with `processor` and, which the published sample has not and the schema has, `error`. The
//!   gateway's own is 409. A sale that is not what the payer was authenticated for: another amount 10503, another order 50715,
//!   used already 50305, too old 5995, not authenticated 42755, another card 28319.
//! - **The browser comes back** to `termURL` with a form of Connect's fields and both of its hashes: see [`connect`].
//! - **Callbacks** are none: this API has inquiries.
//!
//! [`client`] is the other side of the same wire, for an account whose acquirer is such a gateway.
//!
//! *Invariant:* numbers of cards, security codes and one-time passwords are in the types of `torana_domain::card`, secrets of the
//! brand in [`Hidden`]: they do not print and are wiped when they are dropped.

pub mod answers;
pub mod approval;
pub mod auth;
pub mod client;
pub mod connect;
mod decode;
mod encode;
pub mod hashes;
mod hidden;
mod note;
mod repeat;
pub mod requests;
mod routes;
#[cfg(test)]
mod tests;
pub mod trace;
mod wiped;

use torana_domain::card::operation::CardOperation;
use torana_domain::payment::{Event, Payment};
use torana_domain::{Currency, PaymentId};

pub use hidden::Hidden;

use crate::{
    Call, Callback, Caller, Candidate, CardAnswer, CardOrder, Credential, Dialect, Known, Linked,
    Pin, Reply, Request, Route, Switches, WireError,
};

/// The dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct FiservIpg;

impl Dialect for FiservIpg {
    fn slug(&self) -> &'static str {
        "fiserv_ipg"
    }

    fn takes_cards(&self) -> bool {
        true
    }

    fn routes(&self) -> &'static [Route] {
        &routes::ROUTES
    }

    fn credential(&self, request: &Request<'_>) -> Result<Credential, WireError> {
        auth::credential(request)
    }

    fn authenticate(
        &self,
        request: &Request<'_>,
        caller: &Caller<'_>,
        _known: Known,
    ) -> Result<(), WireError> {
        auth::authenticate(request, caller)
    }

    fn pin(&self, request: &Request<'_>) -> Option<Pin> {
        decode::pin(request)
    }

    fn decode(&self, request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
        decode::decode(request, caller)
    }

    /// Nothing here is asked of a payment: all is about its operations.
    fn answer(&self, request: &Request<'_>, caller: &Caller<'_>, _payment: &Payment) -> Reply {
        self.refuse(request, Some(caller), &WireError::NotFound)
    }

    fn card(&self, request: &Request<'_>, caller: &Caller<'_>, answer: &CardAnswer<'_>) -> Reply {
        encode::card(request, caller, answer)
    }

    fn browser_return(
        &self,
        caller: &Caller<'_>,
        order: &CardOrder<'_>,
        operation: &CardOperation,
    ) -> Option<Vec<(&'static str, String)>> {
        encode::browser_return(caller, order, operation)
    }

    fn refuse(
        &self,
        request: &Request<'_>,
        _caller: Option<&Caller<'_>>,
        error: &WireError,
    ) -> Reply {
        encode::refuse(request, error)
    }

    fn callback(
        &self,
        _payment: &Payment,
        _event: &Event,
        _switches: &Switches,
    ) -> Option<Callback> {
        None
    }

    fn return_url(&self, payment: &Payment, _switches: &Switches) -> String {
        payment.order.urls.success.clone()
    }

    fn public_id(&self, payment: PaymentId) -> String {
        payment.to_string()
    }

    fn invoice(&self, payment: &Payment) -> String {
        note::OrderNote::of(payment).order
    }

    fn pages(&self) -> &'static [&'static str] {
        &[]
    }

    fn linked(&self, _path: &str, _query: &str) -> Option<Linked> {
        None
    }

    fn candidates(&self, text: &str, _caller: &Caller<'_>) -> Vec<Candidate> {
        decode::candidates(text)
    }
}

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
