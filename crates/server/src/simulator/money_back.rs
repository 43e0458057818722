//! The merchant who sends money back, and the issuer who takes it.

use torana_domain::Money;
use torana_domain::chargeback::ChargebackState;
use torana_domain::payment::{Command, Payment, Refusal};
use torana_domain::refund::{Refund, RefundState};
use torana_rails::wallet::Wallet;
use torana_rails::wallet::simulator::{self, SimulatedMessage, Transfer};
use torana_store::{Lane, Tx};

use super::{Outcome, SimulateError, Wishes, hear, phone_of};
use crate::app::App;
use crate::brands::Brand;
use crate::gateway::{self, GatewayError};

/// Refunds: one that is open already, of the wished amount if there is a wish, is taken on; otherwise one is asked for. What
/// the phone heard, if it heard something, and the reference of the transfer, if there was one.
pub(super) async fn refund(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    outcome: Outcome,
    wishes: &Wishes,
) -> Result<(Option<SimulatedMessage>, Option<String>), SimulateError> {
    let mut payment = payment.clone();
    let number = payment.id.number;
    let wish = wished(&payment, wishes)?;
    if outcome == Outcome::RefundPending || open_refund(&payment, wish).is_none() {
        let amount = wish.unwrap_or(payment.refundable());
        let ask = Command::RequestRefund {
            amount,
            reason: wishes.reason.clone().unwrap_or_default().into(),
            reference: None,
            unless_since: None,
        };
        payment = gateway::request_refund(app, brand, &payment, ask).await?;
    }
    let Some(refund) = open_refund(&payment, wish) else { return Ok((None, None)) };
    let of = refund.number;
    match outcome {
        Outcome::RefundProcessing => {
            gateway::command(app, brand, number, Command::ProcessRefund { number: of }).await?;
            Ok((None, None))
        }
        Outcome::Refund => {
            let (message, reference) = send(app, brand, &payment, refund).await?;
            Ok((message, Some(reference)))
        }
        Outcome::RefundFail => {
            let reason = wishes.reason.clone().unwrap_or_else(|| "failed in the sandbox".into());
            let fail = Command::FailRefund { number: of, reason: reason.into() };
            gateway::command(app, brand, number, fail).await?;
            Ok((None, None))
        }
        _ => Ok((None, None)),
    }
}

fn open_refund(payment: &Payment, amount: Option<Money>) -> Option<&Refund> {
    let mut open = payment.refunds.iter().filter(|refund| refund.state.is_open());
    open.find(|refund| amount.is_none_or(|amount| refund.amount == amount))
}

/// The merchant sends the money with the wallet app, and the phone hears of it. Where the wallet's message is not known, or
/// does not say whole who got it, the merchant says so by hand, as a real one would have to.
async fn send(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    refund: &Refund,
) -> Result<(Option<SimulatedMessage>, String), SimulateError> {
    let not_paid = || GatewayError::Refused(Refusal::WrongState(payment.state));
    let paid = payment.paid.as_ref().ok_or_else(not_paid)?;
    let account = brand.account(paid.account).ok_or(SimulateError::NoAccount)?;
    let Some(wallet) = Wallet::from_slug(&account.method) else {
        // No message of this rail tells whole to whom money left.
        let reference = format!("R{:011}", app.random() % 100_000_000_000);
        say_done(app, brand, payment, refund.number, &reference).await?;
        return Ok((None, reference));
    };
    let kinds = simulator::kinds(wallet);
    let kind = kinds.iter().find(|kind| kind.code() == account.kind).or(kinds.first());
    let last = app.store.read(|reader| reader.last_balance(brand.id(), account.id));
    let left = last.map_err(GatewayError::from)?.unwrap_or(0) - refund.amount.minor();
    let transfer = Transfer {
        wallet,
        kind: *kind.ok_or(SimulateError::NoAccount)?,
        amount: refund.amount,
        payer: refund.payee.clone().unwrap_or_default(),
        balance_after: Money::from_minor(left.max(0), refund.amount.currency()),
        reference_text: None,
        at: brand.now(),
        random: app.random(),
    };
    let message = match simulator::outgoing(&transfer) {
        Some(message) => {
            let phone = phone_of(app, brand)?;
            hear(app, brand, phone.as_ref(), &message).await?;
            message
        }
        // Only its reference counts.
        None => simulator::incoming(&transfer).ok_or(SimulateError::NoAccount)?,
    };
    let now = app.store.payment(brand.id(), payment.id.number).await.map_err(GatewayError::from)?;
    let done = now.and_then(|now| Some(now.refund(refund.number)?.state == RefundState::Done));
    if done != Some(true) {
        say_done(app, brand, payment, refund.number, &message.reference).await?;
    }
    let reference = message.reference.clone();
    Ok((Some(message), reference))
}

/// As the command line does it.
async fn say_done(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    refund: u32,
    reference: &str,
) -> Result<(), GatewayError> {
    let (brand_id, number, now) = (brand.id(), payment.id.number, brand.now());
    let reference = reference.to_owned();
    let write = move |tx: &mut Tx<'_>| {
        tx.set_actor("sandbox");
        tx.complete_refund_by_hand(brand_id, number, refund, &reference, now).map(drop)
    };
    app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    Ok(())
}

/// Chargebacks: one that is open already is decided; otherwise one is opened first.
pub(super) async fn chargeback(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    outcome: Outcome,
    wishes: &Wishes,
) -> Result<(), SimulateError> {
    let mut payment = payment.clone();
    let number = payment.id.number;
    let open = |payment: &Payment| {
        let open = payment.chargebacks.iter().find(|it| it.state == ChargebackState::Open);
        open.map(|chargeback| chargeback.number)
    };
    if outcome == Outcome::Chargeback || open(&payment).is_none() {
        let reason = wishes.reason.clone().unwrap_or_else(|| "not recognised".into());
        let amount = wished(&payment, wishes)?;
        let command = Command::OpenChargeback { amount, reason: reason.into() };
        payment = gateway::command(app, brand, number, command).await?;
    }
    let Some(of) = open(&payment) else { return Ok(()) };
    let command = match outcome {
        Outcome::ChargebackWon => Command::WinChargeback { number: of },
        Outcome::ChargebackLost => Command::LoseChargeback { number: of },
        _ => return Ok(()),
    };
    gateway::command(app, brand, number, command).await?;
    Ok(())
}

fn wished(payment: &Payment, wishes: &Wishes) -> Result<Option<Money>, GatewayError> {
    let currency = payment.order.amount.currency();
    let amount = wishes.amount.as_deref().map(|text| Money::parse(text.trim(), currency));
    Ok(amount.transpose()?)
}
