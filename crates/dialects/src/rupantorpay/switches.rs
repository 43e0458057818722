//! Where real clients of RupantorPay disagree.

use serde::{Deserialize, Serialize};

/// A brand's choices. All off is the seed's word, and suits the most clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// Create answers `"status": 1` (seed, "Sample Response") instead of `true` (seed, "Response Details"): for
    /// clients that test `=== 1` (provider §2.2).
    pub status_number: bool,
    /// The callback is JSON, with every name that clients were seen to read, instead of a form (provider §5).
    pub callback_json: bool,
    /// The callback is also sent, as `PENDING`, when the payer first names a receipt that has not been seen yet
    /// (provider §5: the engine fires on pending). Off: it would be noise, since most claims are paid at once.
    pub callback_pending: bool,
    /// The callback's status is `completed` or `pending`, as live (provider §5), instead of upper case.
    pub callback_status_lowercase: bool,
    /// The redirect's status is `completed`, `pending` or `failed`, as live (provider §4), instead of the seed's
    /// `COMPLETED`, `PENDING` or `ERROR`.
    pub redirect_status_lowercase: bool,
}
