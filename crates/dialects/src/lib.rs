//! Dialects: codecs of the providers' wire APIs. A dialect turns the bytes of a request into a [`Call`] in our own
//! words, and our answers, refusals and callbacks back into its bytes.
//!
//! *Invariant:* only the folder of a dialect knows that provider's field names, error texts and signatures.
//! *Invariant:* nothing here does I/O, reads a clock or makes a random number; nothing here decides what becomes
//! of a payment (see `torana_domain::payment::decide`).
//!
//! To add a dialect: a folder with `mod` (what it is, its quirks, its routes), `decode`, `encode` and its golden
//! fixtures, an implementation of [`Dialect`], and a line in [`all`].

pub mod cards;
pub mod fiserv_ipg;
pub mod json;
mod multipart;
pub mod portpos;
mod rails;
pub mod rumbapay;
pub mod rupantorpay;
mod urls;
mod wire;

use serde::{Deserialize, Serialize};
use torana_domain::card::operation::CardOperation;
use torana_domain::payment::{Event, Payment};
use torana_domain::payout::Payout;
use torana_domain::{BrandId, Mode, PaymentId, Policy, Timestamp};

pub use cards::{CardAnswer, CardCall, CardError, CardOrder};
pub use rails::{Direct, NoRails, Rails};
pub use wire::{
    Call, Callback, Candidate, ClaimPayment, CreatePayment, CreatePayout, Credential, Door, Draw,
    FindPayment, Flaw, Known, Linked, Pin, RefundPayment, Reply, Request, Route, Subscribe,
    Subscribed, WireError, amount_of_json,
};

/// The brand's secret for a dialect, as it was sealed: JSON that only the dialect reads.
#[derive(Clone, Copy)]
pub struct Secret<'a>(pub &'a [u8]);

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a dialect may know of the brand that calls.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The brand.
    pub brand: BrandId,
    /// Its secret for this dialect; empty where the key itself is the secret.
    pub secret: Secret<'a>,
    /// Whether its money is real.
    pub mode: Mode,
    /// Its rules.
    pub policy: &'a Policy,
    /// Its compatibility switches.
    pub switches: &'a Switches,
    /// When it was created: none of its payments is older.
    pub since: Timestamp,
    /// The time by the brand's clock, which test mode can move.
    pub now: Timestamp,
    /// The time by the server's clock, by which requests are fresh or stale.
    pub real_now: Timestamp,
    /// Scheme and host under which payers reach Torana, without a slash at the end.
    pub public_url: &'a str,
    /// What its accounts can take.
    pub rails: &'a dyn Rails,
}

/// Where real clients of one provider disagree, a brand can choose. One struct a dialect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// RupantorPay's.
    pub rupantorpay: rupantorpay::Switches,
    /// PortPos's.
    pub portpos: portpos::Switches,
    /// Rumbapay's.
    pub rumbapay: rumbapay::Switches,
}

impl Switches {
    /// What is wrong with the choices, if anything: the path of a switch and why.
    pub fn flaw(&self) -> Option<String> {
        let portpos = self.portpos.flaw().map(|(name, why)| format!("portpos.{name} {why}"));
        let rumbapay = || self.rumbapay.flaw().map(|(name, why)| format!("rumbapay.{name} {why}"));
        portpos.or_else(rumbapay)
    }
}

/// One provider's API.
pub trait Dialect: Send + Sync {
    /// The stable name, as payments and credentials are stored with it.
    fn slug(&self) -> &'static str;

    /// Whether its API takes cards itself, and begins a new order with each attempt.
    fn takes_cards(&self) -> bool {
        false
    }

    /// Every path that it answers.
    fn routes(&self) -> &'static [Route];

    /// The credential that a request shows; [`WireError::Unauthenticated`] if it shows none.
    fn credential(&self, request: &Request<'_>) -> Result<Credential, WireError>;

    /// Checks that the caller knows the brand's secret, where the key alone does not show it.
    /// [`WireError::RateLimited`] where that needs a search that may not be made now.
    fn authenticate(
        &self,
        _request: &Request<'_>,
        _caller: &Caller<'_>,
        _known: Known,
    ) -> Result<(), WireError> {
        Ok(())
    }

    /// What of a request that was found genuine may not be sent to another target; none where its proof covers the target.
    fn pin(&self, _request: &Request<'_>) -> Option<Pin> {
        None
    }

    /// What the request asks for.
    fn decode(&self, request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError>;

    /// The answer to every [`Call`] about a payment that was carried out: the payment as it now is.
    fn answer(&self, request: &Request<'_>, caller: &Caller<'_>, payment: &Payment) -> Reply;

    /// The answer to every [`Call`] about a subscription that was carried out: as it now is.
    fn subscription(
        &self,
        request: &Request<'_>,
        caller: &Caller<'_>,
        _subscribed: &Subscribed<'_>,
    ) -> Reply {
        self.refuse(request, Some(caller), &WireError::NotFound)
    }

    /// The answer to every [`Call`] about a payout that was carried out: the payout as it now is.
    fn payout(&self, request: &Request<'_>, caller: &Caller<'_>, _payout: &Payout) -> Reply {
        self.refuse(request, Some(caller), &WireError::NotFound)
    }

    /// What the payer's browser posts to where an authentication sends it back: the fields of a form, with whatever shows
    /// that they are ours. None where the browser is sent back without a form.
    fn browser_return(
        &self,
        _caller: &Caller<'_>,
        _order: &CardOrder<'_>,
        _operation: &CardOperation,
    ) -> Option<Vec<(&'static str, String)>> {
        None
    }

    /// The answer to every [`CardCall`] that was carried out.
    fn card(&self, request: &Request<'_>, caller: &Caller<'_>, _answer: &CardAnswer<'_>) -> Reply {
        self.refuse(request, Some(caller), &WireError::NotFound)
    }

    /// An error in the provider's own envelope. `caller` is absent before the brand is known; the body of `request` is
    /// empty before it was read.
    fn refuse(
        &self,
        request: &Request<'_>,
        caller: Option<&Caller<'_>>,
        error: &WireError,
    ) -> Reply;

    /// What to tell the merchant's server of `event`, if the provider tells of such events and the payment names
    /// an address.
    fn callback(&self, payment: &Payment, event: &Event, switches: &Switches) -> Option<Callback>;

    /// What to tell the merchant's server of a payout that has just become what it is.
    fn payout_callback(&self, _payout: &Payout, _switches: &Switches) -> Option<Callback> {
        None
    }

    /// Headers of a callback that depend on the brand's secret: they are computed when it is sent, over the bytes that are.
    fn sign(
        &self,
        _secret: Secret<'_>,
        _switches: &Switches,
        _body: &[u8],
    ) -> Vec<(String, String)> {
        vec![]
    }

    /// What requests show of a secret, by which the brand is looked up ([`Credential::key`]), where it is not what the
    /// secret is stored under: it must be stored when the secret is.
    fn lookup(&self, _secret: Secret<'_>) -> Option<String> {
        None
    }

    /// The language that the merchant asked the payer's page to be in, as a tag such as `bg`.
    fn language(&self, _payment: &Payment) -> Option<String> {
        None
    }

    /// Where the payer's browser goes back to, with the provider's parameters, given how the payment stands.
    fn return_url(&self, payment: &Payment, switches: &Switches) -> String;

    /// The identifier that payers and merchants know the payment by in this API.
    fn public_id(&self, payment: PaymentId) -> String;

    /// The number under which the payer knows the order from the shop.
    fn invoice(&self, payment: &Payment) -> String {
        self.public_id(payment.id)
    }

    /// What is paid for, for the payer's page, if this API says so.
    fn item(&self, _payment: &Payment) -> Option<String> {
        None
    }

    /// The method that the merchant asked the payer to be shown, in our own words (`upi`, `epay`), if it asked for one. The payer
    /// may still choose another.
    fn method(&self, _payment: &Payment) -> Option<String> {
        None
    }

    /// The paths of the provider's that lead payers to their page.
    fn pages(&self) -> &'static [&'static str];

    /// The payment that such a path and query mean.
    fn linked(&self, path: &str, query: &str) -> Option<Linked>;

    /// Random bits for the number of a new payment, restricted to those that this API's identifiers can show.
    fn random_bits(&self, _brand: BrandId, draw: Draw) -> u64 {
        draw.random
    }

    /// Brands whose numbers differ by a multiple of this may have payments of one public identifier, if they have the same
    /// number; none where identifiers tell brands apart, or are only read by their own brand.
    fn brands_apart(&self) -> Option<u32> {
        None
    }

    /// What the dialect wants to remember of the `n`-th payment of a subscription, from two, that `first` began.
    fn renewed(&self, first: &Payment, _n: u32) -> Option<String> {
        first.order.dialect_note.clone()
    }

    /// The payments of this brand that an identifier or reference from this API may mean, likeliest first.
    fn candidates(&self, text: &str, caller: &Caller<'_>) -> Vec<Candidate>;
}

/// Every dialect that this build speaks.
pub fn all() -> &'static [&'static dyn Dialect] {
    &[&rupantorpay::RupantorPay, &portpos::PortPos, &rumbapay::RumbaPay, &fiserv_ipg::FiservIpg]
}

/// The dialect with that slug.
pub fn by_slug(slug: &str) -> Option<&'static dyn Dialect> {
    all().iter().copied().find(|dialect| dialect.slug() == slug)
}
