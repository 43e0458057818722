//! Configuration: defaults, then a TOML file, then `TORANA_…` variables, then flags; the last one wins.
//!
//! This struct is the documentation too: `torana config` prints it as a commented TOML file.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use confique::Config as _;
use torana_rails::card::{BinConfig, BinTable};
use torana_store::{Database, DatabaseUrl};

/// Everything that an operator can set. All of it has a default.
#[derive(Clone, Debug, confique::Config)]
pub struct Config {
    /// Address and port to listen on. Put a TLS proxy in front, or keep it on loopback.
    #[config(default = "127.0.0.1:8080", env = "TORANA_LISTEN")]
    pub listen: SocketAddr,

    /// Scheme and host under which payers and merchants reach this server, such as `https://pay.example.com`. When it
    /// is not set, http:// and the listening address are used, which serves only for trying it out.
    #[config(env = "TORANA_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Directory of the embedded database and the master key. Created with access for its owner only.
    #[config(default = "./torana-data", env = "TORANA_DATA_DIR")]
    pub data_dir: PathBuf,

    /// Where the data lives: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE, with several hosts separated by
    /// commas. Without it, torana.sqlite in the data directory.
    #[config(env = "TORANA_DATABASE_URL")]
    pub database_url: Option<DatabaseUrl>,

    /// A file with the master key, 64 hexadecimal digits, under which secrets are sealed. TORANA_MASTER_KEY may hold
    /// the key itself. Without either, master.key in the data directory, made at the first start.
    #[config(env = "TORANA_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,

    /// What this node does: all, api (answers requests, and leaves callbacks, expiry and housekeeping to others), or worker
    /// (only those, and /healthz, /readyz and /metrics). Other than all makes sense only with PostgreSQL.
    #[config(default = "all", env = "TORANA_ROLE")]
    pub role: Role,

    /// Addresses of proxies whose X-Forwarded-For is believed.
    #[config(default = [], env = "TORANA_TRUSTED_PROXIES", parse_env = confique::env::parse::list_by_comma)]
    pub trusted_proxies: Vec<IpAddr>,

    /// What is logged, in tracing's filter syntax: error, warn, info, debug, or torana_server::http=debug.
    #[config(default = "info", env = "TORANA_LOG")]
    pub log: String,

    /// How it is logged, to standard error: text or json.
    #[config(default = "text", env = "TORANA_LOG_FORMAT")]
    pub log_format: String,

    /// HTTP limits.
    #[config(nested)]
    pub http: Http,

    /// Messages to merchants' servers.
    #[config(nested)]
    pub callbacks: Callbacks,

    /// Phones that forward messages.
    #[config(nested)]
    pub devices: Devices,

    /// Cards.
    #[config(nested)]
    pub cards: Cards,

    /// Abuse limits.
    #[config(nested)]
    pub rate_limits: RateLimits,
}

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    All,
    /// Answers requests.
    Api,
    /// Sends callbacks, expires payments, keeps house.
    Worker,
}

/// HTTP limits.
#[derive(Clone, Debug, confique::Config)]
pub struct Http {
    /// Seconds within which a request must be answered.
    #[config(default = 30, env = "TORANA_HTTP_TIMEOUT_S")]
    pub timeout_s: u64,

    /// Largest request body, in bytes.
    #[config(default = 262144, env = "TORANA_HTTP_BODY_BYTES")]
    pub body_bytes: usize,

    /// Seconds that running requests get when the server is told to stop.
    #[config(default = 25, env = "TORANA_HTTP_DRAIN_S")]
    pub drain_s: u64,

    /// Seconds for which a server that is told to stop goes on taking connections while /readyz answers 503, so that a
    /// balancer notices and sends nobody here any more. Longer than the balancer's interval between checks; 0 where
    /// there is no balancer.
    #[config(default = 0, env = "TORANA_HTTP_LEAVE_S")]
    pub leave_s: u64,

    /// Connections served at once; further ones wait.
    #[config(default = 4096, env = "TORANA_HTTP_CONNECTIONS")]
    pub connections: usize,
}

/// Messages to merchants' servers.
#[derive(Clone, Debug, confique::Config)]
pub struct Callbacks {
    /// Seconds that a merchant's server has to answer.
    #[config(default = 15, env = "TORANA_CALLBACKS_TIMEOUT_S")]
    pub timeout_s: u64,

    /// Messages under way at once, over all merchants.
    #[config(default = 64, env = "TORANA_CALLBACKS_CONCURRENCY")]
    pub concurrency: usize,

    /// Messages under way at once to one host and port, so that a dead one delays nobody else.
    #[config(default = 4, env = "TORANA_CALLBACKS_PER_ENDPOINT")]
    pub per_endpoint: usize,

    /// Whether live brands may be called back on private, loopback and link-local addresses. Only for shops that run
    /// on the same machine or network: it lets merchants reach whatever this server can.
    #[config(default = false, env = "TORANA_CALLBACKS_ALLOW_PRIVATE")]
    pub allow_private: bool,
}

/// Phones that forward messages.
#[derive(Clone, Debug, confique::Config)]
pub struct Devices {
    /// Seconds without a sign of life after which a device counts as silent.
    #[config(default = 900, env = "TORANA_DEVICES_SILENT_AFTER_S")]
    pub silent_after_s: i64,
}

/// Cards.
#[derive(Clone, Debug, confique::Config)]
pub struct Cards {
    /// A JSON file that says whose card numbers are whose, where RuPay's lie within other networks' and where the acquirer
    /// knows better: jcb, discover, maestro, unionpay (each "rupay" or "other"), preferred ("redirect" or "seamless"),
    /// otherwise, and ranges with from, to, brand and flows. Without it, what is publicly known of RuPay's ranges.
    #[config(env = "TORANA_CARDS_BINS_FILE")]
    pub bins_file: Option<PathBuf>,
}

impl Cards {
    /// Whose card numbers are whose.
    pub fn bins(&self) -> anyhow::Result<BinTable> {
        let Some(file) = &self.bins_file else { return Ok(BinTable::default()) };
        let name = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
        let config: BinConfig =
            serde_json::from_str(&text).with_context(|| format!("cards.bins_file {name}"))?;
        BinTable::new(config).with_context(|| format!("cards.bins_file {name}"))
    }
}

/// Abuse limits. A client beyond one gets an error that says when to come back.
#[derive(Clone, Debug, confique::Config)]
pub struct RateLimits {
    /// Failed authentications a minute from one address, above which failures answer 429.
    #[config(default = 60, env = "TORANA_RATE_LIMITS_AUTH_FAILURES_PER_MINUTE")]
    pub auth_failures_per_minute: u32,

    /// References that may be tried on one payment in a minute.
    #[config(default = 12, env = "TORANA_RATE_LIMITS_CONFIRMATIONS_PER_MINUTE")]
    pub confirmations_per_minute: u32,

    /// References that matched nothing, a minute from one address, above which further ones answer 429.
    #[config(default = 120, env = "TORANA_RATE_LIMITS_MISSES_PER_MINUTE")]
    pub misses_per_minute: u32,
}

/// Settings from the command line, which win over all else.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// A TOML file; `torana config` prints one with every setting.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory of the embedded database and the master key.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where the data lives: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE.
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<DatabaseUrl>,
    /// How to log: text or json.
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

impl Config {
    /// Reads every source and checks the result.
    pub fn load(flags: &Flags) -> anyhow::Result<Self> {
        let mut builder = Self::builder().env();
        if let Some(file) = &flags.config {
            if !file.exists() {
                bail!("the configuration file {} does not exist", file.display());
            }
            builder = builder.file(file);
        }
        let mut config = builder.load().context("reading the configuration")?;
        if let Some(data_dir) = &flags.data_dir {
            config.data_dir.clone_from(data_dir);
        }
        if let Some(url) = &flags.database_url {
            config.database_url = Some(url.clone());
        }
        if let Some(format) = &flags.log_format {
            config.log_format.clone_from(format);
        }
        config.check()?;
        Ok(config)
    }

    /// Checks what no single field's type can. Call again after changing a field.
    pub fn check(&mut self) -> anyhow::Result<()> {
        if !matches!(self.log_format.as_str(), "text" | "json") {
            bail!("log_format must be text or json, not {:?}", self.log_format);
        }
        if let Some(url) = &mut self.public_url {
            let parsed = url::Url::parse(url).with_context(|| format!("public_url {url:?}"))?;
            if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
                bail!("public_url must be http:// or https:// with a host, not {url:?}");
            }
            while url.ends_with('/') {
                url.pop();
            }
        }
        let database = self.database()?;
        if self.role != Role::All && matches!(database, Database::Sqlite(_)) {
            bail!(
                "role is for nodes that share a PostgreSQL: an embedded database has one server, which does all"
            );
        }
        Ok(())
    }

    /// The database that is meant.
    pub fn database(&self) -> anyhow::Result<Database> {
        match &self.database_url {
            None => Ok(Database::Sqlite(embedded_database(&self.data_dir))),
            Some(url) => parse_database(url),
        }
    }

    /// Scheme and host for links, without a slash at the end.
    pub fn public_url_or(&self, listening: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{listening}"))
    }
}

/// The file of the embedded database of a data directory.
pub fn embedded_database(data_dir: &Path) -> PathBuf {
    data_dir.join("torana.sqlite")
}

/// The database that a URL means.
pub fn parse_database(url: &DatabaseUrl) -> anyhow::Result<Database> {
    let text = url.expose();
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            bail!("database_url sqlite:PATH needs a path");
        }
        return Ok(Database::Sqlite(PathBuf::from(path)));
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(Database::Postgres(url.clone()));
    }
    bail!("database_url must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE")
}

/// A TOML file with every setting, its documentation and its default.
pub fn template() -> String {
    confique::toml::template::<Config>(confique::toml::FormatOptions::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_default_and_is_documented() {
        let config = Config::builder().load().unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        let template = template();
        for key in ["listen", "public_url", "data_dir", "per_endpoint", "silent_after_s"] {
            assert!(template.contains(key), "{key}");
        }
    }

    #[test]
    fn a_public_url_loses_its_slash_and_must_be_http() {
        let mut config = Config::builder().load().unwrap();
        config.public_url = Some("https://pay.example.com/".into());
        config.check().unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://pay.example.com"));
        config.public_url = Some("ftp://pay.example.com".into());
        assert!(config.check().is_err());
    }
}
