//! Whole conversations with the simulated network, and what must hold whatever is asked in any order.

use proptest::prelude::*;
use torana_domain::{Currency, Money, Timestamp};

use super::super::network::{Browser, Proof, ReturnedFields};
use super::*;
use torana_domain::card::{
    Approval, AuthenticationId, Card, Certainty, Expiry, Flow, Kind, Means, TransactionId, otp,
};

const REDIRECT: &str = "6074820000084938";
const SEAMLESS: &str = "6071480000033212";

/// 2023-07-11, 9:35 in India: the day of the published exchange.
fn at(s: i64) -> Timestamp {
    Timestamp::from_s(1_689_048_300 + s)
}

fn draw(s: i64) -> Draw {
    Draw { now: at(s), random: 443_535_451 }
}

fn rupees(minor: i64) -> Money {
    Money::from_minor(minor, Currency::INR)
}

fn operation(text: &str) -> OperationId {
    text.parse().unwrap()
}

fn card(pan: &str) -> Card {
    Card {
        pan: pan.parse().unwrap(),
        expiry: Expiry::parse("02", "25").unwrap(),
        security_code: Some("123".parse().unwrap()),
        holder: None,
    }
}

fn network() -> Simulator {
    Simulator::new(b"key", Rules::TEST, "https://pay.example/issuer/")
}

fn asks(name: &str, pan: &str) -> Initiate {
    Initiate {
        operation: operation(name),
        order: "R-1".to_owned(),
        amount: rupees(12350),
        means: Means::Card(card(pan)),
        return_url: "https://shop.example/back".to_owned(),
        browser: Browser::default(),
    }
}

fn begun(network: &mut Simulator, pan: &str) -> AuthenticationId {
    match network.initiate(&asks("ask", pan), draw(0)).unwrap() {
        Initiated::Challenged { authentication, .. } => authentication,
        Initiated::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn proves(
    network: &mut Simulator,
    authentication: &AuthenticationId,
    proof: Proof,
    s: i64,
) -> Authenticated {
    let is_page = network.asking(authentication).is_some_and(|it| it.flow() == Flow::Redirect);
    let proof = match proof {
        Proof::Code(code) if is_page => Proof::PageCode(code),
        Proof::Resend if is_page => Proof::PageResend,
        other => other,
    };
    network.authenticate(&proving(authentication.clone(), proof), draw(s)).unwrap().stands
}

fn proving(authentication: AuthenticationId, proof: Proof) -> Authenticate {
    Authenticate {
        operation: operation("ask"),
        order: "R-1".to_owned(),
        card: None,
        authentication,
        proof,
    }
}

fn code(text: &str) -> Proof {
    Proof::Code(text.parse().unwrap())
}

fn sale(name: &str, authentication: Option<&AuthenticationId>) -> Authorise {
    Authorise {
        operation: operation(name),
        kind: Kind::Sale,
        order: "R-1".to_owned(),
        amount: rupees(12350),
        authentication: authentication.cloned(),
        means: None,
        cryptogram: None,
    }
}

/// A sale by a card whose payer typed the right code.
fn sold(network: &mut Simulator, pan: &str) -> Result<Outcome, NoAnswer> {
    let authentication = begun(network, pan);
    assert_eq!(proves(network, &authentication, code(CODE), 10), Authenticated::Passed);
    network.authorise(&sale("sale", Some(&authentication)), draw(20))
}

fn approved(outcome: Outcome) -> Approval {
    match outcome {
        Outcome::Approved(approval) => approval,
        other => panic!("{other:?}"),
    }
}

fn why(outcome: Result<Outcome, NoAnswer>) -> String {
    match outcome.unwrap() {
        Outcome::Declined { refusal, .. } => refusal.code().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn status(network: &mut Simulator, name: &str, s: i64) -> Result<Found, NotKnown> {
    network.status(&Status { operation: operation(name) }, draw(s))
}

fn certainty(found: Result<Found, NotKnown>) -> Certainty {
    match found {
        Ok(Found::Operation(outcome)) => outcome.certainty(),
        Ok(other) => panic!("{other:?}"),
        Err(NotKnown) => Certainty::Unknown,
    }
}

fn further(name: &str, original: &TransactionId, minor: i64) -> Further {
    Further {
        operation: operation(name),
        original: Original::Transaction(original.clone()),
        amount: rupees(minor),
    }
}

fn void(name: &str, original: &TransactionId) -> Void {
    Void { operation: operation(name), original: Original::Transaction(original.clone()) }
}

#[test]
fn a_seamless_sale_is_approved_with_the_networks_numbers() {
    let mut network = network();
    let initiated = network.initiate(&asks("ask", SEAMLESS), draw(205)).unwrap();
    let authentication: AuthenticationId = "84443535451".parse().unwrap();
    assert_eq!(
        initiated,
        Initiated::Challenged {
            authentication: authentication.clone(),
            challenge: Challenge::Code { valid_minutes: 1 },
        }
    );
    assert_eq!(proves(&mut network, &authentication, code(CODE), 221), Authenticated::Passed);
    let outcome = network.authorise(&sale("sale", Some(&authentication)), draw(246)).unwrap();
    let approval = approved(outcome.clone());
    assert_eq!(approval.transaction.as_str(), "84443535452");
    assert_eq!(approval.reference_number, "319209535451");
    assert_eq!(approval.authorisation_code, "093906");
    let scheme_transaction = approval.scheme_transaction.clone().unwrap();
    assert_eq!(scheme_transaction, "100122023071100000084443535451");
    assert_eq!(status(&mut network, "sale", 300), Ok(Found::Operation(outcome)));
}

#[test]
fn a_redirected_payer_is_believed_by_the_issuer_and_not_by_the_browser() {
    let mut network = network();
    let Ok(Initiated::Challenged { authentication, challenge }) =
        network.initiate(&asks("ask", REDIRECT), draw(0))
    else {
        panic!("not challenged")
    };
    let url = format!("https://pay.example/issuer/{authentication}");
    assert_eq!(challenge, Challenge::Redirect { url });
    let forged = || {
        let field = ("status".to_owned(), "APPROVED".to_owned());
        Proof::Returned(ReturnedFields(vec![field]))
    };
    assert_eq!(proves(&mut network, &authentication, forged(), 5), Authenticated::Waiting);
    assert_eq!(proves(&mut network, &authentication, code(CODE), 6), Authenticated::Passed);
    assert_eq!(proves(&mut network, &authentication, forged(), 7), Authenticated::Passed);
    let outcome = network.authorise(&sale("sale", Some(&authentication)), draw(8)).unwrap();
    assert_eq!(outcome.certainty(), Certainty::Approved);
}

#[test]
fn every_card_does_what_the_table_says() {
    for (pan, behaviour) in all() {
        let mut network = network();
        let initiated = network.initiate(&asks("ask", pan.reveal()), draw(0)).unwrap();
        let Initiated::Challenged { authentication, .. } = initiated else {
            assert!(matches!(behaviour, None | Some(Behaviour::NotAsked)), "{pan}");
            continue;
        };
        let mut proof = proves(&mut network, &authentication, code(CODE), 10);
        match behaviour.unwrap() {
            Behaviour::EveryCodeWrong => {
                assert_eq!(proof, Authenticated::WrongCode { tries_left: Some(2) });
                proves(&mut network, &authentication, code(CODE), 11);
                proof = proves(&mut network, &authentication, code(CODE), 12);
                assert_eq!(proof, Authenticated::Failed(AuthenticationEnd::Locked));
            }
            Behaviour::LockedByIssuer => {
                assert_eq!(proof, Authenticated::Failed(AuthenticationEnd::Locked));
            }
            Behaviour::FirstCodeExpired => {
                assert_eq!(proof, Authenticated::CodeExpired);
                let resent = proves(&mut network, &authentication, Proof::Resend, 12);
                assert_eq!(resent, Authenticated::Resent { valid_minutes: 1 });
                proof = proves(&mut network, &authentication, code(CODE), 13);
                assert_eq!(proof, Authenticated::Passed);
            }
            _ => assert_eq!(proof, Authenticated::Passed, "{pan}"),
        }
        let outcome = network.authorise(&sale("sale", Some(&authentication)), draw(20));
        match behaviour.unwrap() {
            Behaviour::Approve | Behaviour::FirstCodeExpired | Behaviour::RefundDeclined => {
                approved(outcome.unwrap());
            }
            Behaviour::Decline(response) => assert_eq!(why(outcome), response.as_str()),
            Behaviour::Late { first: Some(first), .. } => {
                let Ok(Outcome::Unknown { response, .. }) = outcome else { panic!("{outcome:?}") };
                assert_eq!(response, first);
            }
            Behaviour::Late { first: None, .. } => assert_eq!(outcome, Err(NoAnswer::Lost)),
            Behaviour::Unreachable => {
                assert_eq!(outcome, Err(NoAnswer::NotReached));
                assert_eq!(status(&mut network, "sale", 30), Ok(Found::Nothing));
            }
            Behaviour::EveryCodeWrong | Behaviour::LockedByIssuer => {
                assert_eq!(why(outcome), "card_not_authenticated");
            }
            Behaviour::NetworkToken => {
                assert_eq!(why(outcome), "63");
            }
            Behaviour::NotAsked => panic!("it was asked"),
        }
    }
}

#[test]
fn a_lost_sale_is_unknown_until_the_network_knows() {
    for (pan, finally) in [
        ("6071480009040002", Certainty::Unknown),
        ("6071480009050001", Certainty::Approved),
        ("6071480009060000", Certainty::Declined),
        ("6071480005910000", Certainty::Declined),
        ("6074820005960009", Certainty::Declined),
    ] {
        let mut network = network();
        let outcome = sold(&mut network, pan);
        let known = outcome.as_ref().map_or_else(|lost| lost.certainty(), Outcome::certainty);
        assert_eq!(known, Certainty::Unknown, "{pan}");
        assert_eq!(certainty(status(&mut network, "sale", 49)), Certainty::Unknown, "{pan}");
        for s in [50, 100_000] {
            assert_eq!(certainty(status(&mut network, "sale", s)), finally, "{pan}");
        }
    }
}

#[test]
fn a_late_success_can_be_undone_by_our_own_name() {
    let mut network = network();
    assert_eq!(sold(&mut network, "6074820009050005"), Err(NoAnswer::Lost));
    let by_name = |name: &str| Void {
        operation: operation(name),
        original: Original::Operation(operation("sale")),
    };
    let early = network.void(&by_name("void-1"), draw(30));
    assert_eq!(early, Err(NoAnswer::Lost), "nobody knows yet what would be undone");
    approved(network.void(&by_name("void-1"), draw(60)).unwrap());
}

#[test]
fn codes_end_and_lock_as_the_rules_say() {
    let mut network = network();
    let authentication = begun(&mut network, SEAMLESS);
    let wrong = proves(&mut network, &authentication, code("000000"), 1);
    assert_eq!(wrong, Authenticated::WrongCode { tries_left: Some(2) });
    assert_eq!(proves(&mut network, &authentication, code(CODE), 60), Authenticated::CodeExpired);
    for s in [61, 62, 63] {
        let resent = proves(&mut network, &authentication, Proof::Resend, s);
        assert_eq!(resent, Authenticated::Resent { valid_minutes: 1 });
    }
    let refused = proves(&mut network, &authentication, Proof::Resend, 64);
    assert_eq!(refused, Authenticated::NotResent(otp::Refusal::NoMoreCodes));
    proves(&mut network, &authentication, code("000000"), 65);
    let locked = Authenticated::Failed(AuthenticationEnd::Locked);
    assert_eq!(proves(&mut network, &authentication, code("000000"), 66), locked);
    assert_eq!(proves(&mut network, &authentication, code(CODE), 67), locked);
    assert_eq!(proves(&mut network, &authentication, Proof::Resend, 68), locked);
    assert_eq!(
        status(&mut network, "ask", 69),
        Ok(Found::Authentication { authentication, stands: locked })
    );
}

#[test]
fn a_payer_may_give_up_but_not_after_the_proof() {
    let mut network = network();
    let authentication = begun(&mut network, REDIRECT);
    let abandoned = Authenticated::Failed(AuthenticationEnd::Abandoned);
    assert_eq!(proves(&mut network, &authentication, Proof::Abandon, 1), abandoned);
    assert_eq!(proves(&mut network, &authentication, code(CODE), 2), abandoned);
    let mut network = self::network();
    let authentication = begun(&mut network, REDIRECT);
    proves(&mut network, &authentication, code(CODE), 1);
    let passed = proves(&mut network, &authentication, Proof::Abandon, 2);
    assert_eq!(passed, Authenticated::Passed);
}

#[test]
fn one_authentication_serves_one_sale() {
    let mut network = network();
    let unproved = begun(&mut network, SEAMLESS);
    let code_of = |outcome| why(outcome);
    assert_eq!(code_of(network.authorise(&sale("a", None), draw(1))), "card_not_authenticated");
    let early = network.authorise(&sale("b", Some(&unproved)), draw(1));
    assert_eq!(code_of(early), "card_not_authenticated");
    proves(&mut network, &unproved, code(CODE), 2);
    let more = Authorise { amount: rupees(12351), ..sale("c", Some(&unproved)) };
    assert_eq!(code_of(network.authorise(&more, draw(3))), "card_authentication_other_amount");
    let other =
        Authorise { means: Some(Means::Card(card(REDIRECT))), ..sale("d", Some(&unproved)) };
    assert_eq!(code_of(network.authorise(&other, draw(3))), "card_authentication_other_card");
    let same = Authorise { means: Some(Means::Card(card(SEAMLESS))), ..sale("e", Some(&unproved)) };
    let first = network.authorise(&same, draw(4)).unwrap();
    approved(first.clone());
    assert_eq!(network.authorise(&same, draw(5)).unwrap(), first, "the same name, the same answer");
    let second = network.authorise(&sale("f", Some(&unproved)), draw(5));
    assert_eq!(code_of(second), "card_authentication_used");
    let renamed = Authorise { amount: rupees(1), ..sale("e", Some(&unproved)) };
    assert_eq!(code_of(network.authorise(&renamed, draw(6))), "card_name_taken");
}

#[test]
fn strangers_and_dead_cards_are_refused_before_anybody_is_asked() {
    let mut network = network();
    let mut refusal = |question: Initiate, s: i64| match network.initiate(&question, draw(s)) {
        Ok(Initiated::Refused(refusal)) => refusal.code().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(asks("a", "4111111111111111"), 0), "14");
    assert_eq!(refusal(asks("b", "6070010000000001"), 0), "14");
    assert_eq!(refusal(asks("c", "6071480009090007"), 0), "62");
    assert_eq!(refusal(asks("d", SEAMLESS), 60_000_000), "54");
    assert_eq!(refusal(Initiate { amount: rupees(0), ..asks("e", SEAMLESS) }, 0), "13");
    let facts = |bin: &str| CheckBin { bin: bin.parse().unwrap() };
    let flows =
        |network: &mut Simulator, bin| network.check_bin(&facts(bin), draw(0)).unwrap().flows;
    assert_eq!(flows(&mut network, "607148"), Some(Flows::Seamless));
    assert_eq!(flows(&mut network, "607482"), Some(Flows::Redirect));
    assert_eq!(flows(&mut network, "607001"), None);
    assert_eq!(flows(&mut network, "411111"), None);
}

#[test]
fn money_goes_back_in_parts_and_never_more_than_came() {
    let mut network = network();
    let original = approved(sold(&mut network, SEAMLESS).unwrap()).transaction;
    let part = network.refund(&further("r1", &original, 10_000), draw(30)).unwrap();
    assert_eq!(network.refund(&further("r1", &original, 10_000), draw(31)).unwrap(), part);
    assert_eq!(approved(part).amount, rupees(10_000));
    assert_eq!(
        why(network.refund(&further("r2", &original, 2_351), draw(32))),
        "card_wrong_amount"
    );
    assert_eq!(why(network.void(&void("v1", &original), draw(33))), "card_wrong_state");
    approved(network.refund(&further("r3", &original, 2_350), draw(90_000)).unwrap());
    assert_eq!(
        why(network.refund(&further("r4", &original, 1), draw(90_001))),
        "card_wrong_amount"
    );
    for taken in ["ask", "sale"] {
        let question = further(taken, &original, 1);
        assert_eq!(why(network.refund(&question, draw(90_002))), "card_name_taken");
    }
    let nowhere = further("r5", &"1".parse().unwrap(), 1);
    assert_eq!(why(network.refund(&nowhere, draw(90_002))), "card_no_such_transaction");
    let mut network = self::network();
    let original = approved(sold(&mut network, "6071480009080008").unwrap()).transaction;
    assert_eq!(why(network.refund(&further("r1", &original, 1), draw(30))), "05");
}

#[test]
fn a_sale_is_undone_on_its_day_and_once() {
    let mut network = network();
    let original = approved(sold(&mut network, SEAMLESS).unwrap()).transaction;
    assert_eq!(why(network.void(&void("v0", &original), draw(86_400))), "card_too_late_to_void");
    approved(network.void(&void("v1", &original), draw(30)).unwrap());
    assert_eq!(why(network.void(&void("v2", &original), draw(31))), "card_wrong_state");
    assert_eq!(why(network.refund(&further("r1", &original, 1), draw(32))), "card_wrong_state");
}

#[test]
fn a_reservation_is_captured_once_and_again_after_the_capture_is_undone() {
    let mut network = network();
    let authentication = begun(&mut network, SEAMLESS);
    proves(&mut network, &authentication, code(CODE), 1);
    let reserve = Authorise { kind: Kind::Preauthorisation, ..sale("pre", Some(&authentication)) };
    let reserved = approved(network.authorise(&reserve, draw(2)).unwrap()).transaction;
    assert_eq!(why(network.refund(&further("r0", &reserved, 1), draw(3))), "card_wrong_state");
    assert_eq!(
        why(network.capture(&further("c0", &reserved, 12_351), draw(3))),
        "card_wrong_amount"
    );
    let captured = network.capture(&further("c1", &reserved, 12_000), draw(4)).unwrap();
    let captured = approved(captured).transaction;
    assert_eq!(why(network.capture(&further("c2", &reserved, 1), draw(5))), "card_wrong_state");
    assert_eq!(why(network.void(&void("v0", &reserved), draw(5))), "card_wrong_state");
    approved(network.void(&void("v1", &captured), draw(6)).unwrap());
    let again = network.capture(&further("c3", &reserved, 12_350), draw(7)).unwrap();
    let again = approved(again).transaction;
    approved(network.refund(&further("r1", &again, 12_350), draw(8)).unwrap());
}

#[test]
fn what_is_kept_elsewhere_is_remembered() {
    let mut first = network();
    let authentication = begun(&mut first, SEAMLESS);
    let mut second = network();
    first.records().cloned().for_each(|record| second.remember(record));
    assert_eq!(proves(&mut second, &authentication, code(CODE), 5), Authenticated::Passed);
    let mut third = network();
    second.records().cloned().for_each(|record| third.remember(record));
    let outcome = third.authorise(&sale("sale", Some(&authentication)), draw(6)).unwrap();
    let original = approved(outcome).transaction;
    approved(third.refund(&further("r", &original, 1), draw(7)).unwrap());
    let follows: Vec<_> = third.records().filter_map(Record::follows).collect();
    assert_eq!(follows, [original.as_str().parse::<u64>().unwrap()]);
}

#[test]
fn the_oldest_give_way() {
    let mut network = network();
    for n in 0..RECORDS_MAX + 2 {
        let question = Authorise { order: String::new(), ..sale(&format!("s{n}"), None) };
        let _ = network.authorise(&question, Draw { now: at(0), random: n as u64 });
    }
    assert_eq!(network.records().count(), RECORDS_MAX);
    assert_eq!((network.named.len(), network.order.len()), (RECORDS_MAX, RECORDS_MAX));
    assert_eq!(status(&mut network, "s1", 0), Ok(Found::Nothing));
    assert!(matches!(status(&mut network, "s2", 0), Ok(Found::Operation(_))));
}

/// What a gateway may ask, with names and amounts from a few.
#[derive(Clone, Debug)]
enum Step {
    Initiate(u8, u8),
    Code(u8, bool),
    Resend(u8),
    Authorise { name: u8, of: u8, is_sale: bool },
    Capture { name: u8, of: u8, minor: i64 },
    Void { name: u8, of: u8 },
    Refund { name: u8, of: u8, minor: i64 },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0_u8..6;
    let minor = || 1_i64..13_000;
    prop_oneof![
        2 => (n(), 0_u8..50).prop_map(|(name, pan)| Step::Initiate(name, pan)),
        3 => (n(), prop::bool::weighted(0.8)).prop_map(|(of, right)| Step::Code(of, right)),
        1 => n().prop_map(Step::Resend),
        4 => (n(), n(), any::<bool>())
            .prop_map(|(name, of, is_sale)| Step::Authorise { name, of, is_sale }),
        2 => (n(), n(), minor()).prop_map(|(name, of, minor)| Step::Capture { name, of, minor }),
        2 => (n(), n()).prop_map(|(name, of)| Step::Void { name, of }),
        3 => (n(), n(), minor()).prop_map(|(name, of, minor)| Step::Refund { name, of, minor }),
        1 => (0_i64..40).prop_map(Step::Wait),
        1 => (0_i64..90_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn whatever_is_asked_money_is_taken_once_and_given_back_once(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let cards = all();
        let mut network = network();
        let mut s = 0;
        let id = |number: u8| -> AuthenticationId {
            (84_000_000_000 + u64::from(number)).to_string().parse().unwrap()
        };
        // A sale, a reservation and a late success to begin with.
        for (random, pan) in [SEAMLESS, REDIRECT, "6071480009050001"].into_iter().enumerate() {
            let draw = Draw { now: at(0), random: random as u64 };
            network.initiate(&asks(&format!("a{random}"), pan), draw).unwrap();
        }
        for (number, kind) in [(0, Kind::Sale), (1, Kind::Preauthorisation), (2, Kind::Sale)] {
            proves(&mut network, &id(number), code(CODE), 0);
            let question = Authorise { kind, ..sale(&format!("s{number}"), Some(&id(number))) };
            let _ = network.authorise(&question, Draw { now: at(0), random: 0 });
        }
        for (random, step) in steps.into_iter().enumerate() {
            let draw = Draw { now: at(s), random: 3 + random as u64 };
            let original = |of: u8| {
                let name = match of {
                    0..3 => format!("s{of}"),
                    3..5 => format!("c{}", of - 3),
                    _ => "r0".to_owned(),
                };
                Original::Operation(operation(&name))
            };
            match step {
                Step::Wait(more) => s += more,
                Step::Initiate(name, pan) => {
                    let pan = &cards[usize::from(pan) % cards.len()].0;
                    let _ = network.initiate(&asks(&format!("a{name}"), pan.reveal()), draw);
                }
                Step::Code(of, right) => {
                    let proof = code(if right { CODE } else { "999999" });
                    let _ = network.authenticate(&proving(id(of), proof), draw);
                }
                Step::Resend(of) => {
                    let question = proving(id(of), Proof::Resend);
                    let _ = network.authenticate(&question, draw);
                }
                Step::Authorise { name, of, is_sale } => {
                    let kind = if is_sale { Kind::Sale } else { Kind::Preauthorisation };
                    let question = Authorise { kind, ..sale(&format!("s{name}"), Some(&id(of))) };
                    let answer = network.authorise(&question, draw);
                    let again = network.authorise(&question, draw);
                    prop_assert_eq!(answer, again);
                }
                Step::Capture { name, of, minor } => {
                    let operation = operation(&format!("c{name}"));
                    let question = Further { operation, original: original(of), amount: rupees(minor) };
                    let answer = network.capture(&question, draw);
                    prop_assert_eq!(network.capture(&question, draw), answer);
                }
                Step::Void { name, of } => {
                    let operation = operation(&format!("v{name}"));
                    let question = Void { operation, original: original(of) };
                    let answer = network.void(&question, draw);
                    prop_assert_eq!(network.void(&question, draw), answer);
                }
                Step::Refund { name, of, minor } => {
                    let operation = operation(&format!("r{name}"));
                    let question = Further { operation, original: original(of), amount: rupees(minor) };
                    let answer = network.refund(&question, draw);
                    prop_assert_eq!(network.refund(&question, draw), answer);
                }
            }
        }
        let end = at(s + 1_000);
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
            let voids = after.iter().filter(|other| matches!(other.asked, Asked::Void { .. })).count();
            prop_assert_eq!(voids, usize::from(moving.is_voided));
            let captures = after.iter()
                .filter(|other| matches!(other.asked, Asked::Capture { .. }) && !other.is_voided).count();
            prop_assert!(captures <= 1);
            prop_assert_eq!(captures == 1, moving.captured_by.is_some());
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

#[test]
fn a_network_token_is_worth_its_cryptogram() {
    for (pan, name) in [("6074820009100008", "redirect"), ("6071480009100004", "seamless")] {
        let mut network = network();
        let authentication = begun(&mut network, pan);
        assert_eq!(proves(&mut network, &authentication, code(CODE), 1), Authenticated::Passed);
        let proved = Authorise {
            cryptogram: Some("APJUR+bB46ysAAKYEAOYGgADFA==".to_owned().into()),
            ..sale("sale", Some(&authentication))
        };
        approved(network.authorise(&proved, draw(2)).unwrap_or_else(|_| panic!("{name}")));
    }
}

#[test]
fn each_holder_proves_it_where_the_issuer_asks() {
    let mut network = network();
    let page = begun(&mut network, REDIRECT);
    for proof in [code(CODE), Proof::Resend] {
        let answer = network.authenticate(&proving(page.clone(), proof), draw(1)).unwrap();
        assert_eq!(answer.stands, Authenticated::WrongWay);
    }
    assert_eq!(proves(&mut network, &page, code(CODE), 2), Authenticated::Passed);
    let mut network = self::network();
    let ours = begun(&mut network, SEAMLESS);
    let typed = Proof::PageCode(CODE.parse().unwrap());
    let answer = network.authenticate(&proving(ours.clone(), typed), draw(1)).unwrap();
    assert_eq!(answer.stands, Authenticated::WrongWay);
    let other = Authenticate { card: Some(card(REDIRECT)), ..proving(ours, code(CODE)) };
    let answer = network.authenticate(&other, draw(1)).unwrap();
    assert_eq!(answer.stands, Authenticated::WrongWay, "another card proves nothing");
}

#[test]
fn a_kept_card_pays_until_it_is_forgotten() {
    let mut network = network();
    let keep = Keep { operation: operation("800000000000001"), card: card(SEAMLESS) };
    let Kept::Kept { token } = network.keep(&keep, draw(0)).unwrap() else { panic!("refused") };
    let again = network.keep(&keep, draw(1)).unwrap();
    assert!(again == Kept::Kept { token: token.clone() });
    let means = || Means::Token { value: token.clone(), security_code: None };
    let asked = |name: &str| Initiate { means: means(), ..asks(name, SEAMLESS) };
    assert!(matches!(network.initiate(&asked("a"), draw(2)), Ok(Initiated::Challenged { .. })));
    network.forget(&Forget { token: token.clone() }, draw(3)).unwrap();
    let refused = network.initiate(&asked("b"), draw(4));
    assert!(matches!(refused, Ok(Initiated::Refused(_))), "{refused:?}");
    let text = format!("{:?}", network.records().collect::<Vec<_>>());
    assert!(!text.contains(SEAMLESS));
}

#[test]
fn what_changes_is_told_whatever_is_answered() {
    let mut network = network();
    let authentication = begun(&mut network, "6071480009040002");
    proves(&mut network, &authentication, code(CODE), 1);
    let answer = network.authorise(&sale("800000000000002", Some(&authentication)), draw(2));
    assert_eq!(answer, Err(NoAnswer::Lost));
    let changed: Vec<u64> = network.changed().map(Record::number).collect();
    assert_eq!(changed.len(), 2);
    assert!(changed.contains(&800_000_000_000_002), "numbered as it is named");
}
