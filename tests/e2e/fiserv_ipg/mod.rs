//! Fiserv's IPG API, as its clients use it.

mod access;
mod money;
mod redirect;
mod seamless;
mod shop;

pub use shop::IpgShop;
