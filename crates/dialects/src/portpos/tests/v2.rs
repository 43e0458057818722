//! JSON: fields, errors, answers.

use serde_json::json as js;

use super::golden::INVOICE;
use super::*;
use torana_domain::payment::Refusal;
use torana_domain::subscription::{Standing, Subscription, SubscriptionState, Unit};

/// A whole order with something changed.
pub(super) fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut body = js!({
        "order": {"amount": 1200, "currency": "BDT", "redirect_url": "http://www.localhost.test/"},
        "product": {"name": "Duck", "description": "quack quack.."},
        "billing": {"customer": {
            "name": "Test Person", "email": "person@example.com", "phone": "01700000000",
            "address": {"street": "Dhaka", "city": "Dhaka", "state": "Dhaka", "zipcode": "1212", "country": "BD"},
        }},
    });
    change(&mut body);
    body.to_string()
}

pub(super) fn create(body: &str) -> Asked {
    Asked::v2(Method::POST, "/payment/v2/invoice", "/payment/v2/invoice", body)
}

fn changed(path: &str, value: Value) -> Asked {
    create(&with(|body| {
        let mut place = body;
        for name in path.split('.') {
            if place.is_null() {
                *place = js!({});
            }
            place = &mut place[name];
        }
        *place = value;
    }))
}

fn error(shop: &Shop, asked: &Asked) -> (u16, Value) {
    let reply = shop.refuse(asked, &shop.decode(asked).unwrap_err());
    let body = json(&reply);
    assert_eq!(body["result"], "ERROR", "{body}");
    assert!(body["error"]["cause"].is_string() && body["error"]["explanation"].is_string());
    (reply.status.as_u16(), body["error"].clone())
}

#[test]
fn amounts_come_as_numbers_and_texts() {
    let shop = Shop::default();
    for (value, expected) in [
        (js!(100), "100"),
        (js!(100.5), "100.50"),
        (js!("100.00"), "100"),
        (serde_json::from_str("1.2345678E5").unwrap(), "123456.78"),
    ] {
        let call = shop.create(&changed("order.amount", value)).unwrap();
        assert_eq!(call.amount, bdt(expected));
    }
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let shop = Shop::default();
    for (path, value) in [
        ("order.amount", js!(null)),
        ("order.amount", js!(0)),
        ("order.amount", js!(-5)),
        ("order.amount", js!("ten")),
        ("order.amount", js!(1.001)),
        ("order.amount", js!(1_000_000.01)),
        ("order.amount", js!([5])),
        ("order.currency", js!("USD")),
        ("order.currency", js!("taka")),
        ("order.redirect_url", js!("")),
        ("order.redirect_url", js!("javascript:alert(1)")),
        ("order.ipn_url", js!("nowhere")),
        ("order.reference", js!("r".repeat(101))),
        ("order.reference", js!({"a": 1})),
        ("order.validity", js!(59)),
        ("order.validity", js!(31_536_001)),
        ("order.validity", js!("soon")),
        ("product.name", js!("n".repeat(151))),
        ("product.description", js!("")),
        ("billing.customer.name", js!("n".repeat(51))),
        ("billing.customer.email", js!("nobody")),
        ("billing.customer.phone", js!("12345678")),
        ("billing.customer.phone", js!("call me please")),
        ("billing.customer.address.street", js!("")),
        ("billing.customer.address.city", js!(null)),
        ("billing.customer.address.zipcode", js!(null)),
        ("billing.customer.address.country", js!("XX")),
        ("billing.customer.address.country", js!(null)),
        ("billing.source_of_fund", js!({"type": "card", "card": {"number": "4111111111111111"}})),
        ("billing.source", js!({"id": "abc", "category": "card"})),
        ("shipping.customer.address.country", js!("Bangladesh")),
        ("customs", js!("x")),
        ("customs", js!([{"a": ["b"]}])),
        ("emi.tenures", js!("months")),
        ("discount.codes", js!(7)),
    ] {
        let mut asked = changed(path, value.clone());
        if let Some(group @ ("emi" | "discount")) = path.split('.').next() {
            let mut body: Value = serde_json::from_slice(&asked.body).unwrap();
            body[group]["enable"] = 1.into();
            asked = create(&body.to_string());
        }
        let (status, error) = error(&shop, &asked);
        assert_eq!((status, &error["property"]), (400, &path.into()), "{path} {value}");
        assert!(!error.to_string().contains("4111"), "{error}");
    }
}

#[test]
fn what_real_clients_send_is_taken() {
    let shop = Shop::default();
    let body = with(|body| {
        body["order"]["reference"] = 17.into();
        body["order"]["validity"] = "900".into();
        body["order"]["ipn_url"] = Value::Null;
        body["billing"]["customer"]["address"]["zipcode"] = 1212.into();
        body["billing"]["customer"]["address"].as_object_mut().unwrap().remove("state");
        body["billing"]["customer"]["name"] = "Test's Person, Jr.".into();
        body["billing"]["customer"]["phone"] = "+8801700-000000".into();
        body["shipping"] = Value::Null;
        body["discount"] = js!({"enable": 1, "codes": ["Bengal 1"]});
        body["emi"] = js!({"enable": true, "tenures": [3, 6]});
        body["customs"] = js!([{"order_id": "17"}, {"n": 5}]);
        body["unknown"] = js!({"a": [1]});
    });
    let call = shop.create(&create(&body)).unwrap();
    assert_eq!(call.expiry_ms, Some(900_000));
    assert_eq!(call.urls.callback, None);
    let made = payment(call, INVOICE);
    let data = json(&shop.answer(&create(&body), &made))["data"].clone();
    assert_eq!(data["reference"], "17");
    assert_eq!(
        (&data["order"]["has_emi"], &data["order"]["discount_availed"]),
        (&1.into(), &0.into())
    );
    assert_eq!(data["customs"], js!([{"order_id": "17"}, {"n": "5"}]));
    let address = &data["billing"]["customer"]["address"];
    assert_eq!((&address["zipcode"], &address["state"]), (&"1212".into(), &"NA".into()));
    assert_eq!(data["shipping"]["customer"]["address"]["country"], "Bangladesh");
    // A string of JSON that is no object; and no JSON at all.
    for body in ["[]", "\"x\"", "", "{", "amount=5"] {
        assert_eq!(error(&shop, &create(body)).0, 400, "{body}");
    }
}

#[test]
fn a_paid_invoice_tells_who_paid_and_what_went_back() {
    let shop = Shop::default();
    let mut payment = paid(payment(shop.create(&create(&with(|_| {}))).unwrap(), INVOICE));
    payment.order.fee = bdt("27.64");
    payment.refunds = vec![refund(1, "50", RefundState::Done), refund(2, "1", RefundState::Failed)];
    payment.chargebacks = vec![chargeback("1150")];
    let get = Asked::v2(
        Method::GET,
        "/payment/v2/invoice/{id}",
        &format!("/payment/v2/invoice/{INVOICE}"),
        "",
    );
    let reply = shop.answer(&get, &payment);
    assert_eq!(reply.status.as_u16(), 200);
    let data = json(&reply)["data"].clone();
    assert!(data.get("action").is_none() && data.get("customs").is_none());
    assert_eq!(data["billing"]["payer"]["account"], "01711000001");
    assert_eq!(data["billing"]["gateway"]["network"], "bkash");
    assert_eq!(data["billing"]["gateway"]["status"], "APPROVED");
    assert!(data["billing"]["source"]["brand"]["name"].is_null());
    let rows: Vec<_> = data["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["type"].as_str().unwrap(),
                row["amount"].as_str().unwrap(),
                row["status"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "purchase 1200.00 ACCEPTED",
            "fee -27.64 ACCEPTED",
            "refund -50.00 REFUNDED",
            "chargeback -1150.00 CHARGED_BACK",
        ]
    );
}

#[test]
fn a_rejected_invoice_tells_why() {
    let shop = Shop::default();
    let mut payment = payment(shop.create(&create(&with(|_| {}))).unwrap(), INVOICE);
    payment.state = PaymentState::Declined;
    payment.reason = Some("Insufficient funds".into());
    let get = Asked::v2(
        Method::GET,
        "/payment/v2/invoice/{id}",
        &format!("/payment/v2/invoice/{INVOICE}"),
        "",
    );
    let data = json(&shop.answer(&get, &payment))["data"].clone();
    assert_eq!(data["order"]["status"], "REJECTED");
    assert_eq!(data["billing"]["gateway"]["reason"], "Insufficient funds");
    assert_eq!(data["billing"]["gateway"]["status"], "DECLINED");
}

#[test]
fn the_ipn_path_takes_amounts_of_every_kind() {
    let shop = Shop::default();
    for (amount, expected) in
        [("100", "100"), ("99.5", "99.50"), ("1.2345678E5", "123456.78"), ("3394.00", "3394")]
    {
        for slash in ["", "/"] {
            let path = format!("/payment/v2/invoice/ipn/{INVOICE}/{amount}{slash}");
            let asked = Asked::v2(Method::POST, "/payment/v2/invoice/ipn/{id}/{amount}", &path, "");
            let Ok(Call::Find(find)) = shop.decode(&asked) else { panic!("{path}") };
            assert_eq!((find.amount, find.candidates.len()), (Some(bdt(expected)), 1));
        }
    }
    let asked = Asked::v2(
        Method::GET,
        "/payment/v2/invoice/ipn/{id}/{amount}",
        "/payment/v2/invoice/ipn/8/x",
        "",
    );
    assert_eq!(error(&shop, &asked).0, 404);
}

#[test]
fn a_refund_is_answered_both_ways() {
    let shop = Shop::default();
    let path = format!("/payment/v2/invoice/refund/{INVOICE}");
    let ask = |body: &str| Asked::v2(Method::POST, "/payment/v2/invoice/refund/{id}", &path, body);
    let asked = ask(r#"{"refund":{"amount":50.00,"currency":"BDT","reference":"R-1"}}"#);
    let Ok(Call::Refund(call)) = shop.decode(&asked) else { panic!("it is read") };
    assert_eq!(
        (call.amount.as_str(), call.currency.as_deref(), call.reference.as_deref()),
        ("50.00", Some("BDT"), Some("R-1"))
    );
    let mut payment = paid(payment(shop.create(&create(&with(|_| {}))).unwrap(), INVOICE));
    let named = Refund { reference: Some("R-1".into()), ..refund(1, "50", RefundState::Pending) };
    payment.refunds = vec![named, refund(2, "7", RefundState::Pending)];
    payment.state = PaymentState::RefundPending;
    let reply = shop.answer(&asked, &payment);
    let body = json(&reply);
    assert_eq!((reply.status.as_u16(), &body["result"]), (202, &"success".into()));
    assert_eq!(
        body["data"]["refund"],
        js!({"amount": "50.00", "currency": "BDT", "status": "REFUND_PENDING", "reference": "R-1"})
    );
    assert_eq!(body["data"]["order"]["invoice_id"], INVOICE);
    assert_eq!(
        (&body["order"], &body["refund"]),
        (&body["data"]["order"], &body["data"]["refund"])
    );
    for body in ["{}", r#"{"refund":{"amount":"x1e"}}"#, r#"{"refund":{"amount":null}}"#] {
        assert_eq!(error(&shop, &ask(body)).1["property"], "refund.amount", "{body}");
    }
    for (refusal, property) in [
        (Refusal::RefundTooLarge(bdt("19")), js!("refund.amount")),
        (Refusal::NotPositive, js!("refund.amount")),
        (Refusal::RefundReferenceUsed, js!("refund.reference")),
        (Refusal::WrongState(PaymentState::Created), Value::Null),
    ] {
        let reply = shop.refuse(&asked, &WireError::Refused(refusal));
        assert_eq!((reply.status.as_u16(), &json(&reply)["error"]["property"]), (400, &property));
    }
}

#[test]
fn errors_have_the_documented_codes() {
    let shop = Shop::default();
    for (error, status) in [
        (WireError::Unauthenticated, 401),
        (WireError::RateLimited { retry_after_s: 9 }, 429),
        (WireError::Malformed("x"), 400),
        (WireError::NotFound, 404),
        (WireError::MethodNotAllowed, 405),
        (WireError::TooLarge, 413),
        (WireError::Unavailable, 503),
    ] {
        let reply = shop.refuse(&create(""), &error);
        let body = json(&reply);
        assert_eq!((reply.status.as_u16(), &body["result"]), (status, &"ERROR".into()));
        assert!(body["error"]["property"].is_null());
    }
    let elsewhere =
        Asked::v2(Method::PATCH, "/payment/v2/{*rest}", "/payment/v2/invoice/refund/1/2/3", "");
    assert_eq!(shop.decode(&elsewhere), Err(WireError::NotFound));
}

fn recurring(extra: Value) -> Asked {
    let body = with(|body| body["recurring"] = extra);
    Asked::v2(Method::POST, "/payment/v2/recurring", "/payment/v2/recurring", &body)
}

#[test]
fn recurring_terms_are_read() {
    let shop = Shop::default();
    let terms = |extra: Value| match shop.decode(&recurring(extra)) {
        Ok(Call::Subscribe(call)) => *call,
        other => panic!("{other:?}"),
    };
    let plain = terms(js!({"period": {"unit": "half-yearly", "interval": 2}}));
    assert_eq!((plain.terms.period.unit, plain.terms.period.interval), (Unit::HalfYearly, 2));
    assert_eq!((plain.terms.payments, plain.first.amount), (0, bdt("1200")));
    assert_eq!(plain.terms.grace_ms, 3 * 24 * 60 * 60 * 1000);
    let trial = terms(js!({
        "period": {"unit": "monthly", "interval": 1}, "number_of_payment": 12,
        "trial": {"enable": 1, "amount": 5, "period": {"count": 7, "unit": "day"}},
        "offers": {"enable": true, "amount": 600, "number_of_payment": 2},
    }));
    assert_eq!(trial.first.amount, bdt("5"));
    assert_eq!(trial.terms.begins_at, Some(NOW.plus_ms(7 * 24 * 60 * 60 * 1000)));
    assert_eq!(trial.terms.offers.unwrap().amount, bdt("600"));
    let scheduled = terms(js!({
        "period": {"unit": "weekly", "interval": 1},
        "schedule": {"enable": 1, "start": "2030-01-01 00:00:00", "payment_type": "partial", "amount": "100.00"},
    }));
    assert_eq!((scheduled.first.amount, scheduled.terms.amount), (bdt("100"), bdt("1200")));
    assert!(!scheduled.terms.first_is_regular);
    let full = terms(js!({
        "period": {"unit": "weekly", "interval": 1},
        "schedule": {"enable": 1, "start": "2030-01-01 00:00:00"},
        "offers": {"enable": 1, "amount": 600, "number_of_payment": 1},
    }));
    assert_eq!((full.first.amount, full.terms.first_is_regular), (bdt("600"), true));
    for (extra, property) in [
        (js!({"period": {"unit": "hourly", "interval": 1}}), "recurring.period.unit"),
        (js!({"period": {"unit": "daily"}}), "recurring.period.interval"),
        (js!({"period": {"unit": "daily", "interval": 0}}), "recurring.period.interval"),
        (
            js!({"period": {"unit": "daily", "interval": 1, "prorated": true}}),
            "recurring.period.interval",
        ),
        (
            js!({"period": {"unit": "daily", "interval": 1}, "number_of_payment": -1}),
            "recurring.number_of_payment",
        ),
        (
            js!({"period": {"unit": "yearly", "interval": 999}, "number_of_payment": 999_999}),
            "recurring.period",
        ),
        (
            js!({"period": {"unit": "daily", "interval": 1}, "trial": {"enable": 1}}),
            "recurring.trial.amount",
        ),
        (
            js!({"period": {"unit": "daily", "interval": 1}, "schedule": {"enable": 1, "start": "2000-01-01 00:00:00"}}),
            "recurring.schedule.start",
        ),
        (
            js!({"period": {"unit": "daily", "prorated": true}, "trial": {"enable": 1, "amount": 5, "period_end": 600}}),
            "recurring.period.prorated",
        ),
        (js!(null), "recurring"),
    ] {
        assert_eq!(error(&shop, &recurring(extra)).1["property"], property);
    }
}

#[test]
fn a_subscription_is_told_flat_and_nested() {
    let shop = Shop::default();
    let asked =
        recurring(js!({"period": {"unit": "monthly", "interval": 1}, "number_of_payment": 3}));
    let Ok(Call::Subscribe(call)) = shop.decode(&asked) else { panic!("it is read") };
    let first = paid(payment(call.first, INVOICE));
    let expires = first.order.expires_at;
    let mut subscription = Subscription::start(first.id, call.terms, NOW, expires).unwrap();
    let payments = [first];
    let standing = Standing { has_begun: true, paid: 1, ..Standing::default() };
    let get = Asked::v2(
        Method::GET,
        "/payment/v2/recurring/{id}",
        &format!("/payment/v2/recurring/R{INVOICE}"),
        "",
    );
    let tell = |subscription: &Subscription| {
        let subscribed = Subscribed { subscription, payments: &payments, standing };
        let reply = PortPos.subscription(&get.request(), &shop.caller(), &subscribed);
        assert_eq!(reply.status.as_u16(), 200);
        let body = json(&reply);
        assert_eq!(body["id"], body["data"]["id"], "one SDK looks at the top");
        body["data"].clone()
    };
    let data = tell(&subscription);
    assert_eq!((&data["id"], &data["status"]), (&format!("R{INVOICE}").into(), &"ACTIVE".into()));
    assert_eq!(
        data["payment"],
        js!({"amount": 1200, "currency": "BDT", "total": 3, "applied": 1, "left": 2})
    );
    assert_eq!(
        (&data["history"][0]["invoice_id"], &data["history"][0]["status"]),
        (&INVOICE.into(), &"ACCEPTED".into())
    );
    assert_eq!(data["recurring"]["id"], data["id"]);
    // A typed client throws on null.
    for (name, is) in [
        ("ended_at", data["ended_at"].is_string()),
        ("next_payment", data["next_payment"].is_object()),
        ("source", data["source"].is_object()),
    ] {
        assert!(is, "{name}");
    }
    for (state, word) in [
        (SubscriptionState::Ending, "ACTIVE"),
        (SubscriptionState::Cancelled, "CANCELLED"),
        (SubscriptionState::Completed, "COMPLETED"),
        (SubscriptionState::Lapsed, "EXPIRED"),
    ] {
        subscription.state = state;
        assert_eq!(tell(&subscription)["status"], word);
    }
    subscription.terms.payments = 0;
    assert_eq!(tell(&subscription)["ended_at"], "");
    let cancel = Asked::v2(
        Method::PUT,
        "/payment/v2/recurring/cancel/{id}",
        &format!("/payment/v2/recurring/cancel/R{INVOICE}"),
        "{}",
    );
    let subscribed = Subscribed { subscription: &subscription, payments: &payments, standing };
    let reply = PortPos.subscription(&cancel.request(), &shop.caller(), &subscribed);
    let data = js!({"id": format!("R{INVOICE}"), "message": "Recurring Cancel request accepted."});
    assert_eq!(json(&reply)["data"], data);
}
