//! A JSON body that is asked by dotted paths, such as `billing.customer.phone`: errors name them (provider §2.7).

use http::header::CONTENT_TYPE;
use serde_json::Value;
use torana_domain::money::AmountError;
use torana_domain::{Currency, Money};

use super::super::{amounts, countries};
use crate::{Flaw, Request, WireError, amount_of_json, json, urls};

/// See the module. No `Debug`: it holds personal data.
pub(super) struct Body(Value);

impl Body {
    /// Reads the body.
    pub(super) fn read(request: &Request<'_>) -> Result<Self, WireError> {
        let body = request.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(request.body);
        let kind = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match json::parse(body) {
            Some(Value::Object(object)) => Ok(Self(Value::Object(object))),
            Some(_) => Err(WireError::Malformed("The request body must be a JSON object.")),
            None if kind.is_some_and(|kind| kind.contains("form")) => {
                Err(WireError::Malformed("The request body must be JSON, not a form."))
            }
            None => Err(WireError::Malformed("The request body is not valid JSON.")),
        }
    }

    /// What is at a path; null is as good as absent.
    pub(super) fn get(&self, path: &str) -> Option<&Value> {
        let found = path.split('.').try_fold(&self.0, |value, name| value.get(name));
        found.filter(|value| !value.is_null())
    }

    /// A text, or a number as text; blank is as good as absent. At most `chars` characters.
    pub(super) fn text(&self, path: &'static str, chars: usize) -> Result<Option<String>, Flaw> {
        let text = match self.get(path) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(Flaw::new(path, "must be text")),
        };
        if text.chars().count() > chars {
            return Err(Flaw::new(path, format!("must be at most {chars} characters long")));
        }
        let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// The same, which must be there.
    pub(super) fn required(&self, path: &'static str, chars: usize) -> Result<String, Flaw> {
        self.text(path, chars)?.ok_or_else(|| Flaw::missing(path, "is required"))
    }

    /// A positive amount in that currency, of at most `most` major units.
    pub(super) fn amount(
        &self,
        path: &'static str,
        currency: Currency,
        most: i64,
    ) -> Result<Option<Money>, Flaw> {
        let Some(value) = self.get(path) else { return Ok(None) };
        let text = amount_of_json(value).unwrap_or_default();
        let decimals = currency.exponent();
        let amount = amounts::parse(&text, currency).map_err(|error| match error {
            AmountError::TooPrecise => {
                Flaw::new(path, format!("must have at most {decimals} decimals"))
            }
            AmountError::OutOfRange => Flaw::new(path, format!("must be at most {most}")),
            AmountError::NotDecimal
            | AmountError::CurrencyMismatch
            | AmountError::UnknownCurrency => Flaw::new(path, "must be a number such as 100.00"),
        })?;
        let unit = 10_i64.pow(decimals);
        if !amount.is_positive() {
            return Err(Flaw::new(path, "must be more than 0"));
        }
        if amount.minor() > most.saturating_mul(unit) {
            return Err(Flaw::new(path, format!("must be at most {most}")));
        }
        Ok(Some(amount))
    }

    /// A whole number within bounds; a text of digits is one too.
    pub(super) fn number(
        &self,
        path: &'static str,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Flaw> {
        let Some(value) = self.get(path) else { return Ok(None) };
        let text = amount_of_json(value).unwrap_or_default();
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let (least, most) = (bounds.start(), bounds.end());
        let wrong = || Flaw::new(path, format!("must be a whole number from {least} to {most}"));
        number.map(Some).ok_or_else(wrong)
    }

    /// `true`, `1` and `"1"` are yes; absent and everything else is no (provider §2.3).
    pub(super) fn flag(&self, path: &str) -> bool {
        match self.get(path) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.to_string() == "1",
            Some(Value::String(text)) => matches!(text.trim(), "1" | "true"),
            _ => false,
        }
    }

    /// An address.
    pub(super) fn url(&self, path: &'static str) -> Result<Option<String>, WireError> {
        match self.text(path, 2_048)? {
            Some(text) => urls::read(path, &text).map(Some),
            None => Ok(None),
        }
    }

    /// An ISO country code of two or three letters.
    pub(super) fn country(&self, path: &'static str) -> Result<Option<String>, Flaw> {
        let wrong = || Flaw::new(path, "must be an ISO country code of 2 or 3 letters");
        match self.text(path, 3).map_err(|_| wrong())? {
            Some(code) => countries::find(&code).map(|_| Some(code)).ok_or_else(wrong),
            None => Ok(None),
        }
    }
}
