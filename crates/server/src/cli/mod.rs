//! The command line. `serve` and `demo` run the server; everything else opens the data directory for a moment, and works
//! while a server runs.

mod backup;
mod brand;
mod callbacks;
mod card;
mod demo;
mod device;
mod doctor;
mod epay;
mod inbox;
mod ledger;
mod migrate;
mod money_back;
mod output;
mod payout;
pub mod serve;
mod upi;
mod wallet;

use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use torana_dialects::{Caller, NoRails, Secret};
use torana_domain::payment::Payment;
use torana_domain::{BrandId, Timestamp};
use torana_store::{BrandRow, Database, Lane, Options, Store};

use crate::brands::{BrandSettings, parse_settings, seal_purpose};
use crate::callbacks::DialectCallbacks;
use crate::clock;
use crate::config::{self, Config, Flags};
use crate::gateway::{self, Named};
use crate::secrets::{MASTER_KEY_VARIABLE, Vault};

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
    /// Money that merchants send to others: what somebody still has to send.
    #[command(subcommand)]
    Payout(payout::PayoutCommand),
    /// Client numbers at ePay.bg on which brands are paid in Bulgaria.
    #[command(subcommand)]
    Epay(epay::EpayCommand),
    /// Card acquirers.
    #[command(subcommand)]
    Card(card::CardCommand),
    /// VPAs (UPI IDs) on which brands are paid in India.
    #[command(subcommand)]
    Upi(upi::UpiCommand),
    /// The phones that forward a brand's messages.
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// Money and messages that wait for a person.
    #[command(subcommand)]
    Inbox(inbox::InboxCommand),
    /// Money that goes back: what is to be sent, and what was.
    #[command(subcommand)]
    Refund(money_back::RefundCommand),
    /// Money that payers' issuers took back.
    #[command(subcommand)]
    Chargeback(money_back::ChargebackCommand),
    /// Messages to merchants' servers.
    #[command(subcommand)]
    Callbacks(callbacks::CallbacksCommand),
    /// Copy the embedded database to a file while it serves.
    Backup(backup::BackupArgs),
    /// Put a backup into an empty data directory.
    Restore(backup::RestoreArgs),
    /// Move everything to another database: SQLite to PostgreSQL, or back.
    Migrate(migrate::MigrateArgs),
    /// The books.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Look for misconfiguration, and say the mend.
    Doctor,
    /// Print a configuration file with every setting, its documentation and its default.
    Config,
}

/// Runs the command line. An error is one line for people, with its causes: where it came from in the code is for nobody who
/// mistyped an argument.
pub fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            output::error_line(&format!("Error: {error:#}"));
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let Cli { flags, command } = Cli::parse();
    match command {
        Command::Serve(args) => serve::run(&flags, args),
        Command::Demo(args) => demo::run(&flags, args),
        Command::Config => {
            output::line(&config::template());
            Ok(())
        }
        Command::Doctor => doctor::run(&flags),
        Command::Backup(args) => backup::back_up(&flags, &args),
        Command::Restore(args) => backup::restore(&flags, &args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Brand(command) => brand::run(&Workspace::open(&flags)?, command),
        Command::Wallet(command) => wallet::run(&Workspace::open(&flags)?, command),
        Command::Payout(command) => payout::run(&Workspace::open(&flags)?, command),
        Command::Epay(command) => epay::run(&Workspace::open(&flags)?, command),
        Command::Card(command) => card::run(&Workspace::open(&flags)?, command),
        Command::Upi(command) => upi::run(&Workspace::open(&flags)?, command),
        Command::Device(command) => device::run(&Workspace::open(&flags)?, command),
        Command::Inbox(command) => inbox::run(&Workspace::open(&flags)?, command),
        Command::Refund(command) => money_back::run(&Workspace::open(&flags)?, command),
        Command::Chargeback(command) => {
            money_back::run_chargeback(&Workspace::open(&flags)?, command)
        }
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
        let database = config.database()?;
        let key_file = config.master_key_file.as_deref();
        let has_key = key_file.is_some() || std::env::var_os(MASTER_KEY_VARIABLE).is_some();
        // A node whose database and key are elsewhere keeps nothing here.
        if matches!(database, Database::Sqlite(_)) || !has_key {
            create_private_dir(&config.data_dir)?;
        }
        let open_vault = |may_make| Vault::open(&config.data_dir, key_file, may_make);
        // A new key for an old database would lock every secret in it away.
        let (store, vault) = match &database {
            // No file before there is a key for it.
            Database::Sqlite(path) => {
                let vault = open_vault(!path.exists())?;
                (open_store(&database)?, vault)
            }
            Database::Postgres(_) => {
                let store = open_store(&database)?;
                let is_new = store.read(|reader| reader.fact(MASTER_KEY))?.is_none();
                let vault = open_vault(is_new)
                    .context("the database has a master key already: every node needs that one")?;
                (store, vault)
            }
        };
        migrate::check_finished(&store)?;
        check_key(&store, &vault)?;
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

/// Whoever sits at this machine, as dialects see a caller: without a secret, and of no interest to rails.
fn caller_of<'a>(row: &BrandRow, settings: &'a BrandSettings, now: Timestamp) -> Caller<'a> {
    Caller {
        brand: row.id,
        secret: Secret(&[]),
        mode: row.mode,
        policy: &settings.policy,
        switches: &settings.switches,
        since: row.created_at,
        now,
        real_now: clock::now(),
        public_url: "",
        rails: &NoRails,
    }
}

/// The payment of a brand that a text means in any API.
fn find_payment(
    workspace: &Workspace,
    row: &BrandRow,
    text: &str,
    now: Timestamp,
) -> anyhow::Result<Option<Payment>> {
    let settings = parse_settings(row)?;
    let caller = caller_of(row, &settings, now);
    for dialect in torana_dialects::all() {
        for candidate in dialect.candidates(text, &caller) {
            let found = workspace.store.read(|reader| {
                match gateway::named(reader, row.id, dialect.slug(), &candidate)? {
                    Some(Named::Number(number)) => reader.payment(row.id, number),
                    Some(Named::Id(id)) => reader.payment_by_id(id),
                    None => Ok(None),
                }
            })?;
            if let Some(payment) = found.filter(|it| it.order.dialect == dialect.slug()) {
                return Ok(Some(payment));
            }
        }
    }
    Ok(None)
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.store.close();
    }
}

/// The fact that says which master key a database belongs to.
const MASTER_KEY: &str = "master_key";

/// Makes sure that the database's secrets were sealed under this key; the first to come says which key it is.
fn check_key(store: &Store, vault: &Vault) -> anyhow::Result<()> {
    let mark = vault.lookup(MASTER_KEY, "").to_vec();
    let known = store.read(|reader| reader.fact(MASTER_KEY))?;
    let known = match known {
        Some(known) => known,
        None => {
            check_old_secret(store, vault)?;
            let mark = mark.clone();
            store.write_blocking(Lane::Shared, move |tx| tx.insert_fact(MASTER_KEY, &mark))?
        }
    };
    if known != mark {
        bail!(
            "this is not the master key of this database: copy master.key from the node or backup that it belongs to, \
             or set TORANA_MASTER_KEY"
        );
    }
    Ok(())
}

/// A database of an earlier version says nothing of its key, but its secrets do.
fn check_old_secret(store: &Store, vault: &Vault) -> anyhow::Result<()> {
    let Some(brand) = store.read(|reader| reader.brands())?.into_iter().next() else {
        return Ok(());
    };
    let credentials = store.read(|reader| reader.credentials(brand.id))?;
    if let Some(credential) = credentials.first() {
        vault.open_sealed(&seal_purpose(brand.id, &credential.dialect), &credential.sealed)?;
    }
    Ok(())
}

/// Opens a database, whichever it is.
pub(crate) fn open_store(database: &Database) -> anyhow::Result<Store> {
    Store::open(&Options::new(database.clone()), Arc::new(DialectCallbacks)).with_context(|| {
        match database {
            Database::Sqlite(path) => format!("opening {}", path.display()),
            Database::Postgres(url) => format!("opening {url}"),
        }
    })
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
