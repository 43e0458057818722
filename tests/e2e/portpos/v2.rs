//! Version 2: JSON.

use reqwest::Method;
use serde_json::{Value, json};

use super::PortPosShop;
use crate::world::{PAYER, Sms, World};

#[tokio::test]
async fn a_purchase_from_invoice_to_chargeback() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let made = shop.v2(Method::POST, "/invoice/", Some(&shop.order(json!(100.5)))).await;
    let made = made.expect(201).json();
    assert_eq!(made["result"], "success");
    let data = &made["data"];
    assert_eq!(
        (&data["order"]["amount"], &data["order"]["status"]),
        (&"100.50".into(), &"PENDING".into())
    );
    assert_eq!(
        (&data["reference"], &data["customs"]),
        (&"ABC123".into(), &json!([{"cart": "c-17"}]))
    );
    let invoice = data["invoice_id"].as_str().unwrap();
    let url = data["action"]["url"].as_str().unwrap();
    assert_eq!(url, world.url(&format!("/payment/?invoice={invoice}")));
    assert!(world.http.get(url).send().await.unwrap().status().is_success());

    let payer = shop.payer(invoice).await;
    let sms = Sms::bkash_paisa(10_050);
    payer.confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(&sms).await;
    let back = payer.go_back().await.location();
    let expected = format!(
        "{}&invoice={invoice}&status=ACCEPTED&amount=100.50&currency=BDT&transaction_id={}",
        shop.redirect_url, sms.reference
    );
    assert_eq!(back, expected);
    let told = world.merchant.wait("/ipn", 1).await.remove(0);
    assert_eq!(told.field("invoice"), invoice);
    for (method, amount) in
        [(Method::GET, "100.5"), (Method::GET, "100.50"), (Method::POST, "1.005E2/")]
    {
        let path = format!("/invoice/ipn/{invoice}/{amount}");
        let data = shop.v2(method, &path, None).await.expect(200).json()["data"].clone();
        assert_eq!(data["transactions"][0]["status"], "ACCEPTED");
        assert_eq!(data["billing"]["payer"]["account"], PAYER);
    }
    let wrong = shop.v2(Method::GET, &format!("/invoice/ipn/{invoice}/100"), None).await;
    assert_eq!(wrong.expect(404).json()["result"], "ERROR");

    let path = format!("/invoice/refund/{invoice}");
    let ask = |amount: Value, reference: &str| json!({"refund": {"amount": amount, "currency": "BDT", "reference": reference}});
    let first = shop.v2(Method::POST, &path, Some(&ask(json!(50.00), "R-1"))).await.expect(202);
    assert_eq!(first.json()["data"]["refund"]["status"], "REFUND_PENDING");
    let again = shop.v2(Method::POST, &path, Some(&ask(json!("50"), "R-1"))).await.expect(202);
    assert_eq!(again.json()["refund"], first.json()["refund"], "one refund, asked for twice");
    let other = shop.v2(Method::POST, &path, Some(&ask(json!(1), "R-1"))).await.expect(400).json();
    assert_eq!(other["error"]["property"], "refund.reference");
    let much =
        shop.v2(Method::POST, &path, Some(&ask(json!(50.51), "R-2"))).await.expect(400).json();
    let explanation = "Refund amount exceeded. Refundable amount is 50.50";
    assert_eq!(much["error"]["explanation"], explanation);
    assert_eq!(shop.state(invoice).await, "REFUND_PENDING");
    world.sandbox().simulate(invoice, "refund").await;
    assert_eq!(shop.state(invoice).await, "PARTIALLY_REFUNDED");
    world.sandbox().simulate(invoice, "chargeback_lost").await;
    assert_eq!(shop.state(invoice).await, "CHARGED_BACK");
    world.check_books().await;
}

#[tokio::test]
async fn only_what_is_open_can_be_cancelled() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = shop.create(json!(60)).await;
    let cancel = |invoice: &str| {
        let (shop, path) = (shop.clone(), format!("/invoice/cancel/{invoice}"));
        async move { shop.v2(Method::POST, &path, None).await }
    };
    for _ in 0..2 {
        let answer = cancel(&invoice).await.expect(202).json();
        assert_eq!(answer["data"]["order"]["status"], "CANCELLED");
    }
    let paid = shop.create(json!(60)).await;
    world.sandbox().simulate(&paid, "succeed").await;
    let refused = cancel(&paid).await.expect(400).json();
    assert_eq!(refused["error"]["cause"], "wrong_state");
    cancel("85E78E8316B89073").await.expect(404);
    let by_payer = shop.create(json!(60)).await;
    shop.payer(&by_payer).await.cancel().await;
    assert_eq!(shop.state(&by_payer).await, "CANCELLED");
    let back = shop.payer(&by_payer).await.go_back().await.location();
    assert!(back.contains("&status=CANCELLED&"), "{back}");
}

#[tokio::test]
async fn an_invoice_expires_by_its_own_validity() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = shop.create(json!(60)).await;
    world.sandbox().advance(890).await;
    assert_eq!(shop.state(&invoice).await, "PENDING");
    world.sandbox().advance(20).await;
    assert_eq!(shop.state(&invoice).await, "EXPIRED");
}

#[tokio::test]
async fn both_versions_know_the_same_invoices() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let (one, two) = (shop.gen_invoice("60").await, shop.create(json!(60)).await);
    assert_eq!(shop.state(&one).await, "PENDING");
    assert_eq!(shop.get_invoice(&two).await["data"]["product_name"], "x Polo T-shirt");
    world.sandbox().simulate(&two, "succeed").await;
    assert_eq!(shop.validate(&two, "60").await["status"], 200);
    // RupantorPay's payments are none of PortPos's, though the brand is the same.
    let theirs = world.shop().create("60").await;
    shop.v2(Method::GET, &format!("/invoice/{}", theirs.id), None).await.expect(404);
}

#[tokio::test]
async fn bad_input_is_named_by_its_path() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    for (pointer, value, property) in [
        ("/order/amount", json!(0), "order.amount"),
        ("/order/currency", json!("USD"), "order.currency"),
        ("/billing/customer/phone", json!("123"), "billing.customer.phone"),
        ("/billing/customer/address/country", json!("??"), "billing.customer.address.country"),
        ("/product/name", json!("n".repeat(200)), "product.name"),
    ] {
        let mut order = shop.order(json!(60));
        *order.pointer_mut(pointer).unwrap() = value;
        let answer = shop.v2(Method::POST, "/invoice", Some(&order)).await.expect(400).json();
        assert_eq!(
            (&answer["result"], &answer["error"]["property"]),
            (&"ERROR".into(), &property.into())
        );
    }
    let mut order = shop.order(json!(60));
    order["billing"]["source_of_fund"] =
        json!({"type": "card", "card": {"number": "4111111111111111", "cvc": "123"}});
    let answer = shop.v2(Method::POST, "/invoice", Some(&order)).await.expect(400).json();
    assert_eq!(answer["error"]["property"], "billing.source_of_fund");
    assert!(!answer.to_string().contains("4111"), "no card number comes back");
    let invoice = shop.create(json!(60)).await;
    let body = json!({"refund": {"amount": 10}});
    let answer = shop.v2(Method::POST, &format!("/invoice/refund/{invoice}"), Some(&body)).await;
    assert_eq!(answer.expect(400).json()["error"]["cause"], "wrong_state", "nothing was paid");
}
