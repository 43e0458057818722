//! Links: what is written is read again, whatever it says, and no text is read as another link.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use torana_domain::{Currency, Money};
use torana_rails::upi::{
    Holder, Link, LinkError, Mode, Payee, Presentation, Vpa, fitting_name, fitting_note,
    payment_link,
};

/// The link that the provider's page shows.
const SEEDS: &str = "upi://pay?mode=04&cu=INR&pa=sinauratek4@suryoday&pn=sinauratek_software_solutions_Pvt_Ltd_1&am=200&mam=200&tid=SUR61914517E3E84F5B900EE8D11BB29B29&tr=P2507091516031510800705062&mc=7399";

fn inr(text: &str) -> Money {
    Money::parse(text, Currency::INR).unwrap()
}

fn vpa(text: &str) -> Vpa {
    text.parse().unwrap()
}

/// A parameter that is none of the specification's.
fn other() -> impl Strategy<Value = (String, String)> {
    ("x[a-z]{0,8}|ver|msid|QRexpire", "\\PC{0,20}")
}

prop_compose! {
    fn link()(
        payee in "[A-Za-z0-9._-]{2,40}@[A-Za-z][A-Za-z0-9.-]{1,20}",
        name in "\\PC{1,99}",
        texts in (
            proptest::option::of("[0-9]{4}"),
            proptest::option::of("[A-Za-z0-9]{1,35}"),
            proptest::option::of("[A-Za-z0-9]{1,35}"),
            proptest::option::of("\\PC{1,50}"),
            proptest::option::of("https?://\\PC{0,40}"),
            proptest::option::of("[0-9]{2}"),
            proptest::option::of("[0-9]{6}"),
            proptest::option::of("[A-Za-z0-9+/]{10,80}={0,2}"),
        ),
        amount in proptest::option::of(1_i64..),
        least in proptest::option::of(0_i64..),
        mode in proptest::option::of(0_u8..100),
        others in proptest::collection::vec(other(), 0..4),
    ) -> Link {
        let (merchant_code, transaction_id, reference, note, url, purpose, orgid, sign) = texts;
        let sum = |paise| Money::from_minor(paise, Currency::INR);
        let most = amount.unwrap_or(i64::MAX);
        let minimum = least.map(|least| sum(least % most + 1));
        Link {
            merchant_code, transaction_id, reference, note, url, purpose, orgid, sign, others, minimum,
            amount: amount.map(sum),
            mode: mode.and_then(Mode::from_number),
            ..Link::to(vpa(&payee), name)
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(link in link()) {
        let uri = link.to_uri().unwrap();
        prop_assert!(uri.starts_with("upi://pay?"));
        prop_assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+'));
        prop_assert_eq!(Link::parse(&uri), Ok(link));
    }

    #[test]
    fn the_order_of_parameters_means_nothing(link in link(), turn in 0_usize..20) {
        let uri = link.to_uri().unwrap();
        let (address, query) = uri.split_once('?').unwrap();
        let mut pairs: Vec<&str> = query.split('&').collect();
        let turn = turn % pairs.len();
        pairs.rotate_left(turn);
        let turned = format!("{}?{}", address.to_uppercase(), pairs.join("&"));
        let mut read = Link::parse(&turned).unwrap();
        read.others.clone_from(&link.others);
        prop_assert_eq!(read, link);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", query in "(pa|pn|am|mode|%|=|&|[0-9a-f@.+]){0,30}") {
        let _ = Link::parse(&text);
        let _ = Link::parse(&format!("upi://pay?{query}"));
    }

    #[test]
    fn what_fits_is_accepted(text in "(?s).{0,120}") {
        for fitting in [fitting_name(&text), fitting_note(&text)].into_iter().flatten() {
            let link = Link::to(vpa("shop@ybl"), fitting);
            prop_assert!(link.to_uri().is_ok());
        }
        if let Some(note) = fitting_note(&text) {
            let link = Link { note: Some(note), ..Link::to(vpa("shop@ybl"), "Shop".to_owned()) };
            prop_assert!(link.to_uri().is_ok());
        }
    }
}

#[test]
fn the_providers_own_link_prints_byte_for_byte() {
    let link: Link = SEEDS.parse().unwrap();
    assert_eq!(link.mode, Some(Mode::Intent));
    assert_eq!((link.amount, link.minimum), (Some(inr("200")), Some(inr("200"))));
    assert_eq!(link.transaction_id.as_deref().map(str::len), Some(35));
    assert_eq!(link.to_uri().as_deref(), Ok(SEEDS));
}

#[test]
fn sums_have_two_decimals_or_none() {
    let uri = |text| {
        let link = Link { amount: Some(inr(text)), ..Link::to(vpa("shop@ybl"), "A B".to_owned()) };
        link.to_uri().unwrap()
    };
    assert_eq!(uri("200"), "upi://pay?cu=INR&pa=shop@ybl&pn=A%20B&am=200");
    assert_eq!(uri("200.5"), "upi://pay?cu=INR&pa=shop@ybl&pn=A%20B&am=200.50");
}

#[test]
fn what_could_be_understood_in_two_ways_is_refused() {
    let error = |query: &str| Link::parse(&format!("upi://pay?{query}")).unwrap_err();
    assert_eq!(error("pa=a.b@ybl&pn=A&am=1&am=2"), LinkError::Duplicate("am"));
    assert_eq!(error("pa=a.b@ybl&pn=A&pa=c.d@ybl"), LinkError::Duplicate("pa"));
    assert_eq!(error("pa=a.b@ybl&pn=A&cu=USD"), LinkError::Currency);
    for amount in ["0", "-1", "1e3", "1,000", "1.001", "+5", "5+"] {
        assert_eq!(error(&format!("pa=a.b@ybl&pn=A&am={amount}")), LinkError::Invalid("am"));
    }
    assert_eq!(error("pa=a.b@ybl&pn=A&am=1&mam=2"), LinkError::Invalid("mam"));
    assert_eq!(error("pa=a.b@ybl&pn=A&mode=4"), LinkError::Invalid("mode"));
    assert_eq!(error("pa=a.b@ybl&pn=A&tr=a-b"), LinkError::Invalid("tr"));
    assert_eq!(error("pa=a.b@ybl&pn=A%0AB"), LinkError::Invalid("pn"));
    assert_eq!(error("pa=a.b@ybl&pn=%zz"), LinkError::Encoding);
    assert_eq!(error("pa=a.b@ybl&pn=%C3"), LinkError::Encoding);
    assert_eq!(error("pa=a.b@ybl&pn=A%2"), LinkError::Encoding);
    assert_eq!(error("pn=A"), LinkError::Missing("pa"));
    assert_eq!(error("pa=a.b@ybl&pn="), LinkError::Missing("pn"));
    assert_eq!(error("pa=nobody&pn=A"), LinkError::Invalid("pa"));
    assert_eq!(Link::parse("https://pay?pa=a.b@ybl&pn=A"), Err(LinkError::NotALink));
    assert_eq!(Link::parse("upi://mandate?pa=a.b@ybl&pn=A"), Err(LinkError::NotALink));
    let plus = Link::parse("upi://pay?pa=a.b@ybl&pn=A+B&am=").unwrap();
    assert_eq!((plus.name.as_str(), plus.amount), ("A+B", None));
}

#[test]
fn what_is_too_long_is_not_written() {
    let link = Link::to(vpa("shop@ybl"), "Shop".to_owned());
    let with_note = |note: String| Link { note: Some(note), ..link.clone() }.to_uri();
    assert!(with_note("ü".repeat(50)).is_ok());
    assert_eq!(with_note("ü".repeat(51)), Err(LinkError::Invalid("tn")));
    let reference = Link { reference: Some("a".repeat(36)), ..link.clone() };
    assert_eq!(reference.to_uri(), Err(LinkError::Invalid("tr")));
    let others = vec![("am".to_owned(), "1".to_owned())];
    assert_eq!(Link { others, ..link.clone() }.to_uri(), Err(LinkError::NotUnknown));
    assert_eq!(
        Link { mode: Some(Mode::Other(4)), ..link }.to_uri(),
        Err(LinkError::Invalid("mode"))
    );
}

fn payee(holder: Holder) -> Payee {
    let merchant_code = (holder == Holder::Merchant).then(|| "5411".to_owned());
    Payee { vpa: vpa("shop@ybl"), name: "Tea Shop".to_owned(), holder, merchant_code }
}

#[test]
fn a_merchant_is_paid_by_code_and_by_link() {
    let link = |presentation| {
        let payee = payee(Holder::Merchant);
        payment_link(&payee, inr("200.50"), "P1", "Order 7", presentation)
            .unwrap()
            .to_uri()
            .unwrap()
    };
    assert_eq!(
        link(Presentation::Qr),
        "upi://pay?mode=01&cu=INR&pa=shop@ybl&pn=Tea%20Shop&am=200.50&mam=200.50&tr=P1&mc=5411&tn=Order%207"
    );
    assert!(link(Presentation::Intent).starts_with("upi://pay?mode=04&"));
}

#[test]
fn a_person_is_paid_by_code_alone() {
    let of = |presentation| {
        payment_link(&payee(Holder::Personal), inr("200"), "P1", "Order 7", presentation)
    };
    assert_eq!(of(Presentation::Intent), Err(LinkError::PersonalIntent));
    assert_eq!(
        of(Presentation::Qr).unwrap().to_uri().unwrap(),
        "upi://pay?mode=01&cu=INR&pa=shop@ybl&pn=Tea%20Shop&am=200&tr=P1&tn=P1%20Order%207"
    );
    assert_eq!(Holder::from_code("personal"), Some(Holder::Personal));
    assert_eq!(Holder::from_code("Merchant"), None);
}
