//! Test mode's wallet app and phone: the payer's side of a transfer, played by hand.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use torana_domain::Money;
use torana_domain::payment::Command;

use super::{Linked, failed, html, not_found, view};
use crate::app::App;
use crate::gateway;
use crate::pages::{Page as _, SimulatedOutcome, SimulatedResult, WalletSimulatorPage};
use crate::rails;
use crate::simulator::{self, SimulateError};

/// The page, or the answer to who may not see it.
fn page_of(linked: &Linked) -> Result<WalletSimulatorPage, Response> {
    let Linked { brand, payment, payer } = linked;
    if !brand.is_test() {
        return Err(not_found(payer.language, &payer.path));
    }
    Ok(WalletSimulatorPage {
        language: payer.language,
        brand: view::shop(brand),
        payment_id: payment.id.to_string(),
        methods: view::claimed_methods(brand, payment),
        selected: payer.method.clone(),
        amount: view::money(payment).total_plain,
        total: view::with_symbol(payment.order.due),
        error: None,
        result: None,
    })
}

/// `GET /sandbox/wallet/{id}`
pub(super) async fn show(linked: Linked) -> Response {
    match page_of(&linked) {
        Ok(page) => html(StatusCode::OK, page.html()),
        Err(response) => response,
    }
}

/// `POST /sandbox/wallet/{id}` `method`, `amount`, `outcome`
pub(super) async fn send(State(app): State<App>, linked: Linked, body: Bytes) -> Response {
    let mut page = match page_of(&linked) {
        Ok(page) => page,
        Err(response) => return response,
    };
    let Linked { brand, payment, payer } = &linked;
    let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| {
        fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    };
    let due = payment.order.due;
    let currency = due.currency();
    let outcome =
        SimulatedOutcome::from_word(field("outcome")).unwrap_or(SimulatedOutcome::Succeed);
    page.selected = Some(field("method").to_owned());
    page.amount = field("amount").to_owned();
    let typed = match Money::parse(field("amount"), currency) {
        Ok(amount) if amount.is_positive() => amount,
        Ok(_) | Err(_) => {
            page.error = Some(payer.language.text("wallet-amount-invalid"));
            return html(StatusCode::UNPROCESSABLE_ENTITY, page.html());
        }
    };
    if outcome == SimulatedOutcome::Decline {
        let command = Command::Decline { reason: simulator::DECLINED.into() };
        if let Err(error) = gateway::command(&app, brand, payment.id.number, command).await {
            tracing::debug!(%error, "a simulated decline changed nothing");
        }
        page.result =
            Some(SimulatedResult { outcome, sender: String::new(), sms: None, reference: None });
        return html(StatusCode::OK, page.html());
    }
    let one = 10_i64.pow(currency.exponent());
    let amount = match outcome {
        // Only where the payer left the amount as it was: otherwise the typed one says what is meant.
        SimulatedOutcome::Short if typed == due => {
            Money::from_minor((due.minor() / 2).max(1), currency)
        }
        SimulatedOutcome::Excess if typed == due => {
            Money::from_minor(due.minor().saturating_add(one), currency)
        }
        _ => typed,
    };
    let lost = outcome == SimulatedOutcome::NoSms;
    let account = view::account_of(brand, payment, field("method"));
    let method = account.filter(|it| !rails::tells_itself(it)).map(|it| it.method.clone());
    match simulator::send_money(&app, brand, method.as_deref(), amount, lost).await {
        Ok(message) => {
            page.result = Some(SimulatedResult {
                outcome,
                sender: message.sender,
                sms: (!lost).then_some(message.body),
                reference: Some(message.reference),
            });
            html(StatusCode::OK, page.html())
        }
        Err(SimulateError::NoAccount | SimulateError::NotHere(_) | SimulateError::Site(_)) => {
            page.error = Some(payer.language.text("message-method-unavailable"));
            html(StatusCode::UNPROCESSABLE_ENTITY, page.html())
        }
        Err(SimulateError::Gateway(error)) => failed(&error, payer),
    }
}
