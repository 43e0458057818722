//! `torana brand …`

use anyhow::{Context as _, bail};
use clap::Subcommand;
use torana_domain::Mode;
use torana_store::Lane;

use super::{Workspace, output};
use crate::brands::{BrandSettings, WEBHOOKS, parse_settings, seal_purpose};
use crate::callbacks::signature::print_key;
use crate::provision;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum BrandCommand {
    /// Make a brand; prints its credentials, once.
    Create {
        /// The shop's name, as payers see it.
        #[arg(long)]
        name: String,
        /// test or live; for life.
        #[arg(long)]
        mode: Mode,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the brands.
    List,
    /// Print a brand's settings as JSON.
    Show {
        /// The brand.
        #[arg(long)]
        brand: u32,
    },
    /// Change one setting, such as `policy.tolerance_minor 100` or `switches.rupantorpay.callback_json true`.
    Set {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The setting, as `torana brand show` names it, with dots.
        key: String,
        /// Its value: JSON, or plain text.
        value: String,
    },
    /// Print the key with which a brand verifies `webhook-signature`.
    WebhookKey {
        /// The brand.
        #[arg(long)]
        brand: u32,
    },
}

pub(super) fn run(workspace: &Workspace, command: BrandCommand) -> anyhow::Result<()> {
    match command {
        BrandCommand::Create { name, mode, json } => create(workspace, &name, mode, json),
        BrandCommand::List => list(workspace),
        BrandCommand::Show { brand } => {
            let settings = parse_settings(&workspace.brand(brand)?)?;
            output::line(&serde_json::to_string_pretty(&settings)?);
            Ok(())
        }
        BrandCommand::Set { brand, key, value } => set(workspace, brand, &key, &value),
        BrandCommand::WebhookKey { brand } => webhook_key(workspace, brand),
    }
}

fn create(workspace: &Workspace, name: &str, mode: Mode, json: bool) -> anyhow::Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        bail!("a name has 1 to 100 characters");
    }
    let settings = BrandSettings::default();
    let brand = provision::create_brand(&workspace.store, &workspace.vault, name, mode, &settings)?;
    if json {
        output::line(&serde_json::to_string(&brand)?);
        return Ok(());
    }
    output::line(&format!(
        "Brand {} ({}) is made. Keep these: they are not shown again.",
        brand.brand_id, brand.mode
    ));
    output::line(&serde_json::to_string_pretty(&brand)?);
    if mode == Mode::Live {
        output::line("Next: tell it where it is paid, for example");
        output::line(&format!(
            "  torana wallet add --brand {} --method bkash --kind personal --number 01XXXXXXXXX",
            brand.brand_id
        ));
    }
    Ok(())
}

fn list(workspace: &Workspace) -> anyhow::Result<()> {
    let brands = workspace.store.read(|reader| reader.brands())?;
    let rows: Vec<_> = brands
        .into_iter()
        .map(|row| {
            let created = output::time(row.created_at);
            vec![row.id.to_string(), row.mode.as_str().into(), row.name, created]
        })
        .collect();
    output::table(&["brand", "mode", "name", "created"], &rows);
    Ok(())
}

fn set(workspace: &Workspace, brand: u32, key: &str, value: &str) -> anyhow::Result<()> {
    let row = workspace.brand(brand)?;
    let settings = parse_settings(&row)?;
    let mut tree = serde_json::to_value(&settings)?;
    let pointer = format!("/{}", key.replace('.', "/"));
    let slot = tree.pointer_mut(&pointer).with_context(|| format!("there is no setting {key}"))?;
    *slot = match torana_dialects::json::parse(value.as_bytes()) {
        Some(value) => value,
        None => serde_json::Value::String(value.to_owned()),
    };
    // Reading it back checks the types: a setting that cannot be read would stop the brand.
    let settings: BrandSettings =
        serde_json::from_value(tree).with_context(|| format!("{value:?} is no value for {key}"))?;
    if let Some(flaw) = settings.switches.flaw() {
        bail!("switches.{flaw}");
    }
    let text = serde_json::to_string(&settings)?;
    workspace.store.write_blocking(Lane::Brand(row.id), move |tx| {
        tx.update_brand_settings(row.id, row.version, &row.name, &text)
    })?;
    Ok(())
}

fn webhook_key(workspace: &Workspace, brand: u32) -> anyhow::Result<()> {
    let brand = workspace.brand(brand)?.id;
    let credentials = workspace.store.read(|reader| reader.credentials(brand))?;
    let credential = credentials
        .iter()
        .find(|credential| credential.dialect == WEBHOOKS && credential.revoked_at.is_none())
        .context("the brand has no signing key")?;
    let purpose = seal_purpose(brand, WEBHOOKS);
    let key = workspace.vault.open_sealed(&purpose, &credential.sealed)?;
    output::line(&print_key(&key));
    Ok(())
}
