//! One flat map of fields, whatever way they came: JSON, form, multipart or query.
//!
//! Lenient on purpose, as clients send wrong content types (provider §2.1): a body that begins with `{` is JSON
//! whatever it is called. The query fills in what the body lacks. JSON `null` and blank text are as good as absent.
//! Of a key that comes twice the last counts. Fields that nobody asks for are ignored.

use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::{Request, WireError, json, multipart};

/// Most pairs that are read from a form; clients send about ten.
const PAIRS_MAX: usize = 500;
/// How deep PHP's brackets may nest in a form: `metadata[a][b]`.
const BRACKETS_MAX: usize = 8;

const NOT_JSON: WireError = WireError::Malformed("The request body is not valid JSON.");
const NOT_AN_OBJECT: WireError = WireError::Malformed("The request body must be a JSON object.");

/// The fields of a request. No `Debug`: they hold keys and personal data.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads body and query.
    pub(super) fn read(request: &Request<'_>) -> Result<Self, WireError> {
        let mut fields = Self::of_body(request)?;
        let query = form_urlencoded::parse(request.query.as_bytes());
        for (key, value) in Self::of_pairs(query.take(PAIRS_MAX)).0 {
            if fields.0.get(&key).is_none_or(is_blank) {
                fields.0.insert(key, value);
            }
        }
        Ok(fields)
    }

    /// The first of these fields that is there and not blank.
    pub(super) fn get(&self, names: &[&str]) -> Option<&Value> {
        names.iter().filter_map(|name| self.0.get(*name)).find(|value| !is_blank(value))
    }

    /// The same as text: a text or a number as sent. The error is for the first name.
    pub(super) fn text(&self, names: &[&'static str]) -> Result<Option<String>, WireError> {
        match self.get(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => {
                Err(WireError::invalid(names.first().copied().unwrap_or_default(), "must be text"))
            }
        }
    }

    fn of_body(request: &Request<'_>) -> Result<Self, WireError> {
        let body = request.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(request.body);
        let body = body.trim_ascii_start();
        let content_type = request.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = content_type.to_ascii_lowercase();
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        if kind.contains("json") || body.starts_with(b"{") {
            return match json::parse(body).ok_or(NOT_JSON)? {
                Value::Object(map) => Ok(Self(map)),
                _ => Err(NOT_AN_OBJECT),
            };
        }
        if kind.starts_with("multipart/form-data") {
            return Ok(Self::of_pairs(multipart::pairs(content_type, body)?.take(PAIRS_MAX)));
        }
        Ok(Self::of_pairs(form_urlencoded::parse(body).take(PAIRS_MAX)))
    }

    fn of_pairs<K: AsRef<str>, V: Into<String>>(pairs: impl Iterator<Item = (K, V)>) -> Self {
        let mut map = Map::new();
        for (key, value) in pairs {
            insert(&mut map, key.as_ref(), Value::String(value.into()));
        }
        Self(map)
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// Inserts `a[b][c]` as PHP would read it: objects within objects. What nests too deep is ignored.
fn insert(map: &mut Map<String, Value>, key: &str, value: Value) {
    let brackets = key.strip_suffix(']').and_then(|key| key.split_once('['));
    let Some((name, path)) = brackets else {
        map.insert(key.to_owned(), value);
        return;
    };
    let path: Vec<&str> = path.split("][").collect();
    let Some((last, between)) = path.split_last() else { return };
    if path.len() > BRACKETS_MAX {
        return;
    }
    let mut target = map;
    for step in std::iter::once(&name).chain(between) {
        let inner = target.entry(*step).or_insert(Value::Null);
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        let Value::Object(inner) = inner else { return };
        target = inner;
    }
    let last = if last.is_empty() { target.len().to_string() } else { (*last).to_owned() };
    target.insert(last, value);
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};
    use serde_json::json;

    use super::*;

    fn read(content_type: &str, query: &str, body: &[u8]) -> Result<Value, WireError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        let (method, path) = (&Method::POST, "/");
        let at = torana_domain::Timestamp::from_s(0);
        let headers = &headers;
        let request = Request { method, route: path, path, query, headers, body, id: 0, at };
        Fields::read(&request).map(|fields| Value::Object(fields.0))
    }

    #[test]
    fn every_way_gives_the_same_fields() {
        let expected = json!({"amount": "10", "metadata": {"phone": "016"}});
        let form = b"amount=10&metadata%5Bphone%5D=016";
        assert_eq!(read("application/x-www-form-urlencoded", "", form).unwrap(), expected);
        assert_eq!(read("text/plain", "amount=10&metadata[phone]=016", b"").unwrap(), expected);
        let json = b"\xef\xbb\xbf {\"amount\":\"10\",\"metadata\":{\"phone\":\"016\"}}\n";
        for kind in ["application/json; charset=utf-8", "application/x-www-form-urlencoded"] {
            assert_eq!(read(kind, "", json).unwrap(), expected);
        }
        let multipart =
            b"--X\r\nContent-Disposition: form-data; name=\"amount\"\r\n\r\n10\r\n--X\r\n\
            Content-Disposition: form-data; name=\"metadata[phone]\"\r\n\r\n016\r\n--X--\r\n";
        assert_eq!(read("Multipart/Form-Data; boundary=X", "", multipart).unwrap(), expected);
    }

    #[test]
    fn the_query_fills_what_the_body_lacks() {
        let body = br#"{"a":"body","b":null,"c":"","a":"last"}"#;
        let fields = read("application/json", "a=query&b=query&c=query&d=query", body).unwrap();
        assert_eq!(fields, json!({"a": "last", "b": "query", "c": "query", "d": "query"}));
    }

    #[test]
    fn only_an_object_is_a_body() {
        for body in [&b"[1]"[..], b"\"amount\"", b"null"] {
            assert_eq!(read("application/json", "", body), Err(NOT_AN_OBJECT));
        }
        for body in [&b"{\"a\":1"[..], b"{}{}", b"{\"a\":\"\xff\"}", b"{'a':1}"] {
            assert_eq!(read("", "", body), Err(NOT_JSON));
        }
        assert_eq!(read("application/json", "", b" \n").unwrap(), json!({}));
        let deep = [b"{\"a\":".repeat(10_000), b"1".to_vec()].concat();
        assert_eq!(read("application/json", "", &deep), Err(NOT_JSON));
    }

    #[test]
    fn brackets_are_read_as_php_reads_them() {
        let query = "m[a][b]=1&m[]=2&m[x]=3&n]=4&o[=5&p[a]=6&p=7&q=8&q[a]=9";
        let expected = json!({
            "m": {"a": {"b": "1"}, "1": "2", "x": "3"}, "n]": "4", "o[": "5", "p": "7", "q": {"a": "9"},
        });
        assert_eq!(read("", query, b"").unwrap(), expected);
        assert_eq!(read("", &format!("a{}=1", "[b]".repeat(9)), b"").unwrap(), json!({}));
    }
}
