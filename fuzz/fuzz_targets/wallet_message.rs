//! Any bytes as an SMS of any wallet: reading it never panics, and money that is read is never nothing.
//! Run with `cargo +nightly fuzz run wallet_message`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use torana_domain::Timestamp;
use torana_rails::wallet::{ChainState, Message, Reading, assess, read};

/// One sender of each wallet, and nobody; the first byte chooses.
const SENDERS: [&str; 16] = [
    "bKash", "NAGAD", "16216", "upay", "tap.", "IBBL .", "16269", "mCash", "PathaoPay", "iPAY",
    "16495", "TallyPay", "CITYBANK", "BRAC BANK", "TRUST BANK", "nobody",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let sender = SENDERS[usize::from(*choice) % SENDERS.len()];
    let body = String::from_utf8_lossy(body);
    let heard_at = Timestamp::from_s(1_762_322_820);
    if let Reading::Receipt(notice) = read(&Message { sender, body: &body, heard_at }) {
        assert!(notice.amount.is_positive());
        assert!(notice.reference.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(!notice.reference.bytes().any(|byte| byte.is_ascii_lowercase()));
        let _ = assess(&notice, ChainState::default(), heard_at);
    }
});
