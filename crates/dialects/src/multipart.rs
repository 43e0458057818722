//! `multipart/form-data`, as PHP's cURL sends an array of fields. Only small text fields matter here: files are
//! skipped, and nothing is streamed.

use crate::WireError;

/// The pairs of a body, in order.
pub(crate) fn pairs(
    content_type: &str,
    body: &[u8],
) -> Result<impl Iterator<Item = (String, String)>, WireError> {
    let boundary = parameter(content_type, "boundary").filter(|text| !text.is_empty());
    let boundary = boundary.ok_or(WireError::Malformed("The multipart body has no boundary."))?;
    let delimiter = format!("--{boundary}");
    let body = String::from_utf8_lossy(body);
    let mut parts = body.split(&delimiter).skip(1);
    let pairs: Vec<_> = parts.by_ref().map_while(pair).flatten().collect();
    // The parts end with the one that begins with two dashes: a body without it was cut off, perhaps within an amount.
    if !body.contains(&format!("{delimiter}--")) {
        return Err(WireError::Malformed("The multipart body is cut off."));
    }
    Ok(pairs.into_iter())
}

/// One part; none at the end of the body; `Some(None)` for what is not a text field.
fn pair(part: &str) -> Option<Option<(String, String)>> {
    if part.starts_with("--") {
        return None;
    }
    Some(field(part))
}

fn field(part: &str) -> Option<(String, String)> {
    let (head, content) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"))?;
    let disposition = head.lines().find(|line| {
        line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:"))
    })?;
    if parameter(disposition, "filename").is_some() {
        return None;
    }
    let name = parameter(disposition, "name")?;
    let content = content.strip_suffix('\n').unwrap_or(content);
    let content = content.strip_suffix('\r').unwrap_or(content);
    Some((name.to_owned(), content.to_owned()))
}

/// The value of `; name=value` or `; name="value"` in a header.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_fields_are_read_and_files_skipped() {
        let body =
            b"preamble\r\n--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n\
            --b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfile\r\n\
            --b\nContent-Disposition: form-data; name=c\n\n\n--b--\r\n--b\r\n\
            Content-Disposition: form-data; name=\"after\"\r\n\r\nend\r\n";
        let read: Vec<_> = pairs("multipart/form-data; boundary=\"b\"", body).unwrap().collect();
        let own = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read, [own("a", "one\r\ntwo"), own("c", "")]);
        assert!(pairs("multipart/form-data", body).is_err());
        let cut_off = &body[..60];
        assert!(pairs("multipart/form-data; boundary=b", cut_off).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(body: Vec<u8>, text in "(--b|\r\n|\n|content-disposition:|;|name=|\"|é|a){0,40}") {
            for body in [&body[..], text.as_bytes()] {
                let _ = pairs("multipart/form-data; boundary=b", body).map(Iterator::count);
            }
        }
    }
}
