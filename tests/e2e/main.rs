//! The product from outside: the real binary, real HTTP, the APIs as merchants, payers and phones use them.
//!
//! Modules mirror URLs and commands. Each test has a server and a directory of its own (see [`world`]), so that tests
//! may run in any order and beside each other. Nothing is retried and nothing sleeps: what takes time is waited for,
//! with a deadline.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod callbacks;
mod cards;
mod checkout;
mod devices;
mod epay;
mod fiserv_ipg;
mod limits;
mod live;
mod matching;
mod moving;
mod nodes;
mod operations;
mod portpos;
mod rumbapay;
mod rupantorpay;
mod sandbox;
mod secrets;
mod upi;
mod wallets;
mod world;
