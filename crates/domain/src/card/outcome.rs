//! What becomes of what is asked of a card network: approvals with their proof, and refusals with their reason.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::authentication::NotServed;
use super::ids::TransactionId;
use super::responses::ResponseCode;
use crate::Money;

/// Whether money is taken or reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Taken at once.
    Sale,
    /// Reserved until it is captured or voided.
    Preauthorisation,
}

/// How an authentication ends without a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationEnd {
    /// Too many wrong codes.
    Locked,
    /// Too much time went by.
    Expired,
    /// The payer gave up.
    Abandoned,
    /// The issuer says no.
    Refused,
    /// Nobody knows of such an authentication.
    NoSuch,
}

impl AuthenticationEnd {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
            Self::Refused => "refused",
            Self::NoSuch => "no_such",
        }
    }
}

/// What proves an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The network's name for the transaction; what follows it names it.
    pub transaction: TransactionId,
    /// How much.
    pub amount: Money,
    /// The retrieval reference number, twelve digits, which statements and disputes name.
    pub reference_number: String,
    /// The issuer's code.
    pub authorisation_code: String,
    /// The network's number over all its systems, where it tells one.
    pub scheme_transaction: Option<String>,
}

/// Why something is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The issuer or the network says so.
    Network(ResponseCode),
    /// The sale is not what the payer was authenticated for.
    Authentication(NotServed),
    /// It contradicts what was done before.
    Rule(Contradiction),
    /// A gateway on the way to the network says so, in words of its own.
    Gateway {
        /// Its code, as it writes it.
        code: String,
        /// What it says.
        text: String,
    },
}

impl Refusal {
    /// A stable code for logs and machines; a network's or a gateway's own where it has said one.
    pub fn code(&self) -> &str {
        match self {
            Self::Network(response) => response.as_str(),
            Self::Authentication(why) => why.code(),
            Self::Rule(why) => why.code(),
            Self::Gateway { code, .. } => code,
        }
    }

    /// What it means, for logs and the merchant; a gateway's own words where it has said some.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Network(response) => response.meaning().into(),
            Self::Authentication(why) => why.to_string().into(),
            Self::Rule(why) => why.to_string().into(),
            Self::Gateway { text, .. } => text.into(),
        }
    }
}

/// Why an operation cannot follow what was done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contradiction {
    /// No such transaction.
    #[error("no such transaction")]
    NoSuchTransaction,
    /// It was not approved, is undone, or is of another kind.
    #[error("the transaction is not in the right state")]
    WrongState,
    /// More than is left, nothing, or another currency.
    #[error("the amount does not fit the transaction")]
    WrongAmount,
    /// Its day is over: it can be refunded, and not voided any more.
    #[error("the transaction is too old to be voided")]
    TooLate,
    /// The name belongs to another operation.
    #[error("the name belongs to another operation")]
    NameTaken,
}

impl Contradiction {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchTransaction => "card_no_such_transaction",
            Self::WrongState => "card_wrong_state",
            Self::WrongAmount => "card_wrong_amount",
            Self::TooLate => "card_too_late_to_void",
            Self::NameTaken => "card_name_taken",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_who_refuses_and_why() {
        let gateway =
            Refusal::Gateway { code: "5005".to_owned(), text: "duplicate lockout".to_owned() };
        for (refusal, code, text) in [
            (Refusal::Network(ResponseCode::EXPIRED), "54", "expired card"),
            (
                Refusal::Authentication(NotServed::TooOld),
                "card_authentication_too_old",
                "the authentication is too old",
            ),
            (
                Refusal::Rule(Contradiction::NameTaken),
                "card_name_taken",
                "the name belongs to another operation",
            ),
            (gateway, "5005", "duplicate lockout"),
        ] {
            assert_eq!((refusal.code(), &*refusal.text()), (code, text));
            let stored = serde_json::to_string(&refusal).unwrap();
            assert_eq!(serde_json::from_str::<Refusal>(&stored).unwrap(), refusal);
        }
    }
}
