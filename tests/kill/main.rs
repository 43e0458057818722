//! `kill -9` in the middle of load, again and again on the same data: what was acknowledged is there afterwards, the
//! books balance, and every callback that is owed is delivered.
//!
//! `TORANA_KILL_ROUNDS` says how often (5 unless it is set; 100 for a long run), `TORANA_KILL_SEED` repeats a run as far
//! as the machine's own timing lets it.

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

mod book;
#[path = "../e2e/world/mod.rs"]
mod world;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::mpsc::unbounded_channel;

use book::{Book, all_told, check, check_receipts, load};
use world::World;

/// Payers at once.
const PAYERS: u64 = 12;
/// Longest that a round lasts before the kill.
const ROUND_MS: u64 = 1_500;
/// One round: load, a kill at a random moment, a new start. What was acknowledged goes into the book.
async fn round(world: &mut World, book: &mut Book, random: &mut SmallRng) {
    let parts =
        Arc::new((world.shop(), world.phone(), world.server.base.clone(), world.http.clone()));
    let (told, mut heard) = unbounded_channel();
    let mut payers = tokio::task::JoinSet::new();
    for _ in 0..PAYERS {
        let random = SmallRng::seed_from_u64(random.random());
        payers.spawn(load(Arc::clone(&parts), random, told.clone()));
    }
    drop(told);
    // The moment of the kill is the experiment, not a wait for something.
    let until_kill = Duration::from_millis(random.random_range(1..ROUND_MS));
    tokio::time::sleep(until_kill).await;
    world.server.kill();
    payers.join_all().await;
    while let Some(one) = heard.recv().await {
        book.write(one);
    }
    world.crash_and_restart().await;
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let rounds = variable("TORANA_KILL_ROUNDS", 5);
    let seed = variable("TORANA_KILL_SEED", u64::from(std::process::id()));
    println!("TORANA_KILL_SEED={seed} TORANA_KILL_ROUNDS={rounds}");
    let mut random = SmallRng::seed_from_u64(seed);
    let mut world = World::builder()
        .env("TORANA_RATE_LIMITS_MISSES_PER_MINUTE", "100000000")
        .env("TORANA_LOG", "warn,torana_server::cli::serve=info")
        .start()
        .await;
    let mut book = Book::default();
    for number in 1..=rounds {
        let (made, heard) = (book.made.len(), book.heard.len());
        round(&mut world, &mut book, &mut random).await;
        check(&world, &book, made).await;
        check_receipts(&world, &book, heard).await;
        println!(
            "round {number}: {} payments, {} messages, {} owed",
            book.made.len(),
            book.heard.len(),
            book.owed().len()
        );
    }
    assert!(!book.owed().is_empty(), "the load was too light to show anything");

    // Some were paid without anybody being told before the kill.
    let mut paid = HashSet::new();
    for made in &book.made {
        if world.shop().state(made).await == "COMPLETED" {
            paid.insert(made.transaction_id.clone());
        }
    }
    assert!(book.owed().is_subset(&paid));
    all_told(&world, &paid).await;
    world.check_books().await;
}
