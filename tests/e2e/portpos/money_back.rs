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
    assert!(
        books
            .stdout
            .lines()
            .any(|line| line.contains("refunds_payable") && line.ends_with("-9000")),
        "{}",
        books.stdout
    );
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
    // Sent long before either was asked for, and delivered only now.
    let old = Sms::bkash_sent(40, PAYER);
    let today = jiff::tz::Offset::constant(6).to_datetime(jiff::Timestamp::now());
    let today = today.strftime("%d/%m/%Y").to_string();
    let body = old.body.replace(&old.reference, "CK5AB12CD9").replace(&today, "05/11/2025");
    assert_ne!(body, old.body);
    world.phone().hears(&Sms::new("bKash", &body, "CK5AB12CD9")).await;
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
            all.extend(more.iter().map(String::as_str));
            all.extend(["--brand", &brand]);
            if args[1] != "list" {
                all.extend(["--payment", &invoice]);
            }
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
    for (reference, why) in [("sent", "too short"), ("DKP1 ABCDE", "no TrxID"), ("", "none")] {
        let refused = cli(&["refund", "done"], vec!["--reference".into(), reference.into()]).await;
        assert!(!refused.ok, "{why}");
    }
    let own = shop.get_invoice(&invoice).await["data"]["gateway_txn_id"].clone();
    let own = cli(&["refund", "done", "--reference"], vec![own.as_str().unwrap().into()]).await;
    assert!(!own.ok && own.stderr.contains("arrived"), "the TrxID of the sale: {}", own.stderr);
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

#[tokio::test]
async fn an_agent_who_took_the_payers_cash_is_not_paid_back() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = shop.gen_invoice("100").await;
    let sms = Sms::bkash(100);
    let body = sms.body.replace(
        "You have received Tk 100.00 from 01711000001.",
        "Cash In Tk 100.00 from 01911000009 successful.",
    );
    let sms = Sms::new("bKash", &body, &sms.reference);
    shop.payer(&invoice).await.confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(&sms).await;
    let paid = shop.get_invoice(&invoice).await;
    assert_eq!((&paid["status"], &paid["data"]["payer_account"]), (&200.into(), &"".into()));
    shop.refund(&invoice, "40").await;
    let listed = world.cli(&["refund", "list", "--brand", &world.brand.id, "--json"]).await;
    assert!(listed.expect_ok().json()[0]["to"].is_null(), "somebody has to ask the payer");
    world.phone().hears(&Sms::bkash_sent(40, "01911000009")).await;
    assert_eq!(status(&shop, &invoice).await, 210);
}

#[tokio::test]
async fn named_refunds_of_v2_that_race_are_one() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = paid(&world, &shop, 100).await;
    let path = format!("/invoice/refund/{invoice}");
    let body = json!({"refund": {"amount": 40, "reference": "R-1"}});
    let asked = (0..16).map(|_| shop.v2(reqwest::Method::POST, &path, Some(&body)));
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.expect(202).json()["refund"]["status"], "REFUND_PENDING");
    }
    let left = shop.refund(&invoice, "61").await;
    assert_eq!(left["message"], "Refund amount exceeded. Refundable amount is 60.00");
}

#[tokio::test]
async fn where_the_payer_bears_the_fee_only_the_price_goes_back() {
    let world = World::builder()
        .setting("policy.fee.basis_points", "200")
        .setting("policy.fee.bearer", "payer")
        .start()
        .await;
    let shop = PortPosShop::of(&world);
    let invoice = shop.create(json!(100)).await;
    world.sandbox().simulate(&invoice, "succeed").await;
    let path = format!("/invoice/{invoice}");
    let data = shop.v2(reqwest::Method::GET, &path, None).await.expect(200).json()["data"].clone();
    let sum: i64 = data["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = row["amount"].as_str().unwrap().replace('.', "");
            text.parse::<i64>().unwrap()
        })
        .sum();
    assert_eq!(
        (sum, &data["order"]["amount"]),
        (10_000, &"100.00".into()),
        "what the merchant keeps: {data}"
    );
    assert_eq!(shop.refund(&invoice, "100.01").await["status"], 400);
    assert_eq!(shop.refund(&invoice, "100").await["status"], 210);
    world.sandbox().simulate(&invoice, "refund").await;
    assert_eq!(shop.state(&invoice).await, "REFUNDED");
    world.check_books().await;
}

#[tokio::test]
async fn a_brand_may_take_the_same_amount_for_the_same_refund() {
    let world = World::builder().setting("switches.portpos.v1_refund_repeat_s", "60").start().await;
    let shop = PortPosShop::of(&world);
    let invoice = paid(&world, &shop, 100).await;
    for _ in 0..3 {
        assert_eq!(shop.refund(&invoice, "40").await["status"], 210);
    }
    let left = shop.refund(&invoice, "61").await;
    assert_eq!(left["message"], "Refund amount exceeded. Refundable amount is 60.00");
    world.sandbox().advance(61).await;
    assert_eq!(shop.refund(&invoice, "40").await["status"], 210);
    assert_eq!(shop.refund(&invoice, "21").await["status"], 400, "that was another one");
    let args =
        ["brand", "set", "switches.portpos.expired_number", "200", "--brand", &world.brand.id];
    let refused = world.cli(&args).await;
    assert!(!refused.ok && refused.stderr.contains("expired_number"), "{}", refused.stderr);
}
