//! One operation that moves money, or would have, at the simulated network.

use serde::{Deserialize, Serialize};
use torana_domain::{Money, Timestamp};

use super::cards::Behaviour;
use super::numbers;
use crate::card::network::{NoAnswer, Outcome};
use torana_domain::card::{
    Approval, AuthenticationId, Contradiction, Kind, OperationId, Refusal, ResponseCode,
    TransactionId,
};

/// After a silence, how long the network takes until it knows what became of an operation. Long enough to be
/// seen as unknown, short enough to wait for.
const KNOWN_AFTER_MS: i64 = 30 * 1000;
/// What is said of an operation of which nothing is known yet: in progress.
const IN_PROGRESS: &str = "09";

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asked {
    Authorise { kind: Kind, order: String, authentication: Option<AuthenticationId> },
    Capture { of: u64 },
    Void { of: u64 },
    Refund { of: u64 },
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Approved,
    Refused(Refusal),
    /// As [`Behaviour::Late`].
    Late {
        first: Option<ResponseCode>,
        finally: Option<ResponseCode>,
    },
}

impl Fate {
    /// Of a sale or a reservation by a card that behaves so.
    pub(super) fn of(behaviour: Behaviour) -> Self {
        match behaviour {
            Behaviour::Decline(response) => Self::Refused(Refusal::Network(response)),
            Behaviour::Late { first, finally } => Self::Late { first, finally },
            _ => Self::Approved,
        }
    }
}

/// What the network keeps of an operation. It holds nothing of the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    pub(super) number: u64,
    pub(super) operation: OperationId,
    pub(super) asked: Asked,
    pub(super) amount: Money,
    pub(super) at: Timestamp,
    pub(super) fate: Fate,
    pub(super) behaviour: Behaviour,
    /// Whose last digits the reference number ends with.
    pub(super) traced_by: u64,
    pub(super) scheme_transaction: Option<String>,
    /// What was taken of a reservation, by which capture.
    pub(super) captured_by: Option<u64>,
    pub(super) refunded_minor: i64,
    pub(super) is_voided: bool,
}

impl Moving {
    /// The network's number for it.
    pub const fn number(&self) -> u64 {
        self.number
    }

    pub(super) const fn operation(&self) -> &OperationId {
        &self.operation
    }

    pub(super) const fn follows(&self) -> Option<u64> {
        match self.asked {
            Asked::Authorise { .. } => None,
            Asked::Capture { of } | Asked::Void { of } | Asked::Refund { of } => Some(of),
        }
    }

    /// What the network answers to who asks for the operation, the first time or again under its name.
    pub(super) fn answer(&self, now: Timestamp) -> Result<Outcome, NoAnswer> {
        match self.fate {
            Fate::Late { first: None, .. } if now.ms_since(self.at) < KNOWN_AFTER_MS => {
                Err(NoAnswer::Lost)
            }
            _ => self.found(now),
        }
    }

    /// What it says to who asks what became of it.
    pub(super) fn found(&self, now: Timestamp) -> Result<Outcome, NoAnswer> {
        match self.fate {
            Fate::Approved => Ok(self.approved()),
            Fate::Refused(ref refusal) => {
                let refusal = refusal.clone();
                Ok(Outcome::Declined { transaction: self.transaction(), refusal })
            }
            Fate::Late { first, finally } => {
                let is_known = now.ms_since(self.at) >= KNOWN_AFTER_MS;
                let response = match (is_known, finally) {
                    (_, None) => return Err(NoAnswer::Lost),
                    (true, Some(finally)) => finally,
                    (false, Some(_)) => {
                        first.or_else(|| IN_PROGRESS.parse().ok()).unwrap_or(ResponseCode::TOO_LATE)
                    }
                };
                Ok(Outcome::of_response(response, self.transaction(), || self.approval()))
            }
        }
    }

    /// Whether nobody knows yet what became of it.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        !matches!(self.found(now), Ok(Outcome::Approved(_) | Outcome::Declined { .. }))
    }

    /// Whether it was done, as far as is known now.
    pub(super) fn is_done(&self, now: Timestamp) -> bool {
        matches!(self.found(now), Ok(Outcome::Approved(_)))
    }

    /// Whether it is money that was taken and not undone, so that it can be given back.
    pub(super) fn is_taken(&self, now: Timestamp) -> bool {
        let takes =
            matches!(self.asked, Asked::Authorise { kind: Kind::Sale, .. } | Asked::Capture { .. });
        takes && self.is_done(now) && !self.is_voided
    }

    /// Why so much of it cannot be captured.
    pub(super) fn refuses_capture(&self, amount: Money, now: Timestamp) -> Option<Contradiction> {
        let reserves = matches!(self.asked, Asked::Authorise { kind: Kind::Preauthorisation, .. });
        if !reserves || !self.is_done(now) || self.is_voided || self.captured_by.is_some() {
            return Some(Contradiction::WrongState);
        }
        self.refuses_amount(amount, self.amount.minor())
    }

    /// Why so much of it cannot be given back.
    pub(super) fn refuses_refund(&self, amount: Money, now: Timestamp) -> Option<Contradiction> {
        if !self.is_taken(now) {
            return Some(Contradiction::WrongState);
        }
        self.refuses_amount(amount, self.amount.minor().saturating_sub(self.refunded_minor))
    }

    /// Why it cannot be undone. A reservation can be at any time, money that was taken on its day.
    pub(super) fn refuses_void(&self, now: Timestamp) -> Option<Contradiction> {
        let is_refund_or_void = matches!(self.asked, Asked::Refund { .. } | Asked::Void { .. });
        let is_used = self.captured_by.is_some() || self.refunded_minor > 0;
        if is_refund_or_void || !self.is_done(now) || self.is_voided || is_used {
            return Some(Contradiction::WrongState);
        }
        let is_too_late = self.is_taken(now) && !numbers::is_same_day(self.at, now);
        is_too_late.then_some(Contradiction::TooLate)
    }

    fn refuses_amount(&self, amount: Money, left_minor: i64) -> Option<Contradiction> {
        let fits = amount.currency() == self.amount.currency()
            && amount.is_positive()
            && amount.minor() <= left_minor;
        (!fits).then_some(Contradiction::WrongAmount)
    }

    fn transaction(&self) -> Option<TransactionId> {
        self.number.to_string().parse().ok()
    }

    fn approval(&self) -> Option<Approval> {
        Some(Approval {
            transaction: self.transaction()?,
            amount: self.amount,
            reference_number: numbers::reference_number(self.at, self.traced_by),
            authorisation_code: numbers::authorisation_code(self.at),
            scheme_transaction: self.scheme_transaction.clone(),
        })
    }

    fn approved(&self) -> Outcome {
        Outcome::of_response(ResponseCode::APPROVED, self.transaction(), || self.approval())
    }
}
