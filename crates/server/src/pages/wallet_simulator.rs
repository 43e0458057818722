//! Test mode's wallet: a fake app and the fake phone that gets its SMS.

use askama::Template;

use super::methods::MethodView;
use super::shell::{Shell, page_url};
use super::{Brand, Language};

/// What the simulated payer does; its word is what the form posts as `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedOutcome {
    /// Sends the amount.
    Succeed,
    /// Sends less than the amount.
    Short,
    /// Sends more than the amount.
    Excess,
    /// Sends the amount, but the SMS never arrives.
    NoSms,
    /// The wallet refuses.
    Decline,
}

impl SimulatedOutcome {
    /// Every outcome, in the form's order.
    pub const ALL: [Self; 5] =
        [Self::Succeed, Self::Short, Self::Excess, Self::NoSms, Self::Decline];

    /// The form's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeed => "succeed",
            Self::Short => "short",
            Self::Excess => "excess",
            Self::NoSms => "no_sms",
            Self::Decline => "decline",
        }
    }

    /// Reads the form's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    fn key(self) -> String {
        format!("wallet-outcome-{}", self.word().replace('_', "-"))
    }

    fn result_key(self) -> &'static str {
        match self {
            Self::Decline => "wallet-result-declined",
            Self::Succeed | Self::Short | Self::Excess | Self::NoSms => "wallet-result-sent",
        }
    }
}

/// What the simulated wallet did.
#[derive(Clone, Debug)]
pub struct SimulatedResult {
    /// What the payer chose.
    pub outcome: SimulatedOutcome,
    /// Who the SMS is from, e.g. `bKash`.
    pub sender: String,
    /// The merchant's SMS as the phone got it; none if no SMS arrived or the wallet refused.
    pub sms: Option<String>,
    /// The TrxID that the payer would see; none if the wallet refused.
    pub reference: Option<String>,
}

/// The wallet app and, after a payment, the phone.
#[derive(Clone, Debug, Template)]
#[template(path = "wallet_simulator.html")]
pub struct WalletSimulatorPage {
    /// The payer's language.
    pub language: Language,
    /// The shop.
    pub brand: Brand,
    /// The id in `/sandbox/wallet/{id}`.
    pub payment_id: String,
    /// The payment's wallets.
    pub methods: Vec<MethodView>,
    /// The chosen one's `value`; the first if none is.
    pub selected: Option<String>,
    /// What the amount field holds at first, e.g. `1260.50`.
    pub amount: String,
    /// The amount due with its sign.
    pub total: String,
    /// An error in the form, ready text.
    pub error: Option<String>,
    /// Set after the form was posted.
    pub result: Option<SimulatedResult>,
}

impl WalletSimulatorPage {
    fn shell(&self) -> Shell {
        Shell {
            language: self.language,
            test_mode: true,
            path: self.path(),
            method: self.method().map(|method| method.value.clone()),
        }
    }

    fn path(&self) -> String {
        format!("/sandbox/wallet/{}", self.payment_id)
    }

    fn action(&self) -> String {
        page_url(&self.path(), None, self.language)
    }

    fn again_url(&self) -> String {
        page_url(&self.path(), self.method().map(|m| m.value.as_str()), self.language)
    }

    fn checkout_url(&self) -> String {
        let path = format!("/checkout/{}", self.payment_id);
        page_url(&path, self.method().map(|m| m.value.as_str()), self.language)
    }

    fn method(&self) -> Option<&MethodView> {
        let selected = self.selected.as_deref().unwrap_or_default();
        self.methods.iter().find(|m| m.value == selected).or_else(|| self.methods.first())
    }

    fn is_selected(&self, method: &MethodView) -> bool {
        self.method().is_some_and(|selected| selected.value == method.value)
    }

    fn outcomes(&self) -> [SimulatedOutcome; 5] {
        SimulatedOutcome::ALL
    }
}
