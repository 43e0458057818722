//! Where PortPos's page is silent, and merchants could disagree.

use serde::{Deserialize, Serialize};

use super::status::Status;

/// A day.
const DAY_S: i64 = 24 * 60 * 60;

/// A brand's choices; the defaults suit the most clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// How many seconds a v1 request's `timestamp` may be from now, either way.
    pub v1_window_s: i64,
    /// How many seconds a v2 token may be old, or unused since it was last seen; at most thirty days. Each second more makes
    /// a wrong token a little dearer to refuse.
    pub v2_window_s: i64,
    /// A v1 `refund_request` of the same invoice and amount within so many seconds is the same refund, for clients that ask
    /// again when they get no answer. 0: each is a new one, as v1 has no name for a refund.
    pub v1_refund_repeat_s: i64,
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
            v2_window_s: 7 * DAY_S,
            v1_refund_repeat_s: 0,
            later_fields: false,
            expired_number: 130,
            ipn_refund_steps: false,
            ipn_chargebacks: false,
            ipn_recurring: true,
        }
    }
}

impl Switches {
    /// [`Switches::v1_refund_repeat_s`] in milliseconds, if it is on.
    pub(super) fn v1_refund_repeat_ms(&self) -> Option<i64> {
        (self.v1_refund_repeat_s > 0).then(|| self.v1_refund_repeat_s.saturating_mul(1_000))
    }

    /// What is wrong with the choices, if anything: a name and why.
    pub fn flaw(&self) -> Option<(&'static str, String)> {
        let days = |most: i64| format!("must be from 1 to {} seconds", most * DAY_S);
        let taken = Status::NUMBERS.contains(&self.expired_number);
        if !(1..=365 * DAY_S).contains(&self.v1_window_s) {
            Some(("v1_window_s", days(365)))
        } else if !(1..=30 * DAY_S).contains(&self.v2_window_s) {
            Some(("v2_window_s", days(30)))
        } else if !(0..=DAY_S).contains(&self.v1_refund_repeat_s) {
            Some(("v1_refund_repeat_s", format!("must be from 0 to {DAY_S} seconds")))
        } else if taken || !(101..200).contains(&self.expired_number) {
            Some(("expired_number", "must be from 101 to 199, and not another status's".to_owned()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_that_would_lock_clients_out_or_mean_a_sale_are_none() {
        assert_eq!(Switches::default().flaw(), None);
        for wrong in [
            Switches { v1_window_s: -5, ..Switches::default() },
            Switches { v2_window_s: 31 * DAY_S, ..Switches::default() },
            Switches { expired_number: 200, ..Switches::default() },
            Switches { expired_number: 120, ..Switches::default() },
        ] {
            assert!(wrong.flaw().is_some(), "{wrong:?}");
        }
    }
}
