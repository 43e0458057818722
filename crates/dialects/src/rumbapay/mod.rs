//! Rumbapay: payments by UPI (India) and ePay (Bulgaria), payouts, signed callbacks. JSON under `/v1/`.
//!
//! Facts come from Rumbapay's two pages (*seed*; their examples are in `fixtures/`) and from its other documentation
//! (*provider*, by the section of the project's notes on it). Where the two disagree the seed wins.
//!
//! # What was chosen where the pages are silent
//!
//! - **Who calls** (provider §1, §2): `access-token` never changes and does not name the login, so that brands are looked up
//!   by it ([`Dialect::lookup`]). `signature` covers the login and the raw bytes of the body. Hexadecimal digits count in
//!   either case. A GET has nothing to sign: `get_signature`. The pages' sample of a header is of an older scheme:
//!   `legacy_signature`. No page tells how a stranger is refused: HTTP 401 with the common envelope, `auth_error_code`.
//! - **Every answer is signed**, errors too, once it is known with whose password.
//! - **`request_id`** of a payment or payout is its whole identity (see `ids`); that of an error is new. The seed's sample with
//!   only zeros, and its `created_date` of the year 1, are slips of its server and are not repeated.
//! - **`identifier`**: a number of ours for UPI and payouts, the customer's for ePay, as the samples have it; the switch
//!   `identifier` for payments. Ours has twelve digits, see `ids`.
//! - **Errors** have the shapes and the order of keys of the seed. `field` is the plain name, such as `email`, wherever in the
//!   request it is. All that is wrong is told at once, in the order of the seed's request. 101 is HTTP 404; what else is
//!   wrong has its HTTP status as `error_code`.
//! - **273** comes before 30: which fields are required depends on the method. A method or currency that is not there is 30;
//!   one that no account of the brand takes at that amount is 273 again. ePay takes EUR besides BGN, since Bulgaria does.
//! - **Amounts** are text or numbers, exact; exponents are refused. They leave as numbers, as short as they are; `GET` of
//!   UPI has four decimals, as in the seed. `billing_amount` is what the merchant gets where it bears the fee, and what the
//!   payer pays where the payer does: the seed has one sample of each.
//! - **`state_code`** is only checked to look like one: the seed itself sends `12` for India and `SP` for Bulgaria.
//! - **`extra`** is a list of objects of one scalar each, or one object; it comes back as a list of `key` and `value`, in
//!   order.
//! - **Addresses** that are the name of their own field (`"cancel_url": "cancel_url"`), as in the seed, are absent.
//! - **A `reference` is used once**: the same request again gives the same payment, another one is 30. So it is for payouts,
//!   whose references are apart.
//! - **Personal data** that nobody reads (postal address, tax number, birthday) is checked and not kept.
//! - **Challenges** of the shapes `qr` and `requisites` are only named by the pages: see `challenge`.
//! - **PUT `/v1/payment/{id}`** takes the twelve digits of a UPI transfer as `transaction_id` or `utr`, at the top or within
//!   `requisites` or `confirmation`. They are believed as little as if the payer typed them.
//! - **Callbacks** are sent when a payment is paid, declined, cancelled or expired, and on payouts that are done or failed;
//!   `callback_pending` adds the first claim. Refunds are not told of: the API has none.
//! - **Times** are UTC with at most three decimals, without zeros at the end; `Z` where the seed has it.
//! - **The payer comes back** to `redirect_url` if money was sent, else to `cancel_url`. Nothing is added to it.

mod auth;
mod body;
mod callback;
mod challenge;
mod customer;
mod decode;
mod encode;
mod ids;
mod methods;
mod note;
mod payout;
mod return_url;
mod status;
mod switches;
#[cfg(test)]
mod tests;
mod times;

use http::Method;
use torana_domain::PaymentId;
use torana_domain::payment::{Event, Payment};
use torana_domain::payout::Payout;

pub use switches::{GetSignature, Identifier, Switches, UpiChallenge};

use crate::{
    Call, Callback, Caller, Candidate, Credential, Dialect, Known, Linked, Reply, Request, Route,
    Secret, WireError,
};

static POST: [Method; 1] = [Method::POST];
static GET: [Method; 1] = [Method::GET];
static PUT: [Method; 1] = [Method::PUT];
static ANY: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// With and without a slash at the end: a redirect would turn POST into GET.
static ROUTES: [Route; 11] = [
    Route { path: "/v1/payment", methods: &POST },
    Route { path: "/v1/payment/", methods: &POST },
    Route { path: "/v1/payment/{id}", methods: &PUT },
    Route { path: "/v1/payment/{id}/", methods: &PUT },
    Route { path: "/v1/payout", methods: &POST },
    Route { path: "/v1/payout/", methods: &POST },
    Route { path: "/v1/transaction/{id}", methods: &GET },
    Route { path: "/v1/transaction/{id}/", methods: &GET },
    // Whatever else is there: its own envelope.
    Route { path: "/v1", methods: &ANY },
    Route { path: "/v1/", methods: &ANY },
    Route { path: "/v1/{*rest}", methods: &ANY },
];

/// The payer's page (seed, samples of `challenge_redirect.url`).
static PAGES: [&str; 2] = ["/p/{id}", "/p/{id}/confirm"];

/// The dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct RumbaPay;

impl Dialect for RumbaPay {
    fn slug(&self) -> &'static str {
        "rumbapay"
    }

    fn routes(&self) -> &'static [Route] {
        &ROUTES
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

    fn decode(&self, request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
        decode::decode(request, caller)
    }

    fn answer(&self, request: &Request<'_>, caller: &Caller<'_>, payment: &Payment) -> Reply {
        encode::answer(request, caller, payment)
    }

    fn payout(&self, request: &Request<'_>, caller: &Caller<'_>, payout: &Payout) -> Reply {
        encode::payout(request, caller, payout)
    }

    fn refuse(
        &self,
        request: &Request<'_>,
        caller: Option<&Caller<'_>>,
        error: &WireError,
    ) -> Reply {
        encode::refuse(request, caller, error)
    }

    fn callback(
        &self,
        payment: &Payment,
        event: &Event,
        switches: &crate::Switches,
    ) -> Option<Callback> {
        callback::of_payment(payment, event, &switches.rumbapay)
    }

    fn payout_callback(&self, payout: &Payout, _switches: &crate::Switches) -> Option<Callback> {
        callback::of_payout(payout)
    }

    fn sign(
        &self,
        secret: Secret<'_>,
        switches: &crate::Switches,
        body: &[u8],
    ) -> Vec<(String, String)> {
        let signature = auth::signature(secret, &switches.rumbapay, body);
        signature.map(|text| (auth::SIGNATURE.to_owned(), text)).into_iter().collect()
    }

    fn lookup(&self, secret: Secret<'_>) -> Option<String> {
        auth::access_token(secret)
    }

    fn language(&self, payment: &Payment) -> Option<String> {
        note::Note::of(payment).locale
    }

    fn method(&self, payment: &Payment) -> Option<String> {
        Some(note::Note::of(payment).pay_in().slug().to_owned())
    }

    fn return_url(&self, payment: &Payment, _switches: &crate::Switches) -> String {
        return_url::return_url(payment)
    }

    fn public_id(&self, payment: PaymentId) -> String {
        ids::uuid(payment)
    }

    fn invoice(&self, payment: &Payment) -> String {
        note::Note::of(payment).reference
    }

    fn item(&self, payment: &Payment) -> Option<String> {
        Some(note::Note::of(payment).description).filter(|text| !text.is_empty())
    }

    fn pages(&self) -> &'static [&'static str] {
        &PAGES
    }

    fn linked(&self, path: &str, _query: &str) -> Option<Linked> {
        ids::linked(path).map(Linked::Id)
    }

    fn candidates(&self, text: &str, _caller: &Caller<'_>) -> Vec<Candidate> {
        ids::candidates(text)
    }
}
