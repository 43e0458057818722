//! Every exchange of the seed through the dialect: its request into a call, and what becomes of that into its answer, byte for
//! byte once written compactly. Nothing is substituted in the answers. Of the requests the placeholders are filled in; the
//! payer's authentication of the seamless flow has one closing brace too many in the seed, which its fixture leaves out.

use http::Method;
use torana_domain::card::operation::{
    CardOperation, OperationDetail, OperationKind, OperationState, Step,
};
use torana_domain::card::otp::{Challenge, Rules};
use torana_domain::card::{Approval, Kind};

use super::stage::*;
use super::*;
use crate::cards::{AuthenticateCard, AuthoriseCard, CardProof, OperationName, ProveCard};
use crate::{Call, CardCall, Dialect as _};

const REDIRECT_ORDER: &str = "R-1230671a-47d4-4630-8534-264b6df75926";
const SEAMLESS_ORDER: &str = "R-56a4f23b-0091-4674-8765-72729be08282";
const TERM_URL: &str = " https://test3.ipg-online.com/webshop/receiveAndProcess/validate";

fn sent(fixture: &str, trace: &str) -> Sent {
    Sent::post(&filled(fixture)).traced(trace)
}

fn patch(fixture: &str, trace: &str, id: &str) -> Sent {
    Sent::new(Method::PATCH, &format!("{PAYMENTS}/{id}"), &filled(fixture)).traced(trace)
}

fn check(stage: &Stage, sent: &Sent, fixture: &str) {
    let reply = stage.answer(sent);
    assert_eq!(text(&reply), compact(fixture));
    assert_eq!((reply.status.as_u16(), reply.content_type), (200, "application/json"));
}

fn authenticate(sent: &Sent) -> AuthenticateCard {
    match sent.call().unwrap() {
        CardCall::Authenticate(call) => *call,
        other => panic!("{other:?}"),
    }
}

fn authorise(sent: &Sent) -> AuthoriseCard {
    match sent.call().unwrap() {
        CardCall::Authorise(call) => *call,
        other => panic!("{other:?}"),
    }
}

fn prove(sent: &Sent) -> ProveCard {
    match sent.call().unwrap() {
        CardCall::Prove(call) => *call,
        other => panic!("{other:?}"),
    }
}

/// As a gateway makes it of a call.
fn authentication(
    call: &AuthenticateCard,
    number: u64,
    second: i64,
    flow: Flow,
    card: CardFacts,
) -> CardOperation {
    let at = Timestamp::from_s(second);
    let challenge = (flow == Flow::Seamless).then(|| Challenge::begin(Rules::TEST, 1, None, at));
    let detail = OperationDetail { flow: Some(flow), challenge, ..OperationDetail::default() };
    CardOperation {
        state: OperationState::Waiting,
        amount: call.payment.amount,
        card,
        note: call.note.clone(),
        at,
        detail,
        ..operation(OperationKind::Authentication, number, "1")
    }
}

fn sold(call: &AuthoriseCard, number: u64, second: i64, approval: Approval) -> CardOperation {
    let detail = OperationDetail { approval: Some(approval), ..OperationDetail::default() };
    CardOperation {
        state: OperationState::Approved,
        amount: call.amount,
        note: call.note.clone(),
        at: Timestamp::from_s(second),
        detail,
        ..operation(OperationKind::Sale, number, "1")
    }
}

fn seamless() -> CardFacts {
    facts("607148", "3212", "02", "2025")
}

fn seamless_call() -> AuthenticateCard {
    let fixture = include_str!("../fixtures/seed-seamless-payer-auth-request.json");
    authenticate(&sent(fixture, "ZKzVuYerPjAV_eEAG2pbhAAAAvc"))
}

#[test]
fn redirect_payer_auth() {
    let fixture = include_str!("../fixtures/seed-redirect-payer-auth-request.json");
    let sent = sent(fixture, "ZHhj7FzQmYCdKrs_-LWVygAAAWw");
    let call = authenticate(&sent);
    assert_eq!((call.payment.amount, call.return_url.as_str()), (inr("567"), TERM_URL.trim()));
    let urls = &call.payment.urls;
    assert_eq!((urls.success.as_str(), urls.cancel.as_str()), (TERM_URL.trim(), TERM_URL.trim()));
    assert_eq!((urls.callback.as_ref(), call.payment.method.as_deref()), (None, Some("card")));
    assert_eq!(call.payment.expiry_ms, Some(900_000));
    let Means::Card(card) = &call.means else { panic!("a card") };
    assert_eq!((card.pan.reveal(), card.expiry.year()), (REDIRECT_CARD, "2025".into()));
    assert_eq!(card.security_code.as_ref().unwrap().reveal(), "123");
    assert!(call.browser.accept.starts_with("Accept: text/html, application/xhtml+xml"));
    assert!(call.browser.user_agent.ends_with("Chrome/109.0.0.0 Safari/537.36"));
    assert_eq!((call.browser.ip.as_str(), call.browser.language.as_str()), ("189.6.239.59", "en"));
    let card = facts("607482", "4938", "12", "2026");
    let waits = authentication(&call, 84_439_384_258, 1_685_611_500, Flow::Redirect, card);
    let reply = include_str!("../fixtures/seed-redirect-payer-auth-reply.json");
    check(&Stage::new(REDIRECT_ORDER, vec![waits]), &sent, reply);
}

#[test]
fn redirect_sale() {
    let fixture = include_str!("../fixtures/seed-redirect-sale-request.json");
    let sent = sent(fixture, "ZHhkJSmlS9TDNc5bZiHOFQAAA4Y");
    let call = authorise(&sent);
    assert_eq!((call.kind, call.amount, call.means.is_none()), (Kind::Sale, inr("567"), true));
    assert_eq!(call.order.as_deref(), Some(REDIRECT_ORDER));
    assert_eq!(call.upon, Some(OperationName("84439384258".into())));
    let approval = Approval {
        transaction: "T-1".parse().unwrap(),
        amount: call.amount,
        reference_number: "315214384258".into(),
        authorisation_code: "145601".into(),
        scheme_transaction: Some("100112023060100000000000222157".into()),
    };
    let sold = sold(&call, 84_439_384_617, 1_685_611_557, approval);
    let reply = include_str!("../fixtures/seed-redirect-sale-reply.json");
    check(&Stage::new(REDIRECT_ORDER, vec![sold]), &sent, reply);
}

#[test]
fn seamless_payer_auth() {
    let fixture = include_str!("../fixtures/seed-seamless-payer-auth-request.json");
    let sent = sent(fixture, "ZKzVuYerPjAV_eEAG2pbhAAAAvc");
    let call = authenticate(&sent);
    assert_eq!(call.return_url, "https://shop.example/back");
    let waits = authentication(&call, 84_443_535_451, 1_689_048_505, Flow::Seamless, seamless());
    let reply = include_str!("../fixtures/seed-seamless-payer-auth-reply.json");
    check(&Stage::new(SEAMLESS_ORDER, vec![waits]), &sent, reply);
}

#[test]
fn a_verified_password() {
    let fixture = include_str!("../fixtures/seed-verify-otp-request.json");
    let sent = patch(fixture, "ZKzVyevDAHjve3dv5k_DVwAAA8s", "84443535451");
    let call = prove(&sent);
    assert_eq!(call.of, OperationName("84443535451".into()));
    assert_eq!(call.proof, CardProof::Code("123456".parse().unwrap()));
    assert_eq!(call.card.unwrap().pan.reveal(), SEAMLESS_CARD);
    let id = 84_443_535_451;
    let mut passed =
        authentication(&seamless_call(), id, 1_689_048_505, Flow::Seamless, seamless());
    passed.state = OperationState::Passed;
    passed.detail.step = Some(Step::Verified);
    let stage = Stage::new(SEAMLESS_ORDER, vec![passed]);
    check(&stage, &sent, include_str!("../fixtures/seed-verify-otp-reply.json"));
}

#[test]
fn a_new_password() {
    let fixture = include_str!("../fixtures/seed-regenerate-otp-request.json");
    let sent = patch(fixture, "ZKzWRSFhD4Fi06xukpEXmgAAAyM", "84443535453");
    assert_eq!(prove(&sent).proof, CardProof::Resend);
    let id = 84_443_535_453;
    let mut waits = authentication(&seamless_call(), id, 1_689_048_630, Flow::Seamless, seamless());
    waits.detail.step = Some(Step::Sent);
    let stage = Stage::new("R-7938fc08-ad86-41c6-8147-33fd9a61374a", vec![waits]);
    check(&stage, &sent, include_str!("../fixtures/seed-regenerate-otp-reply.json"));
}

#[test]
fn seamless_sale() {
    let fixture = include_str!("../fixtures/seed-seamless-sale-request.json");
    let sent = sent(fixture, "ZKzV4OvDAHjve3dv5k_DXwAAA7k");
    let call = authorise(&sent);
    let Some(Means::Card(card)) = &call.means else { panic!("a card") };
    assert_eq!((card.pan.reveal(), call.amount), (SEAMLESS_CARD, inr("123.5")));
    let approval = Approval {
        transaction: "T-1".parse().unwrap(),
        amount: call.amount,
        reference_number: "319209535451".into(),
        authorisation_code: "093906".into(),
        scheme_transaction: Some("100122023071100000000000230184".into()),
    };
    let mut sold = sold(&call, 84_443_535_452, 1_689_048_544, approval);
    sold.card = seamless();
    let mut stage = Stage::new(SEAMLESS_ORDER, vec![sold]);
    stage.terminal.merchant_id = "470000*****1113".into();
    check(&stage, &sent, include_str!("../fixtures/seed-seamless-sale-reply.json"));
}

/// What the gateway made is what the seed says that it made.
#[test]
fn the_numbers_of_the_seed_are_as_ours_would_be() {
    for (at, payer_auth, reference, flow, counter, scheme) in [
        (
            1_685_611_557,
            "84439384258",
            "315214384258",
            Flow::Redirect,
            222_157,
            "100112023060100000000000222157",
        ),
        (
            1_689_048_544,
            "84443535451",
            "319209535451",
            Flow::Seamless,
            230_184,
            "100122023071100000000000230184",
        ),
    ] {
        let at = Timestamp::from_s(at);
        assert_eq!(ReferenceNumber::new(at, payer_auth).unwrap().to_string(), reference);
        assert_eq!(SchemeTransactionId::new(flow, at, counter).unwrap().to_string(), scheme);
    }
}

/// A call of this dialect is never about a payment alone.
#[test]
fn every_call_is_about_cards() {
    let fixture = include_str!("../fixtures/seed-redirect-sale-request.json");
    let sent = Sent::post(&filled(fixture));
    let shop = Shop::at(AT);
    let call = FiservIpg.decode(&sent.request(), &shop.caller()).unwrap();
    assert!(matches!(call, Call::Card(CardCall::Authorise(_))));
}
