//! Ways to pay, as the checkout shows them.

/// The tab that a method is listed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// A mobile wallet.
    MobileBanking,
    /// A bank account.
    Bank,
    /// Anything else that is paid by hand.
    Other,
}

impl Category {
    pub(super) const ALL: [Self; 3] = [Self::MobileBanking, Self::Bank, Self::Other];

    pub(super) fn title_key(self) -> &'static str {
        match self {
            Self::MobileBanking => "category-mobile",
            Self::Bank => "category-bank",
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

/// One account that the payer may pay to.
#[derive(Clone, Debug)]
pub struct MethodView {
    /// What the form posts as `method`, e.g. `bkash` or `bkash:2`.
    pub value: String,
    /// The wallet's slug, e.g. `bkash`: gives the colour, the monogram and the dial code.
    pub slug: String,
    /// Its name as the payer knows it, e.g. `bKash`.
    pub title: String,
    /// Where it is listed.
    pub category: Category,
    /// The account to pay to, shown and copied exactly so.
    pub account: String,
    /// The kind of that account, if the wallet has kinds.
    pub kind: Option<AccountKind>,
    /// More that the merchant wants the payer to know (bank branch, account name), lines kept.
    pub instructions: Option<String>,
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

    /// The least number of characters that a reference of this method can have (wallets' TrxIDs have eight or more).
    pub fn reference_length_min(&self) -> usize {
        match self.category {
            Category::MobileBanking => 8,
            Category::Bank | Category::Other => 4,
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
            (_, Category::MobileBanking) => "c-teal",
            _ => "c-slate",
        }
    }
}
