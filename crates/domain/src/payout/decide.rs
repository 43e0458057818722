//! The one decision function of payouts.

use std::borrow::Cow;

use crate::ledger::{Account, Purpose, Transaction};
use crate::payment::Refusal;
use crate::receipt::ReceiptKey;
use crate::{AccountId, Money, PaymentId, Timestamp};

use super::{Payout, PayoutOrder, PayoutState, Sent};

/// What can be asked of a payout. Asking twice changes nothing the second time.
#[derive(Clone, Debug)]
pub enum Command<'a> {
    /// The merchant promises money.
    Request {
        /// The payout's identity, made by the caller from the time and random bits.
        id: PaymentId,
        /// What the merchant asks for.
        order: Box<PayoutOrder>,
        /// What the merchant can dispose of, in the order's currency.
        available: Money,
    },
    /// Somebody began to send it.
    Process,
    /// It was sent.
    Complete {
        /// The account that the money left.
        account: AccountId,
        /// The rail and its reference of the transfer.
        key: ReceiptKey,
        /// What the rail charged for it, beyond the amount.
        cost: Option<Money>,
    },
    /// It will not be sent.
    Fail {
        /// Why, for the merchant.
        reason: Cow<'a, str>,
    },
}

/// What a command makes of a payout. All of it is committed in one transaction, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The payout as it now is.
    pub payout: Payout,
    /// Whether the command changed anything; it did not if it had been carried out before.
    pub is_change: bool,
    /// What it is worth in the books.
    pub ledger: Option<Transaction>,
}

/// Decides what `command` makes of `payout` at `now`. Pure: the same arguments give the same decision.
///
/// # Errors
///
/// [`Refusal::InsufficientBalance`] where the merchant does not have that much, [`Refusal::WrongPayoutState`] where it is
/// too late for the command, [`Refusal::WrongSubject`] where a payout is asked for that exists, or anything else of one that
/// does not.
pub fn decide(
    payout: Option<&Payout>,
    command: Command<'_>,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    match (payout, command) {
        (None, Command::Request { id, order, available }) => request(id, *order, available, now),
        (None, _) | (Some(_), Command::Request { .. }) => Err(Refusal::WrongSubject),
        (Some(payout), Command::Process) => process(payout, now),
        (Some(payout), Command::Complete { account, key, cost }) => {
            complete(payout, Sent { account, key, cost, at: now }, now)
        }
        (Some(payout), Command::Fail { reason }) => fail(payout, &reason, now),
    }
}

/// What was earned becomes payable.
fn request(
    id: PaymentId,
    order: PayoutOrder,
    available: Money,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let amount = order.amount;
    if !amount.is_positive() {
        return Err(Refusal::NotPositive);
    }
    if available.checked_sub(amount)?.minor() < 0 {
        let least = Money::from_minor(available.minor().max(0), available.currency());
        return Err(Refusal::InsufficientBalance(least));
    }
    let books = Transaction::new(
        Purpose::PayoutRequested,
        &[(Account::Payouts, amount), (Account::PayoutsPayable, amount.negated()?)],
    )?;
    let payout = Payout {
        id,
        version: 1,
        state: PayoutState::Pending,
        order,
        sent: None,
        reason: None,
        changed_at: now,
    };
    Ok(Decision { payout, is_change: true, ledger: Some(books) })
}

fn process(payout: &Payout, now: Timestamp) -> Result<Decision, Refusal> {
    match payout.state {
        PayoutState::Processing => Ok(unchanged(payout)),
        PayoutState::Pending => Ok(Decision {
            payout: moved(payout, PayoutState::Processing, now),
            is_change: true,
            ledger: None,
        }),
        state @ (PayoutState::Succeeded | PayoutState::Failed) => {
            Err(Refusal::WrongPayoutState(state))
        }
    }
}

/// What was payable leaves the rail account, and what the rail charged for it. Another transfer for a payout that was sent is
/// a second one: refused, so that it is seen.
fn complete(payout: &Payout, sent: Sent, now: Timestamp) -> Result<Decision, Refusal> {
    if let Some(known) = &payout.sent {
        let is_same = known.key == sent.key && known.account == sent.account;
        let refused = Refusal::WrongPayoutState(payout.state);
        return if is_same { Ok(unchanged(payout)) } else { Err(refused) };
    }
    if !payout.state.is_open() {
        return Err(Refusal::WrongPayoutState(payout.state));
    }
    let amount = payout.order.amount;
    let cost = sent.cost.unwrap_or(Money::zero(amount.currency()));
    if cost.minor() < 0 {
        return Err(Refusal::NotPositive);
    }
    let books = Transaction::new(
        Purpose::PayoutDone,
        &[
            (Account::PayoutsPayable, amount),
            (Account::RailFees, cost),
            (Account::Rail(sent.account), amount.checked_add(cost)?.negated()?),
        ],
    )?;
    let mut next = moved(payout, PayoutState::Succeeded, now);
    next.sent = Some(sent);
    Ok(Decision { payout: next, is_change: true, ledger: Some(books) })
}

/// The promise is taken back: the money is available again.
fn fail(payout: &Payout, reason: &str, now: Timestamp) -> Result<Decision, Refusal> {
    match payout.state {
        PayoutState::Failed => Ok(unchanged(payout)),
        PayoutState::Succeeded => Err(Refusal::WrongPayoutState(payout.state)),
        PayoutState::Pending | PayoutState::Processing => {
            let amount = payout.order.amount;
            let books = Transaction::new(
                Purpose::PayoutFailed,
                &[(Account::PayoutsPayable, amount), (Account::Payouts, amount.negated()?)],
            )?;
            let mut next = moved(payout, PayoutState::Failed, now);
            next.reason = Some(reason.to_owned());
            Ok(Decision { payout: next, is_change: true, ledger: Some(books) })
        }
    }
}

fn unchanged(payout: &Payout) -> Decision {
    Decision { payout: payout.clone(), is_change: false, ledger: None }
}

fn moved(payout: &Payout, state: PayoutState, now: Timestamp) -> Payout {
    Payout { version: payout.version + 1, state, changed_at: now, ..payout.clone() }
}
