//! Several nodes on one PostgreSQL. On SQLite there is one server, and nothing to see here.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::world::{Payer, Reply, Server, Sms, World, on_postgres, send, until};

#[tokio::test]
async fn a_payment_goes_on_at_whichever_node() {
    if !on_postgres() {
        return;
    }
    let world = World::start().await;
    let other = world.another_node(&[]).await;
    let made = world.shop().create("30").await;
    let sms = Sms::bkash(30);
    let payer = Payer::new(&other.base, &world.http, &made.id);
    let claimed = payer.confirm("bkash", &sms.reference).await.expect(202).json();
    assert_eq!(claimed["status"], "pending");
    world.phone().hears(&sms).await;
    assert_eq!(world.shop_at(&other).state(&made).await, "COMPLETED");
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    world.check_books().await;
}

#[tokio::test]
async fn what_changes_on_one_node_is_known_to_all() {
    if !on_postgres() {
        return;
    }
    let world = World::start().await;
    let other = world.another_node(&[]).await;
    let brand = world.another_brand("test").await;
    let shop = crate::world::Shop::new(&other.base, &world.http, &brand.api_key(), &world.merchant);
    let made = shop.create("10").await;
    let page = || send(world.http.get(other.url(&format!("/checkout/{}", made.id))));
    assert!(page().await.expect(200).body.contains("Nagad"));
    let wallets = world.cli(&["wallet", "list", "--brand", &brand.id]).await;
    let nagad = wallets.expect_ok().stdout.lines().find(|line| line.contains("nagad")).unwrap();
    let account = nagad.split_whitespace().next().unwrap();
    world.cli(&["wallet", "disable", "--brand", &brand.id, "--account", account]).await.expect_ok();
    until("the other node offers it no longer", async || {
        (!page().await.expect(200).body.contains("Nagad")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_message_is_sent_by_one_node() {
    if !on_postgres() {
        return;
    }
    let world = World::start().await;
    let others = [world.another_node(&[]).await, world.another_node(&[]).await];
    const PAYMENTS: usize = 60;
    let mut paid = HashSet::new();
    for n in 0..PAYMENTS {
        let shop = world.shop_at(&others[n % 2]);
        let made = shop.create("30").await;
        world.sandbox().simulate(&made.id, "succeed").await;
        paid.insert(made.transaction_id);
    }
    let told = world.merchant.wait("/webhook", PAYMENTS).await;
    let told: HashSet<String> = told.iter().map(|one| one.field("transactionId")).collect();
    assert_eq!(told, paid);
    let pending = || async {
        let count = ["callbacks", "count", "--brand", &world.brand.id, "--json"];
        let counts = world.cli(&count).await.expect_ok().json();
        (counts["pending"] == 0).then_some(counts)
    };
    let counts = until("every delivery is recorded", pending).await;
    assert_eq!(counts["delivered"], PAYMENTS);
    assert_eq!(world.merchant.count("/webhook"), PAYMENTS, "none was sent twice");
}

#[tokio::test]
async fn a_node_may_only_answer_or_only_work() {
    if !on_postgres() {
        return;
    }
    let world = World::builder().env("TORANA_ROLE", "api").start().await;
    let made = world.shop().create("30").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    let worker = world.another_node(&[("TORANA_ROLE", "worker")]).await;
    world.merchant.wait("/webhook", 1).await;
    let get = |path: &str| send(world.http.get(worker.url(path)));
    get("/readyz").await.expect(200);
    get("/metrics").await.expect(200);
    get(&format!("/checkout/{}", made.id)).await.expect(404);
    // Told at once, not found at the next look.
    let made = world.shop().create("30").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    world.merchant.wait("/webhook", 2).await;
}

#[tokio::test]
async fn a_dead_nodes_messages_are_sent_by_another() {
    if !on_postgres() {
        return;
    }
    let mut world = World::builder().env("TORANA_CALLBACKS_TIMEOUT_S", "2").start().await;
    world.merchant.will_answer("/webhook", [Reply::Silence]);
    let made = world.shop().create("30").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    world.merchant.wait("/webhook", 1).await;
    // It has the message in its hands, and dies.
    world.server.kill();
    world.merchant.will_answer("/webhook", []);
    let _other = world.another_node(&[]).await;
    let told = world.merchant.wait("/webhook", 2).await;
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
}

#[tokio::test]
async fn a_caller_who_fails_at_one_node_has_failed_at_the_other() {
    if !on_postgres() {
        return;
    }
    const LIMIT: usize = 60;
    let world = World::start().await;
    let other = world.another_node(&[]).await;
    let fail = |node: &Server| {
        let request = world.http.post(node.url("/api/payment/checkout"));
        send(request.header("X-API-KEY", "wrong").body("{}"))
    };
    for _ in 0..LIMIT {
        fail(&world.server).await;
    }
    assert_eq!(fail(&world.server).await.status, 429);
    let passed = std::cell::Cell::new(0);
    until("the other node has heard of it", async || {
        let answer = fail(&other).await;
        passed.set(passed.get() + 1);
        (answer.status == 429).then_some(())
    })
    .await;
    assert!(passed.get() < LIMIT, "that is its own limit, not the shared one");
}

/// What a balancer knows: where a node is, and whether its last check was good.
struct Target {
    base: std::sync::Mutex<String>,
    is_ready: AtomicBool,
}

/// Looks at a node's `/readyz` as a balancer does.
async fn watch(target: Arc<Target>, http: reqwest::Client) {
    loop {
        let base = target.base.lock().unwrap().clone();
        let answer = http.get(format!("{base}/readyz")).send().await;
        target.is_ready.store(answer.is_ok_and(|answer| answer.status() == 200), Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_replaced_without_a_failed_request() {
    if !on_postgres() {
        return;
    }
    let leave = [("TORANA_HTTP_LEAVE_S", "1")];
    let world = World::builder().env(leave[0].0, leave[0].1).start().await;
    let mut nodes = [world.another_node(&[]).await, world.another_node(&[]).await];
    let targets: Vec<Arc<Target>> = nodes
        .iter()
        .map(|node| {
            let base = std::sync::Mutex::new(node.base.clone());
            Arc::new(Target { base, is_ready: AtomicBool::new(true) })
        })
        .collect();
    let mut watching = tokio::task::JoinSet::new();
    for target in &targets {
        watching.spawn(watch(Arc::clone(target), world.http.clone()));
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..8_usize {
        let (targets, is_over) = (targets.clone(), Arc::clone(&is_over));
        let (http, key) = (world.http.clone(), world.brand.api_key());
        let order = world.shop().order("10").to_string();
        callers.spawn(async move {
            let mut answered = 0_u64;
            let mut turn = caller;
            while !is_over.load(Ordering::Relaxed) {
                turn += 1;
                let target = &targets[turn % targets.len()];
                if !target.is_ready.load(Ordering::Relaxed) {
                    tokio::task::yield_now().await;
                    continue;
                }
                let base = target.base.lock().unwrap().clone();
                let request = http
                    .post(format!("{base}/api/payment/checkout"))
                    .header("X-API-KEY", &key)
                    .header("content-type", "application/json")
                    .body(order.clone());
                let answer = request.send().await.unwrap_or_else(|error| panic!("{error:?}"));
                assert_eq!(answer.status(), 200);
                answered += 1;
            }
            answered
        });
    }
    for n in 0..nodes.len() {
        nodes[n].terminate();
        let ended = {
            let node = std::cell::RefCell::new(&mut nodes[n]);
            until("the node ends", async || node.borrow_mut().ended()).await
        };
        assert!(ended.success(), "{}", nodes[n].log());
        let fresh = world.another_node(&[]).await;
        *targets[n].base.lock().unwrap() = fresh.base.clone();
        nodes[n] = fresh;
        until("the balancer sees the new node", async || {
            targets[n].is_ready.load(Ordering::Relaxed).then_some(())
        })
        .await;
    }
    is_over.store(true, Ordering::Relaxed);
    let answered: u64 = callers.join_all().await.into_iter().sum();
    assert!(answered > 100, "{answered} requests show nothing");
    world.check_books().await;
}
