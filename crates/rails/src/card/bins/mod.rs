//! Which brand a card is of, by its first digits, and how its payer can be authenticated.
//!
//! Three voices, the first that speaks is believed: ranges that the operator configures (from the acquirer's
//! files), narrow ranges that are known to be RuPay's, and the wide ranges of all brands. RuPay's wide
//! ranges lie in other brands' (353 and 356 in JCB's, 65 in Discover's, 508 in Maestro's, 81 in UnionPay's),
//! because cards of two brands exist: where RuPay and another both may be meant, and the number's length leaves both,
//! the brand that the payer or the merchant names decides, and [`BinConfig`] where nobody names one.
//!
//! *Invariant:* what anybody names never takes the duty to authenticate away. A card that may be RuPay's is authenticated
//! whatever it is called; only an operator's range says that it is none.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use torana_domain::card::{Bin, CardBrand, Flow, Pan};

use self::ranges::{RUPAY, Span, WIDE};

mod ranges;

/// More would be a whole file of a network, which belongs behind
/// [`super::network::CardNetwork::check_bin`].
const CONFIGURED_RANGES_MAX: usize = 10_000;

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
    #[serde(rename = "rupay")]
    RuPay,
    /// The other: what is known to be RuPay's is narrow, and the rest of these ranges mostly is not.
    #[default]
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
            jcb: Overlap::default(),
            discover: Overlap::default(),
            maestro: Overlap::default(),
            unionpay: Overlap::default(),
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
    /// Whose card it is, as far as can be told.
    pub brand: CardBrand,
    /// How its holder is to be authenticated. `None` only for what cannot be RuPay's, which this rail does not
    /// authenticate.
    pub flow: Option<Flow>,
}

impl BinAnswer {
    /// Whether nothing may be authorised that was not authenticated before: it is RuPay's, or may be.
    pub const fn must_authenticate(&self) -> bool {
        self.flow.is_some()
    }
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

    /// What is known of cards that begin so, whatever their length. `named` is the brand that the payer or the merchant
    /// says it is of; it counts only where the digits allow it.
    pub fn look_up(&self, bin: &Bin, named: Option<CardBrand>) -> Option<BinAnswer> {
        self.decide(bin, named, |_| true)
    }

    /// The same of a whole number, whose length tells brands apart that begin alike.
    pub fn look_up_pan(&self, pan: &Pan, named: Option<CardBrand>) -> Option<BinAnswer> {
        self.decide(&pan.bin(), named, |brand| brand.pan_digits().contains(&pan.digits()))
    }

    fn decide(
        &self,
        bin: &Bin,
        named: Option<CardBrand>,
        may_be: impl Fn(CardBrand) -> bool,
    ) -> Option<BinAnswer> {
        let wanted = Span::of(bin);
        let fits = |(span, ..): &&(Span, CardBrand, Option<Flows>)| span.holds(wanted);
        if let Some((_, brand, flows)) = self.configured.iter().find(fits) {
            let flow = (*brand == CardBrand::RuPay).then(|| self.flow(*flows));
            return may_be(*brand).then_some(BinAnswer { brand: *brand, flow });
        }
        let is_rupay = RUPAY.iter().any(|range| ranges::built_in(range).holds(wanted));
        if is_rupay && may_be(CardBrand::RuPay) {
            return Some(BinAnswer { brand: CardBrand::RuPay, flow: Some(self.flow(None)) });
        }
        let candidates: Vec<_> = candidates(bin).into_iter().filter(|it| may_be(*it)).collect();
        let brand = self.resolve(&candidates, named)?;
        let flow = candidates.contains(&CardBrand::RuPay).then(|| self.flow(None));
        Some(BinAnswer { brand, flow })
    }

    fn flow(&self, flows: Option<Flows>) -> Flow {
        flows.unwrap_or(self.config.otherwise).choose(self.config.preferred)
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
    let fitting = WIDE.iter().filter(|(range, _)| ranges::built_in(range).holds(wanted));
    fitting.map(|(_, brand)| *brand).collect()
}

impl BinRange {
    fn span(&self) -> Result<Span, BinConfigError> {
        let to = self.to.as_ref().unwrap_or(&self.from);
        let first = ranges::padded(&self.from, '0');
        let last = ranges::padded(to, '9');
        let first = first.ok_or_else(|| BinConfigError::NotAPrefix(self.from.clone()))?;
        let last = last.ok_or_else(|| BinConfigError::NotAPrefix(to.clone()))?;
        if first > last {
            return Err(BinConfigError::Empty { from: self.from.clone(), to: to.clone() });
        }
        Ok(Span { first, last })
    }
}

#[cfg(test)]
mod tests;
