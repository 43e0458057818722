//! One operation that moves money, or would have, at the simulated network.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use torana_domain::{Money, Timestamp};

use super::cards::Behaviour;
use super::numbers;
use crate::card::network::{Authorise, NotKnown, Outcome};
use torana_domain::card::{
    Approval, AuthenticationId, Certainty, Contradiction, Fingerprint, Kind, OperationId, Refusal,
    ResponseCode, TransactionId,
};

/// After a silence, how long the network takes until it knows what became of an operation. Long enough to be
/// seen as unknown, short enough to wait for.
const KNOWN_AFTER_MS: i64 = 30 * 1000;
/// How long a network's cryptogram may be, in characters.
const CRYPTOGRAM_CHARS: RangeInclusive<usize> = 20..=32;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asked {
    Authorise {
        kind: Kind,
        order: String,
        authentication: Option<AuthenticationId>,
        /// Where it was sent again: of number and expiry.
        card: Option<Fingerprint>,
    },
    Capture {
        of: u64,
    },
    Void {
        of: u64,
    },
    Refund {
        of: u64,
    },
}

impl Asked {
    /// Whether both are one question. A card that is not sent again is the one that was meant.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Authorise { kind, order, authentication, card },
                Self::Authorise { kind: k, order: o, authentication: a, card: c },
            ) => {
                let is_same_card = card.is_none() || c.is_none() || card == c;
                (kind, order, authentication) == (k, o, a) && is_same_card
            }
            _ => self == other,
        }
    }
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
    /// It follows something of which is not known what became: neither is of this.
    Waits,
}

impl Fate {
    /// Of a sale or a reservation by a card that behaves so.
    pub(super) fn of(behaviour: Behaviour, question: &Authorise) -> Self {
        let is_proved = question
            .cryptogram
            .as_ref()
            .is_some_and(|cryptogram| CRYPTOGRAM_CHARS.contains(&cryptogram.chars().count()));
        match behaviour {
            Behaviour::NetworkToken if !is_proved => {
                Self::Refused(Refusal::Network(ResponseCode::SECURITY_VIOLATION))
            }
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
    pub(super) fn answer(&self, now: Timestamp) -> Outcome {
        match self.fate {
            Fate::Late { first: None, .. } if now.ms_since(self.at) < KNOWN_AFTER_MS => {
                Outcome::Lost
            }
            _ => self.found(now).unwrap_or(Outcome::Lost),
        }
    }

    /// What it says to who asks what became of it.
    pub(super) fn found(&self, now: Timestamp) -> Result<Outcome, NotKnown> {
        let response = match &self.fate {
            Fate::Approved => ResponseCode::APPROVED,
            Fate::Refused(refusal) => {
                let refusal = refusal.clone();
                return Ok(Outcome::Declined { transaction: self.transaction(), refusal });
            }
            Fate::Waits => ResponseCode::IN_PROGRESS,
            Fate::Late { finally: None, .. } => return Err(NotKnown),
            Fate::Late { first, finally: Some(finally) } => {
                let is_known = now.ms_since(self.at) >= KNOWN_AFTER_MS;
                if is_known { *finally } else { first.unwrap_or(ResponseCode::IN_PROGRESS) }
            }
        };
        Ok(Outcome::of_response(response, self.transaction(), || self.approval()))
    }

    /// Whether nobody knows yet whether it was done.
    pub(super) fn is_unknown(&self, now: Timestamp) -> bool {
        self.found(now).map_or(true, |outcome| outcome.certainty() == Certainty::Unknown)
    }

    /// What becomes of an operation that follows this one, of which is known what became.
    pub(super) fn fate_of(&self, follower: &Self, now: Timestamp) -> Fate {
        let contradiction = match follower.asked {
            Asked::Capture { .. } => self.refuses_capture(follower.amount, now),
            Asked::Void { .. } => self.refuses_void(follower.at, now),
            Asked::Refund { .. } => self.refuses_refund(follower.amount, now),
            Asked::Authorise { .. } => Some(Contradiction::WrongState),
        };
        let is_refund = matches!(follower.asked, Asked::Refund { .. });
        match contradiction {
            Some(why) => Fate::Refused(Refusal::Rule(why)),
            None if is_refund && self.behaviour == Behaviour::RefundDeclined => {
                Fate::Refused(Refusal::Network(ResponseCode::DO_NOT_HONOUR))
            }
            None => Fate::Approved,
        }
    }

    /// Whether it was done, as far as is known now.
    pub(super) fn is_done(&self, now: Timestamp) -> bool {
        matches!(self.found(now), Ok(Outcome::Approved(_)))
    }

    /// Whether it is money that was taken and not undone, so that it can be given back.
    fn is_taken(&self, now: Timestamp) -> bool {
        let takes =
            matches!(self.asked, Asked::Authorise { kind: Kind::Sale, .. } | Asked::Capture { .. });
        takes && self.is_done(now) && !self.is_voided
    }

    /// Why so much of it cannot be captured.
    fn refuses_capture(&self, amount: Money, now: Timestamp) -> Option<Contradiction> {
        let reserves = matches!(self.asked, Asked::Authorise { kind: Kind::Preauthorisation, .. });
        if !reserves || !self.is_done(now) || self.is_voided || self.captured_by.is_some() {
            return Some(Contradiction::WrongState);
        }
        self.refuses_amount(amount, self.amount.minor())
    }

    /// Why so much of it cannot be given back.
    fn refuses_refund(&self, amount: Money, now: Timestamp) -> Option<Contradiction> {
        if !self.is_taken(now) {
            return Some(Contradiction::WrongState);
        }
        self.refuses_amount(amount, self.amount.minor().saturating_sub(self.refunded_minor))
    }

    /// Why it cannot be undone, if that was asked for then. A reservation can be at any time, money that was taken on its
    /// day.
    fn refuses_void(&self, asked_at: Timestamp, now: Timestamp) -> Option<Contradiction> {
        let is_refund_or_void = matches!(self.asked, Asked::Refund { .. } | Asked::Void { .. });
        let is_used = self.captured_by.is_some() || self.refunded_minor > 0;
        if is_refund_or_void || !self.is_done(now) || self.is_voided || is_used {
            return Some(Contradiction::WrongState);
        }
        let is_too_late = self.is_taken(now) && !numbers::is_same_day(self.at, asked_at);
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
}
