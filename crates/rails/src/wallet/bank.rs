//! Banks: money into a bank account. Most messages have no TrxID, and then their reference is derived.
//!
//! Every bank may use every wording here: what counts is that the sender is a bank on the list.

use serde::{Deserialize, Serialize};

use super::message::Kind::Deposit;
use super::message::WhyNotMoney::Outgoing;
use super::trxid::check_length;
use super::wording::{Format, Wording};
use super::{Wallet, dhaka};

macro_rules! banks {
    ($($variant:ident $slug:literal $title:literal [$($sender:literal),+];)+) => {
        /// A bank whose messages are read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Bank {
            $(
                #[doc = $title]
                #[serde(rename = $slug)]
                $variant,
            )+
        }

        impl Bank {
            /// Every bank.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name. Derived references are made from it: it must never change.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// The name that people know.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            const fn senders(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($sender),+],)+ }
            }
        }
    };
}

banks! {
    Ab "ab" "AB Bank" ["ab bank", "abbank"];
    Agrani "agrani" "Agrani Bank" ["agrani bank", "agranibank"];
    Asia "asia" "Bank Asia" ["bank asia", "bankasia"];
    Basic "basic" "BASIC Bank" ["basic bank", "basicbank"];
    Brac "brac" "BRAC Bank" ["brac bank", "bracbank"];
    City "city" "City Bank" ["city bank", "citybank"];
    DutchBangla "dutchbangla" "Dutch-Bangla Bank" ["16216", "dbbl"];
    Eastern "eastern" "Eastern Bank" ["ebl"];
    Ific "ific" "IFIC Bank" ["ific bank", "ificbank", "ific"];
    Islami "islami" "Islami Bank" ["ibbl .", "ibbl", "islami.bank"];
    Jamuna "jamuna" "Jamuna Bank" ["jamuna bank", "jamunabank"];
    Midland "midland" "Midland Bank" ["midland bank", "midlandbank", "midland"];
    Rupali "rupali" "Rupali Bank" ["rupali bank", "rupalibank"];
    Sonali "sonali" "Sonali Bank" ["sonali bank", "sonalibank"];
    Trust "trust" "Trust Bank" ["trust bank", "trustbank"];
}

impl Bank {
    /// The bank that a sender, in canonical form, speaks for.
    pub(super) fn of_sender(canonical: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bank| bank.senders().contains(&canonical))
    }
}

pub(super) const FORMAT: Format = Format {
    wallet: Wallet::Bank,
    // Used by the simulator; the banks' own lists are above.
    senders: &["citybank"],
    wordings: &[
        // BRAC.
        Wording::new(Deposit, "{amount} has been credited to your A/C[#] {account} on {date}"),
        // Sonali.
        Wording::new(Deposit, "Your account {account} has been credited through NPSB for {amount}"),
        // Trust.
        Wording::new(
            Deposit,
            "{amount} received from Ac./Card: {payer} Fee: {fee}. {filler} Txn Id: {id}",
        ),
        Wording::new(Deposit, "ATM CASH Txn {amount} CREDIT AC No {account}"),
        // Islami.
        Wording::new(Deposit, "Dear Customer[,] ATM {amount} has been credited to A/C {account}"),
        Wording::new(Deposit, "Trx ID: {id} Acc: {account} Deposit Amount: {amount}"),
        // Midland.
        Wording::new(Deposit, "{amount} was deposited to A/c No {account} by ATM transaction"),
        // Rupali.
        Wording::new(
            Deposit,
            r"Your A/C: {account} CREDITED\(Transfer\) by {amount} ON {date} from {note} BAL: {balance}",
        ),
        // City and alike.
        Wording::new(
            Deposit,
            "Dear Customer, {amount} has been credited to your A/C {account} on {date} for {note}. Current balance is {balance}",
        ),
        // Dutch-Bangla.
        Wording::new(
            Deposit,
            r"Dear Sir, your A/C {account} credited \(Fund Transfer\) by {amount} on {at} C/B {balance}",
        ),
    ],
    // Guesses: no outgoing message of a bank was at hand.
    sent: &[],
    not_money: &[
        (Outgoing, "[Dear Customer, ]{amount} has been debited"),
        (Outgoing, "[Dear <Customer|Sir>, ]Your <A/C|account>: {account} [has been ]debited"),
    ],
    check_id: |id, _| check_length(id),
    make_id: |_, _| String::new(),
    say: |kind, spoken| {
        let (amount, balance) = (spoken.indian_amount(), spoken.indian_balance());
        let (on, note) = (dhaka::date_only(spoken.at), spoken.note.as_deref());
        (kind == Deposit).then(|| {
            format!(
                "Dear Customer, BDT {amount} has been credited to your A/C **4567 on {on} for {}. Current balance is BDT {balance}.",
                note.unwrap_or("NPSB transfer")
            )
        })
    },
    say_sent: |_, _| None,
    say_cashback: |_| None,
};

/// The reference of a message that has none: the same for the same bank and text, and short enough to
/// show. `line` is the normalised text.
pub(super) fn derive_reference(bank: Option<Bank>, line: &str) -> String {
    crate::text::derive_reference(bank.map_or("", Bank::slug), line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_reference_depends_on_bank_and_text_alone() {
        let reference = derive_reference(Some(Bank::Brac), "TK 5 has been credited");
        assert_eq!(reference.len(), 20);
        assert_eq!(reference, derive_reference(Some(Bank::Brac), "TK 5 has been credited"));
        assert_ne!(reference, derive_reference(Some(Bank::City), "TK 5 has been credited"));
        assert_ne!(reference, derive_reference(Some(Bank::Brac), "TK 6 has been credited"));
    }

    #[test]
    fn no_sender_speaks_for_two_banks() {
        for bank in Bank::ALL {
            for sender in bank.senders() {
                assert_eq!(Bank::of_sender(sender), Some(*bank), "{sender}");
                assert_eq!(super::super::senders::canonical(sender), *sender);
            }
        }
    }
}
