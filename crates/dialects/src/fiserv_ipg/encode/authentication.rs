//! The payer's authentication: waiting, tried, done, failed.

use torana_domain::card::operation::{CardOperation, OperationState, Step};
use torana_domain::card::{AuthenticationEnd, Flow, otp};

use super::super::answers::{
    Amount, AuthenticationParams, AuthenticationResponse, Decimals, GatewayCode,
    OtpVerificationResponse, TransactionResponse, TransactionResult, TransactionState,
    TransactionStatus,
};
use super::super::approval::ApprovalCode;
use super::super::connect;
use super::super::note::Note;
use super::reasons::{self, OtpReason};
use super::transaction::{Told, View, declined};

/// What is said of a payer who was authenticated on the issuer's page. The seed has words for a password alone.
const AUTHENTICATED: OtpReason = ("00", "Authenticated");
const VERIFIED: OtpReason = ("00", "OTP verified successfully.");

/// Adds how it stands to what all transactions have in common.
pub(super) fn told(told: &Told<'_>, note: &Note, base: TransactionResponse) -> TransactionResponse {
    let operation = told.operation;
    let base = TransactionResponse { transaction_amount: Some(amount(told, note)), ..base };
    match operation.state {
        OperationState::Passed | OperationState::Used => passed(told, note, base),
        OperationState::Declined => {
            let status = match was_refused(operation) {
                true => TransactionStatus::Declined,
                false => TransactionStatus::ProcessingFailed,
            };
            declined(told.view, status, GatewayCode::RupayAuthentication, base)
        }
        // Nothing of an authentication is approved; what is not known is asked after, and waits until then.
        OperationState::Waiting | OperationState::Unknown | OperationState::Approved => {
            waiting(told, note, base)
        }
    }
}

/// Whether somebody said no; else it could not be brought to its end.
pub(super) fn was_refused(operation: &CardOperation) -> bool {
    match operation.detail.end {
        Some(AuthenticationEnd::Locked | AuthenticationEnd::Refused) | None => true,
        Some(
            AuthenticationEnd::Expired | AuthenticationEnd::Abandoned | AuthenticationEnd::NoSuch,
        ) => false,
    }
}

/// What is said of a payer who was authenticated.
pub(super) fn confirmed(operation: &CardOperation) -> OtpReason {
    match operation.detail.flow {
        Some(Flow::Redirect) => AUTHENTICATED,
        Some(Flow::Seamless) | None => VERIFIED,
    }
}

/// The parts that were named; the whole as subtotal if none were (seed).
fn amount(told: &Told<'_>, note: &Note) -> Amount {
    let total = told.operation.amount;
    let decimals = told.view.decimals();
    let components = note.components(total);
    match components.is_empty() {
        true => Amount::with_subtotal(total, decimals),
        false => Amount { total, components, decimals },
    }
}

/// The transaction itself goes on waiting: only the sale is approved (seed).
fn passed(told: &Told<'_>, note: &Note, base: TransactionResponse) -> TransactionResponse {
    let (code, text) = confirmed(told.operation);
    let inquiry = told.view.is_inquiry();
    TransactionResponse {
        approved_amount: Some(amount(told, note)),
        transaction_status: Some(TransactionStatus::Waiting),
        transaction_result: inquiry.then_some(TransactionResult::Approved),
        transaction_state: inquiry.then_some(TransactionState::Checked),
        approval_code: Some(ApprovalCode::Confirmed { code: code.into(), text: text.into() }),
        authentication_response: otp(OtpVerificationResponse::tried(code, text)),
        ..base
    }
}

fn waiting(told: &Told<'_>, note: &Note, base: TransactionResponse) -> TransactionResponse {
    let inquiry = told.view.is_inquiry();
    let (approval_code, authentication_response) = match tried(told) {
        Some(((code, text), is_certain)) => {
            let approval_code = match is_certain {
                true => ApprovalCode::Declined { code: code.into(), text: text.into() },
                false => ApprovalCode::Waiting(text.into()),
            };
            (approval_code, otp(OtpVerificationResponse::tried(code, text)))
        }
        None => (ApprovalCode::waiting_authentication(), next(told, note)),
    };
    TransactionResponse {
        transaction_status: Some(TransactionStatus::Waiting),
        transaction_result: inquiry.then_some(TransactionResult::Waiting),
        transaction_state: inquiry.then_some(TransactionState::Waiting),
        approval_code: Some(approval_code),
        authentication_response,
        ..base
    }
}

/// What became of the step that is answered, and whether that is certain. Only the answer to the step tells of it: to whoever
/// asks otherwise, the transaction waits.
fn tried(told: &Told<'_>) -> Option<(OtpReason, bool)> {
    if told.view != View::Step {
        return None;
    }
    match told.operation.detail.step? {
        Step::WrongCode { .. } => Some((reasons::WRONG_OTP, true)),
        Step::CodeExpired => Some((reasons::OTP_EXPIRED, true)),
        Step::NotResent(why) => Some((reasons::not_resent(why), true)),
        Step::Lost => Some((reasons::ISSUER_SILENT, false)),
        Step::Sent | Step::Verified => None,
    }
}

/// What the payer is to do. Until the network has said how, nothing.
fn next(told: &Told<'_>, note: &Note) -> Option<AuthenticationResponse> {
    let operation = told.operation;
    match operation.detail.flow? {
        Flow::Redirect => {
            let params = AuthenticationParams {
                term_url: note.term_url.clone().unwrap_or_default(),
                acs_url: connect::acs_url(told.caller.public_url, &operation.name()),
            };
            let params = Some(params);
            Some(AuthenticationResponse { params, otp_verification_response: None })
        }
        Flow::Seamless => {
            let challenge = operation.detail.challenge.as_ref();
            let minutes = challenge
                .map_or_else(|| otp::Rules::default().valid_minutes, otp::Challenge::valid_minutes);
            otp(OtpVerificationResponse::sent(u32::from(minutes)))
        }
    }
}

fn otp(response: OtpVerificationResponse) -> Option<AuthenticationResponse> {
    Some(AuthenticationResponse { params: None, otp_verification_response: Some(response) })
}

impl View {
    fn is_inquiry(self) -> bool {
        self == Self::Inquiry
    }

    pub(super) fn decimals(self) -> Decimals {
        match self {
            Self::Deed | Self::Inquiry => Decimals::Full,
            Self::Step => Decimals::Shortest,
        }
    }
}
