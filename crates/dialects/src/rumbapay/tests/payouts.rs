//! Payouts (provider §3.5).

use torana_domain::payout::{Payout, PayoutOrder, PayoutState};

use super::*;
use crate::CreatePayout;

const PAN: &str = "4242424242424242";
const UPI: &str = r#"{"method":"upi","mode":"initial","reference":"p1","currency":"INR","amount":"200","description":"Prize","upi":{"account":"name@handle"},"customer":{"identifier":"c1"},"callback_url":"https://merchant.domain/callback","extra":[{"a":1}]}"#;
const CARD: &str = r#"{"method":"card","reference":"p2","currency":"UAH","amount":5000.02,"card":{"pan":"4242 4242 4242 4242","exp_month":"12","exp_year":"2026","holder_name":"Darth"},"customer":{"identifier":"c1","phone":"380501234567"}}"#;
const BANK: &str = r#"{"method":"bank_transfer_mexico","reference":"p3","currency":"MXN","amount":6000,"requisites":{"account_number":"012345678901234567","payout_account_type_code":"0001","payout_beneficiary_type_code":"person","beneficiary_first_name":"Ana","beneficiary_last_name":"Paz","beneficiary_document_type":"CURP","beneficiary_document_value":"X1","bank_name":"BANCOMEXT"},"customer":{"identifier":"c1"},"lang":"es"}"#;

fn read(body: &str) -> Result<CreatePayout, WireError> {
    Shop::default().decode(&Asked::payout(body)).map(|call| match call {
        Call::Payout(call) => *call,
        other => panic!("{other:?}"),
    })
}

fn payout(call: CreatePayout) -> Payout {
    let order = PayoutOrder {
        dialect: RumbaPay.slug().to_owned(),
        method: call.method,
        amount: call.amount,
        beneficiary: call.beneficiary,
        customer: call.customer,
        callback: call.callback,
        metadata: call.metadata,
        dialect_note: call.dialect_note,
    };
    let id = PaymentId { number: PaymentNumber::new(made_at(), 5), brand: BrandId(13), token: 7 };
    let state = PayoutState::Pending;
    Payout { id, version: 1, state, order, sent: None, reason: None, changed_at: NOW }
}

#[test]
fn every_way_is_read() {
    let upi = read(UPI).unwrap();
    assert_eq!((upi.method.as_str(), upi.beneficiary.account.as_str()), ("upi", "name@handle"));
    assert_eq!((upi.key.as_deref(), upi.secret.as_deref()), (Some("payout/p1"), None));
    let card = read(CARD).unwrap();
    assert_eq!((card.method.as_str(), card.secret.as_deref()), ("card", Some(PAN)));
    assert_eq!(card.beneficiary.account, "424242******4242");
    assert_eq!((card.amount.minor(), card.beneficiary.name.as_deref()), (500_002, Some("Darth")));
    let bank = read(BANK).unwrap();
    assert_eq!((bank.method.as_str(), bank.beneficiary.details.len()), ("bank", 5));
    assert_eq!(bank.beneficiary.name.as_deref(), Some("Ana Paz"));
    for (method, currency) in
        [("bank_transfer_argentina", "ARS"), ("bank_transfer_chile", "CLP"), ("pix", "BRL")]
    {
        let body = changed(BANK, |body| {
            body["method"] = method.into();
            body["currency"] = currency.into();
        });
        assert!(read(&body).is_ok(), "{method}");
    }
    for currency in ["KZT", "KGS", "UZS"] {
        assert!(read(&changed(CARD, |body| body["currency"] = currency.into())).is_ok());
    }
}

#[test]
fn what_is_no_way_has_no_route() {
    for (seed, name, value) in [
        (UPI, "currency", "EUR"),
        (UPI, "method", "card"),
        (BANK, "method", "epay"),
        (CARD, "currency", "INR"),
        (CARD, "currency", "?"),
    ] {
        let body = changed(seed, |body| body[name] = value.into());
        assert_eq!(read(&body), Err(WireError::NoRoute), "{body}");
    }
}

#[test]
fn every_required_field_is_missed_by_its_name() {
    let shop = Shop::default();
    for (seed, paths) in [
        (
            UPI,
            &[
                "/method",
                "/reference",
                "/currency",
                "/amount",
                "/description",
                "/upi/account",
                "/customer/identifier",
            ][..],
        ),
        (CARD, &["/card/pan", "/card/exp_month", "/card/exp_year", "/card/holder_name"]),
        (
            BANK,
            &[
                "/requisites/account_number",
                "/requisites/beneficiary_first_name",
                "/requisites/beneficiary_last_name",
            ],
        ),
    ] {
        for path in paths {
            let body = changed(seed, |body| *body.pointer_mut(path).unwrap() = json!(null));
            let name = path.rsplit('/').next().unwrap();
            let expected = (name.to_owned(), format!("{name} is a required field"));
            assert_eq!(shop.flaws(&Asked::payout(&body)), [expected]);
        }
    }
    for (seed, path, value) in [
        (UPI, "/upi/account", "name"),
        (UPI, "/upi/account", "n@handle"),
        (UPI, "/upi/account", "name@9"),
        (UPI, "/upi", "x"),
        (CARD, "/card/pan", "4242424242424241"),
        (CARD, "/card/pan", "42"),
        (CARD, "/card/exp_month", "13"),
        (CARD, "/card/exp_year", "1999"),
    ] {
        let body = changed(seed, |body| *body.pointer_mut(path).unwrap() = value.into());
        assert_eq!(shop.flaws(&Asked::payout(&body))[0].0, path.rsplit('/').next().unwrap());
    }
}

#[test]
fn the_number_of_a_card_is_in_its_secret_only() {
    let card = read(CARD).unwrap();
    let printed = format!("{card:?}");
    assert!(!printed.contains(PAN) && !printed.contains("4242 4242"), "{printed}");
    let shop = Shop::default();
    let reply = RumbaPay.payout(&Asked::payout(CARD).request(), &shop.caller(), &payout(card));
    assert!(!text(&reply).contains(PAN));
    for (path, value) in [
        ("/reference", json!(PAN)),
        ("/extra", json!([{ "pan": "4242-4242-4242-4242" }])),
        ("/extra", json!([{ "pan": 4_242_424_242_424_242_u64 }])),
        ("/description", json!("to 4242 4242 4242 4242")),
    ] {
        let body = changed(CARD, |body| body[&path[1..]] = value);
        let asked = Asked::payout(&body);
        assert_eq!(shop.flaws(&asked)[0].0, path[1..]);
        let reply = shop.refuse(&asked, &shop.decode(&asked).unwrap_err());
        assert!(!text(&reply).replace([' ', '-'], "").contains(PAN));
    }
}

#[test]
fn a_payout_is_told_until_its_end() {
    let shop = Shop::default();
    let mut made = payout(read(UPI).unwrap());
    let id = RumbaPay.public_id(made.id);
    let expected = |word: &str| {
        format!(
            r#"{{"identifier":"UPI212163200050","request_id":"{id}","reference":"p1","description":"Prize","status":{{"name":"{word}","date":"2026-09-21T14:13:20.12"}},"created_date":"2026-09-21T14:13:20.05","amount":200,"billing_amount":200,"currency":"INR","extra":[{{"key":"a","value":1}}],"timestamp":"2026-09-21T14:13:20.12Z","error_code":0,"error_message":""}}"#
        )
    };
    for asked in [Asked::payout(UPI), Asked::get(&id)] {
        let reply = RumbaPay.payout(&asked.request(), &shop.caller(), &made);
        assert_eq!(text(&reply), expected("pending"));
    }
    for (state, word) in [
        (PayoutState::Pending, None),
        (PayoutState::Processing, None),
        (PayoutState::Succeeded, Some("success")),
        (PayoutState::Failed, Some("declined")),
    ] {
        made.state = state;
        let told = RumbaPay.payout_callback(&made, &shop.switches);
        let body = told.map(|told| String::from_utf8(told.body).unwrap());
        assert_eq!(body, word.map(expected));
    }
    for (seed, letters) in [(CARD, "CRD"), (BANK, "BAN")] {
        let made = payout(read(seed).unwrap());
        let reply = RumbaPay.payout(&Asked::get("x").request(), &shop.caller(), &made);
        assert_eq!(json(&reply)["identifier"], format!("{letters}212163200050"));
        assert_eq!(RumbaPay.payout_callback(&made, &shop.switches), None, "no address");
    }
}
