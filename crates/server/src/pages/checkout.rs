//! The page of a payment that can still be paid.

use askama::Template;

use super::methods::{Category, MethodView, ReferenceWords};
use super::qr::{QrPath, qr_path};
use super::shell::{Shell, page_url, time_left};
use super::steps::{Step, steps};
use super::{Brand, Language, Message, Money};

/// What the payment waits for.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// The message of a wallet or a bank, after the payer said that money was sent.
    Message {
        /// The reference that the payer gave.
        reference: String,
        /// The title of the method that it was given for.
        method_title: String,
        /// What its references are called.
        category: Category,
    },
    /// The word of a site that the payer was sent to.
    Site {
        /// The title of the method.
        method_title: String,
    },
    /// The payer's word to the issuer of a card, or the issuer's.
    Card {
        /// Where the payer goes on with that, if it is a page of ours.
        resume: Option<String>,
    },
    /// Cash at a desk.
    Desk {
        /// What the payer shows there.
        code: String,
        /// Until when, on the clocks of the country, as ready text.
        until: String,
        /// Where the simulated desk takes it, in test mode.
        pay_url: Option<String>,
    },
}

impl Waiting {
    /// The key of the text that offers something else.
    fn otherwise(&self) -> &'static str {
        match self {
            Self::Message { category, .. } => ReferenceWords::of(*category).wrong,
            Self::Site { .. } | Self::Card { .. } | Self::Desk { .. } => "pay-otherwise",
        }
    }
}

/// An open payment: choose a method, follow the steps, give the reference; or wait.
#[derive(Clone, Debug, Template)]
#[template(path = "checkout.html")]
pub struct CheckoutPage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/checkout/{id}`.
    pub payment_id: String,
    /// Shows the banner and the way to the simulated wallet.
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
    /// What can be paid with.
    pub methods: Vec<MethodView>,
    /// The chosen method's `value`; anything else counts as none. The only method is chosen by itself.
    pub selected: Option<String>,
    /// The reference that the payer typed, given back on an error.
    pub reference: String,
    /// What to say about it.
    pub message: Option<Message>,
    /// Whether the payer wants to choose again, while something is waited for.
    pub chooses: bool,
    /// Set while the payment waits for somebody else than the payer.
    pub waiting: Option<Waiting>,
}

impl CheckoutPage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: self.test_mode,
            path: self.path(),
            method: self.method().map(|method| method.value.clone()),
        }
    }

    fn path(&self) -> String {
        format!("/checkout/{}", self.payment_id)
    }

    fn here(&self) -> String {
        let url = page_url(&self.path(), self.method().map(|m| m.value.as_str()), self.language);
        match self.waiting {
            // What the payer waits for is not known from the payment alone.
            Some(Waiting::Site { .. }) => url + "&code=site",
            Some(Waiting::Message { .. } | Waiting::Card { .. } | Waiting::Desk { .. }) | None => {
                url
            }
        }
    }

    fn action(&self, verb: &str) -> String {
        page_url(&format!("{}/{verb}", self.path()), None, self.language)
    }

    fn wallet_url(&self) -> String {
        let path = format!("/sandbox/wallet/{}", self.payment_id);
        page_url(&path, self.method().map(|m| m.value.as_str()), self.language)
    }

    fn cancel_words(&self) -> &'static str {
        match self.methods.iter().any(MethodView::is_claimed) {
            true => "cancel-sure",
            false => "cancel-sure-site",
        }
    }

    /// Whether the simulated wallet can pay it.
    fn has_wallet(&self) -> bool {
        let chosen = self.method();
        self.test_mode
            && chosen.map_or_else(
                || self.methods.iter().any(MethodView::is_claimed),
                MethodView::is_claimed,
            )
    }

    fn card_url(&self, method: &MethodView) -> String {
        page_url(&format!("{}/card", self.path()), Some(&method.value), self.language)
    }

    fn method_url(&self, method: &MethodView) -> String {
        page_url(&self.path(), Some(&method.value), self.language) + "#pay"
    }

    fn is_selected(&self, method: &MethodView) -> bool {
        self.method().is_some_and(|selected| selected.value == method.value)
    }

    fn method(&self) -> Option<&MethodView> {
        if let [only] = self.methods.as_slice() {
            return Some(only);
        }
        let selected = self.selected.as_deref()?;
        self.methods.iter().find(|method| method.value == selected)
    }

    fn groups(&self) -> Vec<(&'static str, Vec<&MethodView>)> {
        let listed = |category: Category| -> Vec<&MethodView> {
            self.methods.iter().filter(|method| method.category == category).collect()
        };
        Category::ALL
            .into_iter()
            .map(|category| (category.title_key(), listed(category)))
            .filter(|(_, methods)| !methods.is_empty())
            .collect()
    }

    fn steps(&self, method: &MethodView) -> Vec<Step> {
        steps(method, &self.money, self.language)
    }

    fn qr(&self, method: &MethodView) -> Option<QrPath> {
        qr_path(&method.account)
    }

    fn scan_code(&self, method: &MethodView) -> Option<QrPath> {
        qr_path(&method.scannable.as_ref()?.code)
    }

    fn time_left(&self) -> String {
        time_left(self.language, self.expires_at_ms, self.now_ms)
    }

    fn words(&self) -> ReferenceWords {
        self.method().map_or(ReferenceWords::TRXID, MethodView::reference_words)
    }

    fn error(&self) -> Option<String> {
        self.message.as_ref().map(|message| message.text(self.language))
    }
}
