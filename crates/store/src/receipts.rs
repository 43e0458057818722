//! Receipts: money that was seen to arrive, and the inbox of those that pay nothing yet.

use torana_domain::ids::PaymentNumber;
use torana_domain::receipt::{Receipt, ReceiptKey, ReceiptState};
use torana_domain::{AccountId, BrandId, Money, PaymentId};

use crate::sql::{Row, from_code, limit, to_code, to_json};
use crate::{Reader, StoreError, Tx};

/// A receipt that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// The receipt, with what is wrong with it if that is known; the inbox is in the order of `heard_at`.
    pub receipt: Receipt,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT method, reference, account, currency, minor, payer, at, confidence, warnings, state,
                    problem, number, token, received_at, refund_to
             FROM receipts ",
            $rest
        )
    };
}

fn read(row: Row<'_>, brand: BrandId) -> Result<Receipt, StoreError> {
    let currency = row.parsed(3, |code| code.parse().ok())?;
    let payment = match (row.opt_int(11)?, row.opt_num(12)?) {
        (Some(_), Some(token)) => Some(PaymentId { number: row.number(11)?, brand, token }),
        _ => None,
    };
    let problem = match row.opt_str(10)? {
        Some(_) => Some(row.parsed(10, from_code)?),
        None => None,
    };
    let state = match (row.str(9)?, payment) {
        ("open", suggested) => ReceiptState::Open { problem, suggested },
        ("claimed", Some(payment)) => ReceiptState::Claimed { payment, remark: problem },
        ("dismissed", _) => ReceiptState::Dismissed,
        _ => return Err(StoreError::Damaged("state of a receipt".into())),
    };
    Ok(Receipt {
        key: ReceiptKey { method: row.text(0)?, reference: row.text(1)? },
        account: row.num(2).map(AccountId)?,
        amount: Money::from_minor(row.int(4)?, currency),
        payer: row.opt_text(5)?,
        refund_to: row.opt_text(14)?,
        at: row.time(6)?,
        heard_at: row.time(13)?,
        confidence: row.parsed(7, from_code)?,
        warnings: row.json(8)?,
        state,
    })
}

impl Reader<'_> {
    /// The receipt with that key.
    pub fn receipt(&self, brand: BrandId, key: &ReceiptKey) -> Result<Option<Receipt>, StoreError> {
        self.sql.row(
            select!("WHERE brand = ?1 AND method = ?2 AND reference = ?3"),
            &[brand.into(), (&key.method).into(), (&key.reference).into()],
            |row| read(row, brand),
        )
    }

    /// Receipts that wait for a person, latest first: open ones, and those that pay with a remark; `before` is the last row of the page before.
    pub fn inbox(
        &self,
        brand: BrandId,
        before: Option<&InboxRow>,
        most: usize,
    ) -> Result<Vec<InboxRow>, StoreError> {
        let (at, method, reference) = match before {
            Some(row) => {
                let key = &row.receipt.key;
                (row.receipt.heard_at.as_ms(), key.method.as_str(), key.reference.as_str())
            }
            None => (i64::MAX, "", ""),
        };
        self.sql.rows(
            select!(
                "WHERE brand = ?1 AND (state = 'open' OR problem IS NOT NULL)
                   AND (received_at, method, reference) < (?2, ?3, ?4)
                 ORDER BY received_at DESC, method DESC, reference DESC LIMIT ?5"
            ),
            &[brand.into(), at.into(), method.into(), reference.into(), limit(most)],
            |row| Ok(InboxRow { receipt: read(row, brand)? }),
        )
    }

    /// How many receipts wait for a person.
    pub fn count_inbox(&self, brand: BrandId) -> Result<i64, StoreError> {
        self.sql.int(
            "SELECT count(*) FROM receipts WHERE brand = ?1 AND (state = 'open' OR problem IS NOT NULL)",
            &[brand.into()],
        )
    }
}

struct StateColumns {
    state: &'static str,
    problem: Option<&'static str>,
    number: Option<PaymentNumber>,
    token: Option<u32>,
}

impl StateColumns {
    fn of(state: &ReceiptState) -> Self {
        let (state, problem, payment) = match state {
            ReceiptState::Open { problem, suggested } => ("open", *problem, *suggested),
            ReceiptState::Claimed { payment, remark } => ("claimed", *remark, Some(*payment)),
            ReceiptState::Dismissed => ("dismissed", None, None),
        };
        let problem = problem.map(|problem| problem.code());
        let (number, token) = (payment.map(|id| id.number), payment.map(|id| id.token));
        Self { state, problem, number, token }
    }
}

impl Tx<'_> {
    /// Inserts a receipt; whether it is new.
    pub(crate) fn insert_receipt(
        &self,
        brand: BrandId,
        receipt: &Receipt,
    ) -> Result<bool, StoreError> {
        let columns = StateColumns::of(&receipt.state);
        let inserted = self.sql.execute(
            "INSERT INTO receipts (brand, method, reference, account, currency, minor, payer, at,
                                   received_at, confidence, warnings, state, problem, number, token, refund_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT DO NOTHING",
            &[
                brand.into(),
                (&receipt.key.method).into(),
                (&receipt.key.reference).into(),
                receipt.account.into(),
                receipt.amount.currency().code().into(),
                receipt.amount.minor().into(),
                receipt.payer.as_ref().into(),
                receipt.at.into(),
                receipt.heard_at.into(),
                (&to_code(&receipt.confidence)?).into(),
                (&to_json(&receipt.warnings)?).into(),
                columns.state.into(),
                columns.problem.into(),
                columns.number.into(),
                columns.token.into(),
                receipt.refund_to.as_ref().into(),
            ],
        )?;
        Ok(inserted == 1)
    }

    /// Changes the state of a receipt that pays nothing yet; one that pays is never touched again.
    pub(crate) fn update_receipt(
        &self,
        brand: BrandId,
        key: &ReceiptKey,
        state: &ReceiptState,
    ) -> Result<(), StoreError> {
        let columns = StateColumns::of(state);
        self.sql.execute_later(
            // A claimed receipt stays claimed by its payment; only its remark can go.
            "UPDATE receipts SET state = ?4, problem = ?5, number = ?6, token = ?7
             WHERE brand = ?1 AND method = ?2 AND reference = ?3
               AND (state <> 'claimed' OR (?4 = 'claimed' AND number = ?6))",
            &[
                brand.into(),
                (&key.method).into(),
                (&key.reference).into(),
                columns.state.into(),
                columns.problem.into(),
                columns.number.into(),
                columns.token.into(),
            ],
            Some(StoreError::VersionConflict),
        )
    }
}
