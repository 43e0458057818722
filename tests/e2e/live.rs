//! A live brand: real wallets, a real phone, no sandbox.

use serde_json::json;

use crate::world::{Made, Sms, World, send, until};

async fn add_wallet(world: &World, more: &[&str]) {
    let add = ["wallet", "add", "--brand", &world.brand.id];
    world.cli(&[&add[..], more].concat()).await.expect_ok();
}

/// The page once it shows a text: other processes' changes are noticed within a moment.
async fn page_with(world: &World, made: &Made, text: &str) -> String {
    let payer = world.payer(made);
    until(&format!("the page shows {text:?}"), || async {
        let page = payer.page().await.body;
        page.contains(text).then_some(page)
    })
    .await
}

#[tokio::test]
async fn a_live_brand_is_paid_for_real() {
    let world = World::builder().live().start().await;
    let shop = world.shop();
    let made = shop.create("500").await;
    let page = world.payer(&made).page().await.expect(200).body;
    assert!(page.contains("no way to pay"), "without a wallet nobody can pay: {page}");

    add_wallet(&world, &["--method", "bkash", "--number", "01711000009"]).await;
    let page = page_with(&world, &made, "bKash").await;
    assert!(!page.contains("Test mode") && !page.contains("/sandbox/"), "{page}");

    let phone = world.phone();
    assert_eq!(phone.connect("android-1").await["status"], "1");
    let sms = Sms::bkash(500);
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(202);
    phone.hears(&sms).await;
    let verified = shop.verify(&made).await;
    assert_eq!(
        (&verified["status"], &verified["trx_id"]),
        (&json!("COMPLETED"), &json!(sms.reference))
    );
    let location = world.payer(&made).go_back().await.location();
    assert!(location.contains("status=COMPLETED"), "{location}");
    world.check_books().await;
}

#[tokio::test]
async fn nothing_of_it_can_be_simulated() {
    let world = World::builder().live().wallet("bkash", "01711000009").start().await;
    let made = world.shop().create("500").await;
    let body = json!({"payment": made.id, "outcome": "succeed"});
    world.sandbox().post("/sandbox/simulate", &body).await.expect(401);
    world.sandbox().post("/sandbox/clock", &json!({"advance_s": 7200})).await.expect(401);
    assert_eq!(world.shop().state(&made).await, "PENDING");
}

#[tokio::test]
async fn agents_and_merchants_numbers_have_their_own_steps() {
    let world = World::builder().live().start().await;
    let made = world.shop().create("500").await;
    add_wallet(
        &world,
        &[
            "--method",
            "bkash",
            "--number",
            "01711000001",
            "--kind",
            "agent",
            "--label",
            "bKash agent",
        ],
    )
    .await;
    add_wallet(&world, &["--method", "nagad", "--number", "01711000002", "--kind", "merchant"])
        .await;
    add_wallet(
        &world,
        &[
            "--method",
            "bank",
            "--number",
            "1234567890",
            "--label",
            "Sonali Bank",
            "--instructions",
            "Motijheel branch",
        ],
    )
    .await;
    page_with(&world, &made, "Sonali Bank").await;
    for (method, texts) in [
        ("bkash", ["bKash agent", "Agent", "Cash Out", "01711000001"]),
        ("nagad", ["Nagad", "Merchant", "Payment", "01711000002"]),
        ("bank", ["Sonali Bank", "Motijheel branch", "reference number", "1234567890"]),
    ] {
        let path = format!("/checkout/{}?method={method}&lang=en", made.id);
        let page = world.get(&path).await.expect(200).body;
        for text in texts {
            assert!(page.contains(text), "{method}: no {text:?} in {page}");
        }
    }
}

#[tokio::test]
async fn a_number_is_offered_within_its_limits_and_while_it_is_enabled() {
    let world = World::builder().live().start().await;
    let shop = world.shop();
    let (small, large) = (shop.create("99.99").await, shop.create("25000.01").await);
    let middle = shop.create("100").await;
    add_wallet(
        &world,
        &[
            "--method",
            "upay",
            "--number",
            "01711000001",
            "--min-minor",
            "10000",
            "--max-minor",
            "2500000",
        ],
    )
    .await;
    page_with(&world, &middle, "Upay").await;
    for made in [&small, &large] {
        assert!(!world.payer(made).page().await.body.contains("Upay"));
    }
    let disable = ["wallet", "disable", "--brand", &world.brand.id, "--account", "1"];
    world.cli(&disable).await.expect_ok();
    page_with(&world, &middle, "no way to pay").await;
    // Who sent money before is still understood.
    assert_eq!(world.payer(&middle).confirm_code("upay", "01K7C8YT08").await, "not_found_yet");
    let enable = ["wallet", "enable", "--brand", &world.brand.id, "--account", "1"];
    world.cli(&enable).await.expect_ok();
    page_with(&world, &middle, "Upay").await;
    let list = world.cli(&["wallet", "list", "--brand", &world.brand.id]).await;
    assert!(list.expect_ok().stdout.contains("01711000001"), "{}", list.stdout);
}

#[tokio::test]
async fn test_and_live_brands_share_nothing() {
    let world = World::builder().live().wallet("bkash", "01711000009").start().await;
    let test = world.another_brand("test").await;
    let (live_made, test_made) =
        (world.shop().create("10").await, world.shop_of(&test).create("10").await);
    let verify = |shop: crate::world::Shop, made: &Made| {
        let body = json!({"transaction_id": made.transaction_id});
        async move { shop.post("/api/payment/verify-payment", &body).await.status }
    };
    assert_eq!(verify(world.shop(), &test_made).await, 404);
    assert_eq!(verify(world.shop_of(&test), &live_made).await, 404);
    let sms = Sms::bkash(10);
    world.phone_of(&test).hears(&sms).await;
    assert_eq!(
        world.payer(&live_made).confirm_code("bkash", &sms.reference).await,
        "not_found_yet"
    );
    assert_eq!(world.payer(&test_made).confirm_code("bkash", &sms.reference).await, "succeeded");
    let request = world.http.get(world.url(&format!("/sandbox/wallet/{}", live_made.id)));
    assert_eq!(send(request).await.status, 404);
}

#[tokio::test]
async fn a_message_that_does_not_fit_the_balance_waits_for_a_person() {
    let world = World::builder().live().wallet("bkash", "01711000009").start().await;
    let shop = world.shop();
    let (first, second, third) =
        (shop.create("10").await, shop.create("10").await, shop.create("10").await);
    for (made, balance, state) in
        [(&first, 500, "COMPLETED"), (&second, 900, "PENDING"), (&third, 510, "COMPLETED")]
    {
        let sms = Sms::bkash_leaving(10, balance);
        world.payer(made).confirm("bkash", &sms.reference).await.expect(202);
        world.phone().hears(&sms).await;
        assert_eq!(shop.state(made).await, state, "the account held {balance} taka");
    }
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(inbox["receipts"][0]["problem"], "doubtful", "{inbox}");
    world.check_books().await;
}
