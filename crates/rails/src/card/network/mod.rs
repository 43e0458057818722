//! What is said between us and a card network with its issuers: ten questions, and what may come back.
//!
//! [`CardNetwork`] is the conversation with a far end that answers at once, which the simulator is: time and
//! randomness are arguments, nothing waits. A gateway behind HTTP does wait, so the server has a trait of
//! the same ten questions with the same types, asynchronous and without a [`Draw`]; it is not here
//! because nothing in this crate waits for anything. The types are chosen so that an API in the manner of IPG
//! can be asked: *initiate* is its payer authentication, *authenticate* its update, *authorise* its sale or
//! preauthorisation, *capture*, *void* and *refund* its secondary transactions, *status* its inquiry by the
//! merchant's own name for the operation, *keep* and *forget* its tokens; *check BIN* may be answered from
//! [`BinTable`](super::BinTable).
//!
//! Three outcomes, and never two: approved, declined, or unknown. [`NoAnswer`] says which of the last two
//! a missing answer is, to a question that asks for something to be done. A missing answer to *status* says nothing of
//! the operation at all, and is of another type, [`NotKnown`].
//!
//! Where next: `authenticating.rs` for what is said of payers, `money.rs` for what is said of money, `keeping.rs` for
//! cards that a network keeps.

use thiserror::Error;
use torana_domain::Timestamp;
use torana_domain::card::Certainty;

mod authenticating;
mod keeping;
mod money;

pub use authenticating::{
    Authenticate, Authenticated, AuthenticationAnswer, BinFacts, Browser, Challenge, CheckBin,
    Initiate, Initiated, Proof, ReturnedFields,
};
pub use keeping::{Forget, Keep, Keeping, Kept};
pub use money::{Authorise, Found, Further, Original, Outcome, Status, Void};

/// What an answer may depend on besides the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// When it is asked.
    pub now: Timestamp,
    /// Chooses what the far end would choose; unforeseeable where that matters.
    pub random: u64,
}

/// A network and the issuers behind it. The same operation asked twice is one operation, with one answer.
///
/// *Invariant:* an `Err` means that the question has changed nothing at the far end. What was done and not answered is an
/// answer here ([`Outcome::Lost`]), so that whoever leaves early upon an error loses nothing that has to be stored.
pub trait CardNetwork {
    /// Whether cards that begin so take part, and how their holders are authenticated.
    fn check_bin(&mut self, question: &CheckBin, draw: Draw) -> Result<BinFacts, NoAnswer>;
    /// Begins to authenticate a payer for one sale.
    fn initiate(&mut self, question: &Initiate, draw: Draw) -> Result<Initiated, NoAnswer>;
    /// Goes on with it: a code, a new code, or how the browser came back.
    fn authenticate(
        &mut self,
        question: &Authenticate,
        draw: Draw,
    ) -> Result<AuthenticationAnswer, NoAnswer>;
    /// Takes the money, or reserves it.
    fn authorise(&mut self, question: &Authorise, draw: Draw) -> Result<Outcome, NoAnswer>;
    /// Takes money that was reserved.
    fn capture(&mut self, question: &Further, draw: Draw) -> Result<Outcome, NoAnswer>;
    /// Undoes an operation on the day of it, whole, as if it had not been.
    fn void(&mut self, question: &Void, draw: Draw) -> Result<Outcome, NoAnswer>;
    /// Gives back a part of what was taken, or all of it.
    fn refund(&mut self, question: &Further, draw: Draw) -> Result<Outcome, NoAnswer>;
    /// What became of an operation, by our name for it.
    fn status(&mut self, question: &Status, draw: Draw) -> Result<Found, NotKnown>;
    /// Keeps a card under a name of the network's own, with which it can be paid like with the card.
    fn keep(&mut self, question: &Keep, draw: Draw) -> Result<Keeping, NoAnswer>;
    /// Forgets it for good. What is not kept is forgotten already.
    fn forget(&mut self, question: &Forget, draw: Draw) -> Result<(), NoAnswer>;
}

/// Why a question that asks for something to be done has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoAnswer {
    /// The question never left, or was refused unread: nothing has happened, and nothing will.
    #[error("the card network was not reached")]
    NotReached,
    /// It left, and no answer came that can be read. Whether it was done is unknown: ask by status.
    #[error("the card network did not answer")]
    Lost,
}

impl NoAnswer {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotReached => "card_network_not_reached",
            Self::Lost => "card_network_lost",
        }
    }

    /// What is known of an operation that was asked for and answered so.
    pub const fn certainty(self) -> Certainty {
        match self {
            Self::NotReached => Certainty::Declined,
            Self::Lost => Certainty::Unknown,
        }
    }
}

/// An inquiry was not answered. That says nothing of the operation that it asked after, and so has no certainty: what was
/// unknown before still is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the card network did not say what became of the operation")]
pub struct NotKnown;

impl NotKnown {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        "card_operation_not_known"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_never_left_is_certain_without_an_answer() {
        assert_eq!(NoAnswer::Lost.certainty(), Certainty::Unknown);
        assert_eq!(NoAnswer::NotReached.certainty(), Certainty::Declined);
    }
}
