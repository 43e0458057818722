//! Where callbacks may go. A merchant's URL is untrusted: in live mode it must not reach this machine or its network.
//!
//! The check is made on the addresses that the connection really uses: literal addresses here, resolved ones in the
//! client's own resolver, so that a name cannot change its mind between check and use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

/// Why a target is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Not a URL with http or https and a host.
    #[error("not an http or https URL")]
    NotHttp,
    /// Private, loopback, link-local or otherwise not public.
    #[error("the address is not public")]
    NotPublic,
}

/// Reads a target; where `only_public`, refuses literal addresses and names that are not public.
pub fn check(url: &str, only_public: bool) -> Result<Url, TargetError> {
    let url = Url::parse(url).map_err(|_| TargetError::NotHttp)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(TargetError::NotHttp);
    }
    let public = match url.host() {
        None => return Err(TargetError::NotHttp),
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => !name.trim_end_matches('.').ends_with("localhost"),
    };
    if only_public && !public { Err(TargetError::NotPublic) } else { Ok(url) }
}

/// Whether an address is reachable by everybody, and so not part of this machine's own network. After the IANA
/// special-purpose registries.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // Only 2000::/3 is handed out; of it, leave out Teredo and the other protocol assignments (2001::/23),
    // documentation, and 6to4, which carries an IPv4 address that we do not see.
    let global = first & 0xe000 == 0x2000;
    let protocol = first == 0x2001 && second < 0x0200;
    let documentation = (first == 0x2001 && second == 0x0db8) || first & 0xfff0 == 0x3ff0;
    global && !protocol && !documentation && first != 0x2002
}

/// Resolves names, and keeps back addresses that are not public.
#[derive(Clone, Copy, Debug)]
struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(TargetError::NotPublic.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// A client for callbacks: no redirects, no proxy from the environment, bounded in time.
pub fn client(only_public: bool, timeout: Duration) -> anyhow::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(5)))
        .pool_max_idle_per_host(2)
        .user_agent(concat!("Torana/", env!("CARGO_PKG_VERSION")));
    if only_public {
        builder = builder.dns_resolver(Arc::new(PublicResolver));
    }
    Ok(builder.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_its_network_are_not_public() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2001::1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "103.4.145.245", "172.32.0.1", "2606:4700::1111", "2400:cb00::1"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn urls_are_checked_in_every_spelling() {
        for url in [
            "http://localhost/x",
            "http://LOCALHOST./x",
            "http://a.localhost/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://[::1]:80/",
            "http://[::ffff:7f00:1]/",
            "https://192.168.0.1/hook",
        ] {
            assert_eq!(check(url, true), Err(TargetError::NotPublic), "{url}");
            assert!(check(url, false).is_ok(), "{url}");
        }
        for url in
            ["ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "example.com", ""]
        {
            assert_eq!(check(url, false), Err(TargetError::NotHttp), "{url}");
        }
        assert!(check("https://shop.example.com/ipn?x=1", true).is_ok());
    }
}
