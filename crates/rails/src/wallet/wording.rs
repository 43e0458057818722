//! The little language in which wallet files write the wordings of their messages.
//!
//! ```text
//! You have received {amount} from {payer}. [Ref {note}. ]Fee {fee}. Balance {balance}. Trx ID {id} at {at}
//! ```
//!
//! | written | means |
//! |---|---|
//! | blank, `.`, `:` | one, or none: wallets drop them and phones glue lines |
//! | `[…]` | all of it, or nothing |
//! | `<a\|b>` | one of these |
//! | `\(` | the character itself, here a parenthesis |
//! | `{amount}` `{balance}` `{fee}` `{comm}` | a sum, with or without `Tk`, `BDT`, `৳` before it |
//! | `{payer}` `{payee}` `{account}` | digits, perhaps with a `+` before or masked with `*`; the account is not kept |
//! | `{agent}` | the same, of an agent who took the payer's cash: shown as the payer, and never paid back |
//! | `{name}` | a bank's name as the payer: no digit, no colon, no reference in it |
//! | `{id}` `{at}` `{date}` | the TrxID; a date with time; a date, which is not kept |
//! | `{note}` | any text: **what the one who sent the money wrote** |
//! | `{filler}` | any text that does not continue a number; not kept |
//! | anything else | itself, in either case |
//!
//! **Why a payer cannot steer the reading.** A wording must match from the first character on, so what
//! stands before the note (the amount, the number) is read before it. The note is greedy and what follows
//! it must begin with a label, so it swallows every imitation of the tail and leaves the last one, which
//! is the wallet's own. What follows the tail must not look like yet another tail ([`is_harmless_after`]):
//! otherwise, if a wallet changed its tail, the imitation would become the last that is understood.

use regex::{Captures, Regex};
use torana_domain::Timestamp;

use super::message::{Kind, WhyNotMoney};
use super::simulator::Spoken;
use super::{Wallet, Warning};
use crate::pattern::pattern;

/// All that is known of one wallet's messages.
pub(super) struct Format {
    pub wallet: Wallet,
    /// Originating addresses, as [`super::senders::canonical`] writes them; the first is simulated.
    pub senders: &'static [&'static str],
    /// Incoming money; the first that matches counts.
    pub wordings: &'static [Wording],
    /// Money sent to a person, and cash that an agent paid in for one; each names who got it. Tried when no
    /// incoming wording matches; the first that matches counts.
    pub sent: &'static [Wording],
    /// How messages begin that are neither.
    pub not_money: &'static [(WhyNotMoney, &'static str)],
    /// What is odd about a TrxID that came with this time.
    pub check_id: fn(&str, Option<Timestamp>) -> Option<Warning>,
    /// A TrxID as the wallet would give it at this time; for the simulator.
    pub make_id: fn(Timestamp, u64) -> String,
    /// The wallet's own text for incoming money of this kind, if it has one; for the simulator.
    pub say: fn(Kind, &Spoken) -> Option<String>,
    /// The wallet's own text for money sent from this kind of account, if it is known; it states no fee.
    pub say_sent: fn(Kind, &Spoken) -> Option<String>,
    /// The wallet's own text for cashback, if it is known.
    pub say_cashback: fn(&Spoken) -> Option<String>,
}

/// One way in which a wallet says that money came in or was sent.
pub(super) struct Wording {
    /// The kind of account that is spoken to.
    pub kind: Kind,
    pub text: &'static str,
    /// Whether advertising may stand before it. Only for texts in which no payer can write anything.
    pub may_follow_promotion: bool,
}

impl Wording {
    pub const fn new(kind: Kind, text: &'static str) -> Self {
        Self { kind, text, may_follow_promotion: false }
    }

    pub const fn after_promotion(self) -> Self {
        Self { may_follow_promotion: true, ..self }
    }

    /// `None` if the text is not in the language; a test holds that every wording is.
    pub fn compile(&self) -> Option<Regex> {
        let lead = if self.may_follow_promotion { "(?P<lead>.{0,160}?)" } else { "" };
        let pattern = pattern(self.text, field)?;
        Regex::new(&format!("(?i)^{lead}{pattern}{REST}")).ok()
    }
}

/// The pattern of how a message begins.
pub(super) fn compile_opening(text: &str) -> Option<Regex> {
    let pattern = pattern(text, field)?;
    Regex::new(&format!("(?i)^{pattern}")).ok()
}

/// The pattern of the last balance in a text. Something must stand between the label and the sum: a
/// TrxID may well have `BAL1` in it.
pub(super) fn compile_last_balance() -> Option<Regex> {
    Regex::new(&format!("(?i)^.*bal(?:ance)?[: ](?: ?is ?)? ?(?P<balance>{SUM})")).ok()
}

/// What may follow a wording: nothing, or something that does not continue its last word or number.
const REST: &str = r"(?P<rest>(?:\.(?:[^0-9].*)?|,(?: .*)?|[ ;!()\[\]|].*)?)$";

const SUM: &str = r"(?:(?:tk|bdt|taka|৳)[.:]{0,2} ?)?[0-9](?:[0-9,]*[0-9])?(?:\.[0-9]+)?";
const NUMBER: &str = r"\+?[0-9*x][0-9*x-]{2,24}";
const DATE: &str = r"[0-9]{2}[/-](?:[0-9]{2}|[a-z]{3})[/-](?:[0-9]{4}|[0-9]{2})";

fn field(name: &str) -> Option<String> {
    Some(match name {
        "amount" | "balance" | "fee" | "comm" => format!("(?P<{name}>{SUM})"),
        "payer" | "payee" | "agent" => format!("(?P<{name}>{NUMBER})"),
        "account" => format!("(?:{NUMBER})"),
        "name" => "(?P<name>[^0-9:]{2,60}?)".to_owned(),
        // Case is spelt out: with `(?i)`, `[a-z]` would also take the Kelvin sign and the long s.
        "id" => "(?P<id>(?-i:[0-9A-Za-z]{6,24}))".to_owned(),
        "at" => format!("(?P<at>{DATE} ?[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?: ?[ap]m)?)"),
        "date" => format!("(?:{DATE})"),
        "note" => "(?P<note>.*)".to_owned(),
        "filler" => "(?:[^0-9,].*)?".to_owned(),
        _ => return None,
    })
}

/// The text that a wording's field matched.
pub(super) fn captured<'t>(captures: &Captures<'t>, name: &str) -> Option<&'t str> {
    captures.name(name).map(|found| found.as_str())
}

/// Whether the text after the wallet's tail is only advertising.
pub(super) fn is_harmless_after(rest: &str) -> bool {
    !mentions(rest, &["trx", "txn", "txid", "tx id", "balance", "bal:", "fee tk", "fee: tk"])
}

/// Whether the text before the wallet's wording is only advertising: it must not begin another message,
/// which would make the wording something that a payer wrote into it.
pub(super) fn is_harmless_before(lead: &str) -> bool {
    let labels = ["tk", "bdt", "৳", "ref", "trx", "txn", "sender", "from", "customer", "balance"];
    let ends_a_word = lead.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    ends_a_word && !lead.replace("://", "").contains(':') && !mentions(lead, &labels)
}

/// Whether a text can be a bank's name, and not a name with a payer's words after it.
pub(super) fn is_bank_name(name: &str) -> bool {
    !mentions(name, &["ref", "note", "trx", "txn", "balance"])
}

/// Whether what the payer wrote is made to look like the wallet's own words.
pub(super) fn imitates_wallet(note: &str) -> bool {
    mentions(note, &["trx", "txn", "txid", "balance", "fee tk", "amount:", "received tk"])
}

fn mentions(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What follows the note, until the next field, must hold a label that cannot be left out.
    fn note_is_followed_by_a_label(text: &str) -> bool {
        text.split("{note}").skip(1).chain(text.split("{filler}").skip(1)).all(|after| {
            let after = after.trim_start_matches([' ', '.', ':', ']']);
            after.starts_with(|c: char| c.is_alphabetic() || c == '<')
        })
    }

    #[test]
    fn every_wording_is_in_the_language_and_guards_its_note() {
        for format in super::super::reader::FORMATS {
            for wording in format.wordings.iter().chain(format.sent) {
                assert!(wording.compile().is_some(), "{}", wording.text);
                assert!(note_is_followed_by_a_label(wording.text), "{}", wording.text);
                assert!(wording.text.contains("{amount}"), "{}", wording.text);
                assert!(!wording.may_follow_promotion || !wording.text.contains("{note}"));
            }
            for wording in format.sent {
                assert!(matches!(wording.kind, Kind::Personal | Kind::Agent), "{}", wording.text);
                assert!(wording.text.contains("{payee}") && wording.text.contains("{id}"));
                assert!(!wording.text.contains("{payer}") && !wording.may_follow_promotion);
            }
            for wording in format.wordings {
                assert!(!wording.text.contains("{payee}"), "{}", wording.text);
            }
            for (_, opening) in format.not_money {
                assert!(compile_opening(opening).is_some(), "{opening}");
            }
        }
        assert!(compile_last_balance().is_some());
    }

    #[test]
    fn the_rule_about_notes_finds_a_breach() {
        assert!(!note_is_followed_by_a_label("Ref {note}[ Balance {balance}] Trx ID {id}"));
        assert!(!note_is_followed_by_a_label("Ref {note}{id}"));
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(pattern("{nothing}", field).is_none());
        assert!(pattern("{open", field).is_none());
    }
}
