//! The cards of test mode, and what each of them does. Their table is in the module above.

use serde::{Deserialize, Serialize};

use torana_domain::card::{Bin, Flow, Pan, ResponseCode};

/// The BIN whose holders go to a page of the issuer.
const REDIRECT_BIN: &str = "607482";
/// The BIN whose holders type a code on our page.
const SEAMLESS_BIN: &str = "607148";
/// The BIN of an issuer that takes no part.
const ABSENT_BIN: &str = "607001";

/// What a test card does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Everything goes well.
    Approve,
    /// The issuer declines the sale with this code.
    Decline(ResponseCode),
    /// The outcome of the sale is unknown at first: nothing is answered, or `first`. Asked after a while, the
    /// network says `finally`; without that it never answers.
    Late {
        /// What the network answers at once, if it answers.
        first: Option<ResponseCode>,
        /// What it says in the end, if it ever does.
        finally: Option<ResponseCode>,
    },
    /// The network is not reached with the sale: nothing has happened.
    Unreachable,
    /// Every code is wrong, and the third locks.
    EveryCodeWrong,
    /// The first code is too old when it arrives; one that is sent again passes.
    FirstCodeExpired,
    /// The issuer locks the card when a code is tried.
    LockedByIssuer,
    /// The issuer refuses to ask the payer.
    NotAsked,
    /// The sale is approved, and a refund of it is declined.
    RefundDeclined,
    /// It is no card but a network's token: the sale is approved with a cryptogram and declined without one.
    NetworkToken,
}

/// The group of four digits in the middle of a test card says what it does.
fn meaning_of(group: &str) -> Option<Behaviour> {
    let code = |text: &str| text.parse::<ResponseCode>().ok();
    let late = |first: Option<&str>, finally: Option<&str>| Behaviour::Late {
        first: first.and_then(code),
        finally: finally.and_then(code),
    };
    Some(match group {
        "0505" | "0514" | "0551" | "0554" | "0555" | "0557" | "0561" | "0562" | "0565" | "0575" => {
            Behaviour::Decline(code(group.get(2..)?)?)
        }
        "0591" => late(Some("91"), Some("05")),
        "0596" => late(Some("96"), Some("05")),
        "0901" => Behaviour::EveryCodeWrong,
        "0902" => Behaviour::FirstCodeExpired,
        "0903" => Behaviour::LockedByIssuer,
        "0904" => late(None, None),
        "0905" => late(None, Some("00")),
        "0906" => late(None, Some("05")),
        "0907" => Behaviour::Unreachable,
        "0908" => Behaviour::RefundDeclined,
        "0909" => Behaviour::NotAsked,
        "0910" => Behaviour::NetworkToken,
        _ => return None,
    })
}

/// Every group that means something.
const GROUPS: [&str; 22] = [
    "0505", "0514", "0551", "0554", "0555", "0557", "0561", "0562", "0565", "0575", "0591", "0596",
    "0901", "0902", "0903", "0904", "0905", "0906", "0907", "0908", "0909", "0910",
];

/// Cards that approve: ours, and what other gateways publish of the same network.
const APPROVING: [&str; 6] = [
    "6074820000084938",
    "6071480000033212",
    "6074849200004917",
    "6074825972083818",
    "6074828163369590",
    "6082015309577308",
];

/// A card of an issuer that takes no part.
const ABSENT: &str = "6070010000000001";

/// What a card does; `None` for one that is not of test mode. A real card that is typed here by mistake is a
/// stranger, and goes nowhere.
pub fn behaviour_of(pan: &Pan) -> Option<Behaviour> {
    let digits = pan.reveal();
    if APPROVING.contains(&digits) {
        return Some(Behaviour::Approve);
    }
    let group = digits.get(8..12)?;
    let ours = matches!(pan.bin().six(), REDIRECT_BIN | SEAMLESS_BIN);
    let written_so = digits.get(6..8) == Some("00") && digits.get(12..15) == Some("000");
    if ours && written_so && digits.len() == 16 { meaning_of(group) } else { None }
}

/// Which way the holders of a BIN go; `None` where the issuer takes no part.
pub fn flow_of(bin: &Bin) -> Option<Flow> {
    match bin.six() {
        SEAMLESS_BIN => Some(Flow::Seamless),
        ABSENT_BIN => None,
        _ => Some(Flow::Redirect),
    }
}

/// Every card of test mode with what it does; `None` for that of the issuer that takes no part. For pages
/// that show them.
pub fn all() -> Vec<(Pan, Option<Behaviour>)> {
    let written = |bin: &str, group: &str| {
        (0..10).find_map(|check| format!("{bin}00{group}000{check}").parse::<Pan>().ok())
    };
    let ours = [REDIRECT_BIN, SEAMLESS_BIN]
        .into_iter()
        .flat_map(|bin| GROUPS.iter().filter_map(move |group| written(bin, group)));
    let published = APPROVING.iter().chain([&ABSENT]).filter_map(|text| text.parse::<Pan>().ok());
    published.chain(ours).map(|pan| (pan.clone(), behaviour_of(&pan))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::BinTable;
    use torana_domain::card::{CardBrand, Certainty};

    #[test]
    fn every_group_means_something_and_makes_two_cards() {
        assert_eq!(all().len(), APPROVING.len() + 1 + 2 * GROUPS.len());
        for (pan, behaviour) in all() {
            assert_eq!(behaviour.is_none(), pan.reveal() == ABSENT, "{pan}");
            let answer = BinTable::default().look_up_pan(&pan, None).unwrap();
            assert_eq!(answer.brand, CardBrand::RuPay, "{pan}");
        }
    }

    #[test]
    fn what_declines_is_certain_and_what_is_late_is_not() {
        for (pan, behaviour) in all() {
            match behaviour {
                Some(Behaviour::Decline(code)) => assert_eq!(code.certainty(), Certainty::Declined),
                Some(Behaviour::Late { first, finally }) => {
                    assert!(
                        first.is_none_or(|code| code.certainty() == Certainty::Unknown),
                        "{pan}"
                    );
                    assert!(finally.is_none_or(|code| code.certainty() != Certainty::Unknown));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn the_documented_cards_go_their_ways() {
        let redirect: Pan = "6074820000084938".parse().unwrap();
        let seamless: Pan = "6071480000033212".parse().unwrap();
        assert_eq!(flow_of(&redirect.bin()), Some(Flow::Redirect));
        assert_eq!(flow_of(&seamless.bin()), Some(Flow::Seamless));
        assert_eq!(flow_of(&ABSENT.parse::<Pan>().unwrap().bin()), None);
        for pan in [redirect, seamless] {
            assert_eq!(behaviour_of(&pan), Some(Behaviour::Approve));
        }
    }

    #[test]
    fn strangers_are_none_of_test_mode() {
        for text in ["4111111111111111", "6071480005230009", "6074820000084946", "6074820105510001"]
        {
            if let Ok(pan) = text.parse::<Pan>() {
                assert_eq!(behaviour_of(&pan), None, "{pan}");
            }
        }
    }

    /// The table in the module's doc is the documentation: it names every card, and no other.
    #[test]
    fn the_table_of_the_documentation_is_complete() {
        let doc = include_str!("mod.rs");
        let rows = doc.lines().filter(|line| line.starts_with("//! |"));
        let cells = rows.flat_map(|row| row.split('`'));
        let mut written: Vec<&str> = cells.filter(|cell| cell.parse::<Pan>().is_ok()).collect();
        written.sort();
        let cards = all();
        let mut known: Vec<&str> = cards.iter().map(|(pan, _)| pan.reveal()).collect();
        known.sort();
        assert_eq!(written, known);
    }
}
