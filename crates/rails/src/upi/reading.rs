//! What a bank's message turned out to be.

use serde::{Deserialize, Serialize};
use torana_domain::ids::PaymentNumber;
use torana_domain::{Money, Timestamp};

use super::{Bank, Warning, number_of};

const UTR_DIGITS: usize = 12;

/// What a message turned out to be. The caller stores all of them: no message is ever dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "made one at a time, and mostly a credit")]
pub enum Reading {
    /// Money came in.
    Credit(Credit),
    /// The bank says something else.
    NotMoney {
        /// Whose message it is.
        bank: Option<Bank>,
        /// What it says instead.
        why: WhyNotMoney,
    },
    /// Not understood: a person should look.
    Unread {
        /// Whose message it is, if the sender is known.
        bank: Option<Bank>,
        /// What was not understood.
        why: WhyUnread,
    },
}

/// What a bank's message says when it does not say that a payer's money came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotMoney {
    /// Money left the account.
    Outgoing,
    /// A secret code. The caller should not show its body.
    OneTimePassword,
    /// Advertising.
    Promotion,
    /// Somebody asks for money.
    CollectRequest,
    /// A mandate, or a movement that is only announced.
    Announcement,
    /// A payment that failed, was declined, or came back.
    Failed,
}

impl WhyNotMoney {
    /// A stable code for storage and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::OneTimePassword => "one_time_password",
            Self::Promotion => "promotion",
            Self::CollectRequest => "collect_request",
            Self::Announcement => "announcement",
            Self::Failed => "failed",
        }
    }
}

/// Why a message was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnread {
    /// The sender is no bank's header. Apps' notifications are here too.
    UnknownSender,
    /// The sender is a bank, but the text is in none of its known wordings.
    UnknownWording,
    /// The text is longer than any SMS of a bank.
    TooLong,
    /// More than one number could be the UTR, or more than one sum the amount.
    Ambiguous,
}

impl WhyUnread {
    /// A stable code for storage and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownSender => "unknown_sender",
            Self::UnknownWording => "unknown_wording",
            Self::TooLong => "too_long",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// Money that came in, as the bank says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whose message it is.
    pub bank: Bank,
    /// How much came in, in rupees; more than zero.
    pub amount: Money,
    /// The UTR, twelve digits; or derived from bank and text where the bank prints none.
    pub reference: String,
    /// Whether the reference is derived. Two equal messages then have one reference: the same SMS
    /// delivered twice and a second equal payment look alike.
    pub reference_is_derived: bool,
    /// Who paid: an address or a name, as the bank prints it.
    pub payer: Option<String>,
    /// The address to which it can be sent back; never a name.
    pub refund_to: Option<String>,
    /// The last visible digits of the account that was paid, up to four.
    pub account_tail: Option<String>,
    /// The account's balance after it. Shown only: no balance chain is kept for banks.
    pub balance: Option<Money>,
    /// The payer's remark, or the bank's narration after the payer's name. To be shown, never believed.
    pub note: Option<String>,
    /// When it happened, where the text has a time.
    pub sent_at: Option<Timestamp>,
    /// Start and end of the day in India on which it happened, where the text has a date.
    pub sent_on: Option<(Timestamp, Timestamp)>,
    /// What looks odd about the text itself; [`super::assess`] adds what account and clock show.
    pub warnings: Vec<Warning>,
}

/// Whether a text is a UTR (also called RRN or UPI reference): twelve digits and nothing else. Some banks
/// begin it with the date, most do not, so nothing more can be checked.
pub fn is_utr(text: &str) -> bool {
    text.len() == UTR_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The payment whose reference stands as a word of its own in the payer's remark or in the narration. That
/// the payer means this payment is all that it says; `None` too where two payments are named.
pub fn named_payment(credit: &Credit) -> Option<PaymentNumber> {
    let texts = [credit.note.as_deref(), credit.payer.as_deref()];
    let words =
        texts.into_iter().flatten().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut named = words.filter_map(number_of);
    let first = named.next()?;
    named.all(|other| other == first).then_some(first)
}
