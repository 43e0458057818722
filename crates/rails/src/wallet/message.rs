//! What goes into reading a message and what comes out of it.

use serde::{Deserialize, Serialize};
use torana_domain::{Money, Timestamp};

use super::{Bank, Wallet, Warning};

/// What a message turned out to be. The caller stores all of them: no message is ever dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Reading {
    /// Money came in.
    Receipt(Notice),
    /// Money left the account, to whom and how much is known.
    Sent(SentNotice),
    /// The wallet says something else: it pays nothing, but its balance continues the balance chain.
    NotMoney {
        /// Whose message it is.
        wallet: Wallet,
        /// The bank, when the wallet is [`Wallet::Bank`].
        bank: Option<Bank>,
        /// What it says instead.
        why: WhyNotMoney,
        /// The account's balance after it, where it moved money.
        balance: Option<Money>,
    },
    /// Not understood: a person should look.
    Unread {
        /// Whose message it is, if the sender is known.
        wallet: Option<Wallet>,
        /// What was not understood.
        why: WhyUnread,
    },
}

/// What a wallet's message says when it does not say that a payer's money came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotMoney {
    /// Money left the account, but the text does not say all that a [`SentNotice`] does.
    Outgoing,
    /// The wallet's own gift; it is worded much like a payment.
    Cashback,
    /// A secret code. The caller should not show its body.
    OneTimePassword,
    /// Advertising.
    Promotion,
}

impl WhyNotMoney {
    /// A stable code for storage and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::Cashback => "cashback",
            Self::OneTimePassword => "one_time_password",
            Self::Promotion => "promotion",
        }
    }
}

/// Why a message was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnread {
    /// The sender is on no wallet's allow-list.
    UnknownSender,
    /// The sender is a wallet, but the text is in none of its known wordings.
    UnknownWording,
    /// The text is longer than any SMS of a wallet.
    TooLong,
}

impl WhyUnread {
    /// A stable code for storage and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownSender => "unknown_sender",
            Self::UnknownWording => "unknown_wording",
            Self::TooLong => "too_long",
        }
    }
}

/// Money that left the account to a person, as the message says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentNotice {
    /// The wallet.
    pub wallet: Wallet,
    /// How much the other side got, in taka; more than zero. The fee is not in it.
    pub amount: Money,
    /// The whole TrxID, in upper case.
    pub reference: String,
    /// Who got it: the number with its eleven digits, or as the wallet masks it (`***515`).
    pub payee: Option<String>,
    /// The account's balance after it.
    pub balance: Option<Money>,
    /// What the wallet took on top of the amount.
    pub fee: Option<Money>,
    /// What was written on the sending phone. To be shown, never to be believed or parsed.
    pub note: Option<String>,
    /// When the wallet says that it happened; the wallets write Dhaka time, usually to the minute.
    pub sent_at: Option<Timestamp>,
    /// What looks odd about the text itself.
    pub warnings: Vec<Warning>,
}

/// On what kind of account, or by what way, money came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person's account: money sent by another person, or cash taken in by an agent.
    Personal,
    /// A merchant's account.
    Merchant,
    /// An agent's account: a customer's cash-out, or another agent.
    Agent,
    /// From a bank or card, or into a bank account.
    Deposit,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Personal, Self::Merchant, Self::Agent, Self::Deposit];

    /// A stable code for storage and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Merchant => "merchant",
            Self::Agent => "agent",
            Self::Deposit => "deposit",
        }
    }
}

/// Money that came in, as the message says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The wallet.
    pub wallet: Wallet,
    /// The bank, when the wallet is [`Wallet::Bank`].
    pub bank: Option<Bank>,
    /// What kind of account or way.
    pub kind: Kind,
    /// How much came in, in taka; more than zero.
    pub amount: Money,
    /// The whole TrxID, in upper case.
    pub reference: String,
    /// Whether the message has no TrxID, so that the reference is a hash of bank and text. Two equal
    /// messages then have one reference: the same SMS delivered twice and a second equal deposit look alike.
    pub reference_is_derived: bool,
    /// Who paid: a number, possibly masked by the wallet (`***515`), or a bank's name.
    pub payer: Option<String>,
    /// The number to which it can be sent back: the payer's own, where the payer is neither an agent who took cash nor a
    /// bank. May be masked.
    pub refund_to: Option<String>,
    /// The account's balance after it.
    pub balance: Option<Money>,
    /// What the wallet kept of the amount.
    pub fee: Option<Money>,
    /// What an agent earned by it, rounded down to a whole paisa (wallets print four decimals).
    pub commission: Option<Money>,
    /// What the payer wrote. To be shown, never to be believed or parsed.
    pub note: Option<String>,
    /// When the wallet says that it happened; the wallets write Dhaka time, usually to the minute.
    pub sent_at: Option<Timestamp>,
    /// What looks odd about the text itself; [`super::assess`] adds what the chain and the clock show.
    pub warnings: Vec<Warning>,
}
