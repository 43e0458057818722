//! Debits: money that left a rail account of the brand, as the rail itself tells. The counterpart of a receipt: one debit
//! confirms at most one refund, and one refund is confirmed by one debit.

use serde::{Deserialize, Serialize};

use crate::ledger::{Account, LedgerError, Purpose, Transaction};
use crate::payment::Payment;
use crate::receipt::ReceiptKey;
use crate::{AccountId, Money, Timestamp};

/// How much earlier than the refund was asked for, in milliseconds, the rail may say that the money was sent: wallets write
/// the minute, and their clocks are not ours.
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
    /// When the rail says that it was sent.
    pub sent_at: Option<Timestamp>,
    /// When Torana heard of it, by the brand's clock.
    pub heard_at: Timestamp,
}

/// On whose word a debit rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    /// A message that is believed.
    Message,
    /// A message that is not: it moves no money, is there for a person to see, and gives way to a better word.
    DoubtfulMessage,
    /// A person, and no message that is believed so far.
    Person,
}

impl Debit {
    /// The number of the refund of `payment` that this debit confirms by itself: of the account that was paid, to the very
    /// number that had paid, the exact amount, sent after it was asked for. A message that comes late tells of an old
    /// transfer, so that its own time counts; one without a time confirms nothing. Anything less certain is for a person.
    /// Where several refunds fit they are alike (one payer, one amount), and the oldest is meant.
    pub fn confirms(&self, payment: &Payment) -> Option<u32> {
        let paid = payment.paid.as_ref()?;
        let payee = self.whole_payee()?;
        // A wallet's clock that is ahead must not make an old transfer new.
        let sent_at = self.sent_at?.min(self.heard_at);
        if paid.account != self.account {
            return None;
        }
        let fits = payment.refunds.iter().find(|refund| {
            refund.state.is_open()
                && refund.amount == self.amount
                && refund.payee.as_deref() == Some(payee)
                && sent_at.ms_since(refund.requested_at) >= -SLACK_MS
        });
        fits.map(|refund| refund.number)
    }

    /// Who got it, if no digit is masked.
    pub fn whole_payee(&self) -> Option<&str> {
        self.payee.as_deref().filter(|payee| is_whole_number(payee))
    }
}

/// What the rail charged, as a transaction of its own: for a transfer that was booked before that was known. None if it
/// charged nothing.
pub fn fee(debit: &Debit) -> Result<Option<Transaction>, LedgerError> {
    let Some(fee) = debit.fee.filter(|fee| fee.is_positive()) else { return Ok(None) };
    let movements = [(Account::RailFees, fee), (Account::Rail(debit.account), fee.negated()?)];
    Transaction::new(Purpose::RailFee, &movements).map(Some)
}

/// Whether no digit of a number is masked.
fn is_whole_number(number: &str) -> bool {
    number.len() >= 10 && number.bytes().all(|byte| byte.is_ascii_digit())
}
