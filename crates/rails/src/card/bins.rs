//! Which brand a card is of, by its first digits, and how its payer can be authenticated.
//!
//! Three voices, the first that speaks is believed: ranges that the operator configures (from the acquirer's
//! files), narrow ranges that are known to be RuPay's, and the wide ranges of all brands. RuPay's wide
//! ranges lie in other brands' (353 and 356 in JCB's, 65 in Discover's, 508 in Maestro's, 81 in UnionPay's),
//! because cards of two brands exist: where RuPay and another both may be meant, the brand that the payer
//! or the merchant names decides, and [`BinConfig`] where nobody names one.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use torana_domain::card::{Bin, CardBrand, Flow, Pan};

/// More would be a whole file of a network, which belongs behind
/// [`super::network::CardNetwork::check_bin`].
const CONFIGURED_RANGES_MAX: usize = 10_000;
const PREFIX_DIGITS_MAX: usize = 8;

/// The ways that an issuer is ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flows {
    /// Its own page alone.
    Redirect,
    /// The code alone.
    Seamless,
    /// Either.
    Both,
}

impl Flows {
    /// The one to take: `preferred` where the issuer leaves the choice.
    pub const fn choose(self, preferred: Flow) -> Flow {
        match self {
            Self::Redirect => Flow::Redirect,
            Self::Seamless => Flow::Seamless,
            Self::Both => preferred,
        }
    }
}

/// Who is meant by digits that RuPay and another brand both may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// RuPay: an acquirer of India takes the card of two brands at home.
    #[default]
    RuPay,
    /// The other.
    Other,
}

/// What an operator may say about card numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BinConfig {
    /// Whose are the numbers that may be JCB's.
    pub jcb: Overlap,
    /// Whose are the numbers that may be Discover's.
    pub discover: Overlap,
    /// Whose are the numbers that may be Maestro's.
    pub maestro: Overlap,
    /// Whose are the numbers that may be UnionPay's.
    pub unionpay: Overlap,
    /// The way to take where an issuer is ready for both. On our own page fewer payers are lost.
    pub preferred: Flow,
    /// The ways of RuPay's issuers of whom nothing is said. Every one of them has a page.
    pub otherwise: Flows,
    /// Ranges that are known better than here. The narrowest that fits counts.
    pub ranges: Vec<BinRange>,
}

impl Default for BinConfig {
    fn default() -> Self {
        Self {
            // RuPay's own cards in JCB's range are known one by one, and are few.
            jcb: Overlap::Other,
            discover: Overlap::RuPay,
            maestro: Overlap::RuPay,
            unionpay: Overlap::RuPay,
            preferred: Flow::Seamless,
            otherwise: Flows::Redirect,
            ranges: Vec::new(),
        }
    }
}

/// Numbers from one prefix to another, both with all that begin so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinRange {
    /// The first prefix: one to eight digits.
    pub from: String,
    /// The last; the same as the first where it is not given.
    #[serde(default)]
    pub to: Option<String>,
    /// Whose they are.
    pub brand: CardBrand,
    /// How their holders are authenticated, where it is known.
    #[serde(default)]
    pub flows: Option<Flows>,
}

/// Why a configuration is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BinConfigError {
    /// A prefix is not one to eight digits.
    #[error("`{0}` is not one to eight digits")]
    NotAPrefix(String),
    /// A range ends before it begins.
    #[error("the range from {from} to {to} is empty")]
    Empty {
        /// Its first prefix.
        from: String,
        /// Its last.
        to: String,
    },
    /// More ranges than are held.
    #[error("more than {CONFIGURED_RANGES_MAX} ranges")]
    TooMany,
}

impl BinConfigError {
    /// A stable code for logs and machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAPrefix(_) => "bin_not_a_prefix",
            Self::Empty { .. } => "bin_range_empty",
            Self::TooMany => "bin_ranges_too_many",
        }
    }
}

/// What is known of the numbers that begin so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinAnswer {
    /// Whose card it is.
    pub brand: CardBrand,
    /// How its holder is to be authenticated. `None` for brands that this rail does not authenticate.
    pub flow: Option<Flow>,
}

/// The table with an operator's configuration in it.
#[derive(Clone, Debug, Default)]
pub struct BinTable {
    config: BinConfig,
    /// Narrowest first.
    configured: Vec<(Span, CardBrand, Option<Flows>)>,
}

impl BinTable {
    /// With an operator's configuration.
    pub fn new(config: BinConfig) -> Result<Self, BinConfigError> {
        if config.ranges.len() > CONFIGURED_RANGES_MAX {
            return Err(BinConfigError::TooMany);
        }
        let mut configured = config
            .ranges
            .iter()
            .map(|range| Ok((range.span()?, range.brand, range.flows)))
            .collect::<Result<Vec<_>, BinConfigError>>()?;
        configured.sort_by_key(|(span, ..)| span.last - span.first);
        Ok(Self { config, configured })
    }

    /// What is known of a card. `named` is the brand that the payer or the merchant says it is of; it counts
    /// only where the digits allow it.
    pub fn look_up(&self, bin: &Bin, named: Option<CardBrand>) -> Option<BinAnswer> {
        let wanted = Span::of(bin);
        let fits = |(span, ..): &&(Span, CardBrand, Option<Flows>)| span.holds(wanted);
        let configured = self.configured.iter().find(fits);
        let (brand, flows) = match configured {
            Some((_, brand, flows)) => (*brand, *flows),
            None if RUPAY.iter().any(|range| built_in(range).holds(wanted)) => {
                (CardBrand::RuPay, None)
            }
            None => (self.resolve(&candidates(bin), named)?, None),
        };
        let flow = (brand == CardBrand::RuPay)
            .then(|| flows.unwrap_or(self.config.otherwise).choose(self.config.preferred));
        Some(BinAnswer { brand, flow })
    }

    /// The same of a whole number, whose length the brand must have.
    pub fn look_up_pan(&self, pan: &Pan, named: Option<CardBrand>) -> Option<BinAnswer> {
        let answer = self.look_up(&pan.bin(), named)?;
        answer.brand.pan_digits().contains(&pan.digits()).then_some(answer)
    }

    fn resolve(&self, candidates: &[CardBrand], named: Option<CardBrand>) -> Option<CardBrand> {
        if let Some(named) = named.filter(|named| candidates.contains(named)) {
            return Some(named);
        }
        let other = candidates.iter().copied().find(|brand| *brand != CardBrand::RuPay);
        if !candidates.contains(&CardBrand::RuPay) {
            return other;
        }
        let rule = match other {
            Some(CardBrand::Jcb) => self.config.jcb,
            Some(CardBrand::Discover) => self.config.discover,
            Some(CardBrand::Maestro) => self.config.maestro,
            Some(CardBrand::UnionPay) => self.config.unionpay,
            _ => Overlap::RuPay,
        };
        match rule {
            Overlap::RuPay => Some(CardBrand::RuPay),
            Overlap::Other => other,
        }
    }
}

/// Every brand whose wide ranges hold these digits.
pub fn candidates(bin: &Bin) -> Vec<CardBrand> {
    let wanted = Span::of(bin);
    let fitting = WIDE.iter().filter(|(range, _)| built_in(range).holds(wanted));
    fitting.map(|(_, brand)| *brand).collect()
}

impl BinRange {
    fn span(&self) -> Result<Span, BinConfigError> {
        let to = self.to.as_ref().unwrap_or(&self.from);
        let first = padded(&self.from, '0');
        let last = padded(to, '9');
        let first = first.ok_or_else(|| BinConfigError::NotAPrefix(self.from.clone()))?;
        let last = last.ok_or_else(|| BinConfigError::NotAPrefix(to.clone()))?;
        if first > last {
            return Err(BinConfigError::Empty { from: self.from.clone(), to: to.clone() });
        }
        Ok(Span { first, last })
    }
}

/// Numbers of eight digits, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: u32,
    last: u32,
}

impl Span {
    fn of(bin: &Bin) -> Self {
        let (first, last) = bin.span();
        Self { first, last }
    }

    fn holds(self, wanted: Self) -> bool {
        self.first <= wanted.first && wanted.last <= self.last
    }
}

/// A prefix as eight digits.
fn padded(prefix: &str, with: char) -> Option<u32> {
    let counts = 1..=PREFIX_DIGITS_MAX;
    let digits = counts.contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let missing = PREFIX_DIGITS_MAX.saturating_sub(prefix.len());
    let text: String = prefix.chars().chain(std::iter::repeat_n(with, missing)).collect();
    digits.then(|| text.parse().ok()).flatten()
}

/// First and last prefix, as they are written below.
type Prefixes = (&'static str, &'static str);

fn built_in((from, to): &Prefixes) -> Span {
    // Every prefix of the tables is digits, which a test holds.
    Span { first: padded(from, '0').unwrap_or(u32::MAX), last: padded(to, '9').unwrap_or(0) }
}

/// Ranges that public code knows as RuPay's alone.
const RUPAY: [Prefixes; 21] = [
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

/// The ranges in which each brand's numbers lie. No two but RuPay's and one other lie in each other.
const WIDE: [(Prefixes, CardBrand); 25] = [
    (("60", "60"), CardBrand::RuPay),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn what_two_brands_may_have_is_configured() {
        let at_home = with(BinConfig { jcb: Overlap::RuPay, ..BinConfig::default() });
        let abroad = with(BinConfig {
            jcb: Overlap::Other,
            discover: Overlap::Other,
            maestro: Overlap::Other,
            unionpay: Overlap::Other,
            ..BinConfig::default()
        });
        for (text, other) in [
            ("353000", CardBrand::Jcb),
            ("356600", CardBrand::Jcb),
            ("601100", CardBrand::Discover),
            ("650000", CardBrand::Discover),
            ("508000", CardBrand::Maestro),
            ("810000", CardBrand::UnionPay),
        ] {
            assert_eq!(candidates(&bin(text)), [CardBrand::RuPay, other], "{text}");
            assert_eq!(brand(&at_home, text), Some(CardBrand::RuPay), "{text}");
            assert_eq!(brand(&abroad, text), Some(other), "{text}");
            for named in [CardBrand::RuPay, other] {
                for table in [&at_home, &abroad] {
                    let answer = table.look_up(&bin(text), Some(named)).unwrap();
                    assert_eq!(answer.brand, named, "{text}");
                }
            }
            // A name that the digits contradict does not count.
            let answer = at_home.look_up(&bin(text), Some(CardBrand::Visa)).unwrap();
            assert_eq!(answer.brand, CardBrand::RuPay);
        }
        // What is known to be RuPay's is not in doubt, and only one overlap is turned at a time.
        assert_eq!(brand(&abroad, "652150"), Some(CardBrand::RuPay));
        assert_eq!(brand(&abroad, "353800"), Some(CardBrand::RuPay));
        let jcb = with(BinConfig::default());
        assert_eq!(brand(&jcb, "353000"), Some(CardBrand::Jcb));
        assert_eq!(brand(&jcb, "650000"), Some(CardBrand::RuPay));
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

    #[test]
    fn the_length_must_be_the_brands() {
        let table = BinTable::default();
        let known = |text: &str| {
            let pan: Pan = text.parse().unwrap();
            table.look_up_pan(&pan, None).map(|answer| answer.brand)
        };
        assert_eq!(known("6074820000084938"), Some(CardBrand::RuPay));
        assert_eq!(known("4222222222222"), Some(CardBrand::Visa));
        // Nineteen digits that begin as RuPay's do.
        assert_eq!(known("6074820000000000007"), None);
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
}
