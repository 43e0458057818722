//! What happened to a payment. That it was created is said by its own row.

use serde_json::Value as Json;
use torana_domain::BrandId;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Event, EventKind, Payment};

use crate::sql::{from_json, to_json};
use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    /// A payment's events, oldest first; none if there is no such payment.
    pub fn timeline(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Vec<Event>, StoreError> {
        let params = [brand.into(), number.into()];
        let mut events = self.sql.rows(
            "SELECT created_at FROM payments WHERE brand = ?1 AND number = ?2",
            &params,
            |row| Ok(Event { at: row.time(0)?, kind: EventKind::Created }),
        )?;
        events.extend(self.sql.rows(
            "SELECT at, kind FROM events WHERE brand = ?1 AND number = ?2 ORDER BY version, line",
            &params,
            |row| {
                // By way of a `Value`: with serde_json's `arbitrary_precision`, an internally tagged enum
                // cannot read its numbers from text.
                let kind: Json = from_json(row.str(1)?)?;
                let kind = serde_json::from_value(kind)
                    .map_err(|error| StoreError::Damaged(error.to_string()))?;
                Ok(Event { at: row.time(0)?, kind })
            },
        )?);
        Ok(events)
    }
}

impl Tx<'_> {
    pub(crate) fn write_events(
        &self,
        payment: &Payment,
        events: &[Event],
    ) -> Result<(), StoreError> {
        for (line, event) in (0_i64..).zip(events) {
            self.sql.execute_later(
                "INSERT INTO events (brand, number, version, line, at, kind)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    payment.id.brand.into(),
                    payment.id.number.into(),
                    payment.version.into(),
                    line.into(),
                    event.at.into(),
                    (&to_json(&event.kind)?).into(),
                ],
                None,
            )?;
        }
        Ok(())
    }
}
