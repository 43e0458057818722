//! Flows of real clients (provider §11.8), as they were read in public code.

use torana_domain::payment::{Event, EventKind};

use super::*;

const SUCCEEDED: EventKind = EventKind::Succeeded { late: false, by_hand: None };

fn form_callback(shop: &Shop, payment: &Payment) -> Vec<(String, String)> {
    let event = Event { at: NOW, kind: SUCCEEDED };
    let callback = RupantorPay.callback(payment, &event, &shop.switches).unwrap();
    form_urlencoded::parse(&callback.body).into_owned().collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn query_of(url: &str) -> Vec<(String, String)> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// One route for redirect and callback, which reads `transaction_id` only; `status == 1` in PHP.
#[test]
fn smm_matrix() {
    let shop = Shop::default();
    let body = r#"{"fullname":"user1","email":"user1@a.example","amount":20.00,"metadata":{"txnid":"x1"},
        "success_url":"https:\/\/a.example\/ipn","cancel_url":"https:\/\/a.example\/add","webhook_url":"https:\/\/a.example\/ipn"}"#;
    let call = shop.create(body).unwrap();
    assert_eq!(shop.created(&call)["status"], true);
    let payment = paid(payment(call), "bkash", "CJO1234567");
    assert_eq!(value(&query_of(&shop.return_url(&payment)), "transaction_id"), Some(SEED_ID));
    assert_eq!(value(&form_callback(&shop, &payment), "transaction_id"), Some(SEED_ID));
    let verify = format!("{{\"transaction_id\":\"{SEED_ID}\"}}");
    let call = shop.post(VERIFY, "application/json", verify.as_bytes());
    assert_eq!(call, Ok(find(vec![Candidate::Number(seed_number())])));
    let reply = shop.verify(&payment);
    assert_eq!(
        (&reply["status"], &reply["metadata"]["txnid"]),
        (&"COMPLETED".into(), &"x1".into())
    );
}

/// Its order number is the name; it demands keys and equality, and reads the callback as a form.
#[test]
fn komerza() {
    let shop = Shop::default();
    let body = r#"{"fullname":"order_9f3c-ABC","email":"Buyer@A.example","amount":"99","webhook_url":"https://a.example/w",
        "success_url":"https://a.example/s","cancel_url":"https://a.example/c"}"#;
    let call = shop.create(body).unwrap();
    assert!(shop.created(&call)["payment_url"].is_string());
    let unpaid = payment(call);
    for payment in [&unpaid, &paid(unpaid.clone(), "bkash", "CJO1234567")] {
        let reply = shop.verify(payment);
        for key in ["status", "fullname", "email", "amount", "payment_method", "transaction_id"] {
            assert!(reply.get(key).is_some(), "{key}");
        }
        assert_eq!(reply["fullname"], "order_9f3c-ABC");
        assert_eq!(reply["email"], "Buyer@A.example");
        assert_eq!(reply["amount"], "99.000");
    }
    let form = form_callback(&shop, &paid(unpaid, "bkash", "CJO1234567"));
    assert_eq!(value(&form, "transactionId"), Some(SEED_ID));
    assert_eq!(value(&form, "paymentMethod"), Some("bkash"));
    assert_eq!(value(&form, "paymentAmount"), Some("99"));
    assert_eq!(value(&form, "paymentFee"), Some("0"));
    assert_eq!(value(&form, "status").map(str::to_uppercase).as_deref(), Some("COMPLETED"));
}

/// Metadata must come back as an object, even if it was sent as a text; `status === 'COMPLETED'`; odd headers.
#[test]
fn easy_education() {
    let shop = Shop::with(|switches| switches.callback_json = true);
    let body = r#"{"fullname":"A","email":"a@b.example","amount":"500","metadata":"{\"userId\":\"u1\",\"courses\":[1,2]}",
        "success_url":"https://a.example/payment-success?step=2&x=y","cancel_url":"https://a.example/c",
        "webhook_url":"https://a.example/api/w","return_type":"GET","tran_id":"t1"}"#;
    let headers = headers(&[
        ("content-type", "application/json"),
        ("x-api-key", KEY),
        ("x-client", "Aff tour"),
        ("x-test-mode", "true"),
        ("x-device-key", "k"),
    ]);
    let request = request(CHECKOUT, "", &headers, body.as_bytes());
    assert_eq!(RupantorPay.credential(&request), Ok(Credential::key(KEY.into())));
    let Ok(Call::Create(call)) = RupantorPay.decode(&request, &shop.caller()) else { panic!() };
    let payment = paid(payment(*call), "nagad", "74ABCDEF");
    let reply = shop.verify(&payment);
    assert_eq!(
        (&reply["metadata"]["userId"], &reply["status"]),
        (&"u1".into(), &"COMPLETED".into())
    );
    let query = query_of(&shop.return_url(&payment));
    assert_eq!((value(&query, "step"), value(&query, "x")), (Some("2"), Some("y")));
    assert_eq!(value(&query, "transactionId"), Some(SEED_ID));
    let event = Event { at: NOW, kind: SUCCEEDED };
    let callback = RupantorPay.callback(&payment, &event, &shop.switches).unwrap();
    let body: Value = serde_json::from_slice(&callback.body).unwrap();
    assert_eq!((&body["status"], &body["metadata"]["userId"]), (&"COMPLETED".into(), &"u1".into()));
}

/// Neither name nor e-mail, a query in each URL, form-encoded.
#[test]
fn ssc94() {
    let shop = Shop::default();
    let body = b"amount=1200&success_url=https%3A%2F%2Fa.example%2Fpay%3Fpayment%3Dsuccess%26orderId%3D%7Btransaction_id%7D\
        &cancel_url=https%3A%2F%2Fa.example%2Fpay%3Fpayment%3Dcancel&webhook_url=&metadata%5Bmember%5D=12";
    let Ok(Call::Create(call)) = shop.post(CHECKOUT, "application/x-www-form-urlencoded", body)
    else {
        panic!()
    };
    assert_eq!(call.metadata.as_deref(), Some(r#"{"member":"12"}"#));
    let url = shop.return_url(&paid(payment(*call), "bkash", "CJO1234567"));
    let start =
        format!("https://a.example/pay?payment=success&orderId={SEED_ID}&transactionId={SEED_ID}&");
    assert!(url.starts_with(&start), "{url}");
}

/// PHP's cURL with an array of fields sends multipart.
#[test]
fn php_curl_with_an_array() {
    let part = |name: &str, value: &str| {
        format!(
            "--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
    };
    let body = [
        part("amount", "15.50"),
        part("success_url", "https://a.example/s"),
        part("cancel_url", "https://a.example/c"),
        part("metadata[id]", "7"),
        "--------------------------d74496d66958873e--\r\n".to_owned(),
    ];
    let kind = "multipart/form-data; boundary=------------------------d74496d66958873e";
    let Ok(Call::Create(call)) = Shop::default().post(CHECKOUT, kind, body.concat().as_bytes())
    else {
        panic!()
    };
    assert_eq!((call.amount, call.metadata.as_deref()), (bdt("15.5"), Some(r#"{"id":"7"}"#)));
}

#[test]
fn strict_tests_of_the_status() {
    let body = r#"{"amount":1,"success_url":"a.example","cancel_url":"a.example"}"#;
    let shop = Shop::default();
    assert_eq!(shop.created(&shop.create(body).unwrap())["status"], Value::Bool(true));
    let shop = Shop::with(|switches| switches.status_number = true);
    assert_eq!(shop.created(&shop.create(body).unwrap())["status"], Value::from(1));
}
