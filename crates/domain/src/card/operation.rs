//! One thing that was asked of a card network for a payment, and what became of it.
//!
//! A payment by card is a row of operations: the payer's authentication, the sale or the reservation upon it, and what
//! follows. Each has a number of its own, which is our name for it at the network and, in the APIs that take cards, the
//! merchant's name for it. What they make of the *payment* is decided by [`crate::payment::decide()`] alone.

use serde::{Deserialize, Serialize};

use super::otp::{self, Challenge, Verdict};
use super::{
    Approval, Authentication, AuthenticationEnd, AuthenticationId, CardFacts, Flow, Kind, Refusal,
    TransactionId,
};
use crate::{AccountId, Money, PaymentId, Timestamp};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// The payer is to prove to be the holder.
    Authentication,
    /// Money is to be taken.
    Sale,
    /// Money is to be reserved.
    Preauthorisation,
    /// Reserved money is to be taken.
    Capture,
    /// A sale of the day, or a reservation, is to be undone.
    Void,
    /// Money is to be given back.
    Refund,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Authentication,
        Self::Sale,
        Self::Preauthorisation,
        Self::Capture,
        Self::Void,
        Self::Refund,
    ];

    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Sale => "sale",
            Self::Preauthorisation => "preauthorisation",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }

    /// The kind with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether, once approved, it is money that the merchant has.
    pub const fn takes_money(self) -> bool {
        matches!(self, Self::Sale | Self::Capture)
    }
}

impl From<Kind> for OperationKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sale => Self::Sale,
            Kind::Preauthorisation => Self::Preauthorisation,
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    /// An authentication: the payer is asked.
    Waiting,
    /// An authentication: the payer is the holder, and one sale may say so.
    Passed,
    /// An authentication that has served its sale.
    Used,
    /// It was asked for, and nobody knows what became of it: not answered yet, or with what is no answer. It is asked
    /// after until it is known.
    Unknown,
    /// It was done.
    Approved,
    /// It was not done, and will not be; of an authentication: it failed, for good.
    Declined,
}

impl OperationState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Passed, Self::Used, Self::Unknown, Self::Approved, Self::Declined];

    /// The stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Passed => "passed",
            Self::Used => "used",
            Self::Unknown => "unknown",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    /// The state with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What came of the payer's last step in an authentication by code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A code was sent.
    Sent,
    /// The code was right.
    Verified,
    /// The code was wrong; so many are left.
    WrongCode {
        /// None where the last is being tried at this moment.
        tries_left: u8,
    },
    /// The code was too old; another may be sent.
    CodeExpired,
    /// Another code was not sent, and why; the last one still holds.
    NotResent(otp::Refusal),
    /// The issuer did not answer. The try counts.
    Lost,
}

impl Step {
    /// What a code that was tried comes to; nothing where the authentication has ended with it.
    pub const fn of(verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Passed | Verdict::AlreadyPassed => Some(Self::Verified),
            Verdict::Wrong { tries_left } => Some(Self::WrongCode { tries_left }),
            Verdict::CodeExpired => Some(Self::CodeExpired),
            Verdict::Lost { .. } => Some(Self::Lost),
            Verdict::Locked => None,
        }
    }
}

/// What is known of an operation beside its state. Nothing of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OperationDetail {
    /// The order's name at the network and for the merchant.
    pub order: String,
    /// How the payer proves to be the holder.
    pub flow: Option<Flow>,
    /// The network's name of an authentication.
    pub authentication: Option<AuthenticationId>,
    /// The issuer's page, to which the browser posts; untrusted where a live network named it.
    pub page: Option<String>,
    /// Where the browser goes from there: the merchant's or our own page.
    pub return_url: Option<String>,
    /// How the codes are counted.
    pub challenge: Option<Challenge>,
    /// What came of the last one.
    pub step: Option<Step>,
    /// Hash of the request that made the last step, so that its repetition is no second try.
    pub step_key: Option<String>,
    /// Why it failed.
    pub end: Option<AuthenticationEnd>,
    /// Under which tries with the card are counted.
    pub guarded_by: Option<super::Fingerprint>,
    /// What the authentication is good for.
    pub grant: Option<Authentication>,
    /// The network's name of it, where it has one and did not approve.
    pub transaction: Option<TransactionId>,
    /// What proves the approval.
    pub approval: Option<Approval>,
    /// Why it was declined.
    pub refusal: Option<Refusal>,
    /// The number of the refund of the payment that it carries out.
    pub refund: Option<u32>,
    /// Why it is not known what became of it, for logs and people.
    pub doubt: Option<String>,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardOperation {
    /// Its name: fifteen decimal digits, unique among all brands and not to be guessed.
    pub number: u64,
    /// Of which payment it is.
    pub payment: PaymentId,
    /// What was asked for.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// How much it is about.
    pub amount: Money,
    /// What it follows: a sale its authentication, a capture its reservation, a void or refund what it undoes.
    pub follows: Option<u64>,
    /// The acquirer's account over which it goes.
    pub account: AccountId,
    /// What may be shown of the card.
    pub card: CardFacts,
    /// The merchant's own name of it, where its API has one.
    pub merchant_name: Option<String>,
    /// What the dialect wants to remember, in a form that only it reads.
    pub note: Option<String>,
    /// When it was asked for; steps of an authentication do not move it.
    pub at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// All else.
    pub detail: OperationDetail,
}

impl CardOperation {
    /// What it is called at the network.
    pub fn name(&self) -> String {
        self.number.to_string()
    }

    /// Whether it was approved.
    pub fn is_approved(&self) -> bool {
        self.state == OperationState::Approved
    }
}

/// The operations of one payment, oldest first, and what they say together.
#[derive(Clone, Copy, Debug)]
pub struct Operations<'a>(pub &'a [CardOperation]);

impl<'a> Operations<'a> {
    /// The one with that number.
    pub fn get(self, number: u64) -> Option<&'a CardOperation> {
        self.0.iter().find(|operation| operation.number == number)
    }

    /// Approved operations of a kind that follow another one.
    pub fn approved(self, kind: OperationKind, of: u64) -> impl Iterator<Item = &'a CardOperation> {
        self.0
            .iter()
            .filter(move |it| it.kind == kind && it.follows == Some(of) && it.is_approved())
    }

    /// Whether an operation was undone.
    pub fn is_voided(self, number: u64) -> bool {
        self.approved(OperationKind::Void, number).next().is_some()
    }

    /// What was given back of a sale or capture, or may have been: refunds that were approved or are not known, in minor
    /// units.
    pub fn refunded_minor(self, number: u64) -> i64 {
        let refunds = self.0.iter().filter(|it| {
            it.kind == OperationKind::Refund
                && it.follows == Some(number)
                && matches!(it.state, OperationState::Approved | OperationState::Unknown)
        });
        refunds.fold(0_i64, |sum, refund| sum.saturating_add(refund.amount.minor()))
    }

    /// The sale or capture that the merchant has the money of.
    pub fn taken(self) -> Option<&'a CardOperation> {
        self.0
            .iter()
            .rev()
            .find(|it| it.kind.takes_money() && it.is_approved() && !self.is_voided(it.number))
    }

    /// The reservation that stands, captured or not.
    pub fn reserved(self) -> Option<&'a CardOperation> {
        self.0.iter().rev().find(|it| {
            it.kind == OperationKind::Preauthorisation
                && it.is_approved()
                && !self.is_voided(it.number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back() {
        for kind in OperationKind::ALL {
            assert_eq!(OperationKind::from_code(kind.code()), Some(kind));
        }
        for state in OperationState::ALL {
            assert_eq!(OperationState::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn a_verdict_is_a_step_unless_it_is_the_end() {
        assert_eq!(Step::of(Verdict::Passed), Some(Step::Verified));
        let wrong = Verdict::Wrong { tries_left: 2 };
        assert_eq!(Step::of(wrong), Some(Step::WrongCode { tries_left: 2 }));
        assert_eq!(Step::of(Verdict::Locked), None);
    }
}
