//! The card rail: the network behind one trait, and what this server keeps of cards for a while.
//!
//! What is asked and answered stands in `torana_rails::card`; what becomes of a payment is decided in
//! `torana_domain::payment`; the order in which things are written, asked and written again is
//! [`crate::gateway::cards`]'s.
//!
//! *Invariant:* a card's number is on disk only sealed, between the authentication of its holder and the sale; security
//! codes and one-time codes never are.

mod held;
mod network;
mod simulated;
mod upstream;

pub use held::{HeldCard, fingerprint_key, guard_key};
pub use network::{CardNetwork, Network};
pub use simulated::{ISSUER_PATH, Simulated};
pub use upstream::{Upstream, UpstreamSecret};

use torana_dialects::cards::Terminal;
use torana_domain::Money;
use torana_domain::card::otp::Rules;
use torana_store::AccountRow;

use crate::brands::Brand;
use crate::rails::{self, CARD};

/// Whom an account leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FarEnd {
    /// The simulated network, in this process.
    Simulator,
    /// Another gateway that speaks IPG's API.
    Ipg,
}

impl FarEnd {
    /// The word for it, as an account's kind.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Ipg => "ipg",
        }
    }

    /// That of an account; live brands have no simulator.
    pub fn of(account: &AccountRow) -> Option<Self> {
        [Self::Simulator, Self::Ipg].into_iter().find(|far_end| far_end.code() == account.kind)
    }
}

impl Brand {
    /// The account over which cards of that currency and amount go.
    pub fn card_account(&self, due: Money) -> Option<&AccountRow> {
        self.accounts.iter().find(|account| account.rail == CARD && rails::is_offered(account, due))
    }

    /// How careful it is with one-time codes.
    pub fn otp_rules(&self) -> Rules {
        if self.is_test() { Rules::TEST } else { Rules::default() }
    }
}

/// The acquirer's names of the merchant, as answers of APIs show them: eight and fifteen characters.
pub fn terminal(account: &AccountRow) -> Terminal {
    let digits: String = account.number.chars().filter(char::is_ascii_alphanumeric).collect();
    let last = |count: usize| {
        let skipped = digits.len().saturating_sub(count);
        digits.get(skipped..).unwrap_or_default().to_owned()
    };
    let details = &account.details;
    Terminal {
        terminal_id: details.terminal.clone().unwrap_or_else(|| format!("{:0>8}", last(4))),
        merchant_id: details.merchant_id.clone().unwrap_or_else(|| format!("{:0>15}", last(15))),
    }
}
