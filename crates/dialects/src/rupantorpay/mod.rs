//! RupantorPay (Bangladesh): create a payment link, verify a payment, redirect, callback.
//!
//! Facts come from RupantorPay's own published page (*seed*; its examples are in `fixtures/`) and from public code of its
//! clients and of the engine that it descends from (*provider*, by the section of the project's notes on them).
//! Where the two disagree the seed wins, and a brand that needs the other sets one of the [`Switches`].
//!
//! # Quirks, and what was chosen
//!
//! - **Requests** come as JSON, form, multipart or query, by POST or GET (seed, "API Operation"), often with a
//!   wrong content type: see `fields`. Fields have older names too (provider §1, §11.2): see `decode`.
//! - **Required** are only `amount`, `success_url`, `cancel_url`: the seed's own sample sends neither `fullname`
//!   nor `email`. Absent ones are kept as empty text, not as the engine's "Default Name", because verify must
//!   echo what was sent (provider §6: a client keeps its order number in `fullname` and compares).
//! - **`currency`** is not a field of the seed. One that names another ISO currency than the brand's is refused:
//!   taking 100 BDT for 100 USD would be worse. Anything that is no ISO code is ignored, as the provider does.
//! - **Success of create** is `"status": true` (seed's table), `1` by switch (seed's sample). The message is the
//!   seed's "Payment Link". `transaction_id` is added: clients look for it (provider §2.2).
//! - **Errors** are `{"status":false,"message":…}` (seed) with a 4xx or 5xx status; the engine's own statuses and
//!   texts (provider §2.3) differ from call to call, and no client depends on them.
//! - **Verify** is flat, in the seed's order, the amount with three decimals. An unpaid payment is `PENDING`
//!   (provider §11.6), with `trx_id` null, and `payment_method` null until the payer named a wallet: all keys are
//!   always there (provider §6). `trx_id` is never what a payer merely claims. Absent metadata is `{}`, so that
//!   `metadata.order_id` is safe to read.
//! - **Refunds** are unknown to this API. While any of the money is the merchant's, the payment is `COMPLETED`;
//!   once all of it went back, or the payer's issuer took it, `ERROR`: a client that asks late must not deliver what
//!   nobody pays for.
//! - **Redirect**: the seed's order and its upper-case status; lower case by switch (provider §4). Placeholders
//!   such as `{transaction_id}` are filled in, the merchant's own query and fragment are kept.
//! - **Callback**: a form in the redirect's words, on success only. JSON, lower case and a message about a mere
//!   claim by switches (provider §5). Never on cancel, decline, expiry or refund.

mod callback;
mod decode;
mod encode;
mod fields;
mod ids;
mod outcome;
mod return_url;
mod status;
mod switches;
#[cfg(test)]
mod tests;
mod wire;

use http::Method;
use torana_domain::PaymentId;
use torana_domain::payment::{Event, Payment};

pub use switches::Switches;

use crate::{
    Call, Callback, Caller, Candidate, Credential, Dialect, Linked, Reply, Request, Route,
    WireError,
};

/// Creates a payment (seed, "Create Payment URL").
const CHECKOUT: &str = "/api/payment/checkout";
/// Tells how a payment stands (seed, "Verify Payment").
const VERIFY: &str = "/api/payment/verify-payment";
/// [`CHECKOUT`] in the engine that RupantorPay descends from (provider §1).
const OLD_CHECKOUT: &str = "/api/payment/create";
/// [`VERIFY`] in that engine.
const OLD_VERIFY: &str = "/api/payment/verify";

/// The payer's page (seed, "Sample Response").
const PAGE: &str = "/api/execute/{id}";

static METHODS: [Method; 2] = [Method::GET, Method::POST];
static ROUTES: [Route; 4] = [
    Route { path: CHECKOUT, methods: &METHODS },
    Route { path: VERIFY, methods: &METHODS },
    Route { path: OLD_CHECKOUT, methods: &METHODS },
    Route { path: OLD_VERIFY, methods: &METHODS },
];

/// The dialect.
#[derive(Clone, Copy, Debug, Default)]
pub struct RupantorPay;

impl Dialect for RupantorPay {
    fn slug(&self) -> &'static str {
        "rupantorpay"
    }

    fn routes(&self) -> &'static [Route] {
        &ROUTES
    }

    fn credential(&self, request: &Request<'_>) -> Result<Credential, WireError> {
        decode::credential(request)
    }

    fn decode(&self, request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
        decode::decode(request, caller)
    }

    fn answer(&self, request: &Request<'_>, caller: &Caller<'_>, payment: &Payment) -> Reply {
        match request.route {
            VERIFY | OLD_VERIFY => encode::found(payment),
            _ => encode::created(caller, payment),
        }
    }

    fn refuse(&self, _: &Request<'_>, _: Option<&Caller<'_>>, error: &WireError) -> Reply {
        encode::refuse(error)
    }

    fn callback(
        &self,
        payment: &Payment,
        event: &Event,
        switches: &crate::Switches,
    ) -> Option<Callback> {
        callback::callback(payment, event, &switches.rupantorpay)
    }

    fn return_url(&self, payment: &Payment, switches: &crate::Switches) -> String {
        return_url::return_url(payment, &switches.rupantorpay)
    }

    fn public_id(&self, payment: PaymentId) -> String {
        ids::transaction_id(payment.number)
    }

    fn candidates(&self, text: &str, caller: &Caller<'_>) -> Vec<Candidate> {
        ids::candidates(text, caller.since, caller.now)
    }

    fn pages(&self) -> &'static [&'static str] {
        &[PAGE]
    }

    fn linked(&self, path: &str, _query: &str) -> Option<Linked> {
        path.rsplit('/').next()?.parse().ok().map(Linked::Id)
    }
}
