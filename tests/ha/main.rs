//! The primary of a highly available PostgreSQL is killed under load: whatever was acknowledged is there afterwards, once;
//! the books balance; every callback that is owed is delivered; and it is said for how long nothing was acknowledged.
//!
//! `scripts/test-ha` runs it. `TORANA_HA_KILLS` says how often the primary dies (1 unless it is set).

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    unused_imports
)]

#[path = "../kill/book.rs"]
mod book;
#[path = "../e2e/world/mod.rs"]
mod world;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::unbounded_channel;

use book::{Acknowledged, Book, all_told, check, check_receipts, load};
use world::World;

/// Payers at each node.
const PAYERS: usize = 6;
/// Load before the kill, and after service is back.
const BEFORE: Duration = Duration::from_secs(5);
const AFTER: Duration = Duration::from_secs(10);
/// How long it may take until payments are acknowledged again.
const OUTAGE: Duration = Duration::from_secs(120);
/// Pause of a payer whose request failed.
const PAUSE: Duration = Duration::from_millis(200);

/// `deploy/ha/cluster`, ended when it is dropped.
struct Cluster {
    dir: tempfile::TempDir,
}

impl Cluster {
    fn start() -> (Self, String) {
        let cluster = Self { dir: tempfile::tempdir().unwrap() };
        let url = cluster.run("up", &[]);
        (cluster, url)
    }

    /// Runs one of its commands; what it printed.
    fn run(&self, command: &str, args: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/ha/cluster");
        let output = Command::new(script)
            .args([command, self.dir.path().to_str().unwrap()])
            .args(args)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "cluster {command} failed");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("down", &[]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_the_death_of_the_primary() {
    let kills = std::env::var("TORANA_HA_KILLS").map_or(1, |text| text.parse().unwrap());
    let (cluster, url) = Cluster::start();
    let cluster = Arc::new(cluster);
    let world = World::builder()
        .env("TORANA_DATABASE_URL", &url)
        .env("TORANA_RATE_LIMITS_MISSES_PER_MINUTE", "100000000")
        .env("TORANA_LOG", "warn,torana_server::cli::serve=info")
        .start()
        .await;
    let other = world.another_node(&[]).await;
    let mut book = Book::default();
    for kill in 1..=kills {
        let (made, heard) = (book.made.len(), book.heard.len());
        let gap = one_kill(&world, &other, &cluster, &mut book).await;
        println!(
            "kill {kill}: {:.1} s without a new payment; so far {} payments, {} messages, {} owed",
            gap.as_secs_f64(),
            book.made.len(),
            book.heard.len(),
            book.owed().len()
        );
        check(&world, &book, made).await;
        check_receipts(&world, &book, heard).await;
    }
    let mut paid = HashSet::new();
    for made in &book.made {
        if world.shop().state(made).await == "COMPLETED" {
            paid.insert(made.transaction_id.clone());
        }
    }
    assert!(book.owed().is_subset(&paid));
    assert_eq!(
        book.made.iter().map(|made| &made.transaction_id).collect::<HashSet<_>>().len(),
        book.made.len(),
        "each payment was acknowledged once"
    );
    all_told(&world, &paid).await;
    world.check_books().await;
    println!("{} payments paid, all told of; the books balance", paid.len());
}

/// Load on both nodes, the death of the primary in the middle of it, load until it works again; the longest time in which
/// no payment was made. The dead node comes back afterwards.
async fn one_kill(
    world: &World,
    other: &world::Server,
    cluster: &Arc<Cluster>,
    book: &mut Book,
) -> Duration {
    let primary = cluster.run("primary", &[]);
    let name = primary.split_whitespace().find_map(|word| word.strip_prefix("name="));
    let dead = name.unwrap().to_owned();
    let is_over = Arc::new(AtomicBool::new(false));
    let (told, mut heard) = unbounded_channel();
    let mut payers = tokio::task::JoinSet::new();
    for base in [&world.server.base, &other.base] {
        let shop = world::Shop::new(base, &world.http, &world.brand.api_key(), &world.merchant);
        let phone = world::Phone::new(base, &world.http, &world.brand);
        let parts = Arc::new((shop, phone, base.clone(), world.http.clone()));
        for _ in 0..PAYERS {
            let (parts, told, is_over) = (Arc::clone(&parts), told.clone(), Arc::clone(&is_over));
            payers.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    // Ends at the first request that fails; a shop tries again with a new payment.
                    let paying = load(Arc::clone(&parts), rand::make_rng(), told.clone());
                    let over = async {
                        while !is_over.load(Ordering::Relaxed) {
                            tokio::time::sleep(PAUSE).await;
                        }
                    };
                    tokio::select! { () = paying => {}, () = over => return }
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
    }
    drop(told);
    let started = Instant::now();
    let mut killed_at: Option<Instant> = None;
    let mut killing = None;
    let mut last = Instant::now();
    let mut gap = Duration::ZERO;
    let mut back_at: Option<Instant> = None;
    loop {
        let next = tokio::time::timeout(PAUSE, heard.recv()).await;
        let now = Instant::now();
        if let Ok(one) = next {
            let one = one.expect("payers go on");
            // New payments only: an answer to something that was kept before the kill may come late.
            let is_new = matches!(one, Acknowledged::Made(_));
            book.write(one);
            if !is_new {
                continue;
            }
            if let Some(killed_at) = killed_at {
                if now - last > gap {
                    gap = now - last;
                    back_at = Some(now);
                }
                // Those that were on their way at the kill still arrive; the gap comes after them.
                if gap < Duration::from_secs(1) && now - killed_at > OUTAGE {
                    panic!("the primary's death was not noticed");
                }
            }
            last = now;
        }
        match killed_at {
            None if now - started > BEFORE => {
                killed_at = Some(now);
                // Beside the loop: what is acknowledged meanwhile has its own time.
                let cluster = Arc::clone(cluster);
                killing = Some(tokio::task::spawn_blocking(move || {
                    cluster.run("kill-primary", &[]);
                }));
            }
            Some(killed_at) => {
                let is_back =
                    back_at.is_some_and(|at| now - at > AFTER) && gap > Duration::from_secs(1);
                if is_back {
                    break;
                }
                assert!(now - last < OUTAGE, "no service since {:?}", now - killed_at);
            }
            None => {}
        }
    }
    if let Some(killing) = killing {
        killing.await.unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    payers.join_all().await;
    while let Some(one) = heard.recv().await {
        book.write(one);
    }
    cluster.run("revive", &[&dead]);
    cluster.run("status", &[]);
    gap
}
