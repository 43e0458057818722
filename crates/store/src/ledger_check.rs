//! Checks the books of every brand against themselves and against payments and receipts.

use torana_domain::BrandId;

use crate::hash::Hash;
use crate::sql::Row;
use crate::{Reader, StoreError};

/// Findings of one kind that are listed.
const FINDINGS: i64 = 100;

/// What a check of all books found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerReport {
    /// Ledger entries that were read.
    pub entries: u64,
    /// Ledger transactions that were read.
    pub transactions: u64,
    /// Payments that say that they are paid.
    pub paid: u64,
    /// What is wrong, for people; empty when all is well. At most a hundred of each kind.
    pub findings: Vec<String>,
    /// A hash over every entry in order (FNV-1a, 128 bits): equal for equal books, such as before and after a
    /// backup or a move. It finds accidents, not forgers.
    pub hash: String,
}

impl LedgerReport {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }
}

fn add_int(hash: &mut Hash, row: Row<'_>, index: usize) -> Result<(), StoreError> {
    match row.opt_int(index)? {
        Some(value) => hash.add(&value.to_le_bytes()),
        None => hash.add(&[]),
    }
    Ok(())
}

fn add_text(hash: &mut Hash, row: Row<'_>, index: usize) -> Result<(), StoreError> {
    hash.add(row.opt_str(index)?.unwrap_or("").as_bytes());
    Ok(())
}

impl Reader<'_> {
    /// Reads all books: every transaction sums to zero, so does every brand, numbers have no gaps; each paid
    /// payment has the one receipt that pays it, and that receipt's and settlement's entries are there.
    pub fn ledger_check(&self) -> Result<LedgerReport, StoreError> {
        let mut report = LedgerReport::default();
        self.hash_entries(&mut report)?;
        for (what, sql) in CHECKS {
            self.sql.query(sql, &[FINDINGS.into()], &mut |row| {
                report.findings.push(format!("{what}: brand {}, {}", row.brand(0)?, row.int(1)?));
                Ok(())
            })?;
        }
        for brand in self.sql.rows(
            "SELECT DISTINCT brand FROM ledger_entries ORDER BY brand",
            &[],
            |row| row.brand(0),
        )? {
            if !self.trial_balance(brand)?.is_zero() {
                report.findings.push(format!("the trial balance is not zero: brand {brand}"));
            }
        }
        let paid =
            self.sql.int("SELECT count(*) FROM payments WHERE paid_json IS NOT NULL", &[])?;
        report.paid = u64::try_from(paid).unwrap_or(0);
        Ok(report)
    }

    fn hash_entries(&self, report: &mut LedgerReport) -> Result<(), StoreError> {
        let mut hash = Hash::default();
        let mut last: Option<(BrandId, i64)> = None;
        self.sql.query(
            "SELECT brand, tx_id, line, account, currency, minor, purpose, payment, receipt, at
             FROM ledger_entries ORDER BY brand, tx_id, line",
            &[],
            &mut |row| {
                let at = (row.brand(0)?, row.int(1)?);
                report.entries += 1;
                if last != Some(at) {
                    report.transactions += 1;
                    last = Some(at);
                }
                for index in [0, 1, 2, 5, 7, 9] {
                    add_int(&mut hash, row, index)?;
                }
                for index in [3, 4, 6, 8] {
                    add_text(&mut hash, row, index)?;
                }
                Ok(())
            },
        )?;
        report.hash = hash.to_string();
        Ok(())
    }
}

/// What must never be found, each with a query for (brand, number).
const CHECKS: [(&str, &str); 10] = [
    (
        "a ledger transaction does not sum to zero",
        "SELECT brand, tx_id FROM ledger_entries GROUP BY brand, tx_id, currency
         HAVING sum(minor) <> 0 ORDER BY brand, tx_id LIMIT ?1",
    ),
    (
        "ledger transactions are missing before number",
        "SELECT brand, max(tx_id) FROM ledger_entries GROUP BY brand
         HAVING max(tx_id) <> count(DISTINCT tx_id) ORDER BY brand LIMIT ?1",
    ),
    (
        "a paid payment has no receipt that pays it",
        "SELECT p.brand, p.number FROM payments p WHERE p.paid_json IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM receipts r
             WHERE r.brand = p.brand AND r.number = p.number AND r.state = 'claimed')
         ORDER BY p.brand, p.number LIMIT ?1",
    ),
    (
        "a receipt pays a payment that is not paid",
        "SELECT r.brand, r.number FROM receipts r WHERE r.state = 'claimed' AND NOT EXISTS (
             SELECT 1 FROM payments p
             WHERE p.brand = r.brand AND p.number = r.number AND p.paid_json IS NOT NULL)
         ORDER BY r.brand, r.number LIMIT ?1",
    ),
    (
        "receipts and their ledger transactions differ in number",
        "SELECT x.brand, CAST(sum(x.n) AS BIGINT) FROM (
             SELECT brand, 1 AS n FROM receipts WHERE minor <> 0
             UNION ALL
             SELECT brand, -1 AS n FROM ledger_entries WHERE purpose = 'receipt' AND line = 0) x
         GROUP BY x.brand HAVING sum(x.n) <> 0 ORDER BY x.brand LIMIT ?1",
    ),
    (
        "paid payments and their ledger transactions differ in number",
        "SELECT x.brand, CAST(sum(x.n) AS BIGINT) FROM (
             SELECT brand, 1 AS n FROM payments WHERE paid_json IS NOT NULL
             UNION ALL
             SELECT brand, -1 AS n FROM ledger_entries WHERE purpose = 'settlement' AND line = 0) x
         GROUP BY x.brand HAVING sum(x.n) <> 0 ORDER BY x.brand LIMIT ?1",
    ),
    (
        "refunds and their ledger transactions differ in number",
        "SELECT x.brand, CAST(sum(x.n) AS BIGINT) FROM (
             SELECT brand, 1 AS n FROM refunds
             UNION ALL
             SELECT brand, 1 AS n FROM refunds WHERE state IN ('done', 'failed')
             UNION ALL
             SELECT brand, -1 AS n FROM ledger_entries
             WHERE purpose IN ('refund_requested', 'refund_done', 'refund_failed') AND line = 0) x
         GROUP BY x.brand HAVING sum(x.n) <> 0 ORDER BY x.brand LIMIT ?1",
    ),
    (
        "chargebacks and their ledger transactions differ in number",
        "SELECT x.brand, CAST(sum(x.n) AS BIGINT) FROM (
             SELECT brand, 1 AS n FROM chargebacks
             UNION ALL
             SELECT brand, 1 AS n FROM chargebacks WHERE state <> 'open'
             UNION ALL
             SELECT brand, -1 AS n FROM ledger_entries
             WHERE purpose IN ('chargeback_opened', 'chargeback_won', 'chargeback_lost') AND line = 0) x
         GROUP BY x.brand HAVING sum(x.n) <> 0 ORDER BY x.brand LIMIT ?1",
    ),
    (
        "payouts and their ledger transactions differ in number",
        "SELECT x.brand, CAST(sum(x.n) AS BIGINT) FROM (
             SELECT brand, 1 AS n FROM payouts
             UNION ALL
             SELECT brand, 1 AS n FROM payouts WHERE state IN ('succeeded', 'failed')
             UNION ALL
             SELECT brand, -1 AS n FROM ledger_entries
             WHERE purpose IN ('payout_requested', 'payout_done', 'payout_failed') AND line = 0) x
         GROUP BY x.brand HAVING sum(x.n) <> 0 ORDER BY x.brand LIMIT ?1",
    ),
    (
        "what a merchant can dispose of is not what its books say, as of transaction",
        "SELECT e.brand, e.up_to FROM earnings e WHERE e.minor <> -coalesce((
             SELECT sum(l.minor) FROM ledger_entries l
             WHERE l.brand = e.brand AND l.currency = e.currency AND l.tx_id <= e.up_to AND l.account IN (
                 'sales', 'refunds', 'disputes', 'chargebacks', 'rail_fees', 'payouts')), 0)
         ORDER BY e.brand LIMIT ?1",
    ),
];
