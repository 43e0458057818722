//! Load. Closed loop: every connection asks again as soon as it is answered, which finds the peak. Open loop: requests
//! are due at fixed times, and latency counts from when a request was due, not from when a connection was free to send
//! it, so that a server that stalls cannot hide it (coordinated omission).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use hdrhistogram::Histogram;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::Connection;

/// Longest time that is told apart.
const LONGEST_US: u64 = 60_000_000;
/// Requests that may wait for a free connection in the open loop; more than this is a server that does not keep up.
const BACKLOG: usize = 100_000;
/// Turns of neighbouring connections are so far apart that they do not all ask for the same payment.
const STRIDE: usize = 7919;

/// What is done, over and over.
pub(crate) trait Work: Clone + Send + Sync + 'static {
    /// Once, over an open connection; when the part that counts began. An answer that is not right is an error, and an
    /// error ends the run.
    fn once(
        &self,
        connection: &mut Connection,
        turn: usize,
    ) -> impl Future<Output = anyhow::Result<Instant>> + Send;
}

/// How long, after how long a warm-up: connections open, caches fill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) warm_up: Duration,
    pub(crate) length: Duration,
}

/// What was measured; times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) times: Histogram<u64>,
    pub(crate) seconds: f64,
}

impl Measured {
    pub(crate) fn nothing() -> anyhow::Result<Self> {
        Ok(Self { times: histogram()?, seconds: 0.0 })
    }

    pub(crate) fn per_second(&self) -> f64 {
        if self.seconds > 0.0 { self.times.len() as f64 / self.seconds } else { 0.0 }
    }

    /// Takes in another slice of the same scenario.
    pub(crate) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        self.times.add(&other.times)?;
        self.seconds += other.seconds;
        Ok(())
    }
}

/// What the open loop measured, and how late the generator itself was: what it was late by is in the times too.
#[derive(Clone, Debug)]
pub(crate) struct OpenMeasured {
    pub(crate) of: Measured,
    pub(crate) generator_late: Histogram<u64>,
}

pub(crate) fn histogram() -> anyhow::Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).context("a histogram")
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// As many requests as `connections` can get answered.
pub(crate) async fn closed(
    to: SocketAddr,
    work: &impl Work,
    connections: usize,
    slice: Slice,
) -> anyhow::Result<Measured> {
    let begin = Instant::now() + slice.warm_up;
    let end = begin + slice.length;
    let mut workers = JoinSet::new();
    for worker in 0..connections {
        let work = work.clone();
        workers.spawn(async move {
            let mut connection = Connection::open(to).await?;
            let mut times = histogram()?;
            let mut turn = worker * STRIDE;
            loop {
                let sent = work.once(&mut connection, turn).await?;
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
    Ok(Measured { times: gather(workers).await?, seconds: slice.length.as_secs_f64() })
}

/// When requests are due: the n-th at `start` and n times the same while.
#[derive(Clone, Copy)]
struct Schedule {
    start: Instant,
    rate: f64,
    slice: Slice,
}

impl Schedule {
    fn total(&self) -> u32 {
        let seconds = (self.slice.warm_up + self.slice.length).as_secs_f64();
        (seconds * self.rate) as u32
    }

    fn due(&self, n: u32) -> Instant {
        self.start + Duration::from_secs_f64(f64::from(n) / self.rate)
    }

    fn counts(&self, due: Instant) -> bool {
        due >= self.start + self.slice.warm_up
    }

    /// Lets one more request go at its time; how late. A thread of its own, since the runtime's timer counts whole
    /// milliseconds.
    fn run(self, go: &Semaphore, connections: usize) -> anyhow::Result<Histogram<u64>> {
        let mut late = histogram()?;
        for n in 0..self.total() {
            let due = self.due(n);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if self.counts(due) {
                late.saturating_record(micros(due.elapsed()));
            }
            if go.available_permits() >= BACKLOG {
                go.close();
                break;
            }
            go.add_permits(1);
        }
        // The end, for each connection.
        go.add_permits(connections);
        Ok(late)
    }
}

/// `rate` requests a second, over `connections`.
pub(crate) async fn open(
    to: SocketAddr,
    work: &impl Work,
    connections: usize,
    rate: f64,
    slice: Slice,
) -> anyhow::Result<OpenMeasured> {
    let mut idle = Vec::with_capacity(connections);
    for _ in 0..connections {
        idle.push(Connection::open(to).await?);
    }
    // A semaphore wakes as many connections as there are requests due; a queue behind a lock would hand them on one by one.
    let (go, next) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU32::new(0)));
    let schedule = Schedule { start: Instant::now(), rate, slice };
    let mut workers = JoinSet::new();
    for (worker, mut connection) in idle.into_iter().enumerate() {
        let (work, go, next) = (work.clone(), Arc::clone(&go), Arc::clone(&next));
        workers.spawn(async move {
            let mut times = histogram()?;
            let mut turn = worker * STRIDE;
            loop {
                go.acquire().await.context("the server does not keep up")?.forget();
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= schedule.total() {
                    return anyhow::Ok(times);
                }
                work.once(&mut connection, turn).await?;
                turn += 1;
                let due = schedule.due(n);
                if schedule.counts(due) {
                    times.saturating_record(micros(due.elapsed()));
                }
            }
        });
    }
    let clock = std::thread::spawn(move || schedule.run(&go, connections));
    let times = gather(workers).await?;
    let generator_late = clock.join().map_err(|_| anyhow!("the clock panicked"))??;
    ensure!(!times.is_empty(), "nothing was due at {rate:.0} a second");
    let of = Measured { times, seconds: slice.length.as_secs_f64() };
    Ok(OpenMeasured { of, generator_late })
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::sync::Mutex;

    use super::*;

    /// Asks a server that stalls once.
    #[derive(Clone)]
    struct Ask;

    impl Work for Ask {
        async fn once(&self, connection: &mut Connection, _: usize) -> anyhow::Result<Instant> {
            let sent = Instant::now();
            let (status, _) = connection.get("/").await?;
            ensure!(status.is_success());
            Ok(sent)
        }
    }

    /// A server that answers at once, but not at all for `STALL` after its tenth request.
    async fn stalling_server() -> SocketAddr {
        let count = Arc::new(AtomicU32::new(0));
        let gate = Arc::new(Mutex::new(()));
        let answer = move || {
            let (count, gate) = (Arc::clone(&count), Arc::clone(&gate));
            async move {
                let _turn = gate.lock().await;
                if count.fetch_add(1, Ordering::Relaxed) == 10 {
                    tokio::time::sleep(STALL).await;
                }
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(answer));
        tokio::spawn(async move { serve(listener, router).await });
        address
    }

    async fn serve(listener: tokio::net::TcpListener, router: Router) {
        let limits = torana_server::config::Config::load(&Default::default()).unwrap().http;
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        torana_server::http::listen::serve(listener, router, &limits, stopped).await;
    }

    const STALL: Duration = Duration::from_millis(500);

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stall_is_seen_by_all_that_were_due_meanwhile() {
        let address = stalling_server().await;
        let slice = Slice { warm_up: Duration::ZERO, length: Duration::from_secs(1) };
        let measured = open(address, &Ask, 1, 100.0, slice).await.unwrap().of;
        assert_eq!(measured.times.len(), 100);
        // Half of a second stood still: far more than one request waited, the later ones less.
        let slow = measured.times.count_between(100_000, LONGEST_US);
        assert!((30..=60).contains(&slow), "{slow}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stall_slows_one_request_of_a_closed_loop() {
        let address = stalling_server().await;
        let slice = Slice { warm_up: Duration::ZERO, length: Duration::from_secs(1) };
        let measured = closed(address, &Ask, 1, slice).await.unwrap();
        assert_eq!(measured.times.count_between(400_000, LONGEST_US), 1);
    }
}
