//! ePay.bg of Bulgaria: the payer is sent to ePay's page with a sealed request, and ePay tells the
//! merchant's server what became of the invoice. EasyPay is its other half: a code of ten digits, paid in
//! cash.
//!
//! Everything travels as two fields: lines in base64, and their HMAC-SHA1 under the merchant's secret.
//! Reading is tolerant of what real clients and receivers differ in (order, case, line ends, two
//! encodings); what is written is in the one form that all of them read.
//!
//! Must never: read a line before its checksum is verified; compare checksums byte by byte; lose a line of
//! a notification (what is not understood is an [`Entry::Bad`], and is answered so that it comes again);
//! round an amount.
//!
//! Where next: `checksum.rs` seals and verifies; `request.rs` is what the payer carries to ePay,
//! `notification.rs` what ePay says of it and what it is answered; `easypay.rs` is the payment in cash;
//! [`simulator`] chooses the numbers that ePay would give.

pub mod easypay;
pub mod simulator;

mod checksum;
mod lines;
mod notification;
mod request;
mod sofia;

pub use checksum::{Sealed, checksum, fields, verify};
pub use notification::{
    Answer, AnswersError, BAD_CHECKSUM_ANSWER, Entry, INVALID_ANSWER, Line, NotificationError,
    PaidDetails, Status, open_notification, parse_answers, seal_notification, write_answers,
};
pub use request::{Client, Page, PaymentRequest, RequestError, open, takes_amount, takes_currency};
pub use sofia::civil as local_time;
