//! Debits: money that left a rail account, as its messages or a person tell.

use torana_domain::debit::{Debit, ToldBy, fee};
use torana_domain::ids::PaymentNumber;
use torana_domain::receipt::ReceiptKey;
use torana_domain::{AccountId, BrandId, Money, Timestamp};

use crate::sql::{Row, from_code, limit, to_code};
use crate::{Reader, StoreError, Tx};

/// How long, in milliseconds, a person's word about a transfer keeps others like it from confirming a refund by themselves,
/// unless its own message comes and is believed: the reference may have been mistyped.
pub(crate) const WORD_COUNTS_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A debit as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitRow {
    /// The debit.
    pub debit: Debit,
    /// On whose word it rests.
    pub told_by: ToldBy,
    /// The payment and the number of its refund that it was for, if it was for one; never on the word of a doubtful message.
    pub refund: Option<(PaymentNumber, u32)>,
}

macro_rules! select_debits {
    ($rest:literal) => {
        concat!(
            "SELECT method, reference, account, currency, minor, fee_minor, payee, sent_at, heard_at, told_by,
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
    Ok(DebitRow { debit, told_by: row.parsed(9, from_code)?, refund })
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
    ) -> Result<Vec<DebitRow>, StoreError> {
        self.sql.rows(
            select_debits!(
                "WHERE brand = ?1 AND minor = ?2 AND heard_at >= ?3 AND number IS NULL
                 ORDER BY heard_at DESC, method, reference LIMIT ?4"
            ),
            &[brand.into(), minor.into(), since.into(), limit(most)],
            read_debit,
        )
    }

    /// Whether a person told of a transfer like this one, of which no message that is believed came yet.
    pub(crate) fn is_told_of_by_hand(
        &self,
        brand: BrandId,
        debit: &Debit,
    ) -> Result<bool, StoreError> {
        let count = self.sql.int(
            "SELECT count(*) FROM debits
             WHERE brand = ?1 AND minor = ?2 AND heard_at >= ?3 AND told_by = 'person' AND account = ?4",
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
        told_by: ToldBy,
        refund: Option<(PaymentNumber, u32)>,
    ) -> Result<(), StoreError> {
        let told_by = to_code(&told_by)?;
        self.sql.execute(
            "INSERT INTO debits (brand, method, reference, account, currency, minor, fee_minor, payee, sent_at,
                                 heard_at, told_by, number, refund)
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
                (&told_by).into(),
                refund.map(|(number, _)| number).into(),
                refund.map(|(_, refund)| refund).into(),
            ],
        )?;
        Ok(())
    }

    /// Forgets what only a doubtful message told of, for a better word to take its place.
    pub(crate) fn forget_debit(&self, brand: BrandId, key: &ReceiptKey) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM debits
             WHERE brand = ?1 AND method = ?2 AND reference = ?3 AND told_by = 'doubtful_message' AND number IS NULL",
            &[brand.into(), (&key.method).into(), (&key.reference).into()],
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
            "UPDATE debits SET told_by = 'message', sent_at = ?4, fee_minor = coalesce(fee_minor, ?5), payee = ?6
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
        // A fee that was told by hand is booked already.
        let unbooked = told.debit.fee.is_none();
        if let (true, Some(books), Some((number, _))) = (unbooked, fee(heard)?, told.refund) {
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
