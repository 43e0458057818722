//! `RupayAuthenticationRequest`: how the payer is to prove to be the cardholder (seed; provider §4).

use std::net::IpAddr;

use serde_json::Map;

use super::fields::Fields;
use crate::cards::PayerBrowser;
use crate::{WireError, urls};

const TYPE: &str = "authenticationRequest.authenticationType";
const TERM_URL: &str = "authenticationRequest.termURL";
const PARAMETERS: &str = "authenticationRequest.cardHolderBrowserParams";
const PARAMETERS_OF_PROSE: &str = "authenticationRequest.cardHolderBrowserParameters";
const ACCEPT_HEADERS: &str = "authenticationRequest.cardHolderBrowserParams.browserAcceptHeaders";
const ACCEPT_OF_PROSE: &str = "browserAcceptHeader";
const IP: &str = "authenticationRequest.cardHolderBrowserParams.browserIP";
const LANGUAGE: &str = "authenticationRequest.cardHolderBrowserParams.browserLanguage";
const USER_AGENT: &str = "authenticationRequest.cardHolderBrowserParams.browserUserAgent";
const TEXT_MAX: usize = 2_048;
const IP_MAX: usize = 45;
const LANGUAGE_MAX: usize = 8;

/// All of it is mandatory for RuPay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RupayAuthentication {
    /// `termURL` as it was sent, to be repeated in the answer: the seed's has a blank before it.
    pub term_url: String,
    /// The same as the address that it is. It is untrusted.
    pub return_url: String,
    /// The payer's browser.
    pub browser: PayerBrowser,
}

/// `authenticationRequest`, if there is one; all that RuPay needs of it must be there.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<RupayAuthentication> {
    fields.within("authenticationRequest")?;
    match fields.get(TYPE) {
        None => fields.missing(TYPE),
        Some(kind) if kind == "RupayAuthenticationRequest" => {}
        Some(_) => fields.wrong(TYPE, "must be RupayAuthenticationRequest"),
    }
    let addresses = addresses(fields);
    // The prose of the seed has another name than its samples.
    let browser = match fields.get(PARAMETERS_OF_PROSE) {
        Some(_) => fields.within(PARAMETERS_OF_PROSE),
        None if fields.get(PARAMETERS).is_none() => {
            let nothing = Map::new();
            return browser(fields, &mut Fields::new(&nothing)).and(None);
        }
        None => fields.within(PARAMETERS),
    };
    let browser = self::browser(fields, &mut browser?);
    let (term_url, return_url) = addresses?;
    Some(RupayAuthentication { term_url, return_url, browser: browser? })
}

/// As it was sent, and as the address that it is.
fn addresses(fields: &mut Fields<'_>) -> Option<(String, String)> {
    if fields.get(TERM_URL).is_none() {
        fields.missing(TERM_URL);
    }
    let term_url = fields.text(TERM_URL, TEXT_MAX)?;
    match urls::read(TERM_URL, &term_url) {
        Ok(return_url) => return Some((term_url, return_url)),
        Err(WireError::Invalid(flaws)) => {
            flaws.into_iter().for_each(|flaw| fields.wrong(TERM_URL, flaw.message));
        }
        Err(_) => fields.wrong(TERM_URL, "must be an http or https address"),
    }
    None
}

/// What `within` says of the browser; flaws go to `fields`.
fn browser(fields: &mut Fields<'_>, within: &mut Fields<'_>) -> Option<PayerBrowser> {
    let accept = match within.get(ACCEPT_OF_PROSE) {
        Some(_) => ACCEPT_OF_PROSE,
        None => "browserAcceptHeaders",
    };
    let mut ask = |path: &str, name: &'static str, most: usize| {
        if within.get(path).is_none() {
            within.missing(name);
        }
        within.named(path, name, most)
    };
    let accept_headers = ask(accept, ACCEPT_HEADERS, TEXT_MAX);
    let ip = ask("browserIP", IP, IP_MAX);
    let language = ask("browserLanguage", LANGUAGE, LANGUAGE_MAX);
    let user_agent = ask("browserUserAgent", USER_AGENT, TEXT_MAX);
    let ip = ip.and_then(|text| {
        let ip: Option<IpAddr> = text.trim().parse().ok();
        if ip.is_none() {
            within.wrong(IP, "must be an IP address");
        }
        ip
    });
    fields.take(within);
    Some(PayerBrowser {
        accept: accept_headers?,
        ip: ip?.to_string(),
        language: language?,
        user_agent: user_agent?,
    })
}
