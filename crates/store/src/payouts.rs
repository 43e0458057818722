//! Payouts: money that somebody has to send, and what became of it.

use torana_domain::debit::{Debit, ToldBy};
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::Refusal;
use torana_domain::payout::{Command, Decision, Payout, PayoutOrder, PayoutState, decide};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{AccountId, BrandId, Money, PaymentId, Timestamp};

use crate::earnings::Earnings;
use crate::sql::{Row, Value, from_json, limit, to_json};
use crate::{Reader, StoreError, Tx};

/// As which refund of its "payment" a payout is known among the debits: refunds count from one.
const OF_A_PAYOUT: u32 = 0;

macro_rules! select_payouts {
    ($rest:literal) => {
        concat!(
            "SELECT brand, number, token, version, state, order_json, sent_json, reason, changed_at FROM payouts ",
            $rest
        )
    };
}

fn read(row: Row<'_>) -> Result<Payout, StoreError> {
    Ok(Payout {
        id: PaymentId { brand: row.brand(0)?, number: row.number(1)?, token: row.num(2)? },
        version: row.num(3)?,
        state: row.parsed(4, PayoutState::from_code)?,
        order: row.json(5)?,
        sent: row.opt_str(6)?.map(from_json).transpose()?,
        reason: row.opt_text(7)?,
        changed_at: row.time(8)?,
    })
}

/// How a payout is said to have been sent.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// The rail account that the money left.
    pub account: AccountId,
    /// The rail and its reference.
    pub key: ReceiptKey,
    /// What the rail charged beyond the amount, where the sender knows it.
    pub cost: Option<Money>,
}

impl Reader<'_> {
    /// A payout by its number within the brand.
    pub fn payout(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Option<Payout>, StoreError> {
        self.sql.row(
            select_payouts!("WHERE brand = ?1 AND number = ?2"),
            &[brand.into(), number.into()],
            read,
        )
    }

    /// A payout by its whole identity: one with another token does not exist.
    pub fn payout_by_id(&self, id: PaymentId) -> Result<Option<Payout>, StoreError> {
        let payout = self.payout(id.brand, id.number)?;
        Ok(payout.filter(|payout| payout.id == id))
    }

    /// The only payout of a brand with a number in that range; none if there are several.
    pub fn only_payout_within(
        &self,
        brand: BrandId,
        first: PaymentNumber,
        last: PaymentNumber,
    ) -> Result<Option<Payout>, StoreError> {
        let mut found = self.sql.rows(
            select_payouts!("WHERE brand = ?1 AND number BETWEEN ?2 AND ?3 LIMIT 2"),
            &[brand.into(), first.into(), last.into()],
            read,
        )?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// A brand's payouts that somebody has to send, the longest waiting first: a person's list of tasks.
    pub fn payouts_to_send(&self, brand: BrandId, most: usize) -> Result<Vec<Payout>, StoreError> {
        self.sql.rows(
            select_payouts!(
                "WHERE brand = ?1 AND state IN ('pending', 'processing') ORDER BY number LIMIT ?2"
            ),
            &[brand.into(), limit(most)],
            read,
        )
    }

    /// A brand's payouts, latest first, from before `before`.
    pub fn payouts(
        &self,
        brand: BrandId,
        before: Option<PaymentNumber>,
        most: usize,
    ) -> Result<Vec<Payout>, StoreError> {
        let before = before.map_or(i64::MAX, PaymentNumber::as_i64);
        self.sql.rows(
            select_payouts!("WHERE brand = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3"),
            &[brand.into(), before.into(), limit(most)],
            read,
        )
    }

    /// What only whoever sends the money may see, as it was sealed; none once the payout is over.
    pub fn payout_secret(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = self.sql.row(
            "SELECT sealed FROM payouts WHERE brand = ?1 AND number = ?2",
            &[brand.into(), number.into()],
            |row| row.opt_blob(0),
        )?;
        Ok(sealed.flatten())
    }

    /// When a payout came into which state, oldest first.
    pub fn payout_events(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Vec<(Timestamp, PayoutState)>, StoreError> {
        self.sql.rows(
            "SELECT at, state FROM payout_events WHERE brand = ?1 AND number = ?2 ORDER BY version",
            &[brand.into(), number.into()],
            |row| Ok((row.time(0)?, row.parsed(1, PayoutState::from_code)?)),
        )
    }
}

impl Tx<'_> {
    /// Promises a payout, if the merchant can dispose of that much: what `known` says, and what was booked since.
    pub fn request_payout(
        &mut self,
        id: PaymentId,
        order: &PayoutOrder,
        sealed: Option<&[u8]>,
        known: &Earnings,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let available = self.available(known)?;
        let command = Command::Request { id, order: Box::new(order.clone()), available };
        let decision = decide(None, command, now)?;
        let payout = &decision.payout;
        self.sql.execute(
            "INSERT INTO payouts (brand, number, token, created_at, version, state, order_json, changed_at, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?4, ?8)",
            &[
                id.brand.into(),
                id.number.into(),
                id.token.into(),
                now.into(),
                payout.version.into(),
                payout.state.code().into(),
                (&to_json(&payout.order)?).into(),
                sealed.map_or(Value::Null, Value::Blob),
            ],
        )?;
        self.write_steps(&decision, now)?;
        Ok(decision)
    }

    /// Carries out a command on a payout, with a row in the audit log: people send payouts.
    pub fn decide_payout(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        command: Command<'_>,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let said = match &command {
            Command::Fail { reason } => reason.clone().into_owned(),
            Command::Complete { key, .. } => key.reference.clone(),
            Command::Request { .. } | Command::Process => String::new(),
        };
        let before = self.payout(brand, number)?.ok_or(StoreError::NotFound("payout"))?;
        let decision = decide(Some(&before), command, now)?;
        if !decision.is_change {
            return Ok(decision);
        }
        self.update_payout(&before, &decision.payout)?;
        self.write_steps(&decision, now)?;
        let action = match decision.payout.state {
            PayoutState::Pending => "payout.request",
            PayoutState::Processing => "payout.process",
            PayoutState::Succeeded => "payout.done",
            PayoutState::Failed => "payout.fail",
        };
        let detail = to_json(&serde_json::json!({ "payout": number, "said": said }))?;
        self.audit(brand, action, &detail, now)?;
        Ok(decision)
    }

    /// A person, or a far end, says that a payout was sent, and by which transfer: one that went for nothing else.
    pub fn complete_payout(
        &mut self,
        brand: BrandId,
        number: PaymentNumber,
        transfer: &Transfer,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let Transfer { account, key, .. } = transfer;
        let payout = self.payout(brand, number)?.ok_or(StoreError::NotFound("payout"))?;
        let ours = Some((number, OF_A_PAYOUT));
        let mut kept = self.debit(brand, key)?;
        // Who doubts a message believes a person rather.
        if kept.as_ref().is_some_and(|row| row.told_by == ToldBy::DoubtfulMessage) {
            self.forget_debit(brand, key)?;
            kept = None;
        }
        let heard_cost = kept.as_ref().and_then(|row| row.debit.fee);
        let cost = heard_cost.or(transfer.cost);
        if payout.state.is_open() {
            match kept {
                Some(row)
                    if row.refund.is_some()
                        || row.debit.amount != payout.order.amount
                        || row.debit.account != *account =>
                {
                    return Err(Refusal::DebitTaken.into());
                }
                Some(_) => self.claim_debit(brand, key, number, OF_A_PAYOUT)?,
                None => {
                    let debit = Debit {
                        key: key.clone(),
                        account: *account,
                        amount: payout.order.amount,
                        fee: cost,
                        payee: Some(payout.order.beneficiary.account.clone()),
                        sent_at: None,
                        heard_at: now,
                    };
                    self.insert_debit(brand, &debit, ToldBy::Person, ours)?;
                }
            }
        }
        let command = Command::Complete { account: *account, key: key.clone(), cost };
        self.decide_payout(brand, number, command, now)
    }

    fn update_payout(&self, before: &Payout, after: &Payout) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE payouts SET version = ?4, state = ?5, sent_json = ?6, reason = ?7, changed_at = ?8,
                                sealed = CASE WHEN ?5 IN ('pending', 'processing') THEN sealed END
             WHERE brand = ?1 AND number = ?2 AND version = ?3",
            &[
                after.id.brand.into(),
                after.id.number.into(),
                before.version.into(),
                after.version.into(),
                after.state.code().into(),
                after.sent.as_ref().map(to_json).transpose()?.as_ref().into(),
                after.reason.as_ref().into(),
                after.changed_at.into(),
            ],
            Some(StoreError::VersionConflict),
        )
    }

    /// What a decision says beside the payout itself: its place in the timeline, its books, and what the merchant is told.
    fn write_steps(&mut self, decision: &Decision, now: Timestamp) -> Result<(), StoreError> {
        let payout = &decision.payout;
        let PaymentId { brand, number, .. } = payout.id;
        self.sql.execute_later(
            "INSERT INTO payout_events (brand, number, version, at, state) VALUES (?1, ?2, ?3, ?4, ?5)",
            &[
                brand.into(),
                number.into(),
                payout.version.into(),
                now.into(),
                payout.state.code().into(),
            ],
            None,
        )?;
        if let Some(books) = &decision.ledger {
            self.post(brand, books, Some(number), None, now)?;
        }
        self.write_payout_callback(payout, now)
    }
}
