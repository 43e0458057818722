//! The ranges that are built in, and how ranges are compared.

use torana_domain::card::{Bin, CardBrand};

const PREFIX_DIGITS_MAX: usize = 8;

/// Numbers of eight digits, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Span {
    pub(super) fn of(bin: &Bin) -> Self {
        let (first, last) = bin.span();
        Self { first, last }
    }

    pub(super) fn holds(self, wanted: Self) -> bool {
        self.first <= wanted.first && wanted.last <= self.last
    }
}

/// A prefix as eight digits.
pub(super) fn padded(prefix: &str, with: char) -> Option<u32> {
    let counts = 1..=PREFIX_DIGITS_MAX;
    let digits = counts.contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let missing = PREFIX_DIGITS_MAX.saturating_sub(prefix.len());
    let text: String = prefix.chars().chain(std::iter::repeat_n(with, missing)).collect();
    digits.then(|| text.parse().ok()).flatten()
}

/// First and last prefix, as they are written below.
pub(super) type Prefixes = (&'static str, &'static str);

pub(super) fn built_in((from, to): &Prefixes) -> Span {
    // Every prefix of the tables is digits, which a test holds.
    Span { first: padded(from, '0').unwrap_or(u32::MAX), last: padded(to, '9').unwrap_or(0) }
}

/// Ranges that public code knows as RuPay's alone.
pub(super) const RUPAY: [Prefixes; 21] = [
    ("353800", "353800"),
    ("508227", "508227"),
    ("5085", "5089"),
    ("603741", "603741"),
    ("606985", "606989"),
    ("60699", "60699"),
    ("6070", "6078"),
    ("60790", "60797"),
    ("607980", "607984"),
    ("608001", "608009"),
    ("60801", "60809"),
    ("6081", "6084"),
    ("608500", "608500"),
    ("65215", "65219"),
    ("6522", "6529"),
    ("6530", "6530"),
    ("65310", "65314"),
    ("817290", "817290"),
    ("817368", "817368"),
    ("817378", "817378"),
    ("82", "82"),
];

/// The ranges in which each brand's numbers lie, or may lie. 6011 is Discover's alone. No two but RuPay's and one other lie in each other.
pub(super) const WIDE: [(Prefixes, CardBrand); 26] = [
    (("6000", "6010"), CardBrand::RuPay),
    (("6012", "6099"), CardBrand::RuPay),
    (("65", "65"), CardBrand::RuPay),
    (("81", "82"), CardBrand::RuPay),
    (("508", "508"), CardBrand::RuPay),
    (("353", "353"), CardBrand::RuPay),
    (("356", "356"), CardBrand::RuPay),
    (("4", "4"), CardBrand::Visa),
    (("51", "55"), CardBrand::Mastercard),
    (("2221", "2720"), CardBrand::Mastercard),
    (("34", "34"), CardBrand::AmericanExpress),
    (("37", "37"), CardBrand::AmericanExpress),
    (("3528", "3589"), CardBrand::Jcb),
    (("6011", "6011"), CardBrand::Discover),
    (("644", "649"), CardBrand::Discover),
    (("65", "65"), CardBrand::Discover),
    (("300", "305"), CardBrand::Diners),
    (("3095", "3095"), CardBrand::Diners),
    (("36", "36"), CardBrand::Diners),
    (("38", "39"), CardBrand::Diners),
    (("500", "509"), CardBrand::Maestro),
    (("56", "58"), CardBrand::Maestro),
    (("63", "63"), CardBrand::Maestro),
    (("67", "69"), CardBrand::Maestro),
    (("62", "62"), CardBrand::UnionPay),
    (("810", "817"), CardBrand::UnionPay),
];
