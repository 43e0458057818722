//! One payer at the simulated issuer: from the question to the proof.

use serde::{Deserialize, Serialize};
use torana_domain::Timestamp;

use super::cards::Behaviour;
use super::kept::Known;
use super::numbers;
use crate::card::network::{Authenticated, Initiate, Proof};
use torana_domain::card::otp::{
    Challenge, CodeHash, Refusal, ResendAnswer, Rules, TryAnswer, Verdict,
};
use torana_domain::card::{
    Authentication, AuthenticationEnd, Fingerprint, Flow, OneTimeCode, OperationId,
};

/// The code that every simulated phone receives.
pub const CODE: &str = "123456";

/// What the issuer keeps of one payer: no number and no code, so that it may be stored as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    number: u64,
    operation: OperationId,
    behaviour: Behaviour,
    flow: Flow,
    scheme_transaction: String,
    challenge: Challenge,
    ended: Option<AuthenticationEnd>,
    pub(super) authentication: Authentication,
}

impl Asking {
    /// The code was sent, or the page is ready. `key` is for hashes alone.
    pub(super) fn begin(
        number: u64,
        question: &Initiate,
        card: &Known,
        (rules, key): (Rules, &[u8]),
        now: Timestamp,
    ) -> Self {
        let code = sent_code(number, card.behaviour, key);
        Self {
            number,
            operation: question.operation.clone(),
            behaviour: card.behaviour,
            flow: card.flow,
            scheme_transaction: numbers::scheme_transaction(now, card.flow, number),
            challenge: Challenge::begin(rules, rules.valid_minutes, code, now),
            ended: None,
            authentication: Authentication::begin(
                &question.order,
                question.amount,
                card.fingerprint,
            ),
        }
    }

    /// What the payer did, on our page or on the issuer's.
    pub(super) fn authenticate(
        &mut self,
        proof: &Proof,
        key: &[u8],
        now: Timestamp,
    ) -> Authenticated {
        let stands = self.stands(now);
        match (proof, self.flow) {
            (Proof::Code(_) | Proof::Resend, Flow::Redirect)
            | (Proof::PageCode(_) | Proof::PageResend, Flow::Seamless) => {
                return Authenticated::WrongWay;
            }
            _ => {}
        }
        match (proof, stands) {
            // What has ended is not reopened by anything.
            (_, Authenticated::Passed | Authenticated::Failed(_)) => stands,
            (Proof::Code(code) | Proof::PageCode(code), _) => self.try_code(code, key, now),
            (Proof::Resend | Proof::PageResend, _) => self.resend(key, now),
            (Proof::Abandon, _) => self.end(AuthenticationEnd::Abandoned),
            // A browser says nothing that is not known here.
            (Proof::Returned(_), _) => stands,
        }
    }

    fn try_code(&mut self, code: &OneTimeCode, key: &[u8], now: Timestamp) -> Authenticated {
        let Ok(of) = self.challenge.begin_try(now) else { return self.stands(now) };
        let tried = CodeHash::of(key, &self.number.to_string(), code);
        let answer = match self.behaviour {
            Behaviour::LockedByIssuer => TryAnswer::Locked,
            Behaviour::FirstCodeExpired if self.is_first_code() => TryAnswer::Expired,
            _ => self.challenge.compare(&of, tried),
        };
        match self.challenge.answered(&of, answer, now) {
            Verdict::Passed => {
                self.authentication.passed(now);
                Authenticated::Passed
            }
            Verdict::Wrong { tries_left } => {
                Authenticated::WrongCode { tries_left: Some(tries_left) }
            }
            Verdict::CodeExpired => Authenticated::CodeExpired,
            Verdict::Locked => self.end(AuthenticationEnd::Locked),
            Verdict::AlreadyPassed | Verdict::Lost { .. } => self.stands(now),
        }
    }

    fn resend(&mut self, key: &[u8], now: Timestamp) -> Authenticated {
        let of = match self.challenge.begin_resend(now) {
            Ok(of) => of,
            Err(refusal) => return Authenticated::NotResent(refusal),
        };
        let valid_minutes = self.challenge.rules().valid_minutes;
        let code = sent_code(self.number, self.behaviour, key);
        self.challenge.resent(&of, ResendAnswer::Sent { valid_minutes, code }, now);
        Authenticated::Resent { valid_minutes }
    }

    fn end(&mut self, end: AuthenticationEnd) -> Authenticated {
        self.challenge.lock();
        self.authentication.failed();
        self.ended = Some(end);
        Authenticated::Failed(end)
    }

    /// How it stands.
    pub fn stands(&self, now: Timestamp) -> Authenticated {
        if let Some(end) = self.ended {
            return Authenticated::Failed(end);
        }
        match self.challenge.may_try(now) {
            Ok(()) | Err(Refusal::NotAnswered | Refusal::NoMoreCodes | Refusal::TooSoon { .. }) => {
                Authenticated::Waiting
            }
            Err(Refusal::CodeExpired) if self.challenge.resends_left() > 0 => {
                Authenticated::CodeExpired
            }
            Err(Refusal::CodeExpired | Refusal::Expired) => {
                Authenticated::Failed(AuthenticationEnd::Expired)
            }
            Err(Refusal::Locked) => Authenticated::Failed(AuthenticationEnd::Locked),
            Err(Refusal::AlreadyPassed) => Authenticated::Passed,
        }
    }

    /// The network's number for it.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The name under which it was begun.
    pub const fn operation(&self) -> &OperationId {
        &self.operation
    }

    /// Which way the payer goes.
    pub const fn flow(&self) -> Flow {
        self.flow
    }

    /// How many codes may still be tried.
    pub fn tries_left(&self) -> u8 {
        self.challenge.tries_left()
    }

    /// Whether another code may be asked for, if not now.
    pub const fn can_resend(&self) -> bool {
        self.challenge.resends_left() > 0
    }

    /// For how long a code holds.
    pub const fn valid_minutes(&self) -> u16 {
        self.challenge.valid_minutes()
    }

    pub(super) const fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    pub(super) fn scheme_transaction(&self) -> &str {
        &self.scheme_transaction
    }

    /// Whether the same was asked under the same name.
    pub(super) fn is_same(&self, question: &Initiate, card: &Fingerprint) -> bool {
        self.authentication.order() == question.order
            && self.authentication.amount() == question.amount
            && self.authentication.is_of(card)
    }

    const fn is_first_code(&self) -> bool {
        self.challenge.resends_left() == self.challenge.rules().resends
    }
}

/// The hash of the code that the phone receives; none where whatever is typed is wrong.
fn sent_code(number: u64, behaviour: Behaviour, key: &[u8]) -> Option<CodeHash> {
    let code: OneTimeCode = CODE.parse().ok()?;
    let any_is_right = behaviour != Behaviour::EveryCodeWrong;
    any_is_right.then(|| CodeHash::of(key, &number.to_string(), &code))
}
