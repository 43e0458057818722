//! Test mode's ePay.bg: a second site that speaks the real one's protocol. It knows the client numbers of test brands
//! and their secrets, takes the same requests, and tells by real notifications over HTTP what became of them.

mod outcomes;

use std::sync::Arc;

use axum::http::header;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use torana_domain::Currency;
use torana_rails::epay::easypay::is_idn;
use torana_rails::epay::simulator as numbers;
use torana_rails::epay::{
    Answer, Client, Line, PaymentRequest, RequestError, Sealed, Status, open, parse_answers,
    seal_notification,
};
use torana_store::{AccountRow, Lane, Remembered, StoreError, Tx};

pub(super) use outcomes::{is_for, play};

use crate::app::App;
use crate::bounded::read_at_most;
use crate::brands::Brand;
use crate::rails::epay::Site;
use crate::rails::{self, EPAY};

/// Under which dialect's name EasyPay codes are kept.
const CODES: &str = "epay-simulator";
/// Longest answer to a notification that is read, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// Why the site does not do it.
#[derive(Debug, Error)]
pub enum SiteError {
    /// It is no request of a client number that it knows, or has a field that it does not take.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// The time of the invoice is over.
    #[error("the time of the invoice is over")]
    Over,
    /// It gave no such code.
    #[error("no such code")]
    NoCode,
    /// The merchant's server did not take the notification.
    #[error("the notification was not taken: {0}")]
    NotTaken(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A request whose checksum is right.
#[derive(Clone)]
pub struct Asked {
    /// Whose client number it is.
    pub brand: Arc<Brand>,
    /// The client number.
    pub account: AccountRow,
    /// What is asked for.
    pub request: PaymentRequest,
}

impl Asked {
    /// Whether it can be paid no more.
    pub fn is_over(&self) -> bool {
        self.brand.now() >= self.request.expires_at
    }
}

/// The accounts that are at this site.
fn accounts(brand: &Brand) -> impl Iterator<Item = &AccountRow> {
    let here = |it: &&AccountRow| it.rail == EPAY && Site::of(it) == Site::Simulator;
    brand.accounts.iter().filter(here)
}

/// Reads a request. The real site finds the secret by the client number in the request; here all are tried, so that
/// nothing is read before it is verified.
pub fn ask(app: &App, sealed: &Sealed) -> Result<Asked, SiteError> {
    let mut refused = RequestError::BadChecksum;
    for brand in app.brands.all().into_iter().filter(|brand| brand.is_test()) {
        for account in accounts(&brand) {
            let Some(secret) = brand.rail_secret(account.id) else { continue };
            match open(&sealed.encoded, &sealed.checksum, secret, Currency::EUR) {
                Ok(request) if request.client == Client::Min(account.number.clone()) => {
                    let account = account.clone();
                    return Ok(Asked { brand: Arc::clone(&brand), account, request });
                }
                Ok(_) => refused = RequestError::Invalid("MIN"),
                Err(RequestError::BadChecksum) => {}
                Err(error) => refused = error,
            }
        }
    }
    Err(refused.into())
}

/// Registers a request at EasyPay: the code for it, always the same.
pub async fn register(app: &App, sealed: &Sealed) -> Result<String, SiteError> {
    let asked = ask(app, sealed)?;
    if asked.is_over() {
        return Err(SiteError::Over);
    }
    let hash = Sha256::digest(format!("{}/{}", asked.account.number, asked.request.invoice));
    let random = hash.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let code = numbers::idn(random);
    let (brand, now, key) = (asked.brand.id(), asked.brand.now(), code.clone());
    let answer = format!("{}\n{}", sealed.encoded, sealed.checksum);
    let write = move |tx: &mut Tx<'_>| {
        let hash = Sha256::digest(&answer).into();
        tx.remember(brand, CODES, &key, &hash, answer.as_bytes(), now)
    };
    match app.store.write(Lane::Brand(brand), write).await? {
        Remembered::New | Remembered::Repeat(_) => Ok(code),
        // Two invoices of one number: what the real site says is not known.
        Remembered::Conflict => Err(RequestError::Invalid("INVOICE").into()),
    }
}

/// The request of which an EasyPay code is.
pub fn request_of_code(app: &App, code: &str) -> Result<Sealed, SiteError> {
    if !is_idn(code) {
        return Err(SiteError::NoCode);
    }
    for brand in app.brands.all().into_iter().filter(|brand| brand.is_test()) {
        let known = app.store.read(|reader| reader.idempotency(brand.id(), CODES, code))?;
        let text = known.and_then(|known| String::from_utf8(known.answer).ok());
        if let Some((encoded, checksum)) = text.as_deref().and_then(|text| text.split_once('\n')) {
            let (encoded, checksum) = (encoded.to_owned(), checksum.to_owned());
            return Ok(Sealed { encoded, checksum });
        }
    }
    Err(SiteError::NoCode)
}

/// Somebody pays an EasyPay code at a desk.
pub async fn pay_code(app: &App, code: &str) -> Result<(), SiteError> {
    let asked = ask(app, &request_of_code(app, code)?)?;
    if asked.is_over() {
        return Err(SiteError::Over);
    }
    let status = numbers::paid_in_cash(asked.brand.now(), app.random());
    tell(app, &asked, status).await
}

/// Tells the merchant's server what became of an invoice, and reads its answer.
pub async fn tell(app: &App, asked: &Asked, status: Status) -> Result<(), SiteError> {
    let Asked { brand, account, request } = asked;
    let secret = brand.rail_secret(account.id).ok_or(RequestError::BadChecksum)?;
    let line = Line { invoice: request.invoice.clone(), status };
    let answer = post(app, brand, account, &seal_notification(&[line], secret)).await?;
    let answers = parse_answers(&answer).map_err(|error| SiteError::NotTaken(error.to_string()))?;
    let mut of_invoice = answers.iter().filter(|(invoice, _)| *invoice == request.invoice);
    match of_invoice.next() {
        Some((_, Answer::Ok)) => Ok(()),
        Some((_, other)) => Err(SiteError::NotTaken(other.word().to_owned())),
        None => Err(SiteError::NotTaken("no answer about the invoice".to_owned())),
    }
}

/// Posts a notification to where the merchant's profile would say.
async fn post(
    app: &App,
    brand: &Brand,
    account: &AccountRow,
    sealed: &Sealed,
) -> Result<String, SiteError> {
    let not_taken = |error: reqwest::Error| SiteError::NotTaken(error.without_url().to_string());
    // In lower case, as all known receivers read them.
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("encoded", &sealed.encoded)
        .append_pair("checksum", &sealed.checksum)
        .finish();
    let mut response = app
        .near
        .post(rails::epay::notification_url(&app.public_url, brand.id(), account.id))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .map_err(not_taken)?;
    let (body, _) = read_at_most(&mut response, ANSWER_BYTES).await.map_err(not_taken)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
