//! Cards that the network keeps under a name, and numbers that are a network's token.

use zeroize::Zeroizing;

use super::*;

fn keep(name: &str, pan: &str) -> Keep {
    Keep { operation: operation(name), card: card(pan) }
}

fn kept(network: &mut Simulator, name: &str, pan: &str) -> String {
    match network.keep(&keep(name, pan), draw(0)).unwrap() {
        Keeping::Kept(kept) => kept.token,
        Keeping::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn token(value: &str) -> Means {
    Means::Token { value: value.to_owned(), security_code: None }
}

fn refusal(keeping: Keeping) -> String {
    match keeping {
        Keeping::Refused(refusal) => refusal.code().to_owned(),
        Keeping::Kept(kept) => panic!("{kept:?}"),
    }
}

#[test]
fn a_kept_card_is_paid_with_like_the_card() {
    for (pan, outcome) in
        [(SEAMLESS, Certainty::Approved), ("6074820005510002", Certainty::Declined)]
    {
        let mut network = network();
        let name = kept(&mut network, "keep", pan);
        assert_eq!(kept(&mut network, "keep", pan), name, "the same name, the same answer");
        let question = Initiate { means: token(&name), ..asks("ask", pan) };
        let Ok(Initiated::Challenged { authentication, .. }) = network.initiate(&question, draw(1))
        else {
            panic!("not challenged")
        };
        assert_eq!(typed(&mut network, &authentication, CODE, 2), Authenticated::Passed);
        let by_name = Authorise { means: Some(token(&name)), ..sale("s", Some(&authentication)) };
        assert_eq!(network.authorise(&by_name, draw(3)).unwrap().certainty(), outcome);
    }
}

#[test]
fn a_kept_card_is_that_card_and_no_other() {
    let mut network = network();
    let (mine, other) =
        (kept(&mut network, "k1", SEAMLESS), kept(&mut network, "k2", "6071480009080008"));
    let authentication = begun(&mut network, SEAMLESS);
    typed(&mut network, &authentication, CODE, 1);
    let by = |name: &str, value: &str| Authorise {
        means: Some(token(value)),
        ..sale(name, Some(&authentication))
    };
    let answer = network.authorise(&by("s1", &other), draw(2));
    assert_eq!(why(answer), "card_authentication_other_card");
    assert_eq!(why(network.authorise(&by("s2", "404"), draw(3))), "14");
    approved(network.authorise(&by("s3", &mine), draw(4)).unwrap());
}

#[test]
fn what_is_forgotten_is_gone() {
    let mut network = network();
    let name = kept(&mut network, "keep", SEAMLESS);
    assert_eq!(network.kept(&name).unwrap().facts().unwrap().last4, "3212");
    network.forget(&Forget { token: name.clone() }, draw(1)).unwrap();
    network.forget(&Forget { token: name.clone() }, draw(1)).unwrap();
    assert!(network.kept(&name).unwrap().facts().is_none());
    let question = Initiate { means: token(&name), ..asks("ask", SEAMLESS) };
    let refused = network.initiate(&question, draw(2)).unwrap();
    let Initiated::Refused(refusal) = refused else { panic!("it was asked") };
    assert_eq!(refusal.code(), "14");
    let again = network.keep(&keep("keep", SEAMLESS), draw(3)).unwrap();
    assert_eq!(self::refusal(again), "card_name_taken");
}

#[test]
fn strangers_and_dead_cards_are_not_kept() {
    let mut network = network();
    let stranger = network.keep(&keep("k1", "4111111111111111"), draw(0)).unwrap();
    assert_eq!(refusal(stranger), "14");
    let dead = network.keep(&keep("k2", SEAMLESS), draw(60_000_000)).unwrap();
    assert_eq!(refusal(dead), "54");
    let name = kept(&mut network, "k3", SEAMLESS);
    let other = network.keep(&keep("k3", REDIRECT), draw(0)).unwrap();
    assert_eq!(refusal(other), "card_name_taken");
    // A card that is kept dies like the card.
    let question = Initiate { means: token(&name), ..asks("ask", SEAMLESS) };
    let refused = network.initiate(&question, draw(60_000_000)).unwrap();
    let Initiated::Refused(refusal) = refused else { panic!("it was asked") };
    assert_eq!(refusal.code(), "54");
    assert_eq!(network.records().count(), 1);
}

#[test]
fn a_networks_token_needs_a_cryptogram() {
    for pan in ["6074820009100008", "6071480009100004"] {
        let mut network = network();
        for (at, (length, code)) in
            [(0, "63"), (19, "63"), (33, "63"), (20, "00"), (32, "00")].into_iter().enumerate()
        {
            let name = format!("ask{at}");
            let Ok(Initiated::Challenged { authentication, .. }) =
                network.initiate(&asks(&name, pan), draw(0))
            else {
                panic!("not challenged")
            };
            assert_eq!(typed(&mut network, &authentication, CODE, 1), Authenticated::Passed);
            let cryptogram = (length > 0).then(|| Zeroizing::new("x".repeat(length)));
            let question =
                Authorise { cryptogram, ..sale(&format!("s{at}"), Some(&authentication)) };
            match network.authorise(&question, draw(2)).unwrap() {
                Outcome::Approved(_) => assert_eq!(code, "00", "{length}"),
                outcome => assert_eq!(why(Ok(outcome)), code, "{length}"),
            }
        }
        let unproved =
            Authorise { cryptogram: Some(Zeroizing::new("x".repeat(28))), ..sale("s", None) };
        assert_eq!(why(network.authorise(&unproved, draw(3))), "card_not_authenticated");
    }
}
