//! Merchants' addresses: read leniently, kept as sent, completed when they are used.
//!
//! An address is stored as text, not as a parsed URL, so that a literal `{transaction_id}` in it survives, which
//! RupantorPay's clients send (its provider notes §2.1). It is parsed twice: to be refused early, and, once the placeholders are filled in, to be written as a
//! browser would write it (ASCII only, fit for a `Location` header). Whether its host may be reached at all is for
//! the server to decide when it connects.

use std::borrow::Cow;

use url::{Host, Url};

use crate::WireError;

/// Longest address, in bytes; browsers and servers stop at about this.
const URL_MAX: usize = 2_048;
/// An identifier to try an address with.
const SAMPLE_ID: &str = "AAAAAA000000";

/// Reads an address. One without a scheme, as in the seed's sample (`yourdomain.com/success`), gets `https`, or
/// `http` where it names a port or this machine, as developers' addresses do.
pub(super) fn read(field: &'static str, text: &str) -> Result<String, WireError> {
    let invalid = |message: &str| WireError::invalid(field, message);
    let text = text.trim();
    if text.len() > URL_MAX {
        return Err(invalid("must be at most 2048 bytes long"));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(invalid("must not contain spaces, control characters or backslashes"));
    }
    let not_http = "must be an http or https address, such as https://yourdomain.com/success.php";
    let whole = with_scheme(text).ok_or_else(|| invalid(not_http))?;
    let url = Url::parse(&fill_in(&whole, SAMPLE_ID)).map_err(|_| invalid(not_http))?;
    let guessed = matches!(whole, Cow::Owned(_));
    if !url.host().is_some_and(|host| !guessed || is_whole(&host)) {
        return Err(invalid(not_http));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("must not contain a user name or password"));
    }
    Ok(whole.into_owned())
}

/// The address with its placeholders filled in: `{transaction_id}`, `{transactionId}`, percent-encoded or not.
pub(super) fn fill_in<'a>(url: &'a str, transaction_id: &str) -> Cow<'a, str> {
    if !url.contains("transaction") {
        return Cow::Borrowed(url);
    }
    let mut filled = Cow::Borrowed(url);
    for name in ["transaction_id", "transactionId", "transactionID"] {
        for (open, close) in [("{", "}"), ("%7B", "%7D"), ("%7b", "%7d")] {
            let placeholder = format!("{open}{name}{close}");
            if filled.contains(&placeholder) {
                filled = Cow::Owned(filled.replace(&placeholder, transaction_id));
            }
        }
    }
    filled
}

/// The address with more parameters, after the merchant's own and before the fragment.
pub(super) fn with_query(url: &str, parameters: &str) -> String {
    let (base, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let separator = match base.contains('?') {
        false => "?",
        true if base.ends_with(['?', '&']) => "",
        true => "&",
    };
    format!("{base}{separator}{parameters}{fragment}")
}

/// The address as a browser would write it. What cannot be parsed (never, as it was read once) stays as it is.
pub(super) fn finished(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), String::from)
}

/// The same text if it is http or https, the text with a scheme if it has none, none if it has another.
fn with_scheme(text: &str) -> Option<Cow<'_, str>> {
    let is = |scheme: &str| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if is("https://") || is("http://") {
        return Some(Cow::Borrowed(text));
    }
    let bare = text.strip_prefix("//").unwrap_or(text);
    let authority = bare.split(['/', '?', '#']).next().filter(|text| !text.is_empty())?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if port.is_some_and(|port| !is_port(port)) {
        return None;
    }
    let here = ["localhost", "[::1]"].contains(&host) || host.starts_with("127.");
    let scheme = if here || port.is_some() { "http" } else { "https" };
    Some(Cow::Owned(format!("{scheme}://{bare}")))
}

/// Whether a host without a scheme before it was meant as one: `success` alone is a mistake.
fn is_whole(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.contains('.') || *name == "localhost",
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_without_a_scheme_get_one() {
        for (text, expected) in [
            ("yourdomain.com/success", "https://yourdomain.com/success"),
            (" //shop.example?a=1 ", "https://shop.example?a=1"),
            ("localhost/x", "http://localhost/x"),
            ("localhost:3000/x", "http://localhost:3000/x"),
            ("127.0.0.1", "http://127.0.0.1"),
            ("[::1]:80/", "http://[::1]:80/"),
            ("[::1]", "http://[::1]"),
            ("shop.example:8080/a:b", "http://shop.example:8080/a:b"),
            (
                "HTTPS://Shop.Example/A?x={transaction_id}",
                "HTTPS://Shop.Example/A?x={transaction_id}",
            ),
            ("http://merchant/x", "http://merchant/x"),
            ("https://দোকান.বাংলা/ধন্যবাদ", "https://দোকান.বাংলা/ধন্যবাদ"),
        ] {
            assert_eq!(read("success_url", text).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        let long = format!("https://a.example/{}", "a".repeat(2_048));
        for text in [
            "success",
            "/success",
            "http://",
            "https://?x",
            "javascript:alert(1)",
            "JavaScript:alert(1)//a.b",
            "data:text/html,x",
            "ftp://a.example/",
            "http:/a.example",
            "https://u:p@a.example/",
            "u@a.example",
            "https://a.example/a b",
            "https://a.example/\r\nX: y",
            "https:\\\\a.example",
            "https://a.example:99999/",
            "https://[::1",
            "mailto:a@b.example",
            "file:///etc/passwd",
            "?a=b",
            &long,
        ] {
            assert!(read("success_url", text).is_err(), "{text}");
        }
    }

    #[test]
    fn placeholders_are_filled_in() {
        let url = "https://a.example/{transaction_id}/%7btransactionId%7d?a={x}&b=%7Btransaction_id%7D#{transactionID}";
        assert_eq!(fill_in(url, "ID"), "https://a.example/ID/ID?a={x}&b=ID#ID");
        assert_eq!(
            finished(&fill_in("https://{transaction_id}.example", "ID")),
            "https://id.example/"
        );
    }

    #[test]
    fn parameters_go_after_the_merchants_own() {
        for (url, expected) in [
            ("https://a.b", "https://a.b?p=1"),
            ("https://a.b/?", "https://a.b/?p=1"),
            ("https://a.b/?x=1", "https://a.b/?x=1&p=1"),
            ("https://a.b/?x=1&", "https://a.b/?x=1&p=1"),
            ("https://a.b/#/done?x=1", "https://a.b/?p=1#/done?x=1"),
            ("https://a.b/?x=1#y#z", "https://a.b/?x=1&p=1#y#z"),
        ] {
            assert_eq!(with_query(url, "p=1"), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_can_be_finished(text in ".*|[a-z:/?#@\\[\\]{}%.0-9]{0,60}") {
            if let Ok(url) = read("success_url", &text) {
                let done = finished(&with_query(&fill_in(&url, SAMPLE_ID), "p=1"));
                prop_assert!(done.is_ascii() && done.contains("p=1"), "{}", done);
                prop_assert!(done.starts_with("http"), "{}", done);
            }
        }
    }
}
