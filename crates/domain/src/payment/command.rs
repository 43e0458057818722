//! What can be asked of a payment.

use std::borrow::Cow;

use crate::receipt::{Receipt, ReceiptKey};
use crate::{AccountId, Money, PaymentId, Timestamp};

use super::{Order, Origin};

/// Who gave a payment up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceller {
    /// The payer, on the checkout page.
    Payer,
    /// The merchant, or Torana's operator on its behalf.
    Merchant,
}

/// On whose word a payment's time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expirer {
    /// The clock: only once it is.
    Clock,
    /// The far end, whose clock may be ahead: it takes no more money for the payment.
    FarEnd,
}

/// On whose word a receipt is to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settler<'a> {
    /// The rail: the payer named the receipt, or the far end named the payment.
    Rail,
    /// A person who looked at it, and why; may accept what the rules set aside.
    Hand {
        /// The reason, for the audit log.
        reason: &'a str,
    },
}

/// A payment to be made.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Its identity, made by the caller from the time and random bits.
    pub id: PaymentId,
    /// What the merchant asks for.
    pub order: Order,
}

/// What can be asked of a payment. Asking twice changes nothing the second time.
#[derive(Clone, Debug)]
pub enum Command<'a> {
    /// The merchant asks for money.
    Create(Box<NewPayment>),
    /// The payer says: I sent it, to this account, and this is the reference.
    Claim {
        /// The account that the payer was shown.
        account: AccountId,
        /// The rail and the reference that the payer typed.
        key: ReceiptKey,
        /// From where, if a browser says so.
        origin: Option<Origin>,
    },
    /// This receipt is to pay.
    Settle {
        /// The receipt as stored.
        receipt: &'a Receipt,
        /// On whose word.
        by: Settler<'a>,
    },
    /// The merchant or a far end refuses the payment.
    Decline {
        /// Why, for the merchant.
        reason: Cow<'a, str>,
    },
    /// Somebody gives it up.
    Cancel {
        /// Who.
        by: Canceller,
    },
    /// Its time is over.
    Expire {
        /// On whose word.
        by: Expirer,
    },
    /// A far end did not say what became of it.
    Doubt {
        /// What happened, for the log.
        reason: Cow<'a, str>,
    },
    /// A network is asked for money, to take or to reserve: what becomes of it is unknown until it answers.
    Ask {
        /// The acquirer's account.
        account: AccountId,
        /// The rail, and our name of the operation.
        key: ReceiptKey,
        /// From where, if a browser says so.
        origin: Option<Origin>,
    },
    /// The network that was asked says no.
    Refuse {
        /// The rail, and our name of the operation.
        key: ReceiptKey,
        /// Why, for the merchant.
        reason: Cow<'a, str>,
        /// Whether the payment is declined by it; otherwise the payer may try again.
        is_final: bool,
    },
    /// The network that was asked has reserved the money.
    Reserve {
        /// The rail, and our name of the operation.
        key: ReceiptKey,
    },
    /// What was reserved is let go.
    Release,
    /// The merchant promises money back.
    RequestRefund {
        /// How much.
        amount: Money,
        /// Why.
        reason: Cow<'a, str>,
        /// The merchant's own name of this refund, where its API has one: asking again by the same name is the same refund.
        reference: Option<Cow<'a, str>>,
        /// Where the API has no name: a refund of the same amount that was asked for since then is meant again.
        unless_since: Option<Timestamp>,
    },
    /// Somebody began to send a refund.
    ProcessRefund {
        /// The refund's number within the payment.
        number: u32,
    },
    /// A refund was sent.
    CompleteRefund {
        /// The refund's number within the payment.
        number: u32,
        /// The rail's reference of the money that went back.
        reference: Cow<'a, str>,
        /// What the rail charged for sending it, beyond the amount.
        cost: Option<Money>,
    },
    /// A promised refund will not be sent.
    FailRefund {
        /// The refund's number within the payment.
        number: u32,
        /// Why.
        reason: Cow<'a, str>,
    },
    /// The payer's issuer took money back.
    OpenChargeback {
        /// How much; none for all that was paid and is not charged back yet.
        amount: Option<Money>,
        /// Why, in the issuer's words.
        reason: Cow<'a, str>,
    },
    /// The issuer gave the money of a chargeback back.
    WinChargeback {
        /// The chargeback's number within the payment.
        number: u32,
    },
    /// The money of a chargeback is gone for good.
    LoseChargeback {
        /// The chargeback's number within the payment.
        number: u32,
    },
}
