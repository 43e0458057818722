//! What the other gateway answers, read as tolerantly as can be: every field may be missing, and no word is known for sure.

use serde_json::Value;
use thiserror::Error;
use torana_domain::Money;

use super::super::approval::ApprovalCode;
use super::super::currency;
use crate::{amount_of_json, json};

/// It is not an object of JSON: a proxy's page, or half an answer. What became of the request is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the answer cannot be read")]
pub struct Unreadable;

/// What was answered. All of it is untrusted text of the other gateway's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientAnswer {
    /// The HTTP status.
    pub http_status: u16,
    /// The kind of error, where it is one.
    pub response_type: Option<String>,
    /// Which transaction.
    pub ipg_transaction_id: Option<String>,
    /// The order that it is of.
    pub order_id: Option<String>,
    /// Our own name of it, repeated.
    pub merchant_transaction_id: Option<String>,
    /// What it is: `SALE`.
    pub transaction_type: Option<String>,
    /// `transactionStatus`; `transactionResult` where that is missing.
    pub status: Option<String>,
    /// How it went, in one line.
    pub approval_code: Option<ApprovalCode>,
    /// There was such a line, and it could not be read.
    pub has_unread_approval_code: bool,
    /// How much was asked for.
    pub transaction_amount: Option<Money>,
    /// How much was approved.
    pub approved_amount: Option<Money>,
    /// `processor.referenceNumber`.
    pub reference_number: Option<String>,
    /// `processor.authorizationCode`.
    pub authorization_code: Option<String>,
    /// `processor.responseCode`.
    pub response_code: Option<String>,
    /// `processor.responseMessage`.
    pub response_message: Option<String>,
    /// The network's own number.
    pub scheme_transaction_id: Option<String>,
    /// Where the payer's browser is to be posted to.
    pub acs_url: Option<String>,
    /// For how many minutes the one-time password holds that was sent.
    pub otp_validity_in_minutes: Option<u16>,
    /// The network's code for the one-time password that was tried.
    pub otp_response_code: Option<String>,
    /// What it means.
    pub otp_response_description: Option<String>,
    /// The name under which a card is kept.
    pub token: Option<String>,
    /// How a request about tokens went: `SUCCESS`.
    pub request_status: Option<String>,
    /// The code of an error.
    pub error_code: Option<String>,
    /// What it means.
    pub error_message: Option<String>,
}

/// What is at a path such as `error.code`.
fn find<'a>(answer: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(answer, |value, part| value.as_object()?.get(part))
}

/// A text, or a number as text. Blank is as good as absent.
fn text(answer: &Value, path: &str) -> Option<String> {
    let text = match find(answer, path)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn money(answer: &Value, path: &str) -> Option<Money> {
    let amount = find(answer, path)?;
    let currency = currency(&text(amount, "currency")?)?;
    Money::parse(&amount_of_json(amount.as_object()?.get("total")?)?, currency).ok()
}

/// Where a line has not all of its parts, its first letter still counts.
fn approval(line: &str) -> Option<ApprovalCode> {
    if let Ok(code) = line.parse() {
        return Some(code);
    }
    let (kind, rest) = line.split_once(':')?;
    let (code, text) = (rest.to_owned(), String::new());
    match kind {
        "Y" => Some(ApprovalCode::Confirmed { code, text }),
        "N" => Some(ApprovalCode::Declined { code, text }),
        _ => None,
    }
}

impl ClientAnswer {
    /// Reads an answer.
    pub fn read(http_status: u16, body: &[u8]) -> Result<Self, Unreadable> {
        let answer = json::parse(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
        let answer = answer.filter(Value::is_object).ok_or(Unreadable)?;
        let get = |path: &str| text(&answer, path);
        // The seed has one place for it, newer schemas another as well.
        let otp = |name: &str| {
            get(&format!("authenticationResponse.otpVerificationResponse.{name}"))
                .or_else(|| get(&format!("secure3dResponse.otpVerificationResponse.{name}")))
        };
        // Its blanks count: they are a part of what it says.
        let line = find(&answer, "approvalCode").and_then(Value::as_str);
        let approval_code = line.and_then(approval);
        Ok(Self {
            http_status,
            response_type: get("responseType"),
            ipg_transaction_id: get("ipgTransactionId"),
            order_id: get("orderId"),
            merchant_transaction_id: get("merchantTransactionId"),
            transaction_type: get("transactionType"),
            status: get("transactionStatus").or_else(|| get("transactionResult")),
            has_unread_approval_code: find(&answer, "approvalCode")
                .is_some_and(|line| !line.is_null() && approval_code.is_none()),
            approval_code,
            transaction_amount: money(&answer, "transactionAmount"),
            approved_amount: money(&answer, "approvedAmount"),
            reference_number: get("processor.referenceNumber"),
            authorization_code: get("processor.authorizationCode"),
            response_code: get("processor.responseCode"),
            response_message: get("processor.responseMessage"),
            scheme_transaction_id: get("schemeTransactionId"),
            acs_url: get("authenticationResponse.params.acsURL"),
            otp_validity_in_minutes: otp("otpValidityInMinutes").and_then(|it| it.parse().ok()),
            otp_response_code: otp("responseCode"),
            otp_response_description: otp("responseDescription"),
            token: get("paymentToken.value"),
            request_status: get("requestStatus"),
            error_code: get("error.code"),
            error_message: get("error.message"),
        })
    }
}
