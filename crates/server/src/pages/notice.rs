//! Pages that only say something: an unknown link, an error.

use askama::Template;

use super::Language;
use super::shell::Shell;

/// A link that leads to no payment, or to one that is gone.
#[derive(Clone, Debug, Template)]
#[template(path = "not_found.html")]
pub struct NotFoundPage {
    /// The payer's language.
    pub language: Language,
    /// The path that was asked for, for the language links.
    pub path: String,
}

/// Something failed on our side.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The payer's language.
    pub language: Language,
    /// The path that was asked for, for the language links and for trying again.
    pub path: String,
    /// The request's id, to tell support.
    pub request_id: Option<String>,
}

fn shell(language: Language, path: &str) -> Shell {
    // A path that begins with two slashes would lead to another host.
    let path = format!("/{}", path.trim_start_matches(['/', '\\']));
    let path = path.split('?').next().unwrap_or_default().to_owned();
    Shell { language, test_mode: false, path, method: None }
}

impl NotFoundPage {
    fn shell(&self) -> Shell {
        shell(self.language, &self.path)
    }
}

impl ErrorPage {
    fn shell(&self) -> Shell {
        shell(self.language, &self.path)
    }
}
