//! Too much, too often, too strange.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{Answer, Sms, World, send};

const CHECKOUT: &str = "/api/payment/checkout";
const VERIFY: &str = "/api/payment/verify-payment";

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_the_envelope() {
    let world = World::builder().env("TORANA_HTTP_BODY_BYTES", "2000").start().await;
    let shop = world.shop();
    let large = json!({"amount": "10", "x": "y".repeat(3000)}).to_string();
    for path in [CHECKOUT, VERIFY] {
        shop.post_as(path, "application/json", large.clone()).await.expect_refusal(413);
    }
    shop.create("10").await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_everywhere() {
    let world = World::builder().env("TORANA_HTTP_BODY_BYTES", "2000").start().await;
    let made = world.shop().create("10").await;
    for path in [
        format!("/checkout/{}/confirm", made.id),
        format!("/sandbox/wallet/{}", made.id),
        "/api/add-data".to_owned(),
        "/api/device-connect".to_owned(),
        "/device/v1/pair".to_owned(),
        "/device/v1/messages".to_owned(),
        "/sandbox/simulate".to_owned(),
        "/sandbox/clock".to_owned(),
    ] {
        let request = world.http.post(world.url(&path)).body("z".repeat(3000));
        assert_eq!(send(request).await.status, 413, "{path}");
    }
}

#[tokio::test]
async fn the_default_takes_a_quarter_of_a_megabyte() {
    let world = World::start().await;
    let mut order = world.shop().order("10");
    order["ignored"] = json!("y".repeat(200_000));
    world.shop().create_with(&order).await;
    order["ignored"] = json!("y".repeat(300_000));
    world.shop().post(CHECKOUT, &order).await.expect_refusal(413);
}

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    let key = world.brand.api_key();
    for method in ["PUT", "DELETE", "PATCH", "TRACE"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        for path in [CHECKOUT, VERIFY, "/api/payment/create", "/api/payment/verify"] {
            let request = world.http.request(method.clone(), world.url(path));
            let answer = send(request.header("X-API-KEY", &key)).await;
            answer.expect_refusal(405);
            assert_eq!(answer.header("allow"), "GET, POST", "{path}");
        }
    }
    for (path, allow) in [
        (format!("/checkout/{}/confirm", made.id), "POST"),
        (format!("/checkout/{}/cancel", made.id), "POST"),
        ("/sandbox/simulate".to_owned(), "POST"),
        ("/device/v1/pair".to_owned(), "POST"),
    ] {
        let answer = world.get(&path).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allow), "{path}");
    }
    assert_eq!(world.payer(&made).state().await, "created", "a GET changes nothing");
}

/// JSON from people who mean harm.
fn hostile_json() -> Vec<Vec<u8>> {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let objects = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let mut bomb = "1".to_owned();
    while bomb.len() < 60_000 {
        let inner = format!("{}{bomb}{}", "[".repeat(120), "]".repeat(120));
        let text = Value::from(inner).to_string();
        bomb = format!("{{\"$serde_json::private::RawValue\":{text}}}");
    }
    let escaped = bomb.replacen('$', "\\u0024", 1);
    [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "\"amount\"".to_owned(),
        nested(1_000),
        nested(100_000),
        objects,
        format!("{{\"metadata\":{bomb}}}"),
        format!("{{\"metadata\":{}}}", Value::from(bomb.clone())),
        format!("{{\"amount\":{bomb}}}"),
        bomb,
        escaped,
        "{\"$serde_json::private::Number\":\"x\"}".to_owned(),
        format!("{{\"amount\":{}}}", "9".repeat(100_000)),
        "{\"amount\":1e999999999999}".to_owned(),
        "{\"payment\":\"\\ud800\",\"outcome\":\"\\u0000\"}".to_owned(),
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([b"{\"amount\":\"\xff\xfe\"}".to_vec(), vec![0; 1000]])
    .collect()
}

#[tokio::test]
async fn hostile_json_is_refused_and_hurts_nobody() {
    let world = World::builder()
        .env("TORANA_RATE_LIMITS_AUTH_FAILURES_PER_MINUTE", "1000000")
        .env("TORANA_RATE_LIMITS_CONFIRMATIONS_PER_MINUTE", "1000000")
        .start()
        .await;
    let made = world.shop().create("10").await;
    let native = world.paired_phone().await;
    for (number, body) in hostile_json().into_iter().enumerate() {
        for path in [CHECKOUT, VERIFY] {
            let answer = world.shop().post_as(path, "application/json", body.clone()).await;
            answer.expect_refusal(400);
        }
        for path in [
            format!("/checkout/{}/confirm", made.id),
            "/api/add-data".to_owned(),
            "/api/device-connect".to_owned(),
            "/sandbox/simulate".to_owned(),
            "/sandbox/clock".to_owned(),
            "/device/v1/pair".to_owned(),
        ] {
            let request =
                world.http.post(world.url(&path)).bearer_auth(world.brand.sandbox_token());
            let request = request.header("Content-Type", "application/json");
            let answer: Answer = send(request.body(body.clone())).await;
            let refused = match path.as_str() {
                // The existing app expects 200 and a status as text.
                "/api/add-data" | "/api/device-connect" => {
                    answer.status == 200 && answer.json()["status"] == "0"
                }
                _ => (400..500).contains(&answer.status),
            };
            assert!(refused, "{path} took number {number}: {} {}", answer.status, answer.body);
        }
        if let Ok(text) = std::str::from_utf8(&body) {
            let now = jiff::Timestamp::now().as_second();
            for path in ["/device/v1/messages", "/device/v1/heartbeat"] {
                let signature = native.signature(now, path, text);
                let answer = native.post_signed(path, text, now, &signature).await;
                assert!(answer.status < 500, "{path}: {}", answer.body);
            }
        }
        assert_eq!(world.get("/healthz").await.status, 200, "number {number} killed it");
    }
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    assert_eq!(world.payer(&made).state().await, "created");
}

#[tokio::test]
async fn wrong_keys_are_slowed_down_and_right_ones_are_not() {
    let world =
        World::builder().env("TORANA_RATE_LIMITS_AUTH_FAILURES_PER_MINUTE", "5").start().await;
    let post = |key: &str| {
        let request = world.http.post(world.url(CHECKOUT)).header("X-API-KEY", key);
        send(
            request
                .header("Content-Type", "application/json")
                .body(world.shop().order("10").to_string()),
        )
    };
    for _ in 0..5 {
        post("wrong").await.expect_refusal(401);
    }
    for _ in 0..3 {
        let answer = post("wrong").await;
        answer.expect_refusal(429);
        let seconds = answer.header("retry-after").parse::<u32>();
        assert!(seconds.is_ok_and(|seconds| (1..=60).contains(&seconds)), "{:?}", answer.headers);
    }
    post(&world.brand.api_key()).await.expect(200);
    world.phone().hears(&Sms::bkash(1)).await;
    let made = world.shop().create("10").await;
    assert_eq!(world.sandbox().simulate(&made.id, "succeed").await["state"], "succeeded");
}

#[tokio::test]
async fn guessing_device_keys_and_tokens_is_slowed_down_too() {
    for path in [
        "/api/device-connect",
        "/api/add-data",
        "/sandbox/clock",
        "/device/v1/pair",
        "/device/v1/heartbeat",
    ] {
        let world =
            World::builder().env("TORANA_RATE_LIMITS_AUTH_FAILURES_PER_MINUTE", "5").start().await;
        let mut last = 0;
        for _ in 0..7 {
            let request = world.http.post(world.url(path)).bearer_auth("wrong");
            let request = request.header("Content-Type", "application/json");
            let body = "{\"user_email\":\"a@b.example\",\"device_key\":\"wrong\",\"code\":\"wrong\",\"advance_s\":1}";
            last = send(request.body(body)).await.status;
        }
        assert_eq!(last, 429, "{path}");
    }
}

#[tokio::test]
async fn guessing_references_of_one_payment_is_slowed_down() {
    let world = World::start().await;
    let (made, other) = (world.shop().create("10").await, world.shop().create("10").await);
    let payer = world.payer(&made);
    for guess in 0..12 {
        payer.confirm("bkash", &format!("CK5GUESS{guess:02}")).await;
    }
    let answer = payer.confirm("bkash", "CK5GUESS00").await.expect(429);
    let body = answer.json();
    assert_eq!((&body["status"], &body["code"]), (&json!("error"), &json!("try_later")));
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    let to = payer.confirm_by_form("bkash", "CK5GUESS99").await.location();
    assert!(to.contains("code=try_later"), "{to}");
    world.payer(&other).confirm("bkash", "CK51234567").await.expect(202);
}

#[tokio::test]
async fn whoever_names_many_references_waits_for_a_person() {
    let world =
        World::builder().env("TORANA_RATE_LIMITS_CONFIRMATIONS_PER_MINUTE", "1000").start().await;
    let made = world.shop().create("10").await;
    let payer = world.payer(&made);
    for guess in 0..5 {
        payer.confirm("bkash", &format!("CK5GUESS{guess:02}")).await.expect(202);
    }
    let answer = payer.confirm("bkash", "CK5GUESS99").await.expect(429);
    assert_eq!(answer.json()["code"], "try_later", "five references wait at most");
    payer.confirm("bkash", "CK5GUESS03").await.expect(202);

    world.phone().hears(&Sms::bkash_with(1_000, "CK5GUESS03")).await;
    assert_eq!(world.shop().state(&made).await, "PENDING", "it may be another payer's money");
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(inbox["receipts"][0]["problem"], "doubtful");
    let rightful = world.shop().create("10").await;
    world.payer(&rightful).confirm("bkash", "CK5GUESS03").await.expect(200);
    world.check_books().await;
}

#[tokio::test]
async fn guesses_over_many_payments_are_slowed_down() {
    let world = World::builder().env("TORANA_RATE_LIMITS_MISSES_PER_MINUTE", "5").start().await;
    let mut statuses = vec![];
    for guess in 0..8 {
        let made = world.shop().create("10").await;
        let payer = world.payer(&made);
        payer.confirm("bkash", &format!("CK5FIRST{guess:02}")).await.expect(202);
        statuses.push(payer.confirm("bkash", &format!("CK5GUESS{guess:02}")).await.status);
    }
    assert_eq!(statuses, [202, 202, 202, 202, 202, 429, 429, 429]);
    let made = world.shop().create("10").await;
    let sms = Sms::bkash(10);
    world.phone().hears(&sms).await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_calls() {
    for (trusted, expected) in [("", 429), ("127.0.0.1", 401)] {
        let mut builder = World::builder().env("TORANA_RATE_LIMITS_AUTH_FAILURES_PER_MINUTE", "3");
        if !trusted.is_empty() {
            builder = builder.env("TORANA_TRUSTED_PROXIES", trusted);
        }
        let world = builder.start().await;
        let mut last = 0;
        for number in 0..6 {
            let request = world.http.post(world.url(CHECKOUT)).header("X-API-KEY", "wrong");
            let from = format!("203.0.113.{number}");
            last = send(request.header("X-Forwarded-For", from).body("")).await.status;
        }
        assert_eq!(last, expected, "trusted: {trusted:?}");
    }
}

#[tokio::test]
async fn what_a_client_writes_before_the_proxys_own_word_is_not_believed() {
    let world = World::builder()
        .env("TORANA_RATE_LIMITS_AUTH_FAILURES_PER_MINUTE", "3")
        .env("TORANA_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await;
    let mut last = 0;
    for number in 0..6 {
        let request = world.http.post(world.url(CHECKOUT)).header("X-API-KEY", "wrong");
        let from = format!("198.51.100.{number}, 203.0.113.7");
        last = send(request.header("X-Forwarded-For", from).body("")).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_request_that_never_ends_is_ended() {
    let world = World::builder().env("TORANA_HTTP_TIMEOUT_S", "1").start().await;
    let address = world.server.base.trim_start_matches("http://");
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {CHECKOUT} HTTP/1.1\r\nHost: x\r\nX-API-KEY: {}\r\nContent-Length: 100\r\n\r\n{{",
        world.brand.api_key()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0_u8; 12];
    slow.read_exact(&mut answer).await.unwrap();
    assert_eq!(std::str::from_utf8(&answer).unwrap(), "HTTP/1.1 408");
}

#[tokio::test]
async fn metadata_has_a_limit() {
    let world = World::start().await;
    let mut order = world.shop().order("10");
    order["meta_data"] = json!({"x": "y".repeat(8_000)});
    world.shop().create_with(&order).await;
    order["meta_data"] = json!({"x": "y".repeat(8_200)});
    let message = world.shop().post(CHECKOUT, &order).await.expect_refusal(400);
    assert!(message.contains("metadata"), "{message}");
}
