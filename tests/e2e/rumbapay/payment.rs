//! `POST|PUT /v1/payment`, `GET /v1/transaction/{id}`, `/p/{id}` and the callback.

use reqwest::Method;
use serde_json::json;

use super::shop::{RumbapayShop, text};
use crate::world::{World, send};

#[tokio::test]
async fn server_to_server_gives_the_link_that_opens_an_app() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let made = shop.create(&shop.h2h("334545", "200")).await;
    assert_eq!((&made["error_code"], &made["error_message"]), (&json!(0), &json!("")));
    assert_eq!(
        (&made["status"]["name"], &made["reference"]),
        (&json!("created"), &json!("334545"))
    );
    assert_eq!((&made["amount"], &made["billing_amount"]), (&json!(200), &json!(200)));
    assert_eq!(made["challenge"]["challenge_type"], "redirect");
    let link = text(&made, "/challenge/challenge_redirect/url");
    assert!(link.starts_with("upi://pay?mode=04&cu=INR&pa=demoshop@torana&"), "{link}");
    assert!(link.contains("am=200&mam=200&tr=P"), "{link}");

    let id = text(&made, "/request_id");
    let simulated = world.sandbox().simulate(&id, "succeed").await;
    let found = shop.transaction(&id).await;
    assert_eq!(found["status"]["name"], "success");
    assert_eq!(found["amount"].to_string(), "200.0000");
    let extra = json!([{"key": "key_1", "value": "value"}, {"key": "key_2", "value": "value"}]);
    assert_eq!(found["extra"], extra);
    let told = world.merchant.wait("/callback", 1).await;
    let told = shop.told(&told[0]);
    assert_eq!((&told["status"]["name"], &told["request_id"]), (&json!("success"), &json!(id)));
    assert_eq!(told["extra"], extra);
    assert!(simulated["reference"].as_str().unwrap().len() == 12);
    world.check_books().await;
}

#[tokio::test]
async fn the_hosted_page_is_in_the_language_asked_for_and_leads_back() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let made = shop.create(&shop.hpp("1", "200.50")).await;
    let link = text(&made, "/challenge/challenge_redirect/url");
    assert!(link.starts_with(&format!("{}/p/", world.server.base)), "{link}");
    let page = send(world.http.get(&link)).await.expect(200).body;
    assert!(page.contains("<html lang=\"hi\""), "in the locale of the widget");
    assert!(page.contains("demoshop@torana") && page.contains("<svg"));
    let payer = shop.payer(&world, &link).await;
    payer.confirm("upi", "630712345671").await.expect(202);
    assert_eq!(shop.state(&text(&made, "/request_id")).await, "pending");
    assert_eq!(payer.go_back().await.location(), shop.redirect_url);
}

#[tokio::test]
async fn every_id_and_reference_that_the_api_gave_can_be_simulated() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    for (n, field) in ["request_id", "reference", "identifier"].into_iter().enumerate() {
        let made = shop.create(&shop.h2h(&format!("order-{n}"), "50")).await;
        let id = text(&made, "/request_id");
        let name = text(&shop.transaction(&id).await, &format!("/{field}"));
        world.sandbox().simulate(&name, "decline").await;
        assert_eq!(shop.state(&id).await, "declined", "{field}");
    }
    let told = world.merchant.wait("/callback", 3).await;
    assert!(told.iter().all(|one| shop.told(one)["status"]["name"] == "declined"));
}

#[tokio::test]
async fn a_reference_means_one_payment() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let body = shop.h2h("334545", "200");
    let (one, two) = tokio::join!(shop.create(&body), shop.create(&body));
    assert_eq!(one["request_id"], two["request_id"], "at once");
    assert_eq!(shop.create(&body).await["request_id"], one["request_id"]);
    let other = shop.h2h("334545", "201").to_string();
    let refused = shop.call(Method::POST, "/v1/payment", &other).await.expect(400).json();
    assert_eq!(refused["error_code"], 30);
    assert_eq!(refused["error_fields"][0]["field"], "reference");
}

#[tokio::test]
async fn fields_are_named_one_by_one() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let body =
        json!({"method": "upi", "currency": "INR", "amount": "200", "customer": {"email": "x"}});
    let answer = shop.call(Method::POST, "/v1/payment", &body.to_string()).await.expect(400).json();
    assert_eq!(
        (&answer["error_code"], &answer["error_reason"]),
        (&json!(30), &json!("Invalid params"))
    );
    let fields: Vec<_> = answer["error_fields"].as_array().unwrap().iter().collect();
    let of = |name: &str| fields.iter().filter(|it| it["field"] == name).count();
    for name in ["reference", "identifier", "phone", "first_name", "country", "zip_code", "email"] {
        assert_eq!(of(name), 1, "{name} in {answer}");
    }
    assert!(
        fields
            .contains(&&json!({"field": "reference", "message": "reference is a required field"}))
    );
}

#[tokio::test]
async fn a_method_without_a_rail_has_no_route() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let exact = r#"{"error_code":273,"error_message":"Invalid adapter route configuration"}"#;
    for (method, currency) in [
        ("upi", "BDT"),
        ("paysafecard", "EUR"),
        ("pix", "BRL"),
        ("bank_transfer_argentina", "ARS"),
        ("cash", "CLP"),
        ("bank_transfer_chile", "CLP"),
        ("cash", "MXN"),
        ("bank_transfer_mexico", "MXN"),
        ("p2c", "KZT"),
        ("nothing", "INR"),
    ] {
        let mut body = shop.h2h("1", "200");
        body["method"] = method.into();
        body["currency"] = currency.into();
        let answer = shop.call(Method::POST, "/v1/payment", &body.to_string()).await.expect(400);
        assert_eq!(answer.body, exact, "{method} {currency}");
    }
}

#[tokio::test]
async fn requisites_are_confirmed_by_the_merchant() {
    let builder = World::builder().setting("switches.rumbapay.upi_challenge", "requisites");
    let world = builder.start().await;
    let shop = RumbapayShop::of(&world);
    let made = shop.create(&shop.h2h("1", "200")).await;
    assert_eq!(made["challenge"]["challenge_type"], "requisites");
    assert_eq!(made["challenge"]["challenge_requisites"]["account"], "demoshop@torana");
    let path = format!("/v1/payment/{}", text(&made, "/request_id"));
    let wrong = shop.call(Method::PUT, &path, r#"{"transaction_id":"SUR619"}"#).await.expect(400);
    assert_eq!(wrong.json()["error_fields"][0]["field"], "transaction_id");
    let sent = r#"{"transaction_id":"630712345671"}"#;
    let pending = shop.call(Method::PUT, &path, sent).await.expect(200).json();
    assert_eq!(pending["status"]["name"], "pending");
    let again = shop.call(Method::PUT, &path, sent).await.expect(200).json();
    assert_eq!(again["status"]["name"], "pending");
    let unknown = "/v1/payment/00000000-0000-4000-8000-000000000000";
    assert_eq!(shop.call(Method::PUT, unknown, sent).await.expect(404).json()["error_code"], 101);
}

#[tokio::test]
async fn another_brand_sees_nothing() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let made = shop.create(&shop.h2h("1", "200")).await;
    let other = world.another_brand("test").await;
    let mut stranger = shop.clone();
    for (field, name) in [
        (&mut stranger.login, "login"),
        (&mut stranger.key, "key"),
        (&mut stranger.password, "password"),
    ] {
        *field = other.printed["rumbapay"][name].as_str().unwrap().to_owned();
    }
    let path = format!("/v1/transaction/{}", text(&made, "/request_id"));
    let answer = stranger.call(Method::GET, &path, "").await.expect(404).json();
    assert_eq!(
        (&answer["error_code"], &answer["error_reason"]),
        (&json!(101), &json!("Transaction not found"))
    );
    stranger.call(Method::GET, "/v1/transaction/1", "").await.expect(404);
}
