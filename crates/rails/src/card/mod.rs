//! Cards: RuPay of India first, whose network declines what its payer did not authenticate.
//!
//! A payment by card is a conversation with a far end: which way the card goes (its BIN), the payer's proof
//! (on the issuer's page, or by a one-time code on ours), then the money. Here are its words, our own rules
//! where no provider has any, and a network and an issuer for test mode. What is sent over a wire, and how,
//! is the server's.
//!
//! Must never: print, log, store or compare in telling time a number, a security code or a one-time code;
//! show more of a number than its BIN and its last four digits; take an answer that did not come, or that
//! says that something broke, for a refusal; let one authentication serve two sales, or another sale;
//! let a new code buy new tries; take a real card in test mode.
//!
//! Where next: `torana_domain::card` for what stands on a card, for our own rules (its `otp` and `authentication`), and for
//! what an answer means and how certain it is (its `responses`); `bins/` says whose a card is and which way it goes;
//! [`network`] is the conversation, and says where its asynchronous half lives; [`simulator`] is the far end of test mode,
//! and its doc has the table of test cards.

pub mod network;
pub mod simulator;

mod bins;
#[cfg(test)]
mod tests;

pub use bins::{
    BinAnswer, BinConfig, BinConfigError, BinRange, BinTable, Flows, Overlap, candidates,
};
