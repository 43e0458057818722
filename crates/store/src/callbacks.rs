//! Callbacks that merchants are owed (the outbox) and what became of each delivery.
//!
//! A callback is written in the transaction that caused it; workers lease what is due, send it, and record
//! what happened.

use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Event, EventKind, Payment};
use torana_domain::payout::Payout;
use torana_domain::{BrandId, PaymentId, Timestamp};

use crate::sql::{Row, Value, limit, to_json};
use crate::{BrandRow, Reader, StoreError, Tx};

/// Bytes of a merchant's answer that are kept.
pub const RESPONSE_BYTES: usize = 4_096;
/// Bits of an outbox id below its milliseconds.
const COUNTER_BITS: u32 = 20;

/// Turns what happened into what the merchant's server is told. Runs on the writer's thread: no I/O.
pub trait RenderCallbacks: Send + Sync {
    /// The callback that `event` owes, if any. Not called for the creation of a payment.
    fn render(&self, brand: &BrandRow, payment: &Payment, event: &Event) -> Option<CallbackDraft>;

    /// The callback that a payout owes in the state in which it now is, if any.
    fn render_payout(&self, brand: &BrandRow, payout: &Payout) -> Option<CallbackDraft>;
}

/// Owes nobody a callback: for tools.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentCallbacks;

impl RenderCallbacks for SilentCallbacks {
    fn render(&self, _: &BrandRow, _: &Payment, _: &Event) -> Option<CallbackDraft> {
        None
    }

    fn render_payout(&self, _: &BrandRow, _: &Payout) -> Option<CallbackDraft> {
        None
    }
}

/// A request to be sent to the merchant's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackDraft {
    /// Where to; untrusted.
    pub url: String,
    /// The body's type.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The dialect whose own signature it bears when it is sent, as a slug.
    pub dialect: Option<String>,
}

/// Where a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackState {
    /// Still to be delivered.
    Pending,
    /// Delivered.
    Delivered,
    /// Given up.
    Failed,
}

impl CallbackState {
    /// The stable code, as stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// A callback as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Whose it is.
    pub brand: BrandId,
    /// Its number within the brand; grows with time.
    pub id: i64,
    /// The payment or payout that it tells of.
    pub payment: PaymentNumber,
    /// What is sent.
    pub draft: CallbackDraft,
    /// When it was caused.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: CallbackState,
    /// Deliveries so far.
    pub attempts: u32,
    /// When it is due.
    pub next_at: Timestamp,
    /// Until when a worker has it.
    pub lease_until: Option<Timestamp>,
}

impl OutboxRow {
    /// The id that the merchant sees, the same at every delivery (`webhook-id` of Standard Webhooks).
    pub fn webhook_id(&self) -> String {
        format!("msg_{:08x}{:016x}", self.brand.0, self.id)
    }
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its number, from one.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: i64,
    /// The answer's body; cut at [`RESPONSE_BYTES`].
    pub response: Vec<u8>,
}

/// What follows a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextDelivery {
    /// Nothing: it was delivered.
    Done,
    /// Another.
    RetryAt(Timestamp),
    /// Nothing: it failed too often.
    GiveUp,
}

/// A callback with its deliveries, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackLog {
    /// The callback.
    pub callback: OutboxRow,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryRow>,
}

/// Callbacks by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallbackCounts {
    /// Still to be delivered.
    pub pending: i64,
    /// Delivered.
    pub delivered: i64,
    /// Given up.
    pub failed: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT brand, id, payment, url, content_type, headers, body, created_at, state, attempts,
                    next_at, lease_until, dialect
             FROM outbox ",
            $rest
        )
    };
}

fn read(row: Row<'_>) -> Result<OutboxRow, StoreError> {
    let draft = CallbackDraft {
        url: row.text(3)?,
        content_type: row.text(4)?,
        headers: row.json(5)?,
        body: row.blob(6)?,
        dialect: row.opt_text(12)?,
    };
    Ok(OutboxRow {
        brand: row.brand(0)?,
        id: row.int(1)?,
        payment: row.number(2)?,
        draft,
        created_at: row.time(7)?,
        state: row.parsed(8, CallbackState::from_code)?,
        attempts: row.num(9)?,
        next_at: row.time(10)?,
        lease_until: row.opt_time(11)?,
    })
}

impl Reader<'_> {
    /// One callback.
    pub fn callback(&self, brand: BrandId, id: i64) -> Result<Option<OutboxRow>, StoreError> {
        self.sql.row(select!("WHERE brand = ?1 AND id = ?2"), &[brand.into(), id.into()], read)
    }

    /// A brand's callbacks that are due by its clock (`now`) and that no node has at the real time, the longest due first.
    pub fn due_callbacks(
        &self,
        brand: BrandId,
        now: Timestamp,
        real_now: Timestamp,
        most: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.sql.rows(
            select!(
                "WHERE brand = ?1 AND state = 'pending' AND next_at <= ?2
                       AND (lease_until IS NULL OR lease_until <= ?3)
                 ORDER BY next_at, id LIMIT ?4"
            ),
            &[brand.into(), now.into(), real_now.into(), limit(most)],
            read,
        )
    }

    /// Brands with a callback due, each by its own clock; `now` is the real time.
    pub fn brands_with_due_callbacks(&self, now: Timestamp) -> Result<Vec<BrandId>, StoreError> {
        self.sql.rows(
            "SELECT b.id FROM brands b WHERE EXISTS (
                 SELECT 1 FROM outbox o WHERE o.brand = b.id AND o.state = 'pending'
                        AND o.next_at <= ?1 + b.clock_offset_ms)
             ORDER BY b.id",
            &[now.into()],
            |row| row.brand(0),
        )
    }

    /// Since when the longest due callback of a brand is due, by its clock; none if nothing waits.
    pub fn oldest_due_callback(
        &self,
        brand: BrandId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let oldest = self.sql.row(
            "SELECT min(next_at) FROM outbox WHERE brand = ?1 AND state = 'pending' AND next_at <= ?2",
            &[brand.into(), now.into()],
            |row| row.opt_time(0),
        )?;
        Ok(oldest.flatten())
    }

    /// A payment's or payout's callbacks with their deliveries, oldest first.
    pub fn deliveries(
        &self,
        brand: BrandId,
        payment: PaymentNumber,
    ) -> Result<Vec<CallbackLog>, StoreError> {
        let callbacks = self.sql.rows(
            select!("WHERE brand = ?1 AND payment = ?2 ORDER BY id"),
            &[brand.into(), payment.into()],
            read,
        )?;
        let log = |callback: OutboxRow| {
            let deliveries = self.sql.rows(
                "SELECT attempt, at, status, error, duration_ms, response FROM deliveries
                 WHERE brand = ?1 AND callback = ?2 ORDER BY attempt",
                &[brand.into(), callback.id.into()],
                |row| {
                    Ok(DeliveryRow {
                        attempt: row.num(0)?,
                        at: row.time(1)?,
                        status: row.opt_num(2)?,
                        error: row.opt_text(3)?,
                        duration_ms: row.int(4)?,
                        response: row.blob(5)?,
                    })
                },
            )?;
            Ok(CallbackLog { callback, deliveries })
        };
        callbacks.into_iter().map(log).collect()
    }

    /// A brand's callbacks by state.
    pub fn count_callbacks(&self, brand: BrandId) -> Result<CallbackCounts, StoreError> {
        let mut counts = CallbackCounts::default();
        self.sql.query(
            "SELECT state, count(*) FROM outbox WHERE brand = ?1 GROUP BY state",
            &[brand.into()],
            &mut |row| {
                let count = row.int(1)?;
                match row.parsed(0, CallbackState::from_code)? {
                    CallbackState::Pending => counts.pending = count,
                    CallbackState::Delivered => counts.delivered = count,
                    CallbackState::Failed => counts.failed = count,
                }
                Ok(())
            },
        )?;
        Ok(counts)
    }
}

impl Tx<'_> {
    /// Writes the callbacks that events owe.
    pub(crate) fn write_callbacks(
        &self,
        payment: &Payment,
        events: &[Event],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let brand = payment.id.brand;
        let brand = self.brand(brand)?.ok_or(StoreError::NotFound("brand"))?;
        for event in events {
            if let EventKind::Succeeded { late: true, .. } = event.kind {
                self.give_up_callbacks(payment.id)?;
            }
            if let Some(draft) = self.render.render(&brand, payment, event) {
                self.insert_callback(payment.id, &draft, now)?;
            }
        }
        Ok(())
    }

    /// Gives up what is still to be told of a payment. One that was lost and is paid after all would else be told lost
    /// again after it was told paid, by a callback that failed before and is tried again.
    fn give_up_callbacks(&self, of: PaymentId) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE outbox SET state = 'failed', lease_until = NULL
             WHERE brand = ?1 AND payment = ?2 AND state = 'pending'",
            &[of.brand.into(), of.number.into()],
            None,
        )
    }

    /// Writes the callback that a payout owes as it now stands.
    pub(crate) fn write_payout_callback(
        &self,
        payout: &Payout,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let brand = self.brand(payout.id.brand)?.ok_or(StoreError::NotFound("brand"))?;
        match self.render.render_payout(&brand, payout) {
            Some(draft) => self.insert_callback(payout.id, &draft, now),
            None => Ok(()),
        }
    }

    fn insert_callback(
        &self,
        of: PaymentId,
        draft: &CallbackDraft,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let brand = of.brand;
        // From the time, not from the highest: an id is not used again after its row was pruned.
        let last = self.sql.int("SELECT max(id) FROM outbox WHERE brand = ?1", &[brand.into()])?;
        let id = (now.as_ms().max(0) << COUNTER_BITS).max(last + 1);
        self.sql.execute_later(
            "INSERT INTO outbox (brand, id, payment, url, content_type, headers, body, created_at, state,
                                 attempts, next_at, dialect)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', 0, ?8, ?9)",
            &[
                brand.into(),
                id.into(),
                of.number.into(),
                (&draft.url).into(),
                (&draft.content_type).into(),
                (&to_json(&draft.headers)?).into(),
                (&draft.body).into(),
                now.into(),
                draft.dialect.as_ref().into(),
            ],
            None,
        )?;
        Ok(())
    }

    /// Takes callbacks until `until`, so that no other node delivers them; those that it got. A callback that another has,
    /// or that changed since it was read, is left out. Leases run on the real clock, whatever the brand's says.
    pub fn lease_callbacks(
        &mut self,
        rows: &[OutboxRow],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut leased = vec![];
        for row in rows {
            // Another node that takes the same row at this moment is not waited for.
            let got = self.sql.execute(
                "UPDATE outbox SET lease_until = ?5 WHERE brand = ?1 AND id IN (
                     SELECT id FROM outbox
                     WHERE brand = ?1 AND id = ?2 AND state = 'pending' AND attempts = ?3
                           AND next_at = ?6 AND (lease_until IS NULL OR lease_until <= ?4)
                     /*pg: FOR UPDATE SKIP LOCKED */)",
                &[
                    row.brand.into(),
                    row.id.into(),
                    row.attempts.into(),
                    now.into(),
                    until.into(),
                    row.next_at.into(),
                ],
            )?;
            if got == 1 {
                leased.push(OutboxRow { lease_until: Some(until), ..row.clone() });
            }
        }
        Ok(leased)
    }

    /// Records a delivery and what follows it; `sent` is the callback as it was taken. The delivery's own number is
    /// assigned here. A delivery whose lease was over while it ran is recorded like any other, but only its success
    /// counts: what becomes of the callback otherwise is the business of whoever has it now.
    pub fn record_delivery(
        &mut self,
        sent: &OutboxRow,
        delivery: &DeliveryRow,
        next: NextDelivery,
    ) -> Result<(), StoreError> {
        let key = [sent.brand.into(), sent.id.into()];
        let locked = select!("WHERE brand = ?1 AND id = ?2 /*pg: FOR UPDATE */");
        let callback = self.sql.row(locked, &key, read)?.ok_or(StoreError::NotFound("callback"))?;
        let last = "SELECT max(attempt) FROM deliveries WHERE brand = ?1 AND callback = ?2";
        let attempt = self.sql.int(last, &key)?.max(i64::from(callback.attempts)) + 1;
        let response = &delivery.response;
        let response = response.get(..RESPONSE_BYTES).unwrap_or(response);
        self.sql.execute_later(
            "INSERT INTO deliveries (brand, callback, attempt, at, status, error, duration_ms, response)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                sent.brand.into(),
                sent.id.into(),
                attempt.into(),
                delivery.at.into(),
                delivery.status.into(),
                delivery.error.as_ref().into(),
                delivery.duration_ms.into(),
                Value::Blob(response),
            ],
            None,
        )?;
        let is_ours = callback.lease_until == sent.lease_until;
        let is_open = callback.state == CallbackState::Pending;
        let (state, next_at, lease_until) = match next {
            NextDelivery::Done if is_open => (CallbackState::Delivered, callback.next_at, None),
            NextDelivery::RetryAt(at) if is_open && is_ours => (CallbackState::Pending, at, None),
            NextDelivery::GiveUp if is_open && is_ours => {
                (CallbackState::Failed, callback.next_at, None)
            }
            _ => (callback.state, callback.next_at, callback.lease_until),
        };
        self.sql.execute_later(
            "UPDATE outbox SET state = ?3, attempts = ?4, next_at = ?5, lease_until = ?6
             WHERE brand = ?1 AND id = ?2",
            &[
                sent.brand.into(),
                sent.id.into(),
                state.code().into(),
                attempt.into(),
                next_at.into(),
                lease_until.into(),
            ],
            None,
        )
    }

    /// Puts off what is due to one origin (scheme, host and port) that does not answer, so that it does not stand
    /// before what is due to others; how many. What a node has in its hands (by the real time) is left to that node.
    pub fn postpone_callbacks(
        &mut self,
        brand: BrandId,
        origin: &str,
        now: Timestamp,
        real_now: Timestamp,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        self.sql.execute(
            "UPDATE outbox SET next_at = ?4 WHERE brand = ?1 AND id IN (
                 SELECT id FROM outbox
                 WHERE brand = ?1 AND state = 'pending' AND next_at <= ?3
                       AND (lease_until IS NULL OR lease_until <= ?5)
                       AND (url = ?2 OR substr(url, 1, length(?2) + 1) = ?2 || '/')
                 /*pg: FOR UPDATE SKIP LOCKED */)",
            &[brand.into(), origin.into(), now.into(), until.into(), real_now.into()],
        )
    }

    /// Makes a callback due now, whatever became of it before.
    pub fn resend(&mut self, brand: BrandId, id: i64, now: Timestamp) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE outbox SET state = 'pending', next_at = ?3, lease_until = NULL
             WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into(), now.into()],
            StoreError::NotFound("callback"),
        )
    }
}
