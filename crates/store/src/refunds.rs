//! Refunds: what is to be sent, and what confirms that it was.

use torana_domain::debit::{Debit, ToldBy};
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, Decision, Payment, Refusal};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::Refund;
use torana_domain::{BrandId, PaymentId, Timestamp};

use crate::debits::{DebitRow, WORD_COUNTS_MS};
use crate::sql::{limit, to_code, to_json};
use crate::{Reader, StoreError, Tx};

/// Payments with an open refund of one amount to one payee that a debit is compared with, the longest waiting first.
const CANDIDATES: usize = 100;

impl Reader<'_> {
    /// Payments with refunds that somebody has to send, the longest waiting first: a person's list of tasks.
    pub fn payments_to_refund(
        &self,
        brand: BrandId,
        most: usize,
    ) -> Result<Vec<Payment>, StoreError> {
        let numbers = self.sql.rows(
            "SELECT number FROM refunds WHERE brand = ?1 AND state IN ('pending', 'processing')
             GROUP BY number ORDER BY min(requested_at), number LIMIT ?2",
            &[brand.into(), limit(most)],
            |row| row.number(0),
        )?;
        self.existing_payments(brand, numbers)
    }

    /// Payments with an open refund of that amount to that payee.
    fn refund_candidates(
        &self,
        brand: BrandId,
        minor: i64,
        payee: &str,
    ) -> Result<Vec<Payment>, StoreError> {
        let mut numbers = self.sql.rows(
            "SELECT number FROM refunds
             WHERE brand = ?1 AND minor = ?2 AND payee = ?3 AND state IN ('pending', 'processing')
             ORDER BY requested_at, number, n LIMIT ?4",
            &[brand.into(), minor.into(), payee.into(), limit(CANDIDATES)],
            |row| row.number(0),
        )?;
        numbers.dedup();
        self.existing_payments(brand, numbers)
    }
}

impl Tx<'_> {
    /// Keeps a debit that a message tells of, and lets it confirm the refund that it was for, if that is certain. Returns
    /// the payment whose refund it confirmed. One that is not believed only waits for a person. A debit that was kept before
    /// changes nothing, but for what a doubtful message or a person's word had left open.
    pub fn record_debit(
        &mut self,
        brand: BrandId,
        debit: &Debit,
        is_believed: bool,
        now: Timestamp,
    ) -> Result<Option<PaymentId>, StoreError> {
        let known = self.debit(brand, &debit.key)?;
        if !is_believed {
            if known.is_none() {
                self.insert_debit(brand, debit, ToldBy::DoubtfulMessage, None)?;
            }
            return Ok(None);
        }
        match known.as_ref().map(|known| (known, known.told_by)) {
            Some((_, ToldBy::Message)) => return Ok(None),
            Some((known, ToldBy::Person)) => {
                self.back_debit(brand, known, debit, now)?;
                return Ok(None);
            }
            Some((_, ToldBy::DoubtfulMessage)) => self.forget_debit(brand, &debit.key)?,
            None => {}
        }
        // A person may have mistyped the reference of this very transfer: it must not count twice.
        let payee = match self.is_told_of_by_hand(brand, debit)? {
            true => None,
            false => debit.whole_payee(),
        };
        let candidates = match payee {
            Some(payee) => self.refund_candidates(brand, debit.amount.minor(), payee)?,
            None => vec![],
        };
        let found =
            candidates.iter().find_map(|payment| Some((payment.id, debit.confirms(payment)?)));
        let refund = found.map(|(id, refund)| (id.number, refund));
        self.insert_debit(brand, debit, ToldBy::Message, refund)?;
        if let Some((id, number)) = found {
            self.complete(brand, id.number, number, debit, now)?;
        }
        Ok(found.map(|(id, _)| id))
    }

    /// Promises money back, and lets a debit that was heard of a moment before confirm it.
    pub fn request_refund(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        command: Command<'_>,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let decision = self.decide(brand, number, command, now)?;
        let Some(refund) = decision.payment.refunds.last().filter(|_| decision.is_change()) else {
            return Ok(decision);
        };
        let since = now.plus_ms(-WORD_COUNTS_MS);
        for row in self.loose_debits(brand, refund.amount.minor(), since, CANDIDATES)? {
            let DebitRow { debit, told_by, .. } = row;
            let is_meant = told_by == ToldBy::Message
                && debit.confirms(&decision.payment) == Some(refund.number);
            if is_meant && !self.is_told_of_by_hand(brand, &debit)? {
                self.claim_debit(brand, &debit.key, number, refund.number)?;
                return self.complete(brand, number, refund.number, &debit, now);
            }
        }
        Ok(decision)
    }

    fn complete(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        refund: u32,
        debit: &Debit,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let command = Command::CompleteRefund {
            number: refund,
            reference: debit.key.reference.as_str().into(),
            cost: debit.fee,
        };
        self.decide(brand, number, command, now)
    }

    /// A person says that a refund was sent, and by which transfer. A transfer is of one refund only; if its message was
    /// heard and believed, what the rail charged is known from it.
    pub fn complete_refund_by_hand(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        refund: u32,
        reference: &str,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let payment = self.payment(brand, number)?.ok_or(StoreError::NotFound("payment"))?;
        let known = payment.refund(refund).ok_or(Refusal::NoSuchRefund)?;
        let paid = payment.paid.as_ref().ok_or(Refusal::WrongState(payment.state))?;
        let key = ReceiptKey::new(&paid.receipt.method, reference);
        let mut kept = self.debit(brand, &key)?;
        // Who doubts a message believes a person rather.
        if kept.as_ref().is_some_and(|row| row.told_by == ToldBy::DoubtfulMessage) {
            self.forget_debit(brand, &key)?;
            kept = None;
        }
        let ours = Some((number, refund));
        let cost = kept.as_ref().and_then(|row| row.debit.fee);
        match kept {
            // Said before: decided to change nothing.
            Some(row) if row.refund == ours => {}
            // Of another refund, or plainly of something else.
            Some(DebitRow { debit, refund, .. })
                if refund.is_some()
                    || debit.amount != known.amount
                    || debit.account != paid.account =>
            {
                return Err(Refusal::DebitTaken.into());
            }
            _ if !known.state.is_open() => {
                return Err(Refusal::WrongRefundState(known.state).into());
            }
            Some(_) => self.claim_debit(brand, &key, number, refund)?,
            None => {
                let debit = Debit {
                    key: key.clone(),
                    account: paid.account,
                    amount: known.amount,
                    fee: None,
                    payee: known.payee.clone(),
                    sent_at: None,
                    heard_at: now,
                };
                self.insert_debit(brand, &debit, ToldBy::Person, ours)?;
            }
        }
        let command = Command::CompleteRefund {
            number: refund,
            reference: key.reference.clone().into(),
            cost,
        };
        let decision = self.decide(brand, number, command, now)?;
        if decision.is_change() {
            self.audit_payment(brand, "refund.done", number, refund, &key.reference, now)?;
        }
        Ok(decision)
    }

    /// Carries out a command on a payment as a person's decision, with a row in the audit log.
    pub fn decide_by_hand(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        action: &str,
        command: Command<'_>,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let said = match &command {
            Command::RequestRefund { reason, .. }
            | Command::FailRefund { reason, .. }
            | Command::OpenChargeback { reason, .. }
            | Command::Decline { reason } => reason.clone().into_owned(),
            _ => String::new(),
        };
        let of = match &command {
            Command::ProcessRefund { number }
            | Command::FailRefund { number, .. }
            | Command::WinChargeback { number }
            | Command::LoseChargeback { number } => *number,
            _ => 0,
        };
        let decision = match command {
            ask @ Command::RequestRefund { .. } => self.request_refund(brand, number, ask, now)?,
            other => self.decide(brand, number, other, now)?,
        };
        if decision.is_change() {
            self.audit_payment(brand, action, number, of, &said, now)?;
        }
        Ok(decision)
    }

    fn audit_payment(
        &mut self,
        brand: BrandId,
        action: &str,
        number: PaymentNumber,
        of: u32,
        said: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let of = Some(of).filter(|of| *of > 0);
        let detail =
            to_json(&serde_json::json!({ "payment": number, "number": of, "said": said }))?;
        self.audit(brand, action, &detail, now)
    }

    pub(crate) fn write_refund(&self, id: PaymentId, refund: &Refund) -> Result<(), StoreError> {
        let state = to_code(&refund.state)?;
        self.sql.execute_later(
            "INSERT INTO refunds (brand, number, n, minor, state, reason, note, requested_at, changed_at, reference,
                                  payee)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (brand, number, n) DO UPDATE
             SET state = excluded.state, note = excluded.note, changed_at = excluded.changed_at",
            &[
                id.brand.into(),
                id.number.into(),
                refund.number.into(),
                refund.amount.minor().into(),
                (&state).into(),
                (&refund.reason).into(),
                refund.note.as_ref().into(),
                refund.requested_at.into(),
                refund.changed_at.into(),
                refund.reference.as_ref().into(),
                refund.payee.as_ref().into(),
            ],
            None,
        )
    }
}
