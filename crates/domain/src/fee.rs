//! Fees: flat, percent or both, and who bears them.

use serde::{Deserialize, Serialize};

use crate::Money;
use crate::money::AmountError;

/// Who bears the fee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// It is taken from what the merchant gets; the payer pays the bare amount.
    #[default]
    Merchant,
    /// It is added to what the payer pays.
    Payer,
}

/// A brand's fee: a flat part and a percentage, both of which may be zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeeRule {
    /// Flat part, in minor units of the payment's currency.
    pub flat_minor: i64,
    /// Percentage in basis points: 150 is 1.5 %.
    pub basis_points: i64,
    /// Who bears it.
    pub bearer: Bearer,
    /// Whether the sum that the payer is asked for is rounded up to whole major units (taka), since wallets'
    /// payers type it by hand. The rounding counts as fee. Only where the payer bears the fee.
    pub round_up_to_major: bool,
}

/// What a fee rule makes of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The fee, zero or more.
    pub fee: Money,
    /// What the payer must send: the amount, and the fee where the payer bears it.
    pub due: Money,
}

impl FeeRule {
    /// The fee on `amount` and what is due. A part of a minor unit is rounded up, half a paisa too.
    /// A merchant-borne fee is never more than the amount itself.
    pub fn charge(&self, amount: Money) -> Result<Charge, AmountError> {
        let currency = amount.currency();
        let percent = i128::from(amount.minor()) * i128::from(self.basis_points.max(0));
        let percent =
            i64::try_from((percent + 9_999) / 10_000).map_err(|_| AmountError::OutOfRange)?;
        let fee = percent.checked_add(self.flat_minor.max(0)).ok_or(AmountError::OutOfRange)?;
        match self.bearer {
            Bearer::Merchant => {
                let fee = Money::from_minor(fee.min(amount.minor()), currency);
                Ok(Charge { fee, due: amount })
            }
            Bearer::Payer => {
                let mut due = amount.checked_add(Money::from_minor(fee, currency))?;
                if self.round_up_to_major {
                    due = round_up_to_major(due)?;
                }
                Ok(Charge { fee: due.checked_sub(amount)?, due })
            }
        }
    }
}

fn round_up_to_major(amount: Money) -> Result<Money, AmountError> {
    let unit = 10_i64.pow(amount.currency().exponent());
    let missing = (unit - amount.minor() % unit) % unit;
    amount.checked_add(Money::from_minor(missing, amount.currency()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Currency;

    fn bdt(minor: i64) -> Money {
        Money::from_minor(minor, Currency::BDT)
    }

    #[test]
    fn the_payer_is_asked_for_amount_and_fee() {
        let rule = FeeRule {
            flat_minor: 500,
            basis_points: 150,
            bearer: Bearer::Payer,
            round_up_to_major: false,
        };
        assert_eq!(rule.charge(bdt(10_010)), Ok(Charge { fee: bdt(651), due: bdt(10_661) }));
        let rounded = FeeRule { round_up_to_major: true, ..rule };
        assert_eq!(rounded.charge(bdt(10_010)), Ok(Charge { fee: bdt(690), due: bdt(10_700) }));
    }

    #[test]
    fn a_merchants_fee_never_exceeds_the_amount() {
        let rule = FeeRule { flat_minor: 500, ..FeeRule::default() };
        assert_eq!(rule.charge(bdt(300)), Ok(Charge { fee: bdt(300), due: bdt(300) }));
    }

    proptest! {
        #[test]
        fn due_is_amount_plus_what_the_payer_bears(
            minor in 1_i64..1_000_000_000_000,
            flat_minor in 0_i64..1_000_000,
            basis_points in 0_i64..10_000,
            payer: bool,
            round_up_to_major: bool,
        ) {
            let bearer = if payer { Bearer::Payer } else { Bearer::Merchant };
            let rule = FeeRule { flat_minor, basis_points, bearer, round_up_to_major };
            let charge = rule.charge(bdt(minor)).unwrap();
            prop_assert!(charge.fee.minor() >= 0);
            let borne = if payer { charge.fee.minor() } else { 0 };
            prop_assert_eq!(charge.due.minor(), minor + borne);
            if payer && round_up_to_major {
                prop_assert_eq!(charge.due.minor() % 100, 0);
            }
        }
    }
}
