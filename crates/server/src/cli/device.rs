//! `torana device …`

use anyhow::bail;
use clap::Subcommand;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::json;
use torana_domain::DeviceId;
use torana_store::{DeviceRow, Lane};

use super::{Workspace, output};
use crate::brands::seal_purpose;
use crate::clock;
use crate::devices::legacy::DEVICE_KEY;
use crate::devices::native::PAIRING;
use crate::secrets::random_alphanumeric;

/// How long a pairing code can be used.
const PAIRING_MS: i64 = 15 * 60 * 1000;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// List a brand's phones.
    List {
        /// The brand.
        #[arg(long)]
        brand: u32,
    },
    /// Add a phone for the existing app; prints the e-mail and the device key to type into it.
    Add {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// What you call the phone.
        #[arg(long)]
        name: String,
        /// The e-mail address to type into the app.
        #[arg(long)]
        email: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Pair a phone with Torana's own device API: prints a code, and a QR code that holds it.
    Pair {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The phone, as `torana device list` shows it; a new one if not given.
        #[arg(long)]
        device: Option<u32>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a phone's key be used by another handset.
    Unbind {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The phone.
        #[arg(long)]
        device: u32,
    },
    /// Take a phone's key back, for ever.
    Revoke {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The phone.
        #[arg(long)]
        device: u32,
    },
}

pub(super) fn run(workspace: &Workspace, command: DeviceCommand) -> anyhow::Result<()> {
    match command {
        DeviceCommand::List { brand } => list(workspace, brand),
        DeviceCommand::Add { brand, name, email, json } => add(workspace, brand, name, email, json),
        DeviceCommand::Pair { brand, device, json } => pair(workspace, brand, device, json),
        DeviceCommand::Unbind { brand, device } => {
            let brand = workspace.brand(brand)?.id;
            workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
                tx.unbind_device(brand, DeviceId(device))
            })?;
            Ok(())
        }
        DeviceCommand::Revoke { brand, device } => {
            let (brand, now) = (workspace.brand(brand)?.id, clock::now());
            workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
                tx.revoke_device(brand, DeviceId(device), now)
            })?;
            Ok(())
        }
    }
}

fn list(workspace: &Workspace, brand: u32) -> anyhow::Result<()> {
    let brand = workspace.brand(brand)?.id;
    let devices = workspace.store.read(|reader| reader.devices(brand))?;
    let rows: Vec<_> = devices
        .into_iter()
        .map(|row| {
            let seen = row.last_seen_at.map_or("never".into(), output::time);
            let state = match (&row.revoked_at, &row.binding) {
                (Some(_), _) => "revoked",
                (None, Some(_)) => "bound",
                (None, None) => "free",
            };
            let battery = row.battery.map_or(String::new(), |percent| format!("{percent} %"));
            vec![row.id.to_string(), row.name, row.email, state.into(), seen, battery]
        })
        .collect();
    output::table(&["device", "name", "e-mail", "state", "last seen", "battery"], &rows);
    Ok(())
}

fn insert(
    workspace: &Workspace,
    brand: u32,
    name: String,
    email: String,
    key: &str,
) -> anyhow::Result<DeviceRow> {
    let brand = workspace.brand(brand)?.id;
    let row = DeviceRow {
        brand,
        id: DeviceId(0),
        name,
        email,
        key_lookup: workspace.vault.lookup(DEVICE_KEY, key),
        sealed_secret: workspace.vault.seal(&seal_purpose(brand, DEVICE_KEY), key.as_bytes())?,
        binding: None,
        created_at: clock::now(),
        last_seen_at: None,
        battery: None,
        acknowledged_seq: 0,
        pairing_lookup: None,
        pairing_expires_at: None,
        revoked_at: None,
    };
    Ok(workspace.store.write_blocking(Lane::Brand(brand), move |tx| tx.insert_device(&row))?)
}

fn add(
    workspace: &Workspace,
    brand: u32,
    name: String,
    email: String,
    json: bool,
) -> anyhow::Result<()> {
    let email = email.trim().to_owned();
    if !email.contains('@') {
        bail!("--email is an e-mail address");
    }
    let key = random_alphanumeric(40);
    let row = insert(workspace, brand, name, email.clone(), &key)?;
    let answer = json!({ "device": row.id, "email": email, "device_key": key });
    if json {
        output::line(&answer.to_string());
    } else {
        output::line(&format!(
            "Phone {}. Type these into the app; the key is not shown again.",
            row.id
        ));
        output::line(&format!("  e-mail      {email}"));
        output::line(&format!("  device key  {key}"));
    }
    Ok(())
}

fn pair(
    workspace: &Workspace,
    brand: u32,
    device: Option<u32>,
    as_json: bool,
) -> anyhow::Result<()> {
    let brand_id = workspace.brand(brand)?.id;
    let device = match device {
        Some(device) => DeviceId(device),
        // Its key is replaced when it pairs; until then nobody knows it.
        None => {
            let email = format!("phone@brand-{brand}.torana.invalid");
            insert(workspace, brand, "Phone".into(), email, &random_alphanumeric(40))?.id
        }
    };
    let code = random_alphanumeric(20);
    let lookup = workspace.vault.lookup(PAIRING, &code);
    let expires_at = clock::now().plus_ms(PAIRING_MS);
    workspace.store.write_blocking(Lane::Brand(brand_id), move |tx| {
        tx.offer_pairing(brand_id, device, lookup, expires_at)
    })?;
    if workspace.config.public_url.is_none() {
        output::error_line(
            "TORANA_PUBLIC_URL is not set: the phone is sent to the listening address.",
        );
    }
    let server = workspace.config.public_url_or(workspace.config.listen);
    let link = format!("torana://pair?server={}&code={code}", url_encode(&server));
    if as_json {
        let answer = json!({
            "device": format!("{brand_id}.{device}"),
            "code": code,
            "link": link,
            "expires_at": output::time(expires_at),
        });
        output::line(&answer.to_string());
        return Ok(());
    }
    let image = QrCode::new(&link)?.render::<Dense1x2>().build();
    output::line(&image);
    output::line(&format!("Scan this with the phone within 15 minutes, or type the code {code}."));
    Ok(())
}

fn url_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
