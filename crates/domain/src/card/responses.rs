//! What a network answers: two characters, what they mean, and how certain they make an outcome.
//!
//! A refusal is certain only where an issuer or the network has refused. Where they say that something
//! broke on the way, came too late or is still going on, nobody has refused, and the outcome is *unknown*
//! until it is asked for: a payer who is told no, and is charged, pays twice. The same holds for a code that
//! is not in the table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How certain an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It was done.
    Approved,
    /// It was not done, and will not be.
    Declined,
    /// Nobody knows yet: ask.
    Unknown,
}

/// What can be advised to a payer who is refused. It says nothing that helps to try stolen cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Nothing: it was not refused.
    None,
    /// What was typed is wrong.
    CheckDetails,
    /// The issuer says no, and why is between it and its customer.
    AskIssuer,
    /// This card will not do.
    OtherCard,
    /// The card may do later, or for less.
    LaterOrLess,
    /// It is not the payer's matter: the merchant's set-up is wrong.
    Merchant,
}

/// Two letters or digits: data element 39 of ISO 8583.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseCode([u8; 2]);

/// The text is not two letters or digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a response code is two letters or digits")]
pub struct NotAResponseCode;

impl ResponseCode {
    /// Approved.
    pub const APPROVED: Self = Self(*b"00");
    /// A part was approved. No request of ours allows that, and asking again says the same: who is answered so
    /// lets the part go (voids it by its own name), and until then the outcome is unknown.
    pub const PARTLY_APPROVED: Self = Self(*b"10");
    /// The issuer says no and not why.
    pub const DO_NOT_HONOUR: Self = Self(*b"05");
    /// No card has that number.
    pub const NO_SUCH_CARD: Self = Self(*b"14");
    /// The amount is none.
    pub const INVALID_AMOUNT: Self = Self(*b"13");
    /// The card may not be used so.
    pub const RESTRICTED: Self = Self(*b"62");
    /// What protects the card was missing or wrong; of a network's token, its cryptogram.
    pub const SECURITY_VIOLATION: Self = Self(*b"63");
    /// The card's month is over.
    pub const EXPIRED: Self = Self(*b"54");
    /// The request is being worked on.
    pub const IN_PROGRESS: Self = Self(*b"09");
    /// The payer was not authenticated.
    pub const NOT_AUTHENTICATED: Self = Self(*b"1A");
    /// An answer that came too late: what it said is not known.
    pub const TOO_LATE: Self = Self(*b"68");

    /// The two characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What it means, for logs and the merchant's panel.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("not in our table", |(_, meaning, ..)| meaning)
    }

    /// How certain it is. A code that is not in the table is nobody's refusal.
    pub fn certainty(self) -> Certainty {
        self.entry().map_or(Unknown, |(_, _, certainty, _)| *certainty)
    }

    /// What can be advised to the payer.
    pub fn advice(self) -> Advice {
        self.entry().map_or(Advice::None, |(.., advice)| *advice)
    }

    /// Every code of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(code, ..)| Self(**code))
    }

    fn entry(self) -> Option<&'static Entry> {
        TABLE.iter().find(|(code, ..)| **code == self.0)
    }
}

impl FromStr for ResponseCode {
    type Err = NotAResponseCode;

    /// Letters in either case.
    fn from_str(text: &str) -> Result<Self, NotAResponseCode> {
        let code: [u8; 2] = text.as_bytes().try_into().map_err(|_| NotAResponseCode)?;
        if code.iter().all(u8::is_ascii_alphanumeric) {
            Ok(Self(code.map(|byte| byte.to_ascii_uppercase())))
        } else {
            Err(NotAResponseCode)
        }
    }
}

impl TryFrom<String> for ResponseCode {
    type Error = NotAResponseCode;

    fn try_from(text: String) -> Result<Self, NotAResponseCode> {
        text.parse()
    }
}

impl From<ResponseCode> for String {
    fn from(code: ResponseCode) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponseCode({})", self.as_str())
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

type Entry = (&'static [u8; 2], &'static str, Certainty, Advice);

use Advice as A;
use Certainty::{Approved, Declined, Unknown};

/// By code. 10 is no approval: what was asked for is more; nor a refusal: a part is taken. See
/// [`ResponseCode::PARTLY_APPROVED`].
const TABLE: [Entry; 48] = [
    (b"00", "approved", Approved, A::None),
    (b"01", "refer to the issuer", Declined, A::AskIssuer),
    (b"02", "refer to the issuer, special condition", Declined, A::AskIssuer),
    (b"03", "invalid merchant", Declined, A::Merchant),
    (b"04", "pick up the card", Declined, A::OtherCard),
    (b"05", "do not honour", Declined, A::AskIssuer),
    (b"06", "error", Unknown, A::None),
    (b"07", "pick up the card, special condition", Declined, A::OtherCard),
    (b"09", "request in progress", Unknown, A::None),
    (b"10", "approved for a part", Unknown, A::None),
    (b"12", "invalid transaction", Declined, A::OtherCard),
    (b"13", "invalid amount", Declined, A::Merchant),
    (b"14", "no such card", Declined, A::CheckDetails),
    (b"15", "no such issuer", Declined, A::CheckDetails),
    (b"1A", "authentication of the payer is missing", Declined, A::AskIssuer),
    (b"22", "suspected malfunction", Unknown, A::None),
    (b"25", "no such record", Declined, A::Merchant),
    (b"28", "record not available", Unknown, A::None),
    (b"30", "format error", Declined, A::Merchant),
    (b"33", "expired card, pick up", Declined, A::OtherCard),
    (b"34", "suspected fraud, pick up", Declined, A::OtherCard),
    (b"36", "restricted card, pick up", Declined, A::OtherCard),
    (b"39", "no credit account", Declined, A::OtherCard),
    (b"41", "lost card", Declined, A::OtherCard),
    (b"43", "stolen card", Declined, A::OtherCard),
    (b"51", "insufficient funds", Declined, A::LaterOrLess),
    (b"52", "no current account", Declined, A::OtherCard),
    (b"53", "no savings account", Declined, A::OtherCard),
    (b"54", "expired card", Declined, A::CheckDetails),
    (b"55", "wrong PIN", Declined, A::CheckDetails),
    (b"57", "not permitted to the holder", Declined, A::OtherCard),
    (b"58", "not permitted to the terminal", Declined, A::Merchant),
    (b"59", "suspected fraud", Declined, A::AskIssuer),
    (b"60", "the merchant must ask the acquirer", Declined, A::Merchant),
    (b"61", "exceeds the amount limit", Declined, A::LaterOrLess),
    (b"62", "restricted card", Declined, A::OtherCard),
    (b"63", "security violation", Declined, A::OtherCard),
    (b"65", "exceeds the frequency limit", Declined, A::LaterOrLess),
    (b"68", "answer came too late", Unknown, A::None),
    (b"75", "too many PIN tries", Declined, A::OtherCard),
    (b"82", "wrong security code", Declined, A::CheckDetails),
    (b"89", "authentication failure", Declined, A::Merchant),
    (b"91", "issuer or switch inoperative", Unknown, A::None),
    (b"92", "no route to the issuer", Declined, A::OtherCard),
    (b"93", "violation of law", Declined, A::OtherCard),
    (b"94", "duplicate transmission", Unknown, A::None),
    (b"96", "system malfunction", Unknown, A::None),
    (b"C2", "closed account", Declined, A::OtherCard),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> ResponseCode {
        text.parse().unwrap()
    }

    #[test]
    fn one_code_approves() {
        let approving: Vec<_> =
            ResponseCode::all().filter(|code| code.certainty() == Approved).collect();
        assert_eq!(approving, [ResponseCode::APPROVED]);
    }

    #[test]
    fn refusals_are_certain_and_breakdowns_are_not() {
        for code in ["05", "14", "51", "54", "55", "57", "61", "62", "65", "75", "1a"] {
            assert_eq!(of(code).certainty(), Declined, "{code}");
            assert_ne!(of(code).advice(), Advice::None, "{code}");
        }
        for code in ["06", "09", "10", "68", "91", "94", "96", "ZZ", "99", "0X"] {
            assert_eq!(of(code).certainty(), Unknown, "{code}");
            assert_eq!(of(code).advice(), Advice::None, "{code}");
        }
        assert_eq!((of("60").certainty(), of("60").advice()), (Declined, Advice::Merchant));
        assert_eq!(ResponseCode::PARTLY_APPROVED.meaning(), "approved for a part");
        assert_eq!(of("51").meaning(), "insufficient funds");
        assert_eq!(of("ZZ").meaning(), "not in our table");
    }

    #[test]
    fn the_table_is_in_order_and_names_no_code_twice() {
        let codes: Vec<String> = ResponseCode::all().map(String::from).collect();
        assert!(codes.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "0", "000", "0 ", "-5", "é"] {
            assert_eq!(text.parse::<ResponseCode>(), Err(NotAResponseCode), "{text}");
        }
        assert_eq!(of("c2"), of("C2"));
    }

    proptest! {
        #[test]
        fn only_a_refusal_is_advised_about(text in "[0-9A-Z]{2}") {
            let code = of(&text);
            prop_assert_eq!(code.advice() == Advice::None, code.certainty() != Declined);
            prop_assert_eq!(code.to_string(), text);
        }
    }
}
