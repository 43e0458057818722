//! Limits, in one place, each with its reason.

use serde::{Deserialize, Serialize};

use crate::Money;

/// Attempts that one payment keeps. A payer mistypes a few times; hundreds are an attack on the row's size.
pub const ATTEMPTS_PER_PAYMENT: usize = 20;
/// Attempts of one payment that may wait for their receipts at once, and from how many on a person looks before one
/// of them pays. Some wallets' TrxIDs are counters: whoever names many of them is fishing for others' money.
pub const WAITING_ATTEMPTS: usize = 5;
/// See [`WAITING_ATTEMPTS`].
pub const WAITING_ATTEMPTS_UNDOUBTED: usize = 3;
/// How much older than a payment, in milliseconds, a receipt that pays it may be. Payers often send the money first;
/// money of last week was sent for something else.
pub const RECEIPT_AGE_MS_MAX: i64 = 24 * 60 * 60 * 1000;
/// Refunds of one payment, done or not.
pub const REFUNDS_PER_PAYMENT: usize = 100;
/// Chargebacks of one payment, decided or not. Networks allow one or two; more is a mistake.
pub const CHARGEBACKS_PER_PAYMENT: usize = 10;
/// How much of what a payer's browser calls itself is kept, in characters.
pub const USER_AGENT_CHARS: usize = 300;
/// Shortest and longest reference that a payer may type, in characters. Nagad's have 8, a bank's up to 30.
pub const REFERENCE_CHARS: std::ops::RangeInclusive<usize> = 6..=30;

/// The smallest and largest amount of one payment, in minor units of the payment's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AmountLimits {
    /// Smallest amount, inclusive; at least one minor unit.
    pub min_minor: i64,
    /// Largest amount, inclusive.
    pub max_minor: i64,
}

impl Default for AmountLimits {
    /// From one minor unit to 1,000,000 with two decimals, the largest that RupantorPay's engine takes.
    fn default() -> Self {
        Self { min_minor: 1, max_minor: 100_000_000 }
    }
}

impl AmountLimits {
    /// Whether `amount` is within, and more than nothing.
    pub fn allow(&self, amount: Money) -> bool {
        let floor = self.min_minor.max(1);
        (floor..=self.max_minor).contains(&amount.minor())
    }
}

/// What a rail account may take: a personal wallet has limits of its own, set by its issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountLimits {
    /// Smallest payment that it is offered for, in minor units; none when absent.
    pub min_minor: Option<i64>,
    /// Largest payment that it is offered for, in minor units; none when absent.
    pub max_minor: Option<i64>,
}

impl AccountLimits {
    /// Whether a payment of `due` may be offered this account.
    pub fn allow(&self, due: Money) -> bool {
        self.min_minor.is_none_or(|min| due.minor() >= min)
            && self.max_minor.is_none_or(|max| due.minor() <= max)
    }
}
