//! What must never be seen: keys and personal data in logs, secrets in the database.

use serde_json::json;

use crate::world::{NativePhone, PAYER, Sandbox, Sms, World, send};

/// Everything that happened in [`busy_world`] and must not be seen.
struct Hidden {
    secrets: Vec<String>,
    personal: Vec<String>,
}

/// A world in which everything was used, well and badly.
async fn busy_world(log: &str) -> (World, Hidden) {
    let world = World::builder().env("TORANA_LOG", log).start().await;
    let shop = world.shop();
    let mut order = shop.order("30");
    for (name, value) in [
        ("fullname", "Zinedine Qxz"),
        ("email", "zq@private.example"),
        ("phone", "01999000123"),
        ("webhook_url", &world.merchant.url("/webhook?token=wh-s3cr3t")),
        ("success_url", &world.merchant.url("/success?token=su-s3cr3t")),
    ] {
        order[name] = json!(value);
    }
    let made = shop.create_with(&order).await;
    let code = NativePhone::pairing_code(&world).await;
    let pairing = NativePhone::pair_with(&world, &code).await.expect(200).json();
    let native = world.paired_phone().await;

    world.phone().connect("android-1").await;
    let (first, second) = (Sms::bkash(30), Sms::nagad(30));
    world.payer(&made).confirm("bkash", &first.reference).await.expect(202);
    world.payer(&made).page().await.expect(200);
    world.phone().hears(&first).await;
    native.forward(&[(1, &second)]).await;
    world.merchant.wait("/webhook", 1).await;
    world.payer(&made).go_back().await.location();
    shop.verify(&made).await;
    let other = shop.create("30").await;
    world.sandbox().simulate(&other.id, "succeed").await;
    world.sandbox().advance(60).await;

    // Badly: wrong and truncated keys, keys in queries, bodies that are none.
    let key = world.brand.api_key();
    let query =
        format!("/api/payment/verify-payment?api_key={key}&transaction_id={}", made.transaction_id);
    world.get(&query).await.expect(200);
    let request = world.http.post(world.url("/api/payment/checkout")).header("X-API-KEY", &key);
    send(
        request
            .header("Content-Type", "application/json")
            .body("{\"email\":\"zq@private.example\""),
    )
    .await;
    Sandbox::new(&world.server.base, &world.http, &key).post("/sandbox/clock", &json!({})).await;
    let phone = world.phone();
    let query = phone.form(&[("address", "bKash"), ("message", &format!("from {PAYER} what"))]);
    send(world.http.get(world.url(&format!("/api/add-data?{query}")))).await;
    native.post("/device/v1/messages", &json!({"messages": [{"body": PAYER}]})).await;
    world.get("/checkout/x?token=wh-s3cr3t").await;

    let printed = world.cli(&["brand", "webhook-key", "--brand", &world.brand.id]).await;
    let mut secrets = world.brand.secrets();
    secrets.push(printed.expect_ok().stdout.trim().trim_start_matches("whsec_").to_owned());
    secrets.push(
        std::fs::read_to_string(world.data_dir().join("master.key")).unwrap().trim().to_owned(),
    );
    secrets.push(code);
    secrets.push(pairing["secret"].as_str().unwrap().to_owned());
    secrets.push(native.secret.clone());
    let personal = ["Zinedine", "zq@private", "01999000123", PAYER, "wh-s3cr3t", "su-s3cr3t"];
    let personal = personal.map(str::to_owned).to_vec();
    (world, Hidden { secrets, personal })
}

#[tokio::test]
async fn logs_show_no_secret_and_nobody() {
    let (mut world, hidden) = busy_world("debug").await;
    world.server.kill();
    let log = world.server.log();
    let answered = log.lines().filter(|line| line.contains("DEBUG") && line.contains("answered"));
    assert!(answered.count() > 10, "this is no debug log: {log}");
    for text in hidden.secrets.iter().chain(&hidden.personal) {
        let line = log.lines().find(|line| line.contains(text.as_str()));
        assert_eq!(line, None, "{text}");
    }
}

#[tokio::test]
async fn files_hold_no_secret() {
    let (mut world, hidden) = busy_world("info").await;
    look_through(&world, &hidden.secrets);
    world.server.kill();
    look_through(&world, &hidden.secrets);
}

/// Whatever was written to a disk: files and, where it is elsewhere, the database.
fn look_through(world: &World, secrets: &[String]) {
    let mut files = 0;
    if let Some(database) = world.database() {
        let dump = database.dump();
        files += 1;
        for secret in secrets {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(dump.len() > 1_000 && !dump.contains(secret.as_str()), "{secret}");
            assert!(!dump.contains(&hex), "{secret}");
        }
    }
    for entry in std::fs::read_dir(world.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name == "master.key") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        files += 1;
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
    assert!(files > 0);
}

#[tokio::test]
async fn one_time_codes_are_not_kept() {
    let mut world = World::start().await;
    for (sender, body) in [
        ("bKash", "Your bKash verification code is 748213. Never share it with anyone."),
        ("Google", "G-593847 is your verification code."),
        ("SomeBank", "OTP: 6172 for login. Valid 3 min."),
    ] {
        world.phone().hears(&Sms::new(sender, body, "")).await;
    }
    let codes = ["748213", "593847", "6172"].map(str::to_owned);
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id]).await;
    for code in &codes {
        assert!(!inbox.expect_ok().stdout.contains(code.as_str()), "{code}: {}", inbox.stdout);
    }
    world.server.kill();
    look_through(&world, &codes[..2]);
}

#[tokio::test]
async fn commands_and_metrics_show_no_secret() {
    let (world, hidden) = busy_world("info").await;
    let brand = world.brand.id.as_str();
    let mut shown = world.get("/metrics").await.body;
    for args in [
        &["brand", "list"][..],
        &["brand", "show", "--brand", brand],
        &["device", "list", "--brand", brand],
        &["wallet", "list", "--brand", brand],
        &["inbox", "list", "--brand", brand],
        &["ledger", "check"],
        &["doctor"],
        &["config"],
    ] {
        let printed = world.cli(args).await;
        shown.push_str(&printed.expect_ok().stdout);
        shown.push_str(&printed.stderr);
    }
    for secret in &hidden.secrets {
        assert!(!shown.contains(secret.as_str()), "{secret}");
    }
}

#[tokio::test]
async fn the_payers_page_shows_nobody() {
    let (world, hidden) = busy_world("info").await;
    let mut order = world.shop().order("30");
    order["fullname"] = json!("Zinedine Qxz");
    order["email"] = json!("zq@private.example");
    order["metadata"] = json!({"note": "wh-s3cr3t"});
    for outcome in ["", "pending", "succeed", "cancel"] {
        let made = world.shop().create_with(&order).await;
        if !outcome.is_empty() {
            world.sandbox().simulate(&made.id, outcome).await;
        }
        let page = world.payer(&made).page().await.expect(200).body;
        let status = world.payer(&made).status().await.to_string();
        for text in hidden.secrets.iter().chain(&hidden.personal) {
            assert!(!page.contains(text.as_str()) && !status.contains(text.as_str()), "{text}");
        }
    }
}
