//! Every message that a phone ever forwarded: none is dropped, whatever it says.

use torana_domain::receipt::{Receipt, ReceiptKey};
use torana_domain::{AccountId, BrandId, DeviceId, Timestamp};

use crate::sql::{Row, limit, without_nul};
use crate::{Reader, StoreError, Tx};

/// Messages that are looked through for gaps in one go.
const SEQUENCE_WINDOW: usize = 10_000;

/// A message as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Whose it is.
    pub brand: BrandId,
    /// Its number within the brand, in the order of arrival; assigned by the store.
    pub id: i64,
    /// The phone; none when a person pasted it.
    pub device: Option<DeviceId>,
    /// The phone's own number of it, from one.
    pub seq: Option<i64>,
    /// The originating address.
    pub sender: String,
    /// The text.
    pub body: String,
    /// When the phone heard it, by the phone's clock.
    pub heard_at: Timestamp,
    /// When it came here.
    pub received_at: Timestamp,
    /// `receipt`, `not_money` or `unread`.
    pub reading: String,
    /// Why it is no receipt, as a stable code.
    pub why: Option<String>,
    /// The wallet, as a slug.
    pub method: Option<String>,
    /// The balance that it tells of, in minor units.
    pub balance_minor: Option<i64>,
    /// The receipt in it.
    pub receipt: Option<ReceiptKey>,
    /// Whether a person dealt with it.
    pub resolved: bool,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertedMessage {
    /// It was kept, under this number.
    Inserted(i64),
    /// The phone had sent it before; nothing changed.
    Duplicate,
}

/// How far a phone's messages are complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageProgress {
    /// All messages up to this one were received.
    pub acknowledged_through: i64,
    /// First and last of each run of missing messages after it, bounded.
    pub gaps: Vec<(i64, i64)>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT brand, id, device, seq, sender, body, heard_at, received_at, reading, why, method,
                    balance_minor, receipt_method, receipt_reference, resolved
             FROM messages ",
            $rest
        )
    };
}

fn read(row: Row<'_>) -> Result<MessageRow, StoreError> {
    let receipt = match (row.opt_text(12)?, row.opt_text(13)?) {
        (Some(method), Some(reference)) => Some(ReceiptKey { method, reference }),
        _ => None,
    };
    Ok(MessageRow {
        brand: row.brand(0)?,
        id: row.int(1)?,
        device: row.opt_num(2)?.map(DeviceId),
        seq: row.opt_int(3)?,
        sender: row.text(4)?,
        body: row.text(5)?,
        heard_at: row.time(6)?,
        received_at: row.time(7)?,
        reading: row.text(8)?,
        why: row.opt_text(9)?,
        method: row.opt_text(10)?,
        balance_minor: row.opt_int(11)?,
        receipt,
        resolved: row.bool(14)?,
    })
}

impl Reader<'_> {
    /// One message.
    pub fn message(&self, brand: BrandId, id: i64) -> Result<Option<MessageRow>, StoreError> {
        self.sql.row(select!("WHERE brand = ?1 AND id = ?2"), &[brand.into(), id.into()], read)
    }

    /// Messages, latest first, from before `before`.
    pub fn messages(
        &self,
        brand: BrandId,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let params = [brand.into(), before.unwrap_or(i64::MAX).into(), limit(most)];
        self.sql.rows(
            select!("WHERE brand = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"),
            &params,
            read,
        )
    }

    /// Messages that nobody could read and nobody dealt with, latest first, from before `before`.
    pub fn unread_messages(
        &self,
        brand: BrandId,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let params = [brand.into(), before.unwrap_or(i64::MAX).into(), limit(most)];
        self.sql.rows(
            select!(
                "WHERE brand = ?1 AND reading = 'unread' AND resolved = 0 AND id < ?2
                 ORDER BY id DESC LIMIT ?3"
            ),
            &params,
            read,
        )
    }

    /// How far a phone's messages are complete, and at most `most` gaps.
    pub fn missing_sequences(
        &self,
        brand: BrandId,
        device: DeviceId,
        most: usize,
    ) -> Result<MessageProgress, StoreError> {
        let row = self.device(brand, device)?.ok_or(StoreError::NotFound("device"))?;
        let mut through = row.acknowledged_seq;
        let mut last = through;
        let mut gaps = vec![];
        let params = [brand.into(), device.into(), through.into(), limit(SEQUENCE_WINDOW)];
        self.sql.query(
            "SELECT seq FROM messages WHERE brand = ?1 AND device = ?2 AND seq > ?3
             ORDER BY seq LIMIT ?4",
            &params,
            &mut |row| {
                let seq = row.int(0)?;
                if seq > last + 1 && gaps.len() < most {
                    gaps.push((last + 1, seq - 1));
                } else if seq == through + 1 {
                    through = seq;
                }
                last = seq;
                Ok(())
            },
        )?;
        Ok(MessageProgress { acknowledged_through: through, gaps })
    }

    /// The last balance that messages told of, in minor units.
    pub fn last_balance(
        &self,
        brand: BrandId,
        account: AccountId,
    ) -> Result<Option<i64>, StoreError> {
        let params = [brand.into(), account.into()];
        self.sql.row(
            "SELECT minor FROM balances WHERE brand = ?1 AND account = ?2",
            &params,
            |row| row.int(0),
        )
    }
}

impl Tx<'_> {
    /// Keeps a message, unless the phone had sent it before; its `id` is assigned here.
    pub fn insert_message(&mut self, row: &MessageRow) -> Result<InsertedMessage, StoreError> {
        let brand = row.brand;
        // As stored, to be compared with what is.
        let (sender_text, body_text) = (without_nul(&row.sender), without_nul(&row.body));
        let last =
            self.sql.int("SELECT max(id) FROM messages WHERE brand = ?1", &[brand.into()])?;
        let id = last + 1;
        let mut seq = row.seq;
        if let (Some(device), Some(_)) = (row.device, seq) {
            let known = self.sql.row(
                "SELECT sender, body FROM messages WHERE brand = ?1 AND device = ?2 AND seq = ?3",
                &[brand.into(), device.into(), seq.into()],
                |row| Ok((row.text(0)?, row.text(1)?)),
            )?;
            match known {
                Some((sender, body)) if sender == sender_text && body == body_text => {
                    return Ok(InsertedMessage::Duplicate);
                }
                // A phone that counts anew: its message is another one, and must not be lost.
                Some(_) => seq = None,
                None => {}
            }
        }
        let inserted = self.sql.execute(
            "INSERT INTO messages (brand, id, device, seq, sender, body, heard_at, received_at, reading,
                                   why, method, balance_minor, receipt_method, receipt_reference, resolved)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT DO NOTHING",
            &[
                brand.into(),
                id.into(),
                row.device.into(),
                seq.into(),
                (&*sender_text).into(),
                (&*body_text).into(),
                row.heard_at.into(),
                row.received_at.into(),
                (&row.reading).into(),
                row.why.as_ref().into(),
                row.method.as_ref().into(),
                row.balance_minor.into(),
                row.receipt.as_ref().map(|key| &key.method).into(),
                row.receipt.as_ref().map(|key| &key.reference).into(),
                row.resolved.into(),
            ],
        )?;
        Ok(if inserted == 1 { InsertedMessage::Inserted(id) } else { InsertedMessage::Duplicate })
    }

    /// The chain of balances goes on from the message that a receipt was read from.
    pub(crate) fn adopt_balance(
        &mut self,
        brand: BrandId,
        receipt: &Receipt,
    ) -> Result<(), StoreError> {
        let stated = self.sql.row(
            "SELECT balance_minor FROM messages
             WHERE brand = ?1 AND receipt_method = ?2 AND receipt_reference = ?3
             ORDER BY id DESC LIMIT 1",
            &[brand.into(), (&receipt.key.method).into(), (&receipt.key.reference).into()],
            |row| row.opt_int(0),
        )?;
        match stated.flatten() {
            Some(minor) => self.set_last_balance(brand, receipt.account, minor),
            None => Ok(()),
        }
    }

    /// Forgets an account's balance: its next message is believed whatever balance it states.
    pub fn forget_balance(&mut self, brand: BrandId, account: AccountId) -> Result<(), StoreError> {
        let params = [brand.into(), account.into()];
        self.sql.execute("DELETE FROM balances WHERE brand = ?1 AND account = ?2", &params)?;
        Ok(())
    }

    /// [`Reader::missing_sequences`], and remembers what is acknowledged.
    pub fn acknowledge_messages(
        &mut self,
        brand: BrandId,
        device: DeviceId,
        most: usize,
    ) -> Result<MessageProgress, StoreError> {
        let progress = self.missing_sequences(brand, device, most)?;
        self.sql.execute(
            "UPDATE devices SET acknowledged_seq = ?3
             WHERE brand = ?1 AND id = ?2 AND acknowledged_seq < ?3",
            &[brand.into(), device.into(), progress.acknowledged_through.into()],
        )?;
        Ok(progress)
    }

    /// Notes the balance that a message told of.
    pub fn set_last_balance(
        &mut self,
        brand: BrandId,
        account: AccountId,
        minor: i64,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO balances (brand, account, minor) VALUES (?1, ?2, ?3)
             ON CONFLICT (brand, account) DO UPDATE SET minor = excluded.minor",
            &[brand.into(), account.into(), minor.into()],
        )?;
        Ok(())
    }

    /// A person dealt with a message.
    pub fn resolve_message(&mut self, brand: BrandId, id: i64) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE messages SET resolved = 1 WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into()],
            StoreError::NotFound("message"),
        )
    }
}
