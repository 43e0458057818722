//! Makes brands: credentials for every dialect, a phone, and for test brands everything that it takes to be paid at once.

use anyhow::Context as _;
use rand::Rng as _;
use serde::Serialize;
use torana_domain::limits::AccountLimits;
use torana_domain::{AccountId, BrandId, Mode, Timestamp};
use torana_rails::upi::{Bank, Holder};
use torana_store::{
    AccountDetails, AccountRow, BrandRow, CredentialRow, DeviceRow, Lane, Store, StoreError, Tx,
};

use crate::brands::{BrandSettings, SANDBOX, WEBHOOKS, seal_purpose};
use crate::cards::{FarEnd, UpstreamSecret};
use crate::clock;
use crate::devices::legacy::DEVICE_KEY;
use crate::rails::epay::Site;
use crate::rails::{self, CARD, EPAY, UPI};
use crate::secrets::{Vault, random_alphanumeric, random_hex};

/// What `torana brand create --json` prints: the only time that these secrets are shown.
#[derive(Clone, Debug, Serialize)]
pub struct NewBrand {
    /// The brand.
    pub brand_id: String,
    /// `test` or `live`.
    pub mode: &'static str,
    /// For RupantorPay clients.
    pub rupantorpay: RupantorPayKeys,
    /// For Rumbapay clients.
    pub rumbapay: RumbapayKeys,
    /// For Fiserv IPG clients.
    pub fiserv_ipg: FiservIpgKeys,
    /// For PortPos clients.
    pub portpos: PortPosKeys,
    /// For the phone app.
    pub device: DeviceKeys,
    /// For `/sandbox/…`; opens nothing where the brand is live.
    pub sandbox: SandboxKeys,
}

/// See [`NewBrand`].
#[derive(Clone, Debug, Serialize)]
pub struct RupantorPayKeys {
    /// Header `X-API-KEY`: 50 letters and digits, as the provider's.
    pub api_key: String,
}

/// See [`NewBrand`].
#[derive(Clone, Debug, Serialize)]
pub struct RumbapayKeys {
    /// Whose requests they are.
    pub login: String,
    /// Signing key.
    pub key: String,
    /// Password.
    pub password: String,
}

/// See [`NewBrand`].
#[derive(Clone, Debug, Serialize)]
pub struct FiservIpgKeys {
    /// Header `Api-Key`.
    pub api_key: String,
    /// Key of `Message-Signature`.
    pub api_secret: String,
    /// The store.
    pub store_id: String,
    /// Key of the response hashes.
    pub shared_secret: String,
}

/// See [`NewBrand`].
#[derive(Clone, Debug, Serialize)]
pub struct PortPosKeys {
    /// Whose requests they are: 32 hexadecimal digits.
    pub app_key: String,
    /// What tokens are made with: 32 hexadecimal digits.
    pub secret_key: String,
}

/// See [`NewBrand`].
#[derive(Clone, Debug, Serialize)]
pub struct DeviceKeys {
    /// What is typed into the app as e-mail.
    pub email: String,
    /// What is typed into the app as device key: 40 letters and digits.
    pub device_key: String,
}

/// See [`NewBrand`].
#[derive(Clone, Debug, Serialize)]
pub struct SandboxKeys {
    /// The bearer token.
    pub token: String,
}

/// A credential to store: its kind, what it is looked up by, and what is sealed with it.
struct Draft {
    kind: &'static str,
    looked_up_by: String,
    secret: Vec<u8>,
}

/// Makes a brand with fresh credentials, in one transaction. Blocks: for the command line and start-up.
pub fn create_brand(
    store: &Store,
    vault: &Vault,
    name: &str,
    mode: Mode,
    settings: &BrandSettings,
) -> anyhow::Result<NewBrand> {
    let rumbapay = RumbapayKeys {
        login: random_alphanumeric(16),
        key: random_hex(32),
        password: random_alphanumeric(24),
    };
    let fiserv_ipg = FiservIpgKeys {
        api_key: random_alphanumeric(32),
        api_secret: random_alphanumeric(44),
        store_id: format!("72{:08}", rand::random_range(0..100_000_000_u32)),
        shared_secret: random_alphanumeric(32),
    };
    let portpos = PortPosKeys { app_key: random_hex(16), secret_key: random_hex(16) };
    let rupantorpay = RupantorPayKeys { api_key: random_alphanumeric(50) };
    let sandbox = SandboxKeys { token: format!("sandbox_{}", random_alphanumeric(40)) };
    let device_key = random_alphanumeric(40);
    let mut webhook_key = vec![0_u8; 32];
    rand::rng().fill_bytes(&mut webhook_key);

    let drafts = vec![
        Draft { kind: "rupantorpay", looked_up_by: rupantorpay.api_key.clone(), secret: vec![] },
        Draft {
            kind: "rumbapay",
            looked_up_by: rumbapay.login.clone(),
            secret: serde_json::to_vec(&rumbapay)?,
        },
        Draft {
            kind: "fiserv_ipg",
            looked_up_by: fiserv_ipg.api_key.clone(),
            secret: serde_json::to_vec(&fiserv_ipg)?,
        },
        Draft {
            kind: "portpos",
            looked_up_by: portpos.app_key.clone(),
            secret: serde_json::to_vec(&portpos)?,
        },
        Draft { kind: SANDBOX, looked_up_by: sandbox.token.clone(), secret: vec![] },
        Draft { kind: WEBHOOKS, looked_up_by: random_hex(16), secret: webhook_key },
    ];
    let mut settings = settings.clone();
    // Where money is real, a message that does not fit the wallet's balance waits for a person.
    settings.strict_balance |= mode == Mode::Live;
    let (name, settings) = (name.to_owned(), serde_json::to_string(&settings)?);
    let (vault, key) = (vault.clone(), device_key.clone());
    let now = clock::now();
    let brand: BrandRow = store
        .write_blocking(Lane::Shared, move |tx| {
            let brand = tx.insert_brand(&name, mode, &settings, now)?;
            insert_all(tx, &vault, &brand, &drafts, &key, now)?;
            Ok(brand)
        })
        .context("storing the brand")?;
    Ok(NewBrand {
        brand_id: brand.id.to_string(),
        mode: mode.as_str(),
        rupantorpay,
        rumbapay,
        fiserv_ipg,
        portpos,
        device: DeviceKeys { email: device_email(brand.id), device_key },
        sandbox,
    })
}

/// The e-mail address of a brand's first phone. Only a name: nothing is ever sent to it.
fn device_email(brand: BrandId) -> String {
    format!("phone@brand-{brand}.torana.invalid")
}

fn insert_all(
    tx: &mut Tx<'_>,
    vault: &Vault,
    brand: &BrandRow,
    drafts: &[Draft],
    device_key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for draft in drafts {
        let purpose = seal_purpose(brand.id, draft.kind);
        let sealed = vault.seal(&purpose, &draft.secret);
        tx.insert_credential(&CredentialRow {
            brand: brand.id,
            dialect: draft.kind.to_owned(),
            lookup: vault.lookup(draft.kind, &draft.looked_up_by),
            sealed: sealed.map_err(|_| StoreError::Internal)?,
            created_at: now,
            revoked_at: None,
        })?;
    }
    let purpose = seal_purpose(brand.id, DEVICE_KEY);
    let sealed = vault.seal(&purpose, device_key.as_bytes());
    tx.insert_device(&DeviceRow {
        brand: brand.id,
        id: torana_domain::DeviceId(1),
        name: "Phone".into(),
        email: device_email(brand.id),
        key_lookup: vault.lookup(DEVICE_KEY, device_key),
        sealed_secret: sealed.map_err(|_| StoreError::Internal)?,
        binding: None,
        created_at: now,
        last_seen_at: None,
        battery: None,
        acknowledged_seq: 0,
        pairing_lookup: None,
        pairing_expires_at: None,
        revoked_at: None,
    })?;
    if brand.mode == Mode::Test {
        for (method, number, label) in SAMPLE_WALLETS {
            tx.insert_account(&wallet_account(brand.id, method, "personal", number, label))?;
        }
        tx.insert_account(&upi_account(
            brand.id,
            SAMPLE_VPA,
            Holder::Merchant,
            Some(Bank::Hdfc),
            SAMPLE_TAIL,
        ))?;
        let min = format!("D{:09}", brand.id.0);
        let secret = random_alphanumeric(64);
        let epay = epay_account(vault, brand.id, &min, Site::Simulator, secret.as_bytes());
        tx.insert_account(&epay.map_err(|_| StoreError::Internal)?)?;
        tx.insert_account(&simulated_card_account(brand.id))?;
    }
    Ok(())
}

/// Numbers of test brands. They are in a range that no operator uses.
const SAMPLE_WALLETS: [(&str, &str, &str); 4] = [
    ("bkash", "01000000001", "bKash"),
    ("nagad", "01000000002", "Nagad"),
    ("rocket", "010000000031", "Rocket"),
    ("upay", "01000000004", "Upay"),
];

/// A VPA of no bank, and the end of the account that would be behind it.
const SAMPLE_VPA: &str = "demoshop@torana";
const SAMPLE_TAIL: &str = "4821";

/// A VPA with no limits of its own, at the end of the list. `bank` and `tail`: the bank account behind it, and its end.
pub fn upi_account(
    brand: BrandId,
    vpa: &str,
    holder: Holder,
    bank: Option<Bank>,
    tail: &str,
) -> AccountRow {
    let bank = bank.map(|bank| bank.slug().to_owned());
    let tail = Some(tail.to_owned()).filter(|tail| !tail.is_empty());
    AccountRow {
        rail: UPI.into(),
        details: AccountDetails { account_tail: tail, bank, ..AccountDetails::default() },
        ..wallet_account(brand, UPI, holder.code(), vpa, "UPI")
    }
}

/// An account at the simulated card network, with no limits of its own, at the end of the list.
pub fn simulated_card_account(brand: BrandId) -> AccountRow {
    let number = format!("47{:013}", brand.0);
    AccountRow {
        rail: CARD.into(),
        ..wallet_account(brand, CARD, FarEnd::Simulator.code(), &number, "RuPay")
    }
}

/// A store at another gateway that speaks IPG's API, with no limits of its own, at the end of the list.
pub fn ipg_account(
    vault: &Vault,
    brand: BrandId,
    site: &str,
    store_id: &str,
    api_key: &str,
    api_secret: &str,
) -> anyhow::Result<AccountRow> {
    let mut row = AccountRow {
        rail: CARD.into(),
        details: AccountDetails { site: Some(site.to_owned()), ..AccountDetails::default() },
        ..wallet_account(brand, CARD, FarEnd::Ipg.code(), store_id, "RuPay")
    };
    let secret = UpstreamSecret { api_key: api_key.into(), api_secret: api_secret.into() };
    let secret = zeroize::Zeroizing::new(serde_json::to_vec(&secret)?);
    row.sealed = Some(vault.seal(&rails::secret_purpose(&row), &secret)?);
    Ok(row)
}

/// A client number at ePay.bg with no limits of its own, at the end of the list.
pub fn epay_account(
    vault: &Vault,
    brand: BrandId,
    min: &str,
    site: Site,
    secret: &[u8],
) -> anyhow::Result<AccountRow> {
    let mut row = AccountRow {
        rail: EPAY.into(),
        details: AccountDetails { site: Some(site.code().into()), ..AccountDetails::default() },
        ..wallet_account(brand, EPAY, "merchant", min, "ePay.bg")
    };
    row.sealed = Some(vault.seal(&rails::secret_purpose(&row), secret)?);
    Ok(row)
}

/// A wallet account with no limits of its own, at the end of the list.
pub fn wallet_account(
    brand: BrandId,
    method: &str,
    kind: &str,
    number: &str,
    label: &str,
) -> AccountRow {
    AccountRow {
        brand,
        // Assigned by the store.
        id: AccountId(0),
        rail: "wallet".into(),
        method: method.into(),
        kind: kind.into(),
        number: number.into(),
        label: label.into(),
        instructions: String::new(),
        limits: AccountLimits::default(),
        device: None,
        sim: None,
        position: 0,
        enabled: true,
        details: AccountDetails::default(),
        sealed: None,
    }
}
