//! The two servers that are compared, each a process of its own, and what they need.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use crate::client::Connection;

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(10);

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
#[derive(Debug, Deserialize)]
pub(crate) struct Brand {
    pub(crate) rupantorpay: RupantorPay,
    pub(crate) sandbox: Sandbox,
}

/// See [`Brand`].
#[derive(Debug, Deserialize)]
pub(crate) struct RupantorPay {
    pub(crate) api_key: String,
}

/// See [`Brand`].
#[derive(Debug, Deserialize)]
pub(crate) struct Sandbox {
    pub(crate) token: String,
}

/// Makes a test brand in an empty data directory.
pub(crate) fn create_brand(torana: &Path, data_dir: &Path) -> anyhow::Result<Brand> {
    let output = Command::new(torana)
        .args(["brand", "create", "--name", "Bench", "--mode", "test", "--json", "--data-dir"])
        .arg(data_dir)
        .output()?;
    ensure!(
        output.status.success(),
        "torana brand create: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).context("what torana brand create printed")
}

/// Starts the server under test, as an operator would, with its default settings.
pub(crate) async fn start_torana(torana: &Path, data_dir: &Path) -> anyhow::Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(torana);
    command.args(["serve", "--listen", &address.to_string(), "--data-dir"]).arg(data_dir);
    command.args(["--public-url", "https://pay.example.com"]);
    start(command, address, &data_dir.join("serve.log")).await
}

/// Starts the server without storage.
pub(crate) async fn start_no_storage(log_dir: &Path, api_key: &str) -> anyhow::Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["no-storage", "--listen", &address.to_string(), "--api-key", api_key]);
    start(command, address, &log_dir.join("no-storage.log")).await
}

fn free_address() -> anyhow::Result<SocketAddr> {
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
            && connection.get("/readyz").await.is_ok_and(|status| status.is_success())
        {
            server.ready_after = started.elapsed();
            return Ok(server);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
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
