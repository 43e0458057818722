//! What can be asked of a payment.

use crate::receipt::{Receipt, ReceiptKey};
use crate::{AccountId, Money, PaymentId};

use super::Order;

/// Who gave a payment up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceller {
    /// The payer, on the checkout page.
    Payer,
    /// The merchant, or Torana's operator on its behalf.
    Merchant,
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
        reason: &'a str,
    },
    /// Somebody gives it up.
    Cancel {
        /// Who.
        by: Canceller,
    },
    /// Its time is over.
    Expire,
    /// A far end did not say what became of it.
    Doubt {
        /// What happened, for the log.
        reason: &'a str,
    },
    /// The merchant promises money back.
    RequestRefund {
        /// How much.
        amount: Money,
        /// Why.
        reason: &'a str,
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
        reference: &'a str,
    },
    /// A promised refund will not be sent.
    FailRefund {
        /// The refund's number within the payment.
        number: u32,
        /// Why.
        reason: &'a str,
    },
}
