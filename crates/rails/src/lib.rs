//! How money arrives: one module a rail. Each turns what its far end says (an SMS, a notification) into
//! the words of [`torana_domain`], and each has a simulator that speaks exactly as that far end does.
//!
//! [`wallet`] is Bangladesh's, told of by SMS; [`upi`] is India's, a link that the payer opens and the SMS
//! of the bank that was paid; [`epay`] is Bulgaria's, a page that the payer is sent to and a notification;
//! [`card`] is a conversation with a card network, where answers may stay away.
//!
//! Pure: no I/O, clock, randomness or floats; times and random bits are arguments. Nothing here decides
//! what a payment becomes (see `torana_domain::payment`), and nothing here is trusted to be true: a rail
//! says what was read and how odd it looks, and the caller stores all of it.

pub mod card;
pub mod epay;
pub mod upi;
pub mod wallet;

mod message;
mod pattern;
mod text;

pub use message::Message;
