//! Money is taken or reserved, upon an authentication that it uses up.

use torana_dialects::cards::{AuthoriseCard, OperationName};
use torana_dialects::{CardError, Dialect};
use torana_domain::card::operation::{
    CardOperation, OperationDetail, OperationKind, OperationState,
};
use torana_domain::card::{Fingerprint, Kind, Means, NotServed, OperationId, Refusal, Use};
use torana_domain::payment::{Command, Origin};
use torana_domain::{BrandId, Money, Timestamp};
use torana_rails::card::network::Authorise;
use torana_store::{CardRequest, Lane, NewCardOperation, StoreError, Tx};
use zeroize::Zeroizing;

use super::authenticate::keep_beside;
use super::conclude::{ASK_AFTER_MS, conclude};
use super::means::look_at;
use super::{
    Attempted, CardsError, Carried, NewPayment, draw_number, find, is_final, key_of, of_dialect,
    payment_of, view,
};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, HeldCard, Network};

/// What is asked for.
#[derive(Debug)]
pub struct Take {
    /// Taken or reserved.
    pub kind: Kind,
    /// The authentication.
    pub upon: u64,
    /// The order, if it was named.
    pub order: Option<String>,
    /// How much.
    pub amount: Money,
    /// With what, if it was said again.
    pub means: Option<Means>,
    /// What proves a network's token.
    pub cryptogram: Option<Zeroizing<String>>,
    /// See [`CardOperation::merchant_name`].
    pub merchant_name: Option<String>,
    /// See [`CardOperation::note`].
    pub note: Option<String>,
    /// The request, if it may be repeated.
    pub request: Option<CardRequest>,
    /// From where, if a browser asked.
    pub origin: Option<Origin>,
}

impl Take {
    /// The sale of what a payer of our own checkout was authenticated for.
    pub fn sale(authentication: &CardOperation, origin: Origin) -> Self {
        Self {
            kind: Kind::Sale,
            upon: authentication.number,
            order: None,
            amount: authentication.amount,
            means: None,
            cryptogram: None,
            merchant_name: None,
            note: None,
            request: None,
            origin: Some(origin),
        }
    }
}

pub(super) async fn by_api(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: AuthoriseCard,
) -> Result<Carried, CardsError> {
    let now = brand.now();
    let request = super::request_of(app, &call.repeat, now);
    if let Some(known) = view::repeated(app, brand, &request, now)? {
        return Ok(known);
    }
    let Some(upon) = &call.upon else {
        return unauthenticated(app, brand, dialect, call, request).await;
    };
    let upon = authentication(app, brand, dialect, upon)?;
    let kept = match &call.means {
        Some(means) => keep_beside(app, brand, means, call.named_brand, call.keep).await?,
        None => None,
    };
    let take_call = Take {
        kind: call.kind,
        upon: upon.number,
        order: call.order,
        amount: call.amount,
        means: call.means,
        cryptogram: call.cryptogram,
        merchant_name: call.merchant_name,
        note: call.note,
        request: Some(request),
        origin: None,
    };
    let operation = take(app, brand, take_call).await?;
    view::operation(app, brand, operation, kept)
}

fn authentication(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    name: &OperationName,
) -> Result<CardOperation, CardsError> {
    let found = app.store.read(|reader| find(reader, brand.id(), name))?;
    let found = of_dialect(app, brand, dialect, found)?;
    match found.kind {
        OperationKind::Authentication => Ok(found),
        _ => Err(CardError::WrongKind.into()),
    }
}

/// A sale upon nothing: the network would decline it, so it is not asked. The attempt is kept.
async fn unauthenticated(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: AuthoriseCard,
    request: CardRequest,
) -> Result<Carried, CardsError> {
    let now = brand.now();
    let account = brand.card_account(call.amount).ok_or(CardError::CurrencyNotSetUp)?;
    let means = call.means.ok_or(CardError::NoSuchOperation)?;
    let (known, _) = look_at(app, brand, account, means, call.named_brand, now)?;
    let (new, order) = NewPayment::draw(app, brand, dialect, &call.payment, now).await?;
    let operation = CardOperation {
        number: draw_number(app),
        payment: new.id(),
        kind: call.kind.into(),
        state: OperationState::Declined,
        amount: call.amount,
        follows: None,
        account: account.id,
        card: known.facts,
        merchant_name: call.merchant_name,
        note: call.note,
        at: now,
        changed_at: now,
        detail: OperationDetail {
            order,
            refusal: Some(Refusal::Authentication(NotServed::NotAuthenticated)),
            ..OperationDetail::default()
        },
    };
    let (brand_id, kept) = (brand.id(), operation.clone());
    let write = move |tx: &mut Tx<'_>| -> Attempted<()> {
        if let Err(refused) = new.write(tx, now)? {
            return Ok(Err(refused));
        }
        let (operation, request) = (&kept, Some(&request));
        tx.insert_card_operation(&NewCardOperation { operation, request, ask_at: None })?;
        let reason = super::authenticate::why(&kept);
        let decline = Command::Decline { reason: reason.into() };
        tx.decide(brand_id, kept.payment.number, decline, now)?;
        Ok(Ok(()))
    };
    app.store.write(Lane::Brand(brand_id), write).await??;
    app.callbacks_due.notify_one();
    view::operation(app, brand, operation, None)
}

/// What the first transaction made of it.
enum Taken {
    /// The same request made this before, or the rules of cards declined it.
    Done(Box<CardOperation>),
    /// The network is to be asked.
    Ask { authentication: Box<CardOperation>, held: Option<Vec<u8>> },
}

/// Takes or reserves money; the operation as it then is.
pub async fn take(app: &App, brand: &Brand, take: Take) -> Result<CardOperation, CardsError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let before = app.store.read(|reader| reader.card_operation(brand_id, take.upon))?;
    let before = before.ok_or(CardError::NoSuchOperation)?;
    let account = brand.account(before.account).ok_or(CardError::CurrencyNotSetUp)?;
    let network = Network::of(app, brand, account).ok_or(CardError::CurrencyNotSetUp)?;
    let (card, means) = match take.means {
        Some(means) => {
            let (known, means) = look_at(app, brand, account, means, None, now)?;
            (Some(known.fingerprint), Some(means))
        }
        None => (None, None),
    };
    let number = draw_number(app);
    let first = First {
        brand: brand_id,
        upon: take.upon,
        name: number.to_string().parse().map_err(|_| StoreError::Internal)?,
        order: take.order,
        card,
        request: take.request,
        origin: take.origin,
        operation: CardOperation {
            number,
            payment: before.payment,
            kind: take.kind.into(),
            state: OperationState::Unknown,
            amount: take.amount,
            follows: Some(before.number),
            account: before.account,
            card: before.card.clone(),
            merchant_name: take.merchant_name,
            note: take.note,
            at: now,
            changed_at: now,
            detail: OperationDetail {
                order: before.detail.order.clone(),
                ..OperationDetail::default()
            },
        },
    };
    let write = move |tx: &mut Tx<'_>| first.write(tx, now);
    let taken = app.store.write(Lane::Brand(brand_id), write).await??;
    app.callbacks_due.notify_one();
    let (authentication, held) = match taken {
        Taken::Done(operation) => return Ok(*operation),
        Taken::Ask { authentication, held } => (*authentication, held),
    };
    let held = held.and_then(|sealed| {
        let opened = HeldCard::open(&app.vault, brand_id, authentication.number, &sealed);
        opened.inspect_err(|_| tracing::error!(brand = %brand_id, "a held card does not open")).ok()
    });
    let question = Authorise {
        operation: number.to_string().parse().map_err(|_| StoreError::Internal)?,
        kind: take.kind,
        order: authentication.detail.order.clone(),
        amount: take.amount,
        authentication: authentication.detail.authentication.clone(),
        means: means.or(held.map(Means::Card)),
        cryptogram: take.cryptogram,
    };
    let answer = network.authorise(question).await;
    conclude(app, brand, number, answer).await
}

/// The first transaction.
struct First {
    brand: BrandId,
    upon: u64,
    name: OperationId,
    order: Option<String>,
    card: Option<Fingerprint>,
    request: Option<CardRequest>,
    origin: Option<Origin>,
    operation: CardOperation,
}

impl First {
    fn write(&self, tx: &mut Tx<'_>, now: Timestamp) -> Attempted<Taken> {
        if let Some(request) = &self.request
            && let Some(before) = tx.card_operation_of_request(self.brand, &request.key, now)?
        {
            return Ok(Ok(Taken::Done(Box::new(before))));
        }
        let asked = tx.card_operation(self.brand, self.upon)?;
        let Some(mut authentication) = asked else { return Ok(Err(CardError::NoSuchOperation)) };
        let payment = payment_of(tx, self.brand, authentication.payment.number)?;
        let order = self.order.as_deref().unwrap_or(&authentication.detail.order);
        let wanted = Use {
            operation: &self.name,
            order,
            amount: self.operation.amount,
            card: self.card.as_ref(),
        };
        let served = match &mut authentication.detail.grant {
            Some(grant) => grant.serve(&wanted, now),
            None => Err(NotServed::NotAuthenticated),
        };
        let mut operation = self.operation.clone();
        let request = self.request.as_ref();
        if let Err(why) = served {
            // It uses nothing up: the right sale may still come.
            operation.state = OperationState::Declined;
            operation.detail.refusal = Some(Refusal::Authentication(why));
            // An API is told of it by name; a page that is loaded again and again leaves nothing behind.
            if request.is_some() {
                let new = NewCardOperation { operation: &operation, request, ask_at: None };
                tx.insert_card_operation(&new)?;
            }
            return Ok(Ok(Taken::Done(Box::new(operation))));
        }
        let ask = Command::Ask {
            account: operation.account,
            key: key_of(&operation),
            origin: self.origin.clone(),
        };
        tx.decide(self.brand, payment.id.number, ask, now)?;
        authentication.state = OperationState::Used;
        authentication.changed_at = now;
        tx.update_card_operation(&authentication, None)?;
        let held = tx.held_card(self.brand, authentication.number, now)?;
        tx.drop_held_card(self.brand, authentication.number)?;
        tx.insert_card_operation(&NewCardOperation {
            operation: &operation,
            request,
            ask_at: Some(now.plus_ms(ASK_AFTER_MS)),
        })?;
        Ok(Ok(Taken::Ask { authentication: Box::new(authentication), held }))
    }
}

/// Whether the payment of an operation ends with it, where it is declined.
pub(super) fn ends_payment(tx: &Tx<'_>, operation: &CardOperation) -> Result<bool, StoreError> {
    let payment = payment_of(tx, operation.payment.brand, operation.payment.number)?;
    Ok(is_final(&payment))
}
