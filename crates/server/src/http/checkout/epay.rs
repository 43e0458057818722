//! Payers who pay at ePay.bg: by a page that carries them there, or with a code for a desk of EasyPay.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use torana_domain::AccountId;
use torana_domain::payment::{Payment, PaymentState};
use torana_rails::epay::Sealed;

use super::actions::{origin, page_url};
use super::payer::{CHOOSES, FROM_SITE, Payer};
use super::{Linked, failed, html, view};
use crate::app::App;
use crate::brands::Brand;
use crate::gateway::{self, EpayError, GatewayError};
use crate::http::headers::TO_EPAY_POLICY;
use crate::http::rate::Client;
use crate::pages::{HandoffPage, Language, Message, Page as _};
use crate::rails::epay::{SIMULATOR_PATH, Site, Way};
use crate::rails::{self, EPAY};

/// `POST /checkout/{id}/epay` `method`, `way`: the payer chose how to pay at ePay.bg.
pub(super) async fn go(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Linked { brand, payment, payer }: Linked,
    body: Bytes,
) -> Response {
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
    let method = field("method").unwrap_or(EPAY);
    let back = |code: &str| {
        let url = page_url(&payer, payment.id, &[("method", method), ("code", code)]);
        Redirect::to(&url).into_response()
    };
    if !matches!(payment.state, PaymentState::Created | PaymentState::Pending) {
        return back(Message::Closed.code());
    }
    let account = view::account_of(&brand, &payment, method)
        .filter(|account| account.rail == EPAY && rails::is_offered(account, payment.order.due));
    let (Some(account), Some(way)) = (account, field("way").and_then(Way::from_code)) else {
        return back(Message::MethodUnavailable.code());
    };
    // Each try may ask the site: no more often than references may be tried.
    if app.rates.check_confirmation(payment.id).is_err() {
        return back(Message::TryLater.code());
    }
    let origin = Some(origin(client, &headers));
    let sealed = match gateway::go_to_epay(&app, &brand, account, &payment, way, origin).await {
        Ok(sealed) => sealed,
        Err(EpayError::Gateway(GatewayError::Refused(_))) => return back(Message::Closed.code()),
        Err(EpayError::Gateway(error)) => return failed(&error, &payer),
        Err(error @ (EpayError::Unfit(_) | EpayError::EasyPay(_))) => {
            tracing::error!(%error, brand = %brand.id(), account = %account.id, "ePay.bg does not take a payment");
            return back(Message::MethodUnavailable.code());
        }
        Err(EpayError::Unreachable) => return back(Message::Problem.code()),
    };
    match way.page() {
        None => back("desk"),
        Some(page) => {
            let going = Going { site: Site::of(account), page: page.word(), sealed };
            handoff(&app, &brand, &payment, &payer, going)
        }
    }
}

/// Where a payer goes, and with what.
struct Going {
    site: Site,
    page: &'static str,
    sealed: Sealed,
}

fn handoff(app: &App, brand: &Brand, payment: &Payment, payer: &Payer, going: Going) -> Response {
    let Going { site, page, sealed } = going;
    let base = site.base(&app.public_url);
    let (language, path) = match payer.language {
        Language::Bg => ("bg", "/"),
        Language::Bn | Language::En | Language::Hi => ("en", "/en/"),
    };
    // What became of it is said by the site's notification: both ways back lead to the page that waits for it.
    let page_with = |code: &str| page_url(payer, payment.id, &[("code", code)]);
    let return_to = |code: &str| format!("{}{}", app.public_url, page_with(code));
    let page = HandoffPage {
        language: payer.language,
        brand: view::shop(brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        site: view::title_of(EPAY),
        total: view::with_symbol(payment.order.due),
        action: format!("{base}{path}"),
        fields: vec![
            ("PAGE", page.to_owned()),
            ("LANG", language.to_owned()),
            ("ENCODED", sealed.encoded),
            ("CHECKSUM", sealed.checksum),
            ("URL_OK", return_to(FROM_SITE)),
            ("URL_CANCEL", return_to(CHOOSES)),
        ],
        otherwise: page_with(CHOOSES),
    };
    let mut response = html(StatusCode::OK, page.html());
    if site != Site::Simulator {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, TO_EPAY_POLICY);
    }
    response
}

/// The code that the payer shows at a desk of EasyPay, if one was given, and where the simulated desk takes it.
pub(super) fn desk(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    account: AccountId,
) -> Option<(String, Option<String>)> {
    let account = brand.account(account).filter(|account| account.rail == EPAY)?;
    let code = gateway::epay_code(app, payment, account.id)?;
    let is_ours = Site::of(account) == Site::Simulator;
    let url = is_ours.then(|| format!("{SIMULATOR_PATH}/ezp/pay_bill.cgi?ACTION=PAY&IDN={code}"));
    Some((code, url))
}
