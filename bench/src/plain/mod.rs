//! The yardstick servers: what HTTP, JSON and the domain cost without storage, and what they cost with a naive one.
//!
//! The same as in the server: its accept loop (`torana_server::http::listen`), its dialects, the keyed hash by which a
//! credential is found, `decide`, the page's template, the allocator, the tower layers. Written again here, because they
//! want the store: the handler (`http::dialects`), the middleware that logs, counts and adds headers (`http::headers`),
//! and from what a page is made (`http::checkout::view`). Left out: whatever is done for the store (the texts and rows of
//! a payment, the queue, the commit), the other routes, and the workers.
//!
//! Without storage, create makes a payment and forgets it; verify and the page show one payment that it was born with.
//! The naive one writes each payment in a transaction of its own: [`Naive`].

mod handler;
mod headers;
mod page;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Request, StatusCode};
use axum::middleware;
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tokio::sync::watch;
use torana_dialects::{Caller, NoRails, Secret, Switches};
use torana_domain::payment::{Customer, Order, Payment, PaymentState, Urls};
use torana_domain::{BrandId, Currency, Mode, Money, PaymentId, Policy, Timestamp};
use torana_server::clock;
use torana_server::config::{Config, Flags};
use torana_server::http::{install_metrics, listen};
use torana_server::secrets::Vault;
use torana_store::conformance::naive::Naive;
use torana_store::{Database, DatabaseUrl};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tracing_subscriber::EnvFilter;

const PUBLIC_URL: &str = "https://pay.example.com";
const BRAND: BrandId = BrandId(1);

/// How a yardstick server is started.
#[derive(Debug, clap::Args)]
pub(crate) struct PlainArgs {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    api_key: String,
    /// For PortPos clients.
    #[arg(long, default_value = "")]
    app_key: String,
    #[arg(long, default_value = "")]
    secret_key: String,
    /// How far the brand's clock is ahead.
    #[arg(long, default_value_t = 0)]
    ahead_ms: i64,
    /// Store naively in this SQLite file.
    #[arg(long)]
    sqlite: Option<PathBuf>,
    /// Store naively in this PostgreSQL.
    #[arg(long)]
    postgres: Option<DatabaseUrl>,
}

struct Shared {
    vault: Vault,
    brands: HashMap<[u8; 32], Arc<Brand>>,
    body_bytes: usize,
    payment: Payment,
    naive: Option<Naive>,
}

struct Brand {
    policy: Policy,
    switches: Switches,
    since: Timestamp,
    ahead_ms: i64,
    secret: Vec<u8>,
}

impl Brand {
    fn caller(&self) -> Caller<'_> {
        Caller {
            brand: BRAND,
            secret: Secret(&self.secret),
            mode: Mode::Test,
            policy: &self.policy,
            switches: &self.switches,
            since: self.since,
            now: clock::now().plus_ms(self.ahead_ms),
            real_now: clock::now(),
            public_url: PUBLIC_URL,
            rails: &NoRails,
        }
    }
}

/// Serves until the process is ended.
pub(crate) async fn serve(args: &PlainArgs) -> anyhow::Result<()> {
    let config = Config::load(&Flags::default())?;
    let filter = EnvFilter::try_new(&config.log)?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    install_metrics()?;
    let database = match (&args.sqlite, &args.postgres) {
        (Some(path), _) => Some(Database::Sqlite(path.clone())),
        (None, Some(url)) => Some(Database::Postgres(url.clone())),
        (None, None) => None,
    };
    let naive = match database {
        Some(database) => Some(Naive::open(&database).await.context("the naive store")?),
        None => None,
    };
    let vault = Vault::new(&[7; 32])?;
    // Before anything that it is asked for was made.
    let since = clock::now().plus_ms(-3_600_000);
    let (policy, switches) = (Policy::default(), Switches::default());
    let secret = serde_json::json!({ "secret_key": args.secret_key }).to_string().into_bytes();
    let brand = Brand { policy, switches, since, ahead_ms: args.ahead_ms, secret };
    let mut brands = HashMap::new();
    let brand = Arc::new(brand);
    for dialect in torana_dialects::all() {
        for key in [&args.api_key, &args.app_key] {
            brands.insert(vault.lookup(dialect.slug(), key), Arc::clone(&brand));
        }
    }
    let body_bytes = config.http.body_bytes;
    let shared = Shared { vault, brands, body_bytes, payment: born_with(clock::now()), naive };
    let listener = TcpListener::bind(args.listen).await?;
    let (_stop, stopped) = watch::channel(false);
    listen::serve(listener, router(&config, Arc::new(shared)), &config.http, stopped).await;
    Ok(())
}

fn router(config: &Config, shared: Arc<Shared>) -> Router {
    let pages = Router::new().route("/checkout/{id}", get(page::show));
    let mut router = Router::new()
        .route("/readyz", get(|| async { "ready\n" }))
        .merge(pages.layer(CompressionLayer::new()));
    for dialect in torana_dialects::all().iter().copied() {
        for route in dialect.routes() {
            let handler = move |state: State<Arc<Shared>>, request: Request<axum::body::Body>| {
                handler::answer(dialect, route, state, request)
            };
            router = router.route(route.path, any(handler));
        }
    }
    let timeout = Duration::from_secs(config.http.timeout_s);
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn(headers::add))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, timeout))
        .layer(DefaultBodyLimit::max(config.http.body_bytes));
    router.layer(layers).with_state(shared)
}

/// A payment as verify would find it.
fn born_with(now: Timestamp) -> Payment {
    Payment {
        id: PaymentId::new(BRAND, now, 7),
        version: 1,
        state: PaymentState::Created,
        state_since: now,
        order: order(now),
        attempts: vec![],
        paid: None,
        refunds: vec![],
        reason: None,
        chargebacks: vec![],
    }
}

/// What [`crate::calls::order`] becomes.
pub(crate) fn order(now: Timestamp) -> Order {
    let amount = Money::from_minor(90_000, Currency::BDT);
    Order {
        dialect: "rupantorpay".into(),
        amount,
        fee: Money::zero(Currency::BDT),
        due: amount,
        tolerance_minor: 0,
        customer: Customer { name: "John Doe".into(), email: "john@gmail.com".into(), phone: None },
        urls: Urls {
            success: "https://shop.example.com/success.php".into(),
            cancel: "https://shop.example.com/cancel.php".into(),
            callback: Some("https://shop.example.com/webhook.php".into()),
        },
        metadata: Some(r#"{"order_id":"12345","product":"Premium"}"#.into()),
        dialect_note: None,
        expires_at: now.plus_ms(3_600_000),
    }
}
