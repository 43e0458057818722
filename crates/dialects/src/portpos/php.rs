//! JSON as PHP's `json_encode` writes it, which the provider uses: slashes and everything beyond ASCII escaped.

use std::io;

use http::StatusCode;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::Reply;

/// An answer of that status.
pub(super) fn reply(status: StatusCode, body: &impl Serialize) -> Reply {
    Reply::json(status, encode(body))
}

/// Maps of texts and numbers: their serialisation cannot fail.
fn encode(body: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1_024);
    match body.serialize(&mut Serializer::with_formatter(&mut bytes, Php)) {
        Ok(()) => bytes,
        Err(_) => vec![],
    }
}

struct Php;

impl Formatter for Php {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for letter in fragment.chars() {
            match letter {
                '/' => writer.write_all(b"\\/")?,
                ascii if ascii.is_ascii() => writer.write_all(&[ascii as u8])?,
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_as_php_writes_it() {
        let text = "http://a.b/\"\\\n\u{1}ঢাকা😀";
        let expected = r#""http:\/\/a.b\/\"\\\n\u0001\u09a2\u09be\u0995\u09be\ud83d\ude00""#;
        assert_eq!(String::from_utf8(encode(&text)).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn every_text_is_read_back(text in ".*") {
            prop_assert_eq!(serde_json::from_slice::<String>(&encode(&text)).unwrap(), text);
        }
    }
}
