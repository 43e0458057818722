//! Rumbapay (UPI in India, ePay in Bulgaria): payments, payouts, callbacks.

mod switches;

pub use switches::{GetSignature, Identifier, Switches, UpiChallenge};
