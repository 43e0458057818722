//! Fields of a body that are being read, and all that is wrong with them.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Flaw, WireError};

/// Digits of an `ipgTransactionId`: a number of 64 bits.
const ID_DIGITS_MAX: usize = 19;

/// What is at a path such as `order.orderId`. Null and blank text are as good as absent.
fn find<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = object.get(parts.next()?)?;
    let value = parts.try_fold(first, |value, part| value.as_object()?.get(part))?;
    (!is_blank(value)).then_some(value)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// An object that is being read. No `Debug`: it holds cards.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    flaws: Vec<Flaw>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, flaws: vec![] }
    }

    pub(super) fn get(&self, path: &str) -> Option<&'a Value> {
        find(self.object, path)
    }

    /// An object within, with flaws of its own: [`Self::take`] them.
    pub(super) fn within(&mut self, path: &'static str) -> Option<Fields<'a>> {
        match self.get(path)? {
            Value::Object(object) => Some(Fields::new(object)),
            _ => {
                self.wrong(path, "must be an object");
                None
            }
        }
    }

    /// Takes over what was wrong within.
    pub(super) fn take(&mut self, within: &mut Fields<'_>) {
        self.flaws.append(&mut within.flaws);
    }

    pub(super) fn wrong(&mut self, name: &'static str, message: impl Into<String>) {
        self.flaws.push(Flaw::new(name, message));
    }

    /// In the words of the provider's only sample.
    pub(super) fn missing(&mut self, name: &'static str) {
        self.flaws.push(Flaw::missing(name, "may not be null"));
    }

    /// A text, or a number as text, of at most `most` characters, exactly as sent. `name` is what a flaw calls the field.
    pub(super) fn named(&mut self, path: &str, name: &'static str, most: usize) -> Option<String> {
        // What is refused is wiped, since it may be a card's.
        let mut text = Zeroizing::new(match self.get(path)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong(name, "must be text");
                return None;
            }
        });
        if text.chars().count() > most {
            self.wrong(name, format!("must be at most {most} characters long"));
            return None;
        }
        if text.chars().any(char::is_control) {
            self.wrong(name, "must not contain control characters");
            return None;
        }
        Some(std::mem::take(&mut *text))
    }

    /// The same where the flaw has the path's name.
    pub(super) fn text(&mut self, path: &'static str, most: usize) -> Option<String> {
        self.named(path, path, most)
    }

    /// What must never be copied but into a type that wipes it: a text, trimmed. Nothing else is taken for one.
    pub(super) fn secret(&mut self, path: &str, name: &'static str) -> Option<&'a str> {
        match self.get(path)? {
            Value::String(text) => Some(text.trim()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                self.wrong(name, "must be text");
                None
            }
        }
    }

    /// Yes or no, as truth or as text.
    pub(super) fn flag(&mut self, path: &'static str) -> Option<bool> {
        match self.get(path)? {
            Value::Bool(flag) => return Some(*flag),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => return Some(true),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => return Some(false),
            _ => self.wrong(path, "must be true or false"),
        }
        None
    }

    /// An `ipgTransactionId`, as text or as a number.
    pub(super) fn transaction_id(&mut self, path: &'static str) -> Option<String> {
        let is_id = |text: &str| {
            text.len() <= ID_DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let text = self.text(path, 64)?.trim().to_owned();
        if !is_id(&text) {
            self.wrong(path, "must be a number");
            return None;
        }
        Some(text)
    }

    /// One of some words, which count in any case.
    pub(super) fn word<T: Copy>(
        &mut self,
        path: &str,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.named(path, name, 64)?;
        let found = words.iter().find(|(word, _)| text.trim().eq_ignore_ascii_case(word));
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(name, format!("must be one of {}", words.join(", ")));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// What was read, if it is all there and nothing was wrong. What is not there must have been found missing.
    pub(super) fn done<T>(&mut self, read: Option<T>) -> Result<T, WireError> {
        match (self.flaws.is_empty(), read) {
            (true, Some(read)) => Ok(read),
            (true, None) => Err(WireError::Malformed("The request is incomplete")),
            (false, _) => Err(WireError::Invalid(std::mem::take(&mut self.flaws))),
        }
    }
}
