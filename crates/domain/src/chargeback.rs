//! Chargebacks: money that the payer's issuer takes back without asking. What a bank did is a fact: it is recorded even
//! where it makes the payer's money go back twice.

use serde::{Deserialize, Serialize};

use crate::{Money, Timestamp};

/// Where a chargeback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargebackState {
    /// The money was taken; the merchant may still win it back.
    Open,
    /// The issuer gave it back.
    Won,
    /// It is gone for good.
    Lost,
}

impl ChargebackState {
    /// Whether the money is not with the merchant.
    pub fn is_taken(self) -> bool {
        matches!(self, Self::Open | Self::Lost)
    }
}

/// A chargeback. Its number within the payment, from one, is its identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chargeback {
    /// Number within the payment, from one.
    pub number: u32,
    /// What the issuer took.
    pub amount: Money,
    /// Where it stands.
    pub state: ChargebackState,
    /// Why, in the issuer's words.
    pub reason: String,
    /// When Torana heard of it.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}
