//! As `http::dialects` of the server, and what it asks of the gateway.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rand::Rng as _;
use torana_dialects::{Call, Caller, Dialect, Draw, Known, Reply, WireError};
use torana_domain::PaymentId;
use torana_domain::payment::{Command, NewPayment, Order, decide};

use torana_server::clock;

use super::{BRAND, Shared};

pub(super) async fn answer(
    dialect: &'static dyn Dialect,
    route: &'static torana_dialects::Route,
    State(shared): State<Arc<Shared>>,
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
        // The dialects that are measured do not look at it.
        id: 0,
        at: clock::now(),
    };
    if !route.methods.contains(&parts.method) {
        return respond(dialect.refuse(&wire, None, &WireError::MethodNotAllowed));
    }
    let Ok(body) = axum::body::to_bytes(body, shared.body_bytes).await else {
        return respond(dialect.refuse(&wire, None, &WireError::TooLarge));
    };
    wire.body = &body;
    let credential = dialect.credential(&wire).ok();
    let brand = credential.and_then(|credential| {
        shared.brands.get(&shared.vault.lookup(dialect.slug(), &credential.key)).cloned()
    });
    let Some(brand) = brand else {
        return respond(dialect.refuse(&wire, None, &WireError::Unauthenticated));
    };
    let caller = brand.caller();
    let known = Known { good_at: None, may_search: false };
    let handled = match dialect.authenticate(&wire, &caller, known) {
        Ok(()) => handle(&shared, dialect, &caller, &wire).await,
        Err(error) => Err(error),
    };
    match handled {
        Ok(reply) => respond(reply),
        Err(error) => respond(dialect.refuse(&wire, Some(&caller), &error)),
    }
}

async fn handle(
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
            let payment = loop {
                let random = rand::rng().next_u64();
                let random = dialect.random_bits(BRAND, Draw { random, sequence: random });
                let id = PaymentId::new(BRAND, caller.now, random);
                let new = Command::Create(Box::new(NewPayment { id, order: order.clone() }));
                let decision = decide(None, new, caller.now).map_err(|_| WireError::Unavailable)?;
                match &shared.naive {
                    // The number was taken: draw another.
                    Some(naive) if !naive.create(&decision).await => {}
                    _ => break decision.payment,
                }
            };
            Ok(dialect.answer(request, caller, &payment))
        }
        Call::Find(find) if !find.candidates.is_empty() => {
            Ok(dialect.answer(request, caller, &shared.payment))
        }
        _ => Err(WireError::NotFound),
    }
}

fn respond(reply: Reply) -> Response {
    let headers = [(header::CONTENT_TYPE, reply.content_type)];
    let status = StatusCode::from_u16(reply.status.as_u16()).unwrap_or(StatusCode::OK);
    (status, headers, reply.body).into_response()
}
