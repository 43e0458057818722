//! What is said of money: taken, reserved, undone or given back, and what became of it.

use std::fmt;

use torana_domain::Money;
use torana_domain::card::{
    Approval, AuthenticationId, Certainty, Kind, Means, OperationId, Refusal, ResponseCode,
    TransactionId,
};
use zeroize::Zeroizing;

use super::authenticating::Authenticated;

/// Asks for the money.
#[derive(PartialEq, Eq)]
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
    /// The card, or the network's name of one that it keeps, where it is sent again.
    pub means: Option<Means>,
    /// What proves a network's token, as text.
    pub cryptogram: Option<Zeroizing<String>>,
}

impl fmt::Debug for Authorise {
    /// All but the cryptogram, which is good for one payment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorise")
            .field("operation", &self.operation)
            .field("kind", &self.kind)
            .field("order", &self.order)
            .field("amount", &self.amount)
            .field("authentication", &self.authentication)
            .field("means", &self.means)
            .field("has_cryptogram", &self.cryptogram.is_some())
            .finish()
    }
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

/// Asks to undo a transaction. It has no amount: what is undone is undone whole, and a part is given back by a refund.
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
    /// It arrived, and nothing was answered. Ask by status.
    Lost,
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
            Self::Unknown { .. } | Self::Lost => Certainty::Unknown,
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
        assert_eq!(Outcome::Lost.certainty(), Certainty::Unknown);
    }

    #[test]
    fn an_approval_that_proves_nothing_is_unknown() {
        let outcome = Outcome::of_response(ResponseCode::APPROVED, None, || None);
        assert_eq!(outcome.certainty(), Certainty::Unknown);
    }
}
