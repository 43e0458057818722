//! A text message as a phone heard it. Whoever reads one says whose it is by the sender, never by the body.

use torana_domain::Timestamp;

/// An SMS as the phone heard it, its parts already joined.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The originating address as the phone shows it: a name or a number.
    pub sender: &'a str,
    /// The text, as received.
    pub body: &'a str,
    /// When the message was heard; whoever assesses it compares it with the time in the text.
    pub heard_at: Timestamp,
}
