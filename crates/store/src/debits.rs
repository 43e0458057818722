//! Debits: money that left a rail account, as its messages or a person tell.

use torana_domain::debit::{Debit, fee};
use torana_domain::ids::PaymentNumber;
use torana_domain::receipt::ReceiptKey;
use torana_domain::{AccountId, BrandId, Money, Timestamp};

use crate::sql::{Row, limit};
use crate::{Reader, StoreError, Tx};

/// How long, in milliseconds, a person's word about a transfer keeps others like it from confirming a refund by themselves,
/// unless its own message comes: the reference may have been mistyped.
pub(crate) const WORD_COUNTS_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A debit as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitRow {
    /// The debit.
    pub debit: Debit,
    /// Whether only a person told of it so far.
    pub by_hand: bool,
    /// The payment and the number of its refund that it was for, if it was for one.
    pub refund: Option<(PaymentNumber, u32)>,
}

macro_rules! select_debits {
    ($rest:literal) => {
        concat!(
            "SELECT method, reference, account, currency, minor, fee_minor, payee, sent_at, heard_at, by_hand,
                    number, refund
             FROM debits ",
            $rest
        )
    };
}

fn read_debit(row: Row<'_>) -> Result<DebitRow, StoreError> {
    let currency = row.parsed(3, |code| code.parse().ok())?;
    let refund = match (row.opt_int(10)?, row.opt_num(11)?) {
        (Some(_), Some(refund)) => Some((row.number(10)?, refund)),
        _ => None,
    };
    let debit = Debit {
        key: ReceiptKey { method: row.text(0)?, reference: row.text(1)? },
        account: row.num(2).map(AccountId)?,
        amount: Money::from_minor(row.int(4)?, currency),
        fee: row.opt_int(5)?.map(|minor| Money::from_minor(minor, currency)),
        payee: row.opt_text(6)?,
        sent_at: row.opt_time(7)?,
        heard_at: row.time(8)?,
    };
    Ok(DebitRow { debit, by_hand: row.bool(9)?, refund })
}

impl Reader<'_> {
    /// A debit by its rail's reference.
    pub fn debit(&self, brand: BrandId, key: &ReceiptKey) -> Result<Option<DebitRow>, StoreError> {
        self.sql.row(
            select_debits!("WHERE brand = ?1 AND method = ?2 AND reference = ?3"),
            &[brand.into(), (&key.method).into(), (&key.reference).into()],
            read_debit,
        )
    }

    /// Debits of that amount in minor units that went for no refund, heard of since `since`, latest first: what a person may
    /// have sent already.
    pub fn loose_debits(
        &self,
        brand: BrandId,
        minor: i64,
        since: Timestamp,
        most: usize,
    ) -> Result<Vec<Debit>, StoreError> {
        self.sql.rows(
            select_debits!(
                "WHERE brand = ?1 AND minor = ?2 AND heard_at >= ?3 AND number IS NULL
                 ORDER BY heard_at DESC, method, reference LIMIT ?4"
            ),
            &[brand.into(), minor.into(), since.into(), limit(most)],
            |row| read_debit(row).map(|row| row.debit),
        )
    }

    /// Whether a person told of a transfer like this one, of which no message came yet.
    pub(crate) fn is_told_of_by_hand(
        &self,
        brand: BrandId,
        debit: &Debit,
    ) -> Result<bool, StoreError> {
        let count = self.sql.int(
            "SELECT count(*) FROM debits
             WHERE brand = ?1 AND minor = ?2 AND heard_at >= ?3 AND by_hand = 1 AND account = ?4",
            &[
                brand.into(),
                debit.amount.minor().into(),
                debit.heard_at.plus_ms(-WORD_COUNTS_MS).into(),
                debit.account.into(),
            ],
        )?;
        Ok(count > 0)
    }
}

impl Tx<'_> {
    pub(crate) fn insert_debit(
        &self,
        brand: BrandId,
        debit: &Debit,
        by_hand: bool,
        refund: Option<(PaymentNumber, u32)>,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO debits (brand, method, reference, account, currency, minor, fee_minor, payee, sent_at,
                                 heard_at, by_hand, number, refund)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            &[
                brand.into(),
                (&debit.key.method).into(),
                (&debit.key.reference).into(),
                debit.account.into(),
                debit.amount.currency().code().into(),
                debit.amount.minor().into(),
                debit.fee.map(Money::minor).into(),
                debit.payee.as_ref().into(),
                debit.sent_at.into(),
                debit.heard_at.into(),
                by_hand.into(),
                refund.map(|(number, _)| number).into(),
                refund.map(|(_, refund)| refund).into(),
            ],
        )?;
        Ok(())
    }

    /// The message of a transfer that a person told of came: now its payee, time and fee are known. The fee is booked by
    /// itself; the amount was, when the person told of it.
    pub(crate) fn back_debit(
        &mut self,
        brand: BrandId,
        told: &DebitRow,
        heard: &Debit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE debits SET by_hand = 0, sent_at = ?4, fee_minor = ?5, payee = ?6
             WHERE brand = ?1 AND method = ?2 AND reference = ?3",
            &[
                brand.into(),
                (&heard.key.method).into(),
                (&heard.key.reference).into(),
                heard.sent_at.into(),
                heard.fee.map(Money::minor).into(),
                heard.payee.as_ref().into(),
            ],
            None,
        )?;
        if let (Some(books), Some((number, _))) = (fee(heard)?, told.refund) {
            self.post(brand, &books, Some(number), None, now)?;
        }
        Ok(())
    }

    pub(crate) fn claim_debit(
        &self,
        brand: BrandId,
        key: &ReceiptKey,
        number: PaymentNumber,
        refund: u32,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE debits SET number = ?4, refund = ?5
             WHERE brand = ?1 AND method = ?2 AND reference = ?3 AND number IS NULL",
            &[
                brand.into(),
                (&key.method).into(),
                (&key.reference).into(),
                number.into(),
                refund.into(),
            ],
            Some(StoreError::VersionConflict),
        )
    }
}
