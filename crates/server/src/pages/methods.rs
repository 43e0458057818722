//! Ways to pay, as the checkout shows them.

/// The tab that a method is listed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// A mobile wallet.
    MobileBanking,
    /// A bank account.
    Bank,
    /// India's UPI: paid with whichever app the payer has.
    Upi,
    /// A card, whose fields are on a page of ours.
    Card,
    /// A site to which the payer is sent, and which tells by itself what was paid.
    Online,
    /// Anything else that is paid by hand.
    Other,
}

impl Category {
    pub(super) const ALL: [Self; 6] =
        [Self::MobileBanking, Self::Upi, Self::Card, Self::Online, Self::Bank, Self::Other];

    pub(super) fn title_key(self) -> &'static str {
        match self {
            Self::MobileBanking => "category-mobile",
            Self::Bank => "category-bank",
            Self::Upi => "category-upi",
            Self::Card => "category-card",
            Self::Online => "category-online",
            Self::Other => "category-other",
        }
    }
}

/// Whose account the money goes to: it decides what the payer chooses in the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Paid by Send Money.
    Personal,
    /// Paid by Cash Out.
    Agent,
    /// Paid by Payment.
    Merchant,
}

impl AccountKind {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Personal => "kind-personal",
            Self::Agent => "kind-agent",
            Self::Merchant => "kind-merchant",
        }
    }
}

/// The texts about a reference, as keys of translations.
pub(super) struct ReferenceWords {
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) missing: &'static str,
    pub(super) short: &'static str,
    pub(super) waiting: &'static str,
    pub(super) wrong: &'static str,
}

impl ReferenceWords {
    /// Of a wallet's TrxID, and where it is not known which method is meant.
    pub(super) const TRXID: Self = Self {
        label: "reference-label",
        hint: "reference-hint",
        missing: "message-reference-missing",
        short: "message-reference-too-short",
        waiting: "waiting-text",
        wrong: "reference-wrong",
    };

    const UTR: Self = Self {
        label: "reference-label-utr",
        hint: "reference-hint-utr",
        missing: "message-reference-missing-utr",
        short: "message-reference-utr",
        waiting: "waiting-text-utr",
        wrong: "reference-wrong-utr",
    };

    /// Of a far end's own number for a payment.
    const INVOICE: Self = Self { label: "reference-label-invoice", ..Self::TRXID };

    /// Of the number that statements of a card's account name.
    const RETRIEVAL: Self = Self { label: "reference-label-card", ..Self::TRXID };

    /// What the references of a category are called.
    pub(super) const fn of(category: Category) -> Self {
        match category {
            Category::Upi => Self::UTR,
            Category::Online => Self::INVOICE,
            Category::Card => Self::RETRIEVAL,
            Category::MobileBanking | Category::Bank | Category::Other => Self::TRXID,
        }
    }
}

/// What apps of the payer's phone can read.
#[derive(Clone, Debug)]
pub struct Scannable {
    /// The content of the QR code.
    pub code: String,
    /// Apps on the payer's own phone, each with the link that opens it; none where the rail wants the code to be scanned.
    pub apps: Vec<AppLink>,
}

/// A link that opens an app.
#[derive(Clone, Debug)]
pub struct AppLink {
    /// The app's name.
    pub title: &'static str,
    /// Where it leads, such as `phonepe://pay?…`.
    pub url: String,
}

/// One account that the payer may pay to.
#[derive(Clone, Debug)]
pub struct MethodView {
    /// What the form posts as `method`, e.g. `bkash` or `bkash:2`.
    pub value: String,
    /// The wallet's slug, e.g. `bkash`: gives the colour, the monogram and the dial code.
    pub slug: String,
    /// Its name as the payer knows it, e.g. `bKash`; of cards, the networks that are taken, e.g. `RuPay`.
    pub title: String,
    /// Where it is listed.
    pub category: Category,
    /// The account to pay to, shown and copied exactly so.
    pub account: String,
    /// The kind of that account, if the wallet has kinds.
    pub kind: Option<AccountKind>,
    /// More that the merchant wants the payer to know (bank branch, account name), lines kept.
    pub instructions: Option<String>,
    /// What apps can read; then the code is the first thing that the payer sees.
    pub scannable: Option<Scannable>,
    /// For a site: the ways to pay there, as forms post them (`card`); each has its texts `way-…`.
    pub ways: Vec<&'static str>,
}

impl MethodView {
    /// The code that opens the wallet's menu on a phone without its app.
    pub fn dial_code(&self) -> Option<&'static str> {
        match self.slug.as_str() {
            "bkash" => Some("*247#"),
            "nagad" => Some("*167#"),
            "rocket" => Some("*322#"),
            "upay" => Some("*268#"),
            _ => None,
        }
    }

    /// What the payer's app calls the reference of a transfer.
    pub(super) fn reference_words(&self) -> ReferenceWords {
        ReferenceWords::of(self.category)
    }

    /// Whether the payer says by a reference that money was sent.
    pub fn is_claimed(&self) -> bool {
        !matches!(self.category, Category::Online | Category::Card)
    }

    pub(super) fn is_card(&self) -> bool {
        self.category == Category::Card
    }

    /// The least number of characters that a reference of this method can have (wallets' TrxIDs have eight or more).
    pub fn reference_length_min(&self) -> usize {
        match self.category {
            Category::MobileBanking => 8,
            // Exactly: see `torana_rails::upi::is_utr`.
            Category::Upi => 12,
            Category::Bank | Category::Card | Category::Online | Category::Other => 4,
        }
    }

    /// Up to two letters for the coloured chip.
    pub(super) fn monogram(&self) -> String {
        match self.slug.as_str() {
            "bkash" => "bK".to_owned(),
            "cellfin" => "CF".to_owned(),
            "okwallet" => "OK".to_owned(),
            "mcash" => "mC".to_owned(),
            "ipay" => "iP".to_owned(),
            "upi" => "₹".to_owned(),
            _ => self.title.chars().find(|c| c.is_alphanumeric()).into_iter().collect(),
        }
    }

    /// A CSS class for the chip; unknown wallets share one.
    pub(super) fn chip_class(&self) -> &'static str {
        match (self.slug.as_str(), self.category) {
            ("bkash", _) => "c-pink",
            ("nagad", _) => "c-orange",
            ("rocket" | "surecash", _) => "c-purple",
            ("upay" | "ipay", _) => "c-blue",
            ("tap" | "tallypay", _) => "c-teal",
            ("cellfin" | "mcash", _) => "c-green",
            ("okwallet" | "pathao", _) => "c-red",
            (_, Category::Upi | Category::Online) => "c-blue",
            (_, Category::MobileBanking) => "c-teal",
            (_, Category::Card) => "c-green",
            _ => "c-slate",
        }
    }
}
