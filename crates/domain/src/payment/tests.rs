//! Properties that must hold for any history: a small world of payments and receipts in which anything happens
//! in any order.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::ids::BrandId;
use crate::ledger::{Account, TrialBalance};
use crate::receipt::{Confidence, Problem, Receipt, ReceiptState, arrival};
use crate::{Currency, Timestamp};

const CREATED: Timestamp = Timestamp::from_s(1_700_000_000);
const EXPIRES: Timestamp = Timestamp::from_s(1_700_003_600);
const ACCOUNT: AccountId = AccountId(1);

fn bdt(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

fn order(amount: i64, fee: i64, tolerance_minor: i64) -> Order {
    Order {
        dialect: "native".into(),
        amount: bdt(amount),
        fee: bdt(fee),
        due: bdt(amount + fee),
        tolerance_minor,
        customer: Customer::default(),
        urls: Urls::default(),
        metadata: None,
        dialect_note: None,
        expires_at: EXPIRES,
    }
}

fn receipt(reference: &str, minor: i64) -> Receipt {
    Receipt {
        key: ReceiptKey::new("bkash", reference),
        account: ACCOUNT,
        amount: bdt(minor),
        payer: None,
        at: CREATED,
        heard_at: CREATED,
        confidence: Confidence::High,
        warnings: vec![],
        state: ReceiptState::Open { problem: None, suggested: None },
    }
}

/// A store without a disk: what the real one must do with decisions, in a few lines.
#[derive(Default)]
struct World {
    payments: Vec<Payment>,
    receipts: BTreeMap<String, Receipt>,
    balance: TrialBalance,
    successes: Vec<PaymentId>,
}

impl World {
    fn with_payments(orders: Vec<Order>) -> Self {
        let mut world = Self::default();
        for (random, order) in (0_u64..).zip(orders) {
            let id = PaymentId::new(BrandId(1), CREATED, random);
            let new = Command::Create(Box::new(NewPayment { id, order }));
            let decision = decide(None, new, CREATED).unwrap();
            world.payments.push(decision.payment);
        }
        world
    }

    fn apply(&mut self, index: usize, command: Command<'_>, at: Timestamp) -> Result<(), Refusal> {
        let key = match &command {
            Command::Settle { receipt, .. } => Some(receipt.key.reference.clone()),
            _ => None,
        };
        let before = &self.payments[index];
        let decision = decide(Some(before), command.clone(), at)?;
        if !decision.is_change() {
            assert_eq!(decision.payment, *before);
            assert!(decision.ledger.is_empty() && decision.receipt.is_none());
        }
        for entry in decision.ledger.iter().flat_map(|transaction| transaction.entries()) {
            self.balance.add(entry);
        }
        if let (Some(key), Some(state)) = (key, decision.receipt) {
            self.receipts.get_mut(&key).unwrap().state = state;
        }
        if decision.events.iter().any(|e| matches!(e.kind, EventKind::Succeeded { .. })) {
            self.successes.push(decision.payment.id);
        }
        self.payments[index] = decision.payment;
        Ok(())
    }

    fn settle(&mut self, index: usize, reference: &str, by: Settler<'_>, at: Timestamp) {
        let Some(receipt) = self.receipts.get(reference).cloned() else { return };
        let _ = self.apply(index, Command::Settle { receipt: &receipt, by }, at);
    }

    fn arrive(&mut self, receipt: Receipt, at: Timestamp) {
        let reference = receipt.key.reference.clone();
        if self.receipts.contains_key(&reference) {
            return;
        }
        for entry in arrival(&receipt).unwrap().entries() {
            self.balance.add(entry);
        }
        let key = receipt.key.clone();
        self.receipts.insert(reference.clone(), receipt);
        let mut waiting: Vec<_> = (0..self.payments.len())
            .filter_map(|i| self.payments[i].attempt(&key).map(|attempt| (attempt.at, i)))
            .collect();
        waiting.sort();
        for (_, index) in waiting {
            self.settle(index, &reference, Settler::Rail, at);
        }
    }

    fn step(&mut self, step: &Step, at: Timestamp) {
        match step {
            Step::Claim { payment, reference } => {
                let key = ReceiptKey::new("bkash", reference);
                if self.apply(*payment, Command::Claim { account: ACCOUNT, key }, at).is_ok() {
                    self.settle(*payment, reference, Settler::Rail, at);
                }
            }
            Step::Arrive { reference, minor } => self.arrive(receipt(reference, *minor), at),
            Step::Hand { payment, reference } => {
                self.settle(*payment, reference, Settler::Hand { reason: "seen" }, at);
            }
            Step::Cancel { payment } => {
                let _ = self.apply(*payment, Command::Cancel { by: Canceller::Payer }, at);
            }
            Step::Decline { payment } => {
                let _ = self.apply(*payment, Command::Decline { reason: "no" }, at);
            }
            Step::Expire { payment } => {
                let _ = self.apply(*payment, Command::Expire, EXPIRES);
            }
            Step::Doubt { payment } => {
                let _ = self.apply(*payment, Command::Doubt { reason: "timeout" }, at);
            }
            Step::Refund { payment, minor } => {
                let command = Command::RequestRefund { amount: bdt(*minor), reason: "returned" };
                let _ = self.apply(*payment, command, at);
            }
            Step::Process { payment, number } => {
                let _ = self.apply(*payment, Command::ProcessRefund { number: *number }, at);
            }
            Step::Complete { payment, number } => {
                let command = Command::CompleteRefund { number: *number, reference: "R" };
                let _ = self.apply(*payment, command, at);
            }
            Step::FailRefund { payment, number } => {
                let command = Command::FailRefund { number: *number, reason: "closed" };
                let _ = self.apply(*payment, command, at);
            }
        }
    }

    fn check(&self) {
        assert!(self.balance.is_zero(), "the books balance");
        let mut claimed = BTreeMap::new();
        for receipt in self.receipts.values() {
            if let Some(payment) = receipt.claimed_by() {
                let other = claimed.insert(payment, receipt.key.clone());
                assert_eq!(other, None, "a payment is paid by one receipt");
            }
        }
        for payment in &self.payments {
            let paid = payment.paid.as_ref().map(|paid| paid.receipt.clone());
            assert_eq!(paid.is_some(), payment.state.is_paid());
            assert_eq!(paid.as_ref(), claimed.get(&payment.id), "both sides agree who pays what");
            let told = self.successes.iter().filter(|id| **id == payment.id).count();
            assert_eq!(told, usize::from(paid.is_some()), "success is told once");
            assert!(payment.refundable().minor() >= 0);
            assert!(payment.refunded().minor() <= payment.order.amount.minor());
        }
        let received: i64 = self.receipts.values().map(|receipt| receipt.amount.minor()).sum();
        let sent: i64 = self.payments.iter().map(|payment| payment.refunded().minor()).sum();
        let on_account = self.balance.balance(Account::Rail(ACCOUNT), Currency::BDT);
        assert_eq!(on_account, i128::from(received - sent), "the books know every taka");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Claim { payment: usize, reference: String },
    Arrive { reference: String, minor: i64 },
    Hand { payment: usize, reference: String },
    Cancel { payment: usize },
    Decline { payment: usize },
    Expire { payment: usize },
    Doubt { payment: usize },
    Refund { payment: usize, minor: i64 },
    Process { payment: usize, number: u32 },
    Complete { payment: usize, number: u32 },
    FailRefund { payment: usize, number: u32 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let reference = || prop::sample::select(vec!["AAAAAA1", "BBBBBB2", "CCCCCC3"]);
    let payment = || 0_usize..3;
    let number = || 1_u32..4;
    prop_oneof![
        4 => (payment(), reference())
            .prop_map(|(payment, r)| Step::Claim { payment, reference: r.into() }),
        4 => (reference(), 1_i64..300)
            .prop_map(|(r, minor)| Step::Arrive { reference: r.into(), minor }),
        1 => (payment(), reference())
            .prop_map(|(payment, r)| Step::Hand { payment, reference: r.into() }),
        1 => payment().prop_map(|payment| Step::Cancel { payment }),
        1 => payment().prop_map(|payment| Step::Decline { payment }),
        1 => payment().prop_map(|payment| Step::Expire { payment }),
        1 => payment().prop_map(|payment| Step::Doubt { payment }),
        3 => (payment(), 1_i64..150).prop_map(|(payment, minor)| Step::Refund { payment, minor }),
        1 => (payment(), number()).prop_map(|(payment, number)| Step::Process { payment, number }),
        2 => (payment(), number()).prop_map(|(payment, number)| Step::Complete { payment, number }),
        1 => (payment(), number())
            .prop_map(|(payment, number)| Step::FailRefund { payment, number }),
    ]
}

fn at(step: usize) -> Timestamp {
    CREATED.plus_ms(1 + step as i64)
}

proptest! {
    /// Whatever happens, in whatever order, twice or more: the invariants hold after every step.
    #[test]
    fn any_history_keeps_the_invariants(steps in prop::collection::vec(any_step(), 1..40)) {
        let mut world =
            World::with_payments(vec![order(100, 0, 0), order(100, 5, 10), order(50, 0, 0)]);
        for (n, step) in steps.iter().enumerate() {
            world.step(step, at(n));
            world.check();
        }
    }

    /// The payer's word, the receipt, a cancel, a decline, the clock and a far end's silence, in any order
    /// and with repeats: money that was seen pays, and the books are the same.
    #[test]
    fn every_order_of_the_same_facts_ends_paid(
        order_of_steps in Just((0_usize..6).chain([0, 1]).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let steps = [
            Step::Claim { payment: 0, reference: "AAAAAA1".into() },
            Step::Arrive { reference: "AAAAAA1".into(), minor: 120 },
            Step::Cancel { payment: 0 },
            Step::Decline { payment: 0 },
            Step::Expire { payment: 0 },
            Step::Doubt { payment: 0 },
        ];
        let mut world = World::with_payments(vec![order(100, 5, 0)]);
        for (n, index) in order_of_steps.iter().enumerate() {
            world.step(&steps[*index], at(n));
        }
        world.check();
        prop_assert_eq!(world.payments[0].state, PaymentState::Succeeded);
        let balance = |account| world.balance.balance(account, Currency::BDT);
        prop_assert_eq!(balance(Account::Rail(ACCOUNT)), 120);
        prop_assert_eq!(balance(Account::Sales), -100);
        prop_assert_eq!(balance(Account::Fees), -5);
        prop_assert_eq!(balance(Account::Suspense), -15, "what was sent too much is still owed");
    }

    /// The refunds of one payment, asked for in any sizes, never exceed it.
    #[test]
    fn refunds_never_exceed_the_payment(amounts in prop::collection::vec(1_i64..80, 1..10)) {
        let mut world = World::with_payments(vec![order(100, 0, 0)]);
        world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
        world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(1));
        let mut left = 100;
        for (n, minor) in amounts.into_iter().enumerate() {
            let command = Command::RequestRefund { amount: bdt(minor), reason: "" };
            let answer = world.apply(0, command, at(2 + n));
            if minor <= left {
                prop_assert_eq!(answer, Ok(()));
                left -= minor;
            } else {
                prop_assert_eq!(answer, Err(Refusal::RefundTooLarge(bdt(left))));
            }
        }
        world.check();
    }
}

fn paid_world() -> World {
    let mut world = World::with_payments(vec![order(100, 0, 0), order(100, 0, 0)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(1));
    world
}

#[test]
fn a_receipt_that_is_short_waits_for_a_person() {
    let mut world = World::with_payments(vec![order(100, 0, 5)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 94 }, at(1));
    let payment = &world.payments[0];
    assert_eq!(payment.state, PaymentState::Pending);
    assert_eq!(payment.attempts[0].state, AttemptState::Short);
    let flagged = ReceiptState::Open { problem: Some(Problem::Short), suggested: Some(payment.id) };
    assert_eq!(world.receipts["AAAAAA1"].state, flagged);
    world.step(&Step::Hand { payment: 0, reference: "AAAAAA1".into() }, at(2));
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    world.check();
}

#[test]
fn a_receipt_within_tolerance_pays() {
    let mut world = World::with_payments(vec![order(100, 0, 5)]);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 95 }, at(0));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(1));
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    world.check();
}

#[test]
fn a_doubtful_receipt_does_not_pay_by_itself() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    let doubtful = Receipt { confidence: Confidence::Low, ..receipt("AAAAAA1", 100) };
    world.arrive(doubtful, at(0));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(1));
    assert_eq!(world.payments[0].attempts[0].state, AttemptState::InReview);
    assert!(!world.payments[0].state.is_paid());
    world.check();
}

#[test]
fn the_second_payment_that_names_a_receipt_is_told_that_it_is_taken() {
    let mut world = paid_world();
    world.step(&Step::Claim { payment: 1, reference: "AAAAAA1".into() }, at(2));
    assert_eq!(world.payments[1].attempts[0].state, AttemptState::Taken);
    assert_eq!(world.receipts["AAAAAA1"].claimed_by(), Some(world.payments[0].id));
    world.check();
}

#[test]
fn a_prefix_of_a_reference_matches_nothing() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(0));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA".into() }, at(1));
    assert_eq!(world.payments[0].state, PaymentState::Pending);
}

#[test]
fn success_after_expiry_is_late_and_says_so() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Expire { payment: 0 }, at(1));
    assert_eq!(world.payments[0].state, PaymentState::Expired);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, EXPIRES);
    assert!(world.payments[0].paid.as_ref().unwrap().late);
    world.check();
}

#[test]
fn nothing_expires_before_its_time() {
    let world = World::with_payments(vec![order(100, 0, 0)]);
    let early = decide(Some(&world.payments[0]), Command::Expire, EXPIRES.plus_ms(-1));
    assert_eq!(early, Err(Refusal::NotExpiredYet));
}

#[test]
fn a_refund_goes_through_its_states_and_the_books_follow() {
    let mut world = paid_world();
    let refund = |world: &mut World, command: Command<'_>| world.apply(0, command, at(9)).unwrap();
    let ask = |minor| Command::RequestRefund { amount: bdt(minor), reason: "returned" };
    let balance = |world: &World, account| world.balance.balance(account, Currency::BDT);
    refund(&mut world, ask(60));
    assert_eq!(world.payments[0].state, PaymentState::RefundPending);
    assert_eq!(balance(&world, Account::RefundsPayable), -60);
    refund(&mut world, Command::ProcessRefund { number: 1 });
    assert_eq!(world.payments[0].state, PaymentState::RefundProcessing);
    refund(&mut world, Command::CompleteRefund { number: 1, reference: "BBBBBB2" });
    assert_eq!(world.payments[0].state, PaymentState::PartiallyRefunded);
    assert_eq!(balance(&world, Account::Rail(ACCOUNT)), 40);
    refund(&mut world, ask(40));
    refund(&mut world, Command::FailRefund { number: 2, reason: "number closed" });
    assert_eq!(world.payments[0].state, PaymentState::PartiallyRefunded);
    refund(&mut world, ask(40));
    refund(&mut world, Command::CompleteRefund { number: 3, reference: "CCCCCC3" });
    assert_eq!(world.payments[0].state, PaymentState::Refunded);
    assert_eq!(balance(&world, Account::RefundsPayable), 0);
    assert_eq!(balance(&world, Account::Refunds), 100);
    world.check();
}

#[test]
fn attempts_are_bounded() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    for n in 0..crate::limits::WAITING_ATTEMPTS {
        world.step(&Step::Claim { payment: 0, reference: format!("REF{n:05}") }, at(n));
    }
    let key = ReceiptKey::new("bkash", "ONEMORE");
    let refused =
        decide(Some(&world.payments[0]), Command::Claim { account: ACCOUNT, key }, at(99));
    assert_eq!(refused, Err(Refusal::TooManyAttempts));
}

#[test]
fn state_codes_are_unique_and_survive() {
    for state in PaymentState::ALL {
        assert_eq!(PaymentState::from_code(state.code()), Some(state));
    }
}

#[test]
fn money_beyond_what_was_due_pays_and_leaves_a_remark() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 130 }, at(1));
    let payment = world.payments[0].id;
    let remarked = ReceiptState::Claimed { payment, remark: Some(Problem::Excess) };
    assert_eq!(world.receipts["AAAAAA1"].state, remarked);
    assert_eq!(world.balance.balance(Account::Suspense, Currency::BDT), -30);
    world.check();
}

#[test]
fn money_of_last_week_does_not_pay_todays_order_by_itself() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    let heard_at = CREATED.plus_ms(-crate::limits::RECEIPT_AGE_MS_MAX - 1);
    world.arrive(Receipt { heard_at, ..receipt("AAAAAA1", 100) }, heard_at);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    assert!(!world.payments[0].state.is_paid());
    let suggested = Some(world.payments[0].id);
    let flagged = ReceiptState::Open { problem: Some(Problem::Stale), suggested };
    assert_eq!(world.receipts["AAAAAA1"].state, flagged);
    world.check();
}

#[test]
fn whoever_names_many_references_is_not_paid_by_one_of_them() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    for n in 0..=crate::limits::WAITING_ATTEMPTS_UNDOUBTED {
        world.step(&Step::Claim { payment: 0, reference: format!("REF{n:05}") }, at(n));
    }
    world.step(&Step::Arrive { reference: "REF00001".into(), minor: 100 }, at(9));
    assert!(!world.payments[0].state.is_paid());
    world.check();
}
