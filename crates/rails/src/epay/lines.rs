//! Lines `KEY=value` in one of ePay's two encodings.

use encoding_rs::WINDOWS_1251;

/// The lines of a text that are not blank, without their ends.
pub(super) fn of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A line's key and value.
pub(super) fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim(), value.trim()))
}

/// A text in Windows-1251, which every sequence of bytes is.
pub(super) fn from_cp1251(bytes: &[u8]) -> String {
    WINDOWS_1251.decode_without_bom_handling(bytes).0.into_owned()
}

/// A text in Windows-1251; letters that are not in it become question marks.
pub(super) fn to_cp1251(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        let mut buffer = [0; 4];
        let (encoded, _, has_gaps) = WINDOWS_1251.encode(c.encode_utf8(&mut buffer));
        if has_gaps {
            bytes.push(b'?');
        } else {
            bytes.extend_from_slice(&encoded);
        }
    }
    bytes
}
