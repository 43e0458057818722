//! What holds for any bytes.

use proptest::prelude::*;

use super::super::ROUTES;
use super::*;

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = r#"(\{|\}|\[|\]|"order"|"amount"|"billing"|"customer"|"recurring"|:|,|"|1|null|[a-z0-9.eE+-]){0,60}"#;
    let form = r"((call|amount|invoice|app_key|country)=(gen_invoice|ipn_validate|refund_request|[0-9.eE-]{0,9}|%[0-9A-F]{2})&){0,8}";
    prop_oneof![
        any::<Vec<u8>>(),
        json.prop_map(String::into_bytes),
        form.prop_map(String::into_bytes),
        // Every field of the form, the same odd text in each.
        ".{0,60}".prop_map(|value| {
            let names = v1::GEN_INVOICE.map(|(name, _)| name);
            let pairs = names.iter().skip(1).map(|name| (*name, value.as_str()));
            let form = form_urlencoded::Serializer::new(String::from("call=gen_invoice&"));
            let mut form = form;
            form.extend_pairs(pairs);
            form.finish().into_bytes()
        }),
    ]
}

proptest! {
    #[test]
    fn no_request_panics_and_every_refusal_has_its_envelope(
        kind in prop_oneof![Just("application/json".to_owned()), Just("multipart/form-data; boundary=b".to_owned()), "[ -~]{0,30}"],
        tail in "[ -~&&[^#?]]{0,40}",
        body in body(),
        bearer in "[ -~]{0,40}",
    ) {
        let shop = Shop::default();
        for route in &ROUTES {
            let path = format!("{}{tail}", route.path.replace(['{', '}', '*'], ""));
            let asked = Asked { route: route.path, path, ..Asked::v2(Method::POST, route.path, "", "") };
            let asked = Asked { body: body.clone(), ..asked }.header("content-type", &kind);
            let asked = asked.header("authorization", &format!("Bearer {bearer}"));
            let known = Known { good_at: None, may_search: false };
            let errors = [shop.authenticate(&asked, known).err(), shop.decode(&asked).err()];
            for error in errors.into_iter().flatten() {
                let reply = shop.refuse(&asked, &error);
                let body = json(&reply);
                if route.path.starts_with("/api/") {
                    prop_assert_eq!(reply.status.as_u16(), 200);
                    prop_assert!(body["status"] == 400 || body["status"] == 500, "{}", body);
                } else {
                    prop_assert!(reply.status.is_client_error(), "{}", body);
                    prop_assert_eq!(&body["result"], "ERROR");
                }
            }
        }
    }

    #[test]
    fn what_is_made_can_be_told(amount in 1_000_i64..100_000_000, name in "\\PC{1,50}", street in "\\PC{1,60}") {
        let shop = Shop::default();
        let amount = Money::from_minor(amount, Currency::BDT).to_string();
        let asked = v1::gen_invoice(&[("amount", &amount), ("name", &name), ("address", &street)]);
        let made = payment(shop.create(&asked).unwrap(), golden::INVOICE);
        let get = Asked::form(&[("call", "get_invoice")]);
        let told = json(&shop.answer(&get, &made));
        prop_assert_eq!(&told["data"]["amount"], amount.as_str());
        prop_assert_eq!(&told["data"]["buyer_name"], name.as_str());
        prop_assert_eq!(&told["data"]["buyer_address"], street.as_str());
    }
}
