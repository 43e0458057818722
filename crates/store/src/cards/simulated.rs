//! The memory of the simulated card network, as it wrote it itself.

use torana_domain::BrandId;

use super::operations::as_stored;
use crate::sql::Row;
use crate::{Reader, StoreError, Tx};

/// What the simulated network remembers of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedCardRow {
    /// Its number.
    pub number: u64,
    /// The rest, which only the simulator reads.
    pub record: String,
}

fn read(row: Row<'_>) -> Result<SimulatedCardRow, StoreError> {
    Ok(SimulatedCardRow { number: row.num(0)?, record: row.text(1)? })
}

impl Reader<'_> {
    /// What is remembered under a number.
    pub fn simulated_card(
        &self,
        brand: BrandId,
        number: u64,
    ) -> Result<Option<SimulatedCardRow>, StoreError> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        self.sql.row(
            "SELECT number, record FROM simulated_cards WHERE brand = ?1 AND number = ?2",
            &[brand.into(), number.into()],
            read,
        )
    }
}

impl Tx<'_> {
    /// Remembers.
    pub fn write_simulated_card(
        &mut self,
        brand: BrandId,
        row: &SimulatedCardRow,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "INSERT INTO simulated_cards (brand, number, record) VALUES (?1, ?2, ?3)
             ON CONFLICT (brand, number) DO UPDATE SET record = excluded.record",
            &[brand.into(), as_stored(row.number)?.into(), (&row.record).into()],
            None,
        )
    }
}
