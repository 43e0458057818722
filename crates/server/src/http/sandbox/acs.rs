//! `/sandbox/acs/{number}`: the page of the simulated issuer, on which a holder types the code. What happens here is said to
//! the simulated network alone; this server learns of it when the browser comes back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use torana_domain::card::operation::CardOperation;
use torana_domain::card::{OneTimeCode, otp};
use torana_rails::card::network::{Authenticate, Authenticated, NoAnswer, Proof};

use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, ISSUER_PATH, Simulated};
use crate::gateway::GatewayError;
use crate::http::checkout::{Payer, failed, html, not_found, view};
use crate::http::rate::Client;
use crate::pages::{CodeNotice, IssuerPage, IssuerState, Page as _, ReturnPage};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route(&format!("{ISSUER_PATH}/{{number}}"), get(show).post(decide))
}

/// An authentication at the simulated issuer.
struct Visit {
    brand: Arc<Brand>,
    operation: CardOperation,
    payer: Payer,
}

fn visit(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    uri: &http::Uri,
    number: &str,
) -> Result<Visit, Response> {
    let payer = Payer::read(headers, uri, None);
    let found = match number.parse() {
        Ok(number) => app.store.read(|reader| reader.only_card_operation(number)),
        Err(_) => Ok(None),
    };
    let found = found.map_err(|error| failed(&GatewayError::from(error), &payer))?;
    let with_brand = found.and_then(|operation| {
        let brand = app.brands.get(operation.payment.brand).filter(|brand| brand.is_test())?;
        Some(Visit { brand, operation, payer: Payer::read(headers, uri, None) })
    });
    with_brand.ok_or_else(|| {
        if let Some(limit) = app.rates.note_miss(client) {
            let retry = [(header::RETRY_AFTER, limit.retry_after_s.to_string())];
            return (StatusCode::TOO_MANY_REQUESTS, retry).into_response();
        }
        not_found(payer.language, uri.path())
    })
}

/// The payer comes, by the form that this server posted, or comes again.
async fn show(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    Path(number): Path<String>,
) -> Response {
    match visit(&app, client, &headers, &uri, &number) {
        Ok(visit) => stands(&app, &visit, None),
        Err(response) => response,
    }
}

/// `action`: `code` with `code`, `resend` or `cancel`. Without one it is the merchant's form, which brings the payer.
async fn decide(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    Path(number): Path<String>,
    body: Bytes,
) -> Response {
    let visit = match visit(&app, client, &headers, &uri, &number) {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| {
        form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    let proof = match field("action") {
        "code" => match OneTimeCode::typed(field("code")) {
            Ok(code) => Proof::PageCode(code),
            Err(_) => return stands(&app, &visit, Some(CodeNotice::NotACode)),
        },
        "resend" => Proof::PageResend,
        "cancel" => Proof::Abandon,
        _ => return stands(&app, &visit, None),
    };
    let notice = match ask(&app, &visit, proof).await {
        Ok(Authenticated::WrongCode { .. }) => Some(CodeNotice::Wrong),
        Ok(Authenticated::CodeExpired) => Some(CodeNotice::CodeExpired),
        Ok(Authenticated::Resent { .. }) => Some(CodeNotice::SentAgain),
        Ok(Authenticated::NotResent(otp::Refusal::TooSoon { .. })) => {
            Some(CodeNotice::NotResentTooSoon)
        }
        Ok(Authenticated::NotResent(_)) => Some(CodeNotice::NoMoreCodes),
        Ok(_) => None,
        Err(_) => Some(CodeNotice::Lost),
    };
    stands(&app, &visit, notice)
}

async fn ask(app: &App, visit: &Visit, proof: Proof) -> Result<Authenticated, NoAnswer> {
    let name = visit.operation.name();
    let question = Authenticate {
        operation: name.parse().map_err(|_| NoAnswer::NotReached)?,
        authentication: name.parse().map_err(|_| NoAnswer::NotReached)?,
        order: visit.operation.detail.order.clone(),
        card: None,
        proof,
    };
    let answer = Simulated::new(app, &visit.brand).authenticate(question).await?;
    Ok(answer.stands)
}

/// The page, as the issuer now sees it.
fn stands(app: &App, visit: &Visit, notice: Option<CodeNotice>) -> Response {
    let Visit { brand, operation, payer } = visit;
    let number = operation.number;
    let asking = match Simulated::new(app, brand).asking(number) {
        Ok(Some(asking)) => asking,
        Ok(None) => return not_found(payer.language, ISSUER_PATH),
        Err(error) => return failed(&GatewayError::from(error), payer),
    };
    let action = format!("{}/connect/gateway/return?rupayId={number}", app.public_url);
    let state = match asking.stands(brand.now()) {
        Authenticated::Passed => {
            let page = ReturnPage {
                language: payer.language,
                brand: view::shop(brand),
                test_mode: true,
                action,
                fields: vec![],
            };
            return html(StatusCode::OK, page.html());
        }
        Authenticated::Failed(end) => IssuerState::Ended { end, action, fields: vec![] },
        _ => IssuerState::Asked {
            notice,
            tries_left: Some(asking.tries_left()),
            can_resend: asking.can_resend(),
        },
    };
    let page = IssuerPage {
        language: payer.language,
        number: number.to_string(),
        merchant: brand.row.name.clone(),
        total: view::with_symbol(operation.amount),
        last4: operation.card.last4.clone(),
        state,
    };
    html(StatusCode::OK, page.html())
}
