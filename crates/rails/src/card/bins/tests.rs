//! Whose a number is, by every voice, and that no name takes a duty away.

use proptest::prelude::*;

use super::ranges::padded;
use super::*;

fn bin(text: &str) -> Bin {
    text.parse().unwrap()
}

fn brand(table: &BinTable, text: &str) -> Option<CardBrand> {
    table.look_up(&bin(text), None).map(|answer| answer.brand)
}

fn with(config: BinConfig) -> BinTable {
    BinTable::new(config).unwrap()
}

fn range(from: &str, to: Option<&str>, brand: CardBrand, flows: Option<Flows>) -> BinRange {
    BinRange { from: from.to_owned(), to: to.map(str::to_owned), brand, flows }
}

#[test]
fn every_prefix_of_the_tables_is_one() {
    for (from, to) in RUPAY.iter().chain(WIDE.iter().map(|(range, _)| range)) {
        let (first, last) = (padded(from, '0').unwrap(), padded(to, '9').unwrap());
        assert!(first <= last, "{from}-{to}");
    }
}

#[test]
fn brands_are_known_by_their_first_digits() {
    let table = BinTable::default();
    for (text, expected) in [
        ("607482", Some(CardBrand::RuPay)),
        ("60714800", Some(CardBrand::RuPay)),
        ("508227", Some(CardBrand::RuPay)),
        ("652150", Some(CardBrand::RuPay)),
        ("817378", Some(CardBrand::RuPay)),
        ("820112", Some(CardBrand::RuPay)),
        ("411111", Some(CardBrand::Visa)),
        ("555555", Some(CardBrand::Mastercard)),
        ("222100", Some(CardBrand::Mastercard)),
        ("272099", Some(CardBrand::Mastercard)),
        ("378282", Some(CardBrand::AmericanExpress)),
        ("352800", Some(CardBrand::Jcb)),
        ("644000", Some(CardBrand::Discover)),
        ("305693", Some(CardBrand::Diners)),
        ("501800", Some(CardBrand::Maestro)),
        ("676100", Some(CardBrand::Maestro)),
        ("621700", Some(CardBrand::UnionPay)),
        ("222099", None),
        ("272100", None),
        ("352799", None),
        ("000000", None),
        ("999999", None),
    ] {
        assert_eq!(brand(&table, text), expected, "{text}");
    }
}

/// What may be RuPay's or another's, with the other.
const OVERLAPS: [(&str, CardBrand); 5] = [
    ("353000", CardBrand::Jcb),
    ("356600", CardBrand::Jcb),
    ("650000", CardBrand::Discover),
    ("508000", CardBrand::Maestro),
    ("810000", CardBrand::UnionPay),
];

#[test]
fn what_two_brands_may_have_is_configured() {
    let plain = BinTable::default();
    let at_home = with(BinConfig {
        jcb: Overlap::RuPay,
        discover: Overlap::RuPay,
        maestro: Overlap::RuPay,
        unionpay: Overlap::RuPay,
        ..BinConfig::default()
    });
    for (text, other) in OVERLAPS {
        assert_eq!(candidates(&bin(text)), [CardBrand::RuPay, other], "{text}");
        assert_eq!(brand(&plain, text), Some(other), "{text}");
        assert_eq!(brand(&at_home, text), Some(CardBrand::RuPay), "{text}");
        for named in [CardBrand::RuPay, other] {
            for table in [&at_home, &plain] {
                let answer = table.look_up(&bin(text), Some(named)).unwrap();
                assert_eq!(answer.brand, named, "{text}");
            }
        }
        // A name that the digits contradict does not count.
        let answer = plain.look_up(&bin(text), Some(CardBrand::Visa)).unwrap();
        assert_eq!(answer.brand, other);
    }
    // What is known to be RuPay's is not in doubt, and only one overlap is turned at a time.
    assert_eq!(brand(&plain, "652150"), Some(CardBrand::RuPay));
    assert_eq!(brand(&plain, "353800"), Some(CardBrand::RuPay));
    let jcb = with(BinConfig { jcb: Overlap::RuPay, ..BinConfig::default() });
    assert_eq!(brand(&jcb, "353000"), Some(CardBrand::RuPay));
    assert_eq!(brand(&jcb, "650000"), Some(CardBrand::Discover));
}

#[test]
fn a_name_never_takes_the_duty_to_authenticate_away() {
    let table = BinTable::default();
    let known = [("607482", CardBrand::RuPay), ("652150", CardBrand::RuPay)];
    for (text, _) in OVERLAPS.into_iter().chain(known) {
        for named in CardBrand::ALL.into_iter().map(Some).chain([None]) {
            let answer = table.look_up(&bin(text), named).unwrap();
            assert!(answer.must_authenticate(), "{text} named {named:?}");
        }
    }
    // What is known to be RuPay's cannot be named away.
    let named = table.look_up(&bin("652150"), Some(CardBrand::Discover)).unwrap();
    assert_eq!(named.brand, CardBrand::RuPay);
    // An operator's range can.
    let told = with(BinConfig {
        ranges: vec![range("6500", None, CardBrand::Discover, None)],
        ..BinConfig::default()
    });
    assert!(!told.look_up(&bin("650000"), Some(CardBrand::RuPay)).unwrap().must_authenticate());
}

#[test]
fn what_cannot_be_rupay_is_not_called_so() {
    let table = BinTable::default();
    for (text, other) in [("601100", CardBrand::Discover), ("352800", CardBrand::Jcb)] {
        let answer = table.look_up(&bin(text), Some(CardBrand::RuPay)).unwrap();
        assert_eq!((answer.brand, answer.must_authenticate()), (other, false), "{text}");
    }
}

#[test]
fn configured_ranges_come_first_and_the_narrowest_of_them() {
    let table = with(BinConfig {
        ranges: vec![
            range("6071", None, CardBrand::RuPay, Some(Flows::Both)),
            range("607148", Some("607149"), CardBrand::RuPay, Some(Flows::Redirect)),
            range("60714801", None, CardBrand::RuPay, Some(Flows::Seamless)),
            range("652150", None, CardBrand::Discover, None),
        ],
        ..BinConfig::default()
    });
    let flow = |text: &str| table.look_up(&bin(text), None).unwrap().flow;
    assert_eq!(flow("607100"), Some(Flow::Seamless));
    assert_eq!(flow("60714900"), Some(Flow::Redirect));
    assert_eq!(flow("60714801"), Some(Flow::Seamless));
    assert_eq!(flow("60714802"), Some(Flow::Redirect));
    assert_eq!(flow("607482"), Some(Flow::Redirect));
    assert_eq!(flow("411111"), None);
    assert_eq!(brand(&table, "652150"), Some(CardBrand::Discover));
}

#[test]
fn both_ways_leave_the_choice() {
    assert_eq!(Flows::Both.choose(Flow::Redirect), Flow::Redirect);
    assert_eq!(Flows::Seamless.choose(Flow::Redirect), Flow::Seamless);
    assert_eq!(Flows::Redirect.choose(Flow::Seamless), Flow::Redirect);
}

#[test]
fn a_wrong_configuration_is_refused() {
    let error = |range: BinRange| {
        BinTable::new(BinConfig { ranges: vec![range], ..BinConfig::default() }).unwrap_err()
    };
    for prefix in ["", "6071 ", "607148001", "x"] {
        let range = range(prefix, None, CardBrand::RuPay, None);
        assert_eq!(error(range).code(), "bin_not_a_prefix");
    }
    let empty = range("6072", Some("6071"), CardBrand::RuPay, None);
    assert_eq!(error(empty).code(), "bin_range_empty");
    let many = vec![range("6", None, CardBrand::RuPay, None); CONFIGURED_RANGES_MAX + 1];
    let many = BinTable::new(BinConfig { ranges: many, ..BinConfig::default() });
    assert_eq!(many.unwrap_err(), BinConfigError::TooMany);
}

/// A number that begins so, of that length, with its check digit.
fn pan(prefix: &str, digits: usize) -> Pan {
    let zeros = "0".repeat(digits - prefix.len() - 1);
    (0..10).find_map(|check| format!("{prefix}{zeros}{check}").parse().ok()).unwrap()
}

#[test]
fn the_length_tells_brands_apart_that_begin_alike() {
    let table = BinTable::default();
    let known = |prefix: &str, digits: usize| {
        let answer = table.look_up_pan(&pan(prefix, digits), Some(CardBrand::RuPay));
        answer.map(|answer| (answer.brand, answer.must_authenticate()))
    };
    assert_eq!(known("607482", 16), Some((CardBrand::RuPay, true)));
    assert_eq!(known("4222", 13), Some((CardBrand::Visa, false)));
    // RuPay's numbers have sixteen digits: what is longer is the other's, or nobody's.
    assert_eq!(known("508500", 16), Some((CardBrand::RuPay, true)));
    assert_eq!(known("508500", 19), Some((CardBrand::Maestro, false)));
    assert_eq!(known("508000", 13), Some((CardBrand::Maestro, false)));
    assert_eq!(known("652150", 19), Some((CardBrand::Discover, false)));
    assert_eq!(known("607482", 19), None);
}

proptest! {
    #[test]
    fn at_most_rupay_and_one_other_may_be_meant(number in 0_u32..100_000_000) {
        let candidates = candidates(&bin(&format!("{number:08}")));
        let others = candidates.iter().filter(|brand| **brand != CardBrand::RuPay).count();
        prop_assert!(others <= 1 && candidates.len() <= 2, "{:?}", candidates);
    }

    #[test]
    fn eight_digits_say_what_their_six_say(number in 0_u32..1_000_000, more in 0_u32..100) {
        let table = BinTable::default();
        let (six, eight) = (bin(&format!("{number:06}")), bin(&format!("{number:06}{more:02}")));
        prop_assert_eq!(table.look_up(&six, None), table.look_up(&eight, None));
    }

    #[test]
    fn known_ranges_of_rupay_lie_in_its_wide_ones(at in 0..RUPAY.len()) {
        let (from, _) = RUPAY[at];
        let bin = bin(&format!("{:08}", padded(from, '0').unwrap()));
        prop_assert!(candidates(&bin).contains(&CardBrand::RuPay));
    }
}
