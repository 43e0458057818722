//! Messages to merchants' servers: signed, tried again, and never able to hurt anybody else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::world::{Delivery, Made, Merchant, Reply, Sms, World, until};

/// The delivery log of a payment's only callback.
async fn log_of(world: &World, made: &Made) -> Value {
    let printed = world.cli(&["callbacks", "list", "--payment", &made.id, "--json"]).await;
    let log = printed.expect_ok().json();
    assert_eq!(log.as_array().map(Vec::len), Some(1), "{log}");
    log[0].clone()
}

/// Waits until so many attempts are in the log.
async fn logged(world: &World, made: &Made, attempts: u64) -> Value {
    until("the delivery is in the log", || async {
        let log = log_of(world, made).await;
        (log["attempts"].as_u64() >= Some(attempts)).then_some(log)
    })
    .await
}

async fn paid(world: &World) -> Made {
    let made = world.shop().create("30").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    made
}

#[tokio::test]
async fn a_message_is_signed_as_standard_webhooks_says() {
    let world = World::start().await;
    let printed = world.cli(&["brand", "webhook-key", "--brand", &world.brand.id]).await;
    let key = printed.expect_ok().stdout.trim().strip_prefix("whsec_").unwrap().to_owned();
    let key = STANDARD.decode(key).unwrap();
    assert!((24..=64).contains(&key.len()), "the standard asks for 24 to 64 bytes");
    paid(&world).await;
    let told = world.merchant.wait("/webhook", 1).await.remove(0);
    let (id, timestamp) = (told.header("webhook-id"), told.header("webhook-timestamp"));
    assert!(!id.is_empty());
    let age = jiff::Timestamp::now().as_second() - timestamp.parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{age} seconds old");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(&told.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(told.header("webhook-signature"), expected);
    assert!(told.header("user-agent").starts_with("Torana/"));
}

#[tokio::test]
async fn keys_of_brands_differ() {
    let world = World::start().await;
    let other = world.another_brand("test").await;
    let first = world.cli(&["brand", "webhook-key", "--brand", &world.brand.id]).await;
    let second = world.cli(&["brand", "webhook-key", "--brand", &other.id]).await;
    assert_ne!(first.expect_ok().stdout, second.expect_ok().stdout);
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_when_the_merchant_asked() {
    let world = World::start().await;
    let retry_later = Reply::With(500, &[("retry-after", "600")]);
    world.merchant.will_answer("/webhook", [retry_later, Reply::Status(204)]);
    let made = paid(&world).await;
    world.merchant.wait("/webhook", 1).await;
    let log = logged(&world, &made, 1).await;
    assert_eq!((&log["state"], &log["deliveries"][0]["status"]), (&"pending".into(), &500.into()));

    // Earlier than it asked for nothing comes, though the schedule alone would have sent it.
    world.sandbox().advance(300).await;
    sentinel(&world).await;
    assert_eq!(world.merchant.got("/webhook").len(), 1);

    world.sandbox().advance(310).await;
    let told = world.merchant.wait("/webhook", 2).await;
    same_message(&told);
    let log = logged(&world, &made, 2).await;
    assert_eq!(
        (&log["state"], &log["deliveries"][1]["status"]),
        (&"delivered".into(), &204.into())
    );
    world.sandbox().advance(86_400).await;
    sentinel(&world).await;
    assert_eq!(world.merchant.got("/webhook").len(), 2, "what was taken is not sent again");
}

/// Whatever was due before this is sent before it returns.
async fn sentinel(world: &World) {
    let so_far = world.merchant.got("/sentinel").len();
    let made = world.shop().told_at(world.merchant.url("/sentinel")).create("1").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    world.merchant.wait("/sentinel", so_far + 1).await;
}

/// Every delivery has the same id and body.
fn same_message(told: &[Delivery]) {
    for again in &told[1..] {
        assert_eq!(again.header("webhook-id"), told[0].header("webhook-id"));
        assert_eq!(again.body, told[0].body);
    }
}

#[tokio::test]
async fn after_three_days_it_is_given_up_and_can_be_sent_by_hand() {
    let world = World::start().await;
    world.merchant.will_answer("/webhook", vec![Reply::Status(503); 16]);
    let made = paid(&world).await;
    for attempt in 1..=16 {
        world.merchant.wait("/webhook", attempt).await;
        logged(&world, &made, attempt as u64).await;
        world.sandbox().advance(44_000).await;
    }
    let log = log_of(&world, &made).await;
    assert_eq!((&log["state"], &log["attempts"]), (&"failed".into(), &16.into()));
    sentinel(&world).await;
    assert_eq!(world.merchant.got("/webhook").len(), 16);

    world.cli(&["callbacks", "resend", "--payment", &made.id]).await.expect_ok();
    let told = world.merchant.wait("/webhook", 17).await;
    same_message(&told);
    let log = logged(&world, &made, 17).await;
    assert_eq!(log["state"], "delivered");
}

#[tokio::test]
async fn what_was_taken_can_be_sent_by_hand_again() {
    let world = World::start().await;
    let made = paid(&world).await;
    world.merchant.wait("/webhook", 1).await;
    logged(&world, &made, 1).await;
    world.cli(&["callbacks", "resend", "--payment", &made.id]).await.expect_ok();
    same_message(&world.merchant.wait("/webhook", 2).await);
    let unpaid = world.shop().create("30").await;
    let refused = world.cli(&["callbacks", "resend", "--payment", &unpaid.id]).await;
    assert!(!refused.ok, "there is nothing to send again");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let world = World::start().await;
    for (path, status) in [("/r301", 301), ("/r302", 302), ("/r307", 307)] {
        world.merchant.will_answer(path, [Reply::With(status, &[("location", "/elsewhere")])]);
        let made = world.shop().told_at(world.merchant.url(path)).create("30").await;
        world.sandbox().simulate(&made.id, "succeed").await;
        world.merchant.wait(path, 1).await;
        let log = logged(&world, &made, 1).await;
        assert_eq!(log["deliveries"][0]["status"], status);
        assert_eq!(log["state"], "pending", "{status} is not taken");
    }
    sentinel(&world).await;
    assert!(world.merchant.got("/elsewhere").is_empty());
}

#[tokio::test]
async fn of_a_large_answer_only_the_beginning_is_kept() {
    let world = World::start().await;
    world.merchant.will_answer("/webhook", [Reply::Large(5_000_000)]);
    let made = paid(&world).await;
    let log = logged(&world, &made, 1).await;
    assert_eq!(log["state"], "delivered");
    assert_eq!(log["deliveries"][0]["response"].as_str().unwrap().len(), 4096);
}

#[tokio::test]
async fn a_dead_endpoint_delays_no_other() {
    let world = World::builder().env("TORANA_CALLBACKS_TIMEOUT_S", "25").start().await;
    let dead = Merchant::start().await;
    dead.will_answer("/webhook", [Reply::Silence]);
    let mut waiting = vec![];
    for _ in 0..20 {
        let made = world.shop().told_at(dead.url("/webhook")).create("30").await;
        world.sandbox().simulate(&made.id, "succeed").await;
        waiting.push(made);
    }
    dead.wait("/webhook", 1).await;
    let made = paid(&world).await;
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("transactionId"), made.transaction_id);
    assert!(dead.got("/webhook").len() <= 4, "few at once go to one endpoint");
    for made in &waiting {
        let log = log_of(&world, made).await;
        assert_eq!(log["attempts"], 0, "the healthy one came only after a dead one had timed out");
    }
}

#[tokio::test]
async fn one_merchants_many_dead_endpoints_delay_no_other_merchant() {
    let world = World::builder().env("TORANA_CALLBACKS_TIMEOUT_S", "25").start().await;
    let other = world.another_brand("test").await;
    // The system takes the connections; nobody ever reads from them.
    let dead: Vec<_> =
        (0..20).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let mut waiting = vec![];
    for endpoint in dead.iter().cycle().take(80) {
        let url = format!("http://{}/webhook", endpoint.local_addr().unwrap());
        let made = world.shop().told_at(url).create("30").await;
        world.sandbox().simulate(&made.id, "succeed").await;
        waiting.push(made);
    }
    let made = world.shop_of(&other).create("30").await;
    let sms = Sms::bkash(30);
    world.phone_of(&other).hears(&sms).await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("transactionId"), made.transaction_id);
    let log = log_of(&world, &waiting[0]).await;
    assert_eq!(
        log["attempts"], 0,
        "the other merchant was told only after a dead one had timed out"
    );
}

#[tokio::test]
async fn waiting_for_a_free_slot_costs_nothing() {
    let world = World::builder()
        .env("TORANA_CALLBACKS_TIMEOUT_S", "25")
        .env("TORANA_CALLBACKS_CONCURRENCY", "4")
        .env("TORANA_CALLBACKS_PER_ENDPOINT", "1")
        .start()
        .await;
    let dead: Vec<_> =
        (0..8).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let brands = [
        world.brand.clone(),
        world.another_brand("test").await,
        world.another_brand("test").await,
        world.another_brand("test").await,
        world.another_brand("test").await,
        world.another_brand("test").await,
    ];
    for (brand, endpoint) in brands.iter().zip(&dead) {
        let url = format!("http://{}/webhook", endpoint.local_addr().unwrap());
        let made = world.shop_of(brand).told_at(url).create("30").await;
        let sms = Sms::bkash(30);
        world.phone_of(brand).hears(&sms).await;
        world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    }
    // More is due than there are slots. What is observed is a second of the server's time.
    let before = world.server.cpu_ticks();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let used = world.server.cpu_ticks() - before;
    assert!(used < 40, "the server is busy with waiting: {used} % of a processor");
}

#[tokio::test]
async fn an_endpoint_that_nobody_serves_is_in_the_log() {
    let world = World::start().await;
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let url = format!("http://{address}/webhook?token=s3cr3t");
    let made = world.shop().told_at(url).create("30").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    let log = logged(&world, &made, 1).await;
    let delivery = &log["deliveries"][0];
    assert_eq!(delivery["status"], Value::Null);
    let error = delivery["error"].as_str().unwrap();
    assert!(error.contains("connect") && !error.contains("s3cr3t"), "{error}");
}

/// Pays a payment of a live brand with this webhook; its account holds `balance` afterwards.
async fn paid_live(world: &World, url: String, balance: i64) -> Made {
    let made = world.shop().told_at(url).create("30").await;
    let sms = Sms::bkash_leaving(30, balance);
    world.phone().hears(&sms).await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    made
}

#[tokio::test]
async fn live_brands_may_not_call_this_machine() {
    let world = World::builder().live().wallet("bkash", "01711000009").start().await;
    let port = world.merchant.url("").rsplit(':').next().unwrap().to_owned();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
    ];
    for (host, balance) in hosts.into_iter().zip((1000..).step_by(30)) {
        let made = paid_live(&world, format!("http://{host}:{port}/webhook"), balance).await;
        let log = logged(&world, &made, 1).await;
        let error = log["deliveries"][0]["error"].as_str().unwrap_or_default();
        assert!(error.contains("not public"), "{host}: {log}");
    }
    assert!(world.merchant.got("/webhook").is_empty());
}

#[tokio::test]
async fn live_brands_may_call_this_machine_where_the_operator_allows_it() {
    let world = World::builder()
        .live()
        .wallet("bkash", "01711000009")
        .env("TORANA_CALLBACKS_ALLOW_PRIVATE", "true")
        .start()
        .await;
    let made = paid_live(&world, world.merchant.url("/webhook"), 1000).await;
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("transactionId"), made.transaction_id);
}

#[tokio::test]
async fn what_is_owed_survives_a_crash() {
    let mut world = World::start().await;
    world.merchant.will_answer("/webhook", [Reply::Silence]);
    let made = paid(&world).await;
    world.merchant.wait("/webhook", 1).await;
    world.server.kill();
    world.merchant.will_answer("/webhook", []);
    world.crash_and_restart().await;
    let told = world.merchant.wait("/webhook", 2).await;
    same_message(&told);
    assert_eq!(told[1].field("transactionId"), made.transaction_id);
    assert_eq!(logged(&world, &made, 1).await["state"], "delivered");
}
