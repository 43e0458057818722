//! Payers who pay at ePay.bg, and what ePay.bg says became of them.

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, Expirer, Origin, Payment, Refusal};
use torana_domain::receipt::{Confidence, Receipt, ReceiptKey, ReceiptState};
use torana_domain::{AccountId, BrandId, Timestamp};
use torana_rails::epay::easypay::{EasyPayError, read_answer, register_url};
use torana_rails::epay::{Answer, Line, Sealed, Status};
use torana_store::{AccountRow, Hints, Lane, MessageRow, Remembered, StoreError, Tx};

use super::GatewayError;
use crate::app::App;
use crate::bounded::read_at_most;
use crate::brands::Brand;
use crate::rails::epay::{Site, Unfit, Way, invoice, payment_of, request};
use crate::rails::{self, EPAY};
use crate::secrets::hex;

/// Longest answer of EasyPay that is read, in bytes.
const ANSWER_BYTES: usize = 8 * 1024;

/// Why a payer cannot be sent there. Nothing was changed.
#[derive(Debug, Error)]
pub enum EpayError {
    /// It cannot be asked for there.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// EasyPay does not take it, in its own words.
    #[error(transparent)]
    EasyPay(#[from] EasyPayError),
    /// EasyPay cannot be reached: whether it has the invoice is not known, and asking again is harmless.
    #[error("EasyPay cannot be reached")]
    Unreachable,
    /// As for every other request.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

/// The reference under which a payment is paid there. An invoice is one for each client number: who pays at two has paid
/// twice, and the second money must be seen too.
fn key_of(account: AccountId, number: PaymentNumber) -> ReceiptKey {
    ReceiptKey::new(EPAY, &format!("{}-{account}", invoice(number)))
}

/// Under which name an EasyPay code is kept.
fn code_key(account: AccountId, number: PaymentNumber) -> String {
    format!("{account}/{}/code", invoice(number))
}

/// The EasyPay code that the payer of a payment was given, if one was.
pub fn epay_code(app: &App, payment: &Payment, account: AccountId) -> Option<String> {
    let key = code_key(account, payment.id.number);
    let known = app.store.read(|reader| reader.idempotency(payment.id.brand, EPAY, &key));
    let answer = known.ok().flatten()?.answer;
    String::from_utf8(answer).ok()
}

/// The payer goes to ePay.bg: what is to be taken there. For cash, EasyPay is asked for a code, which is kept.
pub async fn go_to_epay(
    app: &App,
    brand: &Brand,
    account: &AccountRow,
    payment: &Payment,
    way: Way,
    origin: Option<Origin>,
) -> Result<Sealed, EpayError> {
    let sealed = request(brand, account, payment)?;
    let is_new_code = way == Way::Cash && epay_code(app, payment, account.id).is_none();
    let code = match is_new_code {
        true => Some(ask_for_code(app, account, &sealed).await?),
        false => None,
    };
    let (brand_id, number, now) = (brand.id(), payment.id.number, brand.now());
    let (account_id, key) = (account.id, code_key(account.id, payment.id.number));
    let write = move |tx: &mut Tx<'_>| {
        let own = key_of(account_id, number);
        let claimed = tx.claim(brand_id, number, account_id, &own, origin.clone(), now)?;
        if !claimed.payment.state.is_open() {
            // It was paid or lost while EasyPay was asked.
            return Err(Refusal::WrongState(claimed.payment.state).into());
        }
        if let Some(code) = &code {
            // Of two who ask at once the first is right: EasyPay has one code for an invoice.
            tx.remember(brand_id, EPAY, &key, &[0; 32], code.as_bytes(), now)?;
        }
        Ok(())
    };
    app.store.write(Lane::Brand(brand_id), write).await.map_err(GatewayError::from)?;
    app.callbacks_due.notify_one();
    Ok(sealed)
}

async fn ask_for_code(
    app: &App,
    account: &AccountRow,
    sealed: &Sealed,
) -> Result<String, EpayError> {
    let site = Site::of(account);
    let client = match site {
        Site::Live | Site::Demo => &app.far,
        Site::Simulator => &app.near,
    };
    let unreachable = |error: reqwest::Error| {
        tracing::warn!(error = %error.without_url(), "EasyPay cannot be reached");
        EpayError::Unreachable
    };
    let url = register_url(&site.base(&app.public_url), sealed);
    // Refusals come with any status.
    let mut response = client.get(url).send().await.map_err(unreachable)?;
    // One that is longer is refused by its reader.
    let (body, _) = read_at_most(&mut response, ANSWER_BYTES).await.map_err(unreachable)?;
    Ok(read_answer(&body)?)
}

/// Carries out one line of a notification. The first answer to a line is repeated whenever the line comes again.
pub async fn epay_notice(
    app: &App,
    brand: &Brand,
    account: &AccountRow,
    line: &Line,
) -> Result<Answer, GatewayError> {
    let number = payment_of(&line.invoice);
    let found = match number {
        Some(number) => app.store.payment(brand.id(), number).await?,
        None => None,
    };
    let found = found.filter(|it| rails::takes_currency(account, it.order.due));
    let (Some(number), Some(payment)) = (number, found) else {
        if let Status::Paid(_) = line.status {
            // It is not told again, and is real money where the invoice was lost with a database.
            tracing::error!(brand = %brand.id(), account = %account.id, "ePay.bg was paid for an invoice that is not known");
            keep_for_a_person(app, brand, account.id, &line.to_string(), "unknown_invoice").await?;
        }
        return Ok(Answer::No);
    };
    let (brand_id, now, line, account) = (brand.id(), brand.now(), line.clone(), account.id);
    let word = match &line.status {
        Status::Paid(_) => "paid",
        Status::Denied => "denied",
        Status::Expired => "expired",
    };
    let invoice = invoice(number);
    let key = format!("{account}/{invoice}/{word}");
    let write = move |tx: &mut Tx<'_>| {
        if let Remembered::Repeat(_) = tx.remember(brand_id, EPAY, &key, &[0; 32], b"OK", now)? {
            return Ok(());
        }
        let is_paid = matches!(line.status, Status::Paid(_));
        tx.insert_message(&MessageRow {
            reading: if is_paid { "receipt" } else { "not_money" }.to_owned(),
            receipt: is_paid.then(|| key_of(account, number)),
            ..message(brand_id, &line.to_string(), now)
        })?;
        match &line.status {
            Status::Paid(details) => {
                // It says that all was paid that was asked for.
                let receipt = Receipt {
                    key: key_of(account, number),
                    account,
                    amount: payment.order.due,
                    payer: None,
                    refund_to: None,
                    at: details.as_ref().map_or(now, |details| details.pay_time),
                    heard_at: now,
                    confidence: Confidence::High,
                    warnings: vec![],
                    state: ReceiptState::Open { problem: None, suggested: None },
                };
                let hints = Hints { names: Some(number), by_amount: false };
                tx.record_receipt(brand_id, &receipt, hints, now)?;
            }
            Status::Denied => {
                let reason = "denied at ePay.bg".into();
                lose(tx.decide(brand_id, number, Command::Decline { reason }, now))?;
            }
            Status::Expired => {
                let expire = Command::Expire { by: Expirer::FarEnd };
                lose(tx.decide(brand_id, number, expire, now))?;
            }
        }
        Ok(())
    };
    app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    Ok(Answer::Ok)
}

/// Keeps a line that could not be carried out among the brand's messages, where a person finds it; once, however often it
/// comes.
pub async fn keep_for_a_person(
    app: &App,
    brand: &Brand,
    account: AccountId,
    line: &str,
    why: &'static str,
) -> Result<(), GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let hash: [u8; 32] = Sha256::digest(line).into();
    let key = format!("{account}/line/{}", hex(&hash));
    let row = MessageRow { why: Some(why.to_owned()), ..message(brand_id, line, now) };
    let write = move |tx: &mut Tx<'_>| {
        if tx.remember(brand_id, EPAY, &key, &hash, b"", now)? == Remembered::New {
            tx.insert_message(&row)?;
        }
        Ok(())
    };
    Ok(app.store.write(Lane::Brand(brand_id), write).await?)
}

/// A line as the store keeps messages, with the trace numbers that the merchant finds in ePay.bg's own list.
fn message(brand: BrandId, line: &str, now: Timestamp) -> MessageRow {
    MessageRow {
        brand,
        id: 0,
        device: None,
        seq: None,
        sender: "ePay.bg".to_owned(),
        body: line.to_owned(),
        heard_at: now,
        received_at: now,
        reading: "unread".to_owned(),
        why: None,
        method: Some(EPAY.to_owned()),
        balance_minor: None,
        receipt: None,
        resolved: false,
    }
}

/// A payment that was paid or lost meanwhile stays what it is.
fn lose<T>(decided: Result<T, StoreError>) -> Result<(), StoreError> {
    match decided {
        Ok(_) | Err(StoreError::Refused(Refusal::WrongState(_))) => Ok(()),
        Err(error) => Err(error),
    }
}
