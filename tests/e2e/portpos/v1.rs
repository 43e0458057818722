//! Version 1: forms to one endpoint.

use serde_json::{Value, json};

use super::PortPosShop;
use crate::world::{PAYER, Sms, World};

#[tokio::test]
async fn a_purchase_from_invoice_to_chargeback() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let made = shop.call("gen_invoice", &shop.invoice("100")).await;
    assert_eq!((&made["status"], &made["data"]["amount"]), (&200.into(), &"100".into()));
    assert_eq!(made["data"]["client_id"], world.brand.id);
    let invoice = made["data"]["invoice_id"].as_str().unwrap();

    let page = world.get(&format!("/payment/?invoice={invoice}")).await.expect(200);
    assert!(page.body.contains("Tea House") && page.body.contains(invoice), "the page shows both");
    let pending = shop.validate(invoice, "100.00").await;
    assert_eq!((&pending["status"], &pending["data"]["status"]), (&100.into(), &Value::Null));

    let payer = shop.payer(invoice).await;
    let sms = Sms::bkash(100);
    payer.confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(&sms).await;
    let back = payer.go_back().await.location();
    let expected = format!(
        "{}&invoice={invoice}&status=ACCEPTED&amount=100.00&currency=BDT&transaction_id={}",
        shop.redirect_url, sms.reference
    );
    assert_eq!(back, expected);
    let told = world.merchant.wait("/ipn", 1).await.remove(0);
    assert_eq!((told.method.as_str(), told.query.as_str()), ("POST", "key=1"));
    assert_eq!(
        (told.field("invoice").as_str(), told.field("status").as_str()),
        (invoice, "ACCEPTED")
    );
    assert_eq!(told.field("amount"), "100.00");

    let valid = shop.validate(invoice, "100").await;
    assert_eq!((&valid["status"], &valid["data"]["status"]), (&200.into(), &"ACCEPTED".into()));
    assert_eq!(valid["data"]["payer_account"], PAYER);
    assert_eq!(valid["data"]["gateway_name"], "bKash");
    assert_eq!(valid["data"]["gateway_txn_id"], sms.reference);
    assert_eq!(valid["data"]["ip_address"], "127.0.0.1");
    assert_eq!(shop.get_invoice(invoice).await, valid);
    let invalid = json!({"status": 400, "message": "Invalid IPN Request"});
    assert_eq!(shop.validate(invoice, "99.99").await, invalid);

    let refund = shop.refund(invoice, "81.00").await;
    assert_eq!(
        (&refund["status"], &refund["data"]["status"]),
        (&210.into(), &"REFUND_PENDING".into())
    );
    assert_eq!(refund["data"]["amount"], "100.00");
    let refused = shop.refund(invoice, "20").await;
    let message = "Refund amount exceeded. Refundable amount is 19.00";
    assert_eq!(refused, json!({"status": 400, "message": message}));
    world.phone().hears(&Sms::bkash_sent(81, PAYER)).await;
    let after = shop.get_invoice(invoice).await;
    assert_eq!(
        (&after["status"], &after["data"]["status"]),
        (&230.into(), &"PARTIALLY_REFUNDED".into())
    );
    let told = world.merchant.wait("/ipn", 2).await.remove(1);
    assert_eq!(told.field("status"), "PARTIALLY_REFUNDED");

    world.sandbox().simulate(invoice, "chargeback").await;
    assert_eq!(shop.get_invoice(invoice).await["status"], 240);
    world.check_books().await;
}

#[tokio::test]
async fn every_status_can_be_made_to_happen() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    for (outcomes, number, word) in [
        (&[][..], 100, Value::Null),
        (&["pending"], 100, Value::Null),
        (&["cancel"], 120, "CANCELLED".into()),
        (&["expire"], 130, "EXPIRED".into()),
        (&["succeed"], 200, "ACCEPTED".into()),
        (&["succeed", "refund_pending"], 210, "REFUND_PENDING".into()),
        (&["succeed", "refund_processing"], 215, "REFUND_PROCESSING".into()),
        (&["succeed", "refund"], 220, "REFUNDED".into()),
        (&["succeed", "chargeback"], 240, "CHARGED_BACK".into()),
        (&["succeed", "chargeback_won"], 200, "ACCEPTED".into()),
        (&["decline"], 300, "REJECTED".into()),
    ] {
        let invoice = shop.gen_invoice("60").await;
        for outcome in outcomes {
            world.sandbox().simulate(&invoice, outcome).await;
        }
        let answer = shop.get_invoice(&invoice).await;
        assert_eq!(
            (&answer["status"], &answer["data"]["status"]),
            (&number.into(), &word),
            "{outcomes:?}"
        );
        let reason = if number == 300 { "Unsuccessful - Declined" } else { "" };
        assert_eq!(answer["data"]["reason"], reason);
    }
    let invoice = shop.gen_invoice("60").await;
    world.sandbox().simulate(&invoice, "succeed").await;
    let body = json!({"payment": invoice, "outcome": "refund", "amount": "10"});
    world.sandbox().post("/sandbox/simulate", &body).await.expect(200);
    assert_eq!(shop.get_invoice(&invoice).await["status"], 230);
    let declined = shop.gen_invoice("60").await;
    let body = json!({"payment": declined, "outcome": "decline", "reason": "Insufficient funds"});
    world.sandbox().post("/sandbox/simulate", &body).await.expect(200);
    assert_eq!(shop.get_invoice(&declined).await["data"]["reason"], "Insufficient funds");
}

#[tokio::test]
async fn the_ipn_is_silent_about_what_is_no_success_failure_or_refund() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    for outcome in ["pending", "cancel", "expire", "unmatched"] {
        let invoice = shop.gen_invoice("60").await;
        world.sandbox().simulate(&invoice, outcome).await;
    }
    let rejected = shop.gen_invoice("60").await;
    world.sandbox().simulate(&rejected, "decline").await;
    let told = world.merchant.wait("/ipn", 1).await.remove(0);
    assert_eq!((told.field("invoice"), told.field("status")), (rejected, "REJECTED".into()));
    // What is owed was written with the change itself: nothing else can still come.
    let owed = world.cli(&["callbacks", "count", "--brand", &world.brand.id, "--json"]).await;
    let owed = owed.expect_ok().json();
    let count = |state: &str| owed[state].as_i64().unwrap();
    assert_eq!(count("pending") + count("delivered") + count("failed"), 1, "{owed}");
}

#[tokio::test]
async fn a_multipart_body_is_as_good_and_half_of_one_is_not() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let form = shop.form("gen_invoice", &shop.invoice("60"));
    let part = |(name, value): (_, _)| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = form_urlencoded::parse(form.as_bytes()).into_owned().map(part).collect();
    let post = |body: String| {
        let request = world.http.post(world.url("/api/v1"));
        request.header("Content-Type", "multipart/form-data; boundary=X").body(body)
    };
    let whole = crate::world::send(post(format!("{parts}--X--\r\n"))).await.expect(200).json();
    assert_eq!(whole["status"], 200);
    let half = crate::world::send(post(parts)).await.expect(200).json();
    assert_eq!(half["status"], 400, "{half}");
    assert!(half["message"].is_string());
}

#[tokio::test]
async fn bad_input_gets_the_envelope_and_leaves_nothing() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let with = |name: &'static str, value: &'static str| {
        let mut fields = shop.invoice("60");
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
        let shop = shop.clone();
        let fields: Vec<_> =
            fields.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        async move {
            let fields: Vec<_> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            shop.call("gen_invoice", &fields).await
        }
    };
    for (name, value) in [
        ("amount", "9.99"),
        ("amount", "x"),
        ("currency", "USD"),
        ("country", "XX"),
        ("phone", "0123456789012345"),
    ] {
        let answer = with(name, value).await;
        assert_eq!(answer["status"], 400, "{answer}");
        assert!(answer["message"][name].as_str().unwrap().starts_with(name), "{answer}");
    }
    let invalid = json!({"status": 400, "message": "Invalid Request"});
    assert_eq!(shop.get_invoice("854EEA58BC861985").await, invalid);
    assert_eq!(shop.get_invoice("").await, invalid);
    assert_eq!(shop.refund("854EEA58BC861985", "10").await, invalid);
    assert_eq!(shop.call("pay_me", &[]).await, invalid);
    let ipn = json!({"status": 400, "message": "Invalid IPN Request"});
    assert_eq!(shop.validate("854EEA58BC861985", "10").await, ipn);
    let invoice = shop.gen_invoice("60").await;
    assert_eq!(shop.refund(&invoice, "10").await["status"], 400, "nothing was paid");
    world.sandbox().simulate(&invoice, "succeed").await;
    for amount in ["", "0", "-1", "1.001", "ten", "1e400", "99999999999999999999"] {
        let answer = shop.refund(&invoice, amount).await;
        assert_eq!(
            (&answer["status"], answer["message"].is_string()),
            (&400.into(), true),
            "{amount}: {answer}"
        );
    }
    assert_eq!(shop.get_invoice(&invoice).await["status"], 200);
    let get = world.get("/api/v1/").await.expect(200);
    assert_eq!(get.json(), invalid);
    assert_eq!(get.header("allow"), "POST");
    // Who is still sending when the limit is reached gets the answer, and not a broken connection.
    let large = shop.post_form("/api/v1/", "x".repeat(12_000_000)).await.expect(200).json();
    assert_eq!(large["status"], 400);
    let other = world.another_brand("test").await;
    let theirs = PortPosShop::of_brand(&world, &other);
    assert_eq!(theirs.get_invoice(&invoice).await, invalid, "another brand's invoice");
    let listed = world.cli(&["refund", "list", "--brand", &world.brand.id, "--json"]).await;
    assert!(listed.expect_ok().json().as_array().unwrap().is_empty(), "no refund was begun");
    world.check_books().await;
}
