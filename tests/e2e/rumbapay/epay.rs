//! The provider's second page: ePay.bg, in both flows.

use serde_json::{Value, json};

use super::shop::{RumbapayShop, text};
use crate::epay::payer::{go, hidden};
use crate::world::{Made, World, send};

/// The ePay page's own customer and order, server to server.
fn h2h(shop: &RumbapayShop, reference: &str, currency: &str) -> Value {
    json!({
        "method": "epay", "mode": "initial", "reference": reference, "currency": currency, "amount": 25.01,
        "description": "My order h2h",
        "customer": {
            "identifier": "1111-1111-2211-2211", "email": "joaosilva@hotmail.com", "phone": "+5511987654321",
            "first_name": "Jo\u{e3}o", "last_name": "Silva", "middle_nFame": "Pereira", "country": "BG",
            "state_code": "SP", "city": "S\u{e3}o Paulo", "address": "Avenida Paulista 1578", "zip_code": "01310-200",
            "itn": "12345678900", "birthday": "1985-04-12", "ip": "192.168.0.1", "gender": "male",
        },
        "redirect_url": shop.redirect_url, "cancel_url": "cancel_url", "callback_url": shop.callback_url,
        "extra": [{"key_1": "value"}, {"key_2": "value"}],
    })
}

fn hpp(shop: &RumbapayShop, reference: &str, currency: &str) -> Value {
    let mut body = h2h(shop, reference, currency);
    let fields = body.as_object_mut().unwrap();
    fields.remove("method");
    fields.remove("mode");
    fields.insert("widget".into(), json!({"method": "epay", "locale": "bg"}));
    body
}

#[tokio::test]
async fn both_flows_lead_to_the_page_and_from_there_to_the_site() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    for (n, currency) in ["BGN", "EUR"].into_iter().enumerate() {
        for (flow, order) in [("h", h2h as fn(&RumbapayShop, &str, &str) -> Value), ("p", hpp)] {
            let reference = format!("{flow}{n}");
            let made = shop.create(&order(&shop, &reference, currency)).await;
            assert_eq!(
                (&made["status"]["name"], &made["amount"]),
                (&json!("created"), &json!(25.01))
            );
            assert_eq!(made["challenge"]["challenge_type"], "redirect");
            let link = text(&made, "/challenge/challenge_redirect/url");
            assert!(link.ends_with("/confirm"), "{link}");
            let page = send(world.http.get(&link)).await.expect(200).body;
            let (_, rest) = page.split_once("/checkout/").unwrap();
            let payer = Made { id: rest[..32].to_owned(), ..world.shop().create("1").await };
            let handoff = go(&world, &payer, "account").await.expect(200).body;
            assert_eq!(hidden(&handoff, "PAGE"), "paylogin");
            let id = text(&made, "/request_id");
            assert_eq!(shop.state(&id).await, "pending");
            world.sandbox().simulate(&id, "succeed").await;
            assert_eq!(shop.state(&id).await, "success");
            assert_eq!(
                shop.payer(&world, &link).await.go_back().await.location(),
                shop.redirect_url
            );
        }
    }
    let told = world.merchant.wait("/callback", 4).await;
    assert!(told.iter().all(|one| shop.told(one)["status"]["name"] == "success"));
    world.check_books().await;
}

#[tokio::test]
async fn denied_and_expired_are_told() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    for (n, (outcome, state)) in
        [("decline", "declined"), ("expire", "expired")].into_iter().enumerate()
    {
        let made = shop.create(&h2h(&shop, outcome, "EUR")).await;
        let id = text(&made, "/request_id");
        world.sandbox().simulate(&id, outcome).await;
        let found = shop.transaction(&id).await;
        assert_eq!(found["status"]["name"], state);
        assert_ne!(found["status"]["date"], found["created_date"], "since it is {state}");
        let told = world.merchant.wait("/callback", n + 1).await;
        assert_eq!(shop.told(&told[n])["status"]["name"], state);
    }
}

#[tokio::test]
async fn a_brand_without_a_client_number_has_no_route() {
    let world = World::builder().live().start().await;
    let shop = RumbapayShop::of(&world);
    let body = h2h(&shop, "1", "BGN").to_string();
    let answer = shop.call(reqwest::Method::POST, "/v1/payment", &body).await;
    assert_eq!(answer.json()["error_code"], 273);
}

#[tokio::test]
async fn a_repeat_finds_its_payment_though_its_account_is_gone() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    // One hundredth is less than ePay.bg takes.
    let mut least = h2h(&shop, "least", "EUR");
    least["amount"] = 0.01.into();
    let answer = shop.call(reqwest::Method::POST, "/v1/payment", &least.to_string()).await;
    assert_eq!(answer.json()["error_code"], 273);
    let made = shop.create(&h2h(&shop, "1", "EUR")).await;
    let args = ["wallet", "disable", "--brand", &world.brand.id, "--account", "6"];
    world.cli(&args).await.expect_ok();
    let asked = std::cell::Cell::new(0);
    crate::world::until("the account is offered no more", || async {
        asked.set(asked.get() + 1);
        let body = h2h(&shop, &format!("new-{}", asked.get()), "EUR").to_string();
        let answer = shop.call(reqwest::Method::POST, "/v1/payment", &body).await;
        (answer.json()["error_code"] == 273).then_some(())
    })
    .await;
    let again = shop.create(&h2h(&shop, "1", "EUR")).await;
    assert_eq!(again["request_id"], made["request_id"]);
}
