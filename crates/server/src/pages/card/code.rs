//! The page on which the payer types the code that the issuer sent to their phone.

use askama::Template;
use torana_rails::card::simulator;

use super::last_four;
use super::words::{CodeNotice, tries};
use crate::pages::shell::{Shell, page_url};
use crate::pages::{Brand, Language};

/// A one-time code, posted as a form to `/checkout/{id}/card/code`; or another one is asked for at
/// `/checkout/{id}/card/resend`; or the payer gives up at `/checkout/{id}/card/abandon`.
#[derive(Clone, Debug, Template)]
#[template(path = "card_code.html")]
pub struct CardCodePage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/checkout/{id}`.
    pub payment_id: String,
    /// Shows the banner and the test code.
    pub test_mode: bool,
    /// What is due, as ready text.
    pub total: String,
    /// The end of the card's number.
    pub last4: String,
    /// How often a code can be tried, where that is told.
    pub tries_left: Option<u8>,
    /// For how many minutes a code holds.
    pub valid_minutes: u16,
    /// In how many seconds another code can be sent; none where no more are.
    pub resend_in_s: Option<u16>,
    /// What to say about the last one.
    pub notice: Option<CodeNotice>,
}

impl CardCodePage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            path: format!("/checkout/{}/card/code", self.payment_id),
            method: None,
        }
    }

    fn checkout_url(&self) -> String {
        page_url(&format!("/checkout/{}", self.payment_id), None, self.language)
    }

    fn action(&self, verb: &str) -> String {
        page_url(&format!("/checkout/{}/{verb}", self.payment_id), None, self.language)
    }

    fn last4(&self) -> &str {
        last_four(&self.last4)
    }

    /// The hint at the field: how long a code holds, and how often it can be tried.
    fn hint(&self) -> String {
        let valid = self.language.count("card-otp-valid", u64::from(self.valid_minutes));
        let tries = tries(self.language, self.tries_left);
        [Some(valid), tries].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn note(&self) -> Option<String> {
        let note = self.notice.filter(|notice| !notice.is_error());
        note.map(|notice| notice.text(self.language))
    }

    fn error(&self) -> Option<String> {
        let error = self.notice.filter(|notice| notice.is_error());
        error.map(|notice| notice.text(self.language))
    }

    /// `0:25`, while another code cannot be sent yet.
    fn wait(&self) -> Option<String> {
        let left_s = self.resend_in_s.filter(|left_s| *left_s > 0)?;
        Some(self.language.digits(&format!("{}:{:02}", left_s / 60, left_s % 60)))
    }

    fn test_note(&self) -> String {
        self.language.text1("card-test-otp", "code", simulator::CODE)
    }
}
