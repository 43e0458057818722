//! The ledger's rows. Insert-only: the engine refuses changes.

use torana_domain::ids::PaymentNumber;
use torana_domain::ledger::{Account, Transaction, TrialBalance};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{BrandId, Money, Timestamp};

use crate::sql::{Row, limit};
use crate::{Reader, StoreError, Tx};

/// One entry, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// The transaction's number within the brand, from one, without gaps.
    pub tx_id: i64,
    /// The entry's place in it, from zero.
    pub line: i64,
    /// The account.
    pub account: Account,
    /// Debit when positive.
    pub amount: Money,
    /// What the transaction was for, as a code.
    pub purpose: String,
    /// The payment that it concerns.
    pub payment: Option<PaymentNumber>,
    /// The receipt that it concerns, as `method:reference`.
    pub receipt: Option<String>,
    /// When, by the brand's clock.
    pub at: Timestamp,
}

fn read(row: Row<'_>) -> Result<LedgerRow, StoreError> {
    let currency = row.parsed(3, |code| code.parse().ok())?;
    Ok(LedgerRow {
        tx_id: row.int(0)?,
        line: row.int(1)?,
        account: row.parsed(2, |account| account.parse().ok())?,
        amount: Money::from_minor(row.int(4)?, currency),
        purpose: row.text(5)?,
        payment: row.opt_int(6)?.and_then(PaymentNumber::from_i64),
        receipt: row.opt_text(7)?,
        at: row.time(8)?,
    })
}

impl Reader<'_> {
    /// A brand's balances. Always sum to zero.
    pub fn trial_balance(&self, brand: BrandId) -> Result<TrialBalance, StoreError> {
        let mut balance = TrialBalance::default();
        self.sql.query(
            "SELECT account, currency, CAST(sum(minor) AS BIGINT) FROM ledger_entries
             WHERE brand = ?1 GROUP BY account, currency",
            &[brand.into()],
            &mut |row| {
                let account = row.parsed(0, |account| account.parse().ok())?;
                let currency = row.parsed(1, |code| code.parse().ok())?;
                balance.add_sum(account, currency, i128::from(row.int(2)?));
                Ok(())
            },
        )?;
        Ok(balance)
    }

    /// Entries, latest first; `before` is the `(tx_id, line)` of the last of the page before.
    pub fn statement(
        &self,
        brand: BrandId,
        before: Option<(i64, i64)>,
        most: usize,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let (tx_id, line) = before.unwrap_or((i64::MAX, 0));
        self.sql.rows(
            "SELECT tx_id, line, account, currency, minor, purpose, payment, receipt, at
             FROM ledger_entries WHERE brand = ?1 AND (tx_id, line) < (?2, ?3)
             ORDER BY tx_id DESC, line DESC LIMIT ?4",
            &[brand.into(), tx_id.into(), line.into(), limit(most)],
            read,
        )
    }
}

impl Tx<'_> {
    /// Adds a transaction to a brand's books.
    pub(crate) fn post(
        &self,
        brand: BrandId,
        transaction: &Transaction,
        payment: Option<PaymentNumber>,
        receipt: Option<&ReceiptKey>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let last = self
            .sql
            .int("SELECT max(tx_id) FROM ledger_entries WHERE brand = ?1", &[brand.into()])?;
        let receipt = receipt.map(|key| format!("{}:{}", key.method, key.reference));
        for (line, entry) in (0_i64..).zip(transaction.entries()) {
            self.sql.execute_later(
                "INSERT INTO ledger_entries (brand, tx_id, line, account, currency, minor, purpose,
                                             payment, receipt, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                &[
                    brand.into(),
                    (last + 1).into(),
                    line.into(),
                    (&entry.account.to_string()).into(),
                    entry.amount.currency().code().into(),
                    entry.amount.minor().into(),
                    transaction.purpose().code().into(),
                    payment.into(),
                    receipt.as_ref().into(),
                    now.into(),
                ],
                None,
            )?;
        }
        Ok(())
    }
}
