//! Payers who pay by card on our own pages: the fields, the one-time code, the issuer's page and the way back, then the
//! sale. So every API is paid by card, also those that know nothing of cards.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use torana_dialects::cards::{CardProof, PayerBrowser};
use torana_dialects::{CardError, Dialect};
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState, Step};
use torana_domain::card::{
    Advice, AuthenticationEnd, Card, Expiry, Flow, Means, OneTimeCode, Pan, Refusal, otp,
};
use torana_domain::payment::{Payment, PaymentState};
use torana_domain::receipt::ascii_digit;

use super::actions::origin;
use super::{Linked, Payer, failed, html, view};
use crate::app::App;
use crate::brands::Brand;
use crate::gateway::cards::{self, Begin, CardsError, Proving, Subject, Take};
use crate::http::headers::{form_policy, unframed_policy};
use crate::http::rate::Client;
use crate::pages::{
    CardCodePage, CardFieldError, CardNotice, CardPage, CardRedirectPage, CodeNotice, Page as _,
};
use crate::rails::CARD;

/// What a form says, wiped when it is dropped.
struct Form(Vec<(String, zeroize::Zeroizing<String>)>);

impl Form {
    fn read(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body);
        // Digits of Bengali and Devanagari keyboards are digits too.
        let plain = |value: &str| value.chars().map(ascii_digit).collect::<String>();
        Self(pairs.map(|(name, value)| (name.into_owned(), plain(&value).into())).collect())
    }

    fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

fn to_page(payment: &Payment) -> Response {
    Redirect::to(&format!("/checkout/{}", payment.id)).into_response()
}

fn to_fields(payment: &Payment, notice: CardNotice) -> Response {
    let url = format!("/checkout/{}/card?code={}", payment.id, notice.code());
    Redirect::to(&url).into_response()
}

fn to_code(payment: &Payment, notice: CodeNotice) -> Response {
    let url = format!("/checkout/{}/card/code?code={}", payment.id, notice.code());
    Redirect::to(&url).into_response()
}

/// Cards and codes are typed on a page that nobody can cover.
fn unframed(mut response: Response) -> Response {
    if let Some(policy) = unframed_policy() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Whether our own pages may take cards for it: what an API of cards began, its merchant ends.
fn is_ours(payment: &Payment) -> bool {
    !torana_dialects::by_slug(&payment.order.dialect).is_some_and(Dialect::takes_cards)
}

fn is_open(payment: &Payment) -> bool {
    is_ours(payment) && matches!(payment.state, PaymentState::Created | PaymentState::Pending)
}

/// `GET /checkout/{id}/card`: the fields.
pub(super) async fn fields(Linked { brand, payment, payer }: Linked) -> Response {
    if !is_open(&payment) || brand.card_account(payment.order.due).is_none() {
        return to_page(&payment);
    }
    let notice = payer.code.as_deref().and_then(CardNotice::from_code);
    unframed(html(StatusCode::OK, fields_page(&brand, &payment, &payer, vec![], notice).html()))
}

fn fields_page(
    brand: &Brand,
    payment: &Payment,
    payer: &Payer,
    errors: Vec<CardFieldError>,
    notice: Option<CardNotice>,
) -> CardPage {
    CardPage {
        language: payer.language,
        brand: view::shop(brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        money: view::money(payment),
        invoice: view::invoice(payment),
        item: view::item(payment),
        expires_at_ms: payment.order.expires_at.as_ms(),
        now_ms: brand.now().as_ms(),
        method: CARD.to_owned(),
        networks: vec![torana_domain::card::CardBrand::RuPay.title()],
        has_others: view::methods(brand, payment).len() > 1,
        errors,
        notice,
    }
}

/// What a payer typed, or all that is wrong with it.
fn card_of(form: &Form, brand: &Brand) -> Result<Card, Vec<CardFieldError>> {
    let mut errors = vec![];
    let mut keep = |error| errors.push(error);
    let pan = match form.field("number") {
        "" => Err(CardFieldError::NumberMissing),
        typed => Pan::typed(typed).map_err(|_| CardFieldError::NumberWrong),
    };
    let pan = pan.map_err(&mut keep).ok();
    let expiry = match form.field("expiry") {
        "" => Err(CardFieldError::ExpiryMissing),
        typed => Expiry::typed(typed).map_err(|_| CardFieldError::ExpiryWrong),
    };
    let expiry = expiry.and_then(|expiry| match expiry.is_over(brand.now()) {
        true => Err(CardFieldError::ExpiryOver),
        false => Ok(expiry),
    });
    let expiry = expiry.map_err(&mut keep).ok();
    let code = match form.field("security_code") {
        "" => Err(CardFieldError::CodeMissing),
        typed => typed.parse().map_err(|_| CardFieldError::CodeWrong),
    };
    let code = code.map_err(&mut keep).ok();
    match (pan, expiry, code) {
        (Some(pan), Some(expiry), Some(code)) => {
            let holder = Some(form.field("name").to_owned()).filter(|name| !name.is_empty());
            Ok(Card { pan, expiry, security_code: Some(code), holder })
        }
        _ => Err(errors),
    }
}

fn browser(client: Client, headers: &HeaderMap) -> PayerBrowser {
    let text = |name| {
        let value = headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        value.filter(|text| !text.is_empty()).unwrap_or("*").to_owned()
    };
    let from = origin(client, headers);
    PayerBrowser {
        accept: text(header::ACCEPT),
        ip: from.ip,
        language: text(header::ACCEPT_LANGUAGE).chars().take(8).collect(),
        // A network that wants all of it is told something by a browser that hides it.
        user_agent: match from.user_agent.is_empty() {
            true => "unknown".to_owned(),
            false => from.user_agent,
        },
    }
}

/// `POST /checkout/{id}/card` `number`, `expiry`, `security_code`, `name`: the payer wants to pay with it.
pub(super) async fn begin(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Linked { brand, payment, payer }: Linked,
    body: Bytes,
) -> Response {
    if !is_open(&payment) {
        return to_page(&payment);
    }
    if app.rates.check_confirmation(payment.id).is_err() {
        return to_fields(&payment, CardNotice::TooManyTries);
    }
    let again = |errors: Vec<CardFieldError>| {
        let page = fields_page(&brand, &payment, &payer, errors, None);
        unframed(html(StatusCode::UNPROCESSABLE_ENTITY, page.html()))
    };
    let card = match card_of(&Form::read(&body), &brand) {
        Ok(card) => card,
        Err(errors) => return again(errors),
    };
    let begin = Begin {
        subject: Subject::Existing(payment.id.number),
        order: payment.id.to_string(),
        amount: payment.order.due,
        means: Means::Card(card),
        named_brand: None,
        return_url: Some(format!("{}/checkout/{}", app.public_url, payment.id)),
        browser: browser(client, &headers),
        merchant_name: None,
        note: None,
        request: None,
    };
    let operation = match cards::begin(&app, &brand, begin).await {
        Ok(operation) => operation,
        Err(CardsError::Card(CardError::BrandNotSupported)) => {
            return again(vec![CardFieldError::NumberNotTaken]);
        }
        Err(CardsError::Card(CardError::CardExpired)) => {
            return again(vec![CardFieldError::ExpiryOver]);
        }
        Err(error) => return refused(&error, &payment, &payer),
    };
    match (operation.state, operation.detail.flow, &operation.detail.page) {
        (OperationState::Waiting, Some(Flow::Redirect), Some(page)) => {
            to_issuer(&brand, &payment, &payer, &operation, page)
        }
        (OperationState::Waiting, ..) => to_code(&payment, CodeNotice::Sent),
        _ => to_fields(&payment, notice_of(&operation)),
    }
}

fn to_issuer(
    brand: &Brand,
    payment: &Payment,
    payer: &Payer,
    operation: &CardOperation,
    action: &str,
) -> Response {
    let page = CardRedirectPage {
        language: payer.language,
        brand: view::shop(brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        total: view::with_symbol(operation.amount),
        last4: operation.card.last4.clone(),
        action: action.to_owned(),
        fields: vec![],
        otherwise: format!("/checkout/{}/card", payment.id),
    };
    let mut response = html(StatusCode::OK, page.html());
    if let Some(policy) = form_policy(action) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What to tell a payer whose card was not taken.
fn notice_of(operation: &CardOperation) -> CardNotice {
    let detail = &operation.detail;
    match (&detail.refusal, detail.end) {
        (Some(Refusal::Network(response)), _) => CardNotice::Declined(response.advice()),
        (Some(_), _) => CardNotice::Declined(Advice::None),
        (None, Some(AuthenticationEnd::Expired)) => CardNotice::Expired,
        (None, Some(_)) => CardNotice::AuthenticationFailed,
        (None, None) => CardNotice::NotReached,
    }
}

fn refused(error: &CardsError, payment: &Payment, payer: &Payer) -> Response {
    match error {
        CardsError::Card(CardError::NotReached) => to_fields(payment, CardNotice::NotReached),
        CardsError::Card(CardError::CardRests) => to_fields(payment, CardNotice::CardRests),
        CardsError::Card(CardError::Busy) => to_fields(payment, CardNotice::Busy),
        CardsError::Card(_) => to_page(payment),
        CardsError::Gateway(crate::gateway::GatewayError::Refused(_)) => to_page(payment),
        CardsError::Gateway(error) => failed(error, payer),
    }
}

/// The payer's last authentication of a payment.
fn last(app: &App, payment: &Payment) -> Option<CardOperation> {
    if !is_ours(payment) {
        return None;
    }
    let all = app.store.read(|reader| reader.card_operations(payment.id.brand, payment.id.number));
    let all = all.ok()?;
    all.into_iter().rev().find(|it| it.kind == OperationKind::Authentication)
}

/// `GET /checkout/{id}/card/code`: the payer is asked for the code.
pub(super) async fn code(
    State(app): State<App>,
    Linked { brand, payment, payer }: Linked,
) -> Response {
    let operation = last(&app, &payment)
        .filter(|it| it.state == OperationState::Waiting && it.detail.flow == Some(Flow::Seamless));
    let Some((operation, challenge)) =
        operation.and_then(|it| Some((it.clone(), it.detail.challenge?)))
    else {
        return to_page(&payment);
    };
    let page = CardCodePage {
        language: payer.language,
        brand: view::shop(&brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        total: view::with_symbol(operation.amount),
        last4: operation.card.last4.clone(),
        tries_left: Some(challenge.tries_left()),
        valid_minutes: challenge.valid_minutes(),
        resend_in_s: match challenge.may_resend(brand.now()) {
            Ok(()) => Some(0),
            Err(otp::Refusal::TooSoon { wait_s }) => Some(wait_s),
            Err(_) => None,
        },
        notice: payer.code.as_deref().and_then(CodeNotice::from_code),
    };
    unframed(html(StatusCode::OK, page.html()))
}

/// `POST /checkout/{id}/card/code` `code`: the payer typed it.
pub(super) async fn prove(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Linked { brand, payment, payer }: Linked,
    body: Bytes,
) -> Response {
    let Ok(code) = OneTimeCode::typed(Form::read(&body).field("code")) else {
        return to_code(&payment, CodeNotice::NotACode);
    };
    let proof = CardProof::Code(code);
    step(&app, (client, &headers), (&brand, &payment, &payer), proof).await
}

/// `POST /checkout/{id}/card/resend`: the payer wants another.
pub(super) async fn resend(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Linked { brand, payment, payer }: Linked,
) -> Response {
    step(&app, (client, &headers), (&brand, &payment, &payer), CardProof::Resend).await
}

async fn step(
    app: &App,
    (client, headers): (Client, &HeaderMap),
    (brand, payment, payer): (&Brand, &Payment, &Payer),
    proof: CardProof,
) -> Response {
    if app.rates.check_confirmation(payment.id).is_err() {
        return to_fields(payment, CardNotice::TooManyTries);
    }
    let Some(operation) = last(app, payment) else { return to_page(payment) };
    let proving = Proving { number: operation.number, order: None, card: None, proof, key: None };
    let operation = match cards::prove(app, brand, proving).await {
        Ok(operation) => operation,
        Err(error) => return refused(&error, payment, payer),
    };
    match operation.state {
        OperationState::Passed => {
            pay(app, (client, headers), (brand, payment, payer), &operation).await
        }
        OperationState::Waiting => to_code(
            payment,
            match operation.detail.step {
                Some(Step::WrongCode { .. }) => CodeNotice::Wrong,
                Some(Step::CodeExpired) => CodeNotice::CodeExpired,
                Some(Step::NotResent(otp::Refusal::TooSoon { .. })) => CodeNotice::NotResentTooSoon,
                Some(Step::NotResent(_)) => CodeNotice::NoMoreCodes,
                Some(Step::Lost) => CodeNotice::Lost,
                Some(Step::Sent | Step::Verified) | None => CodeNotice::SentAgain,
            },
        ),
        _ => to_fields(payment, notice_of(&operation)),
    }
}

/// The payer is the holder: the sale.
async fn pay(
    app: &App,
    (client, headers): (Client, &HeaderMap),
    (brand, payment, payer): (&Brand, &Payment, &Payer),
    authentication: &CardOperation,
) -> Response {
    let take = Take::sale(authentication, origin(client, headers));
    match cards::take(app, brand, take).await {
        Ok(sale) if sale.state == OperationState::Declined => to_fields(payment, notice_of(&sale)),
        Ok(_) => to_page(payment),
        Err(error) => refused(&error, payment, payer),
    }
}

/// `GET /checkout/{id}/card/continue`: the payer comes back from the issuer's page.
pub(super) async fn go_on(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Linked { brand, payment, payer }: Linked,
) -> Response {
    if app.rates.check_confirmation(payment.id).is_err() {
        return to_page(&payment);
    }
    let Some(operation) = last(&app, &payment) else { return to_page(&payment) };
    match operation.state {
        OperationState::Passed => {
            pay(&app, (client, &headers), (&brand, &payment, &payer), &operation).await
        }
        OperationState::Declined => to_fields(&payment, notice_of(&operation)),
        _ => to_page(&payment),
    }
}

/// `POST /checkout/{id}/card/abandon`: the payer wants to pay another way.
pub(super) async fn abandon(
    State(app): State<App>,
    Linked { brand, payment, payer }: Linked,
) -> Response {
    if let Some(operation) = last(&app, &payment)
        && let Err(CardsError::Gateway(error)) =
            cards::abandon(&app, &brand, operation.number).await
    {
        return failed(&error, &payer);
    }
    let choose = format!("/checkout/{}?code={}", payment.id, super::payer::CHOOSES);
    Redirect::to(&choose).into_response()
}
