//! `torana serve`, and what `torana demo` shares with it.

use std::fs::File;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use torana_store::Database;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::Workspace;
use crate::app::App;
use crate::config::{Config, Flags, Role};
use crate::http;
use crate::workers;

/// `torana serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Scheme and host under which payers and merchants reach this server.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// What this node does, where several share a PostgreSQL.
    #[arg(long)]
    role: Option<Role>,
}

pub(super) fn run(flags: &Flags, args: ServeArgs) -> anyhow::Result<()> {
    let mut config = Config::load(flags)?;
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    if args.public_url.is_some() {
        config.public_url = args.public_url;
    }
    if let Some(role) = args.role {
        config.role = role;
    }
    config.check()?;
    init_logs(&config)?;
    runtime()?.block_on(async {
        let server = Server::start(config).await?;
        let public = config_warning(&server);
        tracing::info!(listening = %server.address, public_url = %server.app.public_url, "serving");
        if let Some(warning) = public {
            tracing::warn!("{warning}");
        }
        until_told_to_stop().await?;
        let leave_s = server.app.config.http.leave_s;
        tracing::info!(leave_s, "stopping: running requests finish; told again, it leaves at once");
        server.stop(until_told_to_stop()).await;
        tracing::info!("stopped");
        Ok(())
    })
}

fn config_warning(server: &Server) -> Option<&'static str> {
    (server.app.config.public_url.is_none()).then_some(
        "public_url is not set: links in answers point to the listening address, which payers cannot reach",
    )
}

/// The runtime of the server.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Logs to standard error.
pub(crate) fn init_logs(config: &Config) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(&config.log).context("the setting `log`")?;
    // The database's driver tells of every statement; only who names it wants that.
    for noisy in ["tokio_postgres", "refinery_core"] {
        if !config.log.contains(noisy) {
            filter = filter.add_directive(format!("{noisy}=warn").parse()?);
        }
    }
    let registry = tracing_subscriber::registry().with(filter);
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
    match config.log_format.as_str() {
        "json" => registry.with(layer.json()).init(),
        _ => registry.with(layer).init(),
    }
    Ok(())
}

async fn until_told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its parts share.
    pub app: App,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
    workers: tokio::task::JoinSet<()>,
    workspace: Workspace,
    _lock: Option<File>,
}

/// Makes sure that one server at a time serves an embedded database: two would send every callback twice. Nodes that
/// share a database agree through it.
pub(super) fn lock(database: &Path) -> anyhow::Result<File> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.with_context(|| format!("opening {}", path.display()))?;
    if file.try_lock().is_err() {
        bail!("another server (or a migration) has {}", database.display());
    }
    Ok(file)
}

/// How much longer than a callback workers may take to end.
const WORKERS_PATIENCE: Duration = Duration::from_secs(5);

impl Server {
    /// Opens the data, listens and starts the workers.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        // Fails only when a provider was installed before, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        http::install_metrics()?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("listening on {}", config.listen))?;
        let address = listener.local_addr()?;
        let workspace = Workspace::from_config(config.clone())?;
        let lock = match config.database()? {
            Database::Sqlite(path) => Some(lock(&path)?),
            Database::Postgres(_) => None,
        };
        let public_url = config.public_url_or(address);
        let (store, vault) = (workspace.store.clone(), workspace.vault.clone());
        let app = App::new(config, store, vault, public_url)?;
        let (stop, stopped) = watch::channel(false);
        let router = http::router(&app);
        let limits = app.config.http.clone();
        let accept_until = stopped.clone();
        let listening = tokio::spawn(async move {
            http::listen::serve(listener, router, &limits, accept_until).await;
        });
        let workers = workers::start(&app, &stopped)?;
        Ok(Self { address, app, stop, listening, workers, workspace, _lock: lock })
    }

    /// Drains: says that it leaves while it still serves, then takes no new connection, running requests and deliveries
    /// finish, the store closes.
    /// The leaving ends early when `hurry` does.
    pub async fn stop(mut self, hurry: impl Future) {
        self.app.leaving.store(true, Ordering::Relaxed);
        let leave = Duration::from_secs(self.app.config.http.leave_s);
        let _ = tokio::time::timeout(leave, hurry).await;
        let _ = self.stop.send(true);
        let _ = self.listening.await;
        let all = async { while self.workers.join_next().await.is_some() {} };
        let patience = Duration::from_secs(self.app.config.callbacks.timeout_s) + WORKERS_PATIENCE;
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!(
                "some workers did not end in time; what they are at is done again later"
            );
            self.workers.abort_all();
        }
        drop(self.workspace);
    }
}
