//! What a payer's request says beside the payment: language, chosen method, form of the answer.

use axum::http::{HeaderMap, Uri, header};

use crate::pages::{LANGUAGE_COOKIE, Language, Message};

/// The code with which payers come back from a site to which they were sent.
pub(in crate::http) const FROM_SITE: &str = "site";

/// The code of a link with which a payer wants to choose another way.
pub(in crate::http) const CHOOSES: &str = "choose";

/// See the module.
pub(in crate::http) struct Payer {
    pub(in crate::http) language: Language,
    /// Whether the language was chosen by hand just now.
    pub(in crate::http) chose_language: bool,
    /// The method in the query.
    pub(in crate::http) method: Option<String>,
    /// What the last confirmation was answered with, where the browser has no script.
    pub(in crate::http) code: Option<String>,
    /// What the payer had typed then.
    pub(in crate::http) reference: Option<String>,
    pub(in crate::http) wants_json: bool,
    pub(in crate::http) path: String,
}

impl Payer {
    /// The same where the shop asked for a language: only what the payer chose by hand comes before it.
    pub(in crate::http) fn read_in(headers: &HeaderMap, uri: &Uri, asked: &str) -> Self {
        let mut without = headers.clone();
        without.remove(header::ACCEPT_LANGUAGE);
        Self::read(&without, uri, Some(asked))
    }

    pub(in crate::http) fn read(
        headers: &HeaderMap,
        uri: &Uri,
        default_language: Option<&str>,
    ) -> Self {
        let text =
            |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let query: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()).into_owned().collect();
        let field =
            |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
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
            reference: field("reference"),
            wants_json: is_json(header::ACCEPT) || is_json(header::CONTENT_TYPE),
            path: uri.path().to_owned(),
        }
    }

    /// What the last confirmation was refused with, where the browser has no script and the page says it. What became
    /// of an attempt that was taken is said by the attempt itself.
    pub(in crate::http) fn message(&self) -> Option<Message> {
        match self.code.as_deref()? {
            "reference_missing" => Some(Message::ReferenceMissing),
            "reference_too_short" => Some(Message::ReferenceTooShort),
            "reference_too_long" => Some(Message::ReferenceTooLong),
            "reference_characters" => Some(Message::ReferenceCharacters),
            "reference_utr" => Some(Message::ReferenceUtr),
            "method_unavailable" => Some(Message::MethodUnavailable),
            "try_later" => Some(Message::TryLater),
            "closed" => Some(Message::Closed),
            "problem" => Some(Message::Problem),
            _ => None,
        }
    }
}
