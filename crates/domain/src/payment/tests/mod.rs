//! Properties that must hold for any history: a small world of payments and receipts in which anything happens
//! in any order.

mod cases;
mod network;
mod refunds;

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
        refund_to: None,
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
                if self
                    .apply(*payment, Command::Claim { account: ACCOUNT, key, origin: None }, at)
                    .is_ok()
                {
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
                let _ = self.apply(*payment, Command::Decline { reason: "no".into() }, at);
            }
            Step::Expire { payment } => {
                let _ = self.apply(*payment, Command::Expire { by: Expirer::Clock }, EXPIRES);
            }
            Step::Doubt { payment } => {
                let _ = self.apply(*payment, Command::Doubt { reason: "timeout".into() }, at);
            }
            Step::Ask { payment, reference } => {
                let key = ReceiptKey::new("bkash", reference);
                let ask = Command::Ask { account: ACCOUNT, key, origin: None };
                let _ = self.apply(*payment, ask, at);
            }
            Step::Refuse { payment, reference, is_final } => {
                let key = ReceiptKey::new("bkash", reference);
                let refuse = Command::Refuse { key, reason: "05".into(), is_final: *is_final };
                let _ = self.apply(*payment, refuse, at);
            }
            Step::Reserve { payment, reference } => {
                let key = ReceiptKey::new("bkash", reference);
                let _ = self.apply(*payment, Command::Reserve { key }, at);
            }
            Step::Release { payment } => {
                let _ = self.apply(*payment, Command::Release, at);
            }
            Step::Refund { payment, minor } => {
                let command = Command::RequestRefund {
                    amount: bdt(*minor),
                    reason: "returned".into(),
                    reference: None,
                    unless_since: None,
                };
                let _ = self.apply(*payment, command, at);
            }
            Step::Process { payment, number } => {
                let _ = self.apply(*payment, Command::ProcessRefund { number: *number }, at);
            }
            Step::Complete { payment, number } => {
                let command = Command::CompleteRefund {
                    number: *number,
                    reference: "R".into(),
                    cost: Some(bdt(i64::from(*number))),
                };
                let _ = self.apply(*payment, command, at);
            }
            Step::FailRefund { payment, number } => {
                let command = Command::FailRefund { number: *number, reason: "closed".into() };
                let _ = self.apply(*payment, command, at);
            }
            Step::ChargeBack { payment, minor } => {
                let amount = minor.map(bdt);
                let command = Command::OpenChargeback { amount, reason: "fraud".into() };
                let _ = self.apply(*payment, command, at);
            }
            Step::CloseChargeback { payment, number, won } => {
                let number = *number;
                let command = match won {
                    true => Command::WinChargeback { number },
                    false => Command::LoseChargeback { number },
                };
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
            let applied = payment.paid.as_ref().map_or(0, |paid| paid.applied.minor());
            assert!(payment.charged_back().minor() <= applied, "no more than was paid");
            let back = payment.charged_back().is_positive();
            assert_eq!(payment.state == PaymentState::ChargedBack, back);
        }
        let received: i64 = self.receipts.values().map(|receipt| receipt.amount.minor()).sum();
        let sent: i64 = self.payments.iter().map(|payment| payment.refunded().minor()).sum();
        let taken: i64 = self.payments.iter().map(|payment| payment.charged_back().minor()).sum();
        let balance = |account| self.balance.balance(account, Currency::BDT);
        let costs = balance(Account::RailFees);
        let on_account = i128::from(received - sent - taken) - costs;
        assert_eq!(balance(Account::Rail(ACCOUNT)), on_account, "the books know every taka");
        let promised: i64 = self.refunds(RefundState::is_open);
        assert_eq!(balance(Account::RefundsPayable), i128::from(-promised));
        let kept = self.refunds(|state| state != RefundState::Failed);
        assert_eq!(balance(Account::Refunds), i128::from(kept));
        let disputed = balance(Account::Disputes) + balance(Account::Chargebacks);
        assert_eq!(disputed, i128::from(taken));
    }
}

impl World {
    fn refunds(&self, counts: impl Fn(RefundState) -> bool) -> i64 {
        let all = self.payments.iter().flat_map(|payment| &payment.refunds);
        all.filter(|refund| counts(refund.state)).map(|refund| refund.amount.minor()).sum()
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
    Ask { payment: usize, reference: String },
    Refuse { payment: usize, reference: String, is_final: bool },
    Reserve { payment: usize, reference: String },
    Release { payment: usize },
    Refund { payment: usize, minor: i64 },
    Process { payment: usize, number: u32 },
    Complete { payment: usize, number: u32 },
    FailRefund { payment: usize, number: u32 },
    ChargeBack { payment: usize, minor: Option<i64> },
    CloseChargeback { payment: usize, number: u32, won: bool },
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
        2 => (payment(), reference())
            .prop_map(|(payment, r)| Step::Ask { payment, reference: r.into() }),
        1 => (payment(), reference(), any::<bool>())
            .prop_map(|(payment, r, is_final)| Step::Refuse { payment, reference: r.into(), is_final }),
        1 => (payment(), reference())
            .prop_map(|(payment, r)| Step::Reserve { payment, reference: r.into() }),
        1 => payment().prop_map(|payment| Step::Release { payment }),
        3 => (payment(), 1_i64..150).prop_map(|(payment, minor)| Step::Refund { payment, minor }),
        1 => (payment(), number()).prop_map(|(payment, number)| Step::Process { payment, number }),
        2 => (payment(), number()).prop_map(|(payment, number)| Step::Complete { payment, number }),
        1 => (payment(), number())
            .prop_map(|(payment, number)| Step::FailRefund { payment, number }),
        1 => (payment(), prop::option::of(1_i64..150))
            .prop_map(|(payment, minor)| Step::ChargeBack { payment, minor }),
        1 => (payment(), number(), any::<bool>())
            .prop_map(|(payment, number, won)| Step::CloseChargeback { payment, number, won }),
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
            let command = Command::RequestRefund { amount: bdt(minor), reason: "".into(), reference: None, unless_since: None };
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
