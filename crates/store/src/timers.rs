//! When unpaid payments expire: a row from creation until the payment is no longer waited for.

use torana_domain::ids::PaymentNumber;
use torana_domain::{BrandId, Timestamp};

use crate::sql::limit;
use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    /// Payments of a brand whose time is over at `now` by its clock, the longest overdue first.
    pub fn due_timers(
        &self,
        brand: BrandId,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<PaymentNumber>, StoreError> {
        self.sql.rows(
            "SELECT number FROM timers WHERE brand = ?1 AND due_ms <= ?2
             ORDER BY due_ms, number LIMIT ?3",
            &[brand.into(), now.into(), limit(most)],
            |row| row.number(0),
        )
    }

    /// Brands that have a timer due, each by its own clock; `now` is the real time.
    pub fn brands_with_due_timers(&self, now: Timestamp) -> Result<Vec<BrandId>, StoreError> {
        self.sql.rows(
            "SELECT b.id FROM brands b WHERE EXISTS (
                 SELECT 1 FROM timers t WHERE t.brand = b.id AND t.due_ms <= ?1 + b.clock_offset_ms)
             ORDER BY b.id",
            &[now.into()],
            |row| row.brand(0),
        )
    }
}

impl Tx<'_> {
    pub(crate) fn remove_timer(
        &self,
        brand: BrandId,
        due: Timestamp,
        number: PaymentNumber,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "DELETE FROM timers WHERE brand = ?1 AND due_ms = ?2 AND number = ?3",
            &[brand.into(), due.into(), number.into()],
            None,
        )
    }
}
