//! UPI of India: links that payers' apps open, and money whose proof is the bank's SMS about it.
//!
//! A payment is shown as a [`Link`] (drawn as a QR code, or opened by an [`App`]). The bank of the account
//! then writes to the merchant's phone, [`read`] says what its message is, and [`assess`] how far to believe
//! it. The receipt's reference is the UTR, twelve digits that payer and payee both see.
//!
//! Must never: open an app for the address of a person (NPCI forbids it); know a bank by the body of a
//! message; take an amount or a UTR from a payer's name or remark; guess which of two numbers is the UTR;
//! take the notification of an app for a bank's word; lose a message (what is not understood is
//! [`Reading::Unread`], and is kept).
//!
//! Where next: `link.rs` and `payee.rs` for what goes out; `banks.rs` says who may speak for a bank,
//! `wordings.rs` how each bank writes, `wording.rs` in which language that is written down; `credit.rs`
//! applies the wordings, and `general.rs` the rule for banks without one; [`confidence`] weighs odd signs;
//! [`simulator`] is the bank of test mode; `corpus/upi.txt` has every known shape with what is read from it.

pub mod confidence;
pub mod simulator;

mod apps;
mod banks;
mod credit;
mod general;
pub(crate) mod ist;
mod link;
mod other;
mod payee;
mod reading;
mod reference;
mod vpa;
mod wording;
mod wordings;

pub use crate::message::Message;
pub use apps::App;
pub use banks::Bank;
pub use confidence::{BankAccount, Warning, assess};
pub use credit::read;
pub use ist::civil as local_time;
pub use link::{Link, LinkError, Mode, fitting_name, fitting_note};
pub use payee::{Holder, Payee, Presentation, payment_link};
pub use reading::{Credit, Reading, WhyNotMoney, WhyUnread, is_utr, named_payment};
pub use reference::{number_of, reference_of};
pub use vpa::{NotAVpa, Vpa};
