//! The double-entry ledger. Per brand and currency; test and live are different brands.
//!
//! Sign convention: a positive entry debits its account, a negative one credits it. The entries of a
//! transaction sum to zero, so every balance sheet that they make does; entries are only ever added.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::money::AmountError;
use crate::{AccountId, Currency, Money};

/// The chart of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Asset: money on a rail account of the merchant (a wallet number, later a VPA or an acquirer).
    Rail(AccountId),
    /// Liability: money received that no payment owns yet, and what payers sent too much.
    Suspense,
    /// Income: what the merchant earned, net of fees that it bears.
    Sales,
    /// Income of whoever runs the gateway: fees, whoever bears them.
    Fees,
    /// Contra-income: money given back.
    Refunds,
    /// Liability: refunds promised and not yet sent.
    RefundsPayable,
    /// Asset: what issuers took back and may have to give back.
    Disputes,
    /// Contra-income: what issuers took back for good.
    Chargebacks,
    /// Expense: what rails charge for money that is sent.
    RailFees,
    /// What the merchant took out: money promised or sent to others.
    Payouts,
    /// Liability: payouts promised and not yet sent.
    PayoutsPayable,
}

impl Account {
    /// Whether its balance is the merchant's own to dispose of: not what it holds for others, nor where money is kept.
    pub fn is_earnings(self) -> bool {
        match self {
            Self::Sales
            | Self::Refunds
            | Self::Disputes
            | Self::Chargebacks
            | Self::RailFees
            | Self::Payouts => true,
            Self::Rail(_)
            | Self::Suspense
            | Self::Fees
            | Self::RefundsPayable
            | Self::PayoutsPayable => false,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rail(account) => write!(f, "rail:{account}"),
            Self::Suspense => f.write_str("suspense"),
            Self::Sales => f.write_str("sales"),
            Self::Fees => f.write_str("fees"),
            Self::Refunds => f.write_str("refunds"),
            Self::RefundsPayable => f.write_str("refunds_payable"),
            Self::Disputes => f.write_str("disputes"),
            Self::Chargebacks => f.write_str("chargebacks"),
            Self::RailFees => f.write_str("rail_fees"),
            Self::Payouts => f.write_str("payouts"),
            Self::PayoutsPayable => f.write_str("payouts_payable"),
        }
    }
}

/// The text names no account of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an account of the chart")]
pub struct NotAnAccount;

impl FromStr for Account {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        match text {
            "suspense" => Ok(Self::Suspense),
            "sales" => Ok(Self::Sales),
            "fees" => Ok(Self::Fees),
            "refunds" => Ok(Self::Refunds),
            "refunds_payable" => Ok(Self::RefundsPayable),
            "disputes" => Ok(Self::Disputes),
            "chargebacks" => Ok(Self::Chargebacks),
            "rail_fees" => Ok(Self::RailFees),
            "payouts" => Ok(Self::Payouts),
            "payouts_payable" => Ok(Self::PayoutsPayable),
            _ => {
                let id = text.strip_prefix("rail:").and_then(|id| id.parse().ok());
                id.map(|id| Self::Rail(AccountId(id))).ok_or(NotAnAccount)
            }
        }
    }
}

/// One side of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which account.
    pub account: Account,
    /// Debit when positive, credit when negative; never zero.
    pub amount: Money,
}

/// What a transaction was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A receipt arrived: rail account against suspense.
    Receipt,
    /// A receipt paid a payment: suspense against sales and fees.
    Settlement,
    /// A refund was promised.
    RefundRequested,
    /// A refund was sent.
    RefundDone,
    /// A promised refund will not be sent.
    RefundFailed,
    /// An issuer took money back.
    ChargebackOpened,
    /// The issuer gave it back.
    ChargebackWon,
    /// It is gone for good.
    ChargebackLost,
    /// What a rail charged for a transfer that was booked before.
    RailFee,
    /// A payout was promised.
    PayoutRequested,
    /// A payout was sent.
    PayoutDone,
    /// A promised payout will not be sent.
    PayoutFailed,
}

impl Purpose {
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Settlement => "settlement",
            Self::RefundRequested => "refund_requested",
            Self::RefundDone => "refund_done",
            Self::RefundFailed => "refund_failed",
            Self::ChargebackOpened => "chargeback_opened",
            Self::ChargebackWon => "chargeback_won",
            Self::ChargebackLost => "chargeback_lost",
            Self::RailFee => "rail_fee",
            Self::PayoutRequested => "payout_requested",
            Self::PayoutDone => "payout_done",
            Self::PayoutFailed => "payout_failed",
        }
    }
}

/// Entries that belong together and sum to zero. Can only be made balanced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    purpose: Purpose,
    entries: Vec<Entry>,
}

/// Why entries are not a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// The entries do not sum to zero.
    #[error("entries do not sum to zero")]
    Unbalanced,
    /// A sum does not fit, or two currencies met.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

impl Transaction {
    /// A transaction of `movements`, of which those of zero are left out.
    pub fn new(purpose: Purpose, movements: &[(Account, Money)]) -> Result<Self, LedgerError> {
        let entries: Vec<_> = movements
            .iter()
            .filter(|(_, amount)| amount.minor() != 0)
            .map(|&(account, amount)| Entry { account, amount })
            .collect();
        let mut amounts = entries.iter().map(|entry| entry.amount);
        let balance = match amounts.next() {
            Some(first) => amounts.try_fold(first, Money::checked_add)?.minor(),
            None => 0,
        };
        if balance != 0 {
            return Err(LedgerError::Unbalanced);
        }
        Ok(Self { purpose, entries })
    }

    /// What it was for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Its entries, none of zero.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// Balances by currency and account: all that a brand's books say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialBalance {
    balances: BTreeMap<(&'static str, Account), i128>,
}

impl TrialBalance {
    /// Adds an entry.
    pub fn add(&mut self, entry: &Entry) {
        let sum = i128::from(entry.amount.minor());
        self.add_sum(entry.account, entry.amount.currency(), sum);
    }

    /// Adds a sum of minor units that was made elsewhere, such as in SQL.
    pub fn add_sum(&mut self, account: Account, currency: Currency, minor: i128) {
        *self.balances.entry((currency.code(), account)).or_default() += minor;
    }

    /// The balance of an account in minor units: debits less credits.
    pub fn balance(&self, account: Account, currency: Currency) -> i128 {
        self.balances.get(&(currency.code(), account)).copied().unwrap_or(0)
    }

    /// Every balance as (currency code, account, minor units), ordered.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, Account, i128)> + '_ {
        self.balances.iter().map(|(&(currency, account), &minor)| (currency, account, minor))
    }

    /// What the merchant can dispose of, in minor units: what it earned, less what went back, is disputed, was charged by
    /// rails or is paid out, done or promised. Negative where more went back than it had earned since.
    pub fn available(&self, currency: Currency) -> i128 {
        let held = self
            .rows()
            .filter(|(code, account, _)| *code == currency.code() && account.is_earnings());
        -held.map(|(_, _, minor)| minor).sum::<i128>()
    }

    /// Whether debits equal credits in every currency. Anything else is a bug or a damaged file.
    pub fn is_zero(&self) -> bool {
        let mut sums = BTreeMap::<&str, i128>::new();
        for (currency, _, minor) in self.rows() {
            *sums.entry(currency).or_default() += minor;
        }
        sums.values().all(|&sum| sum == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bdt(minor: i64) -> Money {
        Money::from_minor(minor, Currency::BDT)
    }

    #[test]
    fn only_balanced_entries_make_a_transaction() {
        let rail = Account::Rail(AccountId(1));
        let ok = Transaction::new(
            Purpose::Receipt,
            &[(rail, bdt(5)), (Account::Fees, bdt(0)), (Account::Suspense, bdt(-5))],
        );
        assert_eq!(ok.unwrap().entries().len(), 2);
        let bad =
            Transaction::new(Purpose::Receipt, &[(rail, bdt(5)), (Account::Suspense, bdt(-4))]);
        assert_eq!(bad, Err(LedgerError::Unbalanced));
        let mixed = [(rail, bdt(5)), (Account::Suspense, Money::from_minor(-5, Currency::INR))];
        let mixed = Transaction::new(Purpose::Receipt, &mixed);
        assert_eq!(mixed, Err(LedgerError::Amount(AmountError::CurrencyMismatch)));
    }

    #[test]
    fn accounts_survive_their_text() {
        for account in [
            Account::Rail(AccountId(7)),
            Account::Suspense,
            Account::Sales,
            Account::Fees,
            Account::Refunds,
            Account::RefundsPayable,
            Account::Disputes,
            Account::Chargebacks,
            Account::RailFees,
            Account::Payouts,
            Account::PayoutsPayable,
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
    }

    #[test]
    fn a_trial_balance_shows_what_does_not_balance() {
        let mut balance = TrialBalance::default();
        balance.add(&Entry { account: Account::Sales, amount: bdt(-5) });
        assert!(!balance.is_zero());
        balance.add(&Entry { account: Account::Suspense, amount: bdt(5) });
        assert!(balance.is_zero());
        assert_eq!(balance.balance(Account::Sales, Currency::BDT), -5);
    }
}
