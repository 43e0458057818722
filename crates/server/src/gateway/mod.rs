//! What Torana can be asked to do with payments, whoever asks: a dialect, the checkout page, a phone, the sandbox or
//! the command line. Each function is one transaction of the store, in which `torana_domain::payment::decide` decides.

mod refunds;
mod subscriptions;

use std::sync::Arc;

use thiserror::Error;
use torana_dialects::{Candidate, CreatePayment, Dialect, Linked};
use torana_domain::ids::PaymentNumber;
use torana_domain::money::AmountError;
use torana_domain::payment::{
    AttemptState, Canceller, Command, Decision, NewPayment, Order, Origin, Payment, PaymentState,
    Refusal, decide,
};
use torana_domain::receipt::ReceiptKey;
use torana_domain::subscription::OffTheCalendar;
use torana_domain::{AccountId, Money, PaymentId, Timestamp};
use torana_store::{Lane, PreparedPayment, StoreError, Tx};

pub use refunds::{refund, request_refund};
pub use subscriptions::{Subscribed, end_subscription, renew_due, subscribe, subscription};

use crate::app::App;
use crate::brands::Brand;

/// Times that a new identifier is drawn when one is taken already, each time a millisecond later. Two that are drawn in one
/// millisecond are the same once in two million times, or once in a hundred where a dialect's identifiers are short.
const ID_DRAWS: i64 = 8;

/// Why something was not done. Nothing was changed.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Amounts do not fit.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A subscription's dates are on no calendar.
    #[error(transparent)]
    Calendar(#[from] OffTheCalendar),
    /// The store failed or is too busy.
    #[error(transparent)]
    Store(StoreError),
    /// No such payment of this brand.
    #[error("no such payment")]
    NotFound,
}

impl From<StoreError> for GatewayError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Store(other),
        }
    }
}

/// Makes a payment.
pub async fn create(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: &CreatePayment,
) -> Result<Payment, GatewayError> {
    let now = brand.now();
    let order = order(brand, dialect, call, now)?;
    for draw in 0..ID_DRAWS {
        let Some(decision) = draw_payment(app, brand, dialect, &order, now, draw).await? else {
            continue;
        };
        match app.store.create(PreparedPayment::new(&decision)?).await {
            Err(StoreError::Conflict) => {}
            Ok(()) => return Ok(decision.payment),
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// What the merchant asks for, by the brand's rules.
fn order(
    brand: &Brand,
    dialect: &dyn Dialect,
    call: &CreatePayment,
    now: Timestamp,
) -> Result<Order, GatewayError> {
    let policy = &brand.settings.policy;
    let charge = policy.fee.charge(call.amount)?;
    Ok(Order {
        dialect: dialect.slug().to_owned(),
        amount: call.amount,
        fee: charge.fee,
        due: charge.due,
        tolerance_minor: policy.tolerance_minor,
        customer: call.customer.clone(),
        urls: call.urls.clone(),
        metadata: call.metadata.clone(),
        dialect_note: call.dialect_note.clone(),
        expires_at: now.plus_ms(call.expiry_ms.unwrap_or(policy.expiry_ms)),
    })
}

/// Decides to make a payment of a new number; none if the number is another brand's: see [`draw_id`].
async fn draw_payment(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    order: &Order,
    now: Timestamp,
    draw: i64,
) -> Result<Option<Decision>, GatewayError> {
    let Some(id) = draw_id(app, brand, dialect, now.plus_ms(draw)).await? else { return Ok(None) };
    let new = Command::Create(Box::new(NewPayment { id, order: order.clone() }));
    Ok(Some(decide(None, new, now)?))
}

/// A new identity; none if a brand whose payments may have the same public identifiers has the number.
async fn draw_id(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    at: Timestamp,
) -> Result<Option<PaymentId>, GatewayError> {
    let random = dialect.random_bits(brand.id(), app.draw(at));
    let id = PaymentId::new(brand.id(), at, random);
    if let Some(apart) = dialect.brands_apart() {
        for other in app.brands.alike(brand.id(), apart) {
            if app.store.payment(other, id.number).await?.is_some() {
                return Ok(None);
            }
        }
    }
    Ok(Some(id))
}

/// The first of the payments that a text may mean, if it exists and belongs to the brand.
pub async fn find(
    app: &App,
    brand: &Brand,
    candidates: &[Candidate],
) -> Result<Option<Payment>, GatewayError> {
    let load = async |candidate: &Candidate| match *candidate {
        Candidate::Number(number) => app.store.payment(brand.id(), number).await,
        Candidate::Id(id) if id.brand == brand.id() => app.store.payment_by_id(id).await,
        Candidate::Id(_) => Ok(None),
    };
    // The likeliest alone; the others, if need be, together: they share a round trip where there is one.
    let Some((first, others)) = candidates.split_first() else { return Ok(None) };
    if let Some(payment) = load(first).await? {
        return Ok(Some(payment));
    }
    for found in futures_util::future::join_all(others.iter().map(load)).await {
        if let Some(payment) = found? {
            return Ok(Some(payment));
        }
    }
    Ok(None)
}

/// A payment by its link, with its brand.
pub async fn find_by_id(
    app: &App,
    id: PaymentId,
) -> Result<Option<(Arc<Brand>, Payment)>, GatewayError> {
    let Some(brand) = app.brands.get(id.brand) else { return Ok(None) };
    let payment = app.store.payment_by_id(id).await?;
    Ok(payment.map(|payment| (brand, payment)))
}

/// The payment that a provider's link means, with its brand.
pub async fn find_linked(
    app: &App,
    dialect: &dyn Dialect,
    linked: Linked,
) -> Result<Option<(Arc<Brand>, Payment)>, GatewayError> {
    let number = match linked {
        Linked::Id(id) => return find_by_id(app, id).await,
        Linked::Number { number, .. } => number,
    };
    let mut found = None;
    for brand in app.brands.all().into_iter().filter(|brand| linked.may_be_of(brand.id())) {
        let payment = app.store.payment(brand.id(), number).await?;
        let Some(payment) = payment.filter(|it| it.order.dialect == dialect.slug()) else {
            continue;
        };
        if found.is_some() {
            // Two nodes drew one number in the same millisecond: no page is better than another shop's.
            tracing::error!("a link means payments of two brands");
            return Ok(None);
        }
        found = Some((brand, payment));
    }
    Ok(found)
}

/// What became of a payer's claim.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The payment as it now is.
    pub payment: Payment,
    /// Where the attempt with this reference stands.
    pub attempt: AttemptState,
    /// What arrived with this reference, if it did.
    pub received: Option<Money>,
}

/// The payer says: I sent it to this account, and this is the reference.
pub async fn claim(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
    account: AccountId,
    key: ReceiptKey,
    origin: Option<Origin>,
) -> Result<Claimed, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let asked = key.clone();
    let write =
        move |tx: &mut Tx<'_>| tx.claim(brand_id, number, account, &key, origin.clone(), now);
    let outcome = app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    let by_attempt = outcome.payment.attempt(&asked).map(|attempt| attempt.state);
    let attempt = by_attempt.unwrap_or(AttemptState::Paid);
    let received = outcome.receipt.map(|receipt| receipt.amount);
    Ok(Claimed { payment: outcome.payment, attempt, received })
}

/// Whether money with that reference was seen.
pub fn is_receipt_known(app: &App, brand: &Brand, key: &ReceiptKey) -> bool {
    let receipt = app.store.read(|reader| reader.receipt(brand.id(), key));
    receipt.is_ok_and(|receipt| receipt.is_some())
}

/// What arrived with the reference of the payer's last attempt, for telling a payer who sent too little.
pub fn received(app: &App, payment: &Payment) -> Option<Money> {
    let key = &payment.attempts.last()?.key;
    let receipt = app.store.read(|reader| reader.receipt(payment.id.brand, key));
    receipt.ok().flatten().map(|receipt| receipt.amount)
}

/// Carries out a command on a payment and returns it as it then is.
pub async fn command(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
    command: Command<'static>,
) -> Result<Payment, GatewayError> {
    command_at(app, brand, number, command, brand.now()).await
}

/// [`command`], at a time of the caller's choosing.
pub async fn command_at(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
    command: Command<'static>,
    now: Timestamp,
) -> Result<Payment, GatewayError> {
    let brand_id = brand.id();
    let write = move |tx: &mut Tx<'_>| tx.decide(brand_id, number, command.clone(), now);
    let decision = app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    Ok(decision.payment)
}

/// The payer gives up. Giving up a payment that was paid meanwhile changes nothing and is no error.
pub async fn cancel(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
) -> Result<Payment, GatewayError> {
    match command(app, brand, number, Command::Cancel { by: Canceller::Payer }).await {
        Err(GatewayError::Refused(Refusal::WrongState(_))) => {
            let payment = app.store.payment(brand.id(), number).await?;
            payment.ok_or(GatewayError::NotFound)
        }
        other => other,
    }
}

/// Expires what is due of a brand; how many payments expired. Bounded: call again while it returns `limit`.
pub async fn expire_due(app: &App, brand: &Brand, limit: usize) -> Result<usize, GatewayError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let due = app.store.read(|reader| reader.due_timers(brand_id, now, limit))?;
    let found = due.len();
    for number in due {
        match command_at(app, brand, number, Command::Expire, now).await {
            Ok(payment) if payment.state == PaymentState::Expired => {
                metrics::counter!("torana_payments_expired_total").increment(1);
            }
            Ok(_) => {}
            Err(GatewayError::Refused(refusal)) => {
                tracing::warn!(code = refusal.code(), "an expiry was refused");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
