//! Headers that keep browsers careful, on every kind of answer.

use crate::world::{World, send};

#[tokio::test]
async fn every_answer_is_careful() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    let paths = [
        format!("/checkout/{}", made.id),
        format!("/checkout/{}/status", made.id),
        format!("/api/execute/{}", made.id),
        "/checkout/x".to_owned(),
        "/nothing".to_owned(),
        "/healthz".to_owned(),
        "/public/assets/js/checkout.js".to_owned(),
        "/api/payment/checkout".to_owned(),
        format!("/sandbox/wallet/{}", made.id),
    ];
    for path in &paths {
        let answer = world.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        assert!(answer.header("server").is_empty(), "{path}");
        let policy = answer.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "form-action",
        ] {
            assert!(policy.contains(rule), "{path}: no {rule} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert!(!policy.contains("script-src 'self' "), "{path}: {policy}");
    }
}

#[tokio::test]
async fn pages_hold_no_script_or_style_of_their_own() {
    let world = World::start().await;
    let mut pages = vec![];
    for outcome in ["", "pending", "succeed", "cancel", "expire", "decline"] {
        let made = world.shop().create("10").await;
        if !outcome.is_empty() {
            world.sandbox().simulate(&made.id, outcome).await;
        }
        pages.push(world.payer(&made).page().await.body);
        pages.push(world.get(&format!("/checkout/{}?method=bkash", made.id)).await.body);
        pages.push(world.get(&format!("/sandbox/wallet/{}", made.id)).await.body);
    }
    let request = world.http.get(world.url("/nothing")).header("Accept", "text/html");
    pages.push(send(request).await.body);
    for page in pages {
        for script in page.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(
                tag.contains("src=\"/assets/") && rest.starts_with("</script>"),
                "<script{tag}>"
            );
        }
        for inline in ["<style", " style=", " onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!page.contains(inline), "{inline} in {page}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    for path in [
        format!("/checkout/{}", made.id),
        "/healthz".to_owned(),
        "/public/assets/js/checkout.js".to_owned(),
    ] {
        let get = world.get(&path).await.expect(200);
        let head = send(world.http.head(world.url(&path))).await.expect(200);
        assert!(head.body.is_empty());
        for name in
            ["content-type", "content-security-policy", "x-content-type-options", "cache-control"]
        {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn the_popup_script_may_be_loaded_by_shops() {
    let world = World::start().await;
    let script = world.get("/public/assets/js/checkout.js").await.expect(200);
    assert!(script.header("content-type").starts_with("text/javascript"));
    assert_eq!(script.header("access-control-allow-origin"), "*");
    assert!(script.body.contains("rupantorpayCheckOut"));
    let max_age = script.header("cache-control").rsplit('=').next().unwrap().parse::<u32>();
    assert!(max_age.is_ok_and(|seconds| seconds <= 3600), "a fixed name must not be kept for long");
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there() {
    let world = World::builder().env("TORANA_PUBLIC_URL", "https://pay.example.com/").start().await;
    let made = world.shop().create("10").await;
    assert!(made.link.starts_with("https://pay.example.com/api/execute/"), "{}", made.link);
    let answer = world.get("/healthz").await;
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}
