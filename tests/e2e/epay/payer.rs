//! The payer's side: the page, the form that goes to the site, and what must not be claimed.

use super::{checksum, decode, invoice};
use crate::world::{Made, World, send};

/// A value of the form on a page.
pub fn hidden(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("{name} in {html}"));
    rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&")
}

/// The payer presses one of the buttons.
pub async fn go(world: &World, made: &Made, way: &str) -> crate::world::Answer {
    let url = world.url(&format!("/checkout/{}/epay?lang=en", made.id));
    let form = format!("method=epay&way={way}");
    let request = world.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
    send(request.body(form)).await
}

const SECRET: &str = "ALNUM64SECRETALNUM64SECRETALNUM64SECRETALNUM64SECRETALNUM64SECRE";

/// A brand in that currency with a client number at ePay.bg's own test site beside the sample one.
async fn real(currency: &str) -> World {
    let world = World::builder().setting("policy.currency", currency).live().start().await;
    let args = ["epay", "add", "--brand", &world.brand.id, "--min", "D987654321"];
    world.cli_reading(&args, SECRET).await.expect_ok();
    crate::world::until("the account is known", || async {
        let page = world.payer(&world.shop().create("25.01").await).page().await.body;
        page.contains("ePay.bg").then_some(())
    })
    .await;
    world
}

#[tokio::test]
async fn the_real_site_gets_the_request_of_its_protocol() {
    for currency in ["BGN", "EUR"] {
        let world = real(currency).await;
        let made = world.shop().create("25.01").await;
        assert!(!world.payer(&made).page().await.body.contains("name=\"reference\""));
        for (way, page) in [("account", "paylogin"), ("card", "credit_paydirect")] {
            let answer = go(&world, &made, way).await.expect(200);
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("form-action https://*.epay.bg;"), "{policy}");
            let html = &answer.body;
            assert!(html.contains("action=\"https://www.epay.bg/en/\""), "{html}");
            assert_eq!(
                (hidden(html, "PAGE").as_str(), hidden(html, "LANG").as_str()),
                (page, "en")
            );
            let encoded = hidden(html, "ENCODED");
            assert_eq!(hidden(html, "CHECKSUM"), checksum(&encoded, SECRET));
            let lines = decode(&encoded);
            for line in [
                "MIN=D987654321".to_owned(),
                format!("INVOICE={}", invoice(&made)),
                "AMOUNT=25.01".to_owned(),
                format!("CURRENCY={currency}"),
                "ENCODING=utf-8".to_owned(),
            ] {
                assert!(lines.lines().any(|it| it == line), "{line} in {lines}");
            }
            assert!(!html.contains(SECRET));
            let back = format!("{}/checkout/{}?", world.server.base, made.id);
            for name in ["URL_OK", "URL_CANCEL"] {
                assert!(hidden(html, name).starts_with(&back), "{html}");
            }
        }
        assert_eq!(world.payer(&made).state().await, "pending");
        world.check_books().await;
    }
}

#[tokio::test]
async fn the_doctor_looks_at_client_numbers_and_asks_for_no_phone() {
    let world = real("EUR").await;
    let said = world.cli(&["doctor"]).await;
    assert!(!said.ok && said.stdout.contains("ePay.bg cannot reach this server"), "{said:?}");
    assert!(!said.stdout.contains("no phone"), "{said:?}");
    let url = ("TORANA_PUBLIC_URL", "https://pay.example.com");
    world.cli_with(url.0, url.1, &["doctor"]).await.expect_ok();
}

#[tokio::test]
async fn nothing_that_is_typed_claims_an_invoice() {
    let world = World::builder().setting("policy.currency", "EUR").start().await;
    let (mine, other) = (world.shop().create("25").await, world.shop().create("25").await);
    for invoice in [invoice(&other), invoice(&mine)] {
        assert_eq!(world.payer(&mine).confirm_code("epay", &invoice).await, "method_unavailable");
    }
    assert_eq!(world.payer(&mine).state().await, "created");
    // Nor is the simulated wallet asked to pay it.
    let url = world.url(&format!("/sandbox/wallet/{}", mine.id));
    let request = world.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
    send(request.body("method=epay&amount=25&outcome=succeed")).await.expect(422);
    assert_eq!(world.payer(&mine).state().await, "created");
}

#[tokio::test]
async fn what_cannot_be_paid_there_leads_back_to_the_page() {
    let world = World::builder().setting("policy.currency", "EUR").start().await;
    let made = world.shop().create("25").await;
    for way in ["", "cheque"] {
        let location = go(&world, &made, way).await.location();
        assert!(location.contains("code=method_unavailable"), "{location}");
    }
    world.payer(&made).cancel().await;
    let location = go(&world, &made, "card").await.location();
    assert!(location.contains("code=closed"), "{location}");
    let taka = World::start().await;
    let made = taka.shop().create("25").await;
    let location = go(&taka, &made, "card").await.location();
    assert!(location.contains("code=method_unavailable"), "{location}");
}

#[tokio::test]
async fn who_asks_the_site_all_the_time_is_told_to_wait() {
    let world = World::builder().setting("policy.currency", "EUR").start().await;
    let made = world.shop().create("25").await;
    for _ in 0..12 {
        go(&world, &made, "card").await.expect(200);
    }
    let location = go(&world, &made, "card").await.location();
    assert!(location.contains("code=try_later"), "{location}");
}

#[tokio::test]
async fn easypay_that_is_away_gives_no_code_and_changes_nothing() {
    // A live brand's EasyPay is a host that this machine need not reach.
    let world = World::builder()
        .setting("policy.currency", "EUR")
        .env("TORANA_PUBLIC_URL", "http://127.0.0.1:9")
        .start()
        .await;
    let made = world.shop().create("25").await;
    let location = go(&world, &made, "cash").await.location();
    assert!(location.contains("code=problem"), "{location}");
    assert_eq!(world.payer(&made).state().await, "created");
}
