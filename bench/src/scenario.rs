//! What is measured, and in which order: torana, no storage, disk; and again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::client::{Connection, Key};
use crate::disk;
use crate::load::{self, Call, Measured};
use crate::report::ScenarioResult;
use crate::servers::{self, Brand, Server};

/// Payments to ask about, every second of them paid.
const PAYMENTS: usize = 1_000;
/// The open loop's rate, of what the closed loop reached: busy, and not yet a queue.
const OPEN_LOAD: f64 = 0.5;
/// The number of connections at which the open loop runs too.
const OPEN_CONNECTIONS: usize = 64;

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) slice: Duration,
    pub(crate) disk: Duration,
}

/// One line of the result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    asks: Asks,
    connections: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    CreateRupantorPay,
    VerifyRupantorPay,
}

impl Scenario {
    pub(crate) fn all(connections: &[usize]) -> Vec<Self> {
        let of = |asks| connections.iter().map(move |&connections| Self { asks, connections });
        of(Asks::CreateRupantorPay).chain(of(Asks::VerifyRupantorPay)).collect()
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.asks {
            Asks::CreateRupantorPay => "create/rupantorpay",
            Asks::VerifyRupantorPay => "verify/rupantorpay",
        }
    }
}

/// Runs one scenario on fresh servers and an empty database.
pub(crate) async fn run(
    scenario: Scenario,
    plan: &Plan,
    torana: &Path,
    dir: &Path,
) -> anyhow::Result<Vec<ScenarioResult>> {
    let data = tempfile::tempdir_in(dir)?;
    let brand = servers::create_brand(torana, data.path())?;
    let server = servers::start_torana(torana, data.path()).await?;
    let bare = servers::start_no_storage(data.path(), &brand.rupantorpay.api_key).await?;
    let call = match scenario.asks {
        Asks::CreateRupantorPay => create(&brand),
        Asks::VerifyRupantorPay => verify(&server, &brand).await?,
    };
    let mut result: Option<ScenarioResult> = None;
    for _ in 0..plan.rounds {
        let ours = load::closed(server.address, &call, scenario.connections, plan.slice).await?;
        let theirs = load::closed(bare.address, &call, scenario.connections, plan.slice).await?;
        let flushes = disk::flush_for(data.path(), plan.disk)?;
        match &mut result {
            Some(result) => result.add(&ours, &theirs, &flushes)?,
            None => {
                let (name, connections) = (scenario.name(), scenario.connections);
                result = Some(ScenarioResult::new(name, connections, ours, theirs, flushes));
            }
        }
    }
    let mut closed = result.context("a plan has at least one round")?;
    closed.resident_mib = server.resident_mib();
    closed.ready_ms = Some(server.ready_after.as_secs_f64() * 1000.0);
    let rate = closed.per_second() * OPEN_LOAD;
    let mut results = vec![closed];
    if scenario.connections == OPEN_CONNECTIONS {
        results.push(run_open(scenario, plan, &server, &bare, data.path(), &call, rate).await?);
    }
    Ok(results)
}

async fn run_open(
    scenario: Scenario,
    plan: &Plan,
    server: &Server,
    bare: &Server,
    dir: &Path,
    call: &Call,
    rate: f64,
) -> anyhow::Result<ScenarioResult> {
    let connections = scenario.connections;
    let duration = plan.slice * 2;
    let open = |address| load::open(address, call, connections, rate, duration);
    let ours: Measured = open(server.address).await?;
    let theirs: Measured = open(bare.address).await?;
    let flushes = disk::flush_for(dir, plan.disk)?;
    let mut result = ScenarioResult::new(scenario.name(), connections, ours, theirs, flushes);
    result.open_rate = Some(rate);
    Ok(result)
}

fn order(webhook_url: Option<&str>) -> serde_json::Value {
    json!({
        "fullname": "John Doe",
        "email": "john@gmail.com",
        "amount": "900",
        "success_url": "https://shop.example.com/success.php",
        "cancel_url": "https://shop.example.com/cancel.php",
        "webhook_url": webhook_url,
        "meta_data": { "order_id": "12345", "product": "Premium" },
    })
}

fn create(brand: &Brand) -> Call {
    let order = order(Some("https://shop.example.com/webhook.php"));
    Call {
        path: "/api/payment/checkout",
        key: Key::Api(brand.rupantorpay.api_key.clone()),
        bodies: Arc::new(vec![Bytes::from(order.to_string())]),
        answer_begins: "{\"status\":true,",
    }
}

#[derive(Deserialize)]
struct Created {
    transaction_id: String,
}

/// Makes payments, pays every second one, and asks about all of them.
async fn verify(server: &Server, brand: &Brand) -> anyhow::Result<Call> {
    let mut connection = Connection::open(server.address).await?;
    let key = Key::Api(brand.rupantorpay.api_key.clone());
    let sandbox = Key::Sandbox(brand.sandbox.token.clone());
    // Deliveries of callbacks would only disturb.
    let order = Bytes::from(order(None).to_string());
    let mut bodies = vec![];
    for n in 0..PAYMENTS {
        let (_, answer) = connection.post("/api/payment/checkout", &key, order.clone()).await?;
        let created: Created = serde_json::from_slice(&answer)?;
        let id = created.transaction_id;
        if n % 2 == 1 {
            let body = json!({ "payment": id, "outcome": "succeed" }).to_string();
            let (status, answer) =
                connection.post("/sandbox/simulate", &sandbox, body.into()).await?;
            ensure!(status.is_success(), "{}", String::from_utf8_lossy(&answer));
        }
        bodies.push(Bytes::from(json!({ "transaction_id": id }).to_string()));
    }
    Ok(Call {
        path: "/api/payment/verify-payment",
        key,
        bodies: Arc::new(bodies),
        answer_begins: "{\"fullname\":\"John Doe\",",
    })
}
