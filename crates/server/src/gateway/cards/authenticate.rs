//! A payer is to prove to be the holder of a card.

use torana_dialects::cards::{AuthenticateCard, KeepCard, PayerBrowser};
use torana_dialects::{CardError, Dialect};
use torana_domain::card::operation::{
    CardOperation, OperationDetail, OperationKind, OperationState, Step,
};
use torana_domain::card::otp::Challenge as OtpChallenge;
use torana_domain::card::{Authentication, CardBrand, Flow, Means};
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, PaymentState};
use torana_domain::{Money, Timestamp};
use torana_rails::card::network::{Browser, Challenge, Initiate, Initiated, NoAnswer};
use torana_store::{CardRequest, Lane, NewCardOperation, StoreError, Tx};

use super::means::{Known, look_at};
use super::{Attempted, CardsError, Carried, NewPayment, draw_number, is_final, payment_of, view};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, HeldCard, Network};

/// How long a card is held at most: the payer has fifteen minutes to prove, and the sale half an hour after that.
const HELD_MS: i64 = 45 * 60 * 1000;

/// For what it is.
#[derive(Clone, Debug)]
pub enum Subject {
    /// An order of an API of cards, which it makes.
    New(Box<NewPayment>),
    /// A payment that there is.
    Existing(PaymentNumber),
}

/// What is begun.
#[derive(Debug)]
pub struct Begin {
    /// For what.
    pub subject: Subject,
    /// The order's name.
    pub order: String,
    /// How much.
    pub amount: Money,
    /// With what.
    pub means: Means,
    /// The brand by somebody's word.
    pub named_brand: Option<CardBrand>,
    /// Where the browser goes in the end; untrusted.
    pub return_url: Option<String>,
    /// The browser.
    pub browser: PayerBrowser,
    /// See [`CardOperation::merchant_name`].
    pub merchant_name: Option<String>,
    /// See [`CardOperation::note`].
    pub note: Option<String>,
    /// The request, if it may be repeated.
    pub request: Option<CardRequest>,
}

pub(super) async fn by_api(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: AuthenticateCard,
) -> Result<Carried, CardsError> {
    let now = brand.now();
    let request = super::request_of(app, &call.repeat, now);
    if let Some(known) = view::repeated(app, brand, &request, now)? {
        return Ok(known);
    }
    let amount = call.payment.amount;
    let (new, order) = NewPayment::draw(app, brand, dialect, &call.payment, now).await?;
    let kept = keep_beside(app, brand, &call.means, call.named_brand, call.keep).await?;
    let asked = Begin {
        subject: Subject::New(Box::new(new)),
        order,
        amount,
        means: call.means,
        named_brand: call.named_brand,
        return_url: Some(call.return_url),
        browser: call.browser,
        merchant_name: call.merchant_name,
        note: call.note,
        request: Some(request),
    };
    let operation = begin(app, brand, asked).await?;
    view::operation(app, brand, operation, kept)
}

/// Keeps a card beside what else is done with it, if that is asked for.
pub(super) async fn keep_beside(
    app: &App,
    brand: &Brand,
    means: &Means,
    named: Option<CardBrand>,
    keep: Option<KeepCard>,
) -> Result<Option<torana_dialects::cards::KeptCard>, CardsError> {
    let (Some(keep), Means::Card(card)) = (keep, means) else { return Ok(None) };
    let copy = torana_domain::card::Card {
        pan: card.pan.clone(),
        expiry: card.expiry,
        security_code: None,
        holder: card.holder.clone(),
    };
    super::kept::keep(app, brand, copy, named, &keep).await.map(Some)
}

/// What the first transaction made of it.
enum Begun {
    /// The same request made this before.
    Before(Box<CardOperation>),
    New,
}

/// Begins an authentication and returns it as it then is: the payer is asked, or will not be.
pub async fn begin(app: &App, brand: &Brand, begin: Begin) -> Result<CardOperation, CardsError> {
    let now = brand.now();
    let account = brand.card_account(begin.amount).ok_or(CardError::CurrencyNotSetUp)?;
    let network = Network::of(app, brand, account).ok_or(CardError::CurrencyNotSetUp)?;
    let (known, means) = look_at(app, brand, account, begin.means, begin.named_brand, now)?;
    let number = draw_number(app);
    let held = match &means {
        Means::Card(card) => {
            let sealed = HeldCard::seal(&app.vault, brand.id(), number, card);
            Some(sealed.map_err(|_| StoreError::Internal)?)
        }
        Means::Token { .. } => None,
    };
    let life_ms = i64::from(brand.otp_rules().life_minutes) * 60_000;
    let operation = CardOperation {
        number,
        payment: match &begin.subject {
            Subject::New(new) => new.id(),
            Subject::Existing(number) => {
                let payment = app.store.payment(brand.id(), *number).await?;
                payment.ok_or(super::GatewayError::NotFound)?.id
            }
        },
        kind: OperationKind::Authentication,
        state: OperationState::Waiting,
        amount: begin.amount,
        follows: None,
        account: account.id,
        card: known.facts.clone(),
        merchant_name: begin.merchant_name,
        note: begin.note,
        at: now,
        changed_at: now,
        detail: OperationDetail {
            order: begin.order.clone(),
            return_url: begin.return_url,
            guarded_by: Some(known.guarded_by),
            grant: Some(Authentication::begin(&begin.order, begin.amount, known.fingerprint)),
            ..OperationDetail::default()
        },
    };
    let new = New {
        operation: operation.clone(),
        subject: begin.subject,
        request: begin.request,
        known,
        held,
        ends_at: now.plus_ms(life_ms),
    };
    let write = move |tx: &mut Tx<'_>| new.write(tx, now);
    match app.store.write(Lane::Brand(brand.id()), write).await?? {
        Begun::Before(before) => return Ok(*before),
        Begun::New => {}
    }
    app.callbacks_due.notify_one();
    let question = Initiate {
        operation: operation.name().parse().map_err(|_| StoreError::Internal)?,
        order: begin.order,
        amount: begin.amount,
        means,
        return_url: format!("{}/connect/gateway/return?rupayId={number}", app.public_url),
        browser: Browser {
            accept: begin.browser.accept,
            ip: begin.browser.ip,
            language: begin.browser.language,
            user_agent: begin.browser.user_agent,
        },
    };
    let answer = network.initiate(question).await;
    if let Err(error) = &answer {
        tracing::warn!(code = error.code(), brand = %brand.id(), "an authentication was not begun");
    }
    let is_unreached = matches!(answer, Err(NoAnswer::NotReached));
    let (brand_id, now, rules) = (brand.id(), brand.now(), brand.otp_rules());
    let write = move |tx: &mut Tx<'_>| {
        let asked = tx.card_operation(brand_id, number)?;
        let mut operation = asked.ok_or(StoreError::NotFound("card operation"))?;
        if operation.state != OperationState::Waiting {
            return Ok(operation);
        }
        operation.changed_at = now;
        match &answer {
            Ok(Initiated::Challenged { authentication, challenge }) => {
                operation.detail.authentication = Some(authentication.clone());
                match challenge {
                    Challenge::Redirect { url } => {
                        operation.detail.flow = Some(Flow::Redirect);
                        operation.detail.page = Some(url.clone());
                    }
                    Challenge::Code { valid_minutes } => {
                        operation.detail.flow = Some(Flow::Seamless);
                        operation.detail.challenge =
                            Some(OtpChallenge::begin(rules, *valid_minutes, None, now));
                        operation.detail.step = Some(Step::Sent);
                    }
                }
                tx.update_card_operation(&operation, Some(operation.at.plus_ms(life_ms)))?;
                return Ok(operation);
            }
            Ok(Initiated::Refused(refusal)) => operation.detail.refusal = Some(refusal.clone()),
            Err(error) => operation.detail.doubt = Some(error.code().to_owned()),
        }
        fail(tx, &mut operation, now)?;
        Ok(operation)
    };
    let operation = app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    if is_unreached {
        return Err(CardError::NotReached.into());
    }
    Ok(operation)
}

/// What the first transaction writes.
struct New {
    operation: CardOperation,
    subject: Subject,
    request: Option<CardRequest>,
    known: Known,
    held: Option<Vec<u8>>,
    ends_at: Timestamp,
}

impl New {
    fn write(&self, tx: &mut Tx<'_>, now: Timestamp) -> Attempted<Begun> {
        let brand = self.operation.payment.brand;
        if let Some(request) = &self.request
            && let Some(before) = tx.card_operation_of_request(brand, &request.key, now)?
        {
            return Ok(Ok(Begun::Before(Box::new(before))));
        }
        let mut guard = tx.card_guard(brand, &self.known.guarded_by)?;
        if !guard.may_begin(now) {
            return Ok(Err(CardError::CardRests));
        }
        match &self.subject {
            Subject::New(new) => {
                if let Err(refused) = new.write(tx, now)? {
                    return Ok(Err(refused));
                }
            }
            Subject::Existing(number) => {
                let payment = payment_of(tx, brand, *number)?;
                if !matches!(payment.state, PaymentState::Created | PaymentState::Pending) {
                    return Ok(Err(CardError::WrongState));
                }
            }
        }
        if let Some(value) = &self.known.uses_up
            && !tx.forget_kept_card(brand, value)?
        {
            return Err(StoreError::Conflict);
        }
        guard.begun(now);
        tx.write_card_guard(brand, &self.known.guarded_by, &guard, now)?;
        tx.insert_card_operation(&NewCardOperation {
            operation: &self.operation,
            request: self.request.as_ref(),
            ask_at: Some(self.ends_at),
        })?;
        if let Some(sealed) = &self.held {
            tx.hold_card(brand, self.operation.number, sealed, now.plus_ms(HELD_MS))?;
        }
        Ok(Ok(Begun::New))
    }
}

/// An authentication failed, for good: what was held is destroyed, and an order of an API of cards is over.
pub(super) fn fail(
    tx: &mut Tx<'_>,
    operation: &mut CardOperation,
    now: Timestamp,
) -> Result<(), StoreError> {
    operation.state = OperationState::Declined;
    operation.changed_at = now;
    if let Some(grant) = &mut operation.detail.grant {
        grant.failed();
    }
    let brand = operation.payment.brand;
    tx.update_card_operation(operation, None)?;
    tx.drop_held_card(brand, operation.number)?;
    let payment = payment_of(tx, brand, operation.payment.number)?;
    let is_waiting = matches!(payment.state, PaymentState::Created | PaymentState::Pending);
    if is_final(&payment) && is_waiting {
        let reason = why(operation);
        tx.decide(brand, payment.id.number, Command::Decline { reason: reason.into() }, now)?;
    }
    Ok(())
}

/// Why an operation was declined, for the merchant.
pub(super) fn why(operation: &CardOperation) -> String {
    let detail = &operation.detail;
    match (&detail.refusal, detail.end, &detail.doubt) {
        (Some(refusal), ..) => format!("{}: {}", refusal.code(), refusal.text()),
        (None, Some(end), _) => format!("authentication: {}", end.code()),
        (None, None, Some(doubt)) => doubt.clone(),
        (None, None, None) => "declined".to_owned(),
    }
}
