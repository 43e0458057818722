//! A card network with its issuers, for test mode: RuPay as far as a gateway sees it. It decides at once,
//! from what it is asked, the time and a random number; whoever has it keeps it.
//!
//! What is kept holds no number and no code. A card that is not in the table is a stranger, also where a real
//! issuer would know it: a real card that is typed here by mistake goes nowhere.
//!
//! The code on every simulated phone is `123456`, on our page and on the issuer's. Any month that is not
//! over and any security code will do.
//!
//! # Test cards
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
//! | `6074820009100008` | `6071480009100004` | a network's token: approved with its cryptogram, declined without: 63 |
//!
//! | other cards | what they do |
//! |---|---|
//! | `6074849200004917` `6074825972083818` `6074828163369590` `6082015309577308` | redirect, approved: test cards that other gateways publish |
//! | `6070010000000001` | its issuer takes no part |

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use serde::{Deserialize, Serialize};
use torana_domain::{Money, Timestamp};
use zeroize::Zeroizing;

use self::moving::{Asked, Fate};
use super::network::{
    Authenticate, Authenticated, AuthenticationAnswer, Authorise, BinFacts, CardNetwork, Challenge,
    CheckBin, Draw, Forget, Found, Further, Initiate, Initiated, Keep, Kept, NoAnswer, NotKnown,
    Original, Outcome, Status, Void,
};
use super::{BinTable, Flows};
use torana_domain::card::otp::Rules;
use torana_domain::card::{
    AuthenticationEnd, Card, CardBrand, CardFacts, Contradiction, Fingerprint, Flow, Means,
    NotServed, OperationId, Refusal, ResponseCode, Use,
};

mod asking;
mod cards;
mod moving;
mod numbers;

pub use asking::{Asking, CODE};
pub use cards::{Behaviour, all, behaviour_of, flow_of};
pub use moving::Moving;
pub use numbers::{authorisation_code, reference_number, scheme_transaction};

/// More than a test brand makes in a day; the oldest give way.
const RECORDS_MAX: usize = 100_000;

/// The network and its issuers, with what they remember. It may remember everything, or only what a caller
/// that keeps [`Record`]s elsewhere has read for one question: those of the names and numbers in the
/// question, and what these follow.
pub struct Simulator {
    key: Zeroizing<Vec<u8>>,
    rules: Rules,
    page_url: String,
    records: BTreeMap<u64, Record>,
    named: BTreeMap<OperationId, u64>,
    /// Oldest first.
    order: VecDeque<(u64, OperationId)>,
    /// What was made or changed since it was made.
    changed: BTreeSet<u64>,
}

/// What is remembered of one operation. It holds no number of a card, no security code and no one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Of a payer who is asked.
    Asking(Box<Asking>),
    /// Of money.
    Moving(Box<Moving>),
    /// Of a card that is kept.
    Kept(Box<KeptRecord>),
}

/// A card that the network keeps: what it does, and what may be shown of it. Its number is not here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRecord {
    number: u64,
    operation: OperationId,
    behaviour: Behaviour,
    flow: Flow,
    fingerprint: Fingerprint,
    facts: CardFacts,
    is_forgotten: bool,
}

/// A card as the issuers know it.
struct Known {
    behaviour: Behaviour,
    flow: Flow,
    fingerprint: Fingerprint,
    is_over: bool,
}

impl Record {
    /// The network's number for it.
    pub const fn number(&self) -> u64 {
        match self {
            Self::Asking(asking) => asking.number(),
            Self::Moving(moving) => moving.number(),
            Self::Kept(kept) => kept.number,
        }
    }

    /// Our name for it.
    pub const fn operation(&self) -> &OperationId {
        match self {
            Self::Asking(asking) => asking.operation(),
            Self::Moving(moving) => moving.operation(),
            Self::Kept(kept) => &kept.operation,
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
            named: BTreeMap::new(),
            order: VecDeque::new(),
            changed: BTreeSet::new(),
        }
    }

    /// What the issuer keeps of an authentication, for its page.
    pub fn asking(
        &self,
        authentication: &torana_domain::card::AuthenticationId,
    ) -> Option<&Asking> {
        match self.records.get(&authentication.as_str().parse().ok()?)? {
            Record::Asking(asking) => Some(asking),
            Record::Moving(_) | Record::Kept(_) => None,
        }
    }

    fn by_name(&self, operation: &OperationId) -> Option<&Record> {
        self.records.get(self.named.get(operation)?)
    }

    /// A number for a new record: that of its name, where that is one, so that no two ever meet.
    fn number_for(&self, operation: &OperationId, random: u64) -> u64 {
        let is_free = |number: u64| !self.records.contains_key(&number);
        let named = operation.as_str().parse().ok().filter(|number| i64::try_from(*number).is_ok());
        named.filter(|number| is_free(*number)).unwrap_or_else(|| numbers::number(random, is_free))
    }

    /// What is paid with, if it is one of test mode.
    fn known(&self, means: &Means, now: Timestamp) -> Option<Known> {
        match means {
            Means::Card(card) => Some(Known {
                behaviour: behaviour_of(&card.pan)?,
                flow: flow_of(&card.pan.bin())?,
                fingerprint: card.fingerprint(&self.key),
                is_over: card.expiry.is_over(now),
            }),
            Means::Token { value, .. } => {
                let Record::Kept(kept) = self.records.get(&value.parse().ok()?)? else {
                    return None;
                };
                (!kept.is_forgotten).then_some(Known {
                    behaviour: kept.behaviour,
                    flow: kept.flow,
                    fingerprint: kept.fingerprint,
                    is_over: false,
                })
            }
        }
    }

    /// What was made or changed by what was asked: to be kept elsewhere, whatever was answered.
    pub fn changed(&self) -> impl Iterator<Item = &Record> {
        self.changed.iter().filter_map(|number| self.records.get(number))
    }

    /// Remembers something new, or what has become of it.
    fn write(&mut self, record: Record) {
        self.changed.insert(record.number());
        self.remember(record);
    }

    /// What is remembered, to be kept elsewhere.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// Remembers what was kept elsewhere.
    pub fn remember(&mut self, record: Record) {
        let (number, operation) = (record.number(), record.operation().clone());
        if self.records.insert(number, record).is_some() {
            return;
        }
        self.named.insert(operation.clone(), number);
        self.order.push_back((number, operation));
        if self.order.len() > RECORDS_MAX
            && let Some((oldest, name)) = self.order.pop_front()
        {
            self.records.remove(&oldest);
            self.named.remove(&name);
        }
    }

    /// What is answered where the name of an operation was heard before: the same to the same question.
    fn heard_before(
        &self,
        operation: &OperationId,
        asked: &Asked,
        amount: Option<Money>,
        now: Timestamp,
    ) -> Option<Result<Outcome, NoAnswer>> {
        let taken = || declined(Refusal::Rule(Contradiction::NameTaken));
        match self.by_name(operation)? {
            Record::Asking(_) | Record::Kept(_) => Some(taken()),
            Record::Moving(moving) => {
                let is_same =
                    moving.asked == *asked && amount.is_none_or(|amount| amount == moving.amount);
                Some(if is_same { moving.answer(now) } else { taken() })
            }
        }
    }

    /// What a capture, a void or a refund follows, if the network knows it.
    fn original(&self, original: &Original) -> Result<Moving, Refusal> {
        let record = match original {
            Original::Transaction(id) => {
                id.as_str().parse().ok().and_then(|number: u64| self.records.get(&number))
            }
            Original::Operation(operation) => self.by_name(operation),
        };
        match record {
            Some(Record::Moving(moving)) => Ok((**moving).clone()),
            _ => Err(Refusal::Rule(Contradiction::NoSuchTransaction)),
        }
    }

    /// Keeps an operation that follows another, and says what became of it.
    fn follow(
        &mut self,
        operation: &OperationId,
        asked: Asked,
        (original, amount): (&Moving, Money),
        fate: Fate,
        draw: Draw,
    ) -> Result<Outcome, NoAnswer> {
        let number = self.number_for(operation, draw.random);
        let moving = Moving {
            number,
            operation: operation.clone(),
            asked,
            amount,
            at: draw.now,
            fate,
            behaviour: original.behaviour,
            traced_by: number,
            scheme_transaction: original.scheme_transaction.clone(),
            captured_by: None,
            refunded_minor: 0,
            is_voided: false,
        };
        let answer = moving.answer(draw.now);
        self.write(Record::Moving(Box::new(moving)));
        answer
    }

    fn change(&mut self, number: u64, change: impl FnOnce(&mut Moving)) {
        if let Some(Record::Moving(moving)) = self.records.get_mut(&number) {
            change(moving);
            self.changed.insert(number);
        }
    }

    fn challenged(&self, asking: &Asking) -> Initiated {
        let number = asking.number();
        let Ok(authentication) = number.to_string().parse() else {
            return Initiated::Refused(Refusal::Rule(Contradiction::WrongState));
        };
        let challenge = match asking.flow() {
            Flow::Redirect => Challenge::Redirect { url: format!("{}{number}", self.page_url) },
            Flow::Seamless => Challenge::Code { valid_minutes: asking.valid_minutes() },
        };
        Initiated::Challenged { authentication, challenge }
    }

    /// Uses up the authentication of a sale, and says how its card behaves.
    fn served(&mut self, question: &Authorise, now: Timestamp) -> Result<Asking, NotServed> {
        let card = match &question.means {
            // What is not known is another card.
            Some(means) => Some(self.known(means, now).ok_or(NotServed::OtherCard)?.fingerprint),
            None => None,
        };
        let number =
            question.authentication.as_ref().and_then(|id| id.as_str().parse::<u64>().ok());
        let number = number.ok_or(NotServed::NotAuthenticated)?;
        let Some(Record::Asking(asking)) = self.records.get_mut(&number) else {
            return Err(NotServed::NotAuthenticated);
        };
        let wanted = Use {
            operation: &question.operation,
            order: &question.order,
            amount: question.amount,
            card: card.as_ref(),
        };
        if asking.behaviour() != Behaviour::Unreachable {
            asking.authentication.serve(&wanted, now)?;
            self.changed.insert(number);
        }
        Ok((**asking).clone())
    }
}

impl CardNetwork for Simulator {
    fn check_bin(&mut self, question: &CheckBin, _draw: Draw) -> Result<BinFacts, NoAnswer> {
        let known = BinTable::default().look_up(&question.bin, Some(CardBrand::RuPay));
        let brand = known.map_or(CardBrand::RuPay, |answer| answer.brand);
        let flows =
            flow_of(&question.bin).filter(|_| brand == CardBrand::RuPay).map(|flow| match flow {
                Flow::Redirect => Flows::Redirect,
                Flow::Seamless => Flows::Seamless,
            });
        Ok(BinFacts { brand, flows, issuer: Some("Torana test bank".to_owned()) })
    }

    fn initiate(&mut self, question: &Initiate, draw: Draw) -> Result<Initiated, NoAnswer> {
        let refused = |response| Ok(Initiated::Refused(Refusal::Network(response)));
        let known = self.known(&question.means, draw.now);
        match self.by_name(&question.operation) {
            Some(Record::Asking(asking))
                if known.as_ref().is_some_and(|it| asking.is_same(question, &it.fingerprint)) =>
            {
                return Ok(self.challenged(asking));
            }
            Some(_) => return Ok(Initiated::Refused(Refusal::Rule(Contradiction::NameTaken))),
            None => {}
        }
        let Some(known) = known else { return refused(ResponseCode::NO_SUCH_CARD) };
        if known.is_over {
            return refused(ResponseCode::EXPIRED);
        }
        if !question.amount.is_positive() {
            return refused(ResponseCode::INVALID_AMOUNT);
        }
        if known.behaviour == Behaviour::NotAsked {
            return refused(ResponseCode::RESTRICTED);
        }
        let number = self.number_for(&question.operation, draw.random);
        let issuer = (self.rules, self.key.as_slice());
        let card = (known.behaviour, known.flow, known.fingerprint);
        let asking = Asking::begin(number, question, card, issuer, draw);
        let answer = self.challenged(&asking);
        self.write(Record::Asking(Box::new(asking)));
        Ok(answer)
    }

    fn authenticate(
        &mut self,
        question: &Authenticate,
        draw: Draw,
    ) -> Result<AuthenticationAnswer, NoAnswer> {
        let number = question.authentication.as_str().parse::<u64>().ok();
        let record = number.and_then(|number| self.records.get_mut(&number));
        let Some(Record::Asking(asking)) = record else {
            return Ok(Authenticated::Failed(AuthenticationEnd::NoSuch).into());
        };
        let card = question.card.as_ref().map(|card| card.fingerprint(&self.key));
        if card.is_some_and(|card| !asking.authentication.is_of(&card)) {
            return Ok(Authenticated::WrongWay.into());
        }
        let stands = asking.authenticate(&question.proof, &self.key, draw.now);
        self.changed.insert(asking.number());
        let said = match stands {
            Authenticated::Passed => Some(("00", "OTP verified successfully.")),
            Authenticated::WrongCode { .. } => Some(("05", "OTP is wrong.")),
            Authenticated::CodeExpired => Some(("06", "OTP has expired.")),
            _ => None,
        };
        Ok(AuthenticationAnswer {
            stands,
            code: said.map(|(code, _)| code.to_owned()),
            text: said.map(|(_, text)| text.to_owned()),
        })
    }

    fn authorise(&mut self, question: &Authorise, draw: Draw) -> Result<Outcome, NoAnswer> {
        let asked = Asked::Authorise {
            kind: question.kind,
            order: question.order.clone(),
            authentication: question.authentication.clone(),
        };
        let before =
            self.heard_before(&question.operation, &asked, Some(question.amount), draw.now);
        if let Some(before) = before {
            return before;
        }
        let served = self.served(question, draw.now);
        if served.as_ref().is_ok_and(|asking| asking.behaviour() == Behaviour::Unreachable) {
            return Err(NoAnswer::NotReached);
        }
        let number = self.number_for(&question.operation, draw.random);
        let is_bare =
            question.cryptogram.as_ref().is_none_or(|text| !(20..=32).contains(&text.len()));
        let moving = Moving {
            number,
            operation: question.operation.clone(),
            asked,
            amount: question.amount,
            at: draw.now,
            fate: match &served {
                Ok(asking) if asking.behaviour() == Behaviour::NetworkToken && is_bare => {
                    Fate::Refused(Refusal::Network(ResponseCode::SECURITY_VIOLATION))
                }
                Ok(asking) => Fate::of(asking.behaviour()),
                Err(why) => Fate::Refused(Refusal::Authentication(*why)),
            },
            behaviour: served.as_ref().map_or(Behaviour::Approve, Asking::behaviour),
            traced_by: served.as_ref().map_or(number, Asking::number),
            scheme_transaction: served.ok().map(|asking| asking.scheme_transaction().to_owned()),
            captured_by: None,
            refunded_minor: 0,
            is_voided: false,
        };
        let answer = moving.answer(draw.now);
        self.write(Record::Moving(Box::new(moving)));
        answer
    }

    fn capture(&mut self, question: &Further, draw: Draw) -> Result<Outcome, NoAnswer> {
        let original = match self.original(&question.original) {
            Ok(original) => original,
            Err(refusal) => return declined(refusal),
        };
        let asked = Asked::Capture { of: original.number };
        let before =
            self.heard_before(&question.operation, &asked, Some(question.amount), draw.now);
        if let Some(before) = before {
            return before;
        }
        if original.is_open(draw.now) {
            return Err(NoAnswer::Lost);
        }
        let fate = fate(original.refuses_capture(question.amount, draw.now));
        let answer = self.follow(
            &question.operation,
            asked,
            (&original, question.amount),
            fate.clone(),
            draw,
        );
        if fate == Fate::Approved {
            let by = self.named.get(&question.operation).copied();
            self.change(original.number, |original| original.captured_by = by);
        }
        answer
    }

    fn void(&mut self, question: &Void, draw: Draw) -> Result<Outcome, NoAnswer> {
        let original = match self.original(&question.original) {
            Ok(original) => original,
            Err(refusal) => return declined(refusal),
        };
        let asked = Asked::Void { of: original.number };
        if let Some(before) = self.heard_before(&question.operation, &asked, None, draw.now) {
            return before;
        }
        if original.is_open(draw.now) {
            return Err(NoAnswer::Lost);
        }
        let fate = fate(original.refuses_void(draw.now));
        let answer = self.follow(
            &question.operation,
            asked,
            (&original, original.amount),
            fate.clone(),
            draw,
        );
        if fate == Fate::Approved {
            self.change(original.number, |original| original.is_voided = true);
            // What was reserved can be captured again.
            if let Asked::Capture { of } = original.asked {
                self.change(of, |reserved| reserved.captured_by = None);
            }
        }
        answer
    }

    fn refund(&mut self, question: &Further, draw: Draw) -> Result<Outcome, NoAnswer> {
        let original = match self.original(&question.original) {
            Ok(original) => original,
            Err(refusal) => return declined(refusal),
        };
        let asked = Asked::Refund { of: original.number };
        let before =
            self.heard_before(&question.operation, &asked, Some(question.amount), draw.now);
        if let Some(before) = before {
            return before;
        }
        if original.is_open(draw.now) {
            return Err(NoAnswer::Lost);
        }
        let fate = match original.refuses_refund(question.amount, draw.now) {
            None if original.behaviour == Behaviour::RefundDeclined => {
                Fate::Refused(Refusal::Network(ResponseCode::DO_NOT_HONOUR))
            }
            contradiction => fate(contradiction),
        };
        let answer = self.follow(
            &question.operation,
            asked,
            (&original, question.amount),
            fate.clone(),
            draw,
        );
        if fate == Fate::Approved {
            let minor = question.amount.minor();
            self.change(original.number, |original| {
                original.refunded_minor = original.refunded_minor.saturating_add(minor);
            });
        }
        answer
    }

    fn status(&mut self, question: &Status, draw: Draw) -> Result<Found, NotKnown> {
        match self.by_name(&question.operation) {
            None | Some(Record::Kept(_)) => Ok(Found::Nothing),
            Some(Record::Moving(moving)) => {
                moving.found(draw.now).map(Found::Operation).map_err(|_| NotKnown)
            }
            Some(Record::Asking(asking)) => {
                Ok(asking.number().to_string().parse().map_or(Found::Nothing, |authentication| {
                    Found::Authentication { authentication, stands: asking.stands(draw.now) }
                }))
            }
        }
    }

    fn keep(&mut self, question: &Keep, draw: Draw) -> Result<Kept, NoAnswer> {
        let Card { pan, .. } = &question.card;
        let number = match self.by_name(&question.operation) {
            Some(Record::Kept(kept)) => kept.number,
            Some(_) => return Ok(Kept::Refused(Refusal::Rule(Contradiction::NameTaken))),
            None => {
                let Some((behaviour, flow)) = behaviour_of(pan).zip(flow_of(&pan.bin())) else {
                    let refusal = Refusal::Network(ResponseCode::NO_SUCH_CARD);
                    return Ok(Kept::Refused(refusal));
                };
                let number = self.number_for(&question.operation, draw.random);
                self.write(Record::Kept(Box::new(KeptRecord {
                    number,
                    operation: question.operation.clone(),
                    behaviour,
                    flow,
                    fingerprint: question.card.fingerprint(&self.key),
                    facts: question.card.facts(CardBrand::RuPay),
                    is_forgotten: false,
                })));
                number
            }
        };
        Ok(Kept::Kept { token: number.to_string() })
    }

    fn forget(&mut self, question: &Forget, _draw: Draw) -> Result<(), NoAnswer> {
        let number = question.token.parse().ok();
        if let Some(number) = number
            && let Some(Record::Kept(kept)) = self.records.get_mut(&number)
        {
            kept.is_forgotten = true;
            self.changed.insert(number);
        }
        Ok(())
    }
}

fn fate(contradiction: Option<Contradiction>) -> Fate {
    contradiction.map_or(Fate::Approved, |why| Fate::Refused(Refusal::Rule(why)))
}

/// Refused before it was anything: no name, no record.
fn declined(refusal: Refusal) -> Result<Outcome, NoAnswer> {
    Ok(Outcome::Declined { transaction: None, refusal })
}

#[cfg(test)]
mod tests;
