//! `/checkout/…`: the payer's pages, and what the payer does there.

mod cancel;
mod confirm;
mod headers;
mod links;
mod page;
mod status;
mod wallet;
