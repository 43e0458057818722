//! Fills a database with payments as years of business would leave them: seven of ten paid (with the payer's attempt, the
//! receipt, its SMS, both ledger transactions and the events), one open with its timer, two expired.
//!
//! One payment of each kind is really made, and its rows are copied with other numbers, times and references; so they
//! have the sizes of real ones, and the books are whole: `torana ledger check` passes. Times lie within the ten days
//! after now, to which the brand's clock is then moved.

mod rows;

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use serde_json::json;
use torana_domain::ids::PaymentNumber;
use torana_domain::{BrandId, PaymentId, Timestamp};
use torana_server::clock;
use torana_store::{Datum, Lane, Options, SilentCallbacks, Store, StoreError};

use crate::calls::{create_one, order};
use crate::client::{Body, Connection, Key};
use crate::home::Home;
use crate::servers::{Brand, Server};
use rows::{Cells, Counters, Own, TABLES, Template};

/// Payments in one transaction.
const CHUNK: u64 = 4_000;
/// Chunks that are written at once: PostgreSQL can, SQLite joins them into one commit.
const WRITERS: u64 = 2;
/// The time in which the payments were made. Longer than 11 days, and finding a payment by its `transaction_id` takes
/// more than two look-ups.
const SPAN_MS: i64 = 10 * 24 * 60 * 60 * 1000;
/// When those that are open expire: not while anybody measures.
const OPEN_FOR_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Paid,
    Open,
    Expired,
}

impl Fate {
    fn of(index: u64) -> Self {
        match index % 10 {
            0..=6 => Self::Paid,
            7 => Self::Open,
            _ => Self::Expired,
        }
    }
}

/// One real payment of each fate.
struct Templates {
    paid: Template,
    open: Template,
    expired: Template,
}

/// What the database was filled with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled {
    brand: BrandId,
    begin: Timestamp,
    count: u64,
    pub(crate) per_second: f64,
}

impl Filled {
    /// How far the brand's clock must be moved.
    pub(crate) const AHEAD_S: i64 = SPAN_MS / 1000 + 60;

    fn id(&self, index: u64) -> PaymentId {
        let share = u128::from(index) * SPAN_MS.unsigned_abs() as u128 / u128::from(self.count);
        let at = self.begin.plus_ms(i64::try_from(share).unwrap_or(0));
        // Well mixed (splitmix64), the same at every call.
        let mut mixed = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        PaymentId::new(self.brand, at, mixed ^ (mixed >> 31))
    }

    /// `most` of the payments, from everywhere in the table, in no order; only those that can still be paid, or all.
    pub(crate) fn sample(&self, most: u64, only_open: bool) -> Vec<PaymentId> {
        // A prime, so that every payment has its turn.
        let index = |n: u64| n.wrapping_mul(982_451_653) % self.count;
        let fits = |index: &u64| !only_open || Fate::of(*index) == Fate::Open;
        let tries = (0..most.min(self.count) * 20).map(index).filter(fits);
        tries.take(usize::try_from(most).unwrap_or(0)).map(|index| self.id(index)).collect()
    }
}

/// Fills the brand's part of an almost empty database with `count` payments. The server makes the first three, and
/// then ends.
pub(crate) async fn fill(
    home: &Home,
    server: Server,
    brand: &Brand,
    count: u64,
) -> anyhow::Result<Filled> {
    let [paid, open, expired] = make_templates(&server, brand).await?;
    drop(server);
    let brand = BrandId(brand.brand_id.parse()?);
    let options = Options::new(home.database().clone());
    let store = Store::open(&options, Arc::new(SilentCallbacks))?;
    let number = |link: &str| -> anyhow::Result<PaymentNumber> {
        Ok(link.parse::<PaymentId>().map_err(|_| anyhow!("no payment id: {link}"))?.number)
    };
    let (paid, open, expired) = (number(&paid)?, number(&open)?, number(&expired)?);
    let (templates, counters) = store.read(|reader| {
        let template = |number| Template::read(reader, brand, number);
        let templates =
            Templates { paid: template(paid)?, open: template(open)?, expired: template(expired)? };
        let next = |name: &str| -> Result<i64, StoreError> {
            let table = torana_store::tables::table(name);
            let last = table.map(|table| reader.last_key(table)).transpose()?.flatten();
            Ok(match last.as_deref() {
                Some([_, Datum::Int(last), ..]) => last + 1,
                _ => 1,
            })
        };
        let counters =
            Counters { transaction: next("ledger_entries")?, message: next("messages")? };
        Ok((templates, counters))
    })?;
    let begin = clock::now();
    let mut filled = Filled { brand, begin, count, per_second: 0.0 };
    let started = Instant::now();
    tokio::task::block_in_place(|| write_all(&store, &filled, &templates, counters))?;
    filled.per_second = count as f64 / started.elapsed().as_secs_f64();
    store.close();
    home.rest();
    Ok(filled)
}

/// Links of a paid, an open and an expired payment.
async fn make_templates(server: &Server, brand: &Brand) -> anyhow::Result<[String; 3]> {
    let mut connection = Connection::open(server.address).await?;
    let key = Key::Api(brand.rupantorpay.api_key.clone());
    let sandbox = Key::Sandbox(brand.sandbox.token.clone());
    let mut links = [const { String::new() }; 3];
    for (link, outcome) in links.iter_mut().zip([Some("succeed"), None, Some("expire")]) {
        // Deliveries of callbacks would only disturb.
        let created = create_one(&mut connection, &key, order(None).to_string()).await?;
        created.link().clone_into(link);
        if let Some(outcome) = outcome {
            let body = json!({ "payment": link, "outcome": outcome }).to_string();
            connection.ask("/sandbox/simulate", &sandbox, Body::Json, body).await?;
        }
    }
    Ok(links)
}

type Chunk = Vec<Vec<Cells>>;

/// One thread makes rows, others write them.
fn write_all(
    store: &Store,
    filled: &Filled,
    templates: &Templates,
    mut counters: Counters,
) -> anyhow::Result<()> {
    let (send, receive) = sync_channel::<Chunk>(2);
    let receive = Mutex::new(receive);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|lane| {
                let receive = &receive;
                scope.spawn(move || write_chunks(store, lane, receive))
            })
            .collect();
        for first in (0..filled.count).step_by(usize::try_from(CHUNK)?) {
            let last = (first + CHUNK).min(filled.count);
            let chunk = make_chunk(filled, templates, &mut counters, first..last);
            if send.send(chunk).is_err() {
                break;
            }
        }
        drop(send);
        for writer in writers {
            writer.join().map_err(|_| anyhow!("a writer panicked"))??;
        }
        Ok(())
    })
}

fn make_chunk(
    filled: &Filled,
    templates: &Templates,
    counters: &mut Counters,
    indices: std::ops::Range<u64>,
) -> Chunk {
    let mut chunk = vec![vec![]; TABLES.len()];
    for index in indices {
        let PaymentId { number, token, .. } = filled.id(index);
        let fate = Fate::of(index);
        let open_until = filled.begin.plus_ms(OPEN_FOR_MS);
        let expires_at = (fate == Fate::Open).then_some(open_until);
        let template = match fate {
            Fate::Paid => &templates.paid,
            Fate::Open => &templates.open,
            Fate::Expired => &templates.expired,
        };
        template.copy(Own { index, number, token, expires_at }, counters, &mut chunk);
    }
    chunk
}

fn write_chunks(store: &Store, lane: u64, chunks: &Mutex<Receiver<Chunk>>) -> anyhow::Result<()> {
    // A lane that locks nothing, and of its own: nobody else is there.
    let lane = Lane::Outbox(BrandId(u32::try_from(lane)? + 1));
    let tables = TABLES.iter().map(|name| rows::table(name)).collect::<anyhow::Result<Vec<_>>>()?;
    loop {
        let chunk = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(chunk) = chunk else { return Ok(()) };
        let tables = tables.clone();
        let written = store.write_blocking(lane, move |tx| {
            for (&table, rows) in tables.iter().zip(&chunk) {
                tx.insert_rows(table, rows)?;
            }
            Ok(())
        });
        written.context("inserting rows")?;
    }
}

#[cfg(test)]
mod tests {
    use torana_domain::payment::{Command, Expirer};
    use torana_store::conformance::fixtures;

    use super::*;

    /// A store with a paid, an open and an expired payment of one brand.
    async fn store_with_three() -> (Store, tempfile::TempDir, BrandId, Templates) {
        let dir = tempfile::tempdir().unwrap();
        let options = Options::sqlite(dir.path().join("t.sqlite"));
        let store = Store::open(&options, fixtures::callbacks()).unwrap();
        let brand = fixtures::brand(&store).await;
        let paid = fixtures::pay(&store, brand, 1, "TRXID00001").await.id.number;
        let open = fixtures::create(&store, brand, 2).await.id.number;
        let expired = fixtures::create(&store, brand, 3).await.id.number;
        let expire = move |tx: &mut torana_store::Tx<'_>| {
            tx.decide(brand, expired, Command::Expire { by: Expirer::Clock }, fixtures::at(4_000))
        };
        store.write(Lane::Brand(brand), expire).await.unwrap();
        let templates = store.read(|reader| {
            let template = |number| Template::read(reader, brand, number);
            Ok(Templates {
                paid: template(paid)?,
                open: template(open)?,
                expired: template(expired)?,
            })
        });
        (store, dir, brand, templates.unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn generated_books_are_whole() {
        let (store, _dir, brand, templates) = store_with_three().await;
        let filled = Filled { brand, begin: fixtures::at(10_000), count: 10_000, per_second: 0.0 };
        // The paid one has two ledger transactions.
        let counters = Counters { transaction: 3, message: 1 };
        tokio::task::block_in_place(|| write_all(&store, &filled, &templates, counters)).unwrap();
        let report = store.read(|reader| reader.ledger_check()).unwrap();
        assert!(report.is_ok(), "{:?}", report.findings);
        assert_eq!(report.paid, 7_001);
        let count = store.read(|reader| reader.count_payments(brand)).unwrap();
        assert_eq!(count, 10_003);
        store.close();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_generated_payment_reads_like_the_real_one() {
        let (store, _dir, brand, templates) = store_with_three().await;
        let filled = Filled { brand, begin: fixtures::at(10_000), count: 10, per_second: 0.0 };
        let counters = Counters { transaction: 3, message: 1 };
        tokio::task::block_in_place(|| write_all(&store, &filled, &templates, counters)).unwrap();
        let (paid, open) = (filled.id(0), filled.id(7));
        let paid = store.payment_by_id(paid).await.unwrap().unwrap();
        assert!(paid.state.is_paid());
        assert_eq!(paid.attempts[0].key, paid.paid.as_ref().unwrap().receipt);
        let key = paid.attempts[0].key.clone();
        let receipt = store.read(|reader| reader.receipt(brand, &key)).unwrap().unwrap();
        assert_eq!(receipt.claimed_by(), Some(paid.id));
        let open = store.payment_by_id(open).await.unwrap().unwrap();
        assert_eq!(open.order.expires_at, filled.begin.plus_ms(OPEN_FOR_MS));
        let due =
            store.read(|reader| reader.due_timers(brand, open.order.expires_at, 100)).unwrap();
        assert!(due.contains(&open.id.number));
        store.close();
    }

    #[test]
    fn a_sample_is_from_everywhere() {
        let begin = fixtures::at(0);
        let filled = Filled { brand: BrandId(1), begin, count: 1_000, per_second: 0.0 };
        let mut sample = filled.sample(1_000, false);
        assert_eq!(sample.len(), 1_000);
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 1_000);
        assert_eq!(filled.sample(50, true).len(), 50);
    }
}
