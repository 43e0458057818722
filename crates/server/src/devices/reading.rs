//! What a message says, whichever rail's it is.

use torana_domain::ids::PaymentNumber;
use torana_domain::receipt::{Confidence, Receipt, ReceiptKey, ReceiptState};
use torana_domain::{AccountId, Money, Timestamp};
use torana_rails::wallet::{self, ChainState, Notice, Warning};
use torana_rails::{Message, upi};
use torana_store::AccountRow;

use super::Heard;
use crate::brands::Brand;
use crate::rails::UPI;

/// A message as one of the rails reads it.
pub(super) enum Reading {
    /// Of a wallet or bank of Bangladesh, or of a sender that nobody knows.
    Wallet(wallet::Reading),
    /// Of a bank of India.
    Upi(upi::Reading),
}

/// Reads a message. A sender speaks for one rail at most.
pub(super) fn read(heard: &Heard) -> Reading {
    let message = Message { sender: &heard.sender, body: &heard.body, heard_at: heard.heard_at };
    match wallet::read(&message) {
        unknown @ wallet::Reading::Unread { wallet: None, .. } => match upi::read(&message) {
            upi::Reading::Unread { bank: None, .. } => Reading::Wallet(unknown),
            known => Reading::Upi(known),
        },
        known => Reading::Wallet(known),
    }
}

impl Reading {
    /// The method of the accounts that it may be about; none if its sender is not known.
    pub(super) fn method(&self) -> Option<&'static str> {
        match self {
            Self::Wallet(wallet::Reading::Receipt(notice)) => Some(notice.wallet.slug()),
            Self::Wallet(wallet::Reading::Sent(notice)) => Some(notice.wallet.slug()),
            Self::Wallet(wallet::Reading::NotMoney { wallet, .. }) => Some(wallet.slug()),
            Self::Wallet(wallet::Reading::Unread { wallet, .. }) => wallet.map(|it| it.slug()),
            Self::Upi(_) => Some(UPI),
        }
    }

    /// The money that it says came in.
    pub(super) fn arrival(&self) -> Option<Arrival<'_>> {
        match self {
            Self::Wallet(wallet::Reading::Receipt(notice)) => Some(Arrival::Wallet(notice)),
            Self::Upi(upi::Reading::Credit(credit)) => Some(Arrival::Upi(credit)),
            Self::Wallet(_) | Self::Upi(_) => None,
        }
    }

    /// The account that it is about: where a bank's text names one, that; else the one bound to this phone and SIM, else to
    /// this phone, else of the kind that the text speaks of, else the brand's first of that method.
    pub(super) fn account<'b>(&self, brand: &'b Brand, heard: &Heard) -> Option<&'b AccountRow> {
        if matches!(self, Self::Wallet(wallet::Reading::Unread { .. })) {
            return None;
        }
        let method = self.method()?;
        let arrival = self.arrival();
        let fits = |account: &&AccountRow| {
            let by_device = account.device.is_some() && account.device == heard.device;
            let by_sim = account.sim.is_some() && account.sim == heard.sim;
            let by_text = arrival.is_some_and(|arrival| arrival.speaks_of(account));
            // A phone hears of several accounts at one bank; a wallet has one SIM.
            let by_name = by_text && matches!(arrival, Some(Arrival::Upi(_)));
            (by_name, by_device && by_sim, by_device, by_text, account.enabled)
        };
        let of_method = brand.accounts.iter().filter(|account| account.method == method);
        of_method.rev().max_by_key(fits)
    }
}

/// Money that came in, as a message says it.
#[derive(Clone, Copy)]
pub(super) enum Arrival<'a> {
    Wallet(&'a Notice),
    Upi(&'a upi::Credit),
}

impl Arrival<'_> {
    /// What identifies it.
    pub(super) fn key(self) -> ReceiptKey {
        match self {
            Self::Wallet(notice) => ReceiptKey::new(notice.wallet.slug(), &notice.reference),
            Self::Upi(credit) => ReceiptKey::new(UPI, &credit.reference),
        }
    }

    /// The balance after it, by which the next message of a wallet is judged. A bank account has other traffic, of which not
    /// every message is heard: its balance judges nothing.
    pub(super) fn balance(self) -> Option<Money> {
        match self {
            Self::Wallet(notice) => notice.balance,
            Self::Upi(_) => None,
        }
    }

    /// The payment that the payer's own words name.
    pub(super) fn names(self) -> Option<PaymentNumber> {
        match self {
            Self::Wallet(_) => None,
            Self::Upi(credit) => upi::named_payment(credit),
        }
    }

    /// Whether the amount alone may tell for which payment it is, where the brand wants that.
    pub(super) fn may_be_told_by_amount(self) -> bool {
        matches!(self, Self::Upi(_))
    }

    fn speaks_of(self, account: &AccountRow) -> bool {
        match self {
            Self::Wallet(notice) => account.kind == notice.kind.code(),
            Self::Upi(credit) => {
                let configured = account.details.account_tail.as_deref();
                credit.account_tail.as_deref().zip(configured).is_some_and(|(said, known)| {
                    !said.is_empty() && (known.ends_with(said) || said.ends_with(known))
                })
            }
        }
    }

    /// Why a message whose reference is known already is not just the same message again: a person must see it.
    pub(super) fn conflict_with(self, known: Option<&Receipt>) -> Option<&'static str> {
        let known = known?;
        let (is_derived, amount, payer, sent_at) = match self {
            Self::Wallet(it) => (it.reference_is_derived, it.amount, &it.payer, it.sent_at),
            Self::Upi(it) => (it.reference_is_derived, it.amount, &it.payer, it.sent_at),
        };
        if is_derived {
            return Some("possible_second_deposit");
        }
        let same = known.amount == amount
            && known.payer == *payer
            && sent_at.is_none_or(|sent_at| sent_at == known.at);
        (!same).then_some("conflicting_receipt")
    }

    /// The receipt, and how far it is believed. `last_balance` is in minor units.
    pub(super) fn receipt(self, account: &Account, heard: &Heard, now: Timestamp) -> Receipt {
        let key = self.key();
        let state = ReceiptState::Open { problem: None, suggested: None };
        match self {
            Self::Wallet(notice) => {
                let currency = notice.amount.currency();
                let last = account.last_balance.map(|minor| Money::from_minor(minor, currency));
                let chain = ChainState { last_balance: last };
                let (mut confidence, warnings) = wallet::assess(notice, chain, heard.heard_at);
                let off_the_chain =
                    [Warning::BalanceGap, Warning::BalanceMissing, Warning::UnreadableBalance];
                if account.strict_balance && warnings.iter().any(|it| off_the_chain.contains(it)) {
                    confidence = Confidence::Low;
                }
                Receipt {
                    key,
                    account: account.id,
                    amount: notice.amount,
                    payer: notice.payer.clone(),
                    refund_to: notice.refund_to.clone(),
                    at: notice.sent_at.unwrap_or(now),
                    heard_at: now,
                    confidence,
                    warnings: warnings.iter().map(|it| it.code().to_owned()).collect(),
                    state,
                }
            }
            Self::Upi(credit) => {
                let (confidence, warnings) = upi::assess(credit, &account.bank, heard.heard_at);
                // Where the bank writes the day only: when the phone heard of it, if that was the day.
                let heard_at = heard.heard_at.min(now);
                let by_day = credit.sent_on.map_or(heard_at, |(from, to)| heard_at.clamp(from, to));
                Receipt {
                    key,
                    account: account.id,
                    amount: credit.amount,
                    payer: credit.payer.clone(),
                    refund_to: credit.refund_to.clone(),
                    at: credit.sent_at.unwrap_or(by_day),
                    heard_at: now,
                    confidence,
                    warnings: warnings.iter().map(|it| it.code().to_owned()).collect(),
                    state,
                }
            }
        }
    }
}

/// What is known of the account that a message is about.
pub(super) struct Account {
    pub(super) id: AccountId,
    /// The bank account behind it.
    pub(super) bank: upi::BankAccount,
    /// What the message before said that was on it, in minor units.
    pub(super) last_balance: Option<i64>,
    /// Whether any break in the chain of balances is for a person.
    pub(super) strict_balance: bool,
}
