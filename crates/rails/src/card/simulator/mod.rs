//! A card network with its issuers, for test mode: RuPay as far as a gateway sees it. It decides at once,
//! from what it is asked and the time; whoever has it keeps it.
//!
//! # What is kept
//!
//! Everything is kept in [`Record`]s, by the numbers of operations: [`number_of`] makes them of their names. Who keeps
//! them elsewhere, as the server does, makes a [`Simulator`] for one question, [remembers](Simulator::remember) the records
//! that [it needs](Needs::needed) and all that these [follow](Record::follows), asks, and stores what
//! [has changed](Simulator::changed), whatever the answer: also *status* changes what waited for something to be known.
//! All in one transaction, which holds what it has read.
//!
//! What is kept holds no number and no code. A card that is not in the table is a stranger, also where a real
//! issuer would know it: a real card that is typed here by mistake goes nowhere.
//!
//! # Test cards
//!
//! The code on every simulated phone is `123456`, on our page and on the issuer's. Any month that is not over and any
//! security code will do. A card that is kept under a name does under it what it does itself.
//!
//! The first column goes to a page of the issuer, the second types a code on our page. The third group of
//! four digits says what a card does.
//!
//! | redirect | seamless | what it does |
//! |---|---|---|
//! | `6074820000084938` | `6071480000033212` | everything is approved |
//! | `6074820005050009` | `6071480005050005` | the sale is declined: 05, do not honour |
//! | `6074820005140008` | `6071480005140004` | declined: 14, no such card |
//! | `6074820005510002` | `6071480005510008` | declined: 51, insufficient funds |
//! | `6074820005540009` | `6071480005540005` | declined: 54, expired card |
//! | `6074820005550008` | `6071480005550004` | declined: 55, wrong PIN |
//! | `6074820005570006` | `6071480005570002` | declined: 57, not permitted to the holder |
//! | `6074820005610000` | `6071480005610006` | declined: 61, exceeds the amount limit |
//! | `6074820005620009` | `6071480005620005` | declined: 62, restricted card |
//! | `6074820005650006` | `6071480005650002` | declined: 65, exceeds the frequency limit |
//! | `6074820005750004` | `6071480005750000` | declined: 75, too many PIN tries |
//! | `6074820005910004` | `6071480005910000` | answered 91, issuer inoperative: *unknown*; after 30 seconds declined |
//! | `6074820005960009` | `6071480005960005` | answered 96, malfunction: *unknown*; after 30 seconds declined |
//! | `6074820009010009` | `6071480009010005` | every code is wrong; the third locks |
//! | `6074820009020008` | `6071480009020004` | the first code is too old; ask for another |
//! | `6074820009030007` | `6071480009030003` | the issuer locks when a code is tried |
//! | `6074820009040006` | `6071480009040002` | the sale is never answered, nor what became of it: *unknown* for good |
//! | `6074820009050005` | `6071480009050001` | the sale is not answered; after 30 seconds it is known to be approved: a late success |
//! | `6074820009060004` | `6071480009060000` | the sale is not answered; after 30 seconds it is known to be declined |
//! | `6074820009070003` | `6071480009070009` | the network is not reached with the sale: nothing has happened |
//! | `6074820009080002` | `6071480009080008` | the sale is approved, a refund of it is declined: 05 |
//! | `6074820009090001` | `6071480009090007` | the issuer refuses to ask the payer: 62 |
//! | `6074820009100008` | `6071480009100004` | no card but a network's token: the sale is approved with a cryptogram of 20 to 32 characters, without one declined: 63 |
//!
//! | other cards | what they do |
//! |---|---|
//! | `6074849200004917` `6074825972083818` `6074828163369590` `6082015309577308` | redirect, approved: test cards that other gateways publish |
//! | `6070010000000001` | its issuer takes no part |

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize};
use torana_domain::card::otp::Rules;
use torana_domain::card::{
    AuthenticationId, Card, Contradiction, Fingerprint, Means, OperationId, Refusal,
};
use torana_domain::{Money, Timestamp};
use zeroize::Zeroizing;

use self::kept::Known;
use self::moving::{Asked, Fate};
use super::network::{Original, Outcome};

mod answers;
mod asking;
mod cards;
mod kept;
mod moving;
mod needs;
mod numbers;

pub use asking::{Asking, CODE};
pub use cards::{Behaviour, all, behaviour_of, flow_of};
pub use kept::KeptCard;
pub use moving::Moving;
pub use needs::Needs;
pub use numbers::{authorisation_code, number_of, reference_number, scheme_transaction};

/// More than a test brand makes in a day; the oldest give way.
const RECORDS_MAX: usize = 100_000;

/// The network and its issuers, with what they remember: everything, or what was read for one question.
pub struct Simulator {
    key: Zeroizing<Vec<u8>>,
    rules: Rules,
    page_url: String,
    records: BTreeMap<u64, Record>,
    changed: BTreeSet<u64>,
    /// Oldest first.
    order: VecDeque<u64>,
}

/// What is remembered of one operation. It holds no number of a card, no security code and no one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Of a payer who is asked.
    Asking(Box<Asking>),
    /// Of money.
    Moving(Box<Moving>),
    /// Of a card that is kept under a name.
    Kept(Box<KeptCard>),
}

impl Record {
    /// The network's number for it: that of its operation, by which it is found.
    pub const fn number(&self) -> u64 {
        match self {
            Self::Asking(asking) => asking.number(),
            Self::Moving(moving) => moving.number(),
            Self::Kept(kept) => kept.number(),
        }
    }

    /// Our name for it.
    pub const fn operation(&self) -> &OperationId {
        match self {
            Self::Asking(asking) => asking.operation(),
            Self::Moving(moving) => moving.operation(),
            Self::Kept(kept) => kept.operation(),
        }
    }

    /// The number of what it follows: of a capture's reservation, of what is undone or given back.
    pub const fn follows(&self) -> Option<u64> {
        match self {
            Self::Asking(_) | Self::Kept(_) => None,
            Self::Moving(moving) => moving.follows(),
        }
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("records", &self.records.len()).finish_non_exhaustive()
    }
}

impl Simulator {
    /// `key` is for hashes of numbers and codes; the number of an authentication is put after `page_url`,
    /// which is the issuer's page.
    pub fn new(key: &[u8], rules: Rules, page_url: &str) -> Self {
        Self {
            key: Zeroizing::new(key.to_vec()),
            rules: rules.bounded(),
            page_url: page_url.to_owned(),
            records: BTreeMap::new(),
            changed: BTreeSet::new(),
            order: VecDeque::new(),
        }
    }

    /// What the issuer keeps of an authentication, for its page.
    pub fn asking(&self, authentication: &AuthenticationId) -> Option<&Asking> {
        match self.records.get(&numbers::number_of_name(authentication.as_str())?)? {
            Record::Asking(asking) => Some(asking),
            Record::Moving(_) | Record::Kept(_) => None,
        }
    }

    /// What is kept of a card under that name.
    pub fn kept(&self, token: &str) -> Option<&KeptCard> {
        match self.records.get(&numbers::number_of_name(token)?)? {
            Record::Kept(kept) => Some(kept),
            Record::Asking(_) | Record::Moving(_) => None,
        }
    }

    /// Everything that is remembered.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// What was made or changed by being asked, to be stored elsewhere: not what was only
    /// [remembered](Self::remember).
    pub fn changed(&self) -> impl Iterator<Item = &Record> {
        self.changed.iter().filter_map(|number| self.records.get(number))
    }

    /// Remembers what was kept elsewhere. What is remembered already is not overwritten; says whether it was new.
    pub fn remember(&mut self, record: Record) -> bool {
        let number = record.number();
        if self.records.contains_key(&number) {
            return false;
        }
        self.records.insert(number, record);
        self.order.push_back(number);
        if self.order.len() > RECORDS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.records.remove(&oldest);
            self.changed.remove(&oldest);
        }
        true
    }

    /// Remembers what has just come to be.
    fn make(&mut self, record: Record) {
        let number = record.number();
        if self.remember(record) {
            self.changed.insert(number);
        }
    }

    fn change<R>(&mut self, number: u64, change: impl FnOnce(&mut Record) -> R) -> Option<R> {
        let record = self.records.get_mut(&number)?;
        let before = record.clone();
        let result = change(record);
        if *record != before {
            self.changed.insert(number);
        }
        Some(result)
    }

    fn change_moving(&mut self, number: u64, change: impl FnOnce(&mut Moving)) {
        self.change(number, |record| {
            if let Record::Moving(moving) = record {
                change(moving);
            }
        });
    }

    fn moving(&self, number: u64) -> Option<&Moving> {
        match self.records.get(&number)? {
            Record::Moving(moving) => Some(moving),
            Record::Asking(_) | Record::Kept(_) => None,
        }
    }

    /// What is known of the card with which is paid; `None` for strangers and for names that are forgotten.
    fn known(&self, means: &Means) -> Option<Known> {
        match means {
            Means::Card(card) => Known::of(card, &self.key),
            Means::Token { value, .. } => self.kept(value)?.known().cloned(),
        }
    }

    fn fingerprint(&self, card: &Card) -> Fingerprint {
        card.fingerprint(&self.key)
    }

    /// What is answered where the name of an operation was heard before: the same to the same question.
    fn heard_before(
        &mut self,
        operation: &OperationId,
        asked: &Asked,
        amount: Option<Money>,
        now: Timestamp,
    ) -> Option<Outcome> {
        let number = number_of(operation);
        self.settle(number, now);
        let record = self.records.get(&number)?;
        match record {
            Record::Moving(moving)
                if record.operation() == operation
                    && moving.asked.is_same(asked)
                    && amount.is_none_or(|amount| amount == moving.amount) =>
            {
                Some(moving.answer(now))
            }
            _ => Some(declined(Refusal::Rule(Contradiction::NameTaken))),
        }
    }

    /// An operation that follows another: kept, and decided as soon as is known what became of that.
    fn follow(
        &mut self,
        operation: &OperationId,
        original: &Original,
        asked: fn(u64) -> Asked,
        amount: Option<Money>,
        now: Timestamp,
    ) -> Outcome {
        let known = needs::of_original(original).and_then(|of| self.moving(of)).filter(|moving| {
            match original {
                Original::Transaction(_) => true,
                Original::Operation(operation) => moving.operation() == operation,
            }
        });
        let Some(original) = known.cloned() else {
            return declined(Refusal::Rule(Contradiction::NoSuchTransaction));
        };
        let asked = asked(original.number());
        if let Some(before) = self.heard_before(operation, &asked, amount, now) {
            return before;
        }
        let number = number_of(operation);
        let moving = Moving {
            number,
            operation: operation.clone(),
            asked,
            amount: amount.unwrap_or(original.amount),
            at: now,
            fate: Fate::Waits,
            behaviour: original.behaviour,
            traced_by: number,
            scheme_transaction: original.scheme_transaction,
            captured_by: None,
            refunded_minor: 0,
            is_voided: false,
        };
        self.make(Record::Moving(Box::new(moving)));
        self.settle(number, now);
        self.moving(number).map_or(Outcome::Lost, |moving| moving.answer(now))
    }

    /// Decides an operation that waits for what it follows, where is known by now what became of that.
    fn settle(&mut self, number: u64, now: Timestamp) {
        let waiting = self.moving(number).filter(|moving| moving.fate == Fate::Waits).cloned();
        let Some((waiting, of)) = waiting.and_then(|it| it.follows().map(|of| (it, of))) else {
            return;
        };
        // Nothing follows itself: what is followed was there before.
        self.settle(of, now);
        let Some(original) = self.moving(of).filter(|it| !it.is_unknown(now)).cloned() else {
            return;
        };
        let fate = original.fate_of(&waiting, now);
        let is_approved = fate == Fate::Approved;
        self.change_moving(number, |moving| moving.fate = fate);
        if is_approved {
            self.carry_out(&waiting, &original);
        }
    }

    fn carry_out(&mut self, follower: &Moving, original: &Moving) {
        let number = follower.number();
        match follower.asked {
            Asked::Authorise { .. } => {}
            Asked::Capture { of } => {
                self.change_moving(of, |reserved| reserved.captured_by = Some(number));
            }
            Asked::Refund { of } => {
                let minor = follower.amount.minor();
                self.change_moving(of, |taken| {
                    taken.refunded_minor = taken.refunded_minor.saturating_add(minor);
                });
            }
            Asked::Void { of } => {
                self.change_moving(of, |undone| undone.is_voided = true);
                // What was reserved can be captured again.
                if let Asked::Capture { of: reserved } = original.asked {
                    self.change_moving(reserved, |reserved| reserved.captured_by = None);
                }
            }
        }
    }
}

/// Refused before it was anything: no name, no record.
fn declined(refusal: Refusal) -> Outcome {
    Outcome::Declined { transaction: None, refusal }
}

#[cfg(test)]
mod tests;
