//! The Standard Webhooks signature that every callback carries, beside whatever its dialect sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use torana_domain::Timestamp;

use crate::secrets::hmac_sha256;

/// The value of `webhook-signature`: version 1, HMAC-SHA256 over `id.timestamp.body`, the timestamp in Unix seconds.
pub fn sign(key: &[u8], id: &str, at: Timestamp, body: &[u8]) -> String {
    let timestamp = at.as_s().to_string();
    let mac = hmac_sha256(key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    format!("v1,{}", STANDARD.encode(mac))
}

/// A signing key as merchants copy it: `whsec_` and base64.
pub fn print_key(key: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the Standard Webhooks specification's reference libraries are tested with.
    #[test]
    fn the_published_vector_verifies() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let at = Timestamp::from_s(1_614_265_330);
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
