//! Rumbapay's API as its merchants use it.

mod access;
mod payment;
mod payout;
mod shop;
