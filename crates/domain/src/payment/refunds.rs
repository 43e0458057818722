//! What can be decided of a paid payment: refunds, and chargebacks.

use crate::chargeback::{Chargeback, ChargebackState};
use crate::ledger::{Account, Purpose, Transaction};
use crate::refund::{Refund, RefundState};
use crate::{Money, Timestamp, limits};

use super::{Decision, Event, EventKind, Paid, Payment, Refusal};

/// The merchant promises money back: refunds against refunds payable.
pub(super) fn request(
    payment: &Payment,
    amount: Money,
    reason: &str,
    reference: Option<&str>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    paid(payment)?;
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    let named = |refund: &&Refund| reference.is_some() && refund.reference.as_deref() == reference;
    if let Some(known) = payment.refunds.iter().find(named) {
        let same = known.amount == amount;
        return if same {
            Ok(Decision::unchanged(payment))
        } else {
            Err(Refusal::RefundReferenceUsed)
        };
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

/// An issuer took money back: it leaves the rail account and is disputed. Refunds that nobody began to send, and that no
/// longer fit into what is left, are given up: the payer would be paid twice.
pub(super) fn open_chargeback(
    payment: &Payment,
    amount: Option<Money>,
    reason: &str,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Paid { account, applied, .. } = *paid(payment)?;
    let left = applied.checked_sub(payment.charged_back())?;
    let amount = amount.unwrap_or(left);
    if left.checked_sub(amount)?.minor() < 0 || !left.is_positive() {
        return Err(Refusal::ChargebackTooLarge(left));
    }
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    if payment.chargebacks.len() >= limits::CHARGEBACKS_PER_PAYMENT {
        return Err(Refusal::TooManyChargebacks);
    }
    let number = payment.chargebacks.last().map_or(1, |last| last.number + 1);
    let mut next = payment.clone();
    next.chargebacks.push(Chargeback {
        number,
        amount,
        state: ChargebackState::Open,
        reason: reason.to_owned(),
        opened_at: now,
        changed_at: now,
    });
    let given_up = give_up_refunds(&mut next, now);
    next.state = next.state_when_paid();
    let books = Transaction::new(
        Purpose::ChargebackOpened,
        &[(Account::Disputes, amount), (Account::Rail(account), amount.negated()?)],
    )?;
    let kind = EventKind::ChargebackOpened { number };
    let mut decision = Decision::changed(next, kind, now).with_ledger(books);
    for (number, amount) in given_up {
        decision.events.push(Event { at: now, kind: EventKind::RefundFailed { number } });
        decision = decision.with_ledger(taken_back(amount)?);
    }
    Ok(decision)
}

/// A chargeback is decided: the money comes back, or is gone for good.
pub(super) fn close_chargeback(
    payment: &Payment,
    number: u32,
    to: ChargebackState,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let account = paid(payment)?.account;
    let mut next = payment.clone();
    let known = next.chargebacks.iter_mut().find(|chargeback| chargeback.number == number);
    let chargeback = known.ok_or(Refusal::NoSuchChargeback)?;
    if chargeback.state == to {
        return Ok(Decision::unchanged(payment));
    }
    if chargeback.state != ChargebackState::Open {
        return Err(Refusal::WrongChargebackState(chargeback.state));
    }
    chargeback.state = to;
    chargeback.changed_at = now;
    let amount = chargeback.amount;
    next.state = next.state_when_paid();
    let (kind, purpose, to) = match to {
        ChargebackState::Won => {
            (EventKind::ChargebackWon { number }, Purpose::ChargebackWon, Account::Rail(account))
        }
        ChargebackState::Open | ChargebackState::Lost => {
            (EventKind::ChargebackLost { number }, Purpose::ChargebackLost, Account::Chargebacks)
        }
    };
    let books = Transaction::new(purpose, &[(to, amount), (Account::Disputes, amount.negated()?)])?;
    Ok(Decision::changed(next, kind, now).with_ledger(books))
}

fn paid(payment: &Payment) -> Result<&Paid, Refusal> {
    let paid = payment.paid.as_ref().filter(|_| payment.state.is_paid());
    paid.ok_or(Refusal::WrongState(payment.state))
}

fn amount_of(payment: &Payment, number: u32) -> Result<Money, Refusal> {
    payment.refund(number).map(|refund| refund.amount).ok_or(Refusal::NoSuchRefund)
}

fn taken_back(amount: Money) -> Result<Transaction, Refusal> {
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

/// Fails pending refunds, the latest first, until what is left fits beside what is charged back; which, and of how much.
fn give_up_refunds(payment: &mut Payment, now: Timestamp) -> Vec<(u32, Money)> {
    let Some(paid) = &payment.paid else { return vec![] };
    let most = paid.applied.minor() - payment.charged_back().minor();
    let promised = |refunds: &[Refund]| -> i64 {
        let kept = refunds.iter().filter(|refund| refund.state != RefundState::Failed);
        kept.map(|refund| refund.amount.minor()).sum()
    };
    let mut sum = promised(&payment.refunds);
    let mut given_up = vec![];
    for refund in payment.refunds.iter_mut().rev() {
        if sum <= most {
            break;
        }
        if refund.state == RefundState::Pending {
            refund.state = RefundState::Failed;
            refund.changed_at = now;
            refund.note = Some("charged back".to_owned());
            sum -= refund.amount.minor();
            given_up.push((refund.number, refund.amount));
        }
    }
    given_up
}
