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

#[path = "../e2e/world/mod.rs"]
mod world;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use world::{Made, Sms, World};

/// Payers at once.
const PAYERS: u64 = 12;
/// Longest that a round lasts before the kill.
const ROUND_MS: u64 = 1_500;
/// How long the outbox may take to empty after the last round.
const EMPTYING: Duration = Duration::from_secs(120);

/// How often what came meanwhile is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What the server acknowledged.
enum Acknowledged {
    Made(Made),
    /// The payer was told that the claim is kept, or paid.
    Claimed(Made, Sms),
    Heard(Made, Sms),
    /// The payer or the shop was told that it is paid.
    Paid(Made),
}

/// Everything that was acknowledged so far.
#[derive(Default)]
struct Book {
    made: Vec<Made>,
    claimed: Vec<(Made, Sms)>,
    heard: Vec<(Made, Sms)>,
    paid: Vec<Made>,
}

impl Book {
    fn write(&mut self, told: Acknowledged) {
        match told {
            Acknowledged::Made(made) => self.made.push(made),
            Acknowledged::Claimed(made, sms) => self.claimed.push((made, sms)),
            Acknowledged::Heard(made, sms) => self.heard.push((made, sms)),
            Acknowledged::Paid(made) => self.paid.push(made),
        }
    }

    /// Payments that must be paid: claim and message were both acknowledged, or the payment itself was.
    fn owed(&self) -> HashSet<String> {
        let heard: HashSet<&str> =
            self.heard.iter().map(|(_, sms)| sms.reference.as_str()).collect();
        let both = self.claimed.iter().filter(|(_, sms)| heard.contains(sms.reference.as_str()));
        let both = both.map(|(made, _)| made.transaction_id.clone());
        both.chain(self.paid.iter().map(|made| made.transaction_id.clone())).collect()
    }
}

/// Makes payments and pays them until the server is gone.
async fn load(
    world: Arc<(world::Shop, world::Phone, String, reqwest::Client)>,
    mut random: SmallRng,
    told: UnboundedSender<Acknowledged>,
) {
    let (shop, phone, base, http) = &*world;
    loop {
        let Some(made) = shop.try_create("30").await else { return };
        let _ = told.send(Acknowledged::Made(made.clone()));
        let (payer, sms) = (world::Payer::new(base, http, &made.id), Sms::bkash(30));
        let sms_first = random.random_bool(0.5);
        for step in [sms_first, !sms_first] {
            if step {
                if !phone.try_hears(&sms).await {
                    return;
                }
                let _ = told.send(Acknowledged::Heard(made.clone(), sms.clone()));
            } else {
                let Some(status) = payer.try_confirm("bkash", &sms.reference).await else { return };
                let _ = told.send(Acknowledged::Claimed(made.clone(), sms.clone()));
                if status == "succeeded" {
                    let _ = told.send(Acknowledged::Paid(made.clone()));
                }
            }
        }
    }
}

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

/// Whether all that was acknowledged is there.
async fn check(world: &World, book: &Book, from: usize) {
    let owed = book.owed();
    let shop = world.shop();
    for made in &book.made[from..] {
        let state = shop.state(made).await;
        let expected = if owed.contains(&made.transaction_id) {
            &["COMPLETED"][..]
        } else {
            &["PENDING", "COMPLETED"]
        };
        assert!(expected.contains(&state.as_str()), "{} is {state}", made.transaction_id);
    }
    let report = world.cli(&["ledger", "check", "--json"]).await.expect_ok().json();
    assert_eq!(report["ok"], true, "{report}");
}

/// Every acknowledged message is a receipt: a payment that claims it afterwards is paid by it, and one that does not
/// find it in the inbox was paid by it before.
async fn check_receipts(world: &World, book: &Book, from: usize) {
    for (made, sms) in &book.heard[from..] {
        let answer = world.payer(made).confirm("bkash", &sms.reference).await;
        assert_eq!(
            answer.status, 200,
            "{} was acknowledged and is gone: {}",
            sms.reference, answer.body
        );
        assert_eq!(answer.json()["status"], "succeeded", "{}", answer.body);
        assert_eq!(world.shop().verify(made).await["trx_id"], sms.reference);
    }
}

/// Waits until every payment that is paid was told of.
async fn all_told(world: &World, paid: &HashSet<String>) {
    let told = || -> HashSet<String> {
        let got = world.merchant.got("/webhook");
        got.iter().map(|delivery| delivery.field("transactionId")).collect()
    };
    let deadline = tokio::time::Instant::now() + EMPTYING;
    loop {
        let told = told();
        let missing: Vec<&String> = paid.difference(&told).collect();
        if missing.is_empty() {
            break;
        }
        let count = world.merchant.count("/webhook") + missing.len();
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        let more = world.merchant.wait_within("/webhook", count, left.min(LOOK)).await;
        assert!(more.is_ok() || !left.is_zero(), "never told of: {missing:?}");
    }
    let told = told();
    let invented: Vec<&String> = told.difference(paid).collect();
    assert!(invented.is_empty(), "told of what is not paid: {invented:?}");
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
