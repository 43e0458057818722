//! What Torana can be asked to do with payments, whoever asks: a dialect, the checkout page, a phone, the sandbox or
//! the command line. Each function is one transaction of the store, in which `torana_domain::payment::decide` decides.

pub mod cards;
mod epay;
mod payouts;
mod refunds;
mod subscriptions;

use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use torana_dialects::{Candidate, CreatePayment, Dialect, Linked};
use torana_domain::ids::PaymentNumber;
use torana_domain::money::AmountError;
use torana_domain::payment::{
    AttemptState, Canceller, Command, Decision, Expirer, NewPayment, Order, Origin, Payment,
    PaymentState, Refusal, decide,
};
use torana_domain::receipt::ReceiptKey;
use torana_domain::subscription::OffTheCalendar;
use torana_domain::{AccountId, BrandId, Money, PaymentId, Timestamp};
use torana_store::{IdempotencyKey, Lane, PreparedPayment, Reader, StoreError, Tx};

pub use epay::{EpayError, epay_code, epay_notice, go_to_epay, keep_for_a_person};
pub use payouts::{
    Transaction, find_payout, find_transaction, payout, secret_purpose as payout_secret_purpose,
};
pub use refunds::{refund, request_refund};
pub use subscriptions::{Subscribed, end_subscription, renew_due, subscribe, subscription};

use crate::app::App;
use crate::brands::Brand;
use crate::rails;

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
    /// No account of the brand takes such a payment.
    #[error("no account of that method takes this payment")]
    NoRoute,
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
    let key = idempotency_key(dialect, call)?;
    check_route(app, brand, call, &order, key.as_ref())?;
    let unique_amount = wants_unique_amount(brand, &order);
    for draw in 0..ID_DRAWS {
        let Some(decision) = draw_payment(app, brand, dialect, &order, now, draw).await? else {
            continue;
        };
        let made = match (&key, unique_amount) {
            // The shortest way in.
            (None, false) => {
                let prepared = PreparedPayment::new(&decision)?;
                app.store.create(prepared).await.map(|()| decision.payment)
            }
            _ => create_in_turn(app, brand, key.clone(), decision, unique_amount, now).await,
        };
        match made {
            Err(StoreError::Conflict) => {}
            other => return Ok(other?),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Refuses a payment of which no account takes what the payer is asked for. One that is there already is only looked up:
/// what was answered before does not change with the accounts.
fn check_route(
    app: &App,
    brand: &Brand,
    call: &CreatePayment,
    order: &Order,
    key: Option<&IdempotencyKey>,
) -> Result<(), GatewayError> {
    if call.method.as_deref().is_none_or(|method| brand.takes(method, order.due)) {
        return Ok(());
    }
    let Some(IdempotencyKey { dialect, key, .. }) = key else { return Err(GatewayError::NoRoute) };
    let known = app.store.read(|reader| reader.made_under(brand.id(), dialect, key))?;
    known.map(drop).ok_or(GatewayError::NoRoute)
}

/// Makes a payment where that depends on what else there is of the brand: whether its key was used, which amounts are free.
/// Returns the payment that the key's request made before, if it did.
async fn create_in_turn(
    app: &App,
    brand: &Brand,
    key: Option<IdempotencyKey>,
    decision: Decision,
    unique_amount: bool,
    now: Timestamp,
) -> Result<Payment, StoreError> {
    let brand_id = brand.id();
    let write = move |tx: &mut Tx<'_>| {
        let mut decision = decision.clone();
        let PaymentId { number, .. } = decision.payment.id;
        if let Some(key) = &key
            && let Some(known) = tx.name_request(key, decision.payment.id, now)?
        {
            return tx.payment_by_id(known)?.ok_or(StoreError::NotFound("payment"));
        }
        if unique_amount {
            let order = &mut decision.payment.order;
            let taken = tx.expect_amount(brand_id, number, order.due, order.expires_at, now)?;
            if taken.is_none() {
                tx.share_amount(brand_id, number, order.due, order.expires_at, now)?;
            }
            if let Some(due) = taken {
                // What tells payments apart counts as fee, like any other rounding of what the payer sends.
                let more = due.checked_sub(order.due).map_err(Refusal::from)?;
                order.fee = order.fee.checked_add(more).map_err(Refusal::from)?;
                order.due = due;
            }
            let (id, order) = (decision.payment.id, order.clone());
            decision = decide(None, Command::Create(Box::new(NewPayment { id, order })), now)?;
        }
        tx.create_payment(&decision)?;
        Ok(decision.payment)
    };
    app.store.write(Lane::Brand(brand_id), write).await
}

/// Whether the payer is to be asked for an amount that nobody else is asked for.
fn wants_unique_amount(brand: &Brand, order: &Order) -> bool {
    brand.settings.unique_amounts && brand.takes(rails::UPI, order.due)
}

/// The API's own name of the request, and what was asked for under it.
fn idempotency_key(
    dialect: &dyn Dialect,
    call: &CreatePayment,
) -> Result<Option<IdempotencyKey>, GatewayError> {
    let CreatePayment { amount, customer, urls, metadata, dialect_note, expiry_ms, method: _, key } =
        call;
    let asked = (amount, customer, urls, metadata, dialect_note, expiry_ms);
    key.as_ref().map(|key| named_request(dialect, key, &asked)).transpose()
}

/// A key with the hash of what is asked for under it.
fn named_request(
    dialect: &dyn Dialect,
    key: &str,
    asked: &impl Serialize,
) -> Result<IdempotencyKey, GatewayError> {
    let asked = serde_json::to_vec(asked).map_err(|_| StoreError::Internal)?;
    let request_hash = Sha256::digest(&asked).into();
    Ok(IdempotencyKey { dialect: dialect.slug(), key: key.to_owned(), request_hash })
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

/// What a candidate names, before it is known whether that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A number within the brand.
    Number(PaymentNumber),
    /// A whole identity.
    Id(PaymentId),
}

/// What a candidate of a dialect names, if it can be of the brand.
pub fn named(
    reader: &Reader<'_>,
    brand: BrandId,
    dialect: &str,
    candidate: &Candidate,
) -> Result<Option<Named>, StoreError> {
    Ok(match candidate {
        Candidate::Number(number) => Some(Named::Number(*number)),
        Candidate::Id(id) => Some(Named::Id(*id)).filter(|_| id.brand == brand),
        Candidate::Key(key) => reader.made_under(brand, dialect, key)?.map(Named::Id),
        Candidate::Within { first, last } => {
            reader.only_payment_within(brand, *first, *last)?.map(Named::Number)
        }
    })
}

/// The first of the payments that a text may mean in a dialect, if it exists and belongs to the brand.
pub async fn find(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    candidates: &[Candidate],
) -> Result<Option<Payment>, GatewayError> {
    let load = async |candidate: &Candidate| {
        let named = match candidate {
            Candidate::Number(number) => Some(Named::Number(*number)),
            looked_up => {
                app.store.read(|reader| named(reader, brand.id(), dialect.slug(), looked_up))?
            }
        };
        match named {
            Some(Named::Number(number)) => app.store.payment(brand.id(), number).await,
            Some(Named::Id(id)) => app.store.payment_by_id(id).await,
            None => Ok(None),
        }
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
    let account_row = brand.account(account).ok_or(GatewayError::NoRoute)?;
    if rails::tells_itself(account_row) {
        // A reference that somebody typed could be another payment's invoice.
        return Err(GatewayError::NoRoute);
    }
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

/// The merchant says on the payer's behalf that money was sent by `method`. It is believed as little as if the payer said it.
pub async fn claim_by(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    method: &str,
    reference: &str,
) -> Result<Payment, GatewayError> {
    let due = payment.order.due;
    let mut accounts = brand.accounts.iter();
    let account = accounts.find(|it| it.method == method && rails::is_offered(it, due));
    let account = account.ok_or(GatewayError::NoRoute)?.id;
    let key = ReceiptKey::new(method, reference);
    let claimed = claim(app, brand, payment.id.number, account, key, None).await?;
    Ok(claimed.payment)
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
        match command_at(app, brand, number, Command::Expire { by: Expirer::Clock }, now).await {
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
