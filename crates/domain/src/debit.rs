//! Debits: money that left a rail account of the brand, as the rail itself tells. The counterpart of a receipt: one debit
//! confirms at most one refund, and one refund is confirmed by one debit.

use serde::{Deserialize, Serialize};

use crate::payment::Payment;
use crate::receipt::ReceiptKey;
use crate::{AccountId, Money, Timestamp};

/// How much earlier than the refund was asked for, in milliseconds, the debit may have been heard of: phones' clocks and
/// the minute that wallets write are not exact.
const SLACK_MS: i64 = 2 * 60 * 1000;

/// Money that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debit {
    /// The rail or wallet, and its reference of the transfer: what identifies the debit within the brand.
    pub key: ReceiptKey,
    /// The brand's own account that it left.
    pub account: AccountId,
    /// How much the other side got.
    pub amount: Money,
    /// What the rail charged on top.
    pub fee: Option<Money>,
    /// Who got it, where the rail says so: a phone number, possibly masked by the rail.
    pub payee: Option<String>,
    /// When Torana heard of it, by the brand's clock.
    pub heard_at: Timestamp,
}

impl Debit {
    /// The number of the refund of `payment` that this debit confirms by itself: of the account that was paid, to the very
    /// number that had paid, the exact amount, asked for before. Anything less certain is for a person. Where several
    /// refunds fit they are alike (one payer, one amount), and the oldest is meant.
    pub fn confirms(&self, payment: &Payment) -> Option<u32> {
        let paid = payment.paid.as_ref()?;
        let payee = self.payee.as_deref().filter(|payee| is_whole_number(payee))?;
        if paid.account != self.account || paid.payer.as_deref() != Some(payee) {
            return None;
        }
        let fits = payment.refunds.iter().find(|refund| {
            refund.state.is_open()
                && refund.amount == self.amount
                && self.heard_at.ms_since(refund.requested_at) >= -SLACK_MS
        });
        fits.map(|refund| refund.number)
    }
}

/// Whether no digit of a number is masked.
fn is_whole_number(number: &str) -> bool {
    number.len() >= 10 && number.bytes().all(|byte| byte.is_ascii_digit())
}
