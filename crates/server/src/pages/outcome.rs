//! The page of a payment that is over, or nearly.

use askama::Template;

use super::methods::{Category, MethodView, ReferenceWords};
use super::shell::{Shell, page_url};
use super::{Brand, Language, Message, Money};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Paid.
    Succeeded,
    /// Cancelled by the payer.
    Cancelled,
    /// Not paid in time; money that was sent can still be claimed.
    Expired,
    /// Refused.
    Declined,
    /// Being asked for.
    Unknown,
}

/// The proof of a payment.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The method's title.
    pub method_title: String,
    /// The TrxID or other reference.
    pub reference: String,
    /// What such references are called.
    pub category: Category,
    /// When it was paid, as ready text with ASCII digits.
    pub paid_at: String,
    /// How much is promised back, with its symbol.
    pub refund_on_way: Option<String>,
    /// How much went back, with its symbol.
    pub refunded: Option<String>,
}

impl Receipt {
    fn words(&self) -> ReferenceWords {
        ReferenceWords::of(self.category)
    }

    fn is_touched(&self) -> bool {
        self.refund_on_way.is_some() || self.refunded.is_some()
    }
}

/// The last page that the payer sees.
#[derive(Clone, Debug, Template)]
#[template(path = "outcome.html")]
pub struct OutcomePage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/checkout/{id}`.
    pub payment_id: String,
    /// Shows the banner.
    pub test_mode: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// What was due.
    pub money: Money,
    /// The invoice id, as the shop knows it.
    pub invoice: String,
    /// What is paid for, where the shop's API says so.
    pub item: Option<String>,
    /// Set when it succeeded.
    pub receipt: Option<Receipt>,
    /// Whether `/checkout/{id}/return` leads back to the shop.
    pub can_return: bool,
    /// For an expired payment: what late money may have been sent with. Empty: no form.
    pub methods: Vec<MethodView>,
    /// The method that the payer chose in that form.
    pub selected: Option<String>,
    /// The reference that the payer typed, given back on an error.
    pub reference: String,
    /// What to say about it: [`Message::Waiting`] if the late claim is kept; [`Message::BankSilent`] if the outcome is
    /// unknown because a card's issuer is silent.
    pub message: Option<Message>,
}

impl OutcomePage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            path: format!("/checkout/{}", self.payment_id),
            method: None,
        }
    }

    fn action(&self, verb: &str) -> String {
        page_url(&format!("/checkout/{}/{verb}", self.payment_id), None, self.language)
    }

    fn here(&self) -> String {
        page_url(&format!("/checkout/{}", self.payment_id), None, self.language)
    }

    fn return_url(&self) -> String {
        format!("/checkout/{}/return", self.payment_id)
    }

    /// Succeeded and cancelled lead back by themselves; the others, and who comes to look after a refund, have time to read.
    fn returns_by_itself(&self) -> bool {
        let is_touched = self.receipt.as_ref().is_some_and(Receipt::is_touched);
        let ends = matches!(self.outcome, Outcome::Succeeded | Outcome::Cancelled);
        self.can_return && ends && !is_touched
    }

    fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Succeeded => "succeeded",
            Outcome::Cancelled => "cancelled",
            Outcome::Expired => "expired",
            Outcome::Declined => "declined",
            Outcome::Unknown => "unknown",
        }
    }

    fn claim_open(&self) -> bool {
        self.outcome == Outcome::Expired && !self.methods.is_empty()
    }

    fn claim_kept(&self) -> bool {
        self.message == Some(Message::Waiting)
    }

    /// Whether something can still change, so that the page should look again.
    fn watches(&self) -> bool {
        self.outcome == Outcome::Unknown || self.claim_kept()
    }

    fn is_selected(&self, method: &MethodView) -> bool {
        self.selected.as_deref() == Some(method.value.as_str())
    }

    fn words(&self) -> ReferenceWords {
        let chosen = self.methods.iter().find(|method| self.is_selected(method));
        chosen.or(self.methods.first()).map_or(ReferenceWords::TRXID, MethodView::reference_words)
    }

    fn error(&self) -> Option<String> {
        self.message
            .as_ref()
            .filter(|message| **message != Message::Waiting)
            .map(|message| message.text(self.language))
    }

    fn title_key(&self) -> String {
        format!("outcome-{}-title", self.word())
    }

    fn text(&self) -> String {
        match (self.outcome, &self.message) {
            (Outcome::Unknown, Some(silent @ Message::BankSilent)) => silent.text(self.language),
            _ => {
                let key = format!("outcome-{}-text", self.word());
                self.language.text1(&key, "brand", &self.brand.name)
            }
        }
    }
}
