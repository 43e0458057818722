//! What is kept elsewhere: loaded for one question, and stored after it.

use super::*;

/// Operations as they are called in earnest.
const ASK: &str = "100000000222157";
const SALE: &str = "100000001222157";

fn remembering<'a>(records: impl Iterator<Item = &'a Record>) -> Simulator {
    let mut network = network();
    for record in records {
        assert!(network.remember(record.clone()));
    }
    network
}

#[test]
fn what_is_kept_elsewhere_is_remembered() {
    let mut first = network();
    let authentication = begun(&mut first, SEAMLESS);
    let mut second = remembering(first.records());
    assert_eq!(typed(&mut second, &authentication, CODE, 5), Authenticated::Passed);
    let mut third = remembering(second.records());
    let outcome = third.authorise(&sale("sale", Some(&authentication)), draw(6)).unwrap();
    let original = approved(outcome).transaction;
    approved(third.refund(&further("r", &original, 1), draw(7)).unwrap());
    let follows: Vec<_> = third.records().filter_map(Record::follows).collect();
    assert_eq!(follows, [original.as_str().parse::<u64>().unwrap()]);
}

#[test]
fn numbers_are_the_names_and_so_are_never_shared() {
    let mut network = network();
    let mut scheme_transactions = BTreeSet::new();
    for (ask, sale) in [(ASK, SALE), ("100000002222157", "100000003222157")] {
        let Ok(Initiated::Challenged { authentication, .. }) =
            network.initiate(&asks(ask, SEAMLESS), draw(0))
        else {
            panic!("not challenged")
        };
        assert_eq!(authentication.as_str(), ask);
        typed(&mut network, &authentication, CODE, 1);
        let outcome = network.authorise(&self::sale(sale, Some(&authentication)), draw(2)).unwrap();
        let approval = approved(outcome);
        assert_eq!(approval.transaction.as_str(), sale);
        scheme_transactions.insert(approval.scheme_transaction);
    }
    assert_eq!(scheme_transactions.len(), 2, "of one moment, and alike in the last six digits");
    assert_eq!(network.records().count(), 4);
}

#[test]
fn only_what_a_question_changed_is_to_be_stored() {
    let mut network = network();
    network.initiate(&asks(ASK, SEAMLESS), draw(0)).unwrap();
    let numbers = |network: &Simulator| network.changed().map(Record::number).collect::<Vec<_>>();
    assert_eq!(numbers(&network), [100_000_000_222_157]);
    let mut network = remembering(network.records());
    let authentication: AuthenticationId = ASK.parse().unwrap();
    assert_eq!(numbers(&network), []);
    status(&mut network, ASK, 1).unwrap();
    assert_eq!(numbers(&network), [], "nothing was changed");
    typed(&mut network, &authentication, "000000", 1);
    assert_eq!(numbers(&network), [100_000_000_222_157], "a wrong code is counted");
    let mut network = remembering(network.records());
    typed(&mut network, &authentication, CODE, 2);
    let mut network = remembering(network.records());
    network.authorise(&sale(SALE, Some(&authentication)), draw(3)).unwrap();
    assert_eq!(numbers(&network), [100_000_000_222_157, 100_000_001_222_157]);
}

#[test]
fn what_is_remembered_is_never_overwritten() {
    let mut network = network();
    network.initiate(&asks(ASK, SEAMLESS), draw(0)).unwrap();
    let first = network.records().next().unwrap().clone();
    let mut other = self::network();
    other.authorise(&sale(ASK, None), draw(0)).unwrap();
    let clashing = other.records().next().unwrap().clone();
    assert_eq!(first.number(), clashing.number());
    assert!(!network.remember(clashing));
    assert_eq!(network.records().collect::<Vec<_>>(), [&first]);
    assert_eq!(why(network.authorise(&sale(ASK, None), draw(1))), "card_name_taken");
}

#[test]
fn the_oldest_give_way() {
    let mut network = network();
    for n in 0..RECORDS_MAX + 2 {
        let question = Authorise { order: String::new(), ..sale(&format!("s{n}"), None) };
        network.authorise(&question, draw(0)).unwrap();
    }
    assert_eq!(network.records().count(), RECORDS_MAX);
    assert_eq!((network.changed.len(), network.order.len()), (RECORDS_MAX, RECORDS_MAX));
    assert_eq!(status(&mut network, "s1", 0), Ok(Found::Nothing));
    assert!(matches!(status(&mut network, "s2", 0), Ok(Found::Operation(_))));
}
