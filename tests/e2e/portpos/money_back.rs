//! Refunds as a merchant lives them: asked for by the shop, sent with the wallet app, confirmed by the phone or by hand.

use std::collections::BTreeMap;

use serde_json::json;

use super::PortPosShop;
use crate::world::{PAYER, Sms, World};

async fn paid(world: &World, shop: &PortPosShop, taka: i64) -> String {
    let invoice = shop.gen_invoice(&taka.to_string()).await;
    let sms = Sms::bkash(taka);
    shop.payer(&invoice).await.confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(&sms).await;
    invoice
}

async fn status(shop: &PortPosShop, invoice: &str) -> i64 {
    shop.get_invoice(invoice).await["status"].as_i64().unwrap()
}

/// Whatever the order in which they arrive, refunds never exceed what was paid.
#[tokio::test]
async fn refunds_that_race_never_exceed_the_payment() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = paid(&world, &shop, 100).await;
    let asked = (0..24).map(|_| shop.refund(&invoice, "15"));
    let answers = futures_util::future::join_all(asked).await;
    let mut counts = BTreeMap::<i64, usize>::new();
    for answer in &answers {
        *counts.entry(answer["status"].as_i64().unwrap()).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([(210, 6), (400, 18)]));
    let refused: Vec<_> = answers.iter().filter(|answer| answer["status"] == 400).collect();
    assert!(
        refused
            .iter()
            .all(|it| it["message"] == "Refund amount exceeded. Refundable amount is 10.00")
    );
    let books = world.cli(&["ledger", "balance", "--brand", &world.brand.id]).await;
    books.expect_ok();
    assert!(books.stdout.contains("refunds_payable"), "{}", books.stdout);
    world.check_books().await;
}

#[tokio::test]
async fn the_message_of_the_money_that_left_confirms_one_refund() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let (one, two) = (paid(&world, &shop, 100).await, paid(&world, &shop, 100).await);
    shop.refund(&one, "40").await;
    shop.refund(&two, "40").await;
    for not_it in [
        Sms::bkash_sent(40, "01711000002"),
        Sms::bkash_sent(41, PAYER),
        Sms::new("bKash-Pay", &Sms::bkash_sent(40, PAYER).body, "x"),
    ] {
        world.phone().hears(&not_it).await;
    }
    assert_eq!((status(&shop, &one).await, status(&shop, &two).await), (210, 210));
    let sms = Sms::bkash_sent(40, PAYER);
    world.phone().hears(&sms).await;
    world.phone().hears(&sms).await;
    assert_eq!((status(&shop, &one).await, status(&shop, &two).await), (230, 210), "the older one");
    world.phone().hears(&Sms::bkash_sent(40, PAYER)).await;
    assert_eq!((status(&shop, &one).await, status(&shop, &two).await), (230, 230));
    world.check_books().await;
}

#[tokio::test]
async fn a_person_sees_the_task_and_says_what_became_of_it() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = paid(&world, &shop, 100).await;
    let cli = |args: &'static [&'static str], more: Vec<String>| {
        let brand = world.brand.id.clone();
        let world = &world;
        let invoice = invoice.clone();
        async move {
            let mut all: Vec<&str> = args.to_vec();
            all.extend(["--brand", &brand]);
            if args[1] != "list" {
                all.extend(["--payment", &invoice]);
            }
            all.extend(more.iter().map(String::as_str));
            world.cli(&all).await
        }
    };
    shop.refund(&invoice, "40").await;
    let listed = cli(&["refund", "list", "--json"], vec![]).await.expect_ok().json();
    let task = &listed[0];
    assert_eq!(
        (&task["id"], &task["to"], &task["amount"]),
        (&invoice.clone().into(), &PAYER.into(), &"40.00".into())
    );
    assert_eq!(task["from"], "bkash 01000000001");
    cli(&["refund", "start"], vec![]).await.expect_ok();
    assert_eq!(status(&shop, &invoice).await, 215);
    cli(&["refund", "fail", "--reason", "number closed"], vec![]).await.expect_ok();
    assert_eq!(status(&shop, &invoice).await, 200);
    let asked = cli(&["refund", "request", "--amount", "60", "--reason", "returned"], vec![]).await;
    assert!(asked.expect_ok().stdout.contains(PAYER));
    cli(&["refund", "done", "--reference", "DKP1ABCDEF"], vec![]).await.expect_ok();
    assert_eq!(status(&shop, &invoice).await, 230);
    world.merchant.wait("/ipn", 2).await;
    shop.refund(&invoice, "40").await;
    let used = cli(&["refund", "done", "--reference", "DKP1ABCDEF"], vec![]).await;
    assert!(!used.ok, "one transfer is of one refund");
    assert_eq!(status(&shop, &invoice).await, 210);
    let other = cli(&["chargeback", "open", "--reason", "not recognised"], vec![]).await;
    other.expect_ok();
    assert_eq!(status(&shop, &invoice).await, 240);
    assert!(
        cli(&["refund", "list", "--json"], vec![])
            .await
            .expect_ok()
            .json()
            .as_array()
            .unwrap()
            .is_empty(),
        "what was charged back is not sent as well"
    );
    cli(&["chargeback", "won"], vec![]).await.expect_ok();
    assert_eq!(status(&shop, &invoice).await, 230);
    world.check_books().await;
}

#[tokio::test]
async fn switches_tell_of_steps_and_chargebacks_too() {
    let world = World::builder()
        .setting("switches.portpos.ipn_refund_steps", "true")
        .setting("switches.portpos.ipn_chargebacks", "true")
        .start()
        .await;
    let shop = PortPosShop::of(&world);
    let invoice = shop.gen_invoice("100").await;
    for outcome in ["succeed", "refund_processing", "refund", "chargeback"] {
        let body = json!({"payment": invoice, "outcome": outcome, "amount": "10"});
        world.sandbox().post("/sandbox/simulate", &body).await.expect(200);
    }
    let told = world.merchant.wait("/ipn", 5).await;
    let mut words: Vec<_> = told.iter().map(|one| one.field("status")).collect();
    words.sort();
    let expected =
        ["ACCEPTED", "CHARGED_BACK", "PARTIALLY_REFUNDED", "REFUND_PENDING", "REFUND_PROCESSING"];
    assert_eq!(words, expected);
}
