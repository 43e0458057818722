//! The page that carries a payer to another site, by a form that posts itself where there is a script.

use askama::Template;

use super::shell::Shell;
use super::{Brand, Language};

/// See the module.
#[derive(Clone, Debug, Template)]
#[template(path = "handoff.html")]
pub struct HandoffPage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/checkout/{id}`.
    pub payment_id: String,
    /// Shows the banner.
    pub test_mode: bool,
    /// The site's name.
    pub site: String,
    /// What is due, as ready text.
    pub total: String,
    /// Where the form goes.
    pub action: String,
    /// What it carries.
    pub fields: Vec<(&'static str, String)>,
    /// Back to the checkout, to pay another way.
    pub otherwise: String,
}

impl HandoffPage {
    fn shell(&self) -> Shell {
        // Another language is chosen on the checkout: this page is the answer to a form.
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            path: format!("/checkout/{}", self.payment_id),
            method: None,
        }
    }
}
