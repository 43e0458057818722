//! Nothing of this rail prints a whole number, a security code or a one-time code, whatever it is part of.

use proptest::prelude::*;
use torana_domain::card::{
    Authentication, Card, Expiry, Kind, Means, OneTimeCode, Pan, SecurityCode,
};
use torana_domain::{Currency, Money, Timestamp};
use zeroize::Zeroizing;

use super::network::{
    Authenticate, Authorise, Browser, CardNetwork as _, Draw, Forget, Initiate, Initiated, Keep,
    Kept, Proof, ReturnedFields,
};
use super::simulator::{Simulator, all};
use torana_domain::card::otp::{Challenge, CodeHash, Rules};

/// Codes that no other number of these tests contains, and that no hash prints.
const SECURITY_CODE: &str = "9753";
const ONE_TIME_CODE: &str = "97531864";
const CRYPTOGRAM: &str = "a-cryptogram-of-one-payment";
const TOKEN: &str = "the-name-of-a-kept-card";

fn number(body: &str) -> String {
    (0..10).map(|check| format!("{body}{check}")).find(|text| text.parse::<Pan>().is_ok()).unwrap()
}

fn card(pan: &str) -> Card {
    Card {
        pan: pan.parse().unwrap(),
        expiry: Expiry::parse("11", "31").unwrap(),
        security_code: Some(SECURITY_CODE.parse().unwrap()),
        holder: Some("A HOLDER".to_owned()),
    }
}

fn initiate(pan: &str) -> Initiate {
    Initiate {
        operation: "ask".parse().unwrap(),
        order: "R-1".to_owned(),
        amount: Money::from_minor(100, Currency::INR),
        means: Means::Card(card(pan)),
        return_url: "https://shop.example/back".to_owned(),
        browser: Browser::default(),
    }
}

/// Every way in which a card and its codes may reach a log.
fn texts(pan: &str) -> Vec<String> {
    let parsed: Pan = pan.parse().unwrap();
    let code: OneTimeCode = ONE_TIME_CODE.parse().unwrap();
    let hash = CodeHash::of(b"key", "challenge", &code);
    let now = Timestamp::from_s(1_700_000_000);
    let authorise = Authorise {
        operation: "sale".parse().unwrap(),
        kind: Kind::Sale,
        order: "R-1".to_owned(),
        amount: Money::from_minor(100, Currency::INR),
        authentication: None,
        means: Some(Means::Card(card(pan))),
        cryptogram: Some(Zeroizing::new(CRYPTOGRAM.to_owned())),
    };
    let authenticate = |proof| Authenticate {
        operation: "1".parse().unwrap(),
        authentication: "1".parse().unwrap(),
        order: "R-1".to_owned(),
        card: Some(card(pan)),
        proof,
    };
    let keep = Keep { operation: "77".parse().unwrap(), card: card(pan) };
    let forget = Forget { token: TOKEN.to_owned() };
    let kept = Kept { token: TOKEN.to_owned() };
    let token = Means::Token {
        value: TOKEN.to_owned(),
        security_code: Some(SECURITY_CODE.parse().unwrap()),
    };
    let mut simulator =
        Simulator::new(ONE_TIME_CODE.as_bytes(), Rules::TEST, "https://pay.example/");
    let draw = Draw { now, random: 0 };
    let initiated = simulator.initiate(&initiate(pan), draw);
    let keeping = simulator.keep(&keep, draw);
    let _ = simulator.authorise(&authorise, draw);
    let returned = ReturnedFields(vec![
        (pan.to_owned(), SECURITY_CODE.to_owned()),
        ("otp".to_owned(), ONE_TIME_CODE.to_owned()),
    ]);
    let authentication = Authentication::begin(
        "R-1",
        Money::from_minor(100, Currency::INR),
        card(pan).fingerprint(ONE_TIME_CODE.as_bytes()),
    );
    let mut texts = vec![
        format!("{parsed}"),
        format!("{parsed:?}"),
        format!("{:#?}", parsed.clone()),
        format!("{} {:?}", parsed.masked(), parsed.masked()),
        format!("{:?}", parsed.fingerprint(b"key")),
        format!("{:?}", SECURITY_CODE.parse::<SecurityCode>()),
        format!("{code:?} {hash:?} {:#?}", Challenge::begin(Rules::default(), 5, Some(hash), now)),
        format!("{:?}", OneTimeCode::draw(531_864)),
        format!("{:?}", card(pan)),
        format!("{:#?}", initiate(pan)),
        format!("{authorise:#?}"),
        format!("{:?}", authenticate(Proof::Code(ONE_TIME_CODE.parse().unwrap()))),
        format!("{:?}", authenticate(Proof::PageCode(ONE_TIME_CODE.parse().unwrap()))),
        format!("{keep:?} {forget:?} {kept:?} {token:?} {keeping:?}"),
        format!("{:#?}", authenticate(Proof::Returned(returned))),
        format!("{authentication:?}"),
        format!("{simulator:?} {initiated:?}"),
        format!("{:?}", Pan::typed(&format!("{pan}0{pan}"))),
        format!("{:?}", format!("{ONE_TIME_CODE}9").parse::<OneTimeCode>()),
        format!("{:?}", format!("{SECURITY_CODE}9").parse::<SecurityCode>()),
    ];
    texts.extend(simulator.records().map(|record| format!("{record:#?}")));
    texts
}

/// Digits that are hidden: those between BIN and last four.
fn hidden(pan: &str) -> &str {
    pan.get(6..pan.len() - 4).unwrap()
}

#[test]
fn a_card_of_test_mode_never_prints_nor_its_codes() {
    for (pan, _) in all() {
        for text in texts(pan.reveal()) {
            assert!(!text.contains(pan.reveal()), "{text}");
            assert!(!text.contains(SECURITY_CODE) && !text.contains("531864"), "{text}");
            assert!(!text.contains(CRYPTOGRAM) && !text.contains(TOKEN), "{text}");
        }
    }
}

#[test]
fn a_card_prints_its_bin_and_its_last_four_and_nothing_else_that_is_on_it() {
    let text = format!("{:?}", card("6074820000084938"));
    assert_eq!(text, "Card(607482******4938)");
    assert_eq!(format!("{:?}", Expiry::parse("11", "31").unwrap()), "Expiry(…)");
    let mut simulator = Simulator::new(b"key", Rules::TEST, "https://pay.example/");
    let draw = Draw { now: Timestamp::from_s(1_700_000_000), random: 0 };
    let initiated = simulator.initiate(&initiate("6074820000084938"), draw);
    assert!(matches!(initiated, Ok(Initiated::Challenged { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_card_ever_prints_nor_its_codes(body in "[2-6][0-9]{12,17}") {
        let pan = number(&body);
        // What is shown of a number may look like a code by chance, and zeros like what is hidden.
        let shown = format!("{}{}", &pan[..6], &pan[pan.len() - 4..]);
        prop_assume!(!shown.contains(SECURITY_CODE) && !shown.contains("531864"));
        prop_assume!(!hidden(&pan).contains("00000"));
        for text in texts(&pan) {
            prop_assert!(!text.contains(&pan), "{}", text);
            // Three hidden digits may stand in a time by chance.
            prop_assert!(hidden(&pan).len() < 6 || !text.contains(hidden(&pan)), "{}", text);
            prop_assert!(!text.contains(SECURITY_CODE) && !text.contains("531864"), "{}", text);
        }
    }
}
