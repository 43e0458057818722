//! Brands as the server uses them: settings read, secrets opened, kept in memory and refreshed when any process
//! changes them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use torana_dialects::{Caller, Secret, Switches};
use torana_domain::{AccountId, BrandId, DeviceId, Mode, Policy, Timestamp};
use torana_store::{
    AccountRow, BrandRow, CallbackDraft, CredentialRow, DeviceRow, Store, StoreError,
};
use zeroize::Zeroizing;

use crate::clock;
use crate::rails;
use crate::secrets::Vault;

/// What a merchant can set of a brand; stored as one JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrandSettings {
    /// Money rules.
    pub policy: Policy,
    /// Compatibility switches, one struct a dialect.
    pub switches: Switches,
    /// The shop's logo, an https URL.
    pub logo_url: Option<String>,
    /// How payers reach the shop: a phone number or an e-mail address.
    pub support: Option<String>,
    /// The checkout's language where the payer's browser does not say: bn, en, hi or bg.
    pub language: Option<String>,
    /// Whether any break in a wallet's balance chain sends a receipt to review, not only together with another sign.
    /// Live brands start with true: see `provision::create_brand`.
    pub strict_balance: bool,
    /// Whether payers over UPI are asked for amounts that tell their payments apart: up to 99 paise more than what is due,
    /// so that the bank's message alone says what was paid.
    pub unique_amounts: bool,
}

/// A brand with everything that requests need of it.
#[derive(Debug)]
pub struct Brand {
    /// As stored.
    pub row: BrandRow,
    /// Its settings.
    pub settings: BrandSettings,
    /// Its rail accounts, enabled or not, in the merchant's order.
    pub accounts: Vec<AccountRow>,
    /// The key under which its callbacks are signed.
    pub webhook_key: Zeroizing<Vec<u8>>,
    /// What was sealed with its newest credential of each dialect.
    dialect_secrets: HashMap<String, Arc<Zeroizing<Vec<u8>>>>,
    /// What it shares with the far ends of its rail accounts.
    rail_secrets: HashMap<AccountId, Zeroizing<Vec<u8>>>,
}

impl Brand {
    /// Its identity.
    pub fn id(&self) -> BrandId {
        self.row.id
    }

    /// The time by its clock, which test mode can move.
    pub fn now(&self) -> Timestamp {
        clock::now().plus_ms(self.row.clock_offset_ms)
    }

    /// Whether its money is simulated.
    pub fn is_test(&self) -> bool {
        self.row.mode == Mode::Test
    }

    /// Its account with that id.
    pub fn account(&self, id: AccountId) -> Option<&AccountRow> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// What a dialect may know of it, and the secret that [`Access`] holds for that dialect.
    pub fn caller<'a>(&'a self, public_url: &'a str, secret: &'a [u8]) -> Caller<'a> {
        Caller {
            brand: self.id(),
            secret: Secret(secret),
            mode: self.row.mode,
            policy: &self.settings.policy,
            switches: &self.settings.switches,
            since: self.row.created_at,
            now: self.now(),
            real_now: clock::now(),
            public_url,
            rails: self,
        }
    }

    /// What was sealed with its newest credential of a dialect.
    pub fn dialect_secret(&self, slug: &str) -> Option<&[u8]> {
        self.dialect_secrets.get(slug).map(|secret| secret.as_slice())
    }

    /// What it shares with the far end of a rail account.
    pub fn rail_secret(&self, account: AccountId) -> Option<&[u8]> {
        self.rail_secrets.get(&account).map(|secret| secret.as_slice())
    }

    /// The dialect's own headers of a callback that is about to be sent, such as a signature.
    pub fn callback_headers(&self, draft: &CallbackDraft) -> Vec<(String, String)> {
        let Some(dialect) = draft.dialect.as_deref().and_then(torana_dialects::by_slug) else {
            return vec![];
        };
        let secret = self.dialect_secrets.get(dialect.slug());
        let secret = secret.map_or(&[][..], |secret| secret.as_slice());
        dialect.sign(Secret(secret), &self.settings.switches, &draft.body)
    }
}

/// Reads settings as stored. What cannot be read is an error: guessing at money rules is worse than stopping.
pub fn parse_settings(row: &BrandRow) -> Result<BrandSettings, serde_json::Error> {
    serde_json::from_str(&row.settings)
}

/// What a credential opens.
#[derive(Clone)]
pub struct Access {
    /// Whose it is.
    pub brand: Arc<Brand>,
    /// What was sealed with it; empty where the credential itself is the secret.
    pub secret: Arc<Zeroizing<Vec<u8>>>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("brand", &self.brand.id()).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Snapshot {
    version: i64,
    /// The highest brand number.
    highest: u32,
    brands: HashMap<BrandId, Arc<Brand>>,
    by_lookup: HashMap<[u8; 32], Access>,
    devices: HashMap<(BrandId, DeviceId), Arc<DeviceRow>>,
    by_device_key: HashMap<[u8; 32], Arc<DeviceRow>>,
}

/// All brands, in memory.
pub struct Brands {
    store: Store,
    vault: Vault,
    snapshot: RwLock<Arc<Snapshot>>,
}

impl Brands {
    /// Loads all brands.
    pub fn load(store: Store, vault: Vault) -> anyhow::Result<Self> {
        let brands = Self { store, vault, snapshot: RwLock::default() };
        brands.refresh()?;
        Ok(brands)
    }

    /// Loads again if any process changed a brand, a credential, an account or a device since.
    pub fn refresh(&self) -> anyhow::Result<()> {
        let version = self.store.read(|reader| reader.config_version())?;
        if version == self.current().version && version != 0 {
            return Ok(());
        }
        let fresh = Arc::new(self.read_all(version)?);
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn read_all(&self, version: i64) -> anyhow::Result<Snapshot> {
        let rows = self.store.read(|reader| {
            let brands = reader.brands()?;
            brands
                .into_iter()
                .map(|row| {
                    let accounts = reader.accounts(row.id)?;
                    let credentials = reader.credentials(row.id)?;
                    let devices = reader.devices(row.id)?;
                    Ok((row, accounts, credentials, devices))
                })
                .collect::<Result<Vec<_>, StoreError>>()
        })?;
        let mut snapshot = Snapshot { version, ..Snapshot::default() };
        for (row, accounts, credentials, devices) in rows {
            let id = row.id;
            for device in devices.into_iter().map(Arc::new) {
                snapshot.by_device_key.insert(device.key_lookup, Arc::clone(&device));
                snapshot.devices.insert((id, device.id), device);
            }
            // One brand that cannot be read must not stop the others.
            if let Err(error) = self.add(&mut snapshot, row, accounts, &credentials) {
                tracing::error!(%error, brand = %id, "a brand cannot be read and is not served");
            }
        }
        Ok(snapshot)
    }

    fn add(
        &self,
        snapshot: &mut Snapshot,
        row: BrandRow,
        accounts: Vec<AccountRow>,
        credentials: &[CredentialRow],
    ) -> anyhow::Result<()> {
        let live = credentials.iter().filter(|credential| credential.revoked_at.is_none());
        let mut webhook_key = Zeroizing::new(vec![]);
        let mut lookups = vec![];
        let mut dialect_secrets = HashMap::new();
        for credential in live {
            let purpose = seal_purpose(row.id, &credential.dialect);
            let secret = self.vault.open_sealed(&purpose, &credential.sealed)?;
            if credential.dialect == WEBHOOKS {
                webhook_key = secret;
            } else {
                let secret = Arc::new(secret);
                let dialect = torana_dialects::by_slug(&credential.dialect);
                // What requests show may be made from the secret, such as a token.
                let shown = dialect.and_then(|dialect| dialect.lookup(Secret(&secret)));
                let shown = shown.map(|shown| self.vault.lookup(&credential.dialect, &shown));
                dialect_secrets.insert(credential.dialect.clone(), Arc::clone(&secret));
                lookups.push((shown.unwrap_or(credential.lookup), secret));
            }
        }
        let settings = parse_settings(&row)?;
        let mut rail_secrets = HashMap::new();
        for account in &accounts {
            if let Some(sealed) = &account.sealed {
                match self.vault.open_sealed(&rails::secret_purpose(account), sealed) {
                    Ok(secret) => drop(rail_secrets.insert(account.id, secret)),
                    // One account less is better than a brand less; the doctor finds it.
                    Err(error) => {
                        tracing::error!(%error, brand = %row.id, account = %account.id, "a rail's secret cannot be read");
                    }
                }
            }
        }
        let brand =
            Arc::new(Brand { row, settings, accounts, webhook_key, dialect_secrets, rail_secrets });
        for (lookup, secret) in lookups {
            snapshot.by_lookup.insert(lookup, Access { brand: Arc::clone(&brand), secret });
        }
        snapshot.highest = snapshot.highest.max(brand.id().0);
        snapshot.brands.insert(brand.id(), brand);
        Ok(())
    }

    /// The brand with that id.
    pub fn get(&self, id: BrandId) -> Option<Arc<Brand>> {
        self.found_or_refreshed(|snapshot| snapshot.brands.get(&id).cloned())
    }

    /// Every brand.
    pub fn all(&self) -> Vec<Arc<Brand>> {
        self.current().brands.values().cloned().collect()
    }

    /// Other brands whose numbers differ from this one's by a multiple of `apart`.
    pub fn alike(&self, brand: BrandId, apart: u32) -> Vec<BrandId> {
        let snapshot = self.current();
        // Numbers are given in turn: as long as none is that high, there are none.
        if snapshot.highest.max(brand.0) < apart {
            return vec![];
        }
        let ids = snapshot.brands.keys().copied();
        let place = |id: BrandId| id.0.checked_rem(apart);
        ids.filter(|id| *id != brand && place(*id) == place(brand)).collect()
    }

    /// What a credential of that kind opens, if it is known and not revoked.
    pub fn by_credential(&self, kind: &str, credential: &str) -> Option<Access> {
        let lookup = self.vault.lookup(kind, credential);
        self.found_or_refreshed(|snapshot| snapshot.by_lookup.get(&lookup).cloned())
    }

    /// A phone as it was when the configuration last changed: what is known of its life (last seen, battery, acknowledged
    /// messages) is out of date.
    pub fn device(&self, brand: BrandId, id: DeviceId) -> Option<Arc<DeviceRow>> {
        self.found_or_refreshed(|snapshot| snapshot.devices.get(&(brand, id)).cloned())
    }

    /// [`Brands::device`] by the keyed hash of its key.
    pub fn device_by_key(&self, lookup: &[u8; 32]) -> Option<Arc<DeviceRow>> {
        self.found_or_refreshed(|snapshot| snapshot.by_device_key.get(lookup).cloned())
    }

    /// What is not known may be what another process made a moment ago.
    fn found_or_refreshed<T>(&self, find: impl Fn(&Snapshot) -> Option<T>) -> Option<T> {
        find(&self.current()).or_else(|| {
            self.refresh_or_log();
            find(&self.current())
        })
    }

    /// [`Brands::refresh`] where nothing can be done about a failure.
    pub fn refresh_or_log(&self) {
        if let Err(error) = self.refresh() {
            tracing::error!(%error, "cannot refresh brands");
        }
    }
}

/// The kind of credential under which a brand's callback signing key is stored.
pub const WEBHOOKS: &str = "webhooks";
/// The kind of credential that opens the sandbox.
pub const SANDBOX: &str = "sandbox";

/// The purpose for which a brand's secret of that kind is sealed.
pub fn seal_purpose(brand: BrandId, kind: &str) -> String {
    format!("brand/{brand}/{kind}")
}
