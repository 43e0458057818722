//! Where the database is and how it is reached: hosts, TLS, time-outs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::engine_error;
use crate::{DatabaseUrl, StoreError};

/// Time for one host to take the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for all hosts to be tried, and for one of them to be the primary.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Unanswered bytes on the wire: after this long the host is gone, whatever TCP still hopes.
const SILENCE: Duration = Duration::from_secs(10);

/// The database of this node.
#[derive(Clone)]
pub(super) struct Target {
    config: Config,
    tls: MakeRustlsConnect,
    /// This process, among all that use the database.
    pub(super) node: Arc<str>,
    complained_at: Arc<Mutex<Option<Instant>>>,
}

/// Time between two log lines about the same outage.
const COMPLAINTS: Duration = Duration::from_secs(5);

/// A connection before anybody drives it.
pub(super) type Wire = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Target {
    /// Reads a URL. Defaults that are ours: only a primary will do; TLS with a verified certificate unless the URL says
    /// otherwise or every host is this machine. `sslrootcert` names a file with further authorities; `verify-ca` and
    /// `verify-full` mean what `require` does here, since a certificate is always verified, with its name.
    pub(super) fn parse(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let wrong = |what: &dyn std::fmt::Display| {
            StoreError::Engine(format!("the database's URL is not understood: {what}"))
        };
        let (address, query) = url.expose().rsplit_once('?').unwrap_or((url.expose(), ""));
        let mut authorities = None;
        let mut kept = vec![];
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslrootcert", file)) => authorities = Some(file),
                Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
                _ => kept.push(parameter),
            }
        }
        let says = |name: &str| kept.iter().any(|parameter| parameter.starts_with(name));
        let text = format!("{address}?{}", kept.join("&"));
        let mut config: Config = text.parse().map_err(|error| wrong(&error))?;
        if config.get_hosts().is_empty() {
            return Err(wrong(&"it names no host"));
        }
        if !says("target_session_attrs=") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if !says("sslmode=") {
            let is_here = config.get_hosts().iter().all(is_this_machine)
                && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
            config.ssl_mode(if is_here { SslMode::Disable } else { SslMode::Require });
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config.keepalives_idle(SILENCE);
        let node = format!(
            "{:016x}",
            std::hash::BuildHasher::hash_one(
                &std::collections::hash_map::RandomState::new(),
                std::process::id(),
            )
        );
        // By this name nodes find each other: see `Engine::other_nodes`.
        config.application_name(format!("torana {node}"));
        Ok(Self {
            config,
            tls: tls(authorities)?,
            node: node.into(),
            complained_at: Arc::default(),
        })
    }

    /// What this process is called among the database's sessions.
    pub(super) fn application(&self) -> String {
        format!("torana {}", self.node)
    }

    /// Logs why there is no connection, now and then: every thread tries again and again.
    fn complain(&self, cause: &str) {
        let mut last = self.complained_at.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            *last = Some(Instant::now());
            tracing::warn!(cause, "cannot connect to the database");
        }
    }

    /// Connects to the first host that is what is wanted.
    pub(super) async fn connect(&self) -> Result<(Client, Wire), StoreError> {
        let connecting = self.config.connect(self.tls.clone());
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, connecting).await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(error)) => {
                let cause = causes(&error);
                self.complain(&cause);
                match engine_error(&error) {
                    StoreError::Unavailable if error.as_db_error().is_none() => {
                        Err(StoreError::Unreachable(cause))
                    }
                    other => Err(other),
                }
            }
            Err(_) => {
                let cause = "no primary answered in time".to_owned();
                self.complain(&cause);
                Err(StoreError::Unreachable(cause))
            }
        }
    }
}

/// An error with everything that stands behind it.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

/// Certificates are verified against the system's roots, and the authorities in a file of PEM certificates.
fn tls(authorities: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    let wrong = |what: &dyn std::fmt::Display| StoreError::Engine(format!("TLS: {what}"));
    let mut roots = vec![];
    if let Some(file) = authorities {
        let certificates = CertificateDer::pem_file_iter(file);
        for certificate in certificates.map_err(|error| wrong(&error))? {
            roots.push(certificate.map_err(|error| wrong(&error))?);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier.map_err(|error| wrong(&error))?))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Config {
        Target::parse(&DatabaseUrl::new(text)).unwrap().config
    }

    #[test]
    fn tls_is_left_out_on_this_machine_only() {
        let mode = |text| target(text).get_ssl_mode();
        assert_eq!(mode("postgres://u@127.0.0.1,localhost/x"), SslMode::Disable);
        assert_eq!(mode("postgres://u@127.0.0.1,10.0.0.1/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@localhost/x?hostaddr=10.0.0.1"), SslMode::Require);
        assert_eq!(mode("postgres://u:sslmode@db.example/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/x?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/x?sslmode=disable"), SslMode::Disable);
    }

    #[test]
    fn only_a_primary_will_do_unless_said_otherwise() {
        let attrs = |text| target(text).get_target_session_attrs();
        assert_eq!(attrs("postgres://u@localhost/x"), TargetSessionAttrs::ReadWrite);
        let any = "postgres://u@localhost/x?target_session_attrs=any";
        assert_eq!(attrs(any), TargetSessionAttrs::Any);
    }

    #[test]
    fn authorities_are_read_from_a_file() {
        let url = DatabaseUrl::new("postgres://u@db.example/x?sslrootcert=/not/there.pem");
        assert!(matches!(Target::parse(&url), Err(StoreError::Engine(_))));
    }
}
