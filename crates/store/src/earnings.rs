//! What a merchant can dispose of: the sum of its own accounts' entries, kept as of some transaction, so that a payout adds
//! up only what was booked since. The ledger is the truth; what is kept here can be made anew from it.

use torana_domain::ledger::Account;
use torana_domain::{BrandId, Currency, Money};

use crate::{Reader, StoreError, Tx};

/// What a brand can dispose of in a currency, as of a ledger transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earnings {
    /// Whose.
    pub brand: BrandId,
    /// Negative where more went back than was earned.
    pub available: Money,
    /// The number of the last transaction that is in it.
    pub up_to: i64,
}

impl Reader<'_> {
    /// What a brand can dispose of now.
    pub fn earnings(&self, brand: BrandId, currency: Currency) -> Result<Earnings, StoreError> {
        let kept = self.sql.row(
            "SELECT minor, up_to FROM earnings WHERE brand = ?1 AND currency = ?2",
            &[brand.into(), currency.code().into()],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?;
        let (minor, up_to) = kept.unwrap_or((0, 0));
        let available = Money::from_minor(minor, currency);
        self.earnings_since(&Earnings { brand, available, up_to })
    }

    /// The same, with what was booked since.
    fn earnings_since(&self, known: &Earnings) -> Result<Earnings, StoreError> {
        let Earnings { brand, mut available, up_to } = *known;
        let last = self
            .sql
            .int("SELECT max(tx_id) FROM ledger_entries WHERE brand = ?1", &[brand.into()])?;
        let mut earned = 0_i64;
        self.sql.query(
            "SELECT account, CAST(sum(minor) AS BIGINT) FROM ledger_entries
             WHERE brand = ?1 AND tx_id > ?2 AND currency = ?3 GROUP BY account",
            &[brand.into(), up_to.into(), available.currency().code().into()],
            &mut |row| {
                let account: Account = row.parsed(0, |account| account.parse().ok())?;
                if account.is_earnings() {
                    // Credits are negative.
                    earned = earned.checked_sub(row.int(1)?).ok_or(StoreError::Internal)?;
                }
                Ok(())
            },
        )?;
        let earned = Money::from_minor(earned, available.currency());
        available = available.checked_add(earned).map_err(|_| StoreError::Internal)?;
        Ok(Earnings { brand, available, up_to: last.max(up_to) })
    }
}

impl Tx<'_> {
    /// What a brand can dispose of, from what was known before this transaction; kept for the next time.
    pub(crate) fn available(&mut self, known: &Earnings) -> Result<Money, StoreError> {
        let now = self.earnings_since(known)?;
        self.keep_earnings(&now)?;
        Ok(now.available)
    }

    /// Keeps what was added up, so that it is not added up again where the payout itself was refused.
    pub fn keep_earnings(&mut self, now: &Earnings) -> Result<(), StoreError> {
        self.sql.execute_later(
            "INSERT INTO earnings (brand, currency, minor, up_to) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (brand, currency) DO UPDATE SET minor = excluded.minor, up_to = excluded.up_to",
            &[
                now.brand.into(),
                now.available.currency().code().into(),
                now.available.minor().into(),
                now.up_to.into(),
            ],
            None,
        )
    }
}
