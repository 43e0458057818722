//! Who calls, and how often they may fail.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::{ConnectInfo, FromRequestParts};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use http::request::Parts;
use torana_domain::PaymentId;

use crate::app::App;
use crate::config::RateLimits;

/// The address that a request comes from: the peer's, or what a trusted proxy says. IPv6 counts by /64, since one
/// customer has at least that much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    fn new(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self(IpAddr::V4(v4)),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => Self(IpAddr::V4(v4)),
                None => Self(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64))),
            },
        }
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer =
            peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip()).to_canonical();
        let proxies = &app.config.trusted_proxies;
        let trusted =
            |address: &IpAddr| proxies.iter().any(|proxy| proxy.to_canonical() == *address);
        if !trusted(&peer) {
            return Ok(Self::new(peer));
        }
        // The rightmost address that is not one of our proxies: whatever is left of it can be forged.
        let forwarded = parts.headers.get_all("x-forwarded-for").into_iter().rev();
        let hops = forwarded
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.rsplit(','))
            .map_while(|hop| address_of(hop.trim()));
        Ok(Self::new(hops.into_iter().find(|hop| !trusted(hop)).unwrap_or(peer)))
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

/// The limiters. A key's state is dropped by [`RateLimiters::sweep`] once it is as good as new.
pub struct RateLimiters {
    auth_failures: DefaultKeyedRateLimiter<Client>,
    confirmations: DefaultKeyedRateLimiter<PaymentId>,
    misses: DefaultKeyedRateLimiter<Client>,
}

/// Beyond the limit; ask again after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// Whole seconds, at least one.
    pub retry_after_s: u64,
}

impl RateLimiters {
    /// From the settings.
    pub fn new(limits: &RateLimits) -> Self {
        let quota = |n: u32| Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN));
        Self {
            auth_failures: DefaultKeyedRateLimiter::keyed(quota(limits.auth_failures_per_minute)),
            confirmations: DefaultKeyedRateLimiter::keyed(quota(limits.confirmations_per_minute)),
            misses: DefaultKeyedRateLimiter::keyed(quota(limits.misses_per_minute)),
        }
    }

    /// Counts a failed authentication. Only failures are limited: a valid key behind the same address keeps working.
    pub fn note_auth_failure(&self, client: Client) -> Option<TooOften> {
        metrics::counter!("torana_auth_failures_total").increment(1);
        check(&self.auth_failures, &client).err()
    }

    /// Counts a reference that a payer tries on a payment.
    pub fn check_confirmation(&self, payment: PaymentId) -> Result<(), TooOften> {
        check(&self.confirmations, &payment)
    }

    /// Counts a reference that matched nothing, or a link to no payment.
    pub fn note_miss(&self, client: Client) -> Option<TooOften> {
        check(&self.misses, &client).err()
    }

    /// Forgets keys that are within their limits again.
    pub fn sweep(&self) {
        self.auth_failures.retain_recent();
        self.confirmations.retain_recent();
        self.misses.retain_recent();
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), TooOften> {
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        TooOften { retry_after_s: wait.as_secs() + 1 }
    })
}
