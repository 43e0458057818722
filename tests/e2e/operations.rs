//! What an operator needs: health, metrics, a stop that loses nothing, and commands that tell the truth.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use torana_store::conformance::scratch::Scratch;

use crate::world::{Launch, Merchant, Server, Shop, Sms, World, http_client, on_postgres, until};

#[tokio::test]
async fn it_says_that_it_lives_and_can_serve() {
    let world = World::start().await;
    assert_eq!(world.get("/healthz").await.expect(200).body, "ok\n");
    assert_eq!(world.get("/readyz").await.expect(200).body, "ready\n");
}

#[tokio::test]
async fn metrics_count_what_happens() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    world.merchant.wait("/webhook", 1).await;
    let metrics = world.get("/metrics").await.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    for name in [
        "torana_http_requests_total",
        "torana_http_request_seconds",
        "torana_store_commits_total",
        "torana_messages_total",
    ] {
        assert!(metrics.body.contains(name), "{name} is missing: {}", metrics.body);
    }
    let line = "torana_http_requests_total{route=\"/api/payment/checkout\",status=\"200\"}";
    assert_eq!(world.metric(line).await, 1);
    assert!(!metrics.body.contains(&made.id), "links are no labels");
}

#[tokio::test]
async fn the_first_start_makes_all_it_needs_for_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let launch = Launch::new(dir.path().join("not/there/yet"), vec![]);
    let server = Server::start(&launch).await;
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&launch.data_dir), 0o700);
    for entry in std::fs::read_dir(&launch.data_dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    let brand = crate::world::Brand::create(&launch, "Shop", "test").await;
    let (merchant, http) = (Merchant::start().await, http_client());
    Shop::new(&server.base, &http, &brand.api_key(), &merchant).create("10").await;
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_runs_and_takes_nothing_new() {
    let mut world = World::start().await;
    let order = world.shop().order("10").to_string();
    let address = world.server.base.trim_start_matches("http://").to_owned();
    let mut running = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/payment/checkout HTTP/1.1\r\nHost: x\r\nX-API-KEY: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        world.brand.api_key(),
        order.len()
    );
    running.write_all(head.as_bytes()).await.unwrap();
    // "100 Continue" says that the request is being handled.
    let mut go_on = [0_u8; 25];
    running.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    world.server.terminate();
    until("new connections are refused", || async {
        TcpStream::connect(&address).await.is_err().then_some(())
    })
    .await;
    assert!(world.server.ended().is_none(), "it must not end while a request runs");

    running.write_all(order.as_bytes()).await.unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("payment_url"),
        "{answer}"
    );
    let ended = ended(&mut world.server).await;
    assert!(ended.success(), "{ended}");
    assert!(world.server.log().contains("\"stopped\""), "{}", world.server.log());

    // What was answered is there after the next start.
    let id =
        answer.split("transaction_id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    world.crash_and_restart().await;
    let asked = json!({"transaction_id": id});
    world.shop().post("/api/payment/verify-payment", &asked).await.expect(200);
}

#[tokio::test]
async fn a_request_that_hangs_does_not_hold_up_the_stop_for_ever() {
    let mut world = World::builder().env("TORANA_HTTP_DRAIN_S", "1").start().await;
    let mut hanging =
        TcpStream::connect(world.server.base.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /api/payment/checkout HTTP/1.1\r\nHost: x\r\nX-API-KEY: {}\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        world.brand.api_key()
    );
    hanging.write_all(head.as_bytes()).await.unwrap();
    hanging.read_exact(&mut [0_u8; 25]).await.unwrap();
    world.server.terminate();
    assert!(ended(&mut world.server).await.success());
}

async fn ended(server: &mut Server) -> std::process::ExitStatus {
    let deadline = tokio::time::Instant::now() + crate::world::DEADLINE;
    loop {
        if let Some(status) = server.ended() {
            return status;
        }
        assert!(tokio::time::Instant::now() < deadline, "it does not end: {}", server.log());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn with_nothing_to_do_it_stops_at_once() {
    let mut world = World::start().await;
    // An idle connection is nothing to wait for.
    world.get("/healthz").await.expect(200);
    let asked = std::time::Instant::now();
    world.server.terminate();
    assert!(ended(&mut world.server).await.success());
    assert!(asked.elapsed().as_secs() < 10, "an idle server took {:?} to stop", asked.elapsed());
}

#[tokio::test]
async fn all_is_there_after_a_crash() {
    let mut world = World::start().await;
    let (open, claimed, paid) = (
        world.shop().create("10").await,
        world.shop().create("10").await,
        world.shop().create("10").await,
    );
    let (first, second) = (Sms::bkash(10), Sms::bkash(10));
    world.payer(&claimed).confirm("bkash", &first.reference).await.expect(202);
    world.phone().hears(&second).await;
    world.payer(&paid).confirm("bkash", &second.reference).await.expect(200);
    world.crash_and_restart().await;
    assert_eq!(world.shop().state(&open).await, "PENDING");
    assert_eq!(world.shop().verify(&paid).await["trx_id"], second.reference);
    assert_eq!(world.payer(&claimed).state().await, "pending");
    world.phone().hears(&first).await;
    assert_eq!(world.shop().state(&claimed).await, "COMPLETED");
    world.check_books().await;
}

#[tokio::test]
async fn the_books_are_checked_by_a_command() {
    let world = World::start().await;
    for outcome in ["succeed", "short", "excess", "late", "unmatched", "forged"] {
        let made = world.shop().create("10").await;
        world.sandbox().simulate(&made.id, outcome).await;
    }
    let printed = world.cli(&["ledger", "check"]).await;
    assert!(printed.expect_ok().stdout.contains("trial balance is zero"), "{}", printed.stdout);
    let report = world.cli(&["ledger", "check", "--json"]).await.expect_ok().json();
    assert_eq!((&report["ok"], &report["paid_payments"]), (&json!(true), &json!(3)));
    assert_eq!(report["findings"], json!([]));
    let balance = world.cli(&["ledger", "balance", "--brand", &world.brand.id]).await;
    assert!(balance.expect_ok().stdout.contains("sum: zero"), "{}", balance.stdout);
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong() {
    let world = World::start().await;
    let healthy = world.cli(&["doctor"]).await;
    assert!(healthy.expect_ok().stdout.contains("the books balance"), "{}", healthy.stdout);
    world.another_brand("live").await;
    let sick = world.cli(&["doctor"]).await;
    assert!(!sick.ok, "{}", sick.stdout);
    for text in ["no wallet", "torana wallet add", "no phone"] {
        assert!(sick.stdout.contains(text), "{text}: {}", sick.stdout);
    }
}

#[tokio::test]
async fn a_master_key_that_others_can_read_is_refused() {
    let world = World::start().await;
    let key = world.data_dir().join("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let printed = world.cli(&["brand", "list"]).await;
    assert!(!printed.ok && printed.stderr.contains("chmod 600"), "{}", printed.stderr);
}

#[tokio::test]
async fn a_lost_master_key_is_not_replaced() {
    let world = World::start().await;
    std::fs::remove_file(world.data_dir().join("master.key")).unwrap();
    let printed = world.cli(&["brand", "list"]).await;
    assert!(!printed.ok && printed.stderr.contains("master key"), "{}", printed.stderr);
    assert!(
        !world.data_dir().join("master.key").exists(),
        "a new key would lock every secret away"
    );
}

#[tokio::test]
async fn the_master_key_may_come_from_the_environment() {
    let key = "ab".repeat(32);
    let world = World::builder().env("TORANA_MASTER_KEY", &key).start().await;
    assert!(!world.data_dir().join("master.key").exists());
    world.shop().create("10").await;
    let show_key = ["brand", "webhook-key", "--brand", &world.brand.id];
    world.cli(&show_key).await.expect_ok();
    let other = world.cli_with("TORANA_MASTER_KEY", &"cd".repeat(32), &show_key).await;
    assert!(!other.ok && other.stderr.contains("master key"), "{}", other.stderr);
    let broken = world.cli_with("TORANA_MASTER_KEY", "zzqzzq", &show_key).await;
    assert!(!broken.ok && broken.stderr.contains("64 hexadecimal digits"), "{}", broken.stderr);
    assert!(!broken.stderr.contains("zzqzzq"), "a key is not shown, not even a broken one");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_so() {
    let world = World::start().await;
    let address = world.server.base.trim_start_matches("http://");
    let second = world.cli(&["serve", "--listen", address]).await;
    assert!(!second.ok && second.stderr.contains(address), "{}", second.stderr);
    assert_eq!(world.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn two_servers_do_not_serve_the_same_file() {
    if on_postgres() {
        return; // There several nodes are welcome: `nodes.rs`.
    }
    let mut world = World::start().await;
    let second = world.cli(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert!(!second.ok && second.stderr.contains("another server"), "{}", second.stderr);
    // A crash leaves nothing behind that a person would have to clear away.
    world.crash_and_restart().await;
    assert_eq!(world.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn the_database_may_be_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("books.sqlite");
    let url = format!("sqlite:{}", file.display());
    let world = World::builder().env("TORANA_DATABASE_URL", &url).start().await;
    world.shop().create("10").await;
    assert!(file.exists());
    assert!(!world.data_dir().join("torana.sqlite").exists());
    let other =
        world.cli_with("TORANA_DATABASE_URL", "mysql://x:hush@y/z", &["brand", "list"]).await;
    assert!(!other.ok && other.stderr.contains("sqlite:PATH"), "{}", other.stderr);
    assert!(!other.stderr.contains("hush"), "{}", other.stderr);
}

#[tokio::test]
async fn the_configuration_that_it_prints_can_be_read() {
    let world = World::start().await;
    let template = world.cli(&["config"]).await.expect_ok().stdout.clone();
    for key in ["listen", "public_url", "TORANA_RATE_LIMITS_MISSES_PER_MINUTE", "allow_private"] {
        assert!(template.contains(key), "{key}: {template}");
    }
    let file = world.data_dir().join("torana.toml");
    // Every setting is there as a comment with its default.
    let enabled: String = template
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.contains(" = ") && !rest.starts_with(' ') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&file, &enabled).unwrap();
    let path = file.to_str().unwrap();
    world.cli(&["--config", path, "brand", "list"]).await.expect_ok();
    std::fs::write(&file, "listen = \"nowhere\"\n").unwrap();
    let printed = world.cli(&["--config", path, "brand", "list"]).await;
    assert!(!printed.ok && printed.stderr.contains("listen"), "{}", printed.stderr);
}

#[tokio::test]
async fn commands_say_what_does_not_exist() {
    let world = World::start().await;
    for args in [
        &["brand", "show", "--brand", "99"][..],
        &["wallet", "list", "--brand", "99"],
        &["wallet", "add", "--brand", &world.brand.id, "--method", "paypal", "--number", "1"],
        &["wallet", "disable", "--brand", &world.brand.id, "--account", "99"],
        &["device", "revoke", "--brand", &world.brand.id, "--device", "99"],
        &["callbacks", "list", "--payment", "x"],
        &["inbox", "done", "--brand", &world.brand.id, "--message", "99"],
        &["brand", "set", "--brand", &world.brand.id, "policy.nothing", "1"],
        &["brand", "set", "--brand", &world.brand.id, "policy.tolerance_minor", "much"],
        &["brand", "create", "--name", "", "--mode", "test"],
        &["brand", "create", "--name", "x", "--mode", "demo"],
    ] {
        let printed = world.cli(args).await;
        assert!(!printed.ok && !printed.stderr.is_empty(), "{args:?}: {}", printed.stdout);
        assert!(!printed.stderr.contains("panicked"), "{args:?}: {}", printed.stderr);
    }
}

#[tokio::test]
async fn the_demo_plays_to_its_end() {
    let world = World::start().await;
    let database = on_postgres().then(Scratch::new);
    let url = database.as_ref().map(|database| database.url().expose().to_owned());
    let mut args = vec!["demo", "--check", "--listen", "127.0.0.1:0"];
    args.extend(url.iter().flat_map(|url| ["--database-url", url]));
    let printed = world.cli(&args).await;
    assert!(printed.expect_ok().stdout.contains("steps passed"), "{}", printed.stdout);
}
