//! RupantorPay's answers, as serde types; the fields are in the seed's order.

use serde::Serialize;
use serde_json::value::RawValue;

/// `true` or `1`, as the brand's client wants it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Flag {
    /// The seed's table.
    Bool(bool),
    /// The seed's sample.
    Number(u8),
}

/// The answer to create (seed, "Sample Response").
#[derive(Debug, Serialize)]
pub(super) struct CreateReply<'a> {
    pub(super) status: Flag,
    pub(super) message: &'a str,
    pub(super) payment_url: String,
    /// Not in the seed; clients look for it (provider §2.2).
    pub(super) transaction_id: String,
}

/// The answer to verify (seed, "Verify Request").
#[derive(Debug, Serialize)]
pub(super) struct VerifyReply<'a> {
    pub(super) fullname: &'a str,
    pub(super) email: &'a str,
    pub(super) amount: String,
    pub(super) transaction_id: String,
    pub(super) trx_id: Option<&'a str>,
    pub(super) currency: &'a str,
    pub(super) metadata: Box<RawValue>,
    pub(super) payment_method: Option<&'a str>,
    pub(super) status: &'a str,
}

/// Any error (seed, "Error Response").
#[derive(Debug, Serialize)]
pub(super) struct ErrorReply<'a> {
    pub(super) status: bool,
    pub(super) message: &'a str,
}

/// The callback as JSON, under every name that clients were seen to read (provider §5).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallbackBody<'a> {
    pub(super) status: &'a str,
    pub(super) transaction_id: &'a str,
    #[serde(rename = "transaction_id")]
    pub(super) transaction_id_snake: &'a str,
    #[serde(rename = "trx_id")]
    pub(super) trx_id: Option<&'a str>,
    pub(super) payment_method: &'a str,
    #[serde(rename = "payment_method")]
    pub(super) payment_method_snake: &'a str,
    pub(super) payment_amount: &'a str,
    /// What the merchant asked for, written as in verify.
    pub(super) amount: String,
    pub(super) payment_fee: &'a str,
    pub(super) currency: &'a str,
    pub(super) fullname: &'a str,
    pub(super) email: &'a str,
    pub(super) metadata: Box<RawValue>,
}
