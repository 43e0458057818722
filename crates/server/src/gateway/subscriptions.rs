//! Payments that come again. What is due is done by `workers::due`, on any node: whoever comes second finds it done.

use torana_dialects::{Dialect, Subscribe};
use torana_domain::Timestamp;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, NewPayment, Payment, decide};
use torana_domain::subscription::{Renewal, Standing, Subscription, SubscriptionState};
use torana_store::{Lane, StoreError, Tx};

use super::{GatewayError, ID_DRAWS, draw_id, draw_payment, order, wants_unique_amount};
use crate::app::App;
use crate::brands::Brand;

/// Payments of a subscription that are shown: its first ones, and its last.
const SHOWN_FIRST: usize = 2;
const SHOWN_LAST: usize = 100;

/// A subscription, and the payments that it made: all, or the first two and the last hundred.
#[derive(Clone, Debug)]
pub struct Subscribed {
    subscription: Subscription,
    payments: Vec<Payment>,
    standing: Standing,
}

impl Subscribed {
    /// For the dialect that tells of it.
    pub fn view(&self) -> torana_dialects::Subscribed<'_> {
        torana_dialects::Subscribed {
            subscription: &self.subscription,
            payments: &self.payments,
            standing: self.standing,
        }
    }
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
        let id = first.payment.id;
        let subscription = Subscription::start(id, call.terms.clone(), now, order.expires_at)?;
        let payment = first.payment.clone();
        let made = subscription.clone();
        let shares = wants_unique_amount(brand, &order);
        let write = move |tx: &mut Tx<'_>| {
            tx.create_subscription(&first, &made)?;
            share(tx, shares, &first.payment, now)
        };
        match app.store.write(Lane::Brand(brand_id), write).await {
            Err(StoreError::Conflict) => {}
            Ok(()) => {
                let standing =
                    Standing { open_until: Some(order.expires_at), ..Standing::default() };
                return Ok(Subscribed { subscription, payments: vec![payment], standing });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// A subscription by the number of its first payment.
pub fn subscription(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
) -> Result<Option<Subscribed>, GatewayError> {
    let found = app.store.read(|reader| {
        let Some(subscription) = reader.subscription(brand.id(), number)? else { return Ok(None) };
        let payments = reader.payments_of_subscription(&subscription, SHOWN_FIRST, SHOWN_LAST)?;
        let standing = reader.standing(&subscription)?;
        Ok(Some(Subscribed { subscription, payments, standing }))
    });
    Ok(found?)
}

/// The merchant ends a subscription, and what is open of it; one that is over stays as it is.
pub async fn end_subscription(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
) -> Result<Option<Subscribed>, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let end = move |tx: &mut Tx<'_>| {
        let Some(before) = tx.subscription(brand_id, number)? else { return Ok(()) };
        let Some(after) = before.end(now) else { return Ok(()) };
        tx.update_subscription(&before, &after, None, now)?;
        match after.state {
            SubscriptionState::Cancelled => tx.cancel_open_payments(&after, now),
            _ => Ok(()),
        }
    };
    app.store.write(Lane::Brand(brand_id), end).await?;
    app.callbacks_due.notify_one();
    subscription(app, brand, number)
}

/// Does what is due with a brand's subscriptions; how many were looked at. Bounded: call again while it returns `limit`.
pub async fn renew_due(app: &App, brand: &Brand, limit: usize) -> Result<usize, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let due = app.store.read(|reader| reader.due_subscriptions(brand_id, now, limit))?;
    let found = due.len();
    // A millisecond each: what is due at one moment must not fight for the few numbers of one millisecond.
    for (later, number) in (0..).zip(due) {
        match renew(app, brand, number, now, later).await {
            Ok(()) => {}
            // The number was taken: another is drawn the next time.
            Err(GatewayError::Store(StoreError::Conflict)) => {}
            Err(GatewayError::Store(error)) if error.is_transient() => return Err(error.into()),
            // One that cannot be renewed must not stop the others.
            Err(error) => tracing::error!(%error, brand = %brand_id, "a renewal failed"),
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
    later: i64,
) -> Result<(), GatewayError> {
    let brand_id = brand.id();
    let first = app.store.payment(brand_id, number).await?.ok_or(GatewayError::NotFound)?;
    let dialect = torana_dialects::by_slug(&first.order.dialect).ok_or(GatewayError::NotFound)?;
    let Some(id) = draw_id(app, brand, dialect, now.plus_ms(later)).await? else {
        return Err(StoreError::Conflict.into());
    };
    let policy = brand.settings.policy.clone();
    let shares = wants_unique_amount(brand, &first.order);
    let write = move |tx: &mut Tx<'_>| {
        let missing = StoreError::NotFound("subscription");
        let before = tx.subscription(brand_id, number)?.ok_or(missing)?;
        let standing = tx.standing(&before)?;
        let renewal = before.renew(&standing, now).map_err(|_| StoreError::Internal)?;
        let (next, amount, expires_at) = match renewal {
            Renewal::NotYet => return Ok(false),
            Renewal::Change(next) => {
                tx.update_subscription(&before, &next, None, now)?;
                if next.ended_at.is_some() {
                    tx.cancel_open_payments(&next, now)?;
                }
                return Ok(false);
            }
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
        tx.update_subscription(&before, &next, Some(&made), now)?;
        share(tx, shares, &made.payment, now)?;
        Ok(true)
    };
    if app.store.write(Lane::Brand(brand_id), write).await? {
        metrics::counter!("torana_subscription_payments_total").increment(1);
    }
    Ok(())
}

/// A subscription's payments are of the amount that was agreed on: where amounts tell payments apart, theirs tells none.
fn share(
    tx: &mut Tx<'_>,
    shares: bool,
    payment: &Payment,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Payment { id, order, .. } = payment;
    match shares {
        true => tx.share_amount(id.brand, id.number, order.due, order.expires_at, now),
        false => Ok(()),
    }
}
