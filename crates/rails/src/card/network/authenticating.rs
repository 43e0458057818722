//! What is said of payers who have to prove to be holders.

use std::fmt;

use serde::{Deserialize, Serialize};
use torana_domain::Money;
use torana_domain::card::{
    AuthenticationEnd, AuthenticationId, Bin, Card, CardBrand, Means, OneTimeCode, OperationId,
    Refusal, otp,
};
use zeroize::Zeroize as _;

use crate::card::bins::Flows;

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
    /// The card, or the network's name of one that it keeps.
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
    /// Our name for the authentication: that under which it was begun.
    pub operation: OperationId,
    /// The network's name for it.
    pub authentication: AuthenticationId,
    /// The order for which it was begun.
    pub order: String,
    /// The card, where it was sent again. Another one than was asked about proves nothing.
    pub card: Option<Card>,
    /// What the payer did.
    pub proof: Proof,
}

/// What a payer did.
#[derive(Debug, PartialEq, Eq)]
pub enum Proof {
    /// Typed a code on our page, or the merchant's.
    Code(OneTimeCode),
    /// Asked there for another.
    Resend,
    /// Typed a code on the issuer's own page. Only the issuer's page says so, which is ours in test mode alone.
    PageCode(OneTimeCode),
    /// Asked there for another.
    PageResend,
    /// Came back from the issuer's page. Who answers verifies the fields' hash, and believes the network
    /// before the browser.
    Returned(ReturnedFields),
    /// Gave up.
    Abandon,
}

/// The form that a browser brought back. Its values do not print, and are wiped: nobody promises what is in them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReturnedFields(pub Vec<(String, String)>);

impl fmt::Debug for ReturnedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnedFields({} fields)", self.0.len())
    }
}

impl Drop for ReturnedFields {
    fn drop(&mut self) {
        for (name, value) in &mut self.0 {
            name.zeroize();
            value.zeroize();
        }
    }
}

/// How an authentication stands after a step, with what the network itself said of that, for an API to repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationAnswer {
    /// How it stands.
    pub stands: Authenticated,
    /// The network's own code, where it told one.
    pub code: Option<String>,
    /// Its own text, where it told one.
    pub text: Option<String>,
}

impl From<Authenticated> for AuthenticationAnswer {
    /// Where the network has said nothing of its own.
    fn from(stands: Authenticated) -> Self {
        Self { stands, code: None, text: None }
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
    /// A code for our page where the payer goes to the issuer's, or the other way round. Nothing was changed or counted.
    WrongWay,
    /// Another card was sent than is being authenticated. Nothing was changed or counted.
    OtherCard,
    /// It ended without a proof, for good.
    Failed(AuthenticationEnd),
}

#[cfg(test)]
mod tests {
    use super::*;

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
