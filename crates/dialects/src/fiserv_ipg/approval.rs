//! `approvalCode`: a small language of its own (provider §3).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::trace::{self, NotOfThisForm};

/// Digits of its own `ipgTransactionId` that an approval repeats.
const TRANSACTION_DIGITS: usize = 10;

/// What became of a transaction, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalCode {
    /// Money was taken: `Y:145601:4439384617:PPX :315214384258`.
    Approved {
        /// The issuer's code.
        authorization: String,
        /// The last ten digits of this transaction's `ipgTransactionId`.
        transaction: String,
        /// What was compared.
        checks: Checks,
        /// The processor's reference number.
        reference: String,
    },
    /// The payer is the cardholder: `Y:00:OTP verified successfully.`
    Confirmed {
        /// The network's code.
        code: String,
        /// What it means.
        text: String,
    },
    /// It was declined, by the processor, `N:05:Do Not Honour`, or with a minus by the gateway,
    /// `N:-28319:RuPay authentication error`. Of a one-time password that may be tried again, which no page tells of, a
    /// transaction that still waits can say so as well.
    Declined {
        /// Whose code has a minus is the gateway's.
        code: String,
        /// What it means.
        text: String,
    },
    /// It waits for the payer: `?:waiting authentication`.
    Waiting(String),
}

impl ApprovalCode {
    /// What a payer's authentication says while it waits.
    pub fn waiting_authentication() -> Self {
        Self::Waiting("waiting authentication".to_owned())
    }

    /// What it says once the one-time password was right.
    pub fn otp_verified() -> Self {
        Self::Confirmed { code: "00".to_owned(), text: "OTP verified successfully.".to_owned() }
    }

    /// Money that was taken without a comparison of addresses, as RuPay's always is.
    pub fn approved(authorization: &str, ipg_transaction_id: &str, reference: &str) -> Self {
        Self::Approved {
            authorization: authorization.to_owned(),
            transaction: trace::last(ipg_transaction_id, TRANSACTION_DIGITS).to_owned(),
            checks: Checks::NONE,
            reference: reference.to_owned(),
        }
    }
}

impl fmt::Display for ApprovalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approved { authorization, transaction, checks, reference } => {
                write!(f, "Y:{authorization}:{transaction}:{checks}:{reference}")
            }
            Self::Confirmed { code, text } => write!(f, "Y:{code}:{text}"),
            Self::Declined { code, text } => write!(f, "N:{code}:{text}"),
            Self::Waiting(what) => write!(f, "?:{what}"),
        }
    }
}

impl FromStr for ApprovalCode {
    type Err = NotOfThisForm;

    fn from_str(text: &str) -> Result<Self, NotOfThisForm> {
        let two = |rest: &str| {
            let (code, text) = rest.split_once(':').ok_or(NotOfThisForm)?;
            Ok((code.to_owned(), text.to_owned()))
        };
        let (kind, rest) = text.split_once(':').ok_or(NotOfThisForm)?;
        match kind {
            "Y" => match approved(rest) {
                Some(approved) => Ok(approved),
                None => two(rest).map(|(code, text)| Self::Confirmed { code, text }),
            },
            "N" => two(rest).map(|(code, text)| Self::Declined { code, text }),
            "?" => Ok(Self::Waiting(rest.to_owned())),
            _ => Err(NotOfThisForm),
        }
    }
}

fn approved(rest: &str) -> Option<ApprovalCode> {
    let mut parts = rest.split(':');
    let (authorization, transaction) = (parts.next()?, parts.next()?);
    let (checks, reference) = (parts.next()?.parse().ok()?, parts.next()?);
    let is_number = !transaction.is_empty() && transaction.bytes().all(|it| it.is_ascii_digit());
    (is_number && parts.next().is_none()).then(|| ApprovalCode::Approved {
        authorization: authorization.to_owned(),
        transaction: transaction.to_owned(),
        checks,
        reference: reference.to_owned(),
    })
}

impl Serialize for ApprovalCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether a part of the address is the cardholder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Match {
    /// It is.
    #[serde(rename = "Y")]
    Yes,
    /// It is not.
    #[serde(rename = "N")]
    No,
    /// Nothing was sent to be compared.
    #[serde(rename = "NO_INPUT_DATA")]
    NoInput,
}

impl Match {
    fn letter(self) -> char {
        match self {
            Self::Yes => 'Y',
            Self::No => 'N',
            Self::NoInput => 'P',
        }
    }

    fn of(letter: char) -> Option<Self> {
        [Self::Yes, Self::No, Self::NoInput].into_iter().find(|it| it.letter() == letter)
    }
}

/// What the security code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SecurityCodeResponse {
    /// The cardholder's.
    Matched,
    /// Another.
    NotMatched,
    /// Not looked at.
    NotProcessed,
    /// Not sent although the card has one.
    NotPresent,
    /// The issuer cannot tell.
    NotCertified,
    /// The issuer did not tell.
    NotChecked,
}

/// The four characters of an approval that tell what was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// The street.
    pub street: Match,
    /// The postal code.
    pub postal_code: Match,
    /// The network's own letter; `X` for none.
    pub raw: char,
    /// The letter of the security code; blank for none.
    pub security_code: char,
}

impl Checks {
    /// Nothing was compared: `PPX `.
    pub const NONE: Self =
        Self { street: Match::NoInput, postal_code: Match::NoInput, raw: 'X', security_code: ' ' };

    /// The word for the security code; none where its letter is blank or means nothing.
    pub fn security_code_response(self) -> Option<SecurityCodeResponse> {
        match self.security_code {
            'M' => Some(SecurityCodeResponse::Matched),
            'N' => Some(SecurityCodeResponse::NotMatched),
            'P' => Some(SecurityCodeResponse::NotProcessed),
            'S' => Some(SecurityCodeResponse::NotPresent),
            'U' => Some(SecurityCodeResponse::NotCertified),
            'X' => Some(SecurityCodeResponse::NotChecked),
            _ => None,
        }
    }
}

impl fmt::Display for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (street, postal_code) = (self.street.letter(), self.postal_code.letter());
        write!(f, "{street}{postal_code}{}{}", self.raw, self.security_code)
    }
}

impl FromStr for Checks {
    type Err = NotOfThisForm;

    fn from_str(text: &str) -> Result<Self, NotOfThisForm> {
        // An older interface leaves the blank at the end out.
        let letters: Vec<char> = text.chars().collect();
        let (&street, &postal_code, &raw, &security_code) = match letters.as_slice() {
            [street, postal_code, raw] => (street, postal_code, raw, &' '),
            [street, postal_code, raw, security_code] => (street, postal_code, raw, security_code),
            _ => return Err(NotOfThisForm),
        };
        if !raw.is_ascii_graphic() || !(security_code == ' ' || security_code.is_ascii_graphic()) {
            return Err(NotOfThisForm);
        }
        Ok(Self {
            street: Match::of(street).ok_or(NotOfThisForm)?,
            postal_code: Match::of(postal_code).ok_or(NotOfThisForm)?,
            raw,
            security_code,
        })
    }
}
