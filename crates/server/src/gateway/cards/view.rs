//! What was carried out, as answers need it.

use torana_dialects::cards::{CardInformation, CardOrder, KeptCard, Terminal};
use torana_dialects::{CardAnswer, CardError, Dialect};
use torana_domain::card::operation::CardOperation;
use torana_domain::payment::Payment;
use torana_domain::{PaymentId, Timestamp};
use torana_store::CardRequest;

use super::CardsError;
use crate::app::App;
use crate::brands::Brand;
use crate::cards;

/// A payment with its operations.
#[derive(Debug)]
pub struct CardView {
    /// The payment.
    pub payment: Payment,
    /// The order's name.
    pub order: String,
    /// Its operations, oldest first.
    pub operations: Vec<CardOperation>,
    /// The acquirer's names of the merchant.
    pub terminal: Terminal,
    /// The card as it is kept since this request.
    pub kept: Option<KeptCard>,
}

impl CardView {
    /// That of an operation.
    pub fn of(app: &App, brand: &Brand, operation: &CardOperation) -> Result<Self, CardsError> {
        of_payment(app, brand, operation.payment, &operation.detail.order)
    }

    /// For a dialect.
    pub fn order(&self) -> CardOrder<'_> {
        CardOrder {
            payment: &self.payment,
            order: &self.order,
            operations: &self.operations,
            terminal: &self.terminal,
            kept: self.kept.as_ref(),
        }
    }
}

/// What was carried out.
#[derive(Debug)]
pub enum Carried {
    /// An operation, as it now is.
    Operation {
        /// Of which order.
        order: Box<CardView>,
        /// It.
        operation: Box<CardOperation>,
    },
    /// An order.
    Order(Box<CardView>),
    /// What is known of cards.
    Information(Option<CardInformation>),
    /// A card is kept.
    Kept(KeptCard),
    /// A card is kept no more.
    Forgotten(KeptCard),
}

impl Carried {
    /// For a dialect.
    pub fn answer(&self) -> CardAnswer<'_> {
        match self {
            Self::Operation { order, operation } => {
                CardAnswer::Operation { order: order.order(), operation }
            }
            Self::Order(order) => CardAnswer::Order(order.order()),
            Self::Information(information) => CardAnswer::Information(information.as_ref()),
            Self::Kept(kept) => CardAnswer::Kept(kept),
            Self::Forgotten(kept) => CardAnswer::Forgotten(kept),
        }
    }
}

/// An operation among those of its payment.
pub(super) fn operation(
    app: &App,
    brand: &Brand,
    operation: CardOperation,
    kept: Option<KeptCard>,
) -> Result<Carried, CardsError> {
    let mut view = of_payment(app, brand, operation.payment, &operation.detail.order)?;
    view.kept = kept;
    Ok(Carried::Operation { order: Box::new(view), operation: Box::new(operation) })
}

/// What the same request made before, if it did.
pub(super) fn repeated(
    app: &App,
    brand: &Brand,
    request: &CardRequest,
    now: Timestamp,
) -> Result<Option<Carried>, CardsError> {
    let find =
        app.store.read(|reader| reader.card_operation_of_request(brand.id(), &request.key, now))?;
    find.map(|found| operation(app, brand, found, None)).transpose()
}

/// The order of that name.
pub(super) fn order(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    order: &str,
) -> Result<Carried, CardsError> {
    let made = app.store.read(|reader| reader.made_under(brand.id(), dialect.slug(), order))?;
    let id = made.ok_or(CardError::NoSuchOperation)?;
    Ok(Carried::Order(Box::new(of_payment(app, brand, id, order)?)))
}

fn of_payment(
    app: &App,
    brand: &Brand,
    id: PaymentId,
    order: &str,
) -> Result<CardView, CardsError> {
    let found = app.store.read(|reader| {
        Ok((reader.payment(id.brand, id.number)?, reader.card_operations(id.brand, id.number)?))
    })?;
    let (payment, operations) = found;
    let payment = payment.ok_or(super::GatewayError::NotFound)?;
    let account = operations.first().and_then(|first| brand.account(first.account));
    Ok(CardView {
        payment,
        order: order.to_owned(),
        operations,
        terminal: account.map(cards::terminal).unwrap_or_default(),
        kept: None,
    })
}
