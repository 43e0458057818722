//! Whole conversations with the simulated network, and what must hold whatever is asked in any order.

use torana_domain::card::otp::Rules;
use torana_domain::card::{
    Approval, AuthenticationEnd, AuthenticationId, Card, Certainty, Expiry, Flow, Kind, Means,
    OperationId, TransactionId, otp,
};
use torana_domain::{Currency, Money, Timestamp};

use super::*;
use crate::card::Flows;
use crate::card::network::{
    Authenticate, Authenticated, Authorise, Browser, CardNetwork as _, Challenge, CheckBin, Draw,
    Forget, Found, Further, Initiate, Initiated, Keep, Keeping, NoAnswer, NotKnown, Original,
    Outcome, Proof, ReturnedFields, Status, Void,
};

mod conversations;
mod keeping;
mod properties;
mod storing;
mod waiting;

const REDIRECT: &str = "6074820000084938";
const SEAMLESS: &str = "6071480000033212";

/// 2023-07-11, 9:35 in India: the day of the published exchange.
fn at(s: i64) -> Timestamp {
    Timestamp::from_s(1_689_048_300 + s)
}

fn draw(s: i64) -> Draw {
    Draw { now: at(s), random: 0 }
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
    let named = network.asking(authentication).map(|asking| asking.operation().clone());
    let question = Authenticate {
        operation: named.unwrap_or_else(|| operation("nobody")),
        authentication: authentication.clone(),
        order: "R-1".to_owned(),
        card: None,
        proof,
    };
    let answer = network.authenticate(&question, draw(s)).unwrap();
    assert_eq!(answer.code.is_some(), answer.stands == Authenticated::Passed);
    answer.stands
}

fn is_redirected(network: &Simulator, authentication: &AuthenticationId) -> bool {
    network.asking(authentication).is_some_and(|asking| asking.flow() == Flow::Redirect)
}

/// A code, typed where its payer is asked for it.
fn typed(
    network: &mut Simulator,
    authentication: &AuthenticationId,
    text: &str,
    s: i64,
) -> Authenticated {
    let code = text.parse().unwrap();
    let is_redirected = is_redirected(network, authentication);
    let proof = if is_redirected { Proof::PageCode(code) } else { Proof::Code(code) };
    proves(network, authentication, proof, s)
}

/// Another code, asked for there.
fn asks_again(network: &mut Simulator, authentication: &AuthenticationId, s: i64) -> Authenticated {
    let is_redirected = is_redirected(network, authentication);
    let proof = if is_redirected { Proof::PageResend } else { Proof::Resend };
    proves(network, authentication, proof, s)
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
    assert_eq!(typed(network, &authentication, CODE, 10), Authenticated::Passed);
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

/// As certain as who asks can be: without an answer, no more than before.
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
