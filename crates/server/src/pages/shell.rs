//! What every page has around its content, and what several pages share.

use askama::Template;

use super::{Language, assets};

/// The shop that is paid.
#[derive(Clone, Debug, Default)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// Its logo; shown only if it is `https:` or a `data:image/`, as the CSP demands.
    pub logo_url: Option<String>,
    /// How the payer reaches the shop, as ready text (a phone number, an address).
    pub support: Option<String>,
}

impl Brand {
    pub(super) fn logo(&self) -> Option<&str> {
        let url = self.logo_url.as_deref()?;
        (url.starts_with("https://") || url.starts_with("data:image/")).then_some(url)
    }

    pub(super) fn monogram(&self) -> String {
        let letter = self.name.chars().find(|c| c.is_alphanumeric()).unwrap_or('•');
        letter.to_uppercase().collect()
    }
}

/// What is due, as ready text with the currency's sign and ASCII digits, e.g. `৳1,260.00`.
#[derive(Clone, Debug, Default)]
pub struct Money {
    /// What the shop asks.
    pub amount: String,
    /// What is added to it, if anything.
    pub fee: Option<String>,
    /// What the payer sends.
    pub total: String,
    /// The same without sign and grouping, to type into a wallet: `1260` or `1260.50`.
    pub total_plain: String,
}

/// The frame of a page: what the layout needs.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    pub(super) language: Language,
    pub(super) test_mode: bool,
    /// The path of this page with what must be kept in its query, for the language links; empty where it has none.
    pub(super) path: String,
    pub(super) method: Option<String>,
}

impl Shell {
    pub(super) fn languages(&self) -> [Language; 4] {
        Language::ALL
    }

    pub(super) fn language_url(&self, language: &Language) -> String {
        page_url(&self.path, self.method.as_deref(), *language)
    }

    pub(super) fn style(&self) -> &'static str {
        assets::style_url()
    }

    pub(super) fn script(&self) -> &'static str {
        assets::script_url()
    }

    pub(super) fn icon(&self) -> &'static str {
        assets::icon_url()
    }
}

/// `path?method=…&lang=…`. The language is always in the URL: a frame may have no cookies.
pub(super) fn page_url(path: &str, method: Option<&str>, language: Language) -> String {
    let mut url = format!("{path}?");
    if let Some(method) = method {
        url.push_str("method=");
        for byte in method.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' => {
                    url.push(char::from(byte));
                }
                _ => url.push_str(&format!("%{byte:02X}")),
            }
        }
        url.push('&');
    }
    url + "lang=" + language.code()
}

/// The time until a payment expires, in words that hold for as long as nobody counts down.
pub(super) fn time_left(language: Language, expires_at_ms: i64, now_ms: i64) -> String {
    let left_ms = expires_at_ms.saturating_sub(now_ms).max(0);
    let minutes = u64::try_from(left_ms).unwrap_or(0).div_ceil(60_000);
    match minutes {
        0..=120 => language.count("minutes", minutes),
        121..=2880 => language.count("hours", minutes / 60),
        _ => language.count("days", minutes / 1440),
    }
}

/// A page that can be rendered.
pub trait Page: Template {
    /// The page's HTML. Rendering into memory does not fail; if it did, the payer would see plain words.
    fn html(&self) -> String {
        self.render().unwrap_or_else(|_| "<!doctype html><title>Error</title>Error".to_owned())
    }
}

impl<T: Template> Page for T {}
