//! The one decision function: every change of a payment's state goes through [`decide`].

use thiserror::Error;

use crate::chargeback::ChargebackState;
use crate::ledger::{Account, LedgerError, Purpose, Transaction};
use crate::limits;
use crate::money::AmountError;
use crate::payout::PayoutState;
use crate::receipt::{Confidence, Problem, Receipt, ReceiptKey, ReceiptState};
use crate::refund::RefundState;
use crate::{AccountId, Money, Timestamp};

use super::{
    Attempt, AttemptState, Canceller, Command, Event, EventKind, Expirer, NewPayment, Origin, Paid,
    Payment, PaymentState, Settler, chargebacks, network, refunds,
};

/// What a command makes of a payment. All of it is committed in one transaction, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The payment as it now is.
    pub payment: Payment,
    /// What happened; empty when the command had been carried out before.
    pub events: Vec<Event>,
    /// What it is worth in the books.
    pub ledger: Vec<Transaction>,
    /// What becomes of the receipt that the command named.
    pub receipt: Option<ReceiptState>,
}

impl Decision {
    /// Whether there is anything to commit.
    pub fn is_change(&self) -> bool {
        !self.events.is_empty()
    }

    pub(super) fn unchanged(payment: &Payment) -> Self {
        Self { payment: payment.clone(), events: vec![], ledger: vec![], receipt: None }
    }

    pub(super) fn changed(mut payment: Payment, kind: EventKind, now: Timestamp) -> Self {
        payment.version += 1;
        Self { payment, events: vec![Event { at: now, kind }], ledger: vec![], receipt: None }
    }

    pub(super) fn with_ledger(mut self, transaction: Transaction) -> Self {
        self.ledger.push(transaction);
        self
    }
}

/// Why a command cannot be carried out. Nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Create was asked of a payment that exists, or anything else of one that does not.
    #[error("no such payment, or it exists already")]
    WrongSubject,
    /// The payment is in a state in which this cannot happen.
    #[error("a payment that is {} cannot do that", .0.code())]
    WrongState(PaymentState),
    /// The payment is paid by another receipt.
    #[error("the payment is already paid")]
    AlreadyPaid,
    /// The receipt pays another payment.
    #[error("the receipt pays another payment")]
    ReceiptTaken,
    /// A person dismissed the receipt.
    #[error("the receipt was dismissed")]
    ReceiptDismissed,
    /// The payer tried too often.
    #[error("too many attempts")]
    TooManyAttempts,
    /// The payment's time is not over.
    #[error("not expired yet")]
    NotExpiredYet,
    /// The amount is not positive.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// More than can be refunded; this much can.
    #[error("at most {0} can be refunded")]
    RefundTooLarge(Money),
    /// Too many refunds of one payment.
    #[error("too many refunds")]
    TooManyRefunds,
    /// The payment has no refund with this number.
    #[error("no such refund")]
    NoSuchRefund,
    /// The refund is in a state in which this cannot happen.
    #[error("a refund that is {0:?} cannot do that")]
    WrongRefundState(RefundState),
    /// Another refund of the payment has the merchant's name for it.
    #[error("another refund has this reference")]
    RefundReferenceUsed,
    /// The money that left went for another refund.
    #[error("the transfer belongs to another refund")]
    DebitTaken,
    /// More than was paid and is not charged back yet; this much is.
    #[error("at most {0} can be charged back")]
    ChargebackTooLarge(Money),
    /// Too many chargebacks of one payment.
    #[error("too many chargebacks")]
    TooManyChargebacks,
    /// The payment has no chargeback with this number.
    #[error("no such chargeback")]
    NoSuchChargeback,
    /// The chargeback is decided already.
    #[error("a chargeback that is {0:?} cannot do that")]
    WrongChargebackState(ChargebackState),
    /// A payout of more than the merchant can dispose of; this much it can.
    #[error("at most {0} is available")]
    InsufficientBalance(Money),
    /// The payout is in a state in which this cannot happen.
    #[error("a payout that is {} cannot do that", .0.code())]
    WrongPayoutState(PayoutState),
    /// Another request had the same idempotency key.
    #[error("another request had this reference")]
    KeyUsed,
    /// Amounts do not fit, or currencies differ.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The books would not balance: a bug, refused before it is written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Refusal {
    /// A stable code for logs and machine-readable errors.
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongSubject => "wrong_subject",
            Self::WrongState(_) => "wrong_state",
            Self::AlreadyPaid => "already_paid",
            Self::ReceiptTaken => "receipt_taken",
            Self::ReceiptDismissed => "receipt_dismissed",
            Self::TooManyAttempts => "too_many_attempts",
            Self::NotExpiredYet => "not_expired_yet",
            Self::NotPositive => "not_positive",
            Self::RefundTooLarge(_) => "refund_too_large",
            Self::TooManyRefunds => "too_many_refunds",
            Self::NoSuchRefund => "no_such_refund",
            Self::WrongRefundState(_) => "wrong_refund_state",
            Self::RefundReferenceUsed => "refund_reference_used",
            Self::DebitTaken => "debit_taken",
            Self::ChargebackTooLarge(_) => "chargeback_too_large",
            Self::TooManyChargebacks => "too_many_chargebacks",
            Self::NoSuchChargeback => "no_such_chargeback",
            Self::WrongChargebackState(_) => "wrong_chargeback_state",
            Self::InsufficientBalance(_) => "insufficient_balance",
            Self::WrongPayoutState(_) => "wrong_payout_state",
            Self::KeyUsed => "key_used",
            Self::Amount(error) => error.code(),
            Self::Ledger(_) => "unbalanced",
        }
    }
}

/// Decides what `command` makes of `payment` at `now`.
///
/// Pure: the same arguments give the same decision. A command that was carried out before gives a decision
/// without events, so that whoever comes second gets the same answer and changes nothing.
pub fn decide(
    payment: Option<&Payment>,
    command: Command<'_>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Some(payment) = payment else {
        return match command {
            Command::Create(new) => create(*new, now),
            _ => Err(Refusal::WrongSubject),
        };
    };
    let mut decision = change(payment, command, now)?;
    if decision.payment.state != payment.state {
        decision.payment.state_since = now;
    }
    Ok(decision)
}

fn change(payment: &Payment, command: Command<'_>, now: Timestamp) -> Result<Decision, Refusal> {
    match command {
        Command::Create(_) => Err(Refusal::WrongSubject),
        Command::Claim { account, key, origin } => claim(payment, account, key, origin, now),
        Command::Settle { receipt, by } => settle(payment, receipt, by, now),
        Command::Decline { reason } => decline(payment, &reason, now),
        Command::Cancel { by } => {
            let kind = EventKind::Cancelled { by_payer: by == Canceller::Payer };
            lose(payment, PaymentState::Cancelled, kind, now)
        }
        Command::Expire { by } => expire(payment, by, now),
        Command::Doubt { reason } => doubt(payment, &reason, now),
        Command::Ask { account, key, origin } => network::ask(payment, account, key, origin, now),
        Command::Refuse { key, reason, is_final } => {
            network::refuse(payment, &key, &reason, is_final, now)
        }
        Command::Reserve { key } => network::reserve(payment, &key, now),
        Command::Release => network::release(payment, now),
        Command::RequestRefund { amount, reason, reference, unless_since } => {
            let ask = refunds::Ask {
                amount,
                reason: &reason,
                reference: reference.as_deref(),
                unless_since,
            };
            refunds::request(payment, &ask, now)
        }
        Command::ProcessRefund { number } => refunds::process(payment, number, now),
        Command::CompleteRefund { number, reference, cost } => {
            refunds::complete(payment, number, &reference, cost, now)
        }
        Command::FailRefund { number, reason } => refunds::fail(payment, number, &reason, now),
        Command::OpenChargeback { amount, reason } => {
            chargebacks::open(payment, amount, &reason, now)
        }
        Command::WinChargeback { number } => {
            chargebacks::close(payment, number, ChargebackState::Won, now)
        }
        Command::LoseChargeback { number } => {
            chargebacks::close(payment, number, ChargebackState::Lost, now)
        }
    }
}

fn create(new: NewPayment, now: Timestamp) -> Result<Decision, Refusal> {
    let NewPayment { id, order } = new;
    if !order.amount.is_positive() || !order.due.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let currency = order.amount.currency();
    if order.due.currency() != currency || order.fee.currency() != currency {
        return Err(AmountError::CurrencyMismatch.into());
    }
    let payment = Payment {
        id,
        version: 0,
        state: PaymentState::Created,
        reason: None,
        order,
        attempts: vec![],
        paid: None,
        state_since: now,
        refunds: vec![],
        chargebacks: vec![],
    };
    Ok(Decision::changed(payment, EventKind::Created, now))
}

/// A claim is taken from a payment that was lost too: the payer may have paid a minute too late, and the
/// money, when it is seen, makes a late success.
fn claim(
    payment: &Payment,
    account: AccountId,
    key: ReceiptKey,
    origin: Option<Origin>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    if payment.attempt(&key).is_some() {
        return Ok(Decision::unchanged(payment));
    }
    if payment.state.is_paid() {
        let same = payment.paid.as_ref().is_some_and(|paid| paid.receipt == key);
        return if same { Ok(Decision::unchanged(payment)) } else { Err(Refusal::AlreadyPaid) };
    }
    if payment.attempts.len() >= limits::ATTEMPTS_PER_PAYMENT
        || waiting_attempts(payment) >= limits::WAITING_ATTEMPTS
    {
        return Err(Refusal::TooManyAttempts);
    }
    let mut next = payment.clone();
    if next.state == PaymentState::Created {
        next.state = PaymentState::Pending;
    }
    let kind = EventKind::Claimed { reference: key.reference.clone() };
    next.attempts.push(Attempt { account, key, state: AttemptState::Waiting, at: now, origin });
    Ok(Decision::changed(next, kind, now))
}

fn settle(
    payment: &Payment,
    receipt: &Receipt,
    by: Settler<'_>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let by_hand = match by {
        Settler::Rail => None,
        Settler::Hand { reason } => Some(reason.to_owned()),
    };
    match receipt.state {
        ReceiptState::Claimed { payment: owner, .. } if owner == payment.id => {
            return Ok(Decision::unchanged(payment));
        }
        ReceiptState::Claimed { .. } => return taken(payment, receipt, now),
        ReceiptState::Dismissed if by_hand.is_none() => return Err(Refusal::ReceiptDismissed),
        ReceiptState::Dismissed | ReceiptState::Open { .. } => {}
    }
    if let Some(problem) = problem_of(payment, receipt, by_hand.is_some()) {
        return Ok(set_aside(payment, receipt, problem, now));
    }

    let order = &payment.order;
    let applied =
        Money::from_minor(receipt.amount.minor().min(order.due.minor()), receipt.amount.currency());
    let fee = fee_of(payment, applied);
    let net = applied.checked_sub(fee)?;
    let books = Transaction::new(
        Purpose::Settlement,
        &[
            (Account::Suspense, applied),
            (Account::Fees, fee.negated()?),
            (Account::Sales, net.negated()?),
        ],
    )?;

    let late = payment.state.is_lost();
    let mut next = payment.clone();
    next.state = PaymentState::Succeeded;
    next.reason = None;
    next.paid = Some(Paid {
        receipt: receipt.key.clone(),
        account: receipt.account,
        payer: receipt.refund_to.clone(),
        received: receipt.amount,
        applied,
        at: now,
        late,
    });
    mark_attempt(&mut next, &receipt.key, AttemptState::Paid);
    // Of a reservation, what was asked for first has its money now.
    let reserved = next.attempts.iter_mut().find(|it| it.state == AttemptState::Reserved);
    if let Some(reserved) = reserved {
        reserved.state = AttemptState::Paid;
    }
    let mut decision =
        Decision::changed(next, EventKind::Succeeded { late, by_hand }, now).with_ledger(books);
    let remark = if receipt.amount.minor() > applied.minor() {
        Some(Problem::Excess)
    } else if late {
        Some(Problem::Late)
    } else {
        None
    };
    decision.receipt = Some(ReceiptState::Claimed { payment: payment.id, remark });
    Ok(decision)
}

/// The fee of what is applied. Of a reservation that is taken in part it is that part of the whole.
fn fee_of(payment: &Payment, applied: Money) -> Money {
    let (fee, due) = (payment.order.fee.minor(), payment.order.due.minor());
    let whole = fee.min(applied.minor());
    if payment.state != PaymentState::Authorised || applied.minor() >= due || due <= 0 {
        return Money::from_minor(whole, applied.currency());
    }
    let part = (i128::from(fee) * i128::from(applied.minor())).div_euclid(i128::from(due));
    // A part of what fits, fits.
    let part = i64::try_from(part).unwrap_or(whole);
    Money::from_minor(part.min(applied.minor()), applied.currency())
}

/// What keeps this receipt from paying this payment. A person may accept less money and less certainty,
/// but nobody can pay a payment twice or in another currency.
fn problem_of(payment: &Payment, receipt: &Receipt, by_hand: bool) -> Option<Problem> {
    let due = payment.order.due;
    let least = due.minor().saturating_sub(payment.order.tolerance_minor.max(0));
    if payment.state.is_paid() {
        Some(Problem::Duplicate)
    } else if receipt.amount.currency() != due.currency() {
        Some(Problem::WrongCurrency)
    } else if !receipt.amount.is_positive() {
        Some(Problem::Short)
    } else if by_hand {
        None
    } else if receipt.confidence == Confidence::Low
        || (is_fishing(payment) && !was_asked(payment, receipt))
    {
        Some(Problem::Doubtful)
    } else if payment.id.number.created_at().ms_since(receipt.heard_at) > limits::RECEIPT_AGE_MS_MAX
    {
        Some(Problem::Stale)
    } else if receipt.amount.minor() < least && payment.state != PaymentState::Authorised {
        Some(Problem::Short)
    } else {
        None
    }
}

/// Whether a network was asked for this very money: nobody typed its reference.
fn was_asked(payment: &Payment, receipt: &Receipt) -> bool {
    payment.attempt(&receipt.key).is_some_and(|attempt| attempt.state == AttemptState::Asked)
}

/// Whether the payer named more references that nobody has seen than a person who mistypes.
fn is_fishing(payment: &Payment) -> bool {
    waiting_attempts(payment) > limits::WAITING_ATTEMPTS_UNDOUBTED
}

fn waiting_attempts(payment: &Payment) -> usize {
    payment.attempts.iter().filter(|attempt| attempt.state == AttemptState::Waiting).count()
}

/// The receipt stays open, with what is wrong and the payment that wanted it.
fn set_aside(payment: &Payment, receipt: &Receipt, problem: Problem, now: Timestamp) -> Decision {
    let flagged = ReceiptState::Open { problem: Some(problem), suggested: Some(payment.id) };
    if receipt.state == flagged {
        return Decision::unchanged(payment);
    }
    let mut next = payment.clone();
    let attempt = match problem {
        Problem::Short => AttemptState::Short,
        Problem::Doubtful
        | Problem::Stale
        | Problem::WrongCurrency
        | Problem::Duplicate
        | Problem::Excess
        | Problem::Late => AttemptState::InReview,
    };
    // What was asked for is answered, if not as it should be: the outcome is not unknown any more.
    if was_asked(payment, receipt) && next.state == PaymentState::Unknown {
        next.state = PaymentState::Pending;
    }
    mark_attempt(&mut next, &receipt.key, attempt);
    let kind = EventKind::SetAside { reference: receipt.key.reference.clone(), problem };
    let mut decision = Decision::changed(next, kind, now);
    decision.receipt = Some(flagged);
    decision
}

/// The receipt pays another payment: the attempt says so, the receipt is not touched.
fn taken(payment: &Payment, receipt: &Receipt, now: Timestamp) -> Result<Decision, Refusal> {
    let waiting =
        payment.attempt(&receipt.key).is_some_and(|attempt| attempt.state != AttemptState::Taken);
    if !waiting {
        return Err(Refusal::ReceiptTaken);
    }
    let mut next = payment.clone();
    mark_attempt(&mut next, &receipt.key, AttemptState::Taken);
    let reference = receipt.key.reference.clone();
    let kind = EventKind::SetAside { reference, problem: Problem::Duplicate };
    Ok(Decision::changed(next, kind, now))
}

pub(super) fn mark_attempt(payment: &mut Payment, key: &ReceiptKey, state: AttemptState) {
    if let Some(attempt) = payment.attempts.iter_mut().find(|attempt| attempt.key == *key) {
        attempt.state = state;
    }
}

fn decline(payment: &Payment, reason: &str, now: Timestamp) -> Result<Decision, Refusal> {
    let kind = EventKind::Declined { reason: reason.to_owned() };
    let mut decision = lose(payment, PaymentState::Declined, kind, now)?;
    if decision.is_change() {
        decision.payment.reason = Some(reason.to_owned());
    }
    Ok(decision)
}

fn lose(
    payment: &Payment,
    state: PaymentState,
    kind: EventKind,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    if payment.state == state {
        return Ok(Decision::unchanged(payment));
    }
    if !payment.state.is_open() {
        return Err(Refusal::WrongState(payment.state));
    }
    let mut next = payment.clone();
    next.state = state;
    Ok(Decision::changed(next, kind, now))
}

/// An unknown outcome does not expire: it is asked for until it is known.
fn expire(payment: &Payment, by: Expirer, now: Timestamp) -> Result<Decision, Refusal> {
    if !payment.state.is_open() || payment.state == PaymentState::Unknown {
        return Ok(Decision::unchanged(payment));
    }
    if by == Expirer::Clock && now < payment.order.expires_at {
        return Err(Refusal::NotExpiredYet);
    }
    lose(payment, PaymentState::Expired, EventKind::Expired, now)
}

fn doubt(payment: &Payment, reason: &str, now: Timestamp) -> Result<Decision, Refusal> {
    match payment.state {
        PaymentState::Unknown => Ok(Decision::unchanged(payment)),
        PaymentState::Created | PaymentState::Pending => {
            let mut next = payment.clone();
            next.state = PaymentState::Unknown;
            let kind = EventKind::Doubted { reason: reason.to_owned() };
            Ok(Decision::changed(next, kind, now))
        }
        state => Err(Refusal::WrongState(state)),
    }
}
