//! Countries by their ISO 3166-1 codes.

/// The country of a code of two or three letters, in either case.
pub(super) fn find(code: &str) -> Option<rust_iso3166::CountryCode> {
    let code = code.trim().to_ascii_uppercase();
    match code.len() {
        2 => rust_iso3166::from_alpha2(&code),
        3 => rust_iso3166::from_alpha3(&code),
        _ => None,
    }
}
