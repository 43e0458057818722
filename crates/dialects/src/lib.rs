//! Dialects: codecs of the providers' wire APIs. A dialect turns the bytes of a request into a [`Call`] in our own
//! words, and our answers, refusals and callbacks back into its bytes.
//!
//! *Invariant:* only the folder of a dialect knows that provider's field names, error texts and signatures.
//! *Invariant:* nothing here does I/O, reads a clock or makes a random number; nothing here decides what becomes
//! of a payment (see `torana_domain::payment::decide`).
//!
//! To add a dialect: a folder with `mod` (what it is, its quirks, its routes), `decode`, `encode` and its golden
//! fixtures, an implementation of [`Dialect`], and a line in [`all`].

pub mod json;
pub mod rupantorpay;
mod wire;

use serde::{Deserialize, Serialize};
use torana_domain::payment::{Event, Payment};
use torana_domain::{Mode, PaymentId, Policy, Timestamp};

pub use wire::{
    Call, Callback, Candidate, CreatePayment, Created, Reply, Request, Route, WireError,
    amount_of_json,
};

/// What a dialect may know of the brand that calls.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Whether its money is real.
    pub mode: Mode,
    /// Its rules.
    pub policy: &'a Policy,
    /// Its compatibility switches.
    pub switches: &'a Switches,
    /// When it was created: none of its payments is older.
    pub since: Timestamp,
    /// The time by the brand's clock.
    pub now: Timestamp,
    /// Scheme and host under which payers reach Torana, without a slash at the end.
    pub public_url: &'a str,
}

/// Where real clients of one provider disagree, a brand can choose. One struct a dialect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// RupantorPay's.
    pub rupantorpay: rupantorpay::Switches,
}

/// One provider's API.
pub trait Dialect: Send + Sync {
    /// The stable name, as payments and credentials are stored with it.
    fn slug(&self) -> &'static str;

    /// Every path that it answers.
    fn routes(&self) -> &'static [Route];

    /// The credential that a request shows, by which the brand is looked up; none if it shows none.
    fn credential(&self, request: &Request<'_>) -> Option<String>;

    /// What the request asks for.
    fn decode(&self, request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError>;

    /// The answer to [`Call::Create`].
    fn created(&self, caller: &Caller<'_>, created: &Created<'_>) -> Reply;

    /// The answer to [`Call::Find`].
    fn found(&self, caller: &Caller<'_>, payment: &Payment) -> Reply;

    /// An error in the provider's own envelope. `caller` is absent before the brand is known.
    fn refuse(&self, caller: Option<&Caller<'_>>, error: &WireError) -> Reply;

    /// What to tell the merchant's server of `event`, if the provider tells of such events and the payment names
    /// an address.
    fn callback(&self, payment: &Payment, event: &Event, switches: &Switches) -> Option<Callback>;

    /// Where the payer's browser goes back to, with the provider's parameters, given how the payment stands.
    fn return_url(&self, payment: &Payment, switches: &Switches) -> String;

    /// The identifier that payers and merchants know the payment by in this API.
    fn public_id(&self, payment: PaymentId) -> String;

    /// The payments of this brand that an identifier or reference from this API may mean, likeliest first.
    fn candidates(&self, text: &str, caller: &Caller<'_>) -> Vec<Candidate>;
}

/// Every dialect that this build speaks.
pub fn all() -> &'static [&'static dyn Dialect] {
    &[&rupantorpay::RupantorPay]
}

/// The dialect with that slug.
pub fn by_slug(slug: &str) -> Option<&'static dyn Dialect> {
    all().iter().copied().find(|dialect| dialect.slug() == slug)
}
