//! CSS, JavaScript and the icon, embedded, each under a URL with a hash of its content.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// Where merchants' pages load the popup from: a fixed name, so it may be cached only for a while.
pub const POPUP_PATH: &str = "/public/assets/js/checkout.js";

/// A file served as it is.
#[derive(Debug)]
pub struct Asset {
    /// The whole path of its URL.
    pub path: String,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its bytes.
    pub body: &'static [u8],
    /// The `Cache-Control` to send with it.
    pub cache_control: &'static str,
}

/// Finds an asset by the path of its URL.
pub fn find(path: &str) -> Option<&'static Asset> {
    [&STYLE, &SCRIPT, &ICON, &POPUP].into_iter().map(|asset| &**asset).find(|a| a.path == path)
}

/// The URL of the stylesheet.
pub fn style_url() -> &'static str {
    &STYLE.path
}

/// The URL of the checkout's script.
pub fn script_url() -> &'static str {
    &SCRIPT.path
}

/// The URL of the icon.
pub fn icon_url() -> &'static str {
    &ICON.path
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    hashed("css", "text/css; charset=utf-8", include_bytes!("../../assets/checkout.css"))
});
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| hashed("js", JAVASCRIPT, include_bytes!("../../assets/checkout.js")));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| hashed("svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")));
static POPUP: LazyLock<Asset> = LazyLock::new(|| Asset {
    path: POPUP_PATH.to_owned(),
    content_type: JAVASCRIPT,
    body: include_bytes!("../../assets/checkout-popup.js"),
    cache_control: "public, max-age=300",
});

fn hashed(extension: &str, content_type: &'static str, body: &'static [u8]) -> Asset {
    let mut path = String::from("/assets/checkout.");
    for byte in Sha256::digest(body).iter().take(6) {
        // Writing to a String cannot fail.
        let _ = write!(path, "{byte:02x}");
    }
    path.push('.');
    path.push_str(extension);
    Asset { path, content_type, body, cache_control: "public, max-age=31536000, immutable" }
}
