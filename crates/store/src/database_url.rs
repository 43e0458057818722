//! Where a database is. It may hold a password: it never prints.

use std::fmt;

use serde::Deserialize;
use tokio_postgres::config::Host;

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

/// Scheme, hosts and database, as the driver understands them; the scheme alone where it does not: what stands behind it
/// may be a password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split("://").next().filter(|scheme| scheme.len() < self.0.len());
        let Some(scheme) = scheme else {
            return f.write_str(if self.0.starts_with("sqlite:") {
                &self.0
            } else {
                "(a database)"
            });
        };
        let Ok(config) = self.0.parse::<tokio_postgres::Config>() else {
            return write!(f, "{scheme}://…");
        };
        write!(f, "{scheme}://")?;
        for (n, host) in config.get_hosts().iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            match host {
                // A password with an @ that is not written as %40 ends here, for the driver: never print it.
                Host::Tcp(name) => {
                    write!(f, "{comma}{}", name.rsplit('@').next().unwrap_or_default())?;
                }
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
            if let Some(port) = config.get_ports().get(n) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", config.get_dbname().unwrap_or_default())
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
            "postgres://torana:hush%40hush@db.example:5432/torana?sslmode=require",
            "postgres://torana:hu@sh@db.example/torana",
            "postgres://torana:hush?hush@db.example:1/torana",
            "postgres://torana:hush/hush@db.example:1/torana",
            "postgres://db.example/torana?user=torana&password=hu@sh",
            "host=db.example password=hush",
            "mysql://torana:hush@db.example/torana",
        ] {
            let url = DatabaseUrl::new(text);
            let printed = format!("{url} {url:?}");
            assert!(!printed.contains("hu") && !printed.contains("sh@"), "{printed}");
        }
        let url = DatabaseUrl::new("postgres://u:p@db.example/torana?connect_timeout=1");
        assert_eq!(url.to_string(), "postgres://db.example:5432/torana");
        let url = DatabaseUrl::new("postgres://u:p@a.example:1,b.example:2/torana");
        assert_eq!(url.to_string(), "postgres://a.example:1,b.example:2/torana");
    }
}
