//! `torana wallet …`

use anyhow::{Context as _, bail};
use clap::Subcommand;
use torana_domain::{AccountId, DeviceId};
use torana_rails::wallet::Wallet;
use torana_store::Lane;

use super::{Workspace, output};
use crate::provision::wallet_account;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Add a number on which the brand is paid.
    Add {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The wallet: bkash, nagad, rocket, upay, tap, cellfin, okwallet, mcash, pathaopay, ipay, surecash, tallypay or bank.
        #[arg(long)]
        method: String,
        /// personal, agent or merchant.
        #[arg(long, default_value = "personal")]
        kind: String,
        /// The number, as payers type it.
        #[arg(long)]
        number: String,
        /// The name that payers see instead of the wallet's.
        #[arg(long)]
        label: Option<String>,
        /// A line of your own for payers, such as a bank's branch and routing number.
        #[arg(long, default_value = "")]
        instructions: String,
        /// Smallest payment that it is offered for, in minor units (paisa).
        #[arg(long)]
        min_minor: Option<i64>,
        /// Largest payment that it is offered for, in minor units (paisa).
        #[arg(long)]
        max_minor: Option<i64>,
        /// The phone that hears of its money; needed where a brand has two numbers of one wallet.
        #[arg(long)]
        device: Option<u32>,
        /// The SIM slot in that phone, as the app counts them.
        #[arg(long)]
        sim: Option<i32>,
    },
    /// Forget the balance by which a number's next message is judged, after messages were lost.
    ForgetBalance {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The number's account, as `torana wallet list` shows it.
        #[arg(long)]
        account: u32,
    },
    /// List a brand's numbers.
    List {
        /// The brand.
        #[arg(long)]
        brand: u32,
    },
    /// Offer a number to payers no longer; messages about it are still read.
    Disable {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The number's account, as `torana wallet list` shows it.
        #[arg(long)]
        account: u32,
    },
    /// Offer a number to payers again.
    Enable {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The number's account, as `torana wallet list` shows it.
        #[arg(long)]
        account: u32,
    },
}

pub(super) fn run(workspace: &Workspace, command: WalletCommand) -> anyhow::Result<()> {
    match command {
        WalletCommand::Add {
            brand,
            method,
            kind,
            number,
            label,
            instructions,
            min_minor,
            max_minor,
            device,
            sim,
        } => {
            let brand = workspace.brand(brand)?.id;
            let wallet = Wallet::from_slug(&method)
                .with_context(|| format!("{method:?} is no wallet that Torana reads"))?;
            if !matches!(kind.as_str(), "personal" | "agent" | "merchant") {
                bail!("--kind is personal, agent or merchant");
            }
            let number = number.trim().to_owned();
            if number.is_empty() || number.chars().count() > 40 {
                bail!("--number has 1 to 40 characters");
            }
            let label = label.unwrap_or_else(|| wallet.title().to_owned());
            let mut row = wallet_account(brand, &method, &kind, &number, &label);
            row.instructions = instructions;
            row.limits.min_minor = min_minor;
            row.limits.max_minor = max_minor;
            row.device = device.map(DeviceId);
            row.sim = sim;
            let row = workspace
                .store
                .write_blocking(Lane::Brand(brand), move |tx| tx.insert_account(&row))?;
            output::line(&format!("account {}", row.id));
            Ok(())
        }
        WalletCommand::List { brand } => {
            let brand = workspace.brand(brand)?.id;
            let accounts = workspace.store.read(|reader| reader.accounts(brand))?;
            let rows: Vec<_> = accounts
                .into_iter()
                .map(|row| {
                    let enabled = if row.enabled { "yes" } else { "no" };
                    vec![
                        row.id.to_string(),
                        row.method,
                        row.kind,
                        row.number,
                        row.label,
                        enabled.into(),
                    ]
                })
                .collect();
            output::table(&["account", "method", "kind", "number", "label", "offered"], &rows);
            Ok(())
        }
        WalletCommand::ForgetBalance { brand, account } => {
            let brand = workspace.brand(brand)?.id;
            let account = AccountId(account);
            workspace
                .store
                .write_blocking(Lane::Brand(brand), move |tx| tx.forget_balance(brand, account))?;
            Ok(())
        }
        WalletCommand::Disable { brand, account } => enable(workspace, brand, account, false),
        WalletCommand::Enable { brand, account } => enable(workspace, brand, account, true),
    }
}

fn enable(workspace: &Workspace, brand: u32, account: u32, on: bool) -> anyhow::Result<()> {
    let brand = workspace.brand(brand)?.id;
    let account = AccountId(account);
    if workspace.store.read(|reader| reader.account(brand, account))?.is_none() {
        bail!("brand {brand} has no account {account}");
    }
    workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
        tx.update_account_enabled(brand, account, on)
    })?;
    Ok(())
}
