//! `POST /payments/{transaction-id}` and `POST /orders/{order-id}`: what follows upon a transaction (provider §2).

use super::Body;
use super::fields::Fields;
use super::order::{self, Asked, Origin};
use crate::WireError;

const REQUEST_TYPE: &str = "requestType";
const COMMENTS_MAX: usize = 1_024;

/// What is to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondaryKind {
    /// A transaction is to be undone on its day, whole or, with an amount, in part.
    Void,
    /// All money that is held in the order is to be let go.
    VoidPreAuths,
    /// Money is to be given back.
    Return,
    /// Money that is held is to be taken.
    PostAuth,
}

/// One name occurs with and without the letter at its end (provider §2).
const KINDS: [(&str, SecondaryKind); 5] = [
    ("VoidTransaction", SecondaryKind::Void),
    ("VoidPreAuthTransactions", SecondaryKind::VoidPreAuths),
    ("VoidPreAuthTransaction", SecondaryKind::VoidPreAuths),
    ("ReturnTransaction", SecondaryKind::Return),
    ("PostAuthTransaction", SecondaryKind::PostAuth),
];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secondary {
    /// What is to follow.
    pub kind: SecondaryKind,
    /// The store, if the body names it; else see [`store_id`](super::store_id).
    pub store_id: Option<String>,
    /// How much; of a void it may be left out.
    pub amount: Option<Asked>,
    /// The merchant's name of it.
    pub merchant_transaction_id: Option<String>,
    /// Where the payer is.
    pub origin: Origin,
    /// Why, in the merchant's words.
    pub comments: Option<String>,
}

impl Secondary {
    /// Reads a body.
    pub fn read(body: &Body) -> Result<Self, WireError> {
        let fields = &mut Fields::new(body.object());
        if fields.get(REQUEST_TYPE).is_none() {
            fields.missing(REQUEST_TYPE);
        }
        let kind = fields.word(REQUEST_TYPE, REQUEST_TYPE, &KINDS);
        let store_id = order::store(fields);
        let needs_amount = matches!(kind, Some(SecondaryKind::Return | SecondaryKind::PostAuth));
        let amount = order::amount(fields, needs_amount);
        let merchant_transaction_id = order::merchant_transaction(fields);
        let origin = order::origin(fields);
        let comments = fields.text("comments", COMMENTS_MAX);
        let read = kind.map(|kind| Self {
            kind,
            store_id,
            amount,
            merchant_transaction_id,
            origin,
            comments,
        });
        fields.done(read)
    }
}
