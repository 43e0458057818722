//! What ePay.bg says became of an invoice.

use torana_domain::AccountId;
use torana_domain::payment::{Command, Refusal};
use torana_domain::receipt::{Confidence, Receipt, ReceiptKey, ReceiptState};
use torana_rails::epay::{Answer, Line, Status};
use torana_store::{Hints, Lane, Remembered, StoreError, Tx};

use super::GatewayError;
use crate::app::App;
use crate::brands::Brand;
use crate::rails::{self, EPAY};

/// Carries out one line of a notification. The first answer to a line is repeated whenever the line comes again.
pub async fn epay_notice(
    app: &App,
    brand: &Brand,
    account: AccountId,
    line: &Line,
) -> Result<Answer, GatewayError> {
    let Some(number) = rails::epay::payment_of(&line.invoice) else { return Ok(Answer::No) };
    let Some(payment) = app.store.payment(brand.id(), number).await? else {
        return Ok(Answer::No);
    };
    let (brand_id, now, line) = (brand.id(), brand.now(), line.clone());
    let word = match &line.status {
        Status::Paid(_) => "paid",
        Status::Denied => "denied",
        Status::Expired => "expired",
    };
    let key = format!("{account}/{}/{word}", line.invoice);
    let write = move |tx: &mut Tx<'_>| {
        let hash = [0; 32];
        if let Remembered::Repeat(_) = tx.remember(brand_id, EPAY, &key, &hash, b"OK", now)? {
            return Ok(());
        }
        match &line.status {
            Status::Paid(details) => {
                // It says that all was paid that was asked for.
                let receipt = Receipt {
                    key: ReceiptKey::new(EPAY, &line.invoice),
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
                let over = now.max(payment.order.expires_at);
                lose(tx.decide(brand_id, number, Command::Expire, over))?;
            }
        }
        Ok(())
    };
    app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    Ok(Answer::Ok)
}

/// A payment that was paid or lost meanwhile stays what it is.
fn lose<T>(decided: Result<T, StoreError>) -> Result<(), StoreError> {
    match decided {
        Ok(_) | Err(StoreError::Refused(Refusal::WrongState(_))) => Ok(()),
        Err(error) => Err(error),
    }
}
