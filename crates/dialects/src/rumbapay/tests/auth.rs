//! Who is let in, and what is signed (provider §1, §2).

use sha2::Digest as _;

use super::super::GetSignature;
use super::*;

/// The header of the pages' sample.
const SAMPLE: &str = "eec909f2e9575792e659dda29cc6e78c85e7de69f1281124e21afeca5bf5c477";
/// Bodies with their signatures (provider §2), the first of which is none.
const VECTORS: [(&str, &str); 5] = [
    ("", TOKEN),
    ("{}", "b6424efe990d11bd974285a65add2bec2ccefeda803db6b4cad8003141ce5a94"),
    (
        r#"{"reference":"334545","currency":"INR","amount":"200"}"#,
        "1cb1cc25479ecc4bd81f76a39dd327348a9935f680b79432aa0186ed8e77a477",
    ),
    (r#"{"amount": 200}"#, "b032db8ff107f94e6564ded406361832b14449c5dd603cc7d7ac473658573744"),
    (r#"{"name":"João"}"#, "ebc2ee6390e028a8e9f04db9574dbf399b400c6f772a6ece2ebce29dc5775d58"),
];

fn legacy(body: &str) -> String {
    let digest = Sha256::digest(format!("{LOGIN}{body}{PASSWORD}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_published_token_is_that_of_its_login() {
    assert_eq!(RumbaPay.lookup(Secret(SEALED)).as_deref(), Some(TOKEN));
    assert_eq!(RumbaPay.lookup(Secret(b"{}")), None);
    for token in [TOKEN.to_owned(), TOKEN.to_uppercase(), format!(" {TOKEN} ")] {
        let asked = Asked::post("").header("access-token", &token);
        assert_eq!(RumbaPay.credential(&asked.request()).unwrap().key, TOKEN);
    }
    for token in ["", "x", "12 34", &"a".repeat(129)] {
        let asked = Asked::post("").header("access-token", token);
        let shown = RumbaPay.credential(&asked.request());
        assert_eq!(shown, Err(WireError::Unauthenticated), "{token}");
    }
    let none = RumbaPay.credential(&Asked::post("").request());
    assert_eq!(none, Err(WireError::Unauthenticated));
}

#[test]
fn every_vector_is_let_in_and_is_what_we_sign() {
    let shop = Shop::default();
    for (body, signature) in VECTORS {
        let asked = Asked::post(body);
        for text in [signature.to_owned(), signature.to_uppercase()] {
            assert_eq!(shop.authenticate(&asked.clone().header("signature", &text)), Ok(()));
        }
        let ours = RumbaPay.sign(Secret(SEALED), &shop.switches, body.as_bytes());
        assert_eq!(ours, [("signature".to_owned(), signature.to_owned())]);
        let refused = Err(WireError::Unauthenticated);
        for wrong in [&signature[1..], "", SAMPLE, &"0".repeat(64), &legacy(body)] {
            assert_eq!(shop.authenticate(&asked.clone().header("signature", wrong)), refused);
        }
        assert_eq!(shop.authenticate(&asked), refused, "no signature");
    }
}

#[test]
fn the_pages_sample_is_of_the_older_scheme() {
    assert_eq!(legacy(""), SAMPLE);
    let sample = Asked::post("").header("signature", SAMPLE);
    assert_eq!(Shop::default().authenticate(&sample), Err(WireError::Unauthenticated));
    let old = Shop::with(|switches| switches.legacy_signature = true);
    assert_eq!(old.authenticate(&sample), Ok(()));
    for (body, signature) in VECTORS {
        for text in [legacy(body), signature.to_owned()] {
            assert_eq!(old.authenticate(&Asked::post(body).header("signature", &text)), Ok(()));
        }
        let ours = RumbaPay.sign(Secret(SEALED), &old.switches, body.as_bytes());
        assert_eq!(ours, [("signature".to_owned(), legacy(body))]);
    }
    let reply = old.refuse(&Asked::get("x"), &WireError::NotFound);
    let body = std::str::from_utf8(&reply.body).unwrap();
    assert_eq!(reply.headers, [("signature", legacy(body))]);
}

#[test]
fn a_get_is_checked_as_the_switch_says() {
    let (right, wrong) = (TOKEN, "0".repeat(64));
    for (switch, absent_is_fine, wrong_is_fine) in [
        (GetSignature::Optional, true, false),
        (GetSignature::Required, false, false),
        (GetSignature::Ignored, true, true),
    ] {
        let shop = Shop::with(|switches| switches.get_signature = switch);
        let get = Asked::get("x");
        assert_eq!(shop.authenticate(&get).is_ok(), absent_is_fine, "{switch:?}");
        assert_eq!(shop.authenticate(&get.clone().header("signature", right)), Ok(()));
        let wrong = get.header("signature", &wrong);
        assert_eq!(shop.authenticate(&wrong).is_ok(), wrong_is_fine, "{switch:?}");
        assert!(shop.authenticate(&Asked::post("")).is_err(), "others are always checked");
    }
}

#[test]
fn strangers_and_forgers_are_told_apart() {
    let shop = Shop::with(|switches| switches.auth_error_code = 7);
    let asked = Asked::post("{}");
    let forger = json(&shop.refuse(&asked, &WireError::Unauthenticated));
    assert_eq!(forger["error_code"], 7);
    assert_eq!(forger["error_reason"], "Missing or wrong signature");
    let stranger = RumbaPay.refuse(&asked.request(), None, &WireError::Unauthenticated);
    assert_eq!((stranger.status.as_u16(), stranger.headers.len()), (401, 0));
    assert_eq!(
        std::str::from_utf8(&stranger.body).unwrap(),
        r#"{"error_code":401,"error_reason":"Missing or unknown access token","request_id":"f4d30fac-7da9-4fa0-8918-46d56f7d38b0","timestamp":"2026-09-21T14:13:20.12Z"}"#
    );
}

#[test]
fn nothing_of_a_secret_prints() {
    let shop = Shop::default();
    let asked = Asked::post("").header("access-token", TOKEN);
    let printed = format!("{:?} {:?}", shop.caller(), RumbaPay.credential(&asked.request()));
    assert!(!printed.contains(PASSWORD) && !printed.contains(TOKEN), "{printed}");
    assert!(!printed.contains(LOGIN), "{printed}");
}
