//! `torana epay …`

use std::io::Read as _;

use anyhow::{Context as _, ensure};
use clap::{Subcommand, ValueEnum};
use torana_domain::Mode;
use torana_store::{Lane, Tx};

use super::{Workspace, output};
use crate::provision::epay_account;
use crate::rails::EPAY;
use crate::rails::epay::{Site, notification_url};

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum EpayCommand {
    /// Add a client number at ePay.bg, or replace its secret word, which is read from standard input.
    Add {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The client number (KIN).
        #[arg(long)]
        min: String,
        /// Which site it is at.
        #[arg(long, value_enum, default_value = "live")]
        site: SiteArg,
    },
}

/// ePay.bg's sites.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SiteArg {
    /// www.epay.bg.
    Live,
    /// demo.epay.bg.
    Demo,
}

/// Longest secret word; ePay's have 64 characters.
const SECRET_BYTES: u64 = 200;

pub(super) fn run(workspace: &Workspace, command: EpayCommand) -> anyhow::Result<()> {
    let EpayCommand::Add { brand, min, site } = command;
    let row = workspace.brand(brand)?;
    let min = min.trim().to_owned();
    let is_fine = (1..=30).contains(&min.len()) && min.bytes().all(|b| b.is_ascii_alphanumeric());
    ensure!(is_fine, "--min has 1 to 30 letters and digits");
    let site = match site {
        SiteArg::Live => Site::Live,
        SiteArg::Demo => Site::Demo,
    };
    match row.mode {
        Mode::Test => {
            ensure!(site == Site::Demo, "a test brand takes no real money: add --site demo")
        }
        Mode::Live => {
            ensure!(site == Site::Live, "a live brand takes no play money: leave --site out")
        }
    }
    let mut secret = String::new();
    std::io::stdin()
        .take(SECRET_BYTES)
        .read_to_string(&mut secret)
        .context("reading the secret")?;
    let secret = secret.trim();
    ensure!(secret.len() >= 8, "the secret word on standard input has at least 8 characters");
    let account = epay_account(&workspace.vault, row.id, &min, site, secret.as_bytes())?;
    let known = workspace.store.read(|reader| reader.accounts(row.id))?;
    let known = known.into_iter().find(|it| it.rail == EPAY && it.number == account.number);
    let lane = Lane::Brand(row.id);
    let account = match known {
        None => workspace.store.write_blocking(lane, move |tx| tx.insert_account(&account))?,
        Some(known) => {
            let (id, sealed) = (known.id, account.sealed.context("nothing was sealed")?);
            let replace = move |tx: &mut Tx<'_>| {
                tx.update_account_secret(row.id, id, &sealed, &account.details)
            };
            workspace.store.write_blocking(lane, replace)?;
            output::line(
                "The client number was there already: its secret word and site are replaced.",
            );
            known
        }
    };
    let base = workspace.config.public_url.clone().unwrap_or_else(|| "https://YOUR-HOST".into());
    output::line(&format!("account {}", account.id));
    output::line(&format!(
        "In the merchant's profile at ePay.bg set the address for notifications to {}",
        notification_url(&base, row.id, account.id)
    ));
    Ok(())
}
