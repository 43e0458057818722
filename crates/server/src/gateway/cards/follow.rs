//! What follows upon an operation: a capture, a void, a refund.

use torana_dialects::cards::{FollowCard, FollowKind, OperationOrOrder};
use torana_dialects::{CardError, Dialect};
use torana_domain::card::operation::{
    CardOperation, OperationDetail, OperationKind, OperationState, Operations,
};
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, Payment};
use torana_domain::refund::RefundState;
use torana_domain::{BrandId, Money, Timestamp};
use torana_rails::card::network::{Further, Original, Void};
use torana_store::{CardRequest, Lane, NewCardOperation, StoreError, Tx};

use super::conclude::{ASK_AFTER_MS, conclude, is_busy};
use super::{Attempted, CardsError, Carried, draw_number, find, of_dialect, payment_of, view};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, Network};
use crate::rails::CARD;

/// What is to follow.
#[derive(Clone, Debug)]
pub struct Following {
    /// Upon which operation.
    pub of: u64,
    /// What.
    pub kind: FollowKind,
    /// How much; of a void nothing, or the whole.
    pub amount: Option<Money>,
    /// Why.
    pub reason: String,
    /// See [`CardOperation::merchant_name`].
    pub merchant_name: Option<String>,
    /// See [`CardOperation::note`].
    pub note: Option<String>,
    /// The request, if it may be repeated.
    pub request: Option<CardRequest>,
    /// A refund that was promised before and is carried out by this.
    pub refund: Option<u32>,
}

pub(super) async fn by_api(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: FollowCard,
) -> Result<Carried, CardsError> {
    let now = brand.now();
    let request = super::request_of(app, &call.repeat, now);
    if let Some(known) = view::repeated(app, brand, &request, now)? {
        return Ok(known);
    }
    let of = match &call.of {
        OperationOrOrder::Operation(name) => {
            let found = app.store.read(|reader| find(reader, brand.id(), name))?;
            of_dialect(app, brand, dialect, found)?.number
        }
        OperationOrOrder::Order(order) => in_order(app, brand, dialect, order, call.kind)?,
    };
    let following = Following {
        of,
        kind: call.kind,
        amount: call.amount,
        reason: call.reason,
        merchant_name: call.merchant_name,
        note: call.note,
        request: Some(request),
        refund: None,
    };
    let operation = follow(app, brand, following).await?;
    view::operation(app, brand, operation, None)
}

/// The operation of an order that is meant, where only the order was named.
fn in_order(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    order: &str,
    kind: FollowKind,
) -> Result<u64, CardsError> {
    let made = app.store.read(|reader| reader.made_under(brand.id(), dialect.slug(), order))?;
    let id = made.ok_or(CardError::NoSuchOperation)?;
    let all = app.store.read(|reader| reader.card_operations(brand.id(), id.number))?;
    let all = Operations(&all);
    let (found, otherwise) = match kind {
        FollowKind::Capture => (all.reserved(), CardError::NothingReserved),
        FollowKind::Refund => (all.taken(), CardError::NothingToRefund),
        FollowKind::Void => (all.taken().or_else(|| all.reserved()), CardError::NothingToVoid),
        FollowKind::VoidReservations => (all.reserved(), CardError::NothingToVoid),
    };
    found.map(|found| found.number).ok_or_else(|| otherwise.into())
}

/// Carries it out; the operation as it then is.
pub async fn follow(
    app: &App,
    brand: &Brand,
    following: Following,
) -> Result<CardOperation, CardsError> {
    let (brand_id, now, number) = (brand.id(), brand.now(), draw_number(app));
    // Before anything is written: what cannot be asked must not wait for an answer.
    let before = app.store.read(|reader| reader.card_operation(brand_id, following.of))?;
    let before = before.ok_or(CardError::NoSuchOperation)?;
    let account = brand.account(before.account).ok_or(CardError::CurrencyNotSetUp)?;
    let network = Network::of(app, brand, account).ok_or(CardError::CurrencyNotSetUp)?;
    let first = First { brand: brand_id, number, following };
    let write = move |tx: &mut Tx<'_>| first.write(tx, now);
    let begun = app.store.write(Lane::Brand(brand_id), write).await??;
    app.callbacks_due.notify_one();
    let (operation, original) = match begun {
        Begun::Before(before) => return Ok(*before),
        Begun::Ask { operation, original } => (operation, original),
    };
    let name = operation.name().parse().map_err(|_| StoreError::Internal)?;
    let transaction = original.detail.approval.map(|approval| approval.transaction);
    let original = match transaction {
        Some(transaction) => Original::Transaction(transaction),
        None => {
            let name = original.number.to_string();
            Original::Operation(name.parse().map_err(|_| StoreError::Internal)?)
        }
    };
    let further = Further { operation: name, original: original.clone(), amount: operation.amount };
    let answer = match operation.kind {
        OperationKind::Capture => network.capture(further).await,
        OperationKind::Refund => network.refund(further).await,
        OperationKind::Void => network.void(Void { operation: further.operation, original }).await,
        OperationKind::Authentication | OperationKind::Sale | OperationKind::Preauthorisation => {
            return Err(StoreError::Internal.into());
        }
    };
    conclude(app, brand, number, answer).await
}

/// What the first transaction made of it.
enum Begun {
    /// The same request made this before.
    Before(Box<CardOperation>),
    /// The network is to be asked.
    Ask { operation: Box<CardOperation>, original: Box<CardOperation> },
}

/// The first transaction.
struct First {
    brand: BrandId,
    number: u64,
    following: Following,
}

impl First {
    fn write(&self, tx: &mut Tx<'_>, now: Timestamp) -> Attempted<Begun> {
        let Following { of, request, .. } = &self.following;
        if let Some(request) = request
            && let Some(before) = tx.card_operation_of_request(self.brand, &request.key, now)?
        {
            return Ok(Ok(Begun::Before(Box::new(before))));
        }
        let asked = tx.card_operation(self.brand, *of)?;
        let Some(original) = asked else { return Ok(Err(CardError::NoSuchOperation)) };
        if is_busy(tx, &original)? {
            return Ok(Err(CardError::Busy));
        }
        let payment = payment_of(tx, self.brand, original.payment.number)?;
        let all = tx.card_operations(self.brand, payment.id.number)?;
        let fitting = self.fits(&original, Operations(&all), &payment);
        let (kind, amount) = match fitting {
            Ok(fitting) => fitting,
            Err(refused) => return Ok(Err(refused)),
        };
        let refund = match self.promise(tx, &original, &payment, kind, amount, now)? {
            Ok(refund) => refund,
            Err(refused) => return Ok(Err(refused)),
        };
        let operation = CardOperation {
            number: self.number,
            payment: payment.id,
            kind,
            state: OperationState::Unknown,
            amount,
            follows: Some(original.number),
            account: original.account,
            card: original.card.clone(),
            merchant_name: self.following.merchant_name.clone(),
            note: self.following.note.clone(),
            at: now,
            changed_at: now,
            detail: OperationDetail {
                order: original.detail.order.clone(),
                refund,
                ..OperationDetail::default()
            },
        };
        tx.insert_card_operation(&NewCardOperation {
            operation: &operation,
            request: request.as_ref(),
            ask_at: Some(now.plus_ms(ASK_AFTER_MS)),
        })?;
        Ok(Ok(Begun::Ask { operation: Box::new(operation), original: Box::new(original) }))
    }

    /// What it is in the end, and how much; or why it cannot follow.
    fn fits(
        &self,
        original: &CardOperation,
        all: Operations<'_>,
        payment: &Payment,
    ) -> Result<(OperationKind, Money), CardError> {
        let Following { kind, amount, .. } = &self.following;
        if amount.is_some_and(|amount| amount.currency() != original.amount.currency()) {
            return Err(CardError::WrongCurrency);
        }
        let is_reservation = original.kind == OperationKind::Preauthorisation;
        let is_captured = all.approved(OperationKind::Capture, original.number).next().is_some();
        match kind {
            FollowKind::Capture => {
                if !is_reservation {
                    return Err(CardError::WrongKind);
                }
                if is_captured {
                    return Err(CardError::AlreadyCaptured);
                }
                if !original.is_approved() || all.is_voided(original.number) {
                    return Err(CardError::NothingReserved);
                }
                let amount = amount.unwrap_or(original.amount);
                match amount.is_positive() && amount.minor() <= original.amount.minor() {
                    true => Ok((OperationKind::Capture, amount)),
                    false => Err(CardError::WrongAmount),
                }
            }
            FollowKind::Refund => {
                if !original.kind.takes_money() {
                    return Err(CardError::WrongKind);
                }
                if !original.is_approved() || all.is_voided(original.number) {
                    return Err(CardError::NothingToRefund);
                }
                let left = match self.following.refund {
                    // It was promised before, and is no longer among what is left.
                    Some(number) => {
                        let refund = payment.refund(number);
                        let pending = refund.filter(|it| it.state == RefundState::Pending);
                        pending.map(|refund| refund.amount)
                    }
                    None => Some(payment.refundable()).filter(|left| left.is_positive()),
                };
                let left = left.ok_or(CardError::NothingToRefund)?;
                let amount = amount.unwrap_or(left);
                match amount.is_positive() && amount.minor() <= left.minor() {
                    true => Ok((OperationKind::Refund, amount)),
                    false => Err(CardError::WrongAmount),
                }
            }
            FollowKind::Void | FollowKind::VoidReservations => {
                if *kind == FollowKind::VoidReservations && !is_reservation {
                    return Err(CardError::WrongKind);
                }
                if !is_reservation && !original.kind.takes_money() {
                    return Err(CardError::NotVoidable);
                }
                if !original.is_approved() || all.is_voided(original.number) {
                    return Err(CardError::NothingToVoid);
                }
                if is_captured {
                    return Err(CardError::AlreadyCaptured);
                }
                if all.refunded_minor(original.number) > 0 {
                    return Err(CardError::NotVoidable);
                }
                if amount.is_some_and(|amount| amount != original.amount) {
                    return Err(CardError::PartialVoid);
                }
                Ok((OperationKind::Void, original.amount))
            }
        }
    }

    /// Money that goes back is a refund of the payment, promised and being sent. Which one; none where only a reservation
    /// is let go.
    fn promise(
        &self,
        tx: &mut Tx<'_>,
        original: &CardOperation,
        payment: &Payment,
        kind: OperationKind,
        amount: Money,
        now: Timestamp,
    ) -> Attempted<Option<u32>> {
        let goes_back = match kind {
            OperationKind::Refund => true,
            OperationKind::Void => original.kind.takes_money(),
            _ => false,
        };
        if !goes_back {
            return Ok(Ok(None));
        }
        let number = payment.id.number;
        let refund = match self.following.refund {
            Some(refund) => refund,
            None => {
                if kind == OperationKind::Void && payment.refundable() != amount {
                    return Ok(Err(CardError::NotVoidable));
                }
                let reason = match self.following.reason.is_empty() {
                    true => kind.code().to_owned(),
                    false => self.following.reason.clone(),
                };
                let ask = Command::RequestRefund {
                    amount,
                    reason: reason.into(),
                    reference: None,
                    unless_since: None,
                };
                let decision = tx.decide(self.brand, number, ask, now)?;
                let last = decision.payment.refunds.last();
                last.map(|refund| refund.number).ok_or(StoreError::Internal)?
            }
        };
        tx.decide(self.brand, number, Command::ProcessRefund { number: refund }, now)?;
        Ok(Ok(Some(refund)))
    }
}

/// Carries out refunds of a payment by card that were promised elsewhere: by another API, or by a person.
pub async fn carry_out_refunds(
    app: &App,
    brand: &Brand,
    number: PaymentNumber,
) -> Result<Payment, CardsError> {
    let payment = app.store.payment(brand.id(), number).await?;
    let payment = payment.ok_or(super::GatewayError::NotFound)?;
    let paid = payment.paid.as_ref().filter(|paid| paid.receipt.method == CARD);
    let Some(of) = paid.and_then(|paid| paid.receipt.reference.parse().ok()) else {
        return Ok(payment);
    };
    let pending = payment.refunds.iter().filter(|refund| refund.state == RefundState::Pending);
    for refund in pending {
        let following = Following {
            of,
            kind: FollowKind::Refund,
            amount: Some(refund.amount),
            reason: refund.reason.clone(),
            merchant_name: None,
            note: None,
            request: None,
            refund: Some(refund.number),
        };
        match follow(app, brand, following).await {
            Ok(_) => {}
            // The others wait for the next look.
            Err(CardsError::Card(CardError::Busy | CardError::NotReached)) => break,
            Err(error) => return Err(error),
        }
    }
    let payment = app.store.payment(brand.id(), number).await?;
    payment.ok_or(super::GatewayError::NotFound.into())
}
