//! What the network's answer makes of an operation and of its payment, whenever it comes and however often.

use torana_dialects::CardError;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};
use torana_domain::card::{Approval, Contradiction, Refusal};
use torana_domain::payment::Command;
use torana_domain::receipt::{Confidence, Receipt, ReceiptState};
use torana_domain::{BrandId, Timestamp};
use torana_rails::card::network::{NoAnswer, Outcome};
use torana_store::{Hints, Lane, StoreError, Tx};

use super::authenticate::why;
use super::authorise::ends_payment;
use super::{CardsError, key_of};
use crate::app::App;
use crate::brands::Brand;

/// How long after a question that nobody answered the network is asked what became of it. Longer than an answer may take.
pub(super) const ASK_AFTER_MS: i64 = 40 * 1000;
/// The same where it said itself that it does not know yet.
const ASK_SOON_MS: i64 = 5 * 1000;

/// Writes an answer and returns the operation as it then is.
pub(super) async fn conclude(
    app: &App,
    brand: &Brand,
    number: u64,
    answer: Result<Outcome, NoAnswer>,
) -> Result<CardOperation, CardsError> {
    let is_unreached = matches!(answer, Err(NoAnswer::NotReached));
    match &answer {
        Ok(Outcome::Lost) => {
            let code = NoAnswer::Lost.code();
            tracing::warn!(code, brand = %brand.id(), "a card network did not answer");
        }
        Err(error) => {
            tracing::warn!(code = error.code(), brand = %brand.id(), "a card network did not answer");
        }
        Ok(Outcome::Unknown { response, .. }) => {
            tracing::warn!(code = response.as_str(), brand = %brand.id(), "a card network does not know");
        }
        Ok(Outcome::Approved(_) | Outcome::Declined { .. }) => {}
    }
    let operation = write(app, brand, number, answer).await?;
    if is_unreached {
        return Err(CardError::NotReached.into());
    }
    Ok(operation)
}

/// [`conclude`] without a word about it.
pub(super) async fn write(
    app: &App,
    brand: &Brand,
    number: u64,
    answer: Result<Outcome, NoAnswer>,
) -> Result<CardOperation, CardsError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let told = answer.clone();
    let write = move |tx: &mut Tx<'_>| written(tx, brand_id, number, &answer, now);
    let operation = match app.store.write(Lane::Brand(brand_id), write).await {
        Err(StoreError::Refused(refusal)) => {
            // The payment has moved on by another way. What the network did is a fact all the same.
            tracing::error!(code = refusal.code(), brand = %brand_id, "what became of a card operation does not fit its payment");
            let alone = move |tx: &mut Tx<'_>| {
                written_alone(tx, brand_id, number, &told, refusal.code(), now)
            };
            app.store.write(Lane::Brand(brand_id), alone).await?
        }
        other => other?,
    };
    app.callbacks_due.notify_one();
    metrics::counter!("torana_card_operations_total",
        "kind" => operation.kind.code(), "state" => operation.state.code())
    .increment(1);
    Ok(operation)
}

/// In the transaction. What is known already stays as it is.
fn written(
    tx: &mut Tx<'_>,
    brand: BrandId,
    number: u64,
    answer: &Result<Outcome, NoAnswer>,
    now: Timestamp,
) -> Result<CardOperation, StoreError> {
    let asked = tx.card_operation(brand, number)?;
    let mut operation = asked.ok_or(StoreError::NotFound("card operation"))?;
    if operation.state != OperationState::Unknown {
        return Ok(operation);
    }
    let ask_at = note(&mut operation, answer, now);
    tx.update_card_operation(&operation, ask_at)?;
    match operation.state {
        OperationState::Approved => approved(tx, &operation, now)?,
        OperationState::Declined => declined(tx, &operation, now)?,
        _ => {}
    }
    Ok(operation)
}

/// The operation without its payment: a person has to see to that.
fn written_alone(
    tx: &mut Tx<'_>,
    brand: BrandId,
    number: u64,
    answer: &Result<Outcome, NoAnswer>,
    why: &str,
    now: Timestamp,
) -> Result<CardOperation, StoreError> {
    let asked = tx.card_operation(brand, number)?;
    let mut operation = asked.ok_or(StoreError::NotFound("card operation"))?;
    if operation.state != OperationState::Unknown {
        return Ok(operation);
    }
    let ask_at = note(&mut operation, answer, now);
    operation.detail.doubt = Some(format!("the payment did not follow: {why}"));
    tx.update_card_operation(&operation, ask_at)?;
    Ok(operation)
}

/// What an answer makes of an operation itself; when to ask after it, if that is still to be done.
fn note(
    operation: &mut CardOperation,
    answer: &Result<Outcome, NoAnswer>,
    now: Timestamp,
) -> Option<Timestamp> {
    operation.changed_at = now;
    let detail = &mut operation.detail;
    match answer {
        Ok(Outcome::Approved(approval)) => {
            operation.state = OperationState::Approved;
            (detail.approval, detail.doubt) = (Some(approval.clone()), None);
            None
        }
        Ok(Outcome::Declined { transaction, refusal }) => {
            operation.state = OperationState::Declined;
            detail.transaction.clone_from(transaction);
            (detail.refusal, detail.doubt) = (Some(refusal.clone()), None);
            None
        }
        Err(NoAnswer::NotReached) => {
            operation.state = OperationState::Declined;
            detail.doubt = Some(NoAnswer::NotReached.code().to_owned());
            None
        }
        Ok(Outcome::Unknown { transaction, response }) => {
            if transaction.is_some() {
                detail.transaction.clone_from(transaction);
            }
            detail.doubt = Some(format!("{response}: {}", response.meaning()));
            Some(now.plus_ms(ASK_SOON_MS))
        }
        Ok(Outcome::Lost) | Err(NoAnswer::Lost) => {
            detail.doubt = Some(NoAnswer::Lost.code().to_owned());
            Some(now.plus_ms(ASK_SOON_MS))
        }
    }
}

fn approved(tx: &mut Tx<'_>, operation: &CardOperation, now: Timestamp) -> Result<(), StoreError> {
    let Some(approval) = &operation.detail.approval else { return Ok(()) };
    let (brand, number) = (operation.payment.brand, operation.payment.number);
    match operation.kind {
        OperationKind::Sale | OperationKind::Capture => {
            let receipt = receipt(operation, approval, now);
            let hints = Hints { names: Some(number), by_amount: false };
            tx.record_receipt(brand, &receipt, hints, now)?;
        }
        OperationKind::Preauthorisation => {
            tx.decide(brand, number, Command::Reserve { key: key_of(operation) }, now)?;
        }
        OperationKind::Refund | OperationKind::Void => match operation.detail.refund {
            Some(refund) => {
                let reference = approval.reference_number.clone();
                let sent = Command::CompleteRefund {
                    number: refund,
                    reference: reference.into(),
                    cost: None,
                };
                tx.decide(brand, number, sent, now)?;
            }
            None => drop(tx.decide(brand, number, Command::Release, now)?),
        },
        OperationKind::Authentication => {}
    }
    Ok(())
}

/// The acquirer has the money. The payer is known by what may be shown of the card.
fn receipt(operation: &CardOperation, approval: &Approval, now: Timestamp) -> Receipt {
    let card = &operation.card;
    let shown = format!("{}******{}", card.bin, card.last4);
    Receipt {
        key: key_of(operation),
        account: operation.account,
        amount: approval.amount,
        payer: Some(shown.clone()),
        refund_to: Some(shown),
        at: now,
        heard_at: now,
        confidence: Confidence::High,
        warnings: vec![],
        state: ReceiptState::Open { problem: None, suggested: None },
    }
}

fn declined(tx: &mut Tx<'_>, operation: &CardOperation, now: Timestamp) -> Result<(), StoreError> {
    let (brand, number) = (operation.payment.brand, operation.payment.number);
    let reason = why(operation);
    match operation.kind {
        OperationKind::Sale | OperationKind::Preauthorisation => {
            let is_final = ends_payment(tx, operation)?;
            let refuse =
                Command::Refuse { key: key_of(operation), reason: reason.into(), is_final };
            tx.decide(brand, number, refuse, now)?;
        }
        OperationKind::Refund | OperationKind::Void => {
            if let Some(refund) = operation.detail.refund {
                let failed = Command::FailRefund { number: refund, reason: reason.into() };
                tx.decide(brand, number, failed, now)?;
            }
        }
        OperationKind::Capture | OperationKind::Authentication => {}
    }
    Ok(())
}

/// What became of something of which the network never heard.
pub(super) fn never_arrived() -> Outcome {
    Outcome::Declined {
        transaction: None,
        refusal: Refusal::Rule(Contradiction::NoSuchTransaction),
    }
}

/// Whether another operation of the payment is open, so that nothing may follow yet.
pub(super) fn is_busy(tx: &Tx<'_>, operation: &CardOperation) -> Result<bool, StoreError> {
    let (brand, number) = (operation.payment.brand, operation.payment.number);
    let operations = tx.card_operations(brand, number)?;
    Ok(operations.iter().any(|it| it.state == OperationState::Unknown))
}
