//! One authentication serves one sale: of the same card, for the same order, of the same amount, soon after.
//!
//! RuPay's network declines what was not authenticated. That it was is not enough: an authentication that
//! may be used twice, or for more, is worth as much to a thief as to its payer.

use crate::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::OperationId;
use super::pan::Fingerprint;

/// From the payer's proof to the sale. Merchants ask for the sale at once, or after an inquiry; and until then
/// the number is held sealed where the merchant does not send it again.
const USE_WITHIN_MS: i64 = 30 * 60 * 1000;

/// What a payer was asked to authenticate, and whether that was done and used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    order: String,
    amount: Money,
    card: Fingerprint,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Waiting,
    Failed,
    Passed { at: Timestamp },
    Used { by: OperationId },
}

/// What an authentication is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use<'a> {
    /// The operation that uses it. The same one again is no second use.
    pub operation: &'a OperationId,
    /// The order.
    pub order: &'a str,
    /// How much is asked for.
    pub amount: Money,
    /// The card with its expiry, where it was sent again; else the authenticated one is meant.
    pub card: Option<&'a Fingerprint>,
}

/// Why a sale is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotServed {
    /// The payer was not authenticated, or not yet.
    #[error("the payer is not authenticated")]
    NotAuthenticated,
    /// It served another sale.
    #[error("the authentication was used already")]
    AlreadyUsed,
    /// It is too old.
    #[error("the authentication is too old")]
    TooOld,
    /// Another amount or currency was authenticated.
    #[error("another amount was authenticated")]
    OtherAmount,
    /// It belongs to another order.
    #[error("the authentication belongs to another order")]
    OtherOrder,
    /// Another card was authenticated.
    #[error("another card was authenticated")]
    OtherCard,
}

impl NotServed {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "card_not_authenticated",
            Self::AlreadyUsed => "card_authentication_used",
            Self::TooOld => "card_authentication_too_old",
            Self::OtherAmount => "card_authentication_other_amount",
            Self::OtherOrder => "card_authentication_other_order",
            Self::OtherCard => "card_authentication_other_card",
        }
    }
}

impl Authentication {
    /// The payer is being asked. `card` is of number and expiry: see [`Card::fingerprint`](super::Card::fingerprint).
    pub fn begin(order: &str, amount: Money, card: Fingerprint) -> Self {
        Self { order: order.to_owned(), amount, card, stage: Stage::Waiting }
    }

    /// The payer has proved to be the holder. What has failed, or passed before, stays as it was.
    pub fn passed(&mut self, now: Timestamp) {
        if self.stage == Stage::Waiting {
            self.stage = Stage::Passed { at: now };
        }
    }

    /// The payer has not, and will not.
    pub fn failed(&mut self) {
        if self.stage == Stage::Waiting {
            self.stage = Stage::Failed;
        }
    }

    /// Whether the payer was authenticated, used or not.
    pub fn has_passed(&self) -> bool {
        matches!(self.stage, Stage::Passed { .. } | Stage::Used { .. })
    }

    /// Whether that is the card whose payer is asked. What is said with another card proves nothing of this one.
    pub fn is_of(&self, card: &Fingerprint) -> bool {
        self.card == *card
    }

    /// The order that it was begun for.
    pub fn order(&self) -> &str {
        &self.order
    }

    /// How much was authenticated.
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// Uses it up for one sale, whatever becomes of that: a declined sale has used it too, and so has one
    /// whose outcome is not known. A sale that does not fit leaves it as it was.
    pub fn serve(&mut self, wanted: &Use<'_>, now: Timestamp) -> Result<(), NotServed> {
        if self.order != wanted.order {
            return Err(NotServed::OtherOrder);
        }
        if self.amount != wanted.amount {
            return Err(NotServed::OtherAmount);
        }
        if wanted.card.is_some_and(|card| !self.is_of(card)) {
            return Err(NotServed::OtherCard);
        }
        match &self.stage {
            Stage::Waiting | Stage::Failed => Err(NotServed::NotAuthenticated),
            Stage::Used { by } if by == wanted.operation => Ok(()),
            Stage::Used { .. } => Err(NotServed::AlreadyUsed),
            Stage::Passed { at } if now.ms_since(*at) >= USE_WITHIN_MS => Err(NotServed::TooOld),
            Stage::Passed { .. } => {
                self.stage = Stage::Used { by: wanted.operation.clone() };
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Currency;
    use proptest::prelude::*;

    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_s(1_700_000_000 + s)
    }

    fn operation(text: &str) -> OperationId {
        text.parse().unwrap()
    }

    const CARD: Fingerprint = Fingerprint::from_bytes([1; 32]);
    const OTHER: Fingerprint = Fingerprint::from_bytes([2; 32]);

    fn rupees(minor: i64) -> Money {
        Money::from_minor(minor, Currency::INR)
    }

    fn passed() -> Authentication {
        let mut authentication = Authentication::begin("R-1", rupees(12350), CARD);
        authentication.passed(at(0));
        authentication
    }

    #[test]
    fn it_serves_one_sale_and_that_one_again() {
        let mut authentication = passed();
        let (first, second) = (operation("sale-1"), operation("sale-2"));
        let sale = |operation| Use { operation, order: "R-1", amount: rupees(12350), card: None };
        assert_eq!(authentication.serve(&sale(&first), at(10)), Ok(()));
        assert_eq!(authentication.serve(&sale(&first), at(9_999)), Ok(()));
        assert_eq!(authentication.serve(&sale(&second), at(11)), Err(NotServed::AlreadyUsed));
        assert!(authentication.has_passed());
        assert!(authentication.is_of(&CARD) && !authentication.is_of(&OTHER));
    }

    #[test]
    fn nothing_is_served_before_the_proof_or_after_a_failure() {
        let first = operation("sale-1");
        let sale =
            Use { operation: &first, order: "R-1", amount: rupees(12350), card: Some(&CARD) };
        let mut authentication = Authentication::begin("R-1", rupees(12350), CARD);
        assert_eq!(authentication.serve(&sale, at(0)), Err(NotServed::NotAuthenticated));
        authentication.failed();
        authentication.passed(at(1));
        assert_eq!(authentication.serve(&sale, at(2)), Err(NotServed::NotAuthenticated));
        let mut authentication = passed();
        authentication.failed();
        assert_eq!(authentication.serve(&sale, at(1_799)), Ok(()));
        assert_eq!(passed().serve(&sale, at(1_800)), Err(NotServed::TooOld));
    }

    #[test]
    fn another_sale_is_not_served_and_uses_nothing() {
        let first = operation("sale-1");
        let fitting =
            Use { operation: &first, order: "R-1", amount: rupees(12350), card: Some(&CARD) };
        let euro = Money::from_minor(12350, Currency::EUR);
        let mut authentication = passed();
        for (wanted, why) in [
            (Use { order: "R-2", ..fitting }, NotServed::OtherOrder),
            (Use { amount: rupees(12351), ..fitting }, NotServed::OtherAmount),
            (Use { amount: rupees(12349), ..fitting }, NotServed::OtherAmount),
            (Use { amount: euro, ..fitting }, NotServed::OtherAmount),
            (Use { card: Some(&OTHER), ..fitting }, NotServed::OtherCard),
        ] {
            assert_eq!(authentication.serve(&wanted, at(1)), Err(why));
        }
        assert_eq!(authentication.serve(&fitting, at(1)), Ok(()));
    }

    proptest! {
        #[test]
        fn whoever_comes_first_is_the_only_one(tries in prop::collection::vec((0_u8..4, 0_i64..2_000), 1..20)) {
            let mut authentication = passed();
            let mut served = std::collections::BTreeSet::new();
            for (who, s) in tries {
                let operation = operation(&format!("sale-{who}"));
                let sale = Use { operation: &operation, order: "R-1", amount: rupees(12350), card: None };
                if authentication.serve(&sale, at(s)).is_ok() {
                    served.insert(who);
                }
            }
            prop_assert!(served.len() <= 1);
        }
    }
}
