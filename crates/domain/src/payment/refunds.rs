//! What can be decided of a paid payment's refunds.

use crate::ledger::{Account, Purpose, Transaction};
use crate::refund::{Refund, RefundState};
use crate::{Money, Timestamp, limits};

use super::{Decision, EventKind, Paid, Payment, Refusal};

/// A refund that is asked for: see [`super::Command::RequestRefund`].
pub(super) struct Ask<'a> {
    pub(super) amount: Money,
    pub(super) reason: &'a str,
    pub(super) reference: Option<&'a str>,
    pub(super) unless_since: Option<Timestamp>,
}

/// The merchant promises money back: refunds against refunds payable.
pub(super) fn request(
    payment: &Payment,
    ask: &Ask<'_>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Ask { amount, reason, reference, unless_since } = *ask;
    let payee = paid(payment)?.payer.clone();
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    // One that failed leaves its name, and its amount, to the next.
    let mut kept = payment.refunds.iter().filter(|refund| refund.state != RefundState::Failed);
    let is_repeated = match (reference, unless_since) {
        (Some(name), _) => match kept.find(|refund| refund.reference.as_deref() == Some(name)) {
            Some(known) if known.amount != amount => return Err(Refusal::RefundReferenceUsed),
            known => known.is_some(),
        },
        (None, Some(since)) => kept.any(|refund| {
            refund.reference.is_none() && refund.amount == amount && refund.requested_at >= since
        }),
        (None, None) => false,
    };
    if is_repeated {
        return Ok(Decision::unchanged(payment));
    }
    let refundable = payment.refundable();
    if refundable.checked_sub(amount)?.minor() < 0 {
        return Err(Refusal::RefundTooLarge(refundable));
    }
    if payment.refunds.len() >= limits::REFUNDS_PER_PAYMENT {
        return Err(Refusal::TooManyRefunds);
    }
    let number = payment.refunds.last().map_or(1, |last| last.number + 1);
    let mut next = payment.clone();
    next.refunds.push(Refund {
        number,
        amount,
        state: RefundState::Pending,
        payee,
        reason: reason.to_owned(),
        reference: reference.map(str::to_owned),
        note: None,
        requested_at: now,
        changed_at: now,
    });
    next.state = next.state_when_paid();
    let books = Transaction::new(
        Purpose::RefundRequested,
        &[(Account::Refunds, amount), (Account::RefundsPayable, amount.negated()?)],
    )?;
    Ok(Decision::changed(next, EventKind::RefundRequested { number }, now).with_ledger(books))
}

/// Somebody began to send it: nothing for the books.
pub(super) fn process(payment: &Payment, number: u32, now: Timestamp) -> Result<Decision, Refusal> {
    let Some(next) = moved(payment, number, RefundState::Processing, None, now)? else {
        return Ok(Decision::unchanged(payment));
    };
    Ok(Decision::changed(next, EventKind::RefundProcessing { number }, now))
}

/// It was sent: what was payable leaves the rail account, and what the rail charged for it.
pub(super) fn complete(
    payment: &Payment,
    number: u32,
    reference: &str,
    cost: Option<Money>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let account = paid(payment)?.account;
    let Some(next) = moved(payment, number, RefundState::Done, Some(reference), now)? else {
        return Ok(Decision::unchanged(payment));
    };
    let amount = amount_of(&next, number)?;
    let cost = cost.unwrap_or(Money::zero(amount.currency()));
    let books = Transaction::new(
        Purpose::RefundDone,
        &[
            (Account::RefundsPayable, amount),
            (Account::RailFees, cost),
            (Account::Rail(account), amount.checked_add(cost)?.negated()?),
        ],
    )?;
    Ok(Decision::changed(next, EventKind::RefundDone { number }, now).with_ledger(books))
}

/// It will not be sent: the promise is taken back, and the amount can be refunded again.
pub(super) fn fail(
    payment: &Payment,
    number: u32,
    reason: &str,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Some(next) = moved(payment, number, RefundState::Failed, Some(reason), now)? else {
        return Ok(Decision::unchanged(payment));
    };
    let books = taken_back(amount_of(&next, number)?)?;
    Ok(Decision::changed(next, EventKind::RefundFailed { number }, now).with_ledger(books))
}

/// How it was paid; a refusal if it is not.
pub(super) fn paid(payment: &Payment) -> Result<&Paid, Refusal> {
    let paid = payment.paid.as_ref().filter(|_| payment.state.is_paid());
    paid.ok_or(Refusal::WrongState(payment.state))
}

fn amount_of(payment: &Payment, number: u32) -> Result<Money, Refusal> {
    payment.refund(number).map(|refund| refund.amount).ok_or(Refusal::NoSuchRefund)
}

/// What a promise that is taken back is worth in the books.
pub(super) fn taken_back(amount: Money) -> Result<Transaction, Refusal> {
    let movements = [(Account::RefundsPayable, amount), (Account::Refunds, amount.negated()?)];
    Ok(Transaction::new(Purpose::RefundFailed, &movements)?)
}

/// The payment with a refund in another state; none if it is in that state.
fn moved(
    payment: &Payment,
    number: u32,
    to: RefundState,
    note: Option<&str>,
    now: Timestamp,
) -> Result<Option<Payment>, Refusal> {
    let mut next = payment.clone();
    let known = next.refunds.iter_mut().find(|refund| refund.number == number);
    let refund = known.ok_or(Refusal::NoSuchRefund)?;
    if refund.state == to {
        return Ok(None);
    }
    if !refund.state.is_open() {
        return Err(Refusal::WrongRefundState(refund.state));
    }
    refund.state = to;
    refund.changed_at = now;
    if let Some(note) = note {
        refund.note = Some(note.to_owned());
    }
    next.state = next.state_when_paid();
    Ok(Some(next))
}
