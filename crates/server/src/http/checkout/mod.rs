//! The payer's side: pages, confirmation, live status, cancel, and the way back to the shop.
//!
//! *Invariant:* nothing that a browser sends completes a payment. A confirmation names a reference; only a receipt that
//! Torana saw itself pays.

mod actions;
mod card;
mod epay;
mod payer;
pub(super) mod view;
mod wallet;

use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use torana_dialects::Dialect;
use torana_domain::PaymentId;
use torana_domain::payment::{Payment, PaymentState};

use crate::app::App;
use crate::gateway;
use crate::http::rate::Client;
use crate::pages::{ErrorPage, Language, NotFoundPage, Page as _, StatusAnswer, assets};
pub(super) use payer::Payer;

/// The routes.
pub(super) fn routes() -> Router<App> {
    let mut router = Router::new();
    for dialect in torana_dialects::all().iter().copied() {
        for path in dialect.pages() {
            let show = move |state: State<App>, client: Client, headers, method, uri| {
                linked_page(dialect, state, client, headers, method, uri)
            };
            // Some shops send their payers by an empty form.
            router = router.route(path, get(show).post(show));
        }
    }
    router
        .route("/checkout/{id}", get(page))
        .route("/checkout/{id}/status", get(status))
        .route("/checkout/{id}/confirm", post(actions::confirm))
        .route("/checkout/{id}/cancel", post(actions::cancel))
        .route("/checkout/{id}/epay", post(epay::go))
        .route("/checkout/{id}/card", get(card::fields).post(card::begin))
        .route("/checkout/{id}/card/code", get(card::code).post(card::prove))
        .route("/checkout/{id}/card/resend", post(card::resend))
        .route("/checkout/{id}/card/abandon", post(card::abandon))
        .route("/checkout/{id}/card/continue", get(card::go_on))
        .route("/checkout/{id}/return", get(go_back))
        .route("/sandbox/wallet/{id}", get(wallet::show).post(wallet::send))
        .route("/assets/{file}", get(asset))
        .route(assets::POPUP_PATH, get(asset))
}

async fn asset(OriginalUri(uri): OriginalUri) -> Response {
    match assets::find(uri.path()) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, asset.cache_control),
                // The popup's script is loaded by shops on other origins.
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            ];
            (headers, asset.body).into_response()
        }
    }
}

pub(super) fn html(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

pub(super) fn not_found(language: Language, path: &str) -> Response {
    let page = NotFoundPage { language, path: path.to_owned() };
    html(StatusCode::NOT_FOUND, page.html())
}

pub(super) fn failed(error: &gateway::GatewayError, payer: &Payer) -> Response {
    tracing::error!(%error, "a checkout request failed");
    if payer.wants_json {
        let answer = StatusAnswer::error(&crate::pages::Message::Problem, payer.language);
        return (StatusCode::SERVICE_UNAVAILABLE, axum::Json(answer)).into_response();
    }
    let page = ErrorPage { language: payer.language, path: payer.path.clone(), request_id: None };
    html(StatusCode::SERVICE_UNAVAILABLE, page.html())
}

/// Paths that nothing serves: a page for people, JSON for programs.
pub(super) async fn unknown_path(headers: HeaderMap, OriginalUri(uri): OriginalUri) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if accept.contains("text/html") {
        let payer = Payer::read(&headers, &uri, None);
        return not_found(payer.language, uri.path());
    }
    let body = serde_json::json!({ "error": { "code": "not_found", "message": "no such path" } });
    (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
}

/// The payment behind a link, with its brand; or the answer to who has none.
struct Linked {
    brand: std::sync::Arc<crate::brands::Brand>,
    payment: Payment,
    payer: Payer,
}

/// The link's id is the route's `{id}`.
impl FromRequestParts<App> for Linked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(client) = Client::from_request_parts(parts, app).await;
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, app).await;
        let id = Path::<String>::from_request_parts(parts, app).await;
        let found = match id.ok().and_then(|Path(id)| id.parse::<PaymentId>().ok()) {
            Some(id) => gateway::find_by_id(app, id).await,
            None => Ok(None),
        };
        shown(app, client, &parts.headers, &uri, found)
    }
}

/// What was found, or the answer to who has nothing.
fn shown(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    uri: &http::Uri,
    found: Result<Option<(std::sync::Arc<crate::brands::Brand>, Payment)>, gateway::GatewayError>,
) -> Result<Linked, Response> {
    let payer = Payer::read(headers, uri, None);
    match found {
        Ok(Some((brand, payment))) => {
            let dialect = torana_dialects::by_slug(&payment.order.dialect);
            let asked = dialect.and_then(|dialect| dialect.language(&payment));
            let payer = match asked {
                // What the shop asks for says more than the browser, and less than the payer.
                Some(asked) => Payer::read_in(headers, uri, &asked),
                None => Payer::read(headers, uri, brand.settings.language.as_deref()),
            };
            Ok(Linked { brand, payment, payer })
        }
        Ok(None) => {
            if let Some(limit) = app.rates.note_miss(client) {
                return Err(actions::too_often(limit, &payer));
            }
            if payer.wants_json {
                let body = serde_json::json!({
                    "status": "error", "code": "not_found", "message": "no such payment",
                });
                return Err((StatusCode::NOT_FOUND, axum::Json(body)).into_response());
            }
            Err(not_found(payer.language, uri.path()))
        }
        Err(error) => Err(failed(&error, &payer)),
    }
}

/// The page under a provider's own address. A form that was posted becomes a page that can be loaded again.
async fn linked_page(
    dialect: &'static dyn Dialect,
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    method: Method,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let found = match dialect.linked(uri.path(), uri.query().unwrap_or_default()) {
        Some(linked) => gateway::find_linked(&app, dialect, linked).await,
        None => Ok(None),
    };
    match shown(&app, client, &headers, &uri, found) {
        Ok(Linked { payment, .. }) if method == Method::POST => {
            Redirect::to(&format!("/checkout/{}", payment.id)).into_response()
        }
        Ok(linked) => payment_page(&app, linked),
        Err(response) => response,
    }
}

fn payment_page(app: &App, linked: Linked) -> Response {
    let Linked { brand, payment, payer } = linked;
    let message = payer.message();
    let last = payment.attempts.last();
    let known = view::Known {
        received: gateway::received(app, &payment),
        desk: last.and_then(|attempt| epay::desk(app, &brand, &payment, attempt.account)),
    };
    let body = view::page(&brand, &payment, &payer, message, known);
    with_language_cookie(html(StatusCode::OK, body), &payer)
}

async fn page(State(app): State<App>, linked: Linked) -> Response {
    payment_page(&app, linked)
}

/// Remembers a language that the payer chose by hand.
fn with_language_cookie(mut response: Response, payer: &Payer) -> Response {
    if payer.chose_language {
        let cookie = format!(
            "{}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            crate::pages::LANGUAGE_COOKIE,
            payer.language.code()
        );
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

async fn status(State(app): State<App>, linked: Linked) -> Response {
    let Linked { payment, payer, .. } = linked;
    let received = gateway::received(&app, &payment);
    axum::Json(view::status(&payment, payer.language, received)).into_response()
}

/// `GET /checkout/{id}/return`: to the shop, with its API's parameters; back to the page while nothing was done yet.
async fn go_back(Linked { brand, payment, .. }: Linked) -> Response {
    let page = format!("/checkout/{}", payment.id);
    if payment.state == PaymentState::Created {
        return Redirect::to(&page).into_response();
    }
    let dialect = torana_dialects::by_slug(&payment.order.dialect);
    let target = dialect.map(|dialect| dialect.return_url(&payment, &brand.settings.switches));
    match target.filter(|target| !target.is_empty()) {
        Some(target) => Redirect::to(&target).into_response(),
        None => Redirect::to(&page).into_response(),
    }
}
