//! Where the database is and how it is reached: hosts, TLS, time-outs.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::engine_error;
use crate::{DatabaseUrl, StoreError};

/// Time for one host to take the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for all hosts to be tried, and for one of them to be the primary.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Unanswered bytes on the wire: after this long the host is gone, whatever TCP still hopes.
const SILENCE: Duration = Duration::from_secs(10);

/// The database of this node.
#[derive(Clone)]
pub(super) struct Target {
    config: Config,
    tls: MakeRustlsConnect,
    /// This process, among all that use the database.
    pub(super) node: Arc<str>,
}

/// A connection before anybody drives it.
pub(super) type Wire = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Target {
    /// Reads a URL or a string of `key=value` pairs. Defaults that are ours: only a primary will do; TLS with a verified
    /// certificate unless the URL says otherwise or every host is this machine.
    pub(super) fn parse(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let text = url.expose();
        let wrong = |what: &dyn std::fmt::Display| {
            StoreError::Engine(format!("the database's URL is not understood: {what}"))
        };
        let mut config: Config = text.parse().map_err(|error| wrong(&error))?;
        if config.get_hosts().is_empty() {
            return Err(wrong(&"it names no host"));
        }
        if !text.contains("target_session_attrs") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if !text.contains("sslmode") {
            let is_here = config.get_hosts().iter().all(is_this_machine);
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
        Ok(Self { config, tls: tls()?, node: node.into() })
    }

    /// What this process is called among the database's sessions.
    pub(super) fn application(&self) -> String {
        format!("torana {}", self.node)
    }

    /// Connects to the first host that is what is wanted.
    pub(super) async fn connect(&self) -> Result<(Client, Wire), StoreError> {
        let connecting = self.config.connect(self.tls.clone());
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, connecting).await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "cannot connect to the database");
                Err(engine_error(&error))
            }
            Err(_) => {
                tracing::warn!("cannot connect to the database in time");
                Err(StoreError::Unavailable)
            }
        }
    }
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

/// Certificates are verified against the system's roots.
fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let wrong = |error: rustls::Error| StoreError::Engine(format!("TLS: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(wrong)?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
