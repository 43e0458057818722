//! Two fields that belong together: lines in base64, and the HMAC-SHA1 of that text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

/// Writes padding, and reads without it too: some clients drop it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The two fields of a request or a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The lines, in base64.
    pub encoded: String,
    /// The checksum of `encoded`, in hexadecimal.
    pub checksum: String,
}

impl Sealed {
    /// Seals lines that are already bytes of their encoding.
    pub fn new(lines: &[u8], secret: &[u8]) -> Self {
        let encoded = BASE64.encode(lines);
        Self { checksum: checksum(secret, &encoded), encoded }
    }
}

/// The checksum of a text, in lower-case hexadecimal. What is summed is the text as it travels, in base64.
pub fn checksum(secret: &[u8], encoded: &str) -> String {
    // An HMAC takes a key of any length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(encoded.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::with_capacity(40), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a checksum, in either case, is that of the text. Takes as long wherever they differ.
pub fn verify(secret: &[u8], encoded: &str, given: &str) -> bool {
    let expect = checksum(secret, encoded);
    let given = given.to_ascii_lowercase();
    !expect.is_empty() && bool::from(expect.as_bytes().ct_eq(given.as_bytes()))
}

/// The two fields of a form, whatever case their names are in; `None` where one is missing or there twice.
pub fn fields(form: &[(String, String)]) -> Option<Sealed> {
    let only = |name: &str| {
        let mut values = form.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        values.next().is_none().then(|| value.trim().to_owned())
    };
    Some(Sealed { encoded: only("encoded")?, checksum: only("checksum")? })
}

/// What a verified base64 text holds. Line ends in it, which some encoders make, are passed over.
pub(super) fn decode(encoded: &str) -> Option<Vec<u8>> {
    let plain: String = encoded.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request of a public client's tests.
    const ENCODED: &str = "TUlOPTEyMzQKSU5WT0lDRT0wMDAwMQpBTU9VTlQ9MzMuMjMKQ1VSUkVOQ1k9QkdOCkVYUF9USU1FPTAxLjA4LjIwMjAgMjM6MTU6MzAKREVTQ1I9c29tZS1kZXNjcmlwdGlvbgpFTkNPRElORz11dGYtOA==";
    const CHECKSUM: &str = "9d09db1b61bfd7947ed390d6464ca7953d0bf3f2";

    #[test]
    fn published_checksums_are_ours() {
        let lines = [
            "AMOUNT10",
            "APPID2143960160650364377823089976443473298565779337965372776022890068",
            "DESCRIPTIONsome descr",
            "DEVICEID1231234",
            "ID124345678",
            "RCPT8897458022",
            "RCPT_TYPEKIN",
            "REASONreason",
            "SAVECARD1",
        ]
        .map(|line| format!("{line}\n"))
        .concat();
        assert_eq!(
            checksum(b"012345678909876543210", &lines),
            "98a395b01ec69d049528d8971b8546aaa4adac16"
        );
        assert_eq!(
            checksum(b"some-secret", "test-message"),
            "33ca6a84fc0b06a9506b79147faad49b53149657"
        );
        assert_eq!(checksum(b"some-secret", ENCODED), CHECKSUM);
        let notice = "SU5WT0lDRT0xMTpTVEFUVVM9UEFJRDpQQVlfVElNRT0yMDE4MDYwMjEyMzAwMDpTVEFOPTEyMzQ1NjpCQ09ERT0xMjM0NTYK";
        assert_eq!(checksum(b"secret", notice), "769e1248849a3be700af43713d66497e8dab5f87");
    }

    /// A public library's page sums the lines before base64; the protocol sums them after it.
    #[test]
    fn a_checksum_of_the_decoded_text_is_wrong() {
        let lines = String::from_utf8(decode(ENCODED).unwrap()).unwrap();
        assert!(!verify(b"some-secret", ENCODED, &checksum(b"some-secret", &lines)));
        assert!(!verify(b"secret", ENCODED, "16b98ed563cafb2fc5b60d8d8f44e8c2e7cf66c9"));
    }

    #[test]
    fn either_case_verifies_and_nothing_else() {
        assert!(verify(b"some-secret", ENCODED, CHECKSUM));
        assert!(verify(b"some-secret", ENCODED, &CHECKSUM.to_uppercase()));
        assert!(!verify(b"other-secret", ENCODED, CHECKSUM));
        for given in ["", &CHECKSUM[1..], &format!("{CHECKSUM} ")] {
            assert!(!verify(b"some-secret", ENCODED, given), "{given}");
        }
    }

    #[test]
    fn fields_are_found_in_either_case_and_only_once() {
        let form = |names: &[&str]| -> Vec<(String, String)> {
            names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect()
        };
        assert!(fields(&form(&["ENCODED", "checksum", "other"])).is_some());
        assert!(fields(&form(&["encoded", "CheckSum"])).is_some());
        assert!(fields(&form(&["encoded"])).is_none());
        assert!(fields(&form(&["encoded", "ENCODED", "checksum"])).is_none());
    }
}
