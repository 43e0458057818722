//! Where PortPos's page is silent, and merchants could disagree.

use serde::{Deserialize, Serialize};

/// A day.
const DAY_S: i64 = 24 * 60 * 60;

/// A brand's choices; the defaults suit the most clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// How many seconds a v1 request's `timestamp` may be from now, either way.
    pub v1_window_s: i64,
    /// How many seconds old a v2 token may be; at most thirty days. Each second more makes a wrong token a little dearer
    /// to refuse.
    pub v2_window_s: i64,
    /// v1's answers about an invoice also have `gateway_category`, `gateway_network` and `issuer`, for clients that read
    /// them without asking (provider §1.4).
    pub later_fields: bool,
    /// v1's number of EXPIRED, which no known page or client tells.
    pub expired_number: u16,
    /// The IPN is also sent when a refund is asked for and when it begins to be sent. The seed: "only on
    /// success/failed/refund payment".
    pub ipn_refund_steps: bool,
    /// The IPN is also sent when a chargeback is opened, won or lost.
    pub ipn_chargebacks: bool,
    /// The IPN is sent, with the status PENDING, when a later payment of a subscription is made.
    pub ipn_recurring: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            v1_window_s: DAY_S,
            v2_window_s: DAY_S,
            later_fields: false,
            expired_number: 130,
            ipn_refund_steps: false,
            ipn_chargebacks: false,
            ipn_recurring: true,
        }
    }
}

impl Switches {
    /// [`Switches::v2_window_s`] within its bounds.
    pub(super) fn v2_window_s(&self) -> i64 {
        self.v2_window_s.clamp(0, 30 * DAY_S)
    }
}
