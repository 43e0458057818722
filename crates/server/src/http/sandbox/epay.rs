//! `/sandbox/epay`: ePay.bg's site, simulated. Payers come with a form, EasyPay gives codes, and a desk takes them, under
//! the real site's own paths and names.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use torana_rails::epay::easypay::write_answer;
use torana_rails::epay::simulator::paid;
use torana_rails::epay::{Page, Status, fields, local_time};

use crate::app::App;
use crate::http::checkout::view::with_symbol;
use crate::http::rate::Client;
use crate::pages::{EpaySitePage, Language, Page as _, SiteOutcome};
use crate::rails::epay::SIMULATOR_PATH;
use crate::simulator::{self, Asked, SiteError};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/epay/", get(enter).post(enter))
        .route("/sandbox/epay/en/", get(enter).post(enter))
        .route("/sandbox/epay/pay/{language}", post(pay))
        .route("/sandbox/epay/ezp/reg_bill.cgi", any(reg_bill))
        .route("/sandbox/epay/ezp/pay_bill.cgi", any(pay_bill))
}

/// What came, in the query and in the body.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(uri: &Uri, body: &[u8]) -> Self {
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(query.into_owned().chain(form_urlencoded::parse(body).into_owned()).collect())
    }

    fn field(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }

    fn asked(&self, app: &App) -> Result<Asked, SiteError> {
        let sealed = fields(&self.0);
        let missing = torana_rails::epay::RequestError::Missing("ENCODED, CHECKSUM");
        simulator::ask(app, &sealed.ok_or(missing)?)
    }
}

fn text(status: StatusCode, body: impl IntoResponse) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=windows-1251")];
    (status, kind, body).into_response()
}

fn html(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

/// What the site says to who comes with something wrong. Finding out costs something for each test brand.
fn refuse(app: &App, client: Client, error: &SiteError, language: Language) -> Response {
    if matches!(error, SiteError::Request(_) | SiteError::NoCode)
        && let Some(limit) = app.rates.note_miss(client)
    {
        let headers = [(header::RETRY_AFTER, limit.retry_after_s.to_string())];
        let words = language.text("message-try-later") + "\n";
        return (StatusCode::TOO_MANY_REQUESTS, headers, words).into_response();
    }
    let (status, words) = match error {
        SiteError::Request(error) => {
            let words = language.text("site-bad-request");
            (StatusCode::BAD_REQUEST, format!("{words} {error}"))
        }
        SiteError::NoCode => (StatusCode::NOT_FOUND, error.to_string()),
        SiteError::Over => (StatusCode::CONFLICT, language.text("site-over")),
        SiteError::NotTaken(why) => {
            (StatusCode::BAD_GATEWAY, format!("{} {why}", language.text("site-failed")))
        }
        SiteError::Store(error) => {
            tracing::error!(%error, "the simulated site failed");
            (StatusCode::SERVICE_UNAVAILABLE, language.text("message-problem"))
        }
    };
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, words + "\n").into_response()
}

fn page(form: &Form, asked: &Asked, language: Language, error: Option<String>) -> EpaySitePage {
    let kept = |name: &'static str| (name, form.field(name).to_owned());
    let until = local_time(asked.request.expires_at);
    EpaySitePage {
        language,
        merchant: asked.brand.row.name.clone(),
        total: with_symbol(asked.request.amount),
        invoice: asked.request.invoice.clone(),
        description: asked.request.description.clone(),
        until: until.map(|at| at.strftime("%d.%m.%Y %H:%M:%S").to_string()).unwrap_or_default(),
        by_card: Page::from_word(form.field("PAGE")) == Some(Page::Card),
        action: format!("{SIMULATOR_PATH}/pay/{}", language.code()),
        fields: ["PAGE", "ENCODED", "CHECKSUM", "URL_OK", "URL_CANCEL"].map(kept).to_vec(),
        error,
    }
}

/// `POST /sandbox/epay/` or `/sandbox/epay/en/` `PAGE`, `LANG`, `ENCODED`, `CHECKSUM`, `URL_OK`, `URL_CANCEL`: the payer comes.
async fn enter(
    State(app): State<App>,
    client: Client,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let form = Form::read(&uri, &body);
    let is_english = uri.path().ends_with("/en/") || form.field("LANG").eq_ignore_ascii_case("en");
    let language = if is_english { Language::En } else { Language::Bg };
    match form.asked(&app) {
        Ok(asked) => html(StatusCode::OK, page(&form, &asked, language, None).html()),
        Err(error) => refuse(&app, client, &error, language),
    }
}

/// `POST /sandbox/epay/pay/{language}`, the same fields and `outcome`: the payer decides.
async fn pay(
    State(app): State<App>,
    client: Client,
    Path(language): Path<String>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let language = Language::from_tag(&language).unwrap_or(Language::Bg);
    let form = Form::read(&uri, &body);
    let asked = match form.asked(&app) {
        Ok(asked) => asked,
        Err(error) => return refuse(&app, client, &error, language),
    };
    let outcome = SiteOutcome::from_word(form.field("outcome")).unwrap_or(SiteOutcome::Leave);
    match decide(&app, &asked, outcome).await {
        Ok(()) => {
            let is_paid = match outcome {
                SiteOutcome::Pay | SiteOutcome::PayTwice | SiteOutcome::Untold => true,
                SiteOutcome::Deny | SiteOutcome::Expire | SiteOutcome::Leave => false,
            };
            let back = form.field(if is_paid { "URL_OK" } else { "URL_CANCEL" });
            // The addresses are not part of what is sealed: only this server's own are followed.
            match back.strip_prefix(&app.public_url).filter(|path| path.starts_with('/')) {
                Some(_) => Redirect::to(back).into_response(),
                None => Redirect::to("/").into_response(),
            }
        }
        Err(SiteError::Over) => {
            let error = Some(language.text("site-over"));
            html(StatusCode::CONFLICT, page(&form, &asked, language, error).html())
        }
        Err(SiteError::NotTaken(why)) => {
            let error = Some(format!("{} {why}", language.text("site-failed")));
            html(StatusCode::BAD_GATEWAY, page(&form, &asked, language, error).html())
        }
        Err(error) => refuse(&app, client, &error, language),
    }
}

async fn decide(app: &App, asked: &Asked, outcome: SiteOutcome) -> Result<(), SiteError> {
    let is_over = asked.is_over();
    match outcome {
        SiteOutcome::Leave => Ok(()),
        SiteOutcome::Pay | SiteOutcome::PayTwice | SiteOutcome::Untold if is_over => {
            Err(SiteError::Over)
        }
        SiteOutcome::Untold => Ok(()),
        SiteOutcome::Pay => {
            simulator::tell(app, asked, paid(asked.brand.now(), app.random())).await
        }
        SiteOutcome::PayTwice => {
            let status = paid(asked.brand.now(), app.random());
            simulator::tell(app, asked, status.clone()).await?;
            simulator::tell(app, asked, status).await
        }
        SiteOutcome::Deny => simulator::tell(app, asked, Status::Denied).await,
        SiteOutcome::Expire => simulator::tell(app, asked, Status::Expired).await,
    }
}

/// `/sandbox/epay/ezp/reg_bill.cgi?ENCODED=…&CHECKSUM=…`: EasyPay gives a code.
async fn reg_bill(
    State(app): State<App>,
    client: Client,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let form = Form::read(&uri, &body);
    let Some(sealed) = fields(&form.0) else {
        return text(StatusCode::BAD_REQUEST, write_answer(Err("Missing ENCODED, CHECKSUM")));
    };
    match simulator::register(&app, &sealed).await {
        Ok(code) => text(StatusCode::OK, write_answer(Ok(&code))),
        Err(SiteError::Store(error)) => {
            refuse(&app, client, &SiteError::Store(error), Language::En)
        }
        Err(error) if app.rates.note_miss(client).is_none() => {
            text(StatusCode::BAD_REQUEST, write_answer(Err(&error.to_string())))
        }
        Err(_) => text(StatusCode::TOO_MANY_REQUESTS, write_answer(Err("Too many requests"))),
    }
}

/// `/sandbox/epay/ezp/pay_bill.cgi?ACTION=PAY&IDN=…`: the desk takes the money for a code.
async fn pay_bill(
    State(app): State<App>,
    client: Client,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let form = Form::read(&uri, &body);
    if !form.field("ACTION").eq_ignore_ascii_case("PAY") {
        return text(StatusCode::BAD_REQUEST, write_answer(Err("Invalid ACTION")));
    }
    match simulator::pay_code(&app, form.field("IDN")).await {
        Ok(()) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (kind, Language::En.text("site-desk-paid") + "\n").into_response()
        }
        Err(error) => refuse(&app, client, &error, Language::En),
    }
}
