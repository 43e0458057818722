use proptest::prelude::*;

use super::*;
use crate::ledger::TrialBalance;
use crate::payment::Refusal;
use crate::{BrandId, Currency};

const NOW: Timestamp = Timestamp::from_s(1_800_000_000);

fn inr(minor: i64) -> Money {
    Money::from_minor(minor, Currency::INR)
}

fn order(minor: i64) -> Box<PayoutOrder> {
    Box::new(PayoutOrder {
        dialect: "rumbapay".into(),
        method: "upi".into(),
        amount: inr(minor),
        beneficiary: Beneficiary { account: "name@handle".into(), ..Beneficiary::default() },
        customer: Customer::default(),
        callback: None,
        metadata: None,
        dialect_note: None,
    })
}

fn id() -> PaymentId {
    PaymentId::new(BrandId(1), NOW, 7)
}

fn requested(minor: i64, available: i64) -> Result<Decision, Refusal> {
    let command = Command::Request { id: id(), order: order(minor), available: inr(available) };
    decide(None, command, NOW)
}

fn completion(reference: &str) -> Command<'static> {
    let key = ReceiptKey::new("upi", reference);
    Command::Complete { account: AccountId(3), key, cost: Some(inr(50)) }
}

#[test]
fn never_more_than_what_is_there() {
    assert!(requested(100, 100).is_ok());
    assert_eq!(requested(101, 100), Err(Refusal::InsufficientBalance(inr(100))));
    assert_eq!(requested(1, -5), Err(Refusal::InsufficientBalance(inr(0))));
    assert_eq!(requested(0, 100), Err(Refusal::NotPositive));
    let taka = Money::from_minor(500, Currency::BDT);
    let command = Command::Request { id: id(), order: order(1), available: taka };
    assert!(matches!(decide(None, command, NOW), Err(Refusal::Amount(_))));
}

#[test]
fn what_was_sent_left_the_account() {
    let made = requested(1_000, 5_000).unwrap();
    let done = decide(Some(&made.payout), completion("630712345671"), NOW).unwrap();
    assert_eq!(done.payout.state, PayoutState::Succeeded);
    let mut books = TrialBalance::default();
    for entry in made.ledger.iter().chain(&done.ledger).flat_map(Transaction::entries) {
        books.add(entry);
    }
    assert_eq!(books.balance(Account::Rail(AccountId(3)), Currency::INR), -1_050);
    assert_eq!(books.balance(Account::Payouts, Currency::INR), 1_000);
    assert_eq!(books.balance(Account::PayoutsPayable, Currency::INR), 0);
    assert_eq!(books.balance(Account::RailFees, Currency::INR), 50);

    let again = decide(Some(&done.payout), completion("630712345671"), NOW).unwrap();
    assert!(!again.is_change && again.ledger.is_none());
    let second = decide(Some(&done.payout), completion("630712345672"), NOW);
    assert_eq!(second, Err(Refusal::WrongPayoutState(PayoutState::Succeeded)));
    let late = decide(Some(&done.payout), Command::Fail { reason: "no".into() }, NOW);
    assert_eq!(late, Err(Refusal::WrongPayoutState(PayoutState::Succeeded)));
}

use crate::ledger::{Account, Transaction};

proptest! {
    /// Whatever is asked in whatever order: the books balance, and what is available never falls below nothing.
    #[test]
    fn any_order_of_commands_keeps_the_books(
        steps in proptest::collection::vec((0_usize..4, 1_i64..600), 0..60),
    ) {
        let mut books = TrialBalance::default();
        let earned = [(Account::Rail(AccountId(3)), inr(1_000)), (Account::Sales, inr(-1_000))];
        let earned = Transaction::new(crate::ledger::Purpose::Settlement, &earned).unwrap();
        earned.entries().iter().for_each(|entry| books.add(entry));
        let mut payouts: Vec<Payout> = vec![];
        for (n, (what, minor)) in steps.into_iter().enumerate() {
            let last = payouts.last().cloned();
            let command = match what {
                0 => Command::Request {
                    id: id(),
                    order: order(minor),
                    available: inr(i64::try_from(books.available(Currency::INR)).unwrap()),
                },
                1 => Command::Process,
                2 => Command::Complete {
                    account: AccountId(3),
                    key: ReceiptKey::new("upi", &format!("{n:012}")),
                    cost: None,
                },
                _ => Command::Fail { reason: "no".into() },
            };
            let is_new = what == 0;
            let Ok(decision) = decide(last.as_ref().filter(|_| !is_new), command, NOW) else {
                continue;
            };
            decision.ledger.iter().flat_map(Transaction::entries).for_each(|it| books.add(it));
            match (is_new, payouts.last_mut()) {
                (false, Some(last)) => *last = decision.payout,
                _ => payouts.push(decision.payout),
            }
            prop_assert!(books.is_zero());
            prop_assert!(books.available(Currency::INR) >= 0);
            let kept = |state: fn(PayoutState) -> bool| -> i128 {
                let kept = payouts.iter().filter(|it| state(it.state));
                kept.map(|it| i128::from(it.order.amount.minor())).sum()
            };
            let payable = books.balance(Account::PayoutsPayable, Currency::INR);
            prop_assert_eq!(payable, -kept(PayoutState::is_open));
            let gone = kept(|state| state == PayoutState::Succeeded);
            prop_assert_eq!(books.balance(Account::Rail(AccountId(3)), Currency::INR), 1_000 - gone);
        }
    }
}
