//! Money that goes back: refunds, chargebacks, and the debits that confirm refunds.

use torana_domain::chargeback::Chargeback;
use torana_domain::debit::Debit;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Command, Decision, Payment, Refusal};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::Refund;
use torana_domain::{AccountId, BrandId, Money, PaymentId, Timestamp};

use crate::sql::{Row, from_code, limit, to_code, to_json};
use crate::{Reader, StoreError, Tx};

/// Payments with an open refund of one amount that a debit is compared with, the longest waiting first.
const CANDIDATES: usize = 100;

/// A debit as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitRow {
    /// The debit.
    pub debit: Debit,
    /// The payment and the number of its refund that it was for, if it was for one.
    pub refund: Option<(PaymentNumber, u32)>,
}

fn read_debit(row: Row<'_>) -> Result<DebitRow, StoreError> {
    let currency = row.parsed(3, |code| code.parse().ok())?;
    let refund = match (row.opt_int(8)?, row.opt_num(9)?) {
        (Some(_), Some(refund)) => Some((row.number(8)?, refund)),
        _ => None,
    };
    let debit = Debit {
        key: ReceiptKey { method: row.text(0)?, reference: row.text(1)? },
        account: row.num(2).map(AccountId)?,
        amount: Money::from_minor(row.int(4)?, currency),
        fee: row.opt_int(5)?.map(|minor| Money::from_minor(minor, currency)),
        payee: row.opt_text(6)?,
        heard_at: row.time(7)?,
    };
    Ok(DebitRow { debit, refund })
}

impl Reader<'_> {
    pub(crate) fn chargebacks(&self, payment: &Payment) -> Result<Vec<Chargeback>, StoreError> {
        let currency = payment.order.amount.currency();
        self.sql.rows(
            "SELECT n, minor, state, reason, opened_at, changed_at
             FROM chargebacks WHERE brand = ?1 AND number = ?2 ORDER BY n",
            &[payment.id.brand.into(), payment.id.number.into()],
            |row| {
                Ok(Chargeback {
                    number: row.num(0)?,
                    amount: Money::from_minor(row.int(1)?, currency),
                    state: row.parsed(2, from_code)?,
                    reason: row.text(3)?,
                    opened_at: row.time(4)?,
                    changed_at: row.time(5)?,
                })
            },
        )
    }

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
        self.existing(brand, numbers)
    }

    /// A debit by its rail's reference.
    pub fn debit(&self, brand: BrandId, key: &ReceiptKey) -> Result<Option<DebitRow>, StoreError> {
        self.sql.row(
            "SELECT method, reference, account, currency, minor, fee_minor, payee, heard_at, number, refund
             FROM debits WHERE brand = ?1 AND method = ?2 AND reference = ?3",
            &[brand.into(), (&key.method).into(), (&key.reference).into()],
            read_debit,
        )
    }

    /// Payments with an open refund of that amount in minor units.
    fn refund_candidates(&self, brand: BrandId, minor: i64) -> Result<Vec<Payment>, StoreError> {
        let numbers = self.sql.rows(
            "SELECT number FROM refunds
             WHERE brand = ?1 AND minor = ?2 AND state IN ('pending', 'processing')
             ORDER BY requested_at, number, n LIMIT ?3",
            &[brand.into(), minor.into(), limit(CANDIDATES)],
            |row| row.number(0),
        )?;
        self.existing(brand, numbers)
    }

    fn existing(
        &self,
        brand: BrandId,
        mut numbers: Vec<PaymentNumber>,
    ) -> Result<Vec<Payment>, StoreError> {
        numbers.dedup();
        let load = |number| self.payment(brand, number).transpose();
        numbers.into_iter().filter_map(load).collect()
    }
}

impl Tx<'_> {
    /// Keeps a debit and lets it confirm the refund that it was for, if that is certain. Returns the payment whose refund
    /// it confirmed. A debit that was kept before changes nothing.
    pub fn record_debit(
        &mut self,
        brand: BrandId,
        debit: &Debit,
        now: Timestamp,
    ) -> Result<Option<PaymentId>, StoreError> {
        if self.debit(brand, &debit.key)?.is_some() {
            return Ok(None);
        }
        for payment in self.refund_candidates(brand, debit.amount.minor())? {
            let Some(number) = debit.confirms(&payment) else { continue };
            self.insert_debit(brand, debit, Some((payment.id.number, number)))?;
            let command = Command::CompleteRefund {
                number,
                reference: debit.key.reference.as_str().into(),
                cost: debit.fee,
            };
            self.decide(brand, payment.id.number, command, now)?;
            return Ok(Some(payment.id));
        }
        self.insert_debit(brand, debit, None)?;
        Ok(None)
    }

    /// A person says that a refund was sent, and by which transfer. A transfer is of one refund only; if its message was
    /// heard, what the rail charged is known from it.
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
        let kept = self.debit(brand, &key)?;
        let ours = Some((number, refund));
        let cost = kept.as_ref().and_then(|row| row.debit.fee);
        match kept {
            // Said before: decided to change nothing.
            Some(row) if row.refund == ours => {}
            // Of another refund, or plainly of something else.
            Some(row) if row.refund.is_some() || row.debit.amount != known.amount => {
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
                    payee: paid.payer.clone(),
                    heard_at: now,
                };
                self.insert_debit(brand, &debit, ours)?;
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
        let decision = self.decide(brand, number, command, now)?;
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

    fn insert_debit(
        &self,
        brand: BrandId,
        debit: &Debit,
        refund: Option<(PaymentNumber, u32)>,
    ) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO debits (brand, method, reference, account, currency, minor, fee_minor, payee, heard_at,
                                 number, refund)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            &[
                brand.into(),
                (&debit.key.method).into(),
                (&debit.key.reference).into(),
                debit.account.into(),
                debit.amount.currency().code().into(),
                debit.amount.minor().into(),
                debit.fee.map(Money::minor).into(),
                debit.payee.as_ref().into(),
                debit.heard_at.into(),
                refund.map(|(number, _)| number).into(),
                refund.map(|(_, refund)| refund).into(),
            ],
        )?;
        Ok(())
    }

    fn claim_debit(
        &self,
        brand: BrandId,
        key: &ReceiptKey,
        number: PaymentNumber,
        refund: u32,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE debits SET number = ?4, refund = ?5
             WHERE brand = ?1 AND method = ?2 AND reference = ?3 AND number IS NULL",
            &[
                brand.into(),
                (&key.method).into(),
                (&key.reference).into(),
                number.into(),
                refund.into(),
            ],
            Some(StoreError::VersionConflict),
        )
    }

    pub(crate) fn write_refund(&self, id: PaymentId, refund: &Refund) -> Result<(), StoreError> {
        let state = to_code(&refund.state)?;
        self.sql.execute_later(
            "INSERT INTO refunds (brand, number, n, minor, state, reason, note, requested_at, changed_at, reference)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
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
            ],
            None,
        )
    }

    pub(crate) fn write_chargeback(
        &self,
        id: PaymentId,
        chargeback: &Chargeback,
    ) -> Result<(), StoreError> {
        let state = to_code(&chargeback.state)?;
        self.sql.execute_later(
            "INSERT INTO chargebacks (brand, number, n, minor, state, reason, opened_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (brand, number, n) DO UPDATE
             SET state = excluded.state, changed_at = excluded.changed_at",
            &[
                id.brand.into(),
                id.number.into(),
                chargeback.number.into(),
                chargeback.amount.minor().into(),
                (&state).into(),
                (&chargeback.reason).into(),
                chargeback.opened_at.into(),
                chargeback.changed_at.into(),
            ],
            None,
        )
    }
}
