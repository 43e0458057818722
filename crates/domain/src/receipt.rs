//! Receipts: proof, seen by Torana itself, that money arrived on a rail account of the brand.
//!
//! A receipt pays at most one payment, ever. One that pays none (unknown, too small, too old, doubtful)
//! is kept and shown until a person resolves it.

use serde::{Deserialize, Serialize};

use crate::ledger::{Account, LedgerError, Purpose, Transaction};
use crate::{AccountId, Money, PaymentId, Timestamp};

/// How far a receipt is believed. Only [`Confidence::Low`] keeps it from paying by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Two or more signs of forgery or a wrong clock: a person must look.
    Low,
    /// One sign that something is odd, such as a gap in the balance chain.
    Medium,
    /// Everything that can be checked agrees.
    High,
}

/// What identifies a receipt within its brand: the rail's own name (a wallet's slug such as `bkash`) and
/// the reference that the rail gave the transfer (TrxID, UTR), in upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReceiptKey {
    /// The rail or wallet, as a slug: `bkash`, `nagad`, `upi`.
    pub method: String,
    /// The whole reference, in upper case. Equality of the whole token is the only match there is.
    pub reference: String,
}

impl ReceiptKey {
    /// A key; the reference is trimmed and put in upper case.
    pub fn new(method: &str, reference: &str) -> Self {
        Self { method: method.to_owned(), reference: normalise_reference(reference) }
    }
}

/// A reference as receipts are keyed by it: trimmed, Bengali and Devanagari digits made ASCII, upper
/// case. Look-alike letters are left alone: they must not match.
pub fn normalise_reference(reference: &str) -> String {
    reference.trim().chars().map(|c| ascii_digit(c).to_ascii_uppercase()).collect()
}

/// A digit of a Bengali or Devanagari keyboard as an ASCII one; every other sign as it is.
pub fn ascii_digit(sign: char) -> char {
    let zero = match sign {
        '০'..='৯' => '০',
        '०'..='९' => '०',
        other => return other,
    };
    char::from_digit(u32::from(sign) - u32::from(zero), 10).unwrap_or(sign)
}

/// Money that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What identifies it within the brand.
    pub key: ReceiptKey,
    /// The brand's own account on which it arrived.
    pub account: AccountId,
    /// How much arrived.
    pub amount: Money,
    /// Who paid, where the rail says so: a phone number, possibly masked by the rail.
    pub payer: Option<String>,
    /// The number to which it can be sent back: the payer's own, and not that of an agent or a bank. May be masked.
    pub refund_to: Option<String>,
    /// When the rail says that it happened; otherwise when Torana heard of it.
    pub at: Timestamp,
    /// When Torana heard of it, by the brand's clock.
    pub heard_at: Timestamp,
    /// How far it is believed.
    pub confidence: Confidence,
    /// Why it is not believed more, as stable codes such as `balance_gap`.
    pub warnings: Vec<String>,
    /// Where it stands.
    pub state: ReceiptState,
}

/// Where a receipt stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ReceiptState {
    /// Pays nothing yet. `problem` is set once something is known to be wrong with it.
    Open {
        /// What keeps it from paying, if anything is known.
        problem: Option<Problem>,
        /// The payment that asked for it and could not have it, for a person to look at.
        suggested: Option<PaymentId>,
    },
    /// Pays this payment, for ever.
    Claimed {
        /// The one payment that it pays.
        payment: PaymentId,
        /// What a person should still see to, such as money that was sent too much; none once they did.
        remark: Option<Problem>,
    },
    /// A person looked at it and said that it pays no payment here; the reason is in the audit log.
    Dismissed,
}

/// What keeps an open receipt from paying, or what a person should see to though it pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Less than the payment needs, beyond the brand's tolerance.
    Short,
    /// The payment that names it was already paid by another receipt.
    Duplicate,
    /// It is believed too little to pay by itself, or whoever names it named too many.
    Doubtful,
    /// It was there long before the payment.
    Stale,
    /// Its currency is not the payment's.
    WrongCurrency,
    /// It pays, and is more than was due: the rest waits in suspense.
    Excess,
    /// It pays, after the payment had been declined, cancelled or expired.
    Late,
}

impl Problem {
    /// The stable code, as stored and shown to machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Duplicate => "duplicate",
            Self::Doubtful => "doubtful",
            Self::Stale => "stale",
            Self::WrongCurrency => "wrong_currency",
            Self::Excess => "excess",
            Self::Late => "late",
        }
    }
}

impl Receipt {
    /// The payment that it pays, if it does.
    pub fn claimed_by(&self) -> Option<PaymentId> {
        match self.state {
            ReceiptState::Claimed { payment, .. } => Some(payment),
            ReceiptState::Open { .. } | ReceiptState::Dismissed => None,
        }
    }
}

/// The books of a receipt that arrived: the rail account has the money, and no payment owns it yet.
pub fn arrival(receipt: &Receipt) -> Result<Transaction, LedgerError> {
    let credit = receipt.amount.negated()?;
    let movements = [(Account::Rail(receipt.account), receipt.amount), (Account::Suspense, credit)];
    Transaction::new(Purpose::Receipt, &movements)
}
