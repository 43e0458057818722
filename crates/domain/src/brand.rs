//! What the core needs to know of a brand (one shop): whether its money is real, and its rules.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Currency;
use crate::fee::FeeRule;
use crate::limits::AmountLimits;

/// Whether a brand's money is real. The two never share credentials, ledgers or payments: a brand is one
/// or the other for life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Simulated money; every outcome can be triggered.
    Test,
    /// Real money.
    Live,
}

impl Mode {
    /// `test` or `live`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

/// The text is neither `test` nor `live`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("mode must be test or live")]
pub struct NotAMode;

impl FromStr for Mode {
    type Err = NotAMode;

    fn from_str(text: &str) -> Result<Self, NotAMode> {
        match text {
            "test" => Ok(Self::Test),
            "live" => Ok(Self::Live),
            _ => Err(NotAMode),
        }
    }
}

/// A brand's rules for its payments. A payment takes a copy of what it needs when it is created: a later
/// change of the rules does not reach back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The currency of payments whose request names none.
    pub currency: Currency,
    /// What a payment costs, and who bears it.
    pub fee: FeeRule,
    /// How many minor units a receipt may be below what is due and still pay.
    pub tolerance_minor: i64,
    /// Milliseconds after which an unpaid payment expires.
    pub expiry_ms: i64,
    /// The smallest and largest amount of one payment.
    pub limits: AmountLimits,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            currency: Currency::BDT,
            fee: FeeRule::default(),
            tolerance_minor: 0,
            // An hour: long enough to walk to an agent and pay in cash, short enough to free the stock.
            expiry_ms: 60 * 60 * 1000,
            limits: AmountLimits::default(),
        }
    }
}
