//! What can be decided of a paid payment's chargebacks.

use crate::chargeback::{Chargeback, ChargebackState};
use crate::ledger::{Account, Purpose, Transaction};
use crate::refund::{Refund, RefundState};
use crate::{Money, Timestamp, limits};

use super::refunds::{paid, taken_back};
use super::{Decision, Event, EventKind, Paid, Payment, Refusal};

/// An issuer took money back: it leaves the rail account and is disputed. Refunds that nobody began to send, and that no
/// longer fit into what is left, are given up: the payer would be paid twice.
pub(super) fn open(
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
pub(super) fn close(
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
