//! A payment: what it is, where it stands, and (in [`decide()`]) all that may happen to it.

mod chargebacks;
mod command;
mod decide;
mod event;
mod network;
mod refunds;
mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Canceller, Command, Expirer, NewPayment, Settler};
pub use decide::{Decision, Refusal, decide};
pub use event::{Event, EventKind};
pub use state::PaymentState;

use crate::chargeback::Chargeback;
use crate::receipt::ReceiptKey;
use crate::refund::{Refund, RefundState};
use crate::{AccountId, Money, PaymentId, Timestamp};

/// Who pays. All of it is personal data: it is shown to the merchant only, and never logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Full name as the merchant sent it.
    pub name: String,
    /// E-mail address as the merchant sent it.
    pub email: String,
    /// Phone number, where the API has one.
    pub phone: Option<String>,
}

/// Where the payer's browser and the merchant's server are told of the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urls {
    /// Where the payer goes after paying.
    pub success: String,
    /// Where the payer goes after giving up.
    pub cancel: String,
    /// Where the merchant's server is told; none when it only asks.
    pub callback: Option<String>,
}

/// What the merchant asked for. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The dialect that made it, as a slug: answers and callbacks speak that dialect.
    pub dialect: String,
    /// What the merchant asked for.
    pub amount: Money,
    /// The fee by the brand's rule at the time.
    pub fee: Money,
    /// What the payer must send.
    pub due: Money,
    /// How many minor units less than due still pay.
    pub tolerance_minor: i64,
    /// Who pays.
    pub customer: Customer,
    /// Where the outcome is told.
    pub urls: Urls,
    /// The merchant's own data, a JSON text, given back as it came.
    pub metadata: Option<String>,
    /// What the dialect wants to remember, in a form that only it reads.
    pub dialect_note: Option<String>,
    /// When it expires if unpaid.
    pub expires_at: Timestamp,
}

/// Where a payer's attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// No receipt with this reference yet.
    Waiting,
    /// The receipt came and paid.
    Paid,
    /// The receipt came with less than was due.
    Short,
    /// The receipt is believed too little, or is in another currency: a person must look.
    InReview,
    /// The receipt pays another payment.
    Taken,
    /// A network was asked for the money, and has not answered.
    Asked,
    /// The network has reserved the money.
    Reserved,
    /// The network said no.
    Refused,
}

impl AttemptState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Paid,
        Self::Short,
        Self::InReview,
        Self::Taken,
        Self::Asked,
        Self::Reserved,
        Self::Refused,
    ];

    /// The stable code, as stored and shown to machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Short => "short",
            Self::InReview => "in_review",
            Self::Taken => "taken",
            Self::Asked => "asked",
            Self::Reserved => "reserved",
            Self::Refused => "refused",
        }
    }

    /// The state with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// From where a payer acted: personal data, kept as evidence against fraud and shown to the merchant only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The network address, as text.
    pub ip: String,
    /// What the browser calls itself; cut at [`crate::limits::USER_AGENT_CHARS`].
    pub user_agent: String,
}

/// A payer's claim to have sent money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The account to which the payer says that it went.
    pub account: AccountId,
    /// Rail and reference that the payer gave.
    pub key: ReceiptKey,
    /// Where it stands.
    pub state: AttemptState,
    /// When it was first made.
    pub at: Timestamp,
    /// From where, if a browser made it.
    pub origin: Option<Origin>,
}

/// How a payment was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The one receipt.
    pub receipt: ReceiptKey,
    /// The rail account that has the money.
    pub account: AccountId,
    /// The payer's own number, to which refunds go, where the rail tells it; possibly masked by the rail.
    #[serde(default)]
    pub payer: Option<String>,
    /// What arrived.
    pub received: Money,
    /// How much of it the payment took: never more than was due.
    pub applied: Money,
    /// When the payment was decided to be paid.
    pub at: Timestamp,
    /// Whether it had been declined, cancelled or expired before.
    pub late: bool,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its identity.
    pub id: PaymentId,
    /// Counts its changes, from one.
    pub version: u32,
    /// Where it stands.
    pub state: PaymentState,
    /// Since when it stands there.
    pub state_since: Timestamp,
    /// Why it was declined, if it is.
    pub reason: Option<String>,
    /// What the merchant asked for.
    pub order: Order,
    /// The payer's attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// How it was paid, once it was.
    pub paid: Option<Paid>,
    /// Its refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// Its chargebacks, oldest first.
    pub chargebacks: Vec<Chargeback>,
}

impl Payment {
    /// Whether it has that identity: the number alone does not show that somebody knows the token.
    pub fn has_id(&self, id: PaymentId) -> bool {
        // One comparison of a machine word: its time says nothing about where the tokens differ.
        (self.id.brand, self.id.number) == (id.brand, id.number) && self.id.token ^ id.token == 0
    }

    /// The attempt with this rail and reference.
    pub fn attempt(&self, key: &ReceiptKey) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.key == *key)
    }

    /// What can still be refunded: the order's amount as far as it was paid, less what was refunded, promised or charged
    /// back. Never less than nothing.
    pub fn refundable(&self) -> Money {
        let currency = self.order.amount.currency();
        let Some(paid) = &self.paid else { return Money::zero(currency) };
        let refunds = self.refunds.iter().filter(|refund| refund.state != RefundState::Failed);
        let taken: i64 = refunds.map(|refund| refund.amount.minor()).sum();
        let most = paid.applied.minor().min(self.order.amount.minor());
        Money::from_minor((most - taken - self.charged_back().minor()).max(0), currency)
    }

    /// What was refunded and done with.
    pub fn refunded(&self) -> Money {
        let done = self.refunds.iter().filter(|refund| refund.state == RefundState::Done);
        let sum = done.map(|refund| refund.amount.minor()).sum();
        Money::from_minor(sum, self.order.amount.currency())
    }

    /// What issuers took back and did not give back.
    pub fn charged_back(&self) -> Money {
        let taken = self.chargebacks.iter().filter(|chargeback| chargeback.state.is_taken());
        let sum = taken.map(|chargeback| chargeback.amount.minor()).sum();
        Money::from_minor(sum, self.order.amount.currency())
    }

    /// The refund with that number.
    pub fn refund(&self, number: u32) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.number == number)
    }

    /// The state of a paid payment, as its chargebacks and refunds make it.
    fn state_when_paid(&self) -> PaymentState {
        let any = |state| self.refunds.iter().any(|refund| refund.state == state);
        let whole =
            self.paid.as_ref().map(|paid| paid.applied.minor().min(self.order.amount.minor()));
        match self.refunded().minor() {
            _ if self.charged_back().is_positive() => PaymentState::ChargedBack,
            _ if any(RefundState::Processing) => PaymentState::RefundProcessing,
            _ if any(RefundState::Pending) => PaymentState::RefundPending,
            0 => PaymentState::Succeeded,
            sum if Some(sum) == whole => PaymentState::Refunded,
            _ => PaymentState::PartiallyRefunded,
        }
    }
}
