//! Wallets of Bangladesh: money whose only proof is an SMS on the merchant's own phone.
//!
//! A phone forwards `(sender, body)`; [`read`] says whether it is money and how much, and [`assess`] how
//! far to believe it. The sender must be on the allow-list of the wallet, and the *whole* body must be
//! in a wording that the wallet is known to use.
//!
//! Must never: recognise a wallet by its body; take an amount, TrxID, payer or payee from the text
//! that a person wrote (the `Ref` fields; `wording.rs` says how that is made impossible); fold look-alike
//! letters; round money; lose a message (what is not understood is [`Reading::Unread`], and is kept).
//!
//! Where next: one file a wallet holds its senders and wordings (`bkash.rs` first); `wording.rs` is the
//! little language they are written in; `reader.rs` applies them; [`confidence`] weighs odd signs;
//! [`simulator`] is the phone of test mode; `corpus/` has every known message with what is read from it.

pub mod confidence;
pub mod simulator;

mod bank;
mod bkash;
mod cellfin;
mod dhaka;
mod ipay;
mod mcash;
mod message;
mod nagad;
mod okwallet;
mod pathaopay;
mod reader;
mod rocket;
mod senders;
mod surecash;
mod tallypay;
mod tap;
mod text;
mod trxid;
mod upay;
mod wording;

use serde::{Deserialize, Serialize};

pub use crate::message::Message;
pub use bank::Bank;
pub use confidence::{ChainState, Warning, assess, continues_chain};
pub use message::{Kind, Notice, Reading, SentNotice, WhyNotMoney, WhyUnread};
pub use reader::{is_one_time_password, read};

/// A wallet, or the banks as one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wallet {
    /// bKash.
    Bkash,
    /// Nagad.
    Nagad,
    /// Rocket, of Dutch-Bangla Bank.
    Rocket,
    /// Upay, of UCB.
    Upay,
    /// Tap, of Trust Axiata.
    Tap,
    /// CellFin, of Islami Bank.
    Cellfin,
    /// OK Wallet, of ONE Bank.
    OkWallet,
    /// mCash, of Islami Bank.
    Mcash,
    /// Pathao Pay.
    PathaoPay,
    /// iPay.
    Ipay,
    /// SureCash.
    SureCash,
    /// TallyPay.
    TallyPay,
    /// A bank account; [`Notice::bank`] says of which bank.
    Bank,
}

/// What a payer would call the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// An account behind a mobile number.
    MobileBanking,
    /// An account at a bank.
    Bank,
}

impl Wallet {
    /// Every wallet, most used first.
    pub const ALL: [Self; 13] = [
        Self::Bkash,
        Self::Nagad,
        Self::Rocket,
        Self::Upay,
        Self::Tap,
        Self::Cellfin,
        Self::OkWallet,
        Self::Mcash,
        Self::PathaoPay,
        Self::Ipay,
        Self::SureCash,
        Self::TallyPay,
        Self::Bank,
    ];

    /// The stable name in keys, URLs and settings; the method of a receipt's key.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Bkash => "bkash",
            Self::Nagad => "nagad",
            Self::Rocket => "rocket",
            Self::Upay => "upay",
            Self::Tap => "tap",
            Self::Cellfin => "cellfin",
            Self::OkWallet => "okwallet",
            Self::Mcash => "mcash",
            Self::PathaoPay => "pathaopay",
            Self::Ipay => "ipay",
            Self::SureCash => "surecash",
            Self::TallyPay => "tallypay",
            Self::Bank => "bank",
        }
    }

    /// The wallet of a slug, exactly as [`Wallet::slug`] writes it.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wallet| wallet.slug() == slug)
    }

    /// The name as the brand spells it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Bkash => "bKash",
            Self::Nagad => "Nagad",
            Self::Rocket => "Rocket",
            Self::Upay => "Upay",
            Self::Tap => "Tap",
            Self::Cellfin => "CellFin",
            Self::OkWallet => "OK Wallet",
            Self::Mcash => "mCash",
            Self::PathaoPay => "Pathao Pay",
            Self::Ipay => "iPay",
            Self::SureCash => "SureCash",
            Self::TallyPay => "TallyPay",
            Self::Bank => "Bank",
        }
    }

    /// Whether it is a mobile wallet or a bank account.
    pub const fn category(self) -> Category {
        match self {
            Self::Bank => Category::Bank,
            _ => Category::MobileBanking,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_names_its_wallet() {
        for wallet in Wallet::ALL {
            assert_eq!(Wallet::from_slug(wallet.slug()), Some(wallet));
        }
        assert_eq!(Wallet::from_slug("bKash"), None);
    }
}
