//! Every state in the provider's words, and who is told of what.

use torana_domain::payment::{Event, EventKind};

use super::*;

fn ordered() -> Payment {
    let body = r#"{"amount":"100.5","success_url":"https://a.example/s?order=1#top",
        "cancel_url":"https://a.example/c/{transaction_id}","webhook_url":"https://a.example/w?t=%7BtransactionId%7D"}"#;
    payment(Shop::default().create(body).unwrap())
}

fn in_state(state: PaymentState) -> Payment {
    let payment = if state.is_paid() { paid(ordered(), "nagad", "71ABCDEF") } else { ordered() };
    Payment { state, ..payment }
}

#[test]
fn each_state_has_its_word_and_its_page() {
    let shop = Shop::default();
    let live = Shop::with(|switches| switches.redirect_status_lowercase = true);
    for (state, word, lower, page) in [
        (PaymentState::Created, "PENDING", "pending", "/c/"),
        (PaymentState::Pending, "PENDING", "pending", "/s?"),
        (PaymentState::Unknown, "PENDING", "pending", "/s?"),
        (PaymentState::Authorised, "PENDING", "pending", "/s?"),
        (PaymentState::Succeeded, "COMPLETED", "completed", "/s?"),
        (PaymentState::RefundPending, "COMPLETED", "completed", "/s?"),
        (PaymentState::RefundProcessing, "COMPLETED", "completed", "/s?"),
        (PaymentState::PartiallyRefunded, "COMPLETED", "completed", "/s?"),
        (PaymentState::Refunded, "ERROR", "failed", "/c/"),
        (PaymentState::Declined, "ERROR", "failed", "/c/"),
        (PaymentState::Cancelled, "ERROR", "failed", "/c/"),
        (PaymentState::Expired, "ERROR", "failed", "/c/"),
    ] {
        let payment = in_state(state);
        assert_eq!(shop.verify(&payment)["status"], word, "{state:?}");
        for (shop, word) in [(&shop, word), (&live, lower)] {
            let url = shop.return_url(&payment);
            assert!(url.contains(page) && url.contains(&format!("&status={word}&")), "{url}");
        }
    }
}

#[test]
fn the_redirect_keeps_the_merchants_address() {
    let shop = Shop::default();
    assert_eq!(
        shop.return_url(&in_state(PaymentState::Succeeded)),
        "https://a.example/s?order=1&transactionId=OVKPXW165414&paymentMethod=nagad&paymentAmount=100.5\
            &paymentFee=0&currency=BDT&status=COMPLETED&transaction_id=OVKPXW165414#top"
    );
    assert_eq!(
        shop.return_url(&in_state(PaymentState::Cancelled)),
        "https://a.example/c/OVKPXW165414?transactionId=OVKPXW165414&paymentMethod=undetected\
            &paymentAmount=100.5&paymentFee=0&currency=BDT&status=ERROR&transaction_id=OVKPXW165414"
    );
    let mut without = in_state(PaymentState::Succeeded);
    without.order.urls.success.clear();
    assert_eq!(shop.return_url(&without), "");
}

#[test]
fn amounts_tell_what_was_paid_and_its_fee() {
    let mut payment = in_state(PaymentState::Succeeded);
    (payment.order.fee, payment.order.due) = (bdt("1.5"), bdt("102"));
    payment.paid.as_mut().unwrap().applied = bdt("102");
    let shop = Shop::default();
    assert!(shop.return_url(&payment).contains("&paymentAmount=102&paymentFee=1.5&"));
    assert_eq!(shop.verify(&payment)["amount"], "100.500");
}

#[test]
fn a_claim_is_not_shown_as_the_banks_word() {
    let body = Shop::default().verify(&claimed(ordered(), "bkash", "FORGED1234"));
    assert_eq!(body["status"], "PENDING");
    assert_eq!(body["payment_method"], "bkash");
    assert_eq!(body["trx_id"], Value::Null);
}

fn kinds() -> [EventKind; 12] {
    let text = || "71ABCDEF".to_owned();
    [
        EventKind::Created,
        EventKind::Claimed { reference: text() },
        EventKind::Succeeded { late: false, by_hand: None },
        EventKind::Succeeded { late: true, by_hand: Some(text()) },
        EventKind::Declined { reason: text() },
        EventKind::Cancelled { by_payer: true },
        EventKind::Expired,
        EventKind::Doubted { reason: text() },
        EventKind::RefundRequested { number: 1 },
        EventKind::RefundProcessing { number: 1 },
        EventKind::RefundDone { number: 1 },
        EventKind::RefundFailed { number: 1 },
    ]
}

/// The status told of each kind of event that is told of.
fn told(shop: &Shop, payment: &Payment) -> Vec<(EventKind, String)> {
    kinds()
        .into_iter()
        .filter_map(|kind| {
            let event = Event { at: NOW, kind };
            let callback = RupantorPay.callback(payment, &event, &shop.switches)?;
            assert_eq!(callback.url, "https://a.example/w?t=OVKPXW165414");
            let pairs = form_urlencoded::parse(&callback.body);
            let status = pairs.into_owned().find(|(name, _)| name == "status");
            Some((event.kind, status.unwrap().1))
        })
        .collect()
}

#[test]
fn only_success_is_told() {
    let paid = in_state(PaymentState::Succeeded);
    let expected: Vec<_> =
        kinds()[2..4].iter().map(|kind| (kind.clone(), "COMPLETED".to_owned())).collect();
    assert_eq!(told(&Shop::default(), &paid), expected);
    let lower = Shop::with(|switches| switches.callback_status_lowercase = true);
    assert!(told(&lower, &paid).iter().all(|(_, status)| status == "completed"));
    let mut silent = paid;
    silent.order.urls.callback = None;
    assert_eq!(told(&Shop::default(), &silent), []);
}

#[test]
fn a_first_claim_is_told_by_switch_unless_it_was_paid_at_once() {
    let shop = Shop::with(|switches| switches.callback_pending = true);
    let pending =
        |payment: &Payment| told(&shop, payment).iter().any(|(_, status)| status == "PENDING");
    let first = claimed(ordered(), "nagad", "71ABCDEF");
    assert!(pending(&first));
    assert!(!told(&Shop::default(), &first).iter().any(|(_, status)| status == "PENDING"));
    assert!(!pending(&claimed(claimed(ordered(), "bkash", "CJOTHERONE"), "nagad", "71ABCDEF")));
    assert!(!pending(&in_state(PaymentState::Succeeded)));
    assert!(!pending(&Payment { state: PaymentState::Expired, ..first }));
}
