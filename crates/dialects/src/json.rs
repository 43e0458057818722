//! JSON from strangers.
//!
//! *Invariant:* nobody else in Torana reads untrusted bytes into a [`Value`] in another way. With its feature
//! `raw_value`, serde_json takes an object whose first key is `$serde_json::private::RawValue` for JSON within a
//! text and parses that anew, with a new allowance of depth each time: 3 KB of such texts within texts overflow the
//! stack and end the process. [`parse`] takes no such key at all, so that what is stored is harmless as well.
//! Reading into a struct is safe if none of its fields is a `Value`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How serde_json's own keys begin.
const PRIVATE: &str = "$serde_json::private::";
/// The key under which serde_json hands over a number that it keeps as text (`arbitrary_precision`).
const NUMBER: &str = "$serde_json::private::Number";

/// The value of a whole text, with the order of keys and the digits of numbers kept. Of a key that comes twice the
/// last counts. None if it is not JSON, or nested deeper than 127.
pub fn parse(text: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Plain>(text).ok().map(|plain| plain.0)
}

/// A value without serde_json's private keys.
struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor).map(Self)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Plain(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == NUMBER && map.is_empty() {
                let digits = entries.next_value::<String>()?;
                return digits.parse::<Number>().map(Value::Number).map_err(Error::custom);
            }
            if key.starts_with(PRIVATE) {
                return Err(Error::custom("reserved key"));
            }
            let Plain(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts within texts, as deep as fits into a megabyte.
    fn bomb() -> String {
        let mut bomb = "1".to_owned();
        while bomb.len() < 400_000 {
            let inner = format!("{}{bomb}{}", "[".repeat(120), "]".repeat(120));
            let text = serde_json::to_string(&inner).unwrap();
            bomb = format!("{{\"$serde_json::private::RawValue\":{text}}}");
        }
        bomb
    }

    #[test]
    fn texts_within_texts_do_not_overflow_the_stack() {
        let bomb = bomb();
        assert_eq!(parse(bomb.as_bytes()), None);
        assert_eq!(parse(bomb.replacen('$', "\\u0024", 1).as_bytes()), None);
        assert_eq!(parse(format!("{{\"a\":[{bomb}]}}").as_bytes()), None);
    }

    #[test]
    fn numbers_and_order_are_kept() {
        let text = r#"{"z":1.10,"a":[12345678901234567890.5,-0,true,null,"x\u0000"],"b":{}}"#;
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn what_pretends_to_be_a_number_is_one_or_nothing() {
        assert_eq!(parse(br#"{"$serde_json::private::Number":"12"}"#), Some(12.into()));
        for text in [r#""x""#, "1", "{}", r#""1","a":2"#] {
            let text = format!("{{\"$serde_json::private::Number\":{text}}}");
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(br#"{"a":1,"$serde_json::private::Number":"12"}"#), None);
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads(text in r#"(\{|\}|\[|\]|"a"|"b"|:|,|"|1|-|\.5|e9|null|true| |\\u0041){0,30}"#) {
            prop_assert_eq!(parse(text.as_bytes()), serde_json::from_str(&text).ok());
        }
    }
}
