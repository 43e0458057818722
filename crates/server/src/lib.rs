//! Everything of Torana that does I/O: configuration, HTTP, pages, devices, workers and the command line.
//!
//! Start at `gateway`: what can be asked of payments, whoever asks. `http` is how the web asks, `devices` how phones
//! do, `cli` how people at the machine do, `workers` is what runs by itself, and `rails` knows the brand's own accounts.

pub mod app;
pub mod bounded;
pub mod brands;
pub mod callbacks;
pub mod cards;
pub mod cli;
pub mod clock;
pub mod config;
pub mod devices;
pub mod gateway;
pub mod http;
pub mod pages;
pub mod provision;
pub mod rails;
pub mod secrets;
pub mod simulator;
pub mod workers;
