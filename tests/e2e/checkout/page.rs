//! `GET /checkout/{id}`.

use crate::world::{Sms, World, send};

/// Of each language: its tag, and a word of the open page that no other language has.
const LANGUAGES: [(&str, &str); 4] = [
    ("bn", "পেমেন্টের মাধ্যম বেছে নিন"),
    ("en", "Choose how to pay"),
    ("hi", "भुगतान"),
    ("bg", "Изберете"),
];

#[tokio::test]
async fn the_page_speaks_the_browsers_language() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    for (tag, words) in LANGUAGES {
        let page = world.payer(&made).page_in(&format!("{tag}-XX, en;q=0.5")).await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.body.contains(&format!("<html lang=\"{tag}\">")), "{tag}");
        assert!(page.body.contains(words), "{tag}: {}", page.body);
        for (other, _) in LANGUAGES {
            assert!(
                page.body.contains(&format!("lang={other}\"")),
                "{tag} offers no way to {other}"
            );
        }
    }
    let page = world.payer(&made).page_in("fr, xx;q=0.9").await;
    assert!(page.body.contains("<html lang=\"en\">"), "nobody's language is English");
}

#[tokio::test]
async fn a_language_that_was_chosen_by_hand_stays() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let page = world.get(&format!("/checkout/{}?lang=bg", made.id)).await.expect(200);
    assert!(page.body.contains("<html lang=\"bg\">"));
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(page.header("set-cookie").contains("HttpOnly"), "{}", page.header("set-cookie"));
    let url = world.url(&format!("/checkout/{}", made.id));
    let request = world.http.get(url).header("Cookie", cookie).header("Accept-Language", "hi");
    assert!(send(request).await.body.contains("<html lang=\"bg\">"));
}

#[tokio::test]
async fn a_brand_may_set_the_language_where_the_browser_does_not_say() {
    let world = World::builder().setting("language", "bn").start().await;
    let made = world.shop().create("900").await;
    let page = world.get(&format!("/checkout/{}", made.id)).await;
    assert!(page.body.contains("<html lang=\"bn\">"));
}

#[tokio::test]
async fn the_page_shows_shop_amount_invoice_methods_and_test_mode() {
    let world = World::start().await;
    let made = world.shop().create("1260.50").await;
    let page = world.payer(&made).page().await.expect(200).body;
    for text in [
        "Tea House",
        "1,260.50",
        &made.transaction_id,
        "Test mode",
        "bKash",
        "Nagad",
        "Rocket",
        "Upay",
    ] {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    assert!(
        !page.contains("john@gmail.com") && !page.contains("John Doe"),
        "personal data on the page"
    );

    let page = world.get(&format!("/checkout/{}?method=bkash&lang=en", made.id)).await.body;
    for text in
        ["Pay with bKash", "01000000001", "*247#", "Send Money", "1260.50", "name=\"reference\""]
    {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
}

#[tokio::test]
async fn the_providers_own_link_shows_the_same() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let page = world.get(&format!("/api/execute/{}", made.id)).await.expect(200);
    assert!(page.body.contains(&made.transaction_id));
}

#[tokio::test]
async fn names_of_shops_and_methods_cannot_become_markup() {
    let world = World::start().await;
    let name = "<script>alert(1)</script>\"'&";
    let printed = world.cli(&["brand", "create", "--name", name, "--mode", "test", "--json"]).await;
    let brand = printed.expect_ok().json();
    let mut shop = world.shop();
    let key = brand["rupantorpay"]["api_key"].as_str().unwrap();
    let mut order = shop.order("10");
    order["fullname"] = name.into();
    order["api_key"] = key.into();
    shop.success_url = String::new();
    let request = world.http.post(world.url("/api/payment/checkout"));
    let request = request.header("Content-Type", "application/json").body(order.to_string());
    let made = crate::world::Made::of(&send(request).await.expect(200));
    let page = world.payer(&made).page().await.expect(200).body;
    assert!(page.contains("alert(1)"), "the name is shown");
    assert!(!page.contains("<script>alert"), "{page}");
    let evil = world
        .get(&format!("/checkout/{}?method=%22%3E%3Cscript%3E&code=%3Cb%3E&lang=%3Ci%3E", made.id))
        .await;
    assert!(!evil.body.contains("\"><script>") && !evil.body.contains("<b>&lt;"), "{}", evil.body);
    assert!(!evil.body.contains("<i>"));
}

#[tokio::test]
async fn the_page_follows_the_payment_without_a_script() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let payer = world.payer(&made);
    let sms = Sms::bkash(900);

    payer.confirm("bkash", &sms.reference).await.expect(202);
    let waiting = payer.page().await.expect(200).body;
    assert!(
        waiting.contains("Waiting for confirmation") && waiting.contains(&sms.reference),
        "{waiting}"
    );
    assert!(waiting.contains("http-equiv=\"refresh\""), "it looks again without a script");

    world.phone().hears(&sms).await;
    let done = payer.page().await.expect(200).body;
    for text in ["Payment received", &sms.reference, "bKash", "Return to Tea House", "900.00"] {
        assert!(done.contains(text), "{text} is missing: {done}");
    }
    assert!(done.contains(&format!("/checkout/{}/return", made.id)));
}

#[tokio::test]
async fn the_first_load_is_small() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let page = world.payer(&made).page_in("bn").await.expect(200).body;
    let mut bytes = page.len();
    let assets: Vec<&str> =
        page.split(['"', '\'']).filter(|text| text.starts_with("/assets/")).collect();
    assert!(assets.len() >= 3, "style, script and icon: {assets:?}");
    for path in assets {
        let asset = world.get(path).await.expect(200);
        assert!(asset.header("cache-control").contains("immutable"), "{path}");
        bytes += asset.body.len();
    }
    assert!(bytes < 50_000, "{bytes} bytes, even uncompressed");
}
