//! What nodes tell each other at once, without waiting for the next look into the database.

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Brands, credentials, accounts or devices changed. Published by the change itself.
    Config,
    /// Callbacks are due.
    Callbacks,
    /// Callers that came too often.
    Rates,
}

impl Topic {
    /// The stable code, as sent.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Callbacks => "callbacks",
            Self::Rates => "rates",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Config, Self::Callbacks, Self::Rates].into_iter().find(|topic| topic.code() == code)
    }
}

/// What another node published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub topic: Topic,
    /// The rest; its form is the topic's own.
    pub text: String,
}
