//! Forms: limits, encodings, states.

use super::golden::INVOICE;
use super::*;
use crate::Candidate;

pub(super) const GEN_INVOICE: [(&str, &str); 14] = [
    ("call", "gen_invoice"),
    ("amount", "500.00"),
    ("currency", "BDT"),
    ("product_name", "Polo T-shirt"),
    ("product_description", "1x Polo T-shirt with shipping and handling"),
    ("name", "Robbie Amell"),
    ("email", "robbie@example.com"),
    ("phone", "+880123456789"),
    ("address", "House 1, Road1, Gulshan 1"),
    ("city", "Dhaka"),
    ("state", "Dhaka"),
    ("zipcode", "1212"),
    ("country", "BD"),
    ("redirect_url", "http://www.yoursite.com?order_id=7"),
];

/// The seed's example with other values.
pub(super) fn gen_invoice(other: &[(&str, &str)]) -> Asked {
    let kept = GEN_INVOICE.iter().filter(|(name, _)| other.iter().all(|(it, _)| it != name));
    let pairs: Vec<_> = kept.chain(other).copied().collect();
    Asked::form(&pairs)
}

fn made(shop: &Shop) -> Payment {
    payment(shop.create(&gen_invoice(&[])).unwrap(), INVOICE)
}

#[test]
fn every_limit_of_the_seed_is_held() {
    let shop = Shop::default();
    for (field, longest) in [
        ("product_name", 150),
        ("product_description", 300),
        ("name", 50),
        ("email", 50),
        ("phone", 15),
        ("address", 200),
        ("city", 50),
        ("state", 50),
        ("ship_to_name", 50),
        ("ship_to_email", 50),
        ("ship_to_phone", 15),
        ("ship_to_address", 200),
        ("ship_to_city", 50),
        ("ship_to_state", 50),
        ("ship_to_zipcode", 8),
    ] {
        // Characters are counted, not bytes.
        assert!(shop.create(&gen_invoice(&[(field, &"ক".repeat(longest))])).is_ok(), "{field}");
        let answer = shop.refusal(&gen_invoice(&[(field, &"ক".repeat(longest + 1))]));
        assert_eq!(answer["status"], 400, "{field}");
        let message = format!("{field} must be at most {longest} characters long");
        assert_eq!(answer["message"], serde_json::json!({field: message}));
        assert_eq!(answer["data"]["currency"], "BDT");
    }
    let long = format!("https://shop.example/{}", "a".repeat(240));
    assert_eq!(shop.refusal(&gen_invoice(&[("ipn_url", &long)]))["status"], 400);
}

#[test]
fn amounts_currencies_countries_and_addresses_must_make_sense() {
    let shop = Shop::default();
    for (field, value, message) in [
        ("amount", "9.99", "amount must be at least 10.00"),
        ("amount", "100000000", "amount must have at most 8 digits"),
        ("amount", "10.001", "amount must have at most 2 decimals"),
        ("amount", "ten", "amount must be a number such as 500.00"),
        ("amount", "", "amount must be a number such as 500.00"),
        ("amount", "-50", "amount must be a number such as 500.00"),
        ("amount", "2000000", "amount must be at most 1000000.00"),
        ("currency", "USD", "currency must be BDT"),
        ("currency", "", "currency must be BDT"),
        ("country", "XX", "country must be an ISO country code of 2 or 3 letters"),
        ("country", "BANGLADESH", "country must be at most 3 characters long"),
        ("ship_to_country", "ZZZ", "ship_to_country must be an ISO country code of 2 or 3 letters"),
    ] {
        let answer = shop.refusal(&gen_invoice(&[(field, value)]));
        assert_eq!(answer["message"], serde_json::json!({field: message}), "{field}={value}");
    }
    for (field, value) in
        [("redirect_url", "javascript:alert(1)"), ("ipn_url", "nowhere"), ("redirect_url", "")]
    {
        let answer = shop.refusal(&gen_invoice(&[(field, value)]));
        assert!(answer["message"][field].as_str().unwrap().starts_with(field), "{answer}");
    }
    for (field, value) in [
        ("amount", "10"),
        ("amount", "1e2"),
        ("country", "bgd"),
        ("country", "GBR"),
        ("ipn_url", ""),
    ] {
        assert!(shop.create(&gen_invoice(&[(field, value)])).is_ok(), "{field}={value}");
    }
}

#[test]
fn several_flaws_come_in_the_order_of_the_table() {
    let answer = Shop::default().refusal(&Asked::form(&[
        ("call", "gen_invoice"),
        ("country", "XX"),
        ("amount", "1"),
    ]));
    let named: Vec<_> = answer["message"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "amount",
        "currency",
        "product_name",
        "product_description",
        "name",
        "email",
        "phone",
        "address",
        "city",
        "state",
        "zipcode",
        "country",
        "redirect_url",
    ];
    assert_eq!(named, expected);
    assert_eq!(answer["data"]["country"], "XX", "what is wrong is echoed");
    assert!(answer["data"].get("email").is_none(), "what is missing is not");
}

#[test]
fn multipart_is_read_and_unknown_fields_are_ignored() {
    let shop = Shop::default();
    let mut body = String::new();
    let extra = [("user_id", "5"), ("package_id", "7")];
    for (name, value) in GEN_INVOICE.iter().chain(&extra) {
        body +=
            &format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    let whole = Asked { body: format!("{body}--X--\r\n").into_bytes(), ..Asked::form(&[]) };
    let kind = "multipart/form-data; boundary=X";
    let call = shop.create(&whole.header("content-type", kind)).unwrap();
    assert_eq!(call, shop.create(&gen_invoice(&[])).unwrap());

    let cut_off =
        Asked { body: body.into_bytes(), ..Asked::form(&[]) }.header("content-type", kind);
    let answer = shop.refusal(&cut_off);
    assert_eq!((&answer["status"], answer["message"].is_string()), (&400.into(), true));
    let credential = PortPos.credential(&cut_off.request());
    assert!(
        matches!(credential, Err(WireError::Malformed(_))),
        "no key is guessed from half a body"
    );
}

#[test]
fn calls_are_dispatched() {
    let shop = Shop::default();
    let number = super::super::ids::number(INVOICE).unwrap();
    let candidates = vec![Candidate::Number(number)];
    let ask = |call: &str, amount: &str| {
        shop.decode(&Asked::form(&[("call", call), ("invoice", INVOICE), ("amount", amount)]))
    };
    match ask("ipn_validate", "500.0") {
        Ok(Call::Find(find)) => {
            assert_eq!((find.candidates, find.amount), (candidates.clone(), Some(bdt("500"))));
        }
        other => panic!("{other:?}"),
    }
    match ask("get_invoice", "") {
        Ok(Call::Find(find)) => {
            assert_eq!((find.candidates, find.amount), (candidates.clone(), None))
        }
        other => panic!("{other:?}"),
    }
    match ask("refund_request", "1.05e1") {
        Ok(Call::Refund(call)) => {
            assert_eq!((call.candidates, call.amount.as_str()), (candidates, "10.5"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(ask("ipn_validate", "x"), Err(WireError::NotFound), "no amount is not its amount");
    assert_eq!(
        ask("refund_request", "1e"),
        Err(WireError::invalid("amount", "amount must be a number such as 500.00"))
    );
    let answer = shop.refusal(&Asked::form(&[("call", "pay_me")]));
    assert_eq!(answer, serde_json::json!({"status": 400, "message": "Invalid Request"}));
}

#[test]
fn every_state_has_its_number() {
    let shop = Shop::default();
    let get = Asked::form(&[("call", "get_invoice"), ("invoice", INVOICE)]);
    for (state, number, word) in [
        (PaymentState::Created, 100, Value::Null),
        (PaymentState::Pending, 100, Value::Null),
        (PaymentState::Unknown, 100, Value::Null),
        (PaymentState::Authorised, 100, Value::Null),
        (PaymentState::Cancelled, 120, "CANCELLED".into()),
        (PaymentState::Expired, 130, "EXPIRED".into()),
        (PaymentState::Declined, 300, "REJECTED".into()),
        (PaymentState::Succeeded, 200, "ACCEPTED".into()),
        (PaymentState::RefundPending, 210, "REFUND_PENDING".into()),
        (PaymentState::RefundProcessing, 215, "REFUND_PROCESSING".into()),
        (PaymentState::Refunded, 220, "REFUNDED".into()),
        (PaymentState::PartiallyRefunded, 230, "PARTIALLY_REFUNDED".into()),
        (PaymentState::ChargedBack, 240, "CHARGED_BACK".into()),
    ] {
        let payment = made(&shop);
        let mut payment = if state.is_paid() { paid(payment) } else { payment };
        payment.state = state;
        let answer = json(&shop.answer(&get, &payment));
        assert_eq!((&answer["status"], &answer["data"]["status"]), (&number.into(), &word));
        let count = if number == 100 { 25 } else { 26 };
        assert_eq!(answer["data"].as_object().unwrap().len(), count, "{word}");
        let reference = if state.is_paid() { "DKP1ABC2DE" } else { "" };
        assert_eq!(answer["data"]["gateway_txn_id"], reference);
    }
    let shop = Shop::with(|switches| switches.expired_number = 125);
    let expired = Payment { state: PaymentState::Expired, ..made(&shop) };
    assert_eq!(json(&shop.answer(&get, &expired))["status"], 125);
}

#[test]
fn a_wallet_payment_tells_what_a_wallet_knows() {
    let shop = Shop::with(|switches| switches.later_fields = true);
    let get = Asked::form(&[("call", "get_invoice"), ("invoice", INVOICE)]);
    let data = json(&shop.answer(&get, &paid(made(&shop))))["data"].clone();
    for (field, value) in [
        ("payer_account", "01711000001"),
        ("payer_name", ""),
        ("ip_address", "192.0.2.39"),
        ("user_agent", "Mozilla/5.0 (Linux)"),
        ("gateway_name", "bKash"),
        ("gateway_url", "https://www.bkash.com"),
        ("gateway_category", "mfs"),
        ("gateway_network", "bkash"),
        ("reason", ""),
        ("amount", "500.00"),
        ("buyer_name", "Robbie Amell"),
    ] {
        assert_eq!(data[field], value, "{field}");
    }
    for field in ["issuer_name", "card_brand", "card_type", "issuer_country", "issuer"] {
        assert!(data[field].is_null(), "{field}");
    }
    assert_eq!(data.as_object().unwrap().len(), 29);
}

#[test]
fn a_refund_answers_with_its_own_state() {
    let shop = Shop::default();
    let ask = Asked::form(&[("call", "refund_request"), ("invoice", INVOICE), ("amount", "10")]);
    let mut payment = paid(made(&shop));
    payment.refunds =
        vec![refund(1, "10", RefundState::Done), refund(2, "10", RefundState::Pending)];
    payment.state = PaymentState::RefundPending;
    let answer = json(&shop.answer(&ask, &payment));
    assert_eq!(
        (&answer["status"], &answer["data"]["status"]),
        (&210.into(), &"REFUND_PENDING".into())
    );
    assert_eq!(answer["data"]["amount"], "500.00", "the invoice's amount");
    let unpaid =
        WireError::Refused(torana_domain::payment::Refusal::WrongState(PaymentState::Created));
    let answer = json(&shop.refuse(&ask, &unpaid));
    assert_eq!(answer["status"], 400);
    assert!(answer["message"].as_str().unwrap().contains("not paid"));
}

#[test]
fn the_payer_goes_back_with_five_parameters_after_the_merchants() {
    let shop = Shop::default();
    let back = PortPos.return_url(&paid(made(&shop)), &shop.switches);
    assert_eq!(
        back,
        format!(
            "http://www.yoursite.com/?order_id=7&invoice={INVOICE}&status=ACCEPTED&amount=500.00&currency=BDT&transaction_id=DKP1ABC2DE"
        )
    );
    let open = PortPos.return_url(&made(&shop), &shop.switches);
    assert!(open.contains("status=PENDING") && open.ends_with("transaction_id="), "{open}");
}

#[test]
fn the_ipn_is_a_form_on_success_failure_and_refund_only() {
    use torana_domain::payment::{Event, EventKind};
    let shop = Shop::default();
    let call = shop.create(&gen_invoice(&[("ipn_url", "https://shop.example/ipn?key=1")])).unwrap();
    let payment = paid(payment(call, INVOICE));
    let told = |shop: &Shop, kind: EventKind| {
        PortPos.callback(&payment, &Event { at: NOW, kind }, &shop.switches)
    };
    let success = told(&shop, EventKind::Succeeded { late: false, by_hand: None }).unwrap();
    assert_eq!(success.url, "https://shop.example/ipn?key=1");
    assert_eq!(success.content_type, "application/x-www-form-urlencoded");
    let expected = format!(
        "invoice={INVOICE}&status=ACCEPTED&amount=500.00&currency=BDT&transaction_id=DKP1ABC2DE"
    );
    assert_eq!(String::from_utf8(success.body).unwrap(), expected);
    let all = Shop::with(|switches| {
        switches.ipn_refund_steps = true;
        switches.ipn_chargebacks = true;
    });
    for (kind, by_default, by_switch) in [
        (EventKind::Declined { reason: String::new() }, true, true),
        (EventKind::RefundDone { number: 1 }, true, true),
        (EventKind::RefundRequested { number: 1 }, false, true),
        (EventKind::RefundProcessing { number: 1 }, false, true),
        (EventKind::RefundFailed { number: 1 }, false, true),
        (EventKind::ChargebackOpened { number: 1 }, false, true),
        (EventKind::ChargebackWon { number: 1 }, false, true),
        (EventKind::ChargebackLost { number: 1 }, false, true),
        (EventKind::Cancelled { by_payer: true }, false, false),
        (EventKind::Expired, false, false),
        (EventKind::Created, false, false),
    ] {
        assert_eq!(told(&shop, kind.clone()).is_some(), by_default, "{kind:?}");
        assert_eq!(told(&all, kind.clone()).is_some(), by_switch, "{kind:?}");
    }
}
