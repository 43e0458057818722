//! Card operations: see `torana_domain::card::operation`.

use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};
use torana_domain::ids::PaymentNumber;
use torana_domain::{AccountId, BrandId, Money, PaymentId, Timestamp};

use crate::sql::{Row, limit, to_json};
use crate::{Reader, StoreError, Tx};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT brand, number, payment, token, kind, state, currency, minor, follows, account, card,
                    merchant_name, note, at, changed_at, detail
             FROM card_operations ",
            $rest
        )
    };
}

fn read(row: Row<'_>) -> Result<CardOperation, StoreError> {
    let brand = row.brand(0)?;
    let currency = row.parsed(6, |code| code.parse().ok())?;
    Ok(CardOperation {
        number: row.num(1)?,
        payment: PaymentId { brand, number: row.number(2)?, token: row.num(3)? },
        kind: row.parsed(4, OperationKind::from_code)?,
        state: row.parsed(5, OperationState::from_code)?,
        amount: Money::from_minor(row.int(7)?, currency),
        follows: row.opt_num(8)?,
        account: row.num(9).map(AccountId)?,
        card: row.json(10)?,
        merchant_name: row.opt_text(11)?,
        note: row.opt_text(12)?,
        at: row.time(13)?,
        changed_at: row.time(14)?,
        detail: row.json(15)?,
    })
}

/// The request that makes an operation: until then the same one again means the same operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRequest {
    /// A keyed hash of what was asked.
    pub key: String,
    /// By the brand's clock.
    pub until: Timestamp,
}

/// An operation to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewCardOperation<'a> {
    /// It.
    pub operation: &'a CardOperation,
    /// The request that made it, if it may be repeated.
    pub request: Option<&'a CardRequest>,
    /// When to look after it, by the brand's clock, if nothing happens before.
    pub ask_at: Option<Timestamp>,
}

/// What somebody has to look after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The operation's number.
    pub number: u64,
    /// How often it was looked after.
    pub asked: u32,
}

impl Reader<'_> {
    /// An operation by its number.
    pub fn card_operation(
        &self,
        brand: BrandId,
        number: u64,
    ) -> Result<Option<CardOperation>, StoreError> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        self.sql.row(
            select!("WHERE brand = ?1 AND number = ?2"),
            &[brand.into(), number.into()],
            read,
        )
    }

    /// The latest operation to which the merchant gave that name.
    pub fn card_operation_named(
        &self,
        brand: BrandId,
        name: &str,
    ) -> Result<Option<CardOperation>, StoreError> {
        self.sql.row(
            select!("WHERE brand = ?1 AND merchant_name = ?2 ORDER BY at DESC, payment DESC, seq DESC LIMIT 1"),
            &[brand.into(), name.into()],
            read,
        )
    }

    /// The operation that this request made, if it may still be repeated.
    pub fn card_operation_of_request(
        &self,
        brand: BrandId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<CardOperation>, StoreError> {
        self.sql.row(
            select!(
                "WHERE brand = ?1 AND request_key = ?2 AND request_until > ?3 ORDER BY at LIMIT 1"
            ),
            &[brand.into(), key.into(), now.into()],
            read,
        )
    }

    /// The operations of a payment, oldest first.
    pub fn card_operations(
        &self,
        brand: BrandId,
        payment: PaymentNumber,
    ) -> Result<Vec<CardOperation>, StoreError> {
        self.sql.rows(
            select!("WHERE brand = ?1 AND payment = ?2 ORDER BY seq"),
            &[brand.into(), payment.into()],
            read,
        )
    }

    /// The operation with that number, whoever's it is; none if two brands have it.
    pub fn only_card_operation(&self, number: u64) -> Result<Option<CardOperation>, StoreError> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let mut found = self.sql.rows(
            select!("WHERE number = ?1 ORDER BY brand LIMIT 2"),
            &[number.into()],
            read,
        )?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// Brands that have an operation to look after, each by its own clock; `now` is the real time.
    pub fn brands_with_due_card_operations(
        &self,
        now: Timestamp,
    ) -> Result<Vec<BrandId>, StoreError> {
        self.sql.rows(
            "SELECT b.id FROM brands b WHERE EXISTS (
                 SELECT 1 FROM card_operations o WHERE o.brand = b.id AND o.ask_at <= ?1 + b.clock_offset_ms)
             ORDER BY b.id",
            &[now.into()],
            |row| row.brand(0),
        )
    }

    /// Operations of a brand that are to be looked after at `now` by its clock, the longest due first.
    pub fn card_operations_to_ask(
        &self,
        brand: BrandId,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<Found>, StoreError> {
        self.sql.rows(
            "SELECT number, asked FROM card_operations WHERE brand = ?1 AND ask_at <= ?2
             ORDER BY ask_at, number LIMIT ?3",
            &[brand.into(), now.into(), limit(most)],
            |row| Ok(Found { number: row.num(0)?, asked: row.num(1)? }),
        )
    }
}

impl Tx<'_> {
    /// Writes a new operation, the last of its payment. [`StoreError::Conflict`] when its number is taken: draw another.
    pub fn insert_card_operation(&mut self, new: &NewCardOperation<'_>) -> Result<(), StoreError> {
        let NewCardOperation { operation, request, ask_at } = *new;
        let PaymentId { brand, number: payment, token } = operation.payment;
        let last = self.sql.int(
            "SELECT max(seq) FROM card_operations WHERE brand = ?1 AND payment = ?2",
            &[brand.into(), payment.into()],
        )?;
        let inserted = self.sql.execute(
            "INSERT INTO card_operations (brand, number, payment, token, seq, kind, state, currency, minor, follows,
                                          account, card, merchant_name, note, at, changed_at, detail, request_key,
                                          request_until, ask_at, asked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, 0)
             ON CONFLICT (brand, number) DO NOTHING",
            &[
                brand.into(),
                as_stored(operation.number)?.into(),
                payment.into(),
                token.into(),
                (last + 1).into(),
                operation.kind.code().into(),
                operation.state.code().into(),
                operation.amount.currency().code().into(),
                operation.amount.minor().into(),
                operation.follows.map(as_stored).transpose()?.into(),
                operation.account.into(),
                (&to_json(&operation.card)?).into(),
                operation.merchant_name.as_ref().into(),
                operation.note.as_ref().into(),
                operation.at.into(),
                operation.changed_at.into(),
                (&to_json(&operation.detail)?).into(),
                request.map(|request| &request.key).into(),
                request.map(|request| request.until).into(),
                ask_at.into(),
            ],
        )?;
        if inserted == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Writes what an operation has become. Who, what for, and how much never change.
    pub fn update_card_operation(
        &mut self,
        operation: &CardOperation,
        ask_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE card_operations SET state = ?3, changed_at = ?4, detail = ?5, ask_at = ?6
             WHERE brand = ?1 AND number = ?2",
            &[
                operation.payment.brand.into(),
                as_stored(operation.number)?.into(),
                operation.state.code().into(),
                operation.changed_at.into(),
                (&to_json(&operation.detail)?).into(),
                ask_at.into(),
            ],
            Some(StoreError::NotFound("card operation")),
        )
    }

    /// Says when to look after an operation again, and that it was looked after now.
    pub fn ask_card_operation_again(
        &mut self,
        brand: BrandId,
        number: u64,
        ask_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE card_operations SET ask_at = ?3, asked = asked + 1
             WHERE brand = ?1 AND number = ?2 AND ask_at IS NOT NULL",
            &[brand.into(), as_stored(number)?.into(), ask_at.into()],
            None,
        )
    }

    /// Forgets requests of a brand that cannot be repeated any more; at most `most`.
    pub fn forget_card_requests(
        &mut self,
        brand: BrandId,
        now: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        self.sql.execute(
            "UPDATE card_operations SET request_key = NULL, request_until = NULL
             WHERE brand = ?1 AND number IN (
                 SELECT number FROM card_operations
                 WHERE brand = ?1 AND request_key IS NOT NULL AND request_until <= ?2 LIMIT ?3)",
            &[brand.into(), now.into(), limit(most)],
        )
    }
}

/// Numbers have fifteen digits; more than fits is nobody's.
pub(super) fn as_stored(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::NotFound("card operation"))
}
