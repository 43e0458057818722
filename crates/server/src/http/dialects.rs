//! Mounts any dialect: reads a request whole, finds the brand, decodes, does, encodes. Knows no provider.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::StreamExt as _;
use torana_dialects::{Call, Caller, Candidate, Dialect, Door, Known, Reply, WireError};
use torana_domain::payment::{Canceller, Command, Payment, Refusal};

use crate::app::App;
use crate::brands::{Access, Brand};
use crate::clock;
use crate::gateway::cards::CardsError;
use crate::gateway::{self, GatewayError, Transaction};
use crate::http::proofs::ProofHash;
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
        id: u128::from(app.random()) << 64 | u128::from(app.random()),
        at: clock::now(),
    };
    if !route.methods.contains(&parts.method) {
        let mut response = refuse_unread(&app, dialect, &wire, &WireError::MethodNotAllowed);
        let allowed = route.methods.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(", ");
        if let Ok(allowed) = allowed.parse() {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        return response;
    }
    let Some(body) = whole(body, app.config.http.body_bytes).await else {
        return refuse_unread(&app, dialect, &wire, &WireError::TooLarge);
    };
    wire.body = &body;
    match authenticate(&app, client, dialect, &wire).await {
        Ok(access) => {
            let caller = access.brand.caller(&app.public_url, &access.secret);
            match answer(&app, dialect, &access.brand, &caller, &wire).await {
                Ok(reply) => respond(reply),
                Err(error) => refuse(dialect, &wire, Some(&caller), &error),
            }
        }
        Err(Stranger { access, error }) => {
            let error = match error {
                error if is_guess(&error) => match app.rates.note_auth_failure(client) {
                    Some(limit) => WireError::RateLimited { retry_after_s: limit.retry_after_s },
                    None => error,
                },
                other => other,
            };
            let access = access.as_ref();
            let caller = access.map(|it| it.brand.caller(&app.public_url, &it.secret));
            refuse(dialect, &wire, caller.as_ref(), &error)
        }
    }
}

/// Refuses a request whose body was not read. Nobody proved who calls, but whose key was shown may decide how the answer is
/// signed.
fn refuse_unread(
    app: &App,
    dialect: &'static dyn Dialect,
    request: &torana_dialects::Request<'_>,
    error: &WireError,
) -> Response {
    let credential = dialect.credential(request).ok();
    let access = credential.and_then(|it| app.brands.by_credential(dialect.slug(), &it.key));
    let access = access.as_ref();
    let caller = access.map(|it| it.brand.caller(&app.public_url, &it.secret));
    refuse(dialect, request, caller.as_ref(), error)
}

/// Whether somebody may be guessing keys or secrets.
fn is_guess(error: &WireError) -> bool {
    match error {
        WireError::Unauthenticated => true,
        WireError::Door(door) => door.is_guess(),
        _ => false,
    }
}

/// Who is not let in: why, and whose key was shown, if it is known.
struct Stranger {
    access: Option<Access>,
    error: WireError,
}

impl From<WireError> for Stranger {
    fn from(error: WireError) -> Self {
        Self { access: None, error }
    }
}

/// Bytes beyond the limit that are read and thrown away: who is still sending would see a broken connection, and not why.
const THROWN_AWAY: usize = 16 * 1024 * 1024;

/// A body that is no longer than the limit, and did not break off.
async fn whole(body: Body, limit: usize) -> Option<Vec<u8>> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        length = length.saturating_add(chunk.len());
        if length <= limit {
            whole.extend_from_slice(&chunk);
        } else if length > limit.saturating_add(THROWN_AWAY) {
            break;
        }
    }
    (length <= limit).then_some(whole)
}

/// Who calls: a known key, and whatever else the dialect wants to see proved.
async fn authenticate(
    app: &App,
    client: Client,
    dialect: &'static dyn Dialect,
    request: &torana_dialects::Request<'_>,
) -> Result<Access, Stranger> {
    let credential = dialect.credential(request)?;
    let access = app.brands.by_credential(dialect.slug(), &credential.key);
    let access = access.ok_or(WireError::Unauthenticated)?;
    let caller = access.brand.caller(&app.public_url, &access.secret);
    let (brand, now) = (access.brand.id(), caller.real_now);
    let Some(proof) = credential.proof else {
        let known = Known { good_at: None, may_search: false };
        let checked = dialect.authenticate(request, &caller, known).and_then(|()| {
            let Some(pin) = dialect.pin(request) else { return Ok(()) };
            let hash = |text: &str| ProofHash::new(&app.vault, brand, &access.secret, text);
            match app.proofs.may_use_for(hash(&pin.proof), hash(&pin.target), now) {
                true => Ok(()),
                false => Err(WireError::Door(Door::ProofWrong)),
            }
        });
        return match checked {
            Ok(()) => Ok(access),
            Err(error) => Err(Stranger { access: Some(access), error }),
        };
    };
    let proof = ProofHash::new(&app.vault, brand, &access.secret, &proof);
    let check = |may_search| {
        let known = Known { good_at: app.proofs.good_at(proof), may_search };
        match dialect.authenticate(request, &caller, known) {
            Err(WireError::RateLimited { .. }) if app.proofs.is_wrong(proof, now) => {
                Err(WireError::Unauthenticated)
            }
            other => other,
        }
    };
    let must_search = |checked: &_| matches!(checked, Err(WireError::RateLimited { .. }));
    let mut checked = check(false);
    let turn = match must_search(&checked) {
        true => app.proofs.turn(brand).await,
        false => None,
    };
    if turn.is_some() {
        // Whoever had the turn before may have brought the same proof.
        checked = check(false);
        if must_search(&checked) && app.proofs.may_search(brand, client) {
            // Other requests go on beside it.
            checked = tokio::task::block_in_place(|| check(true));
            if matches!(checked, Err(WireError::Unauthenticated)) {
                app.proofs.note_wrong(proof, now);
            }
        }
    }
    if checked.is_ok() {
        app.proofs.note_good(proof, now);
    }
    drop(turn);
    match checked {
        Ok(()) => Ok(access),
        Err(error) => Err(Stranger { access: Some(access), error }),
    }
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
        Call::FindTransaction(candidates) => {
            let found = gateway::find_transaction(app, brand, dialect, &candidates).await;
            match found.map_err(failed)?.ok_or(WireError::NotFound)? {
                Transaction::Payment(payment) => *payment,
                Transaction::Payout(payout) => {
                    return Ok(dialect.payout(request, caller, &payout));
                }
            }
        }
        Call::Claim(call) => {
            let payment = existing(app, dialect, brand, &call.candidates).await?;
            gateway::claim_by(app, brand, &payment, &call.method, &call.reference)
                .await
                .map_err(failed)?
        }
        Call::Payout(call) => {
            let made = gateway::payout(app, brand, dialect, &call).await.map_err(failed)?;
            return Ok(dialect.payout(request, caller, &made));
        }
        Call::Card(call) => {
            let carried = gateway::cards::carry_out(app, brand, dialect, call).await;
            let carried = carried.map_err(|error| match error {
                CardsError::Card(error) => WireError::Card(error),
                CardsError::Gateway(error) => failed(error),
            })?;
            return Ok(dialect.card(request, caller, &carried.answer()));
        }
        Call::Subscribe(call) => {
            let made = gateway::subscribe(app, brand, dialect, &call).await.map_err(failed)?;
            return Ok(dialect.subscription(request, caller, &made.view()));
        }
        Call::FindSubscription(candidates) => {
            let first = existing(app, dialect, brand, &candidates).await?;
            let found = gateway::subscription(app, brand, first.id.number).map_err(failed)?;
            let found = found.ok_or(WireError::NotFound)?;
            return Ok(dialect.subscription(request, caller, &found.view()));
        }
        Call::EndSubscription(candidates) => {
            let first = existing(app, dialect, brand, &candidates).await?;
            let ended = gateway::end_subscription(app, brand, first.id.number).await;
            let ended = ended.map_err(failed)?.ok_or(WireError::NotFound)?;
            return Ok(dialect.subscription(request, caller, &ended.view()));
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
    let found = gateway::find(app, brand, dialect, candidates).await;
    let found = found.map_err(|error| wire_error(&error))?;
    found.filter(|payment| payment.order.dialect == dialect.slug()).ok_or(WireError::NotFound)
}

/// What a client may know of an error of ours.
fn wire_error(error: &GatewayError) -> WireError {
    match error {
        GatewayError::NotFound => WireError::NotFound,
        GatewayError::NoRoute => WireError::NoRoute,
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
    let mut response = (status, headers, reply.body).into_response();
    for (name, value) in reply.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
