//! The seeds' own JSON, byte for byte once written compactly. Substituted are only identifiers and times, which ours cannot
//! equal: fractions of a second beyond milliseconds, the zero UUID and the year 1 of a slip; and the host of links.

use super::*;
use crate::Candidate;

/// The seed's pretty JSON as a server writes it, with the digits of numbers kept, after substitutions.
fn compact(pretty: &str, substitutions: &[(&str, &str)]) -> String {
    let value = crate::json::parse(pretty.as_bytes()).unwrap();
    substitutions.iter().fold(value.to_string(), |text, (theirs, ours)| {
        assert!(text.contains(theirs), "{theirs} in {text}");
        text.replace(theirs, ours)
    })
}

const CREATED: &str = "2026-09-21T14:13:20.05";
const ASKED: &str = "2026-09-21T14:13:20.12Z";
const PAID: &str = "2026-09-21T14:14:20.12";
const TOLD: &str = "2026-09-21T14:14:21.12Z";

fn id(payment: &Payment) -> String {
    RumbaPay.public_id(payment.id)
}

fn made(shop: &Shop, body: &str, fee: i64) -> Payment {
    payment(shop.create(body).unwrap(), fee)
}

#[test]
fn requests_are_read_as_they_are() {
    let shop = Shop::default();
    for (seed, reference, name, phone, callback) in [
        (UPI_HPP, "334545", "Darth Skywalker Vader", "913324627351", true),
        (UPI_H2H, "334545", "Darth Skywalker Vader", "913324627351", true),
        (EPAY_HPP, "EpayHPPTestTransaction1", "João Pereira Silva", "+5511987654321", false),
        // The middle name has a wrong key in this sample.
        (EPAY_H2H, "EpayH2HTestTransaction1", "João Silva", "+5511987654321", false),
    ] {
        let call = shop.create(seed).unwrap();
        assert_eq!(call.key, Some(format!("payment/{reference}")));
        assert_eq!(
            (call.customer.name.as_str(), call.customer.phone.as_deref()),
            (name, Some(phone))
        );
        let urls = &call.urls;
        assert_eq!(urls.callback.is_some(), callback);
        assert_eq!(urls.success, if callback { "https://google.com" } else { "" });
        assert_eq!(urls.cancel, "", "a placeholder");
        let extra = r#"[{"key_1":"value"},{"key_2":"value"},{"key_3":"value"},{"key_4":"value"}]"#;
        assert_eq!(call.metadata.as_deref(), Some(extra));
        assert_eq!(call.expiry_ms, None);
        let made = payment(call, 0);
        assert!(RumbaPay.item(&made).is_some());
        let language = RumbaPay.language(&made);
        let locale = match seed {
            UPI_HPP => Some("en"),
            EPAY_HPP => Some("bg"),
            _ => None,
        };
        assert_eq!(language.as_deref(), locale);
    }
}

#[test]
fn upi_hpp_is_answered_as_in_the_seed() {
    let shop = Shop::default();
    let made = made(&shop, UPI_HPP, 1_500);
    let id = id(&made);
    let seed = compact(
        include_str!("../fixtures/seed-upi-hpp-reply.json"),
        &[
            ("00000000-0000-0000-0000-000000000000", &id),
            ("2025-07-09T09:40:07.1651713Z", "2026-09-21T14:13:20.05Z"),
            ("0001-01-01T00:00:00", CREATED),
            ("https://pamir.checkout.transactica.net", "https://pay.example"),
            ("f34a9b6a-60b4-412e-81c0-564dae0a48f0", &id),
            ("2025-07-09T09:40:07.5460702Z", ASKED),
        ],
    );
    let reply = shop.answer(&Asked::post(UPI_HPP), &made);
    assert_eq!((reply.status.as_u16(), text(&reply)), (200, seed.as_str()));
}

#[test]
fn upi_h2h_is_answered_as_in_the_seed() {
    const LINK: &str = "upi://pay?mode=04&cu=INR&pa=sinauratek4@suryoday&pn=sinauratek_software_solutions_Pvt_Ltd_1&am=200&mam=200&tid=SUR61914517E3E84F5B900EE8D11BB29B29&tr=P2507091516031510800705062&mc=7399";
    let mut shop = Shop::default();
    shop.rails.link = Some(LINK.to_owned());
    let body = changed(UPI_H2H, |body| {
        body["reference"] = "cdc12073-3744-4c0a-b24f-7c8e159896c1".into();
    });
    let made = made(&shop, &body, 1_500);
    let seed = compact(
        include_str!("../fixtures/seed-upi-h2h-reply.json"),
        &[
            ("a98aefb2-d2a6-48de-ab48-b69989b56b32", &id(&made)),
            ("2025-07-09T09:46:10.687258Z", "2026-09-21T14:13:20.05Z"),
            ("2025-07-09T09:45:52.851", CREATED),
            ("2025-07-09T09:46:10.9131264Z", ASKED),
        ],
    );
    assert_eq!(text(&shop.answer(&Asked::post(&body), &made)), seed);
}

#[test]
fn epay_is_answered_as_in_the_seed() {
    let shop = Shop::default();
    let mut made = made(&shop, EPAY_HPP, 20);
    // The payer bears the fee.
    made.order.due = made.order.amount.checked_add(made.order.fee).unwrap();
    let id = id(&made);
    let seed = compact(
        include_str!("../fixtures/seed-epay-reply.json"),
        &[
            ("f4d30fac-7da9-4fa0-8918-46d56f7d38b0", &id),
            ("2025-04-11T16:58:58.74", CREATED),
            ("2025-04-11T16:58:57.11Z", ASKED),
            ("2025-04-11T16:58:57.11", CREATED),
            ("https://kuzsebofkwifqt0.transactica.net", "https://pay.example"),
            ("d29db176-b619-4c44-ba6e-1a45e61fab47", &id),
        ],
    );
    assert_eq!(text(&shop.answer(&Asked::post(EPAY_HPP), &made)), seed);
}

#[test]
fn upi_is_told_as_in_the_seed() {
    let shop = Shop::default();
    let body = |reference: &str| {
        changed(UPI_H2H, |body| {
            body["amount"] = 10_800.into();
            body["description"] = "My order h2h".into();
            body["reference"] = reference.into();
        })
    };
    let created = made(&shop, &body("f40b236f-5abb-439c-b756-c27a8c0f645e"), 0);
    let seed = compact(
        include_str!("../fixtures/seed-upi-transaction.json"),
        &[
            ("P2C000000386", "P2C212163200050"),
            ("f290dd9a-def2-4f7c-81e0-11af7f20f37e", &id(&created)),
            ("2025-06-06T15:47:54.045", CREATED),
            ("2025-06-06T15:47:44.552", CREATED),
            ("2025-06-06T15:48:54.8840229Z", ASKED),
        ],
    );
    assert_eq!(text(&shop.answer(&Asked::get(&id(&created)), &created)), seed);

    let done = paid(made(&shop, &body("39d21d0a-1fe2-4f77-969e-be4894520f4f"), 0));
    let seed = compact(
        include_str!("../fixtures/seed-upi-callback.json"),
        &[
            ("P2C000000387", "P2C212163200050"),
            ("c45bca03-1d39-4d27-b2e6-60b821544e4e", &id(&done)),
            ("2025-06-06T16:02:47.757", PAID),
            ("2025-06-06T16:01:33.224", CREATED),
            ("2025-06-06T16:02:48.7266448Z", TOLD),
        ],
    );
    let succeeded = event(EventKind::Succeeded { late: false, by_hand: None });
    let told = RumbaPay.callback(&done, &succeeded, &shop.switches).unwrap();
    assert_eq!(told.url, "https://merchant.domain/callback");
    assert_eq!(String::from_utf8(told.body).unwrap(), seed);
}

#[test]
fn epay_is_told_as_in_the_seed() {
    let shop = Shop::with(|switches| switches.callback_pending = true);
    let body = changed(EPAY_HPP, |body| {
        body["callback_url"] = "https://merchant.domain/callback".into();
        body["extra"] = json!([{"key_4": "value"}, {"key_3": "value"}]);
    });
    let mut waiting = paid(made(&shop, &body, 20));
    waiting.order.due = waiting.order.amount.checked_add(waiting.order.fee).unwrap();
    waiting.state = PaymentState::Pending;
    waiting.state_since = NOW.plus_ms(30_000);
    waiting.paid = None;
    let tried = "2026-09-21T14:13:50.12";
    let times = |told| {
        [
            ("861bc24d-468a-41ae-b8fd-53945301c738", id(&waiting)),
            ("2025-04-24T10:53:50.873", tried.to_owned()),
            ("2025-04-24T10:53:41.78", CREATED.to_owned()),
            told,
        ]
    };
    let compact = |seed: &str, told: (&'static str, &str)| {
        let times = times((told.0, told.1.to_owned()));
        compact(seed, &times.each_ref().map(|(theirs, ours)| (*theirs, ours.as_str())))
    };
    let seed = compact(
        include_str!("../fixtures/seed-epay-transaction.json"),
        ("2025-04-24T07:56:56.4542318Z", ASKED),
    );
    assert_eq!(text(&shop.answer(&Asked::get(&id(&waiting)), &waiting)), seed);
    let seed = compact(
        include_str!("../fixtures/seed-epay-callback.json"),
        ("2025-04-24T07:53:55.0041761Z", TOLD),
    );
    let claimed = event(EventKind::Claimed { reference: "1".into() });
    let told = RumbaPay.callback(&waiting, &claimed, &shop.switches).unwrap();
    assert_eq!(String::from_utf8(told.body).unwrap(), seed);
    let quiet = RumbaPay.callback(&waiting, &claimed, &Switches::default());
    assert_eq!(quiet, None);
}

#[test]
fn errors_are_as_in_the_seeds() {
    let shop = Shop::default();
    let at = ("2025-04-11T16:58:57.11Z", ASKED);
    let body = changed(UPI_HPP, |body| body["reference"] = "".into());
    let asked = Asked::post(&body);
    let reply = shop.refuse(&asked, &shop.decode(&asked).unwrap_err());
    let seed = compact(include_str!("../fixtures/seed-upi-invalid.json"), &[at]);
    assert_eq!((reply.status.as_u16(), text(&reply)), (400, seed.as_str()));

    let asked = Asked::post(&changed(UPI_HPP, |body| body["currency"] = "USD".into()));
    let reply = shop.refuse(&asked, &shop.decode(&asked).unwrap_err());
    let seed = compact(include_str!("../fixtures/seed-upi-no-route.json"), &[]);
    assert_eq!((reply.status.as_u16(), text(&reply)), (400, seed.as_str()));

    let ours = "f4d30fac-7da9-4fa0-8918-46d56f7d38b0";
    for (seed, id) in [
        (
            include_str!("../fixtures/seed-upi-not-found.json"),
            "16003088-037e-416c-9163-4e70e17d291b",
        ),
        (
            include_str!("../fixtures/seed-epay-not-found.json"),
            "b6ed6ffe-0a62-480c-92fb-a84558a2da53",
        ),
    ] {
        let seed = compact(seed, &[at, (id, ours)]);
        let reply = shop.refuse(&Asked::get(id), &WireError::NotFound);
        assert_eq!((reply.status.as_u16(), text(&reply)), (404, seed.as_str()));
        let Ok(Call::FindTransaction(candidates)) = shop.decode(&Asked::get(id)) else {
            panic!("it is read")
        };
        assert!(matches!(candidates.first(), Some(Candidate::Id(_))));
    }
}
