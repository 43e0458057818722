//! The payer's language: how it is chosen, and its texts (Fluent, built once).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// The cookie that remembers the payer's choice.
pub const LANGUAGE_COOKIE: &str = "torana_lang";

/// A language that the payer's pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Bengali.
    Bn,
    /// English.
    En,
    /// Hindi.
    Hi,
    /// Bulgarian.
    Bg,
}

impl Language {
    /// Every language, in the order of the switcher.
    pub const ALL: [Self; 4] = [Self::Bn, Self::En, Self::Hi, Self::Bg];

    /// Its ISO 639-1 code, as in `lang="…"` and `?lang=`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bn => "bn",
            Self::En => "en",
            Self::Hi => "hi",
            Self::Bg => "bg",
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bn => "বাংলা",
            Self::En => "English",
            Self::Hi => "हिन्दी",
            Self::Bg => "Български",
        }
    }

    /// Reads a tag such as `bn` or `bn-BD`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == primary)
    }

    /// Chooses: `?lang=`, then the cookie's value, then `Accept-Language`, then `default`.
    pub fn choose(
        query: Option<&str>,
        cookie: Option<&str>,
        accept_language: Option<&str>,
        default: Self,
    ) -> Self {
        query
            .and_then(Self::from_tag)
            .or_else(|| cookie.and_then(Self::from_tag))
            .or_else(|| accept_language.and_then(Self::from_accept_language))
            .unwrap_or(default)
    }

    fn from_accept_language(header: &str) -> Option<Self> {
        let mut best = None;
        for item in header.split(',').take(32) {
            let mut parts = item.split(';');
            let Some(language) = parts.next().and_then(Self::from_tag) else { continue };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1000), thousandths)
                .unwrap_or(0);
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// The text of `key`.
    pub fn text(self, key: &str) -> String {
        self.text_with(key, &[])
    }

    /// The text of `key` with one variable.
    pub fn text1(self, key: &str, name: &str, value: &str) -> String {
        self.text_with(key, &[(name, value)])
    }

    /// The text of `key` with its variables; a key that does not exist gives the key itself.
    pub fn text_with(self, key: &str, variables: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in variables {
            args.set(*name, *value);
        }
        self.format(key, &args)
    }

    /// The text of `key` for a number: `$count` chooses the plural form and is printed in the language's digits.
    pub fn count(self, key: &str, count: u64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        self.digits(&self.format(key, &args))
    }

    /// ASCII digits in the script that this language's readers expect. Never use it for what must be typed or copied.
    pub fn digits(self, text: &str) -> String {
        if self != Self::Bn {
            return text.to_owned();
        }
        let bengali = |digit: char| {
            digit.to_digit(10).and_then(|value| char::from_u32(0x09E6 + value)).unwrap_or(digit)
        };
        text.chars().map(bengali).collect()
    }

    /// An amount such as `€1,234.50` as this language writes it.
    pub fn amount(self, text: &str) -> String {
        if self != Self::Bg {
            return self.digits(text);
        }
        let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (symbol, number) = text.split_at(start);
        // Blanks that do not break a line.
        let number = number.replace(',', "\u{a0}").replace('.', ",");
        format!("{number}\u{a0}{symbol}").trim_end().to_owned()
    }

    /// A date and time such as `25/11/2026 14:07` as this language writes it.
    pub fn date(self, text: &str) -> String {
        match self {
            Self::Bg => text.replace('/', "."),
            Self::Bn | Self::En | Self::Hi => self.digits(text),
        }
    }

    fn format(self, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = &self.bundle().bundle;
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }

    fn bundle(self) -> &'static Texts {
        match self {
            Self::Bn => &BN,
            Self::En => &EN,
            Self::Hi => &HI,
            Self::Bg => &BG,
        }
    }
}

/// `0.8` in thousandths; nothing if it is not a weight.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u32>().ok()?.min(1) * 1000 + fraction.parse::<u32>().ok()?)
}

struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    fn build(source: &str, code: &str) -> Self {
        // A syntax error loses only its own message; the tests refuse any.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let locale = code.parse::<LanguageIdentifier>().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }
}

pub(super) const BN_SOURCE: &str = include_str!("../../i18n/bn.ftl");
pub(super) const EN_SOURCE: &str = include_str!("../../i18n/en.ftl");
pub(super) const HI_SOURCE: &str = include_str!("../../i18n/hi.ftl");
pub(super) const BG_SOURCE: &str = include_str!("../../i18n/bg.ftl");

static BN: LazyLock<Texts> = LazyLock::new(|| Texts::build(BN_SOURCE, "bn"));
static EN: LazyLock<Texts> = LazyLock::new(|| Texts::build(EN_SOURCE, "en"));
static HI: LazyLock<Texts> = LazyLock::new(|| Texts::build(HI_SOURCE, "hi"));
static BG: LazyLock<Texts> = LazyLock::new(|| Texts::build(BG_SOURCE, "bg"));
