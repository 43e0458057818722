//! `/connect/gateway/…`: a payer's browser on its way to the issuer's page, and back. What it brings is believed by nobody:
//! the network says how an authentication stands.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use std::sync::Arc;
use torana_domain::card::Flow;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};
use torana_domain::payment::Payment;

use crate::app::App;
use crate::brands::Brand;
use crate::gateway::cards::{CardView, CardsError};
use crate::gateway::{self, GatewayError};
use crate::http::checkout::{Payer, failed, html, not_found, view};
use crate::http::headers::form_policy;
use crate::http::rate::Client;
use crate::pages::{CardRedirectPage, Page as _, ReturnPage};

/// The field and parameter that names an authentication.
const NUMBER: &str = "rupayId";

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/connect/gateway/processing", get(go).post(go))
        .route("/connect/gateway/return", get(come_back).post(come_back))
}

/// An authentication that a browser names.
struct Named {
    brand: Arc<Brand>,
    payment: Payment,
    operation: CardOperation,
    fields: Vec<(String, String)>,
    payer: Payer,
}

fn named(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    uri: &Uri,
    body: &[u8],
) -> Result<Named, Response> {
    let payer = Payer::read(headers, uri, None);
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(body).into_owned().chain(query.into_owned()).collect();
    let number = fields.iter().find(|(name, _)| name == NUMBER).map(|(_, value)| value.trim());
    let found = match number.and_then(|number| number.parse().ok()) {
        Some(number) => app.store.read(|reader| {
            let Some(operation) = reader.only_card_operation(number)? else { return Ok(None) };
            let payment = reader.payment(operation.payment.brand, operation.payment.number)?;
            Ok(payment.map(|payment| (operation, payment)))
        }),
        None => Ok(None),
    };
    let found = found.map_err(|error| failed(&GatewayError::from(error), &payer))?;
    let found = found.filter(|(operation, _)| {
        operation.kind == OperationKind::Authentication
            && operation.detail.flow == Some(Flow::Redirect)
    });
    let with_brand = found.and_then(|(operation, payment)| {
        Some((app.brands.get(operation.payment.brand)?, payment, operation))
    });
    let Some((brand, payment, operation)) = with_brand else {
        if let Some(limit) = app.rates.note_miss(client) {
            let retry = [(header::RETRY_AFTER, limit.retry_after_s.to_string())];
            return Err((StatusCode::TOO_MANY_REQUESTS, retry).into_response());
        }
        return Err(not_found(payer.language, uri.path()));
    };
    let payer = Payer::read(headers, uri, brand.settings.language.as_deref());
    Ok(Named { brand, payment, operation, fields, payer })
}

/// `POST /connect/gateway/processing?rupayId=N`, by the merchant's form: on to the issuer.
async fn go(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    match named(&app, client, &headers, &uri, &body) {
        Ok(named) => match (&named.operation.detail.page, named.operation.state) {
            (Some(page), OperationState::Waiting) => to_issuer(&named, page.clone()),
            // Used twice, or too late: the merchant is told how it stands.
            _ => to_merchant(&app, &named).await,
        },
        Err(response) => response,
    }
}

fn to_issuer(named: &Named, action: String) -> Response {
    let Named { brand, payment, operation, payer, .. } = named;
    let policy = form_policy(&action);
    let page = CardRedirectPage {
        language: payer.language,
        brand: view::shop(brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        total: view::with_symbol(operation.amount),
        last4: operation.card.last4.clone(),
        action,
        fields: vec![],
        otherwise: operation.detail.return_url.clone().unwrap_or_default(),
    };
    with_policy(html(StatusCode::OK, page.html()), policy)
}

fn with_policy(mut response: Response, policy: Option<HeaderValue>) -> Response {
    if let Some(policy) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// `/connect/gateway/return?rupayId=N`, by the issuer's form.
async fn come_back(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let mut named = match named(&app, client, &headers, &uri, &body) {
        Ok(named) => named,
        Err(response) => return response,
    };
    if let Err(limit) = app.rates.check_confirmation(named.payment.id) {
        let retry = [(header::RETRY_AFTER, limit.retry_after_s.to_string())];
        return (StatusCode::TOO_MANY_REQUESTS, retry).into_response();
    }
    let fields = std::mem::take(&mut named.fields);
    let proved = gateway::cards::returned(&app, &named.brand, &named.operation, fields).await;
    match proved {
        Ok(operation) => named.operation = operation,
        Err(CardsError::Gateway(error)) => return failed(&error, &named.payer),
        // How it stands is not known yet: whoever asked for it asks again.
        Err(CardsError::Card(error)) => {
            tracing::warn!(%error, "a browser came back to an authentication that cannot go on");
        }
    }
    to_merchant(&app, &named).await
}

/// Back to whoever began it: by a form with the outcome to a merchant's page, or to our own.
async fn to_merchant(app: &App, named: &Named) -> Response {
    let Named { brand, payment, operation, payer, .. } = named;
    let dialect = torana_dialects::by_slug(&payment.order.dialect);
    let secret = dialect.and_then(|dialect| brand.dialect_secret(dialect.slug()));
    let caller = brand.caller(&app.public_url, secret.unwrap_or_default());
    let view = match CardView::of(app, brand, operation) {
        Ok(view) => view,
        Err(CardsError::Gateway(error)) => return failed(&error, payer),
        Err(CardsError::Card(_)) => return not_found(payer.language, "/connect/gateway/return"),
    };
    let form = dialect
        .filter(|dialect| dialect.takes_cards())
        .and_then(|dialect| dialect.browser_return(&caller, &view.order(), operation));
    let Some((form, action)) = form.zip(operation.detail.return_url.clone()) else {
        return Redirect::to(&format!("/checkout/{}/card/continue", payment.id)).into_response();
    };
    let policy = form_policy(&action);
    let page = ReturnPage {
        language: payer.language,
        brand: view::shop(brand),
        test_mode: brand.is_test(),
        action,
        fields: form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    with_policy(html(StatusCode::OK, page.html()), policy)
}
