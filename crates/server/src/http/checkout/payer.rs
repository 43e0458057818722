//! What a payer's request says beside the payment: language, chosen method, form of the answer.

use axum::http::{HeaderMap, Uri, header};
use torana_domain::payment::{AttemptState, Payment};

use super::view;
use crate::pages::{LANGUAGE_COOKIE, Language, Message};

/// See the module.
pub(super) struct Payer {
    pub(super) language: Language,
    /// Whether the language was chosen by hand just now.
    pub(super) chose_language: bool,
    /// The method in the query.
    pub(super) method: Option<String>,
    /// What the last confirmation was answered with, where the browser has no script.
    pub(super) code: Option<String>,
    pub(super) wants_json: bool,
    pub(super) path: String,
}

impl Payer {
    pub(super) fn read(headers: &HeaderMap, uri: &Uri, default_language: Option<&str>) -> Self {
        let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let query: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()).into_owned().collect();
        let field = |name: &str| {
            query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
        };
        let cookie = text(header::COOKIE).and_then(|cookies| {
            let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.into_iter().find(|(name, _)| *name == LANGUAGE_COOKIE).map(|(_, value)| value)
        });
        let chosen = field("lang");
        let default = default_language.and_then(Language::from_tag).unwrap_or(Language::En);
        let accepted = text(header::ACCEPT_LANGUAGE);
        let is_json = |name| text(name).is_some_and(|value| value.contains("application/json"));
        Self {
            language: Language::choose(chosen.as_deref(), cookie, accepted, default),
            chose_language: chosen.as_deref().is_some_and(|tag| Language::from_tag(tag).is_some()),
            method: field("method"),
            code: field("code"),
            wants_json: is_json(header::ACCEPT) || is_json(header::CONTENT_TYPE),
            path: uri.path().to_owned(),
        }
    }

    /// What the page says: what the last confirmation was answered with, else what became of the last attempt.
    pub(super) fn message(&self, payment: &Payment) -> Option<Message> {
        let from_code = match self.code.as_deref()? {
            "reference_missing" => Message::ReferenceMissing,
            "reference_too_short" => Message::ReferenceTooShort,
            "reference_too_long" => Message::ReferenceTooLong,
            "reference_characters" => Message::ReferenceCharacters,
            "method_unavailable" => Message::MethodUnavailable,
            "try_later" => Message::TryLater,
            "closed" => Message::Closed,
            _ => {
                let last = payment.attempts.last()?;
                return match last.state {
                    AttemptState::Waiting | AttemptState::Paid => None,
                    state => Some(view::attempt_message(payment, state)),
                };
            }
        };
        Some(from_code)
    }
}
