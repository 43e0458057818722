//! The little language in which wordings of messages are written, as regular expressions. Each rail says what its fields are.

/// The pattern of a text: a blank may be missing, `.` and `:` too; `[optional]`, `<one|other>`, `{field}`, `\` before a
/// sign that stands for itself. `None` where it is not well written, which a test of each rail holds not to happen.
pub(crate) fn pattern(text: &str, field: fn(&str) -> Option<String>) -> Option<String> {
    let mut pattern = String::with_capacity(text.len() * 4);
    let mut left = text;
    while let Some(first) = left.chars().next() {
        left = left.strip_prefix(first)?;
        match first {
            ' ' => pattern.push_str(" ?"),
            '.' => pattern.push_str(r"\.?"),
            ':' => pattern.push_str(" ?:?"),
            '[' | '<' => pattern.push_str("(?:"),
            ']' => pattern.push_str(")?"),
            '>' => pattern.push(')'),
            '|' => pattern.push('|'),
            '{' => {
                let (name, after) = left.split_once('}')?;
                pattern.push_str(&field(name)?);
                left = after;
            }
            '\\' => {
                let escaped = left.chars().next()?;
                pattern.push_str(&regex::escape(escaped.encode_utf8(&mut [0; 4])));
                left = left.strip_prefix(escaped)?;
            }
            other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    Some(pattern)
}
