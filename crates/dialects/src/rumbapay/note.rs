//! What a payment or payout has beyond ours, kept with it as JSON that only this dialect reads; and `extra`, which is kept as
//! the merchant's own data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use torana_domain::payment::Payment;
use torana_domain::payout::Payout;

use super::body::{Form, TOP};
use super::methods::PayIn;
use crate::json::parse;

/// Most entries of `extra`, and longest key and value of one, in characters.
const EXTRA_MAX: usize = 50;
const EXTRA_KEY_MAX: usize = 100;
const EXTRA_VALUE_MAX: usize = 1_000;

/// See the module. Texts are as the merchant sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    /// The API's word, such as `upi`, or `bank_transfer_mexico`.
    pub(super) method: String,
    /// Whether the merchant asked for the hosted page (`widget`).
    pub(super) hosted: bool,
    pub(super) reference: String,
    /// Empty if there is none.
    pub(super) description: String,
    /// `customer.identifier`.
    pub(super) identifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) locale: Option<String>,
}

impl Note {
    /// Of a payment; empty if it has none that can be read.
    pub(super) fn of(payment: &Payment) -> Self {
        Self::read(payment.order.dialect_note.as_deref())
    }

    /// The same of a payout.
    pub(super) fn of_payout(payout: &Payout) -> Self {
        Self::read(payout.order.dialect_note.as_deref())
    }

    fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// As it is kept.
    pub(super) fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Whose rules the answers follow.
    pub(super) fn pay_in(&self) -> PayIn {
        PayIn::of(&self.method).unwrap_or(PayIn::Upi)
    }
}

/// `extra` as it is kept: a list of objects of one scalar each; an object is read as such a list.
pub(super) fn extra(form: &mut Form<'_>) -> Option<String> {
    let pairs = match form.get(TOP, "extra")? {
        Value::Array(items) => items.iter().map(only_pair).collect(),
        Value::Object(object) => Some(object.iter().collect::<Vec<_>>()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    let Some(pairs) = pairs.filter(|pairs| pairs.iter().all(|(key, value)| fits(key, value)))
    else {
        form.wrong("extra", "must be an array of objects of one key and one plain value each");
        return None;
    };
    if pairs.len() > EXTRA_MAX {
        form.wrong("extra", format!("must have at most {EXTRA_MAX} entries"));
        return None;
    }
    let one = |(key, value): (&String, &Value)| {
        Value::Object(Map::from_iter([(key.clone(), value.clone())]))
    };
    let list: Vec<Value> = pairs.into_iter().map(one).collect();
    if list.is_empty() { None } else { Some(Value::Array(list).to_string()) }
}

fn only_pair(item: &Value) -> Option<(&String, &Value)> {
    let object = item.as_object().filter(|object| object.len() == 1)?;
    object.iter().next()
}

fn fits(key: &str, value: &Value) -> bool {
    let is_clean = |text: &str| !text.contains('\0');
    let value_fits = match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => number.to_string().len() <= EXTRA_VALUE_MAX,
        Value::String(text) => text.chars().count() <= EXTRA_VALUE_MAX && is_clean(text),
        Value::Array(_) | Value::Object(_) => false,
    };
    (1..=EXTRA_KEY_MAX).contains(&key.chars().count()) && is_clean(key) && value_fits
}

/// `extra` as it is given back: a list of `key` and `value`, in order.
pub(super) fn extra_back(metadata: Option<&str>) -> Value {
    let kept = metadata.and_then(|text| parse(text.as_bytes()));
    let items = kept.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pairs = items.iter().filter_map(only_pair);
    pairs.map(|(key, value)| json!({ "key": key, "value": value })).collect()
}
