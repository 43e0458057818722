//! The server as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::oneshot;
use torana_store::conformance::scratch::Scratch;

use super::{DEADLINE, cli};

/// How the binary is started.
#[derive(Clone)]
pub struct Launch {
    pub data_dir: PathBuf,
    pub env: Vec<(String, String)>,
    /// The database, when the tests run on PostgreSQL.
    pub database: Option<Arc<Scratch>>,
}

impl Launch {
    pub fn new(data_dir: PathBuf, mut env: Vec<(String, String)>) -> Self {
        let database = on_postgres().then(|| Arc::new(Scratch::new()));
        if let Some(database) = &database {
            env.insert(0, ("TORANA_DATABASE_URL".into(), database.url().expose().to_owned()));
        }
        Self { data_dir, env, database }
    }
}

/// Whether the tests run on PostgreSQL: `TORANA_TEST_ENGINE=postgres`, under `scripts/with-postgres`.
pub fn on_postgres() -> bool {
    std::env::var("TORANA_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

/// A running server; killed when dropped.
pub struct Server {
    pub base: String,
    child: Child,
    log: Arc<Mutex<String>>,
    reading: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Starts `torana serve` on a free port and waits until it says where it listens.
    pub async fn start(launch: &Launch) -> Self {
        let mut child = cli::command(launch)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (found, address) = oneshot::channel();
        let kept = Arc::clone(&log);
        let reading = std::thread::spawn(move || {
            let mut found = Some(found);
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let (Some(address), true) = (listening(&line), found.is_some()) {
                    let _ = found.take().map(|found| found.send(address));
                }
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        let mut server = Self { base: String::new(), child, log, reading: Some(reading) };
        match tokio::time::timeout(DEADLINE, address).await {
            Ok(Ok(address)) => server.base = format!("http://{address}"),
            _ => panic!("the server does not listen: {}", server.log()),
        }
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.reading.take().map(std::thread::JoinHandle::join);
    }

    /// Asks it to stop, and returns at once.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Processor time that it has used, in hundredths of a second.
    pub fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks = fields.split(' ').skip(11).take(2);
        ticks.map(|field| field.parse::<u64>().unwrap()).sum()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            // Captured by the test harness, so that a failure shows what the server had to say.
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            for line in tail.iter().rev() {
                println!("server: {line}");
            }
        }
    }
}

/// The address in the log line that says where the server listens.
fn listening(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields")?;
    (fields.get("message")?.as_str()? == "serving")
        .then(|| fields.get("listening")?.as_str().map(str::to_owned))?
}
