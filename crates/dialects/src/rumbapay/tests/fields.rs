//! What requests must have, and what is wrong with others.

use super::*;

const UPI_NEEDED: [&str; 10] = [
    "identifier",
    "email",
    "phone",
    "first_name",
    "last_name",
    "country",
    "city",
    "address",
    "state_code",
    "zip_code",
];
const EPAY_NEEDED: [&str; 4] = ["identifier", "first_name", "last_name", "country"];

fn missing(names: &[&str]) -> Vec<(String, String)> {
    let one = |name: &&str| ((*name).to_owned(), format!("{name} is a required field"));
    names.iter().map(one).collect()
}

fn without(seed: &str, path: &str) -> String {
    changed(seed, |body| {
        let (part, name) = path.rsplit_once('/').unwrap();
        body.pointer_mut(part).unwrap().as_object_mut().unwrap().remove(name);
    })
}

#[test]
fn every_required_field_is_missed_by_its_name() {
    let shop = Shop::default();
    for (seed, needed) in [
        (UPI_HPP, &UPI_NEEDED[..]),
        (UPI_H2H, &UPI_NEEDED),
        (EPAY_HPP, &EPAY_NEEDED),
        (EPAY_H2H, &EPAY_NEEDED),
    ] {
        for name in needed {
            let path = format!("/customer/{name}");
            let body = without(seed, &path);
            assert_eq!(shop.flaws(&Asked::post(&body)), missing(&[name]));
            for blank in [json!(" "), json!(null)] {
                let body = changed(seed, |body| *body.pointer_mut(&path).unwrap() = blank);
                assert_eq!(shop.flaws(&Asked::post(&body)), missing(&[name]));
            }
        }
        for name in ["reference", "currency", "amount"] {
            let body = without(seed, &format!("/{name}"));
            assert_eq!(shop.flaws(&Asked::post(&body)), missing(&[name]));
        }
        assert_eq!(shop.flaws(&Asked::post(&without(seed, "/customer"))), missing(needed));
    }
    assert_eq!(shop.flaws(&Asked::post(&without(UPI_HPP, "/widget"))), missing(&["method"]));
    assert_eq!(shop.flaws(&Asked::post(&without(UPI_H2H, "/method"))), missing(&["method"]));
    assert_eq!(shop.flaws(&Asked::post(&without(EPAY_H2H, "/mode"))), missing(&["mode"]));
    let all = ["reference", "currency", "amount"].into_iter().chain(UPI_NEEDED);
    let body = r#"{"method":"upi"}"#;
    assert_eq!(shop.flaws(&Asked::post(body)), missing(&all.collect::<Vec<_>>()));
    let few = ["method", "reference", "currency", "amount"].into_iter().chain(EPAY_NEEDED);
    assert_eq!(shop.flaws(&Asked::post("{}")), missing(&few.collect::<Vec<_>>()));
}

#[test]
fn what_is_optional_may_be_absent() {
    let shop = Shop::default();
    for path in ["description", "callback_url", "redirect_url", "cancel_url", "extra"] {
        assert!(shop.create(&without(UPI_HPP, &format!("/{path}"))).is_ok(), "{path}");
    }
    for name in ["middle_name", "itn", "birthday", "ip", "gender"] {
        assert!(shop.create(&without(UPI_H2H, &format!("/customer/{name}"))).is_ok(), "{name}");
    }
    for name in ["email", "phone", "state_code", "city", "address", "zip_code", "itn"] {
        assert!(shop.create(&without(EPAY_H2H, &format!("/customer/{name}"))).is_ok(), "{name}");
    }
}

#[test]
fn wrong_values_are_named() {
    let shop = Shop::default();
    for (path, values) in [
        ("/customer/email", vec![json!("x"), json!("@x"), json!("x@"), json!("a b@c"), json!({})]),
        (
            "/customer/phone",
            vec![json!("12345"), json!("1".repeat(21)), json!("+91 33"), json!("++911111")],
        ),
        ("/customer/country", vec![json!("XX"), json!("IND"), json!("ি"), json!(1)]),
        ("/customer/state_code", vec![json!("1234"), json!("-"), json!("é")]),
        (
            "/customer/birthday",
            vec![
                json!("2006-02-30"),
                json!("06-01-02"),
                json!("2006-1-2"),
                json!("2006-01-02T00:00"),
            ],
        ),
        ("/customer/ip", vec![json!("192.168.0.256"), json!("host")]),
        ("/customer/gender", vec![json!("Female"), json!("x")]),
        ("/customer/city", vec![json!("a".repeat(101)), json!("a\u{0}b"), json!(["x"])]),
        ("/reference", vec![json!("a".repeat(129)), json!(true)]),
        (
            "/amount",
            vec![
                json!("0"),
                json!(-1),
                json!("1.001"),
                json!("x"),
                json!("1e3"),
                json!(1e30),
                json!([1]),
                json!("1000000.01"),
                json!("9".repeat(30)),
            ],
        ),
        ("/callback_url", vec![json!("redirect_url"), json!("ftp://x.y"), json!("a b")]),
        ("/cancel_url", vec![json!("callback_url"), json!("javascript:alert(1)")]),
        (
            "/extra",
            vec![
                json!("x"),
                json!([1]),
                json!([{"a":1,"b":2}]),
                json!([{"a":[1]}]),
                json!([{}]),
                json!([{"":1}]),
                json!({"a":{}}),
                json!(vec![json!({"a":1}); 51]),
            ],
        ),
        ("/widget/locale", vec![json!("e"), json!("en us")]),
        ("/customer", vec![json!("x"), json!([])]),
    ] {
        let name = path.rsplit('/').next().unwrap();
        for value in values {
            let body = changed(UPI_HPP, |body| *body.pointer_mut(path).unwrap() = value);
            let flaws = shop.flaws(&Asked::post(&body));
            let (field, message) = flaws.first().unwrap();
            assert_eq!(field, name, "{body}");
            assert!(message.starts_with(name), "{message}");
            assert!(name == "customer" || flaws.len() == 1, "{flaws:?}");
        }
    }
    let body = changed(EPAY_H2H, |body| body["mode"] = "final".into());
    assert_eq!(shop.flaws(&Asked::post(&body))[0].1, "mode must be initial");
}

#[test]
fn amounts_are_text_or_numbers_and_exact() {
    let shop = Shop::default();
    for (value, minor) in [
        (json!("200"), 20_000),
        (json!(200), 20_000),
        (json!("0200.50"), 20_050),
        (json!(0.01), 1),
        (json!("200.0000"), 20_000),
    ] {
        let body = changed(UPI_HPP, |body| body["amount"] = value.clone());
        assert_eq!(shop.create(&body).unwrap().amount.minor(), minor, "{value}");
    }
}

#[test]
fn what_no_rail_has_has_no_route() {
    let shop = Shop::default();
    let refused = |body: String| {
        assert_eq!(shop.create(&body), Err(WireError::NoRoute), "{body}");
    };
    for (seed, currency) in [(UPI_HPP, "EUR"), (UPI_H2H, "BGN"), (EPAY_HPP, "INR"), (EPAY_H2H, "?")]
    {
        refused(changed(seed, |body| body["currency"] = currency.into()));
    }
    refused(changed(UPI_H2H, |body| body["method"] = "pix".into()));
    refused(changed(UPI_HPP, |body| body["widget"]["method"] = "UPI".into()));
    assert!(shop.create(&changed(EPAY_HPP, |body| body["currency"] = "EUR".into())).is_ok());
}

#[test]
fn both_bodies_in_one_must_agree() {
    let shop = Shop::default();
    let both = |word: &str| changed(UPI_HPP, |body| body["method"] = word.into());
    assert!(shop.create(&both("upi")).is_ok());
    assert_eq!(shop.flaws(&Asked::post(&both("epay")))[0].0, "method");
}

#[test]
fn a_receipt_is_claimed_by_its_twelve_digits() {
    let shop = Shop::default();
    for body in [
        r#"{"transaction_id":"630712345671"}"#,
        r#"{"transaction_id":630712345671}"#,
        r#"{"utr":" 630712345671 "}"#,
        r#"{"requisites":{"transaction_id":"630712345671"}}"#,
        r#"{"confirmation":{"utr":"630712345671"},"transaction_id":null}"#,
    ] {
        let Ok(Call::Claim(claim)) = shop.decode(&Asked::put("334545", body)) else {
            panic!("{body}")
        };
        assert_eq!((claim.method.as_str(), claim.reference.as_str()), ("upi", "630712345671"));
        assert_eq!(claim.candidates, super::super::ids::candidates("334545"));
    }
    for body in [r#"{"utr":"63071234567"}"#, r#"{"utr":"SUR12345678a"}"#, r#"{"utr":[]}"#] {
        assert_eq!(shop.flaws(&Asked::put("x", body))[0].0, "transaction_id");
    }
    assert_eq!(shop.flaws(&Asked::put("x", "{}")), missing(&["transaction_id"]));
}

#[test]
fn what_is_no_object_is_told() {
    let shop = Shop::default();
    for body in ["", "[]", "{", "method=upi"] {
        let reply = shop.refuse(&Asked::post(body), &shop.decode(&Asked::post(body)).unwrap_err());
        assert_eq!((reply.status.as_u16(), &json(&reply)["error_code"]), (400, &json!(400)));
    }
}

#[test]
fn brands_without_room_in_a_uuid_are_not_served() {
    let shop = Shop::default();
    let caller = Caller { brand: BrandId(1 << 27), ..shop.caller() };
    let refused = RumbaPay.decode(&Asked::post(UPI_HPP).request(), &caller);
    assert_eq!(refused, Err(WireError::Unavailable));
}
