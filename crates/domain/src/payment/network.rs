//! What a network that is asked for money makes of a payment.
//!
//! From the moment in which it is asked until it has answered the payment is *unknown*: it does not expire, and nothing
//! else may be asked for it. An approval is a receipt, and settles as every other.

use crate::receipt::ReceiptKey;
use crate::{AccountId, Timestamp, limits};

use super::decide::mark_attempt;
use super::{Attempt, AttemptState, Decision, EventKind, Origin, Payment, PaymentState, Refusal};

/// It is about to be asked.
pub(super) fn ask(
    payment: &Payment,
    account: AccountId,
    key: ReceiptKey,
    origin: Option<Origin>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    if payment.attempt(&key).is_some() {
        return Ok(Decision::unchanged(payment));
    }
    match payment.state {
        PaymentState::Created | PaymentState::Pending => {}
        state if state.is_paid() => return Err(Refusal::AlreadyPaid),
        state => return Err(Refusal::WrongState(state)),
    }
    if payment.attempts.len() >= limits::ATTEMPTS_PER_PAYMENT {
        return Err(Refusal::TooManyAttempts);
    }
    let mut next = payment.clone();
    next.state = PaymentState::Unknown;
    let kind = EventKind::Asked { reference: key.reference.clone() };
    next.attempts.push(Attempt { account, key, state: AttemptState::Asked, at: now, origin });
    Ok(Decision::changed(next, kind, now))
}

/// It said no. A payment that was given up meanwhile stays so.
pub(super) fn refuse(
    payment: &Payment,
    key: &ReceiptKey,
    reason: &str,
    is_final: bool,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let mut next = asked(payment, key)?;
    let Some(next_attempt) = next.attempts.iter_mut().find(|attempt| attempt.key == *key) else {
        return Err(Refusal::WrongState(payment.state));
    };
    if next_attempt.state == AttemptState::Refused {
        return Ok(Decision::unchanged(payment));
    }
    if next_attempt.state != AttemptState::Asked {
        return Err(Refusal::WrongState(payment.state));
    }
    next_attempt.state = AttemptState::Refused;
    let is_unknown = payment.state == PaymentState::Unknown;
    if is_unknown && is_final {
        next.state = PaymentState::Declined;
        next.reason = Some(reason.to_owned());
        return Ok(Decision::changed(next, EventKind::Declined { reason: reason.to_owned() }, now));
    }
    if is_unknown {
        next.state = PaymentState::Pending;
    }
    let reference = key.reference.clone();
    let kind = EventKind::Refused { reference, reason: reason.to_owned() };
    Ok(Decision::changed(next, kind, now))
}

/// It has reserved the money, perhaps for a payment that was given up meanwhile.
pub(super) fn reserve(
    payment: &Payment,
    key: &ReceiptKey,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let mut next = asked(payment, key)?;
    if payment.attempt(key).is_some_and(|attempt| attempt.state == AttemptState::Reserved) {
        return Ok(Decision::unchanged(payment));
    }
    if payment.state.is_paid() || payment.state == PaymentState::Authorised {
        return Err(Refusal::WrongState(payment.state));
    }
    next.state = PaymentState::Authorised;
    next.reason = None;
    mark_attempt(&mut next, key, AttemptState::Reserved);
    let kind = EventKind::Reserved { reference: key.reference.clone() };
    Ok(Decision::changed(next, kind, now))
}

/// What was reserved is let go.
pub(super) fn release(payment: &Payment, now: Timestamp) -> Result<Decision, Refusal> {
    match payment.state {
        PaymentState::Authorised => {}
        PaymentState::Cancelled => return Ok(Decision::unchanged(payment)),
        state => return Err(Refusal::WrongState(state)),
    }
    let mut next = payment.clone();
    next.state = PaymentState::Cancelled;
    for attempt in &mut next.attempts {
        if attempt.state == AttemptState::Reserved {
            attempt.state = AttemptState::Refused;
        }
    }
    Ok(Decision::changed(next, EventKind::Released, now))
}

fn asked(payment: &Payment, key: &ReceiptKey) -> Result<Payment, Refusal> {
    match payment.attempt(key) {
        Some(_) => Ok(payment.clone()),
        None => Err(Refusal::WrongState(payment.state)),
    }
}
