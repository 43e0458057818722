//! What holds for any bytes and any payment.

use proptest::prelude::*;

use super::super::{OLD_CHECKOUT, OLD_VERIFY};
use super::*;

fn content_type() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("application/json".to_owned()),
        Just("application/x-www-form-urlencoded".to_owned()),
        Just("multipart/form-data; boundary=b".to_owned()),
        "[ -~]{0,40}",
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = r#"(\{|\}|\[|\]|"amount"|"metadata"|"success_url"|:|,|"|1|null|[a-z0-9.eE+-]|\\u0000){0,60}"#;
    prop_oneof![
        any::<Vec<u8>>(),
        json.prop_map(String::into_bytes),
        ".{0,200}".prop_map(|value| {
            let fields =
                ["fullname", "amount", "success_url", "cancel_url", "metadata", "currency"];
            let pairs = fields.map(|field| (field, value.as_str()));
            serde_json::to_vec(&std::collections::BTreeMap::from(pairs)).unwrap()
        }),
    ]
}

proptest! {
    #[test]
    fn no_request_panics(kind in content_type(), query in "[ -~]{0,80}", body in body(), key in "[ -~]{0,20}") {
        let shop = Shop::default();
        let headers = headers(&[("content-type", &kind), ("api-key", &key)]);
        for route in [CHECKOUT, VERIFY, OLD_CHECKOUT, OLD_VERIFY, "/other"] {
            let request = request(route, &query, &headers, &body);
            let _ = RupantorPay.credential(&request);
            if let Err(error) = RupantorPay.decode(&request, &shop.caller()) {
                let reply = json(&refuse(&error));
                prop_assert_eq!(&reply["status"], false);
            }
        }
    }

    #[test]
    fn the_merchants_query_survives_the_redirect(
        pairs in prop::collection::vec((".{1,12}", ".{0,12}"), 0..6),
        fragment in "[a-z/]{0,8}",
    ) {
        let mut url = url::Url::parse("https://a.example/s").unwrap();
        url.query_pairs_mut().extend_pairs(&pairs);
        url.set_fragment(Some(&fragment));
        let fields = serde_json::json!({"amount": 5, "success_url": url.as_str(), "cancel_url": "a.example"});
        let shop = Shop::default();
        let payment = paid(payment(shop.create(&fields.to_string()).unwrap()), "bkash", "CJO1234567");
        let back = url::Url::parse(&shop.return_url(&payment)).unwrap();
        let read: Vec<_> = back.query_pairs().into_owned().collect();
        prop_assert!(read.starts_with(&pairs), "{}", back);
        prop_assert_eq!(read.len(), pairs.len() + 7);
        prop_assert_eq!(back.fragment(), Some(fragment.as_str()));
        prop_assert!(back.as_str().is_ascii());
    }

    #[test]
    fn verify_gives_back_what_create_was_given(
        name in "\\PC{0,100}", email in "\\PC{0,100}", minor in 1_i64..=100_000_000, value in ".*",
    ) {
        let amount = Money::from_minor(minor, Currency::BDT);
        let fields = serde_json::json!({
            "fullname": name, "email": email, "amount": amount.to_shortest(), "meta_data": {"k": value},
            "success_url": "https://a.example/s", "cancel_url": "https://a.example/c",
        });
        let shop = Shop::default();
        let reply = shop.verify(&payment(shop.create(&fields.to_string()).unwrap()));
        let kept = |text: &str| Value::from(if text.trim().is_empty() { "" } else { text });
        prop_assert_eq!(&reply["fullname"], &kept(&name));
        prop_assert_eq!(&reply["email"], &kept(&email));
        prop_assert_eq!(&reply["amount"], &Value::from(amount.to_decimal(3)));
        prop_assert_eq!(reply["metadata"]["k"].as_str(), Some(value.as_str()));
    }

    #[test]
    fn the_public_id_finds_its_payment(age_ms in 0_i64..800_000_000, random: u64) {
        let shop = Shop::default();
        let id = PaymentId::new(BrandId(7), SINCE.plus_ms(age_ms), random);
        let public = RupantorPay.public_id(id);
        let found = RupantorPay.candidates(&public, &shop.caller());
        prop_assert!(found.contains(&Candidate::Number(id.number)));
    }
}
