//! Texts as phones and banks write them, made regular: white space, digits, grouped numbers.

use sha2::{Digest, Sha256};
use torana_domain::receipt::ascii_digit;

/// Bytes of the hash that a derived reference keeps, two characters each.
const DERIVED_BYTES: usize = 10;

/// The text on one line: any white space (CR, LF, no-break space, runs of blanks) becomes one blank, and
/// Bengali and Devanagari digits become ASCII. Letters are left alone: look-alikes must not match.
pub(crate) fn normalise(body: &str) -> String {
    let mut line = String::with_capacity(body.len());
    for word in body.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(ascii_digit));
    }
    line
}

/// A number without the commas of its grouping: `1,02,345.67` is `102345.67`. A point without digits
/// after it is dropped. `None` where the commas stand as in no number.
pub(crate) fn ungrouped(number: &str) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !is_grouped(whole) {
        return None;
    }
    let mut plain = whole.replace(',', "");
    if !fraction.is_empty() {
        plain.push('.');
        plain.push_str(fraction);
    }
    Some(plain)
}

/// Whether the commas are as English (`1,250,000`) or Indian (`12,50,000`) grouping has them, if any.
fn is_grouped(whole: &str) -> bool {
    let groups: Vec<&str> = whole.split(',').collect();
    match groups.as_slice() {
        [] => false,
        [only] => !only.is_empty(),
        [first, middle @ .., last] => {
            matches!(first.len(), 1..=3)
                && middle.iter().all(|group| matches!(group.len(), 2 | 3))
                && last.len() == 3
        }
    }
}

/// The reference of a message that has none: the same for the same speaker and text, and short enough to
/// show. `line` is the normalised text.
pub(crate) fn derive_reference(speaker: &str, line: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(speaker);
    hash.update("\n");
    hash.update(line);
    hash.finalize().iter().take(DERIVED_BYTES).map(|byte| format!("{byte:02X}")).collect()
}
