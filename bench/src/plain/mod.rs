//! The server without storage: the yardstick of what HTTP, JSON and the domain cost by themselves.
//!
//! The same as in the server: its accept loop (`torana_server::http::listen`), its dialects, the keyed hash by which a
//! credential is found, `decide`, the allocator, the tower layers. Written again here, because they want the store: the
//! handler (`http::dialects`) and the middleware that logs, counts and adds headers (`http::headers`). Left out:
//! whatever is done for the store (the texts and rows of a payment, the queue, the commit), the other routes, and the
//! workers. Create makes a payment and forgets it; verify answers with one payment that it was born with.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use rand::Rng as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use torana_dialects::{Call, Caller, Created, Dialect, Reply, Switches, WireError};
use torana_domain::payment::{
    Command, Customer, NewPayment, Order, Payment, PaymentState, Urls, decide,
};
use torana_domain::{BrandId, Currency, Mode, Money, PaymentId, Policy, Timestamp};
use torana_server::clock;
use torana_server::config::{Config, Flags};
use torana_server::http::{install_metrics, listen};
use torana_server::secrets::Vault;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument as _;
use tracing_subscriber::EnvFilter;

const PUBLIC_URL: &str = "https://pay.example.com";
const BRAND: BrandId = BrandId(1);

struct Shared {
    vault: Vault,
    brands: HashMap<[u8; 32], Arc<Brand>>,
    body_bytes: usize,
    payment: Payment,
}

struct Brand {
    policy: Policy,
    switches: Switches,
    since: Timestamp,
}

impl Brand {
    fn caller(&self) -> Caller<'_> {
        Caller {
            mode: Mode::Test,
            policy: &self.policy,
            switches: &self.switches,
            since: self.since,
            now: clock::now(),
            public_url: PUBLIC_URL,
        }
    }
}

/// Serves until the process is ended.
pub(crate) async fn serve(listen_on: SocketAddr, api_key: &str) -> anyhow::Result<()> {
    let config = Config::load(&Flags::default())?;
    let filter = EnvFilter::try_new(&config.log)?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    install_metrics()?;
    let vault = Vault::new(&[7; 32])?;
    let since = clock::now();
    let brand = Brand { policy: Policy::default(), switches: Switches::default(), since };
    let mut brands = HashMap::new();
    let brand = Arc::new(brand);
    for dialect in torana_dialects::all() {
        brands.insert(vault.lookup(dialect.slug(), api_key), Arc::clone(&brand));
    }
    let body_bytes = config.http.body_bytes;
    let shared = Arc::new(Shared { vault, brands, body_bytes, payment: born_with(since) });
    let mut router = Router::new().route("/readyz", get(|| async { "ready\n" }));
    for dialect in torana_dialects::all().iter().copied() {
        for route in dialect.routes() {
            let handler = move |state: State<Arc<Shared>>, request: Request<Body>| {
                answer(dialect, route, state, request)
            };
            router = router.route(route.path, any(handler));
        }
    }
    let timeout = Duration::from_secs(config.http.timeout_s);
    let router = router
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(add_headers))
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, timeout))
                .layer(DefaultBodyLimit::max(config.http.body_bytes)),
        )
        .with_state(shared);
    let listener = TcpListener::bind(listen_on).await?;
    let (_stop, stopped) = watch::channel(false);
    listen::serve(listener, router, &config.http, stopped).await;
    Ok(())
}

/// A payment as verify would find it.
fn born_with(now: Timestamp) -> Payment {
    let amount = Money::from_minor(90_000, Currency::BDT);
    let order = Order {
        dialect: "rupantorpay".into(),
        amount,
        fee: Money::zero(Currency::BDT),
        due: amount,
        tolerance_minor: 0,
        customer: Customer { name: "John Doe".into(), email: "john@gmail.com".into(), phone: None },
        urls: Urls::default(),
        metadata: Some(r#"{"order_id":"12345","product":"Premium"}"#.into()),
        dialect_note: None,
        expires_at: now.plus_ms(3_600_000),
    };
    Payment {
        id: PaymentId::new(BRAND, now, rand::rng().next_u64()),
        version: 1,
        state: PaymentState::Created,
        order,
        attempts: vec![],
        paid: None,
        refunds: vec![],
    }
}

async fn answer(
    dialect: &'static dyn Dialect,
    route: &'static torana_dialects::Route,
    State(shared): State<Arc<Shared>>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    if !route.methods.contains(&parts.method) {
        return respond(dialect.refuse(None, &WireError::MethodNotAllowed));
    }
    let Ok(body) = axum::body::to_bytes(body, shared.body_bytes).await else {
        return respond(dialect.refuse(None, &WireError::TooLarge));
    };
    let wire = torana_dialects::Request {
        method: &parts.method,
        route: route.path,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &parts.headers,
        body: &body,
    };
    let credential = dialect.credential(&wire);
    let brand = credential
        .and_then(|key| shared.brands.get(&shared.vault.lookup(dialect.slug(), &key)).cloned());
    let Some(brand) = brand else {
        return respond(dialect.refuse(None, &WireError::Unauthenticated));
    };
    let caller = brand.caller();
    match handle(&shared, dialect, &caller, &wire) {
        Ok(reply) => respond(reply),
        Err(error) => respond(dialect.refuse(Some(&caller), &error)),
    }
}

fn handle(
    shared: &Shared,
    dialect: &'static dyn Dialect,
    caller: &Caller<'_>,
    request: &torana_dialects::Request<'_>,
) -> Result<Reply, WireError> {
    match dialect.decode(request, caller)? {
        Call::Create(call) => {
            let policy = caller.policy;
            let unavailable = |_| WireError::Unavailable;
            let charge = policy.fee.charge(call.amount).map_err(unavailable)?;
            let order = Order {
                dialect: dialect.slug().to_owned(),
                amount: call.amount,
                fee: charge.fee,
                due: charge.due,
                tolerance_minor: policy.tolerance_minor,
                customer: call.customer.clone(),
                urls: call.urls.clone(),
                metadata: call.metadata.clone(),
                dialect_note: call.dialect_note.clone(),
                expires_at: caller.now.plus_ms(policy.expiry_ms),
            };
            let id = PaymentId::new(BRAND, caller.now, rand::rng().next_u64());
            let new = Command::Create(Box::new(NewPayment { id, order }));
            let decision = decide(None, new, caller.now).map_err(|_| WireError::Unavailable)?;
            Ok(dialect.created(caller, &Created { id: decision.payment.id, call: &call }))
        }
        Call::Find(candidates) if candidates.is_empty() => Err(WireError::NotFound),
        Call::Find(_) => Ok(dialect.found(caller, &shared.payment)),
    }
}

fn respond(reply: Reply) -> Response {
    let headers = [(header::CONTENT_TYPE, reply.content_type)];
    let status = StatusCode::from_u16(reply.status.as_u16()).unwrap_or(StatusCode::OK);
    (status, headers, reply.body).into_response()
}

/// As the server's own; the numbers go to the same kind of recorder.
async fn add_headers(request: Request, next: Next) -> Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors *",
    );
    let started = Instant::now();
    let id = format!("{:016x}", rand::rng().next_u64());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("request", id, %method, route);

    let mut response = next.run(request).instrument(span.clone()).await;

    let (status, elapsed) = (response.status(), started.elapsed());
    metrics::counter!("torana_http_requests_total", "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!("torana_http_request_seconds", "route" => route).record(elapsed);
    span.in_scope(|| {
        let elapsed_us = elapsed.as_micros();
        tracing::debug!(status = status.as_u16(), elapsed_us, "answered");
    });

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    default(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    default(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    default(header::CONTENT_SECURITY_POLICY, POLICY);
    default(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}
