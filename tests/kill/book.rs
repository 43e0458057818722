//! Payers who make payments and pay them, a book of what they were told, and the checks that all of it is true.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::SmallRng;
use tokio::sync::mpsc::UnboundedSender;

use crate::world::{Made, Payer, Phone, Shop, Sms, World};

/// How long the outbox may take to empty at the end.
const EMPTYING: Duration = Duration::from_secs(120);
/// How often what came meanwhile is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What the server acknowledged.
pub enum Acknowledged {
    Made(Made),
    /// The payer was told that the claim is kept, or paid.
    Claimed(Made, Sms),
    Heard(Made, Sms),
    /// The payer or the shop was told that it is paid.
    Paid(Made),
}

/// Everything that was acknowledged so far.
#[derive(Default)]
pub struct Book {
    pub made: Vec<Made>,
    pub claimed: Vec<(Made, Sms)>,
    pub heard: Vec<(Made, Sms)>,
    pub paid: Vec<Made>,
}

impl Book {
    pub fn write(&mut self, told: Acknowledged) {
        match told {
            Acknowledged::Made(made) => self.made.push(made),
            Acknowledged::Claimed(made, sms) => self.claimed.push((made, sms)),
            Acknowledged::Heard(made, sms) => self.heard.push((made, sms)),
            Acknowledged::Paid(made) => self.paid.push(made),
        }
    }

    /// Payments that must be paid: claim and message were both acknowledged, or the payment itself was.
    pub fn owed(&self) -> HashSet<String> {
        let heard: HashSet<&str> =
            self.heard.iter().map(|(_, sms)| sms.reference.as_str()).collect();
        let both = self.claimed.iter().filter(|(_, sms)| heard.contains(sms.reference.as_str()));
        let both = both.map(|(made, _)| made.transaction_id.clone());
        both.chain(self.paid.iter().map(|made| made.transaction_id.clone())).collect()
    }
}

/// Makes payments and pays them until the server is gone.
pub async fn load(
    world: Arc<(Shop, Phone, String, reqwest::Client)>,
    mut random: SmallRng,
    told: UnboundedSender<Acknowledged>,
) {
    let (shop, phone, base, http) = &*world;
    loop {
        let Some(made) = shop.try_create("30").await else { return };
        let _ = told.send(Acknowledged::Made(made.clone()));
        let (payer, sms) = (Payer::new(base, http, &made.id), Sms::bkash(30));
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

/// Whether all that was acknowledged is there.
pub async fn check(world: &World, book: &Book, from: usize) {
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
pub async fn check_receipts(world: &World, book: &Book, from: usize) {
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
pub async fn all_told(world: &World, paid: &HashSet<String>) {
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
