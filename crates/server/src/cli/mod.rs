//! The command line. `serve` and `demo` run the server; everything else opens the data directory for a moment, and works
//! while a server runs.

mod brand;
mod callbacks;
mod demo;
mod device;
mod doctor;
mod inbox;
mod ledger;
mod output;
pub mod serve;
mod wallet;

use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use torana_domain::BrandId;
use torana_store::{BrandRow, Options, Store};

use crate::callbacks::DialectCallbacks;
use crate::config::{self, Config, Flags};
use crate::secrets::Vault;

/// A self-hosted payment gateway that speaks the APIs of many.
#[derive(Debug, Parser)]
#[command(name = "torana", version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve. The first start creates everything that it needs.
    Serve(serve::ServeArgs),
    /// Play whole purchases on an empty temporary server, and stay up for you to look around.
    Demo(demo::DemoArgs),
    /// Brands: one is one shop.
    #[command(subcommand)]
    Brand(brand::BrandCommand),
    /// The wallet numbers on which a brand is paid.
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
    /// The phones that forward a brand's messages.
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// Money and messages that wait for a person.
    #[command(subcommand)]
    Inbox(inbox::InboxCommand),
    /// Messages to merchants' servers.
    #[command(subcommand)]
    Callbacks(callbacks::CallbacksCommand),
    /// The books.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Look for misconfiguration, and say the mend.
    Doctor,
    /// Print a configuration file with every setting, its documentation and its default.
    Config,
}

/// Runs the command line.
pub fn run() -> anyhow::Result<()> {
    let Cli { flags, command } = Cli::parse();
    match command {
        Command::Serve(args) => serve::run(&flags, args),
        Command::Demo(args) => demo::run(args),
        Command::Config => {
            output::line(&config::template());
            Ok(())
        }
        Command::Doctor => doctor::run(&flags),
        Command::Brand(command) => brand::run(&Workspace::open(&flags)?, command),
        Command::Wallet(command) => wallet::run(&Workspace::open(&flags)?, command),
        Command::Device(command) => device::run(&Workspace::open(&flags)?, command),
        Command::Inbox(command) => inbox::run(&Workspace::open(&flags)?, command),
        Command::Callbacks(command) => callbacks::run(&Workspace::open(&flags)?, command),
        Command::Ledger(command) => ledger::run(&Workspace::open(&flags)?, command),
    }
}

/// A data directory, opened for a command.
pub(crate) struct Workspace {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
}

impl Workspace {
    pub(crate) fn open(flags: &Flags) -> anyhow::Result<Self> {
        let config = Config::load(flags)?;
        Self::from_config(config)
    }

    /// Opens, and at the first start creates, the data directory, the master key and the database.
    pub(crate) fn from_config(config: Config) -> anyhow::Result<Self> {
        create_private_dir(&config.data_dir)?;
        let path = config.database_path()?;
        // A new key for an old database would lock every secret in it away.
        let is_new = !path.exists();
        let vault = Vault::open(&config.data_dir, config.master_key_file.as_deref(), is_new)?;
        let options = Options { path: path.clone(), ..Options::default() };
        let store = Store::open(&options, Arc::new(DialectCallbacks))
            .with_context(|| format!("opening {}", path.display()))?;
        Ok(Self { config, store, vault })
    }

    /// The brand that a command names.
    pub(crate) fn brand(&self, id: u32) -> anyhow::Result<BrandRow> {
        match self.store.read(|reader| reader.brand(BrandId(id)))? {
            Some(brand) => Ok(brand),
            None => bail!("there is no brand {id}; `torana brand list` shows them"),
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.store.close();
    }
}

fn create_private_dir(dir: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if !dir.exists() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .with_context(|| format!("creating {}", dir.display()))?;
    }
    Ok(())
}
