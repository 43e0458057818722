//! What the payer is told about a confirmation, and the JSON that the script gets.

use serde::Serialize;

use super::Language;

/// A message to the payer. Errors stand next to the reference field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// No reference was typed.
    ReferenceMissing,
    /// Shorter than any reference of this method.
    ReferenceTooShort,
    /// Longer than any reference.
    ReferenceTooLong,
    /// Has characters other than letters and digits.
    ReferenceCharacters,
    /// Is no UTR, where one is needed.
    ReferenceUtr,
    /// The receipt has not arrived (yet).
    NotFoundYet,
    /// The receipt paid another payment.
    AlreadyUsed,
    /// Less was sent than is due; both as ready text.
    AmountShort {
        /// What was sent.
        sent: String,
        /// What is due.
        due: String,
    },
    /// Too many tries.
    TryLater,
    /// The method is not offered (any more).
    MethodUnavailable,
    /// The payment can no longer be paid or cancelled.
    Closed,
    /// Our fault.
    Problem,
    /// The claim is kept; the wallet's SMS is awaited.
    Waiting,
    /// Nothing has been claimed yet.
    Open,
    /// Paid.
    Succeeded,
    /// Cancelled by the payer.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Refused.
    Declined,
    /// The outcome is being asked for.
    Unknown,
    /// The issuer of the payer's card has not answered; it is being asked.
    BankSilent,
}

impl Message {
    /// A stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ReferenceMissing => "reference_missing",
            Self::ReferenceTooShort => "reference_too_short",
            Self::ReferenceTooLong => "reference_too_long",
            Self::ReferenceCharacters => "reference_characters",
            Self::ReferenceUtr => "reference_utr",
            Self::NotFoundYet => "not_found_yet",
            Self::AlreadyUsed => "already_used",
            Self::AmountShort { .. } => "amount_short",
            Self::TryLater => "try_later",
            Self::MethodUnavailable => "method_unavailable",
            Self::Closed => "closed",
            Self::Problem => "problem",
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
            Self::BankSilent => "bank_silent",
        }
    }

    /// The message in the payer's language.
    pub fn text(&self, language: Language) -> String {
        let key = format!("message-{}", self.code().replace('_', "-"));
        match self {
            Self::AmountShort { sent, due } => {
                let (sent, due) = (language.amount(sent), language.amount(due));
                language.text_with(&key, &[("sent", &sent), ("due", &due)])
            }
            _ => language.text(&key),
        }
    }

    /// One of each, for tests of the translations.
    #[cfg(test)]
    pub(super) fn all() -> Vec<Self> {
        vec![
            Self::ReferenceMissing,
            Self::ReferenceTooShort,
            Self::ReferenceTooLong,
            Self::ReferenceCharacters,
            Self::ReferenceUtr,
            Self::NotFoundYet,
            Self::AlreadyUsed,
            Self::AmountShort { sent: "৳5.00".into(), due: "৳10.00".into() },
            Self::TryLater,
            Self::MethodUnavailable,
            Self::Closed,
            Self::Problem,
            Self::Waiting,
            Self::Open,
            Self::Succeeded,
            Self::Cancelled,
            Self::Expired,
            Self::Declined,
            Self::Unknown,
            Self::BankSilent,
        ]
    }
}

/// Where the payment is, in the words of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PayerStatus {
    /// Open, nothing claimed.
    Created,
    /// A claim waits for its receipt.
    Pending,
    /// Paid.
    Succeeded,
    /// Not paid in time.
    Expired,
    /// Cancelled.
    Cancelled,
    /// Refused.
    Declined,
    /// Being asked for.
    Unknown,
    /// The request was refused; the payment is as before.
    Error,
}

/// The body of `GET …/status` and of `POST …/confirm` when JSON is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusAnswer {
    /// Where the payment is, or `error`.
    pub status: PayerStatus,
    /// The message's stable code.
    pub code: &'static str,
    /// The message in the payer's language.
    pub message: String,
    /// `/checkout/{id}/return` when there is somewhere to return to, else null.
    pub return_url: Option<String>,
}

impl StatusAnswer {
    /// An answer that says where the payment is; the message follows from the status.
    pub fn of(status: PayerStatus, language: Language, return_url: Option<String>) -> Self {
        let message = match status {
            PayerStatus::Created => Message::Open,
            PayerStatus::Pending => Message::Waiting,
            PayerStatus::Succeeded => Message::Succeeded,
            PayerStatus::Expired => Message::Expired,
            PayerStatus::Cancelled => Message::Cancelled,
            PayerStatus::Declined => Message::Declined,
            PayerStatus::Unknown => Message::Unknown,
            PayerStatus::Error => Message::Problem,
        };
        Self::with(status, &message, language, return_url)
    }

    /// An answer that refuses, with the reason.
    pub fn error(message: &Message, language: Language) -> Self {
        Self::with(PayerStatus::Error, message, language, None)
    }

    /// An answer with a message of its own, e.g. pending with [`Message::AmountShort`].
    pub fn with(
        status: PayerStatus,
        message: &Message,
        language: Language,
        return_url: Option<String>,
    ) -> Self {
        Self { status, code: message.code(), message: message.text(language), return_url }
    }
}
