//! Who calls, and how often they may fail.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use http::request::Parts;
use sha2::{Digest as _, Sha256};
use torana_domain::PaymentId;

use crate::app::App;
use crate::config::RateLimits;

/// The address that a request comes from: the peer's, or what a trusted proxy says. IPv6 counts by /64, since one
/// customer has at least that much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    pub(super) fn new(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self(IpAddr::V4(v4)),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => Self(IpAddr::V4(v4)),
                None => Self(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64))),
            },
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
///
/// Nodes that share a database tell each other what they let through, every [`TOLD_EVERY`]: a limit is exceeded at most by
/// what the other nodes let through within that time (and by more only while notices are lost).
pub struct RateLimiters {
    auth_failures: DefaultKeyedRateLimiter<Client>,
    confirmations: DefaultKeyedRateLimiter<PaymentHash>,
    misses: DefaultKeyedRateLimiter<Client>,
    /// What was let through since the other nodes were told; none where there are no others.
    untold: Option<Mutex<HashMap<Hit, u32>>>,
}

/// How often nodes tell each other what they let through.
pub const TOLD_EVERY: Duration = Duration::from_millis(250);
/// Different callers that are told of at a time; further ones are not told of.
const TOLD: usize = 2_000;
/// Bytes of one notice: PostgreSQL takes fewer than 8,000.
const NOTICE_BYTES: usize = 7_000;

/// Stands for a payment among nodes: its whole identity opens its page, and notices may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PaymentHash(u64);

impl PaymentHash {
    fn of(payment: PaymentId) -> Self {
        let digest = Sha256::digest(payment.to_string());
        Self(digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte)))
    }
}

/// Something that is counted, of one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Hit {
    AuthFailure(Client),
    Confirmation(PaymentHash),
    Miss(Client),
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AuthFailure(client) => write!(f, "a{}", client.0),
            Self::Confirmation(payment) => write!(f, "c{:016x}", payment.0),
            Self::Miss(client) => write!(f, "m{}", client.0),
        }
    }
}

impl FromStr for Hit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, key) = text.split_at_checked(1).ok_or(())?;
        let client = || key.parse().map(Client).map_err(|_| ());
        match kind {
            "a" => client().map(Self::AuthFailure),
            "c" => u64::from_str_radix(key, 16)
                .map(|hash| Self::Confirmation(PaymentHash(hash)))
                .map_err(|_| ()),
            "m" => client().map(Self::Miss),
            _ => Err(()),
        }
    }
}

/// Beyond the limit; ask again after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// Whole seconds, at least one.
    pub retry_after_s: u64,
}

impl RateLimiters {
    /// From the settings.
    pub fn new(limits: &RateLimits, has_others: bool) -> Self {
        let quota = |n: u32| Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN));
        Self {
            auth_failures: DefaultKeyedRateLimiter::keyed(quota(limits.auth_failures_per_minute)),
            confirmations: DefaultKeyedRateLimiter::keyed(quota(limits.confirmations_per_minute)),
            misses: DefaultKeyedRateLimiter::keyed(quota(limits.misses_per_minute)),
            untold: has_others.then(Mutex::default),
        }
    }

    /// Counts a failed authentication. Only failures are limited: a valid key behind the same address keeps working.
    pub fn note_auth_failure(&self, client: Client) -> Option<TooOften> {
        metrics::counter!("torana_auth_failures_total").increment(1);
        self.count(Hit::AuthFailure(client)).err()
    }

    /// Counts a reference that a payer tries on a payment.
    pub fn check_confirmation(&self, payment: PaymentId) -> Result<(), TooOften> {
        self.count(Hit::Confirmation(PaymentHash::of(payment)))
    }

    /// Counts a reference that matched nothing, or a link to no payment.
    pub fn note_miss(&self, client: Client) -> Option<TooOften> {
        self.count(Hit::Miss(client)).err()
    }

    /// Counts a hit of a caller of this node.
    fn count(&self, hit: Hit) -> Result<(), TooOften> {
        self.charge(hit)?;
        if let Some(untold) = &self.untold {
            let mut untold = untold.lock().unwrap_or_else(PoisonError::into_inner);
            if untold.len() < TOLD || untold.contains_key(&hit) {
                *untold.entry(hit).or_default() += 1;
            }
        }
        Ok(())
    }

    fn charge(&self, hit: Hit) -> Result<(), TooOften> {
        match hit {
            Hit::AuthFailure(client) => check(&self.auth_failures, &client),
            Hit::Confirmation(payment) => check(&self.confirmations, &payment),
            Hit::Miss(client) => check(&self.misses, &client),
        }
    }

    /// What was let through since the last call, as notices for the other nodes.
    pub fn take_untold(&self) -> Vec<String> {
        let Some(untold) = &self.untold else { return vec![] };
        let untold = std::mem::take(&mut *untold.lock().unwrap_or_else(PoisonError::into_inner));
        let mut notices: Vec<String> = vec![];
        for (hit, times) in untold {
            let part = format!("{hit}={times},");
            match notices.last_mut() {
                Some(last) if last.len() + part.len() <= NOTICE_BYTES => last.push_str(&part),
                _ => notices.push(part),
            }
        }
        notices
    }

    /// Counts what another node let through. What cannot be read is left out: a later version may have sent it.
    pub fn hear(&self, notice: &str) {
        for part in notice.split_terminator(',') {
            let Some((hit, times)) = part.rsplit_once('=') else { continue };
            let (Ok(hit), Ok(times)) = (hit.parse::<Hit>(), times.parse::<u32>()) else { continue };
            // Ends by itself at the limit.
            for _ in 0..times {
                if self.charge(hit).is_err() {
                    break;
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn limiters(per_minute: u32) -> RateLimiters {
        let limits = RateLimits {
            auth_failures_per_minute: per_minute,
            confirmations_per_minute: per_minute,
            misses_per_minute: per_minute,
        };
        RateLimiters::new(&limits, true)
    }

    fn client(address: &str) -> Client {
        Client::new(address.parse().unwrap())
    }

    #[test]
    fn what_one_node_let_through_counts_on_the_other() {
        let (one, other) = (limiters(3), limiters(3));
        let payment: PaymentId = "0653e146d4034ca400000001ca3ed071".parse().unwrap();
        for address in ["192.0.2.1", "2001:db8::1"] {
            assert!(one.note_auth_failure(client(address)).is_none());
            assert!(one.note_auth_failure(client(address)).is_none());
            assert!(one.note_miss(client(address)).is_none());
        }
        one.check_confirmation(payment).unwrap();
        let told = one.take_untold();
        assert_eq!((told.len(), one.take_untold().len()), (1, 0));
        other.hear(&told[0]);
        for address in ["192.0.2.1", "2001:db8::1"] {
            assert!(other.note_auth_failure(client(address)).is_none());
            assert!(other.note_auth_failure(client(address)).is_some(), "two there, one here");
        }
        assert!(other.check_confirmation(payment).is_ok());
        assert!(other.check_confirmation(payment).is_ok());
        assert!(other.check_confirmation(payment).is_err());
        // What was heard is not told again.
        let told = other.take_untold().join("");
        assert!(told.contains("a192.0.2.1=1,") && !told.contains('m'), "{told}");
    }

    #[test]
    fn many_callers_fit_into_several_notices() {
        let (one, other) = (limiters(1), limiters(1));
        for n in 0..1_500_u32 {
            one.note_miss(Client(Ipv4Addr::from_bits(n).into()));
        }
        let told = one.take_untold();
        assert!(told.len() > 1 && told.iter().all(|notice| notice.len() <= NOTICE_BYTES));
        told.iter().for_each(|notice| other.hear(notice));
        assert!(other.note_miss(Client(Ipv4Addr::from_bits(777).into())).is_some());
    }

    #[test]
    fn nonsense_is_left_out() {
        let limiters = limiters(1);
        limiters.hear("x,=,a=3,m1.2.3=4,aé=1,z1.2.3.4=9,m192.0.2.9=1,");
        assert!(limiters.note_miss(client("192.0.2.9")).is_some());
        assert!(limiters.note_miss(client("192.0.2.8")).is_none());
    }
}
