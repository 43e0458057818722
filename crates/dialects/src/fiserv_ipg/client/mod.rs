//! The other side of the same wire: requests to another IPG gateway, and what its answers mean. Pure: nothing here sends.
//!
//! A request is made by the functions of `requests`, signed by [`sign`] over its very bytes, and sent to the gateway's base
//! address, which ends with `/v2`. What comes back is read by [`ClientAnswer::read`].
//!
//! # What is certain
//!
//! Money is moved by what is believed here, so little is. A refusal is one only in the words of a refusal: HTTP 409 or 422 with
//! a status of no, or 400, 401, 403 or 404 in the gateway's own envelope. Pages of proxies, errors of the server, words that are
//! not known, and answers that contradict themselves are [`Certainty::Unknown`]: ask by the name that the request gave it,
//! `merchantTransactionId`. So is a refusal because of *another* request with the same order (5003, 5005, 5998), since that may
//! be the same one sent before; one because something broke or took too long on the way; and one with a network's code that is
//! no refusal in the domain's table. To an inquiry no HTTP error says anything of the transaction, but for 404, which is
//! [`Certainty::Absent`].
//!
//! A refusal is of the request that it answers. Whoever sends one again whose outcome is not known learns nothing of the first
//! from a refusal of the second: ask instead.

mod answer;
mod certainty;
mod requests;

use torana_domain::Timestamp;

pub use answer::{ClientAnswer, Unreadable};
pub use certainty::Certainty;
pub use requests::{
    ClientAuthorisation, ClientPayerAuth, ClientRequest, authorise, capture, forget, inquire, keep,
    payer_auth, refund, regenerate_otp, verify_otp, void,
};

use super::Hidden;
use super::auth::Signature;

/// Who we are to the other gateway.
#[derive(Clone, Debug)]
pub struct ClientKeys {
    /// Header `Api-Key`.
    pub api_key: String,
    /// Key of `Message-Signature`.
    pub api_secret: Hidden,
    /// The store.
    pub store_id: String,
}

/// The headers of a request with that body, which must be sent as it is; empty with GET and DELETE.
pub fn sign(
    keys: &ClientKeys,
    client_request_id: &str,
    now: Timestamp,
    body: &[u8],
) -> Vec<(&'static str, String)> {
    let timestamp = now.as_ms().to_string();
    let parts = [keys.api_key.as_bytes(), client_request_id.as_bytes(), timestamp.as_bytes(), body];
    // A key of any length will do: the empty text, which is no signature, is never seen.
    let signature = Signature::of(keys.api_secret.reveal(), parts);
    vec![
        ("content-type", "application/json".to_owned()),
        ("api-key", keys.api_key.clone()),
        ("client-request-id", client_request_id.to_owned()),
        ("timestamp", timestamp),
        ("message-signature", signature.map(|it| it.raw()).unwrap_or_default()),
    ]
}
