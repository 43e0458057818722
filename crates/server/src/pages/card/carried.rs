//! The pages that carry a payer to the issuer's page and back to the merchant, by forms that post themselves where there
//! is a script.

use askama::Template;

use super::last_four;
use crate::pages::shell::Shell;
use crate::pages::{Brand, Language};

/// To the page on which the issuer asks whether it is the holder who pays.
#[derive(Clone, Debug, Template)]
#[template(path = "card_redirect.html")]
pub struct CardRedirectPage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/checkout/{id}`.
    pub payment_id: String,
    /// Shows the banner.
    pub test_mode: bool,
    /// What is due, as ready text.
    pub total: String,
    /// The end of the card's number.
    pub last4: String,
    /// Where the form goes.
    pub action: String,
    /// What it carries, if anything.
    pub fields: Vec<(String, String)>,
    /// Back to the checkout, to pay another way.
    pub otherwise: String,
}

impl CardRedirectPage {
    fn shell(&self) -> Shell {
        // Another language is chosen on the checkout: this page is the answer to a form.
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            path: format!("/checkout/{}", self.payment_id),
            method: None,
        }
    }

    fn last4(&self) -> &str {
        last_four(&self.last4)
    }
}

/// Back to a merchant who takes the payer by a form.
#[derive(Clone, Debug, Template)]
#[template(path = "return.html")]
pub struct ReturnPage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// Shows the banner.
    pub test_mode: bool,
    /// Where the form goes.
    pub action: String,
    /// What it carries.
    pub fields: Vec<(String, String)>,
}

impl ReturnPage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            // The page is the answer to a form: in another language there would be nothing to carry.
            path: String::new(),
            method: None,
        }
    }
}
