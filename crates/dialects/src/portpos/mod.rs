//! PortPos, formerly PortWallet (Bangladesh): invoices, validation, refunds, IPN; version 1 (one endpoint of forms) and
//! version 2 (JSON). Both know the same invoices.
//!
//! Facts come from PortPos's own page (*seed*; its examples are in `fixtures/`) and from public code of its clients
//! (*provider*, by the section of the project's notes on them). Where the two disagree the seed wins.
//!
//! # What was chosen where the page is silent
//!
//! - **Freshness** (provider §1.3, §2.1): v1 sends the time with its token, which may be a day away, either way
//!   (`v1_window_s`); thirteen digits are milliseconds. v2 does not send it: it is found by trying, up to a quarter of an
//!   hour ahead and a week back (`v2_window_s`). Clients were seen that make one token for the life of their process: a
//!   token that was found good stays so while it is used at least once in that time. Hexadecimal digits count in either case.
//! - **v1 answers 200, always** (provider §1.1), even when it is too busy: clients fail on anything else. What is not
//!   allowed, unknown keys and stale tokens alike, is 500 with the seed's text for NOT_ALLOWED.
//! - **A new invoice has no gateway transaction**: `gateway_txn_id` is empty until there is one, where the seed's sample of
//!   `gen_invoice` has a number.
//! - **v1's amount** of "8 digits" (seed) is read as eight digits before the point, as v2's largest amount is 99999999.
//!   ZIP codes of billing addresses have no limit in the seed; ours is that of a city.
//! - **A field is set** when it is there, even if empty (provider §1.4). Only `amount`, `currency`, `country` and
//!   `redirect_url` must also make sense.
//! - **v1 answers about an invoice** have exactly the seed's fields, in the order of the seed's sample for that state; a
//!   pending one has no `currency`. Three more that later servers had (provider §1.4) by the switch `later_fields`.
//! - **EXPIRED is 130** (provider §3): `expired_number` changes it.
//! - **A wallet is a gateway of category `mfs`**; what only cards have (issuer, brand) is null, as in the provider's own
//!   answer about a bKash payment (provider §2.4).
//! - **IPN**: a form with `invoice`, `status`, `amount`, `currency`, `transaction_id`; on success, failure (REJECTED) and
//!   finished refund only (seed), repeated until it is taken, see `torana_server::callbacks`. Steps of a refund, and
//!   chargebacks, by switches. A later payment of a subscription is told of when it is made, since somebody must ask the
//!   payer for it; `ipn_recurring` turns that off.
//! - **Redirect**: five parameters (provider §1.6) after the merchant's own; the word is only ACCEPTED if it is true.
//! - **Refunds**: one that is asked for in v2 with a `reference` is made once. `refund_request` of v1 has no name for it:
//!   each call is a new refund, unless `v1_refund_repeat_s` says for how long the same amount is the same.
//! - **Cancel**: only what is not paid can be cancelled; cancelling twice is one.
//! - **v2's errors** have the documented shape and HTTP codes; `cause` is a stable word of ours, `property` the dotted path of
//!   the field, null where none is meant. Lower limits of lengths (three letters of a product's name) are not held.
//! - **Cards and stored sources** (`billing.source_of_fund`, `billing.source`) are refused: no rail of this build takes them.
//! - **EMI and discounts** are carried: no rail of this build has instalments or codes, so that `discount_availed` is 0.
//! - **Recurring**: see `v2::recurring`.

mod amounts;
mod auth;
mod callback;
mod countries;
mod details;
mod gateways;
mod ids;
mod note;
mod php;
mod return_url;
mod status;
mod switches;
#[cfg(test)]
mod tests;
mod times;
mod v1;
mod v2;

use http::Method;
use torana_domain::payment::{Event, Payment};
use torana_domain::{BrandId, PaymentId};

pub use switches::Switches;

use crate::{
    Call, Callback, Caller, Candidate, Credential, Dialect, Draw, Known, Linked, Reply, Request,
    Route, Subscribed, WireError,
};

static POST: [Method; 1] = [Method::POST];
static GET: [Method; 1] = [Method::GET];
static PUT: [Method; 1] = [Method::PUT];
static GET_POST: [Method; 2] = [Method::GET, Method::POST];
static ANY: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// With and without a slash at the end: a redirect would turn POST into GET (provider §1.1, §2.2).
static ROUTES: [Route; 22] = [
    Route { path: "/api/v1", methods: &POST },
    Route { path: "/api/v1/", methods: &POST },
    Route { path: "/payment/v2/invoice", methods: &POST },
    Route { path: "/payment/v2/invoice/", methods: &POST },
    Route { path: "/payment/v2/invoice/{id}", methods: &GET },
    Route { path: "/payment/v2/invoice/{id}/", methods: &GET },
    Route { path: "/payment/v2/invoice/ipn/{id}/{amount}", methods: &GET_POST },
    Route { path: "/payment/v2/invoice/ipn/{id}/{amount}/", methods: &GET_POST },
    Route { path: "/payment/v2/invoice/refund/{id}", methods: &POST },
    Route { path: "/payment/v2/invoice/refund/{id}/", methods: &POST },
    Route { path: "/payment/v2/invoice/cancel/{id}", methods: &POST },
    Route { path: "/payment/v2/invoice/cancel/{id}/", methods: &POST },
    Route { path: "/payment/v2/recurring", methods: &POST },
    Route { path: "/payment/v2/recurring/", methods: &POST },
    Route { path: "/payment/v2/recurring/{id}", methods: &GET },
    Route { path: "/payment/v2/recurring/{id}/", methods: &GET },
    Route { path: "/payment/v2/recurring/cancel/{id}", methods: &PUT },
    Route { path: "/payment/v2/recurring/cancel/{id}/", methods: &PUT },
    // Whatever else is below: its own envelope.
    Route { path: "/api/v1/{*rest}", methods: &POST },
    Route { path: "/payment/v2", methods: &ANY },
    Route { path: "/payment/v2/", methods: &ANY },
    Route { path: "/payment/v2/{*rest}", methods: &ANY },
];

/// The payer's page (seed, "PortPos payment URL"; provider §1.6 for the second).
static PAGES: [&str; 3] = ["/payment", "/payment/", "/payment/{id}"];

/// The dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct PortPos;

/// Whether a request is of version 1.
fn is_v1(request: &Request<'_>) -> bool {
    request.route.starts_with("/api/")
}

impl Dialect for PortPos {
    fn slug(&self) -> &'static str {
        "portpos"
    }

    fn routes(&self) -> &'static [Route] {
        &ROUTES
    }

    fn credential(&self, request: &Request<'_>) -> Result<Credential, WireError> {
        match is_v1(request) {
            true => v1::decode::credential(request),
            false => auth::bearer(request),
        }
    }

    fn authenticate(
        &self,
        request: &Request<'_>,
        caller: &Caller<'_>,
        known: Known,
    ) -> Result<(), WireError> {
        match is_v1(request) {
            true => v1::decode::authenticate(request, caller),
            false => auth::check_bearer(request, caller, known),
        }
    }

    fn decode(&self, request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
        match is_v1(request) {
            true => v1::decode::decode(request, caller),
            false => v2::decode::decode(request, caller),
        }
    }

    fn answer(&self, request: &Request<'_>, caller: &Caller<'_>, payment: &Payment) -> Reply {
        match is_v1(request) {
            true => v1::encode::answer(request, caller, payment),
            false => v2::encode::answer(request, caller, payment),
        }
    }

    fn subscription(
        &self,
        request: &Request<'_>,
        caller: &Caller<'_>,
        subscribed: &Subscribed<'_>,
    ) -> Reply {
        v2::recurring::answer(request, caller, subscribed)
    }

    fn refuse(
        &self,
        request: &Request<'_>,
        caller: Option<&Caller<'_>>,
        error: &WireError,
    ) -> Reply {
        match is_v1(request) {
            true => v1::encode::refuse(request, caller, error),
            false => v2::encode::refuse(request, error),
        }
    }

    fn callback(
        &self,
        payment: &Payment,
        event: &Event,
        switches: &crate::Switches,
    ) -> Option<Callback> {
        callback::callback(payment, event, &switches.portpos)
    }

    fn return_url(&self, payment: &Payment, _switches: &crate::Switches) -> String {
        return_url::return_url(payment)
    }

    fn public_id(&self, payment: PaymentId) -> String {
        ids::invoice_id(payment.number)
    }

    fn item(&self, payment: &Payment) -> Option<String> {
        Some(note::Note::of(payment).product_name)
    }

    fn pages(&self) -> &'static [&'static str] {
        &PAGES
    }

    fn linked(&self, path: &str, query: &str) -> Option<Linked> {
        ids::linked(path, query)
    }

    fn random_bits(&self, brand: BrandId, draw: Draw) -> u64 {
        ids::random_bits(brand, draw)
    }

    fn brands_apart(&self) -> Option<u32> {
        Some(ids::PLACES)
    }

    fn renewed(&self, first: &Payment, n: u32) -> Option<String> {
        note::renewed(first, n)
    }

    fn candidates(&self, text: &str, _caller: &Caller<'_>) -> Vec<Candidate> {
        ids::candidates(text)
    }
}
