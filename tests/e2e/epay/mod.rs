//! ePay.bg: payers who are sent there, codes for desks, notifications, and the simulated site.

mod notification;
pub mod payer;
mod site;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::world::Made;

/// The checksum by the provider's rule, not by the product's own code.
fn checksum(encoded: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(encoded.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encode(lines: &str) -> String {
    STANDARD.encode(lines)
}

fn decode(encoded: &str) -> String {
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

/// The number within the brand: the first half of the link's digits.
fn invoice(made: &Made) -> String {
    u64::from_str_radix(&made.id[..16], 16).unwrap().to_string()
}
