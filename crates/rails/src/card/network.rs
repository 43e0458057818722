//! What is said between us and a card network with its issuers: ten questions, and what may come back.
//!
//! [`CardNetwork`] is the conversation with a far end that answers at once, which the simulator is: time and
//! randomness are arguments, nothing waits. A gateway behind HTTP does wait, so the server has a trait of
//! the same questions with the same types, asynchronous and without a [`Draw`]; it is not here
//! because nothing in this crate waits for anything. The types are chosen so that an API in the manner of IPG
//! can be asked: *initiate* is its payer authentication, *authenticate* its update, *authorise* its sale or
//! preauthorisation, *capture*, *void* and *refund* its secondary transactions, *status* its inquiry by the
//! merchant's own name for the operation; *check BIN* may be answered from [`BinTable`](super::BinTable).
//!
//! Three outcomes, and never two: approved, declined, or unknown. [`NoAnswer`] says which of the last two
//! a missing answer is.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use torana_domain::card::{
    Approval, AuthenticationEnd, AuthenticationId, Bin, Card, CardBrand, Certainty, Kind, Means,
    OneTimeCode, OperationId, Refusal, ResponseCode, TransactionId, otp,
};
use torana_domain::{Money, Timestamp};
use zeroize::Zeroizing;

use super::bins::Flows;

/// What an answer may depend on besides the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// When it is asked.
    pub now: Timestamp,
    /// Chooses what the far end would choose; unforeseeable where that matters.
    pub random: u64,
}

/// A network and the issuers behind it. The same operation asked twice is one operation, with one answer.
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
    /// Keeps a card under a name of its own.
    fn keep(&mut self, question: &Keep, draw: Draw) -> Result<Kept, NoAnswer>;
    /// Forgets a card that it keeps.
    fn forget(&mut self, question: &Forget, draw: Draw) -> Result<(), NoAnswer>;
}

/// Why there is no answer.
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

    /// What is known of an operation that was answered so.
    pub const fn certainty(self) -> Certainty {
        match self {
            Self::NotReached => Certainty::Declined,
            Self::Lost => Certainty::Unknown,
        }
    }
}

/// An inquiry that was not answered. It says nothing of what was inquired after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the card network did not say what became of it")]
pub struct NotKnown;

/// What an issuer wants to know of the payer's browser. RuPay asks for all four.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// Its `Accept` header.
    pub accept: String,
    /// The address that it comes from.
    pub ip: String,
    /// Its language.
    pub language: String,
    /// Its `User-Agent` header.
    pub user_agent: String,
}

impl Browser {
    /// Whether nothing of it is missing.
    pub fn is_complete(&self) -> bool {
        [&self.accept, &self.ip, &self.language, &self.user_agent]
            .iter()
            .all(|text| !text.is_empty())
    }
}

/// Asks for the facts of a BIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckBin {
    /// The first digits.
    pub bin: Bin,
}

/// What a network knows of a BIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinFacts {
    /// Whose card it is.
    pub brand: CardBrand,
    /// The ways in which its holders are authenticated; none where its issuer takes no part.
    pub flows: Option<Flows>,
    /// Who issued it, where that is told.
    pub issuer: Option<String>,
}

/// Asks to authenticate a payer.
#[derive(Debug, PartialEq, Eq)]
pub struct Initiate {
    /// Our name for it.
    pub operation: OperationId,
    /// The order; the sale names the same.
    pub order: String,
    /// How much the payer is asked to agree to.
    pub amount: Money,
    /// With what; a kept card by the network's own name.
    pub means: Means,
    /// Where the issuer's page sends the browser afterwards.
    pub return_url: String,
    /// The browser.
    pub browser: Browser,
}

/// The payer is asked, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Initiated {
    /// The payer has to prove to be the holder.
    Challenged {
        /// The network's name for it.
        authentication: AuthenticationId,
        /// How.
        challenge: Challenge,
    },
    /// The issuer, or the network, will not ask.
    Refused(Refusal),
}

/// How a payer proves to be the holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// On a page, to which the browser posts a form without fields.
    Redirect {
        /// Its address.
        url: String,
    },
    /// By a code that was sent to the payer's phone and is typed on our page.
    Code {
        /// For how long it holds.
        valid_minutes: u16,
    },
}

/// Goes on with an authentication.
#[derive(Debug, PartialEq, Eq)]
pub struct Authenticate {
    /// Our name of the authentication.
    pub operation: OperationId,
    /// The order that it is for.
    pub order: String,
    /// The card again, where it is known: some networks want it with each step.
    pub card: Option<Card>,
    /// The network's name for it.
    pub authentication: AuthenticationId,
    /// What the payer did.
    pub proof: Proof,
}

/// What a payer did.
#[derive(Debug, PartialEq, Eq)]
pub enum Proof {
    /// Typed a code.
    Code(OneTimeCode),
    /// Asked for another.
    Resend,
    /// Typed a code on the issuer's own page.
    PageCode(OneTimeCode),
    /// Asked for another there.
    PageResend,
    /// Came back from the issuer's page. Who answers verifies the fields' hash, and believes the network
    /// before the browser.
    Returned(ReturnedFields),
    /// Gave up.
    Abandon,
}

/// The form that a browser brought back. Its values do not print: nobody promises what is in them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReturnedFields(pub Vec<(String, String)>);

impl fmt::Debug for ReturnedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnedFields({} fields)", self.0.len())
    }
}

/// How an authentication stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authenticated {
    /// The payer is the holder.
    Passed,
    /// The code was wrong, and another may be tried.
    WrongCode {
        /// How many, where it is told.
        tries_left: Option<u8>,
    },
    /// The code is too old; another may be sent.
    CodeExpired,
    /// Another code was sent, and the one before is worth nothing.
    Resent {
        /// For how long it holds.
        valid_minutes: u16,
    },
    /// Another code cannot be sent now; the last one still holds.
    NotResent(otp::Refusal),
    /// The payer is not done yet.
    Waiting,
    /// Not so: this holder proves it on the other page. Nothing has changed.
    WrongWay,
    /// It ended without a proof, for good.
    Failed(AuthenticationEnd),
}

/// What a step came to, and what the network itself said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationAnswer {
    /// How it stands.
    pub stands: Authenticated,
    /// The network's code, where it told one.
    pub code: Option<String>,
    /// Its words.
    pub text: Option<String>,
}

impl From<Authenticated> for AuthenticationAnswer {
    fn from(stands: Authenticated) -> Self {
        Self { stands, code: None, text: None }
    }
}

/// Asks for the money.
#[derive(Debug, PartialEq, Eq)]
pub struct Authorise {
    /// Our name for it.
    pub operation: OperationId,
    /// Taken or reserved.
    pub kind: Kind,
    /// The order; that of the authentication.
    pub order: String,
    /// How much; what was authenticated.
    pub amount: Money,
    /// The authentication that it uses up.
    pub authentication: Option<AuthenticationId>,
    /// With what, where it is said again.
    pub means: Option<Means>,
    /// What proves that a network's token is used by whom it was made for.
    pub cryptogram: Option<Zeroizing<String>>,
}

/// What an operation follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Original {
    /// By the network's name for it.
    Transaction(TransactionId),
    /// By ours: the only one there is where no answer came, and the money must not stay reserved.
    Operation(OperationId),
}

/// Asks for something further with a transaction: to capture it, or to give money back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// Our name for it.
    pub operation: OperationId,
    /// What it follows.
    pub original: Original,
    /// How much.
    pub amount: Money,
}

/// Asks to undo a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// Our name for it.
    pub operation: OperationId,
    /// What is undone.
    pub original: Original,
}

/// Asks what became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Our name for it.
    pub operation: OperationId,
}

/// Asks to keep a card.
#[derive(Debug, PartialEq, Eq)]
pub struct Keep {
    /// Our name for the request.
    pub operation: OperationId,
    /// The card.
    pub card: Card,
}

/// Whether a card is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is.
    Kept {
        /// The network's name for it: who has it can pay.
        token: String,
    },
    /// It is not.
    Refused(Refusal),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept { .. } => f.write_str("Kept(…)"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

/// Asks to forget a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Forget {
    /// The network's name for it.
    pub token: String,
}

impl fmt::Debug for Forget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forget(…)")
    }
}

/// What became of an operation that moves money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Approved(Approval),
    /// It was not done, and will not be.
    Declined {
        /// The network's name for it, where it got one.
        transaction: Option<TransactionId>,
        /// Why not.
        refusal: Refusal,
    },
    /// The far end does not know yet. Ask again by status.
    Unknown {
        /// The network's name for it, where it got one.
        transaction: Option<TransactionId>,
        /// What it said.
        response: ResponseCode,
    },
}

impl Outcome {
    /// What a network's code makes of an operation. `approval` is what it tells with an approval.
    pub fn of_response(
        response: ResponseCode,
        transaction: Option<TransactionId>,
        approval: impl FnOnce() -> Option<Approval>,
    ) -> Self {
        match response.certainty() {
            Certainty::Approved => match approval() {
                Some(approval) => Self::Approved(approval),
                // An approval that nothing can be refunded or proved by has to be asked for again.
                None => Self::Unknown { transaction, response },
            },
            Certainty::Declined => {
                Self::Declined { transaction, refusal: Refusal::Network(response) }
            }
            Certainty::Unknown => Self::Unknown { transaction, response },
        }
    }

    /// How certain it is.
    pub const fn certainty(&self) -> Certainty {
        match self {
            Self::Approved(_) => Certainty::Approved,
            Self::Declined { .. } => Certainty::Declined,
            Self::Unknown { .. } => Certainty::Unknown,
        }
    }
}

/// What is found by an operation's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It arrived, and this became of it. Whose outcome is unknown is asked for again.
    Operation(Outcome),
    /// An authentication, and how it stands.
    Authentication {
        /// The network's name for it.
        authentication: AuthenticationId,
        /// How it stands.
        stands: Authenticated,
    },
    /// Nothing of that name has arrived. Of what was sent a moment ago that is no refusal: it may be on its way.
    Nothing,
}

#[cfg(test)]
mod tests {
    use torana_domain::Currency;

    use super::*;

    fn approval() -> Approval {
        Approval {
            transaction: "84439384617".parse().unwrap(),
            amount: Money::from_minor(56700, Currency::INR),
            reference_number: "315214384258".to_owned(),
            authorisation_code: "145601".to_owned(),
            scheme_transaction: None,
        }
    }

    #[test]
    fn a_code_makes_an_outcome_as_certain_as_itself() {
        for code in ResponseCode::all().chain(["ZZ".parse().unwrap()]) {
            let outcome = Outcome::of_response(code, None, || Some(approval()));
            assert_eq!(outcome.certainty(), code.certainty(), "{code}");
        }
    }

    #[test]
    fn an_approval_that_proves_nothing_is_unknown() {
        let outcome = Outcome::of_response(ResponseCode::APPROVED, None, || None);
        assert_eq!(outcome.certainty(), Certainty::Unknown);
    }

    #[test]
    fn only_what_never_left_is_certain_without_an_answer() {
        assert_eq!(NoAnswer::Lost.certainty(), Certainty::Unknown);
        assert_eq!(NoAnswer::NotReached.certainty(), Certainty::Declined);
    }

    #[test]
    fn a_browser_is_complete_or_not() {
        let browser = Browser {
            accept: "*/*".to_owned(),
            ip: "189.6.239.59".to_owned(),
            language: "en".to_owned(),
            user_agent: "x".to_owned(),
        };
        assert!(browser.is_complete());
        assert!(!Browser { language: String::new(), ..browser }.is_complete());
    }
}
