//! What holds for any bytes.

use proptest::prelude::*;

use super::super::ROUTES;
use super::*;

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = r#"(\{|\}|\[|\]|"method"|"upi"|"amount"|"customer"|"extra"|"card"|"pan"|:|,|"|1|null|[a-z0-9.eE+-]){0,60}"#;
    prop_oneof![
        any::<Vec<u8>>(),
        json.prop_map(String::into_bytes),
        // A seed's request with an odd value somewhere.
        (0_usize..4, ".{0,40}|[0-9.@+-]{0,40}", 0_usize..40).prop_map(|(seed, text, at)| {
            let seed = [UPI_HPP, UPI_H2H, EPAY_HPP, EPAY_H2H][seed];
            let body = changed(seed, |body| {
                let top = body.as_object().unwrap().keys().map(|key| format!("/{key}"));
                let inner = body["customer"].as_object().unwrap().keys();
                let paths = top.chain(inner.map(|key| format!("/customer/{key}")));
                let paths: Vec<String> = paths.collect();
                let path = &paths[at % paths.len()];
                *body.pointer_mut(path).unwrap() = text.into();
            });
            body.into_bytes()
        }),
    ]
}

proptest! {
    #[test]
    fn no_request_panics_and_every_refusal_has_its_envelope(
        tail in "[ -~&&[^#?]]{0,40}",
        body in body(),
        token in "[ -~]{0,140}",
        signature in "[ -~]{0,70}|[0-9a-f]{64}",
    ) {
        let shop = Shop::default();
        for route in &ROUTES {
            let path = format!("{}{tail}", route.path.replace(['{', '}', '*'], ""));
            let asked = Asked { body: body.clone(), ..Asked::new(route.methods[0].clone(), route.path, &path, "") };
            let asked = asked.header("access-token", &token).header("signature", &signature);
            let request = asked.request();
            let errors = [
                RumbaPay.credential(&request).err(),
                shop.authenticate(&asked).err(),
                shop.decode(&asked).err(),
            ];
            for error in errors.into_iter().flatten() {
                let reply = shop.refuse(&asked, &error);
                prop_assert!(reply.status.is_client_error());
                prop_assert!(json(&reply)["error_code"].is_u64());
            }
        }
    }

    #[test]
    fn a_changed_byte_is_refused(body in proptest::collection::vec(any::<u8>(), 1..80), at: usize, bit in 0..8_u8) {
        let shop = Shop::default();
        let mut asked = Asked { body: body.clone(), ..Asked::post("") };
        asked = asked.header("signature", &signed(&body));
        prop_assert_eq!(shop.authenticate(&asked), Ok(()));
        asked.body[at % body.len()] ^= 1_u8 << bit;
        prop_assert_eq!(shop.authenticate(&asked), Err(WireError::Unauthenticated));
    }

    #[test]
    fn what_is_made_can_be_told(minor in 1_i64..50_000_000, name in "\\PC{1,50}", key in "\\PC{1,50}", value in "\\PC{0,50}") {
        let shop = Shop::default();
        let amount = Money::from_minor(minor, torana_domain::Currency::INR);
        let body = changed(UPI_HPP, |body| {
            body["amount"] = amount.to_string().split(' ').next().unwrap().into();
            body["reference"] = format!("r{name}").into();
            body["extra"] = json!([{ key.clone(): value.clone() }]);
        });
        let made = payment(shop.create(&body).unwrap(), 0);
        let told = json(&shop.answer(&Asked::get("x"), &made));
        prop_assert_eq!(told["amount"].to_string(), amount.to_decimal(4));
        prop_assert_eq!(&told["reference"], &format!("r{name}"));
        prop_assert_eq!(&told["extra"], &json!([{ "key": key, "value": value }]));
    }
}
