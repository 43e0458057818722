//! Each card does what the table says, codes and authentications go by their rules, and money by its.

use super::*;

#[test]
fn a_seamless_sale_is_approved_with_the_networks_numbers() {
    let mut network = network();
    let initiated = network.initiate(&asks("84443535451", SEAMLESS), draw(205)).unwrap();
    let authentication: AuthenticationId = "84443535451".parse().unwrap();
    assert_eq!(
        initiated,
        Initiated::Challenged {
            authentication: authentication.clone(),
            challenge: Challenge::Code { valid_minutes: 1 },
        }
    );
    assert_eq!(typed(&mut network, &authentication, CODE, 221), Authenticated::Passed);
    let outcome =
        network.authorise(&sale("84443535452", Some(&authentication)), draw(246)).unwrap();
    let approval = approved(outcome.clone());
    assert_eq!(approval.transaction.as_str(), "84443535452");
    assert_eq!(approval.reference_number, "319209535451");
    assert_eq!(approval.authorisation_code, "093906");
    let scheme_transaction = approval.scheme_transaction.clone().unwrap();
    assert_eq!(scheme_transaction, "100122023071100000084443535451");
    assert_eq!(status(&mut network, "84443535452", 300), Ok(Found::Operation(outcome)));
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
    assert_eq!(typed(&mut network, &authentication, CODE, 6), Authenticated::Passed);
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
        let mut proof = typed(&mut network, &authentication, CODE, 10);
        match behaviour.unwrap() {
            Behaviour::EveryCodeWrong => {
                assert_eq!(proof, Authenticated::WrongCode { tries_left: Some(2) });
                typed(&mut network, &authentication, CODE, 11);
                proof = typed(&mut network, &authentication, CODE, 12);
                assert_eq!(proof, Authenticated::Failed(AuthenticationEnd::Locked));
            }
            Behaviour::LockedByIssuer => {
                assert_eq!(proof, Authenticated::Failed(AuthenticationEnd::Locked));
            }
            Behaviour::FirstCodeExpired => {
                assert_eq!(proof, Authenticated::CodeExpired);
                let resent = asks_again(&mut network, &authentication, 12);
                assert_eq!(resent, Authenticated::Resent { valid_minutes: 1 });
                proof = typed(&mut network, &authentication, CODE, 13);
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
            Behaviour::NetworkToken => assert_eq!(why(outcome), "63"),
            Behaviour::Late { first: Some(first), .. } => {
                let Ok(Outcome::Unknown { response, .. }) = outcome else { panic!("{outcome:?}") };
                assert_eq!(response, first);
            }
            Behaviour::Late { first: None, .. } => assert_eq!(outcome, Ok(Outcome::Lost)),
            Behaviour::Unreachable => {
                assert_eq!(outcome, Err(NoAnswer::NotReached));
                assert_eq!(status(&mut network, "sale", 30), Ok(Found::Nothing));
            }
            Behaviour::EveryCodeWrong | Behaviour::LockedByIssuer => {
                assert_eq!(why(outcome), "card_not_authenticated");
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
        assert_eq!(outcome.unwrap().certainty(), Certainty::Unknown, "{pan}");
        assert_eq!(network.changed().count(), 2, "what was lost is stored all the same");
        assert_eq!(certainty(status(&mut network, "sale", 49)), Certainty::Unknown, "{pan}");
        for s in [50, 100_000] {
            assert_eq!(certainty(status(&mut network, "sale", s)), finally, "{pan}");
        }
    }
}

#[test]
fn codes_end_and_lock_as_the_rules_say() {
    let mut network = network();
    let authentication = begun(&mut network, SEAMLESS);
    let wrong = typed(&mut network, &authentication, "000000", 1);
    assert_eq!(wrong, Authenticated::WrongCode { tries_left: Some(2) });
    assert_eq!(typed(&mut network, &authentication, CODE, 60), Authenticated::CodeExpired);
    for s in [61, 62, 63] {
        let resent = asks_again(&mut network, &authentication, s);
        assert_eq!(resent, Authenticated::Resent { valid_minutes: 1 });
    }
    let refused = asks_again(&mut network, &authentication, 64);
    assert_eq!(refused, Authenticated::NotResent(otp::Refusal::NoMoreCodes));
    typed(&mut network, &authentication, "000000", 65);
    let locked = Authenticated::Failed(AuthenticationEnd::Locked);
    assert_eq!(typed(&mut network, &authentication, "000000", 66), locked);
    assert_eq!(typed(&mut network, &authentication, CODE, 67), locked);
    assert_eq!(asks_again(&mut network, &authentication, 68), locked);
    assert_eq!(
        status(&mut network, "ask", 69),
        Ok(Found::Authentication { authentication, stands: locked })
    );
}

#[test]
fn a_code_is_taken_only_where_its_payer_is_asked_for_it() {
    let code = || CODE.parse().unwrap();
    for (pan, wrong_ways) in [
        (REDIRECT, [Proof::Code(code()), Proof::Resend]),
        (SEAMLESS, [Proof::PageCode(code()), Proof::PageResend]),
    ] {
        let mut network = network();
        let authentication = begun(&mut network, pan);
        let before = network.asking(&authentication).cloned();
        for proof in wrong_ways {
            let stands = proves(&mut network, &authentication, proof, 1);
            assert_eq!(stands, Authenticated::WrongWay, "{pan}");
        }
        assert_eq!(network.asking(&authentication).cloned(), before, "nothing was counted");
        assert_eq!(typed(&mut network, &authentication, CODE, 2), Authenticated::Passed);
    }
}

#[test]
fn another_card_name_or_order_proves_nothing() {
    let mut network = network();
    let authentication = begun(&mut network, SEAMLESS);
    let before = network.asking(&authentication).cloned();
    let question = |card: Option<Card>, name: &str, order: &str| Authenticate {
        operation: operation(name),
        authentication: authentication.clone(),
        order: order.to_owned(),
        card,
        proof: Proof::Code(CODE.parse().unwrap()),
    };
    let other_month = Card { expiry: Expiry::parse("03", "25").unwrap(), ..card(SEAMLESS) };
    let no_such = Authenticated::Failed(AuthenticationEnd::NoSuch);
    for (question, expected) in [
        (question(Some(card(REDIRECT)), "ask", "R-1"), Authenticated::OtherCard),
        (question(Some(other_month), "ask", "R-1"), Authenticated::OtherCard),
        (question(None, "other", "R-1"), no_such),
        (question(None, "ask", "R-2"), no_such),
    ] {
        assert_eq!(network.authenticate(&question, draw(1)).unwrap().stands, expected);
    }
    assert_eq!(network.asking(&authentication).cloned(), before, "nothing was counted");
    let question = question(Some(card(SEAMLESS)), "ask", "R-1");
    let answer = network.authenticate(&question, draw(2)).unwrap();
    assert_eq!(answer.stands, Authenticated::Passed);
    assert_eq!(answer.code.as_deref(), Some("00"));
    assert_eq!(answer.text.as_deref(), Some("OTP verified successfully."));
    // Nor does a sale by the same number with another month go with it.
    let other_month = Card { expiry: Expiry::parse("03", "25").unwrap(), ..card(SEAMLESS) };
    let sale =
        Authorise { means: Some(Means::Card(other_month)), ..sale("s", Some(&authentication)) };
    assert_eq!(why(network.authorise(&sale, draw(3))), "card_authentication_other_card");
}

#[test]
fn a_payer_may_give_up_but_not_after_the_proof() {
    let mut network = network();
    let authentication = begun(&mut network, REDIRECT);
    let abandoned = Authenticated::Failed(AuthenticationEnd::Abandoned);
    assert_eq!(proves(&mut network, &authentication, Proof::Abandon, 1), abandoned);
    assert_eq!(typed(&mut network, &authentication, CODE, 2), abandoned);
    let mut network = self::network();
    let authentication = begun(&mut network, REDIRECT);
    typed(&mut network, &authentication, CODE, 1);
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
    typed(&mut network, &unproved, CODE, 2);
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
    typed(&mut network, &authentication, CODE, 1);
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
