//! Money back, as an API asks for it.

use torana_dialects::RefundPayment;
use torana_domain::money::AmountError;
use torana_domain::payment::{Command, Payment};
use torana_domain::{Currency, Money};
use torana_store::{Lane, Tx};

use super::GatewayError;
use super::cards::{self, CardsError};
use crate::app::App;
use crate::brands::Brand;
use crate::rails::CARD;

/// Promises money back; the payment as it then is. Who sends it is for the rail: on wallets a person.
pub async fn refund(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    call: &RefundPayment,
) -> Result<Payment, GatewayError> {
    let currency = payment.order.amount.currency();
    let named = call.currency.as_deref().map(|code| code.trim().parse::<Currency>());
    if named.is_some_and(|named| named != Ok(currency)) {
        return Err(AmountError::CurrencyMismatch.into());
    }
    let ask = Command::RequestRefund {
        amount: Money::parse(&call.amount, currency)?,
        reason: call.reason.clone().into(),
        reference: call.reference.clone().map(Into::into),
        unless_since: call.repeat_ms.map(|ms| brand.now().plus_ms(-ms)),
    };
    request_refund(app, brand, payment, ask).await
}

/// Carries out [`Command::RequestRefund`]; money that left a moment before may confirm it at once.
pub async fn request_refund(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    ask: Command<'static>,
) -> Result<Payment, GatewayError> {
    let (brand_id, number, now) = (brand.id(), payment.id.number, brand.now());
    let write = move |tx: &mut Tx<'_>| tx.request_refund(brand_id, number, ask.clone(), now);
    let decision = app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    let payment = decision.payment;
    if payment.paid.as_ref().is_none_or(|paid| paid.receipt.method != CARD) {
        return Ok(payment);
    }
    // A card's network sends it back by itself.
    match cards::carry_out_refunds(app, brand, number).await {
        Ok(payment) => Ok(payment),
        Err(CardsError::Gateway(error)) => Err(error),
        // It is promised: the next look at it carries it out.
        Err(CardsError::Card(error)) => {
            tracing::warn!(%error, brand = %brand_id, "a refund by card waits");
            Ok(payment)
        }
    }
}
