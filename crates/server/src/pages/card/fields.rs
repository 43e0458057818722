//! The page on which a card is typed.

use askama::Template;
use torana_rails::card::simulator;

use super::words::{CardField, CardFieldError, CardNotice};
use crate::pages::shell::{Shell, page_url, time_left};
use crate::pages::steps::Copy;
use crate::pages::{Brand, Language, Money};

/// The cards of test mode that this page tells of, as keys of texts and numbers. Their documentation has more.
pub(in crate::pages) const TEST_CARDS: [(&str, &str); 2] =
    [("card-test-page", "6074 8200 0008 4938"), ("card-test-code", "6071 4800 0003 3212")];

/// A card's number, month and security code, posted as a form to `/checkout/{id}/card`. Whatever was typed before is
/// typed again: a page that comes back with an error comes back empty.
#[derive(Clone, Debug, Template)]
#[template(path = "card.html")]
pub struct CardPage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/checkout/{id}`.
    pub payment_id: String,
    /// Shows the banner and the test cards.
    pub test_mode: bool,
    /// What is due.
    pub money: Money,
    /// The invoice id, as the shop knows it.
    pub invoice: String,
    /// What is paid for, where the shop's API says so.
    pub item: Option<String>,
    /// When the payment expires, milliseconds since the epoch.
    pub expires_at_ms: i64,
    /// The server's clock, milliseconds since the epoch.
    pub now_ms: i64,
    /// The method's `value`, which the form posts as `method`.
    pub method: String,
    /// Whose cards are taken, as the networks spell themselves.
    pub networks: Vec<&'static str>,
    /// Whether something else than a card can be chosen.
    pub has_others: bool,
    /// What is wrong with the fields; of those of one field the first is shown.
    pub errors: Vec<CardFieldError>,
    /// What became of the last try.
    pub notice: Option<CardNotice>,
}

impl CardPage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            path: format!("{}/card", self.path()),
            method: Some(self.method.clone()),
        }
    }

    fn path(&self) -> String {
        format!("/checkout/{}", self.payment_id)
    }

    fn checkout_url(&self) -> String {
        page_url(&self.path(), None, self.language)
    }

    fn action(&self, verb: &str) -> String {
        page_url(&format!("{}/{verb}", self.path()), None, self.language)
    }

    fn cancel_words(&self) -> &'static str {
        "cancel-sure-site"
    }

    fn time_left(&self) -> String {
        time_left(self.language, self.expires_at_ms, self.now_ms)
    }

    fn notice_text(&self) -> Option<String> {
        self.notice.map(|notice| notice.text(self.language))
    }

    fn error_of(&self, field: CardField) -> Option<CardFieldError> {
        self.errors.iter().copied().find(|error| error.field() == field)
    }

    /// One for each wrong field, in the order of the fields.
    fn shown_errors(&self) -> Vec<CardFieldError> {
        [CardField::Number, CardField::Expiry, CardField::SecurityCode]
            .into_iter()
            .filter_map(|field| self.error_of(field))
            .collect()
    }

    fn error(&self, field: CardField) -> Option<String> {
        self.error_of(field).map(|error| error.text(self.language))
    }

    /// Whether the payer goes on at this field.
    fn is_first(&self, field: CardField) -> bool {
        self.shown_errors().first().is_some_and(|error| error.field() == field)
    }

    fn accepted(&self) -> String {
        self.language.text1("card-accepted", "networks", &self.networks.join(", "))
    }

    fn test_cards(&self) -> Vec<(String, Copy)> {
        let listed = |(key, number): (&str, &str)| {
            let label = self.language.text("copy-account");
            let copy = Copy { shown: number.to_owned(), value: number.to_owned(), label };
            (self.language.text(key), copy)
        };
        TEST_CARDS.into_iter().map(listed).collect()
    }

    fn test_note(&self) -> String {
        self.language.text1("card-test-note", "code", simulator::CODE)
    }
}
