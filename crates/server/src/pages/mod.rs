//! What a payer sees: view structs, their templates, translations and embedded assets.
//!
//! Pure: no I/O, no clock, nothing of the store, and of the domain no more than its words for how a card was refused; only
//! text and integers that the handlers prepare. A page here must never contain an inline script or style (the CSP forbids
//! them), nor personal data that the payer does not need, nor anything of a card but the end of its number. Wording lives
//! in `i18n/*.ftl`, markup in `templates/`, CSS and JavaScript in `assets/`.

pub mod assets;
mod card;
mod checkout;
mod epay_site;
mod handoff;
mod languages;
mod messages;
mod methods;
mod notice;
mod outcome;
mod qr;
mod shell;
mod steps;
mod wallet_simulator;

pub use card::{
    CardCodePage, CardField, CardFieldError, CardNotice, CardPage, CardRedirectPage, CodeNotice,
    IssuerPage, IssuerState, ReturnPage,
};
pub use checkout::{CheckoutPage, Waiting};
pub use epay_site::{EpaySitePage, SiteOutcome};
pub use handoff::HandoffPage;
pub use languages::{LANGUAGE_COOKIE, Language};
pub use messages::{Message, PayerStatus, StatusAnswer};
pub use methods::{AccountKind, AppLink, Category, MethodView, Scannable};
pub use notice::{ErrorPage, NotFoundPage};
pub use outcome::{Outcome, OutcomePage, Receipt};
pub use shell::{Brand, Money, Page};
pub use wallet_simulator::{SimulatedOutcome, SimulatedResult, WalletSimulatorPage};

#[cfg(test)]
mod tests;
