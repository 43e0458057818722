//! A JSON body and all that is wrong with it: errors name every field at once, by its plain name (seed).

use serde_json::{Map, Value};
use torana_domain::money::AmountError;
use torana_domain::{Currency, Money};

use crate::{Flaw, Request, WireError, amount_of_json, json, urls};

/// Where a field is: the top of the body.
pub(super) const TOP: &str = "";
/// Longest address, in characters.
const URL_MAX: usize = 2_048;

/// The object that the body is.
pub(super) fn read(request: &Request<'_>) -> Result<Map<String, Value>, WireError> {
    let body = request.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(request.body);
    match json::parse(body) {
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(WireError::Malformed("The request body must be a JSON object")),
        None => Err(WireError::Malformed("The request body is not valid JSON")),
    }
}

/// Fields of a body that are being read. No `Debug`: it holds personal data and numbers of cards.
pub(super) struct Form<'a> {
    object: &'a Map<String, Value>,
    flaws: Vec<Flaw>,
}

impl<'a> Form<'a> {
    /// Of a body, before anything is read.
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object, flaws: vec![] }
    }

    /// What is at the top or in an object within it. Null and blank text are as good as absent.
    pub(super) fn get(&self, part: &str, name: &str) -> Option<&'a Value> {
        let object = match part {
            TOP => self.object,
            part => self.object.get(part)?.as_object()?,
        };
        object.get(name).filter(|value| !is_blank(value))
    }

    /// A part that is there must be an object.
    pub(super) fn part(&mut self, name: &'static str) {
        if self.get(TOP, name).is_some_and(|value| !value.is_object()) {
            self.wrong(name, "must be an object");
        }
    }

    /// Notes that a field is wrong.
    pub(super) fn wrong(&mut self, name: &'static str, message: impl Into<String>) {
        self.flaws.push(Flaw::new(name, message));
    }

    /// Notes that a field is not there.
    pub(super) fn missing(&mut self, name: &'static str) {
        self.flaws.push(Flaw::missing(name, "is a required field"));
    }

    /// A text, or a number as text, of at most `most` characters, exactly as sent.
    pub(super) fn text(&mut self, part: &str, name: &'static str, most: usize) -> Option<String> {
        let text = match self.get(part, name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong(name, "must be text");
                return None;
            }
        };
        if text.chars().count() > most {
            self.wrong(name, format!("must be at most {most} characters long"));
            return None;
        }
        // Lines are broken in addresses and descriptions.
        if text.chars().any(|it| it.is_control() && !matches!(it, '\n' | '\r' | '\t')) {
            self.wrong(name, "must not contain control characters");
            return None;
        }
        Some(text)
    }

    /// The same, which must be there; empty if it is not.
    pub(super) fn required(&mut self, part: &str, name: &'static str, most: usize) -> String {
        if self.get(part, name).is_none() {
            self.missing(name);
        }
        self.text(part, name, most).unwrap_or_default()
    }

    /// A text of some form, trimmed; `expected` tells of which.
    pub(super) fn formed(
        &mut self,
        part: &str,
        name: &'static str,
        is_formed: fn(&str) -> bool,
        expected: &'static str,
    ) -> Option<String> {
        let text = self.text(part, name, 320)?.trim().to_owned();
        if !is_formed(&text) {
            self.wrong(name, expected);
            return None;
        }
        Some(text)
    }

    /// The same, which must be there; empty if it is not.
    pub(super) fn required_formed(
        &mut self,
        part: &str,
        name: &'static str,
        is_formed: fn(&str) -> bool,
        expected: &'static str,
    ) -> String {
        if self.get(part, name).is_none() {
            self.missing(name);
        }
        self.formed(part, name, is_formed, expected).unwrap_or_default()
    }

    /// A positive amount, which must be there. Without a currency only that is checked.
    pub(super) fn amount(&mut self, currency: Option<Currency>) -> Option<Money> {
        const AMOUNT: &str = "amount";
        let Some(value) = self.get(TOP, AMOUNT) else {
            self.missing(AMOUNT);
            return None;
        };
        let text = amount_of_json(value).unwrap_or_default();
        let currency = currency?;
        match Money::parse(&text, currency) {
            Ok(amount) if amount.is_positive() => return Some(amount),
            Ok(_) => self.wrong(AMOUNT, "must be greater than 0"),
            Err(AmountError::TooPrecise) => {
                let decimals = currency.exponent();
                self.wrong(AMOUNT, format!("must have at most {decimals} decimals"));
            }
            Err(AmountError::OutOfRange) => self.wrong(AMOUNT, "is too large"),
            Err(
                AmountError::NotDecimal
                | AmountError::CurrencyMismatch
                | AmountError::UnknownCurrency,
            ) => self.wrong(AMOUNT, "must be a positive number"),
        }
        None
    }

    /// An address at the top. The name of its own field is the seed's way to leave it out.
    pub(super) fn url(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(TOP, name, URL_MAX)?;
        if text.trim() == name {
            return None;
        }
        match urls::read(name, &text) {
            Ok(url) => Some(url),
            Err(WireError::Invalid(flaws)) => {
                self.flaws.extend(flaws);
                None
            }
            Err(_) => {
                self.wrong(name, "must be an http or https address");
                None
            }
        }
    }

    /// All that was wrong, if anything.
    pub(super) fn done(self) -> Result<(), WireError> {
        match self.flaws.is_empty() {
            true => Ok(()),
            false => Err(WireError::Invalid(self.flaws)),
        }
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}
