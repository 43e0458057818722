//! Mounts any dialect: reads a request whole, finds the brand, decodes, does, encodes. Knows no provider.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use torana_dialects::{Call, Created, Dialect, Reply, WireError};

use crate::app::App;
use crate::brands::Brand;
use crate::gateway::{self, GatewayError};
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
    if !route.methods.contains(&parts.method) {
        let mut response = respond(dialect.refuse(None, &WireError::MethodNotAllowed));
        let allowed = route.methods.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(", ");
        if let Ok(allowed) = allowed.parse() {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        return response;
    }
    let Ok(body) = axum::body::to_bytes(body, app.config.http.body_bytes).await else {
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
    let access =
        credential.and_then(|credential| app.brands.by_credential(dialect.slug(), &credential));
    let Some(access) = access else {
        let error = match app.rates.note_auth_failure(client) {
            Some(limit) => WireError::RateLimited { retry_after_s: limit.retry_after_s },
            None => WireError::Unauthenticated,
        };
        return refuse(dialect, None, &error);
    };
    match answer(&app, dialect, &access.brand, &wire).await {
        Ok(reply) => respond(reply),
        Err(error) => refuse(dialect, Some((&app, &access.brand)), &error),
    }
}

async fn answer(
    app: &App,
    dialect: &'static dyn Dialect,
    brand: &Brand,
    request: &torana_dialects::Request<'_>,
) -> Result<Reply, WireError> {
    let caller = brand.caller(&app.public_url);
    match dialect.decode(request, &caller)? {
        Call::Create(call) => {
            let created = gateway::create(app, brand, dialect.slug(), &call).await;
            let id = created.map_err(|error| wire_error(&error))?;
            Ok(dialect.created(&caller, &Created { id, call: &call }))
        }
        Call::Find(candidates) => {
            let found = gateway::find(app, brand, &candidates).await;
            let found = found.map_err(|error| wire_error(&error))?;
            let payment = found
                .filter(|payment| payment.order.dialect == dialect.slug())
                .ok_or(WireError::NotFound)?;
            Ok(dialect.found(&caller, &payment))
        }
    }
}

/// What a client may know of an error of ours.
fn wire_error(error: &GatewayError) -> WireError {
    match error {
        GatewayError::NotFound => WireError::NotFound,
        GatewayError::Refused(_) | GatewayError::Amount(_) => {
            WireError::Invalid { field: "amount", message: error.to_string() }
        }
        GatewayError::Store(error) => {
            tracing::error!(%error, "a request failed in the store");
            WireError::Unavailable
        }
    }
}

fn refuse(
    dialect: &'static dyn Dialect,
    caller: Option<(&App, &Brand)>,
    error: &WireError,
) -> Response {
    tracing::debug!(dialect = dialect.slug(), %error, "refused");
    let reply = match caller {
        Some((app, brand)) => dialect.refuse(Some(&brand.caller(&app.public_url)), error),
        None => dialect.refuse(None, error),
    };
    let mut response = respond(reply);
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
