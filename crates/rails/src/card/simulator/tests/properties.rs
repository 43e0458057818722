//! Whatever is asked, in any order, of a network that remembers everything and of one that reads what each question needs.

use proptest::prelude::*;

use super::*;
use crate::card::simulator::needs::Needs;

/// What a gateway may ask, with names and amounts from a few.
#[derive(Clone, Debug)]
enum Step {
    Initiate(u8, u8),
    Code { of: u8, is_right: bool, is_page: bool },
    Resend(u8),
    Authorise { name: u8, of: u8, is_sale: bool },
    Capture { name: u8, of: u8, minor: i64 },
    Void { name: u8, of: u8 },
    Refund { name: u8, of: u8, minor: i64 },
    Status(u8),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0_u8..6;
    let minor = || 1_i64..13_000;
    prop_oneof![
        2 => (n(), 0_u8..50).prop_map(|(name, pan)| Step::Initiate(name, pan)),
        3 => (n(), prop::bool::weighted(0.8), any::<bool>())
            .prop_map(|(of, is_right, is_page)| Step::Code { of, is_right, is_page }),
        1 => n().prop_map(Step::Resend),
        4 => (n(), n(), any::<bool>())
            .prop_map(|(name, of, is_sale)| Step::Authorise { name, of, is_sale }),
        3 => (n(), 0_u8..12, minor()).prop_map(|(name, of, minor)| Step::Capture { name, of, minor }),
        3 => (n(), 0_u8..12).prop_map(|(name, of)| Step::Void { name, of }),
        4 => (n(), 0_u8..12, minor()).prop_map(|(name, of, minor)| Step::Refund { name, of, minor }),
        2 => (0_u8..12).prop_map(Step::Status),
        1 => (0_i64..40).prop_map(Step::Wait),
        1 => (0_i64..90_000).prop_map(Step::Wait),
    ]
}

/// Sales, captures, voids and refunds.
fn name_of(of: u8) -> OperationId {
    let kind = match of / 3 {
        0 => 's',
        1 => 'c',
        2 => 'v',
        _ => 'r',
    };
    operation(&format!("{kind}{}", of % 3))
}

fn id(number: u8) -> AuthenticationId {
    number_of(&operation(&format!("a{number}"))).to_string().parse().unwrap()
}

/// A network that remembers everything, beside a store of which each question reads what it needs.
struct Both {
    whole: Simulator,
    stored: BTreeMap<u64, Record>,
}

impl Both {
    /// Asks both, and the same again: the answers are one, and so is what they remember.
    fn ask<Q: Needs, A: PartialEq + fmt::Debug>(
        &mut self,
        question: &Q,
        asks: impl Fn(&mut Simulator, &Q) -> A,
    ) -> A {
        let answer = asks(&mut self.whole, question);
        let mut reading = network();
        let mut needed = question.needed();
        while let Some(number) = needed.pop() {
            if let Some(record) = self.stored.get(&number) {
                needed.extend(record.follows());
                reading.remember(record.clone());
            }
        }
        assert_eq!(asks(&mut reading, question), answer);
        let changed = reading.changed().map(|record| (record.number(), record.clone()));
        self.stored.extend(changed);
        assert!(self.whole.records().eq(self.stored.values()));
        answer
    }

    fn ask_twice<Q: Needs>(
        &mut self,
        question: &Q,
        asks: impl Fn(&mut Simulator, &Q) -> Result<Outcome, NoAnswer>,
    ) {
        let answer = self.ask(question, &asks);
        assert_eq!(self.ask(question, &asks), answer, "the same operation, the same answer");
    }
}

fn proof(of: u8, proof: Proof) -> Authenticate {
    Authenticate {
        operation: operation(&format!("a{of}")),
        authentication: id(of),
        order: "R-1".to_owned(),
        card: None,
        proof,
    }
}

fn take(
    both: &mut Both,
    step: &Step,
    cards: &[(torana_domain::card::Pan, Option<Behaviour>)],
    s: i64,
) {
    let draw = draw(s);
    let further = |kind: char, name: u8, of: u8, minor: i64| Further {
        operation: operation(&format!("{kind}{}", name % 3)),
        original: Original::Operation(name_of(of)),
        amount: rupees(minor),
    };
    match *step {
        Step::Wait(_) => {}
        Step::Initiate(name, pan) => {
            let pan = &cards[usize::from(pan) % cards.len()].0;
            let question = asks(&format!("a{name}"), pan.reveal());
            both.ask(&question, |network, question| network.initiate(question, draw)).unwrap();
        }
        Step::Code { of, is_right, is_page } => {
            let code = if is_right { CODE } else { "999999" }.parse().unwrap();
            let question =
                proof(of, if is_page { Proof::PageCode(code) } else { Proof::Code(code) });
            both.ask(&question, |network, question| network.authenticate(question, draw)).unwrap();
        }
        Step::Resend(of) => {
            let question = proof(of, Proof::Resend);
            both.ask(&question, |network, question| network.authenticate(question, draw)).unwrap();
        }
        Step::Authorise { name, of, is_sale } => {
            let kind = if is_sale { Kind::Sale } else { Kind::Preauthorisation };
            let question = Authorise { kind, ..sale(&format!("s{name}"), Some(&id(of))) };
            both.ask_twice(&question, |network, question| network.authorise(question, draw));
        }
        Step::Capture { name, of, minor } => {
            let question = further('c', name, of, minor);
            both.ask_twice(&question, |network, question| network.capture(question, draw));
        }
        Step::Void { name, of } => {
            let Further { operation, original, .. } = further('v', name, of, 0);
            let question = Void { operation, original };
            both.ask_twice(&question, |network, question| network.void(question, draw));
        }
        Step::Refund { name, of, minor } => {
            let question = further('r', name, of, minor);
            both.ask_twice(&question, |network, question| network.refund(question, draw));
        }
        Step::Status(of) => {
            let question = Status { operation: name_of(of) };
            let found = both.ask(&question, |network, question| network.status(question, draw));
            // Who asks a second time hears the same.
            let again = both.ask(&question, |network, question| network.status(question, draw));
            assert_eq!(found, again);
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_asked_money_is_taken_once_and_given_back_once(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let cards = all();
        let mut both = Both { whole: network(), stored: BTreeMap::new() };
        // A sale, a reservation, a late success and a late reservation to begin with.
        for (n, pan) in [SEAMLESS, REDIRECT, "6071480009050001", "6074820009050005"].into_iter().enumerate() {
            let question = asks(&format!("a{n}"), pan);
            both.ask(&question, |network, question| network.initiate(question, draw(0))).unwrap();
        }
        for (n, kind) in [(0, Kind::Sale), (1, Kind::Preauthorisation), (2, Kind::Sale), (3, Kind::Preauthorisation)] {
            for is_page in [true, false] {
                take(&mut both, &Step::Code { of: n, is_right: true, is_page }, &cards, 0);
            }
            let is_sale = kind == Kind::Sale;
            take(&mut both, &Step::Authorise { name: n, of: n, is_sale }, &cards, 0);
        }
        let mut s = 0;
        for step in steps {
            if let Step::Wait(more) = step {
                s += more;
            }
            take(&mut both, &step, &cards, s);
        }
        let end = at(s + 1_000);
        let network = both.whole;
        let moved: Vec<&Moving> = network
            .records()
            .filter_map(|record| match record {
                Record::Moving(moving) => Some(&**moving),
                Record::Asking(_) | Record::Kept(_) => None,
            })
            .collect();
        let done = |moving: &&&Moving| moving.is_done(end);
        for moving in moved.iter().filter(done) {
            let after: Vec<_> = moved.iter().filter(done)
                .filter(|other| other.follows() == Some(moving.number)).collect();
            let refunded: i64 = after.iter()
                .filter(|other| matches!(other.asked, Asked::Refund { .. }))
                .map(|other| other.amount.minor()).sum();
            prop_assert_eq!(refunded, moving.refunded_minor);
            prop_assert!(refunded <= moving.amount.minor());
            prop_assert!(refunded == 0 || !moving.is_voided);
            let takes = matches!(
                moving.asked,
                Asked::Authorise { kind: Kind::Sale, .. } | Asked::Capture { .. }
            );
            prop_assert!(refunded == 0 || takes);
            let voids = after.iter().filter(|other| matches!(other.asked, Asked::Void { .. })).count();
            prop_assert_eq!(voids, usize::from(moving.is_voided));
            let captured: Vec<_> = after.iter()
                .filter(|other| matches!(other.asked, Asked::Capture { .. }) && !other.is_voided).collect();
            prop_assert!(captured.len() <= 1);
            prop_assert_eq!(captured.first().map(|capture| capture.number), moving.captured_by);
            // What was given back of it is no more than was taken, and that no more than was reserved.
            for capture in captured {
                prop_assert!(capture.refunded_minor <= capture.amount.minor());
                prop_assert!(capture.amount.minor() <= moving.amount.minor());
                prop_assert!(!moving.is_voided);
            }
        }
        // Whatever follows something that was not done was not done.
        for moving in moved.iter().filter(done) {
            if let Some(of) = moving.follows() {
                prop_assert!(moved.iter().any(|other| other.number == of && other.is_done(end)));
            }
        }
        // No authentication stands behind two authorisations that were done or may have been.
        let behind = |number: u8| moved.iter().filter(|moving| {
            let by = matches!(&moving.asked, Asked::Authorise { authentication, .. } if *authentication == Some(id(number)));
            by && !matches!(moving.fate, Fate::Refused(Refusal::Authentication(_)))
        }).count();
        for number in 0..6 {
            prop_assert!(behind(number) <= 1);
        }
        // Nothing that is kept shows a number or a code.
        for record in network.records() {
            let text = format!("{record:?}");
            prop_assert!(!text.contains("123456"));
            for (pan, _) in &cards {
                prop_assert!(!text.contains(pan.reveal()));
            }
        }
    }
}
