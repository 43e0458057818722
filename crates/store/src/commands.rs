//! Commands on payments and receipts: load, let the domain decide, write all of the decision.

use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, Decision, Origin, Payment, Refusal, Settler, decide};
use torana_domain::receipt::{Receipt, ReceiptKey, ReceiptState, arrival};
use torana_domain::{AccountId, BrandId, PaymentId, Timestamp};

use crate::sql::to_json;
use crate::{StoreError, Tx};

/// Payments that one receipt is offered to. More claims than this on one reference are an attack.
const CLAIMANTS: usize = 100;

/// What became of a payer's claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimOutcome {
    /// The payment as it now is.
    pub payment: Payment,
    /// The receipt that it names, if that was seen.
    pub receipt: Option<Receipt>,
}

/// For which payment money was sent, where nobody claims it: what the rail's own words tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The payment that the transfer names, by a reference that only that payment has.
    pub names: Option<PaymentNumber>,
    /// Whether the amount alone may tell: see [`Tx::expect_amount`].
    pub by_amount: bool,
}

/// What became of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// It was kept.
    New {
        /// The payment that it paid, if it paid one.
        paid: Option<PaymentId>,
    },
    /// It had been kept before; nothing changed.
    Duplicate,
}

impl Tx<'_> {
    /// Carries out a command on a payment. [`StoreError::Refused`] if the rules say no. A command that was
    /// carried out before gives a decision that changes nothing.
    pub fn decide(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        command: Command<'_>,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let receipt = match &command {
            Command::Settle { receipt, .. } => Some(receipt.key.clone()),
            _ => None,
        };
        let payment = self.payment(brand, number)?;
        let decision = decide(payment.as_ref(), command, now)?;
        self.apply(payment.as_ref(), &decision, receipt.as_ref(), now)?;
        self.write_callbacks(&decision.payment, &decision.events, now)?;
        Ok(decision)
    }

    /// Writes everything that a decision says, but for what merchants are told: see [`Tx::write_callbacks`].
    fn apply(
        &mut self,
        before: Option<&Payment>,
        decision: &Decision,
        receipt: Option<&ReceiptKey>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !decision.is_change() {
            return Ok(());
        }
        let Some(before) = before else { return self.create_payment(decision) };
        let after = &decision.payment;
        let brand = after.id.brand;
        self.update_payment(before, after)?;
        self.write_events(after, &decision.events)?;
        if let (Some(key), Some(state)) = (receipt, &decision.receipt) {
            self.update_receipt(brand, key, state)?;
        }
        for transaction in &decision.ledger {
            self.post(brand, transaction, Some(after.id.number), receipt, now)?;
        }
        Ok(())
    }

    /// The payer says: I sent it to this account, and this is the reference. If the receipt was seen already,
    /// it pays at once or is set aside.
    pub fn claim(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        account: AccountId,
        key: &ReceiptKey,
        origin: Option<Origin>,
        now: Timestamp,
    ) -> Result<ClaimOutcome, StoreError> {
        let command = Command::Claim { account, key: key.clone(), origin };
        let before = self.payment(brand, number)?;
        let (mut payment, mut events) = match decide(before.as_ref(), command, now) {
            Ok(decision) => {
                self.apply(before.as_ref(), &decision, None, now)?;
                (decision.payment, decision.events)
            }
            // The payer names a second transfer: it cannot pay, but whoever looks at it should know whose it is.
            Err(Refusal::AlreadyPaid) => (before.ok_or(StoreError::NotFound("payment"))?, vec![]),
            Err(refusal) => return Err(refusal.into()),
        };
        if let Some(receipt) = self.receipt(brand, key)?
            && let Some(decision) = self.offer(&payment, &receipt, now)?
        {
            payment = decision.payment;
            events.extend(decision.events);
        }
        // Told of at the end: what is said of the claim depends on whether it paid at once.
        self.write_callbacks(&payment, &events, now)?;
        let receipt = self.receipt(brand, key)?;
        Ok(ClaimOutcome { payment, receipt })
    }

    /// Keeps a receipt and lets the first claim that it fits have it. The others learn that it is taken.
    pub fn record_receipt(
        &mut self,
        brand: BrandId,
        receipt: &Receipt,
        hints: Hints,
        now: Timestamp,
    ) -> Result<ReceiptOutcome, StoreError> {
        if !self.insert_receipt(brand, receipt)? {
            return Ok(ReceiptOutcome::Duplicate);
        }
        self.post(brand, &arrival(receipt)?, None, Some(&receipt.key), now)?;
        let mut receipt = receipt.clone();
        for number in self.claimants(brand, &receipt.key, CLAIMANTS)? {
            let Some(payment) = self.payment(brand, number)? else { continue };
            let Some(decision) = self.offer(&payment, &receipt, now)? else { continue };
            self.write_callbacks(&decision.payment, &decision.events, now)?;
            if let Some(state) = decision.receipt {
                receipt.state = state;
            }
        }
        if receipt.claimed_by().is_none() {
            self.follow_hints(brand, &mut receipt, hints, now)?;
        }
        Ok(ReceiptOutcome::New { paid: receipt.claimed_by() })
    }

    /// Offers a receipt that nobody claims to the payment that it was sent for. By its amount alone it pays only what may
    /// still be paid; of what is over a person is told.
    fn follow_hints(
        &mut self,
        brand: BrandId,
        receipt: &mut Receipt,
        hints: Hints,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let named = match hints.names {
            Some(number) => self.payment(brand, number)?,
            None => None,
        };
        let meant = match named {
            Some(payment) => Some(payment),
            None if hints.by_amount => {
                let expected = self.expected_amount(brand, receipt.amount, now)?;
                let expected = expected.filter(|expected| expected.may_be(receipt));
                let payment = match expected {
                    Some(expected) => self.payment(brand, expected.number)?,
                    None => None,
                };
                if let Some(payment) = payment.as_ref().filter(|it| !it.state.is_open()) {
                    let suggested = Some(payment.id);
                    let told = ReceiptState::Open { problem: None, suggested };
                    return self.update_receipt(brand, &receipt.key, &told);
                }
                payment
            }
            None => None,
        };
        let Some(payment) = meant else { return Ok(()) };
        if let Some(decision) = self.offer(&payment, receipt, now)? {
            self.write_callbacks(&decision.payment, &decision.events, now)?;
            if let Some(state) = decision.receipt {
                receipt.state = state;
            }
        }
        Ok(())
    }

    /// Offers a receipt to a payment that claims it. A refusal is an answer: nothing changes.
    fn offer(
        &mut self,
        payment: &Payment,
        receipt: &Receipt,
        now: Timestamp,
    ) -> Result<Option<Decision>, StoreError> {
        let command = Command::Settle { receipt, by: Settler::Rail };
        match decide(Some(payment), command, now) {
            Ok(decision) => {
                self.apply(Some(payment), &decision, Some(&receipt.key), now)?;
                Ok(Some(decision))
            }
            Err(Refusal::ReceiptTaken | Refusal::ReceiptDismissed) => Ok(None),
            Err(refusal) => {
                tracing::warn!(code = refusal.code(), "a claimed receipt was refused");
                Ok(None)
            }
        }
    }

    /// A person says that this receipt pays this payment.
    pub fn settle_by_hand(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        key: &ReceiptKey,
        reason: &str,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let receipt = self.receipt(brand, key)?.ok_or(StoreError::NotFound("receipt"))?;
        let command = Command::Settle { receipt: &receipt, by: Settler::Hand { reason } };
        let decision = self.decide(brand, number, command, now)?;
        if decision.is_change() {
            let payment = decision.payment.id;
            self.audit_receipt(brand, "receipt.settle", key, Some(payment), reason, now)?;
            // A person believed the message: the balance in it is where the chain goes on.
            self.adopt_balance(brand, &receipt)?;
        }
        Ok(decision)
    }

    /// A person says that this receipt pays nothing here, or that its remark is seen to; doing so twice changes nothing.
    pub fn dismiss_receipt(
        &mut self,
        brand: BrandId,
        key: &ReceiptKey,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let receipt = self.receipt(brand, key)?.ok_or(StoreError::NotFound("receipt"))?;
        match receipt.state {
            ReceiptState::Dismissed => return Ok(()),
            ReceiptState::Claimed { remark: None, .. } => {
                return Err(Refusal::ReceiptTaken.into());
            }
            ReceiptState::Claimed { payment, remark: Some(_) } => {
                let seen = ReceiptState::Claimed { payment, remark: None };
                self.update_receipt(brand, key, &seen)?;
                return self.audit_receipt(brand, "receipt.seen", key, Some(payment), reason, now);
            }
            ReceiptState::Open { .. } => {}
        }
        self.update_receipt(brand, key, &ReceiptState::Dismissed)?;
        self.audit_receipt(brand, "receipt.dismiss", key, None, reason, now)
    }

    fn audit_receipt(
        &mut self,
        brand: BrandId,
        action: &str,
        key: &ReceiptKey,
        payment: Option<PaymentId>,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // The number only: the whole identity is a capability.
        let payment = payment.map(|id| id.number);
        let detail = to_json(&serde_json::json!({
            "method": key.method, "reference": key.reference, "payment": payment, "reason": reason,
        }))?;
        self.audit(brand, action, &detail, now)
    }
}
