//! The master key, and what is derived from it: sealing of secrets at rest, and keyed hashes by which credentials are
//! looked up without being stored.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use rand::Rng as _;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The variable that may hold the master key itself.
pub const MASTER_KEY_VARIABLE: &str = "TORANA_MASTER_KEY";
/// Bytes of the nonce that stands before each sealed text.
const NONCE_BYTES: usize = 24;
/// Letters and digits, of which identifiers and keys are made.
const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Seals secrets and hashes credentials under the master key. Prints nothing of it.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    lookup_key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// From 32 secret bytes.
    pub fn new(master_key: &[u8; 32]) -> anyhow::Result<Self> {
        let hkdf = Hkdf::<Sha256>::new(None, master_key);
        let derive = |purpose: &str| -> anyhow::Result<Zeroizing<[u8; 32]>> {
            let mut key = Zeroizing::new([0_u8; 32]);
            hkdf.expand(purpose.as_bytes(), key.as_mut_slice())
                .map_err(|_| anyhow::anyhow!("key derivation failed"))?;
            Ok(key)
        };
        let seal_key = derive("torana/seal/v1")?;
        let cipher = XChaCha20Poly1305::new_from_slice(seal_key.as_slice())
            .map_err(|_| anyhow::anyhow!("the sealing key has a wrong length"))?;
        Ok(Self { cipher, lookup_key: derive("torana/lookup/v1")? })
    }

    /// The vault of a data directory: the key comes from `TORANA_MASTER_KEY`, from `key_file`, or from `master.key` in
    /// the directory, which is made with access for its owner only if `may_create`.
    pub fn open(
        data_dir: &Path,
        key_file: Option<&Path>,
        may_create: bool,
    ) -> anyhow::Result<Self> {
        if let Ok(text) = std::env::var(MASTER_KEY_VARIABLE) {
            let key = parse_key(&text).context(MASTER_KEY_VARIABLE)?;
            return Self::new(&key);
        }
        let own = data_dir.join("master.key");
        let path = key_file.unwrap_or(&own);
        if !path.exists() && key_file.is_none() && may_create {
            let mut key = Zeroizing::new([0_u8; 32]);
            rand::rng().fill_bytes(key.as_mut_slice());
            write_new_key(path, &hex(key.as_slice()))?;
        }
        let text = fs::read_to_string(path)
            .with_context(|| format!("reading the master key from {}", path.display()))?;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            bail!("{} can be read by others than its owner: chmod 600 it", path.display());
        }
        let key = parse_key(&text).with_context(|| path.display().to_string())?;
        Self::new(&key)
    }

    /// Seals `secret` for one `purpose`; it opens for that purpose only.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: secret, aad: purpose.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| anyhow::anyhow!("sealing failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `purpose`. Fails when it was altered, or sealed for another purpose or under another key.
    pub fn open_sealed(&self, purpose: &str, sealed: &[u8]) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let Some((nonce, text)) = sealed.split_first_chunk::<NONCE_BYTES>() else {
            bail!("a sealed secret is too short");
        };
        let payload = Payload { msg: text, aad: purpose.as_bytes() };
        let secret = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| {
            anyhow::anyhow!(
                "a sealed secret does not open: is this the master key of this database?"
            )
        })?;
        Ok(Zeroizing::new(secret))
    }

    /// The keyed hash by which a credential is found, without it being stored.
    pub fn lookup(&self, kind: &str, credential: &str) -> [u8; 32] {
        self.lookup_bytes(kind, credential.as_bytes())
    }

    /// [`Vault::lookup`] of what is no text.
    pub fn lookup_bytes(&self, kind: &str, bytes: &[u8]) -> [u8; 32] {
        hmac_sha256(self.lookup_key.as_slice(), &[kind.as_bytes(), b"\0", bytes])
    }
}

/// HMAC-SHA256 of the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of every length; the type cannot say so.
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether two byte strings are equal, in a time that does not depend on where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    a.ct_eq(b).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A random text of letters and digits, evenly drawn.
pub fn random_alphanumeric(length: usize) -> String {
    (0..length)
        .filter_map(|_| ALPHANUMERIC.get(rand::random_range(0..ALPHANUMERIC.len())))
        .map(|byte| char::from(*byte))
        .collect()
}

/// Random bytes as lower-case hexadecimal.
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    rand::rng().fill_bytes(&mut buffer);
    hex(&buffer)
}

/// Writes a key file whole or not at all: an empty one would block every later start.
fn write_new_key(path: &Path, text: &str) -> anyhow::Result<()> {
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Fails if another process was first; then its key is the one.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => {
            if let Some(directory) = path.parent() {
                fs::File::open(directory)?.sync_all()?;
            }
            Ok(())
        }
    }
}

/// Copies a file; the copy is on the disk, and its owner's alone.
pub fn copy_private(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mut target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    std::io::copy(&mut source, &mut target)?;
    target.sync_all()
}

fn parse_key(text: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let text = text.trim();
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("a master key is 64 hexadecimal digits");
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    for (index, byte) in key.iter_mut().enumerate() {
        let digits = text.get(index * 2..index * 2 + 2).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault::new(&[7; 32]).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only() {
        let sealed = vault().seal("brand 1", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(*vault().open_sealed("brand 1", &sealed).unwrap(), b"secret");
        assert!(vault().open_sealed("brand 2", &sealed).is_err());
        assert!(Vault::new(&[8; 32]).unwrap().open_sealed("brand 1", &sealed).is_err());
        assert!(vault().open_sealed("brand 1", &sealed[..10]).is_err());
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let first = Vault::open(dir.path(), None, true).unwrap();
        let mode = fs::metadata(dir.path().join("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let second = Vault::open(dir.path(), None, true).unwrap();
        assert_eq!(first.lookup("kind", "key"), second.lookup("kind", "key"));
        fs::set_permissions(dir.path().join("master.key"), fs::Permissions::from_mode(0o644))
            .unwrap();
        assert!(
            Vault::open(dir.path(), None, true).is_err(),
            "a key that others can read is refused"
        );
    }

    #[test]
    fn nothing_of_a_vault_prints() {
        assert_eq!(format!("{:?}", vault()), "Vault(…)");
    }
}
