//! Money back, as an API asks for it.

use torana_dialects::RefundPayment;
use torana_domain::money::AmountError;
use torana_domain::payment::{Command, Payment};
use torana_domain::{Currency, Money};

use super::{GatewayError, command};
use crate::app::App;
use crate::brands::Brand;

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
    };
    command(app, brand, payment.id.number, ask).await
}
