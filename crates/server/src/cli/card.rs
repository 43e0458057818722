//! `torana card …`

use std::io::Read as _;

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use torana_domain::Mode;
use torana_store::{Lane, Tx};

use super::{Workspace, output};
use crate::cards::FarEnd;
use crate::provision::ipg_account;
use crate::rails::CARD;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum CardCommand {
    /// Add a store at an acquirer's gateway that speaks Fiserv's IPG API, or replace its keys. The API secret is read from
    /// standard input. It takes the place of the simulated network.
    Add {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The gateway's address, up to and with /v2.
        #[arg(long, value_name = "URL")]
        site: String,
        /// The store there.
        #[arg(long)]
        store_id: String,
        /// The API key there.
        #[arg(long)]
        api_key: String,
    },
}

const SECRET_BYTES: u64 = 400;

pub(super) fn run(workspace: &Workspace, command: CardCommand) -> anyhow::Result<()> {
    let CardCommand::Add { brand, site, store_id, api_key } = command;
    let row = workspace.brand(brand)?;
    let url = url::Url::parse(&site)
        .context("--site is an address such as https://HOST/ipp/payments-gateway/v2")?;
    let is_safe = url.scheme() == "https" || (row.mode == Mode::Test && url.scheme() == "http");
    ensure!(is_safe, "--site begins with https://");
    let is_store = (1..=20).contains(&store_id.len())
        && store_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ensure!(is_store, "--store-id has 1 to 20 letters and digits");
    let mut secret = String::new();
    std::io::stdin()
        .take(SECRET_BYTES)
        .read_to_string(&mut secret)
        .context("reading the secret")?;
    let secret = secret.trim();
    ensure!(secret.len() >= 8, "the API secret on standard input has at least 8 characters");
    let account = ipg_account(&workspace.vault, row.id, &site, &store_id, &api_key, secret)?;
    let accounts = workspace.store.read(|reader| reader.accounts(row.id))?;
    let cards: Vec<_> = accounts.into_iter().filter(|it| it.rail == CARD).collect();
    let known =
        cards.iter().find(|it| FarEnd::of(it) == Some(FarEnd::Ipg) && it.number == account.number);
    let known = known.map(|it| it.id);
    let simulated = cards.iter().find(|it| FarEnd::of(it) == Some(FarEnd::Simulator));
    let simulated = simulated.map(|it| it.id);
    let write = move |tx: &mut Tx<'_>| {
        if let Some(simulated) = simulated {
            tx.update_account_enabled(row.id, simulated, false)?;
        }
        match (known, &account.sealed) {
            (Some(id), Some(sealed)) => {
                tx.update_account_secret(row.id, id, sealed, &account.details)?;
                Ok(id)
            }
            _ => Ok(tx.insert_account(&account)?.id),
        }
    };
    let id = workspace.store.write_blocking(Lane::Brand(row.id), write)?;
    output::line(&format!("account {id}"));
    Ok(())
}
