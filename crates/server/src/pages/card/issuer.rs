//! Test mode's issuer: the page on which a bank asks its customer to confirm a payment.

use askama::Template;
use torana_domain::card::AuthenticationEnd;
use torana_rails::card::simulator;

use super::last_four;
use super::words::{CodeNotice, tries};
use crate::pages::Language;
use crate::pages::shell::{Shell, page_url};

/// How the confirmation stands.
#[derive(Clone, Debug)]
pub enum IssuerState {
    /// The code is asked for.
    Asked {
        /// What to say about the last one.
        notice: Option<CodeNotice>,
        /// How often a code can be tried.
        tries_left: Option<u8>,
        /// Whether another code can be asked for.
        can_resend: bool,
    },
    /// It ended without a proof, and leads back to the shop.
    Ended {
        /// How.
        end: AuthenticationEnd,
        /// Where the form of the way back goes.
        action: String,
        /// What it carries.
        fields: Vec<(String, String)>,
    },
}

/// See the module. Its form goes to `/sandbox/acs/{number}` with `action`: `code` (and the code as `code`), `resend` or
/// `cancel`.
#[derive(Clone, Debug, Template)]
#[template(path = "issuer.html")]
pub struct IssuerPage {
    /// The payer's language.
    pub language: Language,
    /// The number in `/sandbox/acs/{number}`.
    pub number: String,
    /// Who is paid.
    pub merchant: String,
    /// How much, with its sign.
    pub total: String,
    /// The end of the card's number.
    pub last4: String,
    /// How it stands.
    pub state: IssuerState,
}

impl IssuerPage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: true,
            // The page is the answer to a form: in another language there would be nothing to confirm.
            path: String::new(),
            method: None,
        }
    }

    fn action(&self) -> String {
        page_url(&format!("/sandbox/acs/{}", self.number), None, self.language)
    }

    fn last4(&self) -> &str {
        last_four(&self.last4)
    }

    fn note(&self) -> String {
        self.language.text1("issuer-note", "code", simulator::CODE)
    }

    fn words(&self, notice: Option<&CodeNotice>, is_error: bool) -> Option<String> {
        let notice = notice.filter(|notice| notice.is_error() == is_error)?;
        Some(notice.text(self.language))
    }

    fn tries(&self, left: Option<u8>) -> Option<String> {
        tries(self.language, left)
    }

    fn end_key(&self, end: AuthenticationEnd) -> &'static str {
        match end {
            AuthenticationEnd::Locked => "issuer-locked",
            AuthenticationEnd::Expired => "issuer-expired",
            AuthenticationEnd::Abandoned => "issuer-abandoned",
            AuthenticationEnd::Refused | AuthenticationEnd::NoSuch => "issuer-refused",
        }
    }
}
