//! Payouts, as an API asks for them, and what is looked up whether it is a payment or a payout.

use torana_dialects::{Candidate, CreatePayout, Dialect};
use torana_domain::payment::{Payment, Refusal};
use torana_domain::payout::{Payout, PayoutOrder};
use torana_domain::{BrandId, PaymentId};
use torana_store::{IdempotencyKey, Lane, Reader, StoreError, Tx};

use super::{GatewayError, ID_DRAWS, Named, draw_id, find, named, named_request};
use crate::app::App;
use crate::brands::{Brand, seal_purpose};

/// For what the secret part of a payout's beneficiary is sealed.
const PAYOUT: &str = "payout";

/// The purpose for which a payout's secret is sealed.
pub fn secret_purpose(id: PaymentId) -> String {
    format!("{}/{}", seal_purpose(id.brand, PAYOUT), id.number.as_i64())
}

/// Promises a payout: from now on somebody has to send it.
pub async fn payout(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: &CreatePayout,
) -> Result<Payout, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let order = PayoutOrder {
        dialect: dialect.slug().to_owned(),
        method: call.method.clone(),
        amount: call.amount,
        beneficiary: call.beneficiary.clone(),
        customer: call.customer.clone(),
        callback: call.callback.clone(),
        metadata: call.metadata.clone(),
        dialect_note: call.dialect_note.clone(),
    };
    let key = idempotency_key(app, dialect, call, &order)?;
    // What was booked until now is added up beside other requests; the rest, in turn.
    let known = app.store.read(|reader| reader.earnings(brand_id, call.amount.currency()))?;
    for draw in 0..ID_DRAWS {
        let Some(id) = draw_id(app, brand, dialect, now.plus_ms(draw)).await? else { continue };
        let sealed = match &call.secret {
            Some(secret) => {
                let sealed = app.vault.seal(&secret_purpose(id), secret.as_bytes());
                Some(sealed.map_err(|_| StoreError::Internal)?)
            }
            None => None,
        };
        let (key, order) = (key.clone(), order.clone());
        let write = move |tx: &mut Tx<'_>| {
            if let Some(key) = &key
                && let Some(known) = tx.name_request(key, id, now)?
            {
                return tx.payout_by_id(known)?.ok_or(StoreError::NotFound("payout"));
            }
            let made = tx.request_payout(id, &order, sealed.as_deref(), &known, now)?;
            Ok(made.payout)
        };
        match app.store.write(Lane::Brand(brand_id), write).await {
            Err(StoreError::Conflict) => {}
            Err(StoreError::Refused(refusal @ Refusal::InsufficientBalance { .. })) => {
                let keep = move |tx: &mut Tx<'_>| tx.keep_earnings(&known);
                app.store.write(Lane::Brand(brand_id), keep).await?;
                return Err(refusal.into());
            }
            other => {
                app.callbacks_due.notify_one();
                return Ok(other?);
            }
        }
    }
    Err(StoreError::Conflict.into())
}

/// A card's number is asked for too, but only a keyed hash of it is kept: a plain one would tell the number.
fn idempotency_key(
    app: &App,
    dialect: &dyn Dialect,
    call: &CreatePayout,
    order: &PayoutOrder,
) -> Result<Option<IdempotencyKey>, GatewayError> {
    let secret = call.secret.as_deref().map(|secret| app.vault.lookup(PAYOUT, secret));
    let asked = (order, secret);
    call.key.as_ref().map(|key| named_request(dialect, key, &asked)).transpose()
}

/// A payment or a payout.
#[derive(Clone, Debug)]
pub enum Transaction {
    /// Money that comes in.
    Payment(Box<Payment>),
    /// Money that goes out.
    Payout(Box<Payout>),
}

/// The first payment or payout that a text may mean in a dialect.
pub async fn find_transaction(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    candidates: &[Candidate],
) -> Result<Option<Transaction>, GatewayError> {
    let payment = find(app, brand, dialect, candidates).await?;
    if let Some(payment) = payment.filter(|it| it.order.dialect == dialect.slug()) {
        return Ok(Some(Transaction::Payment(Box::new(payment))));
    }
    let payout =
        app.store.read(|reader| find_payout(reader, brand.id(), dialect.slug(), candidates))?;
    Ok(payout.map(|payout| Transaction::Payout(Box::new(payout))))
}

/// The first payout of a dialect that a text may mean.
pub fn find_payout(
    reader: &Reader<'_>,
    brand: BrandId,
    dialect: &str,
    candidates: &[Candidate],
) -> Result<Option<Payout>, StoreError> {
    for candidate in candidates {
        let found = match candidate {
            Candidate::Within { first, last } => reader.only_payout_within(brand, *first, *last)?,
            other => match named(reader, brand, dialect, other)? {
                Some(Named::Number(number)) => reader.payout(brand, number)?,
                Some(Named::Id(id)) => reader.payout_by_id(id)?,
                None => None,
            },
        };
        if found.as_ref().is_some_and(|payout| payout.order.dialect == dialect) {
            return Ok(found);
        }
    }
    Ok(None)
}
