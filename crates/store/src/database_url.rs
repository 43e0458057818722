//! Where a database is. It may hold a password: it never prints.

use std::fmt;

use serde::Deserialize;

/// A database's URL as the operator wrote it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes a text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole text, password included: for the driver, never for people.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// The scheme, and what follows the user's name and password; the parameters may hold a password too, and are left out.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.split('?').next().unwrap_or_default();
        match (text.split_once("://"), text.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => write!(f, "{scheme}://{host}"),
            (Some(_), None) => f.write_str(text),
            (None, _) => f.write_str("(a database)"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_prints() {
        for text in [
            "postgres://torana:p%40ss@db.example:5432/torana?sslmode=require",
            "postgres://torana:p@ss@db.example/torana",
            "postgres://db.example/torana?user=torana&password=p@ss",
            "host=db.example password=p@ss",
        ] {
            let url = DatabaseUrl::new(text);
            assert!(!format!("{url} {url:?}").contains("ss@"), "{url}");
            assert!(!format!("{url} {url:?}").contains("p@"), "{url}");
        }
        let url = DatabaseUrl::new("postgres://u:p@db.example/torana?x=1");
        assert_eq!(url.to_string(), "postgres://db.example/torana");
    }
}
