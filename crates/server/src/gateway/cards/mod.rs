//! Payments by card. Each step is written, then asked of the network, then its answer is written: so whatever breaks in
//! between leaves an operation whose outcome is *unknown*, and is asked after until it is known.
//!
//! What becomes of the payment is decided by `torana_domain::payment::decide`, in the same transaction as what becomes of
//! the operation.

mod authenticate;
mod authorise;
mod conclude;
mod follow;
mod kept;
mod look_after;
mod means;
mod prove;
mod view;

use thiserror::Error;
use torana_dialects::cards::{OperationName, Repeat};
use torana_dialects::{CardCall, CardError, Dialect};
use torana_domain::card::operation::CardOperation;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Decision, Payment};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{BrandId, PaymentId, Timestamp};
use torana_store::{CardRequest, IdempotencyKey, Reader, StoreError};

pub use authenticate::{Begin, Subject, begin};
pub use authorise::{Take, take};
pub use follow::{Following, carry_out_refunds, follow};
pub use look_after::{abandon, look_after, prune};
pub use prove::{Proving, prove, returned};
pub use view::{CardView, Carried};

use super::{GatewayError, ID_DRAWS};
use crate::app::App;
use crate::brands::Brand;
use crate::rails::CARD;
use crate::secrets::hex;

/// Numbers of operations have fifteen digits and begin so: as many as every client reads exactly.
const FIRST_NUMBER: u64 = 800_000_000_000_000;
/// How many there are.
const NUMBERS: u64 = 100_000_000_000_000;

/// Why something about cards was not done. Nothing was asked of the network unless the text says so.
#[derive(Debug, Error)]
pub enum CardsError {
    /// The rules of cards say no.
    #[error(transparent)]
    Card(#[from] CardError),
    /// As for every other request.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

impl From<StoreError> for CardsError {
    fn from(error: StoreError) -> Self {
        Self::Gateway(error.into())
    }
}

/// What a transaction made of a request: all of it, or why nothing.
type Attempted<T> = Result<Result<T, CardError>, StoreError>;

/// Carries out what an API asks about cards.
pub async fn carry_out(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: CardCall,
) -> Result<Carried, CardsError> {
    match call {
        CardCall::Authenticate(call) => authenticate::by_api(app, brand, dialect, *call).await,
        CardCall::Prove(call) => prove::by_api(app, brand, dialect, *call).await,
        CardCall::Authorise(call) => authorise::by_api(app, brand, dialect, *call).await,
        CardCall::Follow(call) => follow::by_api(app, brand, dialect, *call).await,
        CardCall::Find(name) => {
            let operation = app.store.read(|reader| find(reader, brand.id(), &name))?;
            let operation = of_dialect(app, brand, dialect, operation)?;
            view::operation(app, brand, operation, None)
        }
        CardCall::FindOrder(order) => view::order(app, brand, dialect, &order),
        CardCall::Information { bin, named_brand } => {
            kept::information(app, brand, bin, named_brand).await
        }
        // The same card under the same name again is no second: that makes it safe to repeat.
        CardCall::Keep { card, named_brand, keep, repeat: _ } => {
            kept::keep(app, brand, card, named_brand, &keep).await.map(Carried::Kept)
        }
        CardCall::FindKept(value) => kept::find(app, brand, &value).map(Carried::Kept),
        CardCall::ForgetKept(value) => {
            kept::forget(app, brand, &value).await.map(Carried::Forgotten)
        }
    }
}

/// The operation that a caller means: by number, or by the name that the merchant gave it.
fn find(
    reader: &Reader<'_>,
    brand: BrandId,
    OperationName(name): &OperationName,
) -> Result<Option<CardOperation>, StoreError> {
    if let Ok(number) = name.parse()
        && let Some(found) = reader.card_operation(brand, number)?
    {
        return Ok(Some(found));
    }
    reader.card_operation_named(brand, name)
}

/// One that this dialect made: others' operations are not its callers' to see.
fn of_dialect(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    operation: Option<CardOperation>,
) -> Result<CardOperation, CardsError> {
    let operation = operation.ok_or(CardError::NoSuchOperation)?;
    let payment = app.store.read(|reader| reader.payment(brand.id(), operation.payment.number))?;
    let is_own = payment.is_some_and(|payment| payment.order.dialect == dialect.slug());
    if is_own { Ok(operation) } else { Err(CardError::NoSuchOperation.into()) }
}

/// A number for a new operation.
fn draw_number(app: &App) -> u64 {
    FIRST_NUMBER + app.random() % NUMBERS
}

/// Under which key the payment attempts and receipts of an operation go.
fn key_of(operation: &CardOperation) -> ReceiptKey {
    ReceiptKey::new(CARD, &operation.name())
}

/// A request as it is remembered.
fn request_of(app: &App, repeat: &Repeat, now: Timestamp) -> CardRequest {
    CardRequest { key: request_key(app, repeat), until: now.plus_ms(repeat.for_ms) }
}

fn request_key(app: &App, repeat: &Repeat) -> String {
    hex(&app.vault.lookup_bytes("card/request", &repeat.content))
}

/// A payment that an API of cards makes with its first operation.
#[derive(Clone, Debug)]
pub struct NewPayment {
    decision: Decision,
    key: IdempotencyKey,
}

impl NewPayment {
    /// Its identity.
    fn id(&self) -> PaymentId {
        self.decision.payment.id
    }

    /// Draws it: what is due is what is asked for, since the payer agrees to exactly that; fees are the merchant's.
    async fn draw(
        app: &App,
        brand: &Brand,
        dialect: &dyn Dialect,
        call: &torana_dialects::CreatePayment,
        now: Timestamp,
    ) -> Result<(Self, String), CardsError> {
        let mut order = super::order(brand, dialect, call, now)?;
        order.due = order.amount;
        let name = call.key.clone().unwrap_or_default();
        // An order's name is used once, whatever is asked under it: one hash for all.
        let key =
            IdempotencyKey { dialect: dialect.slug(), key: name.clone(), request_hash: [0; 32] };
        for draw in 0..ID_DRAWS {
            let drawn = super::draw_payment(app, brand, dialect, &order, now, draw).await?;
            if let Some(decision) = drawn {
                return Ok((Self { decision, key }, name));
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Writes it, unless there is such an order.
    fn write(&self, tx: &mut torana_store::Tx<'_>, now: Timestamp) -> Attempted<()> {
        let PaymentId { brand, .. } = self.id();
        if tx.made_under(brand, self.key.dialect, &self.key.key)?.is_some() {
            return Ok(Err(CardError::OrderExists));
        }
        tx.name_request(&self.key, self.id(), now)?;
        tx.create_payment(&self.decision)?;
        Ok(Ok(()))
    }
}

/// Whether a refused card ends the payment. It does where the merchant's own API begins anew with each card; on our pages
/// the payer may try another.
fn is_final(payment: &Payment) -> bool {
    torana_dialects::by_slug(&payment.order.dialect).is_some_and(Dialect::takes_cards)
}

fn payment_of(
    reader: &Reader<'_>,
    brand: BrandId,
    number: PaymentNumber,
) -> Result<Payment, StoreError> {
    reader.payment(brand, number)?.ok_or(StoreError::NotFound("payment"))
}
