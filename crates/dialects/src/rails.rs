//! What a dialect may ask about the brand's accounts while it answers: some APIs show the payer where to send the money in
//! the answer itself.

use torana_domain::Money;
use torana_domain::payment::Payment;

/// See the module. The answers are of one moment: they were read before the dialect was asked.
pub trait Rails: std::fmt::Debug + Send + Sync {
    /// Where the money for `payment` is to be sent by that method, if the payer can be told without a page of ours.
    fn direct(&self, payment: &Payment, method: &str) -> Option<Direct>;
}

/// Where to send the money for one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// The account, such as a VPA.
    pub account: String,
    /// The name on it.
    pub name: String,
    /// A link that opens an app, such as `upi://pay?…`; none where the rail forbids it, as NPCI does for personal VPAs.
    pub link: Option<String>,
    /// The content of a QR code to be scanned.
    pub code: String,
    /// How much exactly.
    pub amount: Money,
}

/// A brand without accounts. For tests, and where no dialect needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoRails;

impl Rails for NoRails {
    fn direct(&self, _payment: &Payment, _method: &str) -> Option<Direct> {
        None
    }
}
