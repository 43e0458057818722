//! The fields of a form and their limits, in the order of the seed's tables (names: provider §1.2).

use http::header::CONTENT_TYPE;

use crate::{Request, WireError, multipart};

/// Most pairs that are read; clients send about thirty.
const PAIRS_MAX: usize = 200;

/// A field of `gen_invoice`.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    /// Longest value, in characters.
    pub(super) chars: usize,
}

const fn required(name: &'static str, chars: usize) -> Field {
    Field { name, required: true, chars }
}

const fn optional(name: &'static str, chars: usize) -> Field {
    Field { name, required: false, chars }
}

/// Those that describe the invoice: rows 5 to 26 of the seed's table. `amount`, `redirect_url` and `ipn_url` are looked at
/// more closely elsewhere; their lengths here only bound them.
pub(super) const GEN_INVOICE: [Field; 22] = [
    required("amount", 40),
    required("currency", 3),
    required("product_name", 150),
    required("product_description", 300),
    required("name", 50),
    required("email", 50),
    required("phone", 15),
    required("address", 200),
    required("city", 50),
    required("state", 50),
    required("zipcode", 50),
    required("country", 3),
    required("redirect_url", 2_048),
    optional("ipn_url", 250),
    optional("ship_to_name", 50),
    optional("ship_to_email", 50),
    optional("ship_to_phone", 15),
    optional("ship_to_address", 200),
    optional("ship_to_city", 50),
    optional("ship_to_state", 50),
    optional("ship_to_zipcode", 8),
    optional("ship_to_country", 3),
];

/// The fields of a form, urlencoded or multipart (provider §1.1). No `Debug`: they hold tokens and personal data.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body. Unknown fields are kept and never asked for.
    pub(super) fn read(request: &Request<'_>) -> Result<Self, WireError> {
        let content_type = request.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_multipart = content_type.trim().to_ascii_lowercase().starts_with("multipart/");
        Ok(Self(match is_multipart {
            true => multipart::pairs(content_type, request.body)?.take(PAIRS_MAX).collect(),
            false => form_urlencoded::parse(request.body).into_owned().take(PAIRS_MAX).collect(),
        }))
    }

    /// A field as sent; of one that comes twice the last counts, as in PHP.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, or nothing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}
