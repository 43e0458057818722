//! Load. Closed loop: every connection asks again as soon as it is answered, which finds the peak. Open loop: requests
//! are due at fixed times, and latency counts from when a request was due, not from when a connection was free to send
//! it, so that a server that stalls cannot hide it (coordinated omission).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::client::{Connection, Key};

/// Longest time that is told apart.
const LONGEST_US: u64 = 60_000_000;
/// Before the clock starts: connections open, caches fill.
const WARM_UP: Duration = Duration::from_millis(500);
/// Requests that may wait for a free connection in the open loop; more than this is a server that does not keep up.
const BACKLOG: usize = 100_000;

/// What is sent, over and over.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) key: Key,
    /// Sent in turns.
    pub(crate) bodies: Arc<Vec<Bytes>>,
    /// How a right answer begins.
    pub(crate) answer_begins: &'static str,
}

impl Call {
    async fn send(&self, connection: &mut Connection, turn: usize) -> anyhow::Result<()> {
        let body = self.bodies.get(turn % self.bodies.len()).cloned().unwrap_or_default();
        let (status, answer) = connection.post(self.path, &self.key, body).await?;
        ensure!(
            status.is_success() && answer.starts_with(self.answer_begins.as_bytes()),
            "{status}: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(())
    }
}

/// What was measured; times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) times: Histogram<u64>,
    pub(crate) seconds: f64,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    /// Takes in another slice of the same scenario.
    pub(crate) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        self.times.add(&other.times)?;
        self.seconds += other.seconds;
        Ok(())
    }
}

pub(crate) fn histogram() -> anyhow::Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).context("a histogram")
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// As many requests as `connections` can get answered in `duration`.
pub(crate) async fn closed(
    to: SocketAddr,
    call: &Call,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Measured> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut workers = JoinSet::new();
    for worker in 0..connections {
        let call = call.clone();
        workers.spawn(async move {
            let mut connection = Connection::open(to).await?;
            let mut times = histogram()?;
            // Far apart, so that connections do not all ask for the same payment.
            let mut turn = worker * 7919;
            loop {
                let sent = Instant::now();
                call.send(&mut connection, turn).await?;
                let answered = Instant::now();
                if answered >= end {
                    return anyhow::Ok(times);
                }
                if answered >= begin {
                    times.saturating_record(micros(answered - sent));
                }
                turn += 1;
            }
        });
    }
    Ok(Measured { times: gather(workers).await?, seconds: duration.as_secs_f64() })
}

/// `rate` requests a second for `duration`, over `connections`.
pub(crate) async fn open(
    to: SocketAddr,
    call: &Call,
    connections: usize,
    rate: f64,
    duration: Duration,
) -> anyhow::Result<Measured> {
    let (due, queue) = mpsc::channel::<Option<Instant>>(BACKLOG);
    let queue = Arc::new(Mutex::new(queue));
    let mut workers = JoinSet::new();
    for worker in 0..connections {
        let (call, queue) = (call.clone(), Arc::clone(&queue));
        workers.spawn(async move {
            let mut connection = Connection::open(to).await?;
            let mut times = histogram()?;
            let mut turn = worker * 7919;
            loop {
                let next = queue.lock().await.recv().await;
                let Some(was_due) = next else { return anyhow::Ok(times) };
                call.send(&mut connection, turn).await?;
                turn += 1;
                if let Some(was_due) = was_due {
                    times.saturating_record(micros(was_due.elapsed()));
                }
            }
        });
    }
    // A thread of its own, since the runtime's timer counts whole milliseconds.
    let clock = std::thread::spawn(move || {
        let start = Instant::now();
        let total = WARM_UP + duration;
        let mut sent = 0_u32;
        loop {
            let after = Duration::from_secs_f64(f64::from(sent) / rate);
            if after >= total {
                return true;
            }
            let was_due = start + after;
            std::thread::sleep(was_due.saturating_duration_since(Instant::now()));
            if due.try_send((after >= WARM_UP).then_some(was_due)).is_err() {
                return false;
            }
            sent += 1;
        }
    });
    let times = gather(workers).await?;
    let kept_up = clock.join().unwrap_or(false);
    ensure!(kept_up, "the server does not keep up with {rate:.0} a second");
    Ok(Measured { times, seconds: duration.as_secs_f64() })
}

async fn gather(
    mut workers: JoinSet<anyhow::Result<Histogram<u64>>>,
) -> anyhow::Result<Histogram<u64>> {
    let mut all = histogram()?;
    while let Some(times) = workers.join_next().await {
        all.add(times??)?;
    }
    Ok(all)
}
