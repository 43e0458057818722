//! The PortPos API, v1 and v2, as merchants' clients use it.

mod access;
mod money_back;
mod pages;
mod recurring;
mod shop;
mod v1;
mod v2;

pub use shop::PortPosShop;
