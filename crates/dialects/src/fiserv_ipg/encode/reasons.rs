//! Why something was not done, in the gateway's codes. Each match is exhaustive: a new reason must be given its words.

use torana_domain::card::{Contradiction, NotServed, otp};
use torana_domain::payment::Refusal;

use super::super::answers::GatewayCode;

/// A sale that is not what the payer was authenticated for.
pub(super) fn not_served(why: NotServed) -> GatewayCode {
    match why {
        NotServed::NotAuthenticated => GatewayCode::NotAuthenticated,
        NotServed::AlreadyUsed => GatewayCode::ReferenceState,
        NotServed::TooOld => GatewayCode::OrderTooOld,
        NotServed::OtherAmount => GatewayCode::AmountOrCurrency,
        NotServed::OtherOrder => GatewayCode::ReferenceNotFound,
        NotServed::OtherCard => GatewayCode::RupayAuthentication,
    }
}

/// What contradicts what was done before, by the network's word.
pub(super) fn contradiction(why: Contradiction) -> GatewayCode {
    match why {
        Contradiction::NoSuchTransaction => GatewayCode::ReferenceNotFound,
        Contradiction::WrongState => GatewayCode::ReferenceState,
        Contradiction::WrongAmount => GatewayCode::AmountOrCurrency,
        Contradiction::TooLate => GatewayCode::NotVoidable,
        // Names are ours: two of one name are our mistake.
        Contradiction::NameTaken => GatewayCode::Internal,
    }
}

/// What the rules of payments refuse.
pub(super) fn payment(refusal: Refusal) -> GatewayCode {
    match refusal {
        Refusal::KeyUsed => GatewayCode::OrderExists,
        Refusal::WrongSubject | Refusal::NoSuchRefund | Refusal::NoSuchChargeback => {
            GatewayCode::ReferenceNotFound
        }
        Refusal::NotPositive
        | Refusal::Amount(_)
        | Refusal::RefundTooLarge(_)
        | Refusal::ChargebackTooLarge(_)
        | Refusal::InsufficientBalance(_) => GatewayCode::AmountOrCurrency,
        Refusal::RefundReferenceUsed => GatewayCode::Duplicate,
        Refusal::WrongState(_)
        | Refusal::AlreadyPaid
        | Refusal::ReceiptTaken
        | Refusal::ReceiptDismissed
        | Refusal::TooManyAttempts
        | Refusal::NotExpiredYet
        | Refusal::TooManyRefunds
        | Refusal::TooManyChargebacks
        | Refusal::WrongRefundState(_)
        | Refusal::WrongChargebackState(_)
        | Refusal::WrongPayoutState(_)
        | Refusal::DebitTaken => GatewayCode::ReferenceState,
        Refusal::Ledger(_) => GatewayCode::Internal,
    }
}

/// What became of a one-time password, in two digits and words.
///
/// No page says what they are for anything but success. The digits are those that card networks have for the same of a PIN
/// (ISO 8583, data element 39): wrong, too many tries, too often, too late, the same twice, no answer.
pub(super) type OtpReason = (&'static str, &'static str);

pub(super) const WRONG_OTP: OtpReason = ("55", "Incorrect OTP.");
pub(super) const OTP_EXPIRED: OtpReason = ("68", "OTP expired.");
pub(super) const ISSUER_SILENT: OtpReason = ("91", "No answer from the issuer.");

/// Why no other password was sent.
pub(super) fn not_resent(why: otp::Refusal) -> OtpReason {
    match why {
        otp::Refusal::CodeExpired => OTP_EXPIRED,
        otp::Refusal::Expired => ("68", "The time for authentication is over."),
        otp::Refusal::Locked => ("75", "Too many incorrect OTPs."),
        otp::Refusal::NotAnswered => ISSUER_SILENT,
        otp::Refusal::AlreadyPassed => ("94", "OTP verified already."),
        otp::Refusal::NoMoreCodes => ("65", "No more OTPs can be sent."),
        otp::Refusal::TooSoon { .. } => ("65", "The next OTP cannot be sent yet."),
    }
}
