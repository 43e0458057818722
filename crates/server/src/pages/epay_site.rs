//! Test mode's ePay.bg: the page on which a payer would log in or type a card, with every end of that.

use askama::Template;

use super::Language;
use super::shell::Shell;

/// What the simulated payer and the site do; its word is what the form posts as `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteOutcome {
    /// Pays, and the site tells the shop.
    Pay,
    /// Pays, and the site tells twice, as it does where it saw no answer.
    PayTwice,
    /// Pays, and the site does not tell (yet).
    Untold,
    /// The payment is refused.
    Deny,
    /// The invoice is not paid in time.
    Expire,
    /// Goes back without a decision.
    Leave,
}

impl SiteOutcome {
    /// Every outcome, in the form's order.
    pub const ALL: [Self; 6] =
        [Self::Pay, Self::PayTwice, Self::Untold, Self::Deny, Self::Expire, Self::Leave];

    /// The form's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::PayTwice => "pay_twice",
            Self::Untold => "untold",
            Self::Deny => "deny",
            Self::Expire => "expire",
            Self::Leave => "leave",
        }
    }

    /// Reads the form's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    fn key(self) -> String {
        format!("site-{}", self.word().replace('_', "-"))
    }
}

/// See the module.
#[derive(Clone, Debug, Template)]
#[template(path = "epay_site.html")]
pub struct EpaySitePage {
    /// The payer's language.
    pub language: Language,
    /// Who is paid.
    pub merchant: String,
    /// How much, with its sign.
    pub total: String,
    /// The invoice's number.
    pub invoice: String,
    /// What the merchant says of it.
    pub description: String,
    /// Until when it can be paid, as ready text.
    pub until: String,
    /// By card, not from an account.
    pub by_card: bool,
    /// Where the form goes.
    pub action: String,
    /// What came with the payer, and goes on with the form.
    pub fields: Vec<(&'static str, String)>,
    /// An error, ready text.
    pub error: Option<String>,
}

impl EpaySitePage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: true,
            // The page is the answer to a form: in another language there would be nothing to pay.
            path: String::new(),
            method: None,
        }
    }

    fn way_key(&self) -> &'static str {
        if self.by_card { "way-card" } else { "way-account" }
    }

    fn outcomes(&self) -> [SiteOutcome; 6] {
        SiteOutcome::ALL
    }
}
