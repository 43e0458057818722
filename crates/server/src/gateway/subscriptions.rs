//! Payments that come again. What is due is done by `workers::expiry`, on any node: whoever comes second finds it done.

use torana_dialects::{Candidate, Dialect, Subscribe};
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, NewPayment, Payment, decide};
use torana_domain::subscription::{Renewal, Subscription};
use torana_domain::{PaymentId, Timestamp};
use torana_store::{Lane, StoreError, Tx};

use super::{GatewayError, ID_DRAWS, draw_payment, find, order};
use crate::app::App;
use crate::brands::Brand;

/// Payments of a subscription that are shown: its first ones, and its last.
const SHOWN_FIRST: usize = 2;
const SHOWN_LAST: usize = 100;

/// A subscription, and the payments that it made: all, or the first two and the last hundred.
#[derive(Clone, Debug)]
pub struct Subscribed {
    /// The subscription.
    pub subscription: Subscription,
    /// Its payments, oldest first.
    pub payments: Vec<Payment>,
}

/// Makes a subscription with its first payment.
pub async fn subscribe(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: &Subscribe,
) -> Result<Subscribed, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let order = order(brand, dialect, &call.first, now)?;
    for draw in 0..ID_DRAWS {
        let Some(first) = draw_payment(app, brand, dialect, &order, now, draw).await? else {
            continue;
        };
        let subscription = Subscription::start(first.payment.id, call.terms.clone(), now)?;
        let payment = first.payment.clone();
        let made = subscription.clone();
        let write = move |tx: &mut Tx<'_>| tx.create_subscription(&first, &made);
        match app.store.write(Lane::Brand(brand_id), write).await {
            Err(StoreError::Conflict) => {}
            Ok(()) => return Ok(Subscribed { subscription, payments: vec![payment] }),
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The subscription that one of the candidates began.
pub async fn find_subscription(
    app: &App,
    brand: &Brand,
    candidates: &[Candidate],
) -> Result<Option<Subscribed>, GatewayError> {
    let Some(first) = find(app, brand, candidates).await? else { return Ok(None) };
    shown(app, brand, first.id.number)
}

fn shown(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
) -> Result<Option<Subscribed>, GatewayError> {
    let found = app.store.read(|reader| {
        let Some(subscription) = reader.subscription(brand.id(), number)? else { return Ok(None) };
        let payments = reader.payments_of_subscription(&subscription, SHOWN_FIRST, SHOWN_LAST)?;
        Ok(Some(Subscribed { subscription, payments }))
    });
    Ok(found?)
}

/// The merchant ends a subscription; one that is over stays as it is.
pub async fn end_subscription(
    app: &App,
    brand: &Brand,
    candidates: &[Candidate],
) -> Result<Option<Subscribed>, GatewayError> {
    let Some(found) = find_subscription(app, brand, candidates).await? else { return Ok(None) };
    let (brand_id, now) = (brand.id(), brand.now());
    let number = found.subscription.first.number;
    let end = move |tx: &mut Tx<'_>| {
        let missing = StoreError::NotFound("subscription");
        let before = tx.subscription(brand_id, number)?.ok_or(missing)?;
        match before.end(now) {
            Some(after) => tx.update_subscription(&before, &after, None, now),
            None => Ok(()),
        }
    };
    app.store.write(Lane::Brand(brand_id), end).await?;
    shown(app, brand, number)
}

/// Does what is due with a brand's subscriptions; how many were looked at. Bounded: call again while it returns `limit`.
pub async fn renew_due(app: &App, brand: &Brand, limit: usize) -> Result<usize, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let due = app.store.read(|reader| reader.due_subscriptions(brand_id, now, limit))?;
    let found = due.len();
    for number in due {
        match renew(app, brand, number, now).await {
            Ok(()) => {}
            // The number was taken: another is drawn the next time.
            Err(GatewayError::Store(StoreError::Conflict)) => {}
            Err(GatewayError::Refused(refusal)) => {
                tracing::warn!(code = refusal.code(), "a renewal was refused");
            }
            Err(error) => return Err(error),
        }
    }
    app.callbacks_due.notify_one();
    Ok(found)
}

async fn renew(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
    now: Timestamp,
) -> Result<(), GatewayError> {
    let brand_id = brand.id();
    let first = app.store.payment(brand_id, number).await?.ok_or(GatewayError::NotFound)?;
    let dialect = torana_dialects::by_slug(&first.order.dialect).ok_or(GatewayError::NotFound)?;
    let random = dialect.random_bits(brand_id, app.random());
    let id = PaymentId::new(brand_id, now, random);
    let policy = brand.settings.policy.clone();
    let write = move |tx: &mut Tx<'_>| {
        let missing = StoreError::NotFound("subscription");
        let before = tx.subscription(brand_id, number)?.ok_or(missing)?;
        let payments = tx.payments_of_subscription(&before, 1, 1)?;
        let last = payments.last().ok_or(StoreError::NotFound("payment"))?;
        let renewal = before.renew(last, now).map_err(|_| StoreError::Internal)?;
        let (next, amount, expires_at) = match renewal {
            Renewal::NotYet => return Ok(()),
            Renewal::Change(next) => return tx.update_subscription(&before, &next, None, now),
            Renewal::Pay { next, amount, expires_at } => (next, amount, expires_at),
        };
        let charge = policy.fee.charge(amount).map_err(torana_domain::payment::Refusal::from)?;
        let mut order = first.order.clone();
        order.amount = amount;
        order.fee = charge.fee;
        order.due = charge.due;
        order.tolerance_minor = policy.tolerance_minor;
        order.dialect_note = dialect.renewed(&first, next.made);
        order.expires_at = expires_at;
        let made = decide(None, Command::Create(Box::new(NewPayment { id, order })), now)?;
        tx.update_subscription(&before, &next, Some(&made), now)
    };
    app.store.write(Lane::Brand(brand_id), write).await?;
    metrics::counter!("torana_subscriptions_renewed_total").increment(1);
    Ok(())
}
