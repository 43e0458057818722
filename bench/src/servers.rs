//! The servers that are compared, each a process of its own, and what they need.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use torana_store::Database;

use crate::client::Connection;
use crate::home::Home;

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server, ended when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) ready_after: Duration,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `torana brand create --json` says, as far as it is used.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Brand {
    pub(crate) brand_id: String,
    pub(crate) rupantorpay: RupantorPay,
    pub(crate) portpos: PortPos,
    pub(crate) device: Device,
    pub(crate) sandbox: Sandbox,
}

/// See [`Brand`].
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RupantorPay {
    pub(crate) api_key: String,
}

/// See [`Brand`].
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PortPos {
    pub(crate) app_key: String,
    pub(crate) secret_key: String,
}

/// See [`Brand`].
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Device {
    pub(crate) email: String,
    pub(crate) device_key: String,
}

/// See [`Brand`].
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Sandbox {
    pub(crate) token: String,
}

/// The server's binary on a database.
fn torana(torana: &Path, home: &Home) -> Command {
    let mut command = Command::new(torana);
    command.arg("--data-dir").arg(home.dir());
    if let Database::Postgres(url) = home.database() {
        command.arg("--database-url").arg(url.expose());
    }
    command
}

/// Makes a test brand.
pub(crate) fn create_brand(binary: &Path, home: &Home) -> anyhow::Result<Brand> {
    let mut command = torana(binary, home);
    command.args(["brand", "create", "--name", "Bench", "--mode", "test", "--json"]);
    serde_json::from_slice(&run(command)?).context("what torana brand create printed")
}

/// What `torana ledger check` says; an error if anything is wrong.
pub(crate) fn check_ledger(binary: &Path, home: &Home) -> anyhow::Result<String> {
    let mut command = torana(binary, home);
    command.args(["ledger", "check"]);
    Ok(String::from_utf8_lossy(&run(command)?).into_owned())
}

fn run(mut command: Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(output.stdout)
}

/// Starts the server under test, as an operator would, with its default settings.
pub(crate) async fn start_torana(binary: &Path, home: &Home) -> anyhow::Result<Server> {
    let address = free_address()?;
    let mut command = torana(binary, home);
    command.args(["serve", "--listen", &address.to_string()]);
    command.args(["--public-url", "https://pay.example.com"]);
    start(command, address, &home.dir().join("serve.log")).await
}

/// Starts the server without storage.
pub(crate) async fn start_no_storage(
    log_dir: &Path,
    api_key: &str,
    portpos: Option<&PortPos>,
    ahead_ms: i64,
) -> anyhow::Result<Server> {
    start_plain(log_dir, api_key, portpos, ahead_ms, None).await
}

/// Starts the server that stores naively.
pub(crate) async fn start_naive(home: &Home, api_key: &str) -> anyhow::Result<Server> {
    start_plain(home.dir(), api_key, None, 0, Some(home.database())).await
}

async fn start_plain(
    log_dir: &Path,
    api_key: &str,
    portpos: Option<&PortPos>,
    ahead_ms: i64,
    naive: Option<&Database>,
) -> anyhow::Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["plain", "--listen", &address.to_string(), "--api-key", api_key]);
    command.args(["--ahead-ms", &ahead_ms.to_string()]);
    if let Some(keys) = portpos {
        command.args(["--app-key", &keys.app_key, "--secret-key", &keys.secret_key]);
    }
    let log = match naive {
        None => "no-storage.log",
        Some(_) => "naive.log",
    };
    match naive {
        Some(Database::Sqlite(path)) => command.arg("--sqlite").arg(path),
        Some(Database::Postgres(url)) => command.arg("--postgres").arg(url.expose()),
        None => &mut command,
    };
    start(command, address, &log_dir.join(log)).await
}

/// An address of loopback where nobody listens now.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

async fn start(mut command: Command, address: SocketAddr, log: &Path) -> anyhow::Result<Server> {
    let output = File::create(log)?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let started = Instant::now();
    let process = command.spawn().with_context(|| format!("{command:?}"))?;
    let mut server = Server { address, ready_after: Duration::ZERO, process };
    while started.elapsed() < PATIENCE {
        if let Ok(mut connection) = Connection::open(address).await
            && connection.get("/readyz").await.is_ok_and(|(status, _)| status.is_success())
        {
            server.ready_after = started.elapsed();
            return Ok(server);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bail!("the server is not ready: {}", std::fs::read_to_string(log).unwrap_or_default());
}

impl Server {
    /// Memory that the process holds, in MiB.
    pub(crate) fn resident_mib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib / 1024)
    }
}
