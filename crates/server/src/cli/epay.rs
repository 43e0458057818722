//! `torana epay …`

use std::io::Read as _;

use anyhow::{Context as _, ensure};
use clap::{Subcommand, ValueEnum};
use torana_domain::Mode;
use torana_store::Lane;

use super::{Workspace, output};
use crate::provision::epay_account;
use crate::rails::epay::{Site, notification_url};

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum EpayCommand {
    /// Add a client number at ePay.bg. Its secret word is read from standard input.
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
    ensure!(
        row.mode == Mode::Live || site == Site::Demo,
        "a test brand has its money at --site demo"
    );
    let mut secret = String::new();
    std::io::stdin()
        .take(SECRET_BYTES)
        .read_to_string(&mut secret)
        .context("reading the secret")?;
    let secret = secret.trim();
    ensure!(secret.len() >= 8, "the secret word on standard input has at least 8 characters");
    let account = epay_account(&workspace.vault, row.id, &min, site, secret.as_bytes())?;
    let lane = Lane::Brand(row.id);
    let account = workspace.store.write_blocking(lane, move |tx| tx.insert_account(&account))?;
    let base = workspace.config.public_url.clone().unwrap_or_else(|| "https://YOUR-HOST".into());
    output::line(&format!("account {}", account.id));
    output::line(&format!(
        "In the merchant's profile at ePay.bg set the address for notifications to {}",
        notification_url(&base, row.id, account.id)
    ));
    Ok(())
}
