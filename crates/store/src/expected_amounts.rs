//! Amounts that tell payments apart: where a rail says how much came, but not what for, a brand may ask each payer for an
//! amount that no other payer is asked for at the time.

use torana_domain::ids::PaymentNumber;
use torana_domain::receipt::Receipt;
use torana_domain::{BrandId, Money, Timestamp};

use crate::sql::limit;
use crate::{Reader, StoreError, Tx};

/// How many minor units may be added to what is due, so that it is unlike what others are asked for. At least one is: who
/// types a round amount by mistake must not pay for somebody else.
pub const STEPS: i64 = 99;
/// How long, in milliseconds, an amount stays taken after its payment is over: money that comes late must not pay another.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// How much earlier than the payment, in milliseconds, the rail may say that its money came: some write the minute.
const SLACK_MS: i64 = 60 * 1000;

/// The one payment that waits for an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The payment.
    pub number: PaymentNumber,
    /// Since when it waits.
    pub since: Timestamp,
}

impl Reader<'_> {
    /// The one payment that waits for exactly that much, or waited for it until a while ago.
    pub(crate) fn expected_amount(
        &self,
        brand: BrandId,
        amount: Money,
        now: Timestamp,
    ) -> Result<Option<Expected>, StoreError> {
        self.sql.row(
            "SELECT number, since FROM expected_amounts
             WHERE brand = ?1 AND currency = ?2 AND minor = ?3 AND kept_until > ?4 AND is_shared = 0",
            &[brand.into(), amount.currency().code().into(), amount.minor().into(), now.into()],
            |row| Ok(Expected { number: row.number(0)?, since: row.time(1)? }),
        )
    }
}

impl Tx<'_> {
    /// Takes the smallest amount above `least` that no other payment waits for, until a while after `until`; none if all
    /// are taken. Never a whole major unit: such amounts are sent for other things too.
    pub fn expect_amount(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        least: Money,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Money>, StoreError> {
        let (currency, first) = (least.currency(), least.minor().saturating_add(1));
        let most = least.minor().saturating_add(STEPS);
        let taken = self.sql.rows(
            "SELECT minor FROM expected_amounts
             WHERE brand = ?1 AND currency = ?2 AND minor BETWEEN ?3 AND ?4 AND kept_until > ?5",
            &[brand.into(), currency.code().into(), first.into(), most.into(), now.into()],
            |row| row.int(0),
        )?;
        let one = 10_i64.pow(currency.exponent());
        let is_free = |minor: &i64| minor % one != 0 && !taken.contains(minor);
        let Some(free) = (first..=most).find(is_free) else { return Ok(None) };
        self.sql.execute_later(
            "INSERT INTO expected_amounts (brand, currency, minor, number, since, kept_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (brand, currency, minor) DO UPDATE
             SET number = excluded.number, since = excluded.since, kept_until = excluded.kept_until, is_shared = 0",
            &[
                brand.into(),
                currency.code().into(),
                free.into(),
                number.into(),
                now.into(),
                until.plus_ms(KEPT_MS).into(),
            ],
            None,
        )?;
        Ok(Some(Money::from_minor(free, currency)))
    }

    /// A payment waits for an amount that others may wait for too: until a while after `until` it tells nobody's payment.
    pub fn share_amount(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        amount: Money,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "INSERT INTO expected_amounts (brand, currency, minor, number, since, kept_until, is_shared)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
             ON CONFLICT (brand, currency, minor) DO UPDATE
             SET is_shared = 1,
                 kept_until = CASE WHEN expected_amounts.kept_until < excluded.kept_until
                                   THEN excluded.kept_until ELSE expected_amounts.kept_until END",
            &[
                brand.into(),
                amount.currency().code().into(),
                amount.minor().into(),
                number.into(),
                now.into(),
                until.plus_ms(KEPT_MS).into(),
            ],
            None,
        )
    }

    /// Forgets amounts of a brand that nobody waits for any more; at most `most`.
    pub fn forget_amounts(
        &mut self,
        brand: BrandId,
        now: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        self.sql.execute(
            "DELETE FROM expected_amounts WHERE brand = ?1 AND (currency, minor) IN (
                 SELECT currency, minor FROM expected_amounts WHERE brand = ?1 AND kept_until <= ?2 LIMIT ?3)",
            &[brand.into(), now.into(), limit(most)],
        )
    }
}

impl Expected {
    /// Whether a receipt may be of money that was sent after the payment was made: what came before was for something else.
    pub(crate) fn may_be(&self, receipt: &Receipt) -> bool {
        receipt.at.ms_since(self.since) >= -SLACK_MS
    }
}
