//! The one place that asks what time it is. Brands in test mode add their own offset (see `Brand::now`).

use std::time::{SystemTime, UNIX_EPOCH};

use torana_domain::Timestamp;

/// Now, UTC.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
