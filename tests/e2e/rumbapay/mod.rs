//! Rumbapay's API as its merchants use it.

mod access;
mod epay;
mod payment;
mod payout;
pub mod shop;
