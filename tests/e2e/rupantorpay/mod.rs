//! `/api/payment/…`, what the payer's browser brings back, what the merchant's server is told, and real clients.

mod callback;
mod checkout;
mod clients;
mod redirect;
mod verify;
