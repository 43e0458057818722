//! `POST /rails/epay/{brand}/{account}`: ePay.bg tells what became of invoices (the address is set in the merchant's
//! profile there). The checksum under the account's secret says who speaks.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use torana_domain::{AccountId, BrandId};
use torana_rails::epay::{
    Answer, BAD_CHECKSUM_ANSWER, Entry, INVALID_ANSWER, fields, open_notification, write_answers,
};

use crate::app::App;
use crate::gateway;
use crate::rails::EPAY;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new().route("/rails/epay/{brand}/{account}", post(notification))
}

fn text(status: StatusCode, body: impl Into<String>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, body.into()).into_response()
}

async fn notification(
    State(app): State<App>,
    Path((brand, account)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let not_found = || text(StatusCode::NOT_FOUND, INVALID_ANSWER);
    let (Ok(brand), Ok(account)) = (brand.parse(), account.parse()) else { return not_found() };
    let Some(brand) = app.brands.get(BrandId(brand)) else { return not_found() };
    let account = brand.account(AccountId(account)).filter(|account| account.rail == EPAY);
    let Some(account) = account else { return not_found() };
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let (Some(sealed), Some(secret)) = (fields(&form), brand.rail_secret(account.id)) else {
        return text(StatusCode::BAD_REQUEST, INVALID_ANSWER);
    };
    let entries = match open_notification(&sealed.encoded, &sealed.checksum, secret) {
        Ok(entries) => entries,
        Err(error) => {
            tracing::warn!(code = error.code(), brand = %brand.id(), "a notification was refused");
            let is_forged = error.answer() == BAD_CHECKSUM_ANSWER;
            let status = if is_forged { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
            return text(status, error.answer());
        }
    };
    let mut answers = vec![];
    for entry in entries {
        match entry {
            Entry::Line(line) => {
                let answer = gateway::epay_notice(&app, &brand, account, &line).await;
                let answer = answer.unwrap_or_else(|error| {
                    tracing::error!(%error, "a notification was not carried out");
                    Answer::Err
                });
                answers.push((line.invoice, answer));
            }
            Entry::Bad { invoice, text } => {
                let (id, account) = (brand.id(), account.id);
                tracing::warn!(brand = %id, %account, "a line of ePay.bg's is not understood");
                let kept =
                    gateway::keep_for_a_person(&app, &brand, account, &text, "not_understood")
                        .await;
                if let Err(error) = kept {
                    tracing::error!(%error, "a line of ePay.bg's was not kept: it comes again");
                }
                answers.extend(invoice.map(|invoice| (invoice, Answer::Err)));
            }
        }
    }
    match answers.is_empty() {
        true => text(StatusCode::BAD_REQUEST, INVALID_ANSWER),
        false => text(StatusCode::OK, write_answers(&answers)),
    }
}
