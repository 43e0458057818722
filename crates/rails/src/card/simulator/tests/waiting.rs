//! What follows something of which is not known what became is not known either, and never final before that is.

use super::*;

const LATE_SUCCESS: &str = "6074820009050005";
const LATE_REFUSAL: &str = "6071480009060000";
const NEVER_KNOWN: &str = "6071480009040002";

fn of_sale(name: &str, minor: i64) -> Further {
    Further {
        operation: operation(name),
        original: Original::Operation(operation("sale")),
        amount: rupees(minor),
    }
}

fn void_of_sale(name: &str) -> Void {
    Void { operation: operation(name), original: Original::Operation(operation("sale")) }
}

#[test]
fn a_void_of_a_sale_that_was_lost_waits_and_then_undoes_it() {
    let mut network = network();
    assert_eq!(sold(&mut network, LATE_SUCCESS), Ok(Outcome::Lost));
    let waits = network.void(&void_of_sale("void"), draw(30)).unwrap();
    assert_eq!(waits.certainty(), Certainty::Unknown);
    assert_eq!(network.void(&void_of_sale("void"), draw(31)).unwrap(), waits);
    assert_eq!(certainty(status(&mut network, "void", 49)), Certainty::Unknown);
    assert_eq!(certainty(status(&mut network, "void", 50)), Certainty::Approved);
    assert_eq!(why(network.refund(&of_sale("refund", 1), draw(51))), "card_wrong_state");
}

#[test]
fn what_waits_for_a_sale_that_was_refused_is_refused_in_the_end() {
    let mut network = network();
    assert_eq!(sold(&mut network, LATE_REFUSAL), Ok(Outcome::Lost));
    for waits in [
        network.void(&void_of_sale("void"), draw(30)),
        network.refund(&of_sale("refund", 1), draw(30)),
    ] {
        assert_eq!(waits.unwrap().certainty(), Certainty::Unknown);
    }
    assert_eq!(why(network.void(&void_of_sale("void"), draw(60))), "card_wrong_state");
    assert_eq!(certainty(status(&mut network, "refund", 60)), Certainty::Declined);
}

#[test]
fn what_waits_for_what_is_never_known_is_never_known() {
    let mut network = network();
    sold(&mut network, NEVER_KNOWN).unwrap();
    network.void(&void_of_sale("void"), draw(30)).unwrap();
    assert_eq!(status(&mut network, "sale", 90_000), Err(NotKnown));
    assert_eq!(certainty(status(&mut network, "void", 90_000)), Certainty::Unknown);
}

#[test]
fn a_void_is_in_time_if_it_was_asked_for_in_time() {
    let mut network = network();
    sold(&mut network, LATE_SUCCESS).unwrap();
    network.void(&void_of_sale("void"), draw(30)).unwrap();
    assert_eq!(certainty(status(&mut network, "void", 200_000)), Certainty::Approved);
}

#[test]
fn what_waits_for_what_waits_is_decided_after_it() {
    let mut network = network();
    let authentication = begun(&mut network, LATE_SUCCESS);
    typed(&mut network, &authentication, CODE, 1);
    let reserve = Authorise { kind: Kind::Preauthorisation, ..sale("sale", Some(&authentication)) };
    assert_eq!(network.authorise(&reserve, draw(2)), Ok(Outcome::Lost));
    let captured = network.capture(&of_sale("capture", 12_000), draw(3)).unwrap();
    let Outcome::Unknown { transaction: Some(captured), .. } = captured else { panic!("known") };
    let undone = network.void(&void("void", &captured), draw(4)).unwrap();
    assert_eq!(undone.certainty(), Certainty::Unknown);
    assert_eq!(certainty(status(&mut network, "void", 40)), Certainty::Approved);
    assert_eq!(certainty(status(&mut network, "capture", 41)), Certainty::Approved);
    // The capture is undone, so that what is reserved can be captured again.
    approved(network.capture(&of_sale("again", 12_350), draw(42)).unwrap());
}

#[test]
fn two_that_waited_do_not_give_back_more_than_was_taken() {
    let mut network = network();
    sold(&mut network, LATE_SUCCESS).unwrap();
    for name in ["r1", "r2"] {
        let waits = network.refund(&of_sale(name, 10_000), draw(30)).unwrap();
        assert_eq!(waits.certainty(), Certainty::Unknown);
    }
    assert_eq!(certainty(status(&mut network, "r2", 60)), Certainty::Approved);
    assert_eq!(certainty(status(&mut network, "r1", 61)), Certainty::Declined);
}
