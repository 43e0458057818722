//! Creates a second with 64 submitters: `cargo run --release -p torana-store --example creates -- [seconds] [pages]`.
//! Closed loop, every create durable before the next of its submitter; the file is in the current directory.

use std::time::{Duration, Instant};

use torana_domain::payment::{Command, NewPayment, decide};
use torana_domain::{PaymentId, Timestamp};
use torana_store::conformance::fixtures::{brand, callbacks, order};
use torana_store::{Options, PreparedPayment, Store};

const SUBMITTERS: u64 = 64;

#[tokio::main]
#[allow(clippy::print_stdout, clippy::unwrap_used)]
async fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let length = Duration::from_secs(args.first().copied().unwrap_or(5));
    let dir = tempfile::TempDir::new_in(".").unwrap();
    let path = dir.path().join("bench.db");
    let mut options = Options::sqlite(&path);
    if let Some(pages) = args.get(1) {
        options.checkpoint_pages = u32::try_from(*pages).unwrap();
    }
    let store = Store::open(&options, callbacks()).unwrap();
    let id = brand(&store).await;
    let started = Instant::now();
    let tasks: Vec<_> = (0..SUBMITTERS)
        .map(|submitter| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut took = vec![];
                let mut random = (submitter << 15) | 1;
                while started.elapsed() < length {
                    let begun = Instant::now();
                    let ms =
                        1_800_000_000_000 + i64::try_from(started.elapsed().as_millis()).unwrap();
                    let now = Timestamp::from_ms(ms);
                    random = random.wrapping_add(0x1_0000_0001);
                    let mut order = order();
                    order.expires_at = now.plus_ms(3_600_000);
                    let new = NewPayment { id: PaymentId::new(id, now, random), order };
                    let decision = decide(None, Command::Create(Box::new(new)), now).unwrap();
                    store.create(PreparedPayment::new(&decision).unwrap()).await.unwrap();
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = vec![];
    for task in tasks {
        took.extend(task.await.unwrap());
    }
    let log = std::fs::metadata(path.with_extension("db-wal")).unwrap().len();
    let stored = store.read(|reader| reader.count_payments(id)).unwrap();
    assert_eq!(stored, i64::try_from(took.len()).unwrap());
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 1_000).copied().unwrap_or_default();
    let per_second = took.len() as u64 * 1_000 / u64::try_from(length.as_millis()).unwrap();
    println!(
        "{per_second} creates/s; p50 {:?}, p99 {:?}, p99.9 {:?}, max {:?}; {stored} stored; log {} MB; {:?}",
        at(500),
        at(990),
        at(999),
        took.last().copied().unwrap_or_default(),
        log >> 20,
        store.stats()
    );
    store.close();
}
