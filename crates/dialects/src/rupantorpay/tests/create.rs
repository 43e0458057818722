//! What a request to create a payment may look like, field by field.

use super::*;

fn with(field: &str, value: &str) -> Result<CreatePayment, WireError> {
    let mut fields = vec![
        ("amount", "10".to_owned()),
        ("success_url", "\"https://a.example/s\"".to_owned()),
        ("cancel_url", "\"https://a.example/c\"".to_owned()),
    ];
    fields.retain(|(name, _)| *name != field);
    fields.push((field, value.to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    Shop::default().create(&format!("{{{}}}", fields.join(",")))
}

/// The message that a client would see.
fn refusal(field: &str, value: &str) -> String {
    let error = with(field, value).expect_err(value);
    let reply = refuse(&error);
    assert_eq!(reply.status.as_u16(), 400);
    let body = json(&reply);
    assert_eq!(body["status"], false);
    body["message"].as_str().unwrap().to_owned()
}

#[test]
fn amounts_are_exact_whether_text_or_number() {
    for (value, expected) in [
        ("10", "10"),
        ("\"10\"", "10"),
        ("10.5", "10.5"),
        ("\"10.50\"", "10.5"),
        ("10.6", "10.6"),
        ("20.00", "20"),
        ("\" 900.000 \"", "900"),
        ("0.01", "0.01"),
        ("1000000", "1000000"),
        ("0.29", "0.29"),
        ("4.35", "4.35"),
        ("\"007\"", "7"),
    ] {
        assert_eq!(with("amount", value).unwrap().amount, bdt(expected), "{value}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_reason() {
    let number = "amount: must be a positive number such as 10 or 10.50";
    for value in [
        "-1",
        "\"-1\"",
        "1e2",
        "\"1e2\"",
        "\"NaN\"",
        "\"1,000\"",
        "\"৳10\"",
        "true",
        "[]",
        "{}",
        "\"+5\"",
        "\"0x10\"",
        "\"১০\"",
        "1E400",
    ] {
        assert_eq!(refusal("amount", value), number, "{value}");
    }
    for value in ["0", "\"0\"", "\"0.00\"", "0.0"] {
        assert_eq!(refusal("amount", value), "amount: must be more than 0");
    }
    for value in ["null", "\"\"", "\"  \""] {
        assert_eq!(refusal("amount", value), "amount: this field is required");
    }
    assert_eq!(refusal("amount", "10.505"), "amount: BDT has 2 decimals");
    for value in ["1000000.01", "99999999999999999999999999", "\"9999999999999999999999\""] {
        assert_eq!(refusal("amount", value), "amount: must be at most 1000000");
    }
    let mut shop = Shop::default();
    shop.policy.limits.min_minor = 1_050;
    let body = r#"{"amount":10.49,"success_url":"a.example","cancel_url":"a.example"}"#;
    let error = shop.create(body).unwrap_err();
    assert_eq!(error.to_string(), "amount: must be at least 10.5");
}

#[test]
fn urls_are_required_but_for_the_webhook() {
    for field in ["success_url", "cancel_url"] {
        assert_eq!(refusal(field, "\"\""), format!("{field}: this field is required"));
        assert!(refusal(field, "\"javascript:alert(1)\"").starts_with(field));
    }
    for value in ["\"\"", "null"] {
        assert_eq!(with("webhook_url", value).unwrap().urls.callback, None);
    }
    assert!(refusal("webhook_url", "\"ftp://a.example\"").starts_with("webhook_url: "));
    let url = "https://a.example/webhook.php?i=1&type=bkash";
    let call = with("webhook_url", &format!("\"{url}\"")).unwrap();
    assert_eq!(call.urls.callback.as_deref(), Some(url));
}

#[test]
fn metadata_is_an_object_or_a_text_that_holds_one() {
    let kept = r#"{"z":1.10,"a":12345678901234567890.5,"n":null,"u":"০"}"#;
    for field in ["metadata", "meta_data"] {
        assert_eq!(with(field, kept).unwrap().metadata.as_deref(), Some(kept));
        let text = serde_json::to_string(kept).unwrap();
        assert_eq!(with(field, &text).unwrap().metadata.as_deref(), Some(kept));
        for value in ["null", "\"\"", "[]", "{}", "\"[]\"", "\"{}\"", "\"null\""] {
            assert_eq!(with(field, value).unwrap().metadata, None, "{value}");
        }
        for value in ["[1]", "1", "true", "\"order 5\"", "\"{\"", "\"[1]\"", "\"5\""] {
            assert_eq!(refusal(field, value), "Metadata must be in JSON format.", "{value}");
        }
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(8_192));
        assert_eq!(refusal(field, &large), "metadata: must be at most 8192 bytes long");
    }
}

#[test]
fn names_are_kept_as_sent_under_every_name_of_theirs() {
    for (field, email) in
        [("fullname", "email"), ("cus_name", "cus_email"), ("full_name", "email_mobile")]
    {
        let call = with(field, "\" জন  Doe\\n\"").unwrap();
        assert_eq!(call.customer.name, " জন  Doe");
        assert_eq!(with(email, "\"A@b.example\"").unwrap().customer.email, "A@b.example");
    }
    assert_eq!(with("fullname", "12345").unwrap().customer.name, "12345");
    assert_eq!(refusal("fullname", "{}"), "fullname: must be text");
    let long = format!("\"{}\"", "ক".repeat(201));
    assert_eq!(refusal("cus_name", &long), "fullname: must be at most 200 characters long");
    assert_eq!(
        with("phone", "\"01711000001\"").unwrap().customer.phone.as_deref(),
        Some("01711000001")
    );
    assert_eq!(with("phone", "[1]").unwrap().customer.phone, None);
    assert_eq!(with("phone", &long).unwrap().customer.phone, None);
}

#[test]
fn only_the_brands_currency_is_taken() {
    for value in ["\"BDT\"", "\"bdt\"", "\"\"", "null", "\"Taka\"", "\"৳\"", "1"] {
        assert!(with("currency", value).is_ok(), "{value}");
    }
    assert_eq!(refusal("currency", "\"USD\""), "currency: this brand takes BDT, not USD");
}

#[test]
fn get_and_the_old_paths_work_too() {
    let shop = Shop::default();
    let headers = HeaderMap::new();
    let query = "amount=10.50&success_url=https%3A%2F%2Fa.example%2Fs%3Fa%3D1&cancel_url=a.example%2Fc\
        &metadata=%7B%22phone%22%3A%22016%22%7D&fullname=John+Doe";
    for route in [CHECKOUT, super::super::OLD_CHECKOUT] {
        let call =
            RupantorPay.decode(&request(route, query, &headers, b""), &shop.caller()).unwrap();
        let Call::Create(call) = call else { panic!("{call:?}") };
        assert_eq!((call.amount, call.customer.name.as_str()), (bdt("10.5"), "John Doe"));
        assert_eq!(call.urls.success, "https://a.example/s?a=1");
        assert_eq!(call.metadata.as_deref(), Some(r#"{"phone":"016"}"#));
    }
    let found = Ok(find(vec![Candidate::Number(seed_number())]));
    for (route, name) in [
        (VERIFY, "transaction_id"),
        (VERIFY, "transactionId"),
        (super::super::OLD_VERIFY, "invoice_id"),
        (VERIFY, "payment_id"),
    ] {
        let query = format!("{name}={}", SEED_ID.to_lowercase());
        assert_eq!(
            RupantorPay.decode(&request(route, &query, &headers, b""), &shop.caller()),
            found
        );
    }
    let query = format!("transaction_id={}", seed_payment_id());
    let call = RupantorPay.decode(&request(VERIFY, &query, &headers, b""), &shop.caller());
    assert_eq!(call, Ok(find(vec![Candidate::Id(seed_payment_id())])));
    let error =
        RupantorPay.decode(&request(VERIFY, "", &headers, b""), &shop.caller()).unwrap_err();
    assert_eq!(error.to_string(), "transaction_id: this field is required");
    let put = Request { method: &Method::PUT, ..request(CHECKOUT, "", &headers, b"") };
    assert_eq!(RupantorPay.decode(&put, &shop.caller()), Err(WireError::MethodNotAllowed));
}

#[test]
fn the_key_is_in_a_header_or_a_field() {
    let key = |pairs: &[(&str, &str)], query: &str, body: &[u8]| {
        let headers = headers(pairs);
        let shown = RupantorPay.credential(&request(CHECKOUT, query, &headers, body));
        shown.ok().map(|credential| credential.key)
    };
    for name in ["X-API-KEY", "API-KEY", "RT-UDDOKTAPAY-API-KEY", "mh-piprapay-api-key"] {
        assert_eq!(key(&[(name, &format!(" {KEY} "))], "", b"").as_deref(), Some(KEY));
    }
    assert_eq!(key(&[("x-api-key", ""), ("api-key", "b")], "", b"").as_deref(), Some("b"));
    assert_eq!(key(&[("x-api-key", "a")], "api_key=b", b"").as_deref(), Some("a"));
    assert_eq!(key(&[], "api_key=b", b"").as_deref(), Some("b"));
    assert_eq!(key(&[], "", br#"{"api_key":" b "}"#).as_deref(), Some("b"));
    assert_eq!(key(&[], "", b"{"), None);
    assert_eq!(key(&[], "", b""), None);
    assert_eq!(key(&[("x-api-key", &"k".repeat(257))], "", b""), None);
}

/// See `crate::json`; the key is looked for before it is known who calls.
#[test]
fn a_json_bomb_is_refused() {
    let mut bomb = "1".to_owned();
    while bomb.len() < 100_000 {
        let inner = format!("{}{bomb}{}", "[".repeat(120), "]".repeat(120));
        let text = serde_json::to_string(&inner).unwrap();
        bomb = format!("{{\"$serde_json::private::RawValue\":{text}}}");
    }
    assert_eq!(
        refusal("metadata", &serde_json::to_string(&bomb).unwrap()),
        "Metadata must be in JSON format."
    );
    assert_eq!(refusal("metadata", &bomb), "The request body is not valid JSON.");
    let headers = HeaderMap::new();
    let shown = RupantorPay.credential(&request(CHECKOUT, "", &headers, bomb.as_bytes()));
    assert_eq!(shown, Err(WireError::Unauthenticated));
}
