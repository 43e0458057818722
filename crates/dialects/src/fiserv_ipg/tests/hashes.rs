//! Connect's hashes (provider §4; the first two are vectors of the provider's own).

use super::super::hashes::*;
use super::*;

fn secret() -> Hidden {
    Hidden::new("sharedsecret".to_owned())
}

const COVERED: Covered<'_> = Covered {
    approval_code: "Y:ECI2/5:Authenticated",
    chargetotal: "13.00",
    currency: "978",
    txndatetime: "2020:04:17-17:32:41",
    storename: "10123456789",
};

/// The provider's form, in no order.
const FORM: [(&str, &str); 13] = [
    ("txntype", "sale"),
    ("timezone", "Europe/Berlin"),
    ("txndatetime", "2021:09:06-16:43:04"),
    ("hash_algorithm", "HMACSHA256"),
    ("storename", "10123456789"),
    ("chargetotal", "13.00"),
    ("checkoutoption", "combinedpage"),
    ("currency", "978"),
    ("paymentMethod", "M"),
    ("responseFailURL", "https://localhost:8643/webshop/response_failure.jsp"),
    ("responseSuccessURL", "https://localhost:8643/webshop/response_success.jsp"),
    ("transactionNotificationURL", "https://localhost:8643/webshop/transactionNotification"),
    ("comments", ""),
];

#[test]
fn the_request_of_the_provider_has_its_hash() {
    let due = "EapafBqqOF6N/kch8USkHPGh+fwSko24h6FpQnQHfQ8=";
    assert_eq!(request(Algorithm::Sha256, &secret(), FORM), due);
    let with_itself = FORM.into_iter().chain([(HASH_EXTENDED, due)]);
    assert_eq!(request(Algorithm::Sha256, &secret(), with_itself), due);
}

#[test]
fn the_answer_of_the_provider_has_its_hash() {
    let due = "LarWYFSNgEToq13HlvyslX6hywi2T/nMn8jMY+1kxkI=";
    assert_eq!(response(Algorithm::Sha256, &secret(), &COVERED), due);
}

/// Made with another implementation of HMAC by the documented rules: no vectors of these are public.
#[test]
fn the_other_hashes_follow_their_rules() {
    assert_eq!(
        notification(Algorithm::Sha256, &secret(), &COVERED),
        "ZyZla9Pi4RYUKGysxGPVnf0jYpW5Z5wN/XzkpAKFnVk="
    );
    for (algorithm, due) in [
        (Algorithm::Sha256, "SX029NiJlnDmx6k/EILIjBuUURWxM3rn3MZlEsMwe4w="),
        (Algorithm::Sha384, "JX58SnPBLJw2IlPpE6fyeAm56IsB4vmO+frmfCjl7I0L1SYDgJ8I//zOvoWOicul"),
        (
            Algorithm::Sha512,
            "TJ2xUQFginMqL5w5+pnqnldonkW+JDLXfx+t84b/nQIl8Jn5MqEdFEJPzs8xY3fDRlyfH2HzFd5kB0rDmHy3cQ==",
        ),
    ] {
        let fields = [
            ("status", "APPROVED"),
            ("oid", "R-1"),
            ("Zone", "first, since capitals come first"),
            ("fail_rc", ""),
            ("response_hash", "AA=="),
        ];
        assert_eq!(extended_response(algorithm, &secret(), fields), due, "{algorithm:?}");
        let with_itself = fields.into_iter().chain([(EXTENDED_RESPONSE_HASH, due)]);
        assert_eq!(extended_response(algorithm, &secret(), with_itself), due);
    }
}

#[test]
fn every_value_is_bound() {
    let due = response(Algorithm::Sha256, &secret(), &COVERED);
    for other in [
        Covered { approval_code: "Y:ECI1/6:Authenticated", ..COVERED },
        Covered { chargetotal: "13.01", ..COVERED },
        Covered { currency: "356", ..COVERED },
        Covered { txndatetime: "2020:04:17-17:32:42", ..COVERED },
        Covered { storename: "10123456780", ..COVERED },
    ] {
        assert_ne!(response(Algorithm::Sha256, &secret(), &other), due);
    }
    let other = Hidden::new("other".to_owned());
    assert_ne!(response(Algorithm::Sha256, &other, &COVERED), due);
    assert!(is(&due, &due) && !is(&due, "") && !is("", ""));
    assert!(!is(&due, &due.to_lowercase()));
}

#[test]
fn algorithms_have_names() {
    for algorithm in [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512] {
        assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        assert_eq!(Algorithm::named(&algorithm.name().to_lowercase()), Some(algorithm));
    }
    assert_eq!(Algorithm::named("SHA256"), None);
    assert_eq!(Algorithm::default(), Algorithm::Sha256);
}
