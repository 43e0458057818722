//! The payer's browser (provider §4).

use super::super::connect::*;
use super::super::hashes::{self, Algorithm, Covered};
use super::*;

fn back() -> Return {
    Return {
        status: Status::Approved,
        approval_code: "Y:ECI2/5:Authenticated".parse().unwrap(),
        order_id: "R-1230671a-47d4-4630-8534-264b6df75926".into(),
        ipg_transaction_id: "84439384258".into(),
        reference_number: None,
        amount: inr("567"),
        store_id: STORE.into(),
        asked_at: Timestamp::from_s(1_685_611_500),
        done_at: Timestamp::from_s(1_685_611_540),
        failure: None,
        terminal_id: None,
        bin: "607482".into(),
        last4: "4938".into(),
        brand: "RUPAY".into(),
        country: "IND".into(),
        algorithm: Algorithm::Sha256,
    }
}

fn secret() -> Hidden {
    Hidden::new("sharedsecret".into())
}

fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_form_says_what_happened() {
    let form = back().form(&secret());
    let due = [
        ("approval_code", "Y:ECI2/5:Authenticated"),
        ("oid", "R-1230671a-47d4-4630-8534-264b6df75926"),
        ("status", "APPROVED"),
        ("txndate_processed", "01/06/23 14:55:40"),
        ("ipgTransactionId", "84439384258"),
        ("tdate", "1685611540"),
        ("ccbin", "607482"),
        ("cccountry", "IND"),
        ("ccbrand", "RUPAY"),
        ("cardnumber", "(RUPAY) ... 4938"),
        ("chargetotal", "567.00"),
        ("currency", "356"),
        ("txndatetime", "2023:06:01-14:55:00"),
        ("timezone", "Asia/Kolkata"),
        ("storename", STORE),
        ("txntype", "payer_auth"),
        ("hash_algorithm", "HMACSHA256"),
    ];
    let said: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(said[..due.len()], due);
    assert_eq!(
        said[due.len()..].iter().map(|it| it.0).collect::<Vec<_>>(),
        ["response_hash", "extended_response_hash"]
    );
    let body = urlencoded(&form);
    assert!(body.starts_with("approval_code=Y%3AECI2%2F5%3AAuthenticated&oid=R-1230671a"));
}

/// As a merchant checks it, from nothing but the fields and the shared secret.
#[test]
fn a_merchant_can_check_both_hashes() {
    for algorithm in [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512] {
        let form = Return { algorithm, ..back() }.form(&secret());
        let all = form.iter().map(|(name, value)| (*name, value.as_str()));
        let extended = hashes::extended_response(algorithm, &secret(), all);
        assert!(hashes::is(&extended, field(&form, "extended_response_hash").unwrap()));
        let get = |name| field(&form, name).unwrap();
        let covered = Covered {
            approval_code: get("approval_code"),
            chargetotal: get("chargetotal"),
            currency: get("currency"),
            txndatetime: get("txndatetime"),
            storename: get("storename"),
        };
        let short = hashes::response(algorithm, &secret(), &covered);
        assert!(hashes::is(&short, get("response_hash")));
        let told = Return { algorithm, ..back() }.notification(&secret());
        let short = hashes::notification(algorithm, &secret(), &covered);
        assert_eq!(field(&told, "notification_hash"), Some(short.as_str()));
        assert_eq!(field(&told, "extended_response_hash"), None);
    }
}

#[test]
fn a_forged_status_is_noticed() {
    let mut form = Return { status: Status::Failed, ..back() }.form(&secret());
    form[2].1 = "APPROVED".into();
    let all = form.iter().map(|(name, value)| (*name, value.as_str()));
    let extended = hashes::extended_response(Algorithm::Sha256, &secret(), all);
    assert!(!hashes::is(&extended, field(&form, "extended_response_hash").unwrap()));
}

#[test]
fn a_failure_says_why() {
    let code = GatewayCode::RupayAuthentication;
    let failed = Return {
        status: Status::Failed,
        approval_code: code.approval_code(),
        failure: Some(Failure { code: code.code().into(), reason: code.text().into() }),
        ..back()
    };
    let form = failed.form(&secret());
    assert_eq!(field(&form, "approval_code"), Some("N:-28319:RuPay authentication error"));
    assert_eq!(field(&form, "fail_rc"), Some("28319"));
    assert_eq!(field(&form, "fail_reason"), Some("RuPay authentication error"));
    let words = [Status::Approved, Status::Declined, Status::Failed, Status::Waiting];
    assert_eq!(words.map(Status::word), ["APPROVED", "DECLINED", "FAILED", "WAITING"]);
}

#[test]
fn the_page_knows_its_authentication() {
    let url = acs_url("https://pay.example", "84439384258");
    assert_eq!(url, "https://pay.example/connect/gateway/processing?rupayId=84439384258");
    let (path, query) = url.split_once('?').unwrap();
    assert!(path.ends_with(PAGE));
    assert_eq!(rupay_id(query).as_deref(), Some("84439384258"));
    for wrong in ["", "rupayId=", "rupayId=x", "rupayid=1", "rupayId=12345678901234567890"] {
        assert_eq!(rupay_id(wrong), None, "{wrong}");
    }
}
