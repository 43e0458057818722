//! Mounts any dialect: reads a request whole, finds the brand, decodes, does, encodes. Knows no provider.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use torana_dialects::{Call, Caller, Candidate, Dialect, Known, Reply, WireError};
use torana_domain::payment::{Canceller, Command, Payment, Refusal};

use crate::app::App;
use crate::brands::{Access, Brand};
use crate::gateway::{self, GatewayError};
use crate::http::proofs::Proofs;
use crate::http::rate::Client;

/// Every route of every dialect.
pub fn routes() -> Router<App> {
    let mut router = Router::new();
    for dialect in torana_dialects::all().iter().copied() {
        for route in dialect.routes() {
            let handler = move |state: State<App>, client: Client, request: Request<Body>| {
                serve(dialect, route, state, client, request)
            };
            router = router.route(route.path, any(handler));
        }
    }
    router
}

async fn serve(
    dialect: &'static dyn Dialect,
    route: &'static torana_dialects::Route,
    State(app): State<App>,
    client: Client,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut wire = torana_dialects::Request {
        method: &parts.method,
        route: route.path,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &parts.headers,
        body: &[],
    };
    if !route.methods.contains(&parts.method) {
        let mut response = refuse(dialect, &wire, None, &WireError::MethodNotAllowed);
        let allowed = route.methods.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(", ");
        if let Ok(allowed) = allowed.parse() {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        return response;
    }
    let Ok(body) = axum::body::to_bytes(body, app.config.http.body_bytes).await else {
        return refuse(dialect, &wire, None, &WireError::TooLarge);
    };
    wire.body = &body;
    match authenticate(&app, dialect, &wire) {
        Ok(access) => {
            let caller = access.brand.caller(&app.public_url, &access.secret);
            match answer(&app, dialect, &access.brand, &caller, &wire).await {
                Ok(reply) => respond(reply),
                Err(error) => refuse(dialect, &wire, Some(&caller), &error),
            }
        }
        Err(WireError::Unauthenticated) => {
            let error = match app.rates.note_auth_failure(client) {
                Some(limit) => WireError::RateLimited { retry_after_s: limit.retry_after_s },
                None => WireError::Unauthenticated,
            };
            refuse(dialect, &wire, None, &error)
        }
        Err(error) => refuse(dialect, &wire, None, &error),
    }
}

/// Who calls: a known key, and whatever else the dialect wants to see proved.
fn authenticate(
    app: &App,
    dialect: &'static dyn Dialect,
    request: &torana_dialects::Request<'_>,
) -> Result<Access, WireError> {
    let credential = dialect.credential(request)?;
    let access = app.brands.by_credential(dialect.slug(), &credential.key);
    let access = access.ok_or(WireError::Unauthenticated)?;
    let brand = access.brand.id();
    let proof =
        credential.proof.map(|proof| Proofs::hash(&app.vault, brand, &access.secret, &proof));
    let made_at = proof.as_ref().and_then(|proof| app.proofs.made_at(proof));
    let caller = access.brand.caller(&app.public_url, &access.secret);
    let check = |may_search| dialect.authenticate(request, &caller, Known { made_at, may_search });
    let made_at = match check(false) {
        // A search takes the processor for milliseconds: other requests go on beside it.
        Err(WireError::RateLimited { .. }) if app.proofs.may_search(brand) => {
            tokio::task::block_in_place(|| check(true))
        }
        other => other,
    }?;
    if let (Some(proof), Some(made_at)) = (proof, made_at) {
        app.proofs.remember(proof, made_at);
    }
    Ok(access)
}

async fn answer(
    app: &App,
    dialect: &'static dyn Dialect,
    brand: &Brand,
    caller: &Caller<'_>,
    request: &torana_dialects::Request<'_>,
) -> Result<Reply, WireError> {
    let failed = |error: GatewayError| wire_error(&error);
    let payment = match dialect.decode(request, caller)? {
        Call::Create(call) => gateway::create(app, brand, dialect, &call).await.map_err(failed)?,
        Call::Find(find) => {
            let payment = existing(app, dialect, brand, &find.candidates).await?;
            if find.amount.is_some_and(|amount| amount != payment.order.amount) {
                return Err(WireError::NotFound);
            }
            payment
        }
        Call::Refund(call) => {
            let payment = existing(app, dialect, brand, &call.candidates).await?;
            gateway::refund(app, brand, &payment, &call).await.map_err(failed)?
        }
        Call::Cancel(candidates) => {
            let payment = existing(app, dialect, brand, &candidates).await?;
            let cancel = Command::Cancel { by: Canceller::Merchant };
            gateway::command(app, brand, payment.id.number, cancel).await.map_err(failed)?
        }
        Call::Subscribe(call) => {
            let made = gateway::subscribe(app, brand, dialect, &call).await.map_err(failed)?;
            return Ok(dialect.subscription(request, caller, &made.subscription, &made.payments));
        }
        Call::FindSubscription(candidates) => {
            existing(app, dialect, brand, &candidates).await?;
            let found = gateway::find_subscription(app, brand, &candidates).await;
            let found = found.map_err(failed)?.ok_or(WireError::NotFound)?;
            return Ok(dialect.subscription(request, caller, &found.subscription, &found.payments));
        }
        Call::EndSubscription(candidates) => {
            existing(app, dialect, brand, &candidates).await?;
            let ended = gateway::end_subscription(app, brand, &candidates).await;
            let ended = ended.map_err(failed)?.ok_or(WireError::NotFound)?;
            return Ok(dialect.subscription(request, caller, &ended.subscription, &ended.payments));
        }
    };
    Ok(dialect.answer(request, caller, &payment))
}

/// The payment that is meant, if this dialect made it.
async fn existing(
    app: &App,
    dialect: &dyn Dialect,
    brand: &Brand,
    candidates: &[Candidate],
) -> Result<Payment, WireError> {
    let found = gateway::find(app, brand, candidates).await;
    let found = found.map_err(|error| wire_error(&error))?;
    found.filter(|payment| payment.order.dialect == dialect.slug()).ok_or(WireError::NotFound)
}

/// What a client may know of an error of ours.
fn wire_error(error: &GatewayError) -> WireError {
    match error {
        GatewayError::NotFound => WireError::NotFound,
        GatewayError::Refused(refusal) => WireError::Refused(*refusal),
        GatewayError::Amount(error) => WireError::Refused(Refusal::Amount(*error)),
        GatewayError::Calendar(_) => WireError::Malformed("The dates are beyond the calendar."),
        GatewayError::Store(error) => {
            tracing::error!(%error, "a request failed in the store");
            WireError::Unavailable
        }
    }
}

fn refuse(
    dialect: &'static dyn Dialect,
    request: &torana_dialects::Request<'_>,
    caller: Option<&Caller<'_>>,
    error: &WireError,
) -> Response {
    tracing::debug!(dialect = dialect.slug(), %error, "refused");
    let mut response = respond(dialect.refuse(request, caller, error));
    if let WireError::RateLimited { retry_after_s } = error {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_s).into());
    }
    response
}

fn respond(reply: Reply) -> Response {
    let headers = [(header::CONTENT_TYPE, reply.content_type)];
    let status = StatusCode::from_u16(reply.status.as_u16()).unwrap_or(StatusCode::OK);
    (status, headers, reply.body).into_response()
}
