//! A client of another gateway: what it sends is what this dialect reads, and what this dialect answers it understands.

use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState, Step};
use torana_domain::card::{
    AuthenticationEnd, Contradiction, Expiry, Kind, NotServed, OneTimeCode, Refusal, ResponseCode,
};
use zeroize::Zeroizing;

use super::super::client::*;
use super::stage::*;
use super::*;
use crate::Door;
use crate::cards::{
    CardCall, CardError, CardProof, FollowKind, OperationName, OperationOrOrder, PayerBrowser,
};

const BASE: &str = "/ipp/payments-gateway/v2";

fn keys() -> ClientKeys {
    ClientKeys {
        api_key: KEY.into(),
        api_secret: Hidden::new("test-api-secret-0001".into()),
        store_id: STORE.into(),
    }
}

fn card() -> Card {
    Card {
        pan: REDIRECT_CARD.parse().unwrap(),
        expiry: Expiry::parse("2", "2031").unwrap(),
        security_code: Some("977".parse().unwrap()),
        holder: Some("A. Payer".into()),
    }
}

/// As it arrives, let in by its signature.
fn arrived(request: &ClientRequest) -> Sent {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let body = std::str::from_utf8(&request.body).unwrap();
    let mut sent = Sent::new(request.method.clone(), &format!("{BASE}{path}"), body);
    sent.query = query.into();
    sent.headers.clear();
    for (name, value) in sign(&keys(), "c-1", AT, &request.body) {
        sent.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap());
    }
    assert_eq!(sent.let_in(), Ok(()));
    sent
}

fn call(request: &ClientRequest) -> CardCall {
    arrived(request).call().unwrap()
}

#[test]
fn a_payer_auth_is_read_as_it_was_meant() {
    let browser = PayerBrowser {
        accept: "text/html".into(),
        ip: "189.6.239.59".into(),
        language: "en".into(),
        user_agent: "Mozilla/5.0".into(),
    };
    let means = Means::Card(card());
    let asked = ClientPayerAuth {
        amount: inr("567"),
        order: "R-1",
        merchant_transaction_id: "op-1",
        means: &means,
        term_url: "https://shop.example/back",
        browser: &browser,
    };
    let request = payer_auth(&keys(), &asked);
    let CardCall::Authenticate(read) = call(&request) else { panic!("an authentication") };
    assert_eq!((read.means, read.browser), (Means::Card(card()), browser.clone()));
    assert_eq!((read.payment.amount, read.payment.key.as_deref()), (inr("567"), Some("R-1")));
    assert_eq!(read.merchant_name.as_deref(), Some("op-1"));
    assert_eq!(read.return_url, "https://shop.example/back");
    assert_eq!(
        format!("{request:?}"),
        format!("ClientRequest(POST, {} bytes)", request.body.len())
    );
    assert!(!format!("{asked:?}").contains(REDIRECT_CARD));
}

#[test]
fn steps_are_read_as_they_were_meant() {
    let code: OneTimeCode = "012345".parse().unwrap();
    let means = Means::Card(card());
    let verify = verify_otp(&keys(), "84443535451", Some(&means), &code).unwrap();
    let CardCall::Prove(read) = call(&verify) else { panic!("a step") };
    assert_eq!((read.of, read.card), (OperationName("84443535451".into()), Some(card())));
    assert_eq!(read.proof, CardProof::Code(code));
    let again = regenerate_otp(&keys(), "84443535451", None).unwrap();
    let CardCall::Prove(read) = call(&again) else { panic!("a step") };
    assert_eq!((read.card, read.proof), (None, CardProof::Resend));
    assert_eq!(regenerate_otp(&keys(), "..", None), None);
}

#[test]
fn money_is_asked_for_as_it_was_meant() {
    let token = Means::Token { value: "T-1".into(), security_code: None };
    let network = Zeroizing::new("APJUR+bB46ysAAKYEAOYGgADFA==".to_owned());
    for (kind, means, upon) in [
        (Kind::Sale, Some(Means::Card(card())), None),
        (Kind::Sale, None, Some("84439384258")),
        (Kind::Preauthorisation, Some(Means::Card(card())), Some("84439384258")),
        (Kind::Preauthorisation, Some(token), None),
    ] {
        let asked = ClientAuthorisation {
            kind,
            amount: inr("0.05"),
            order: "R-1",
            merchant_transaction_id: "op-2",
            upon,
            means: means.as_ref(),
            cryptogram: Some(&network),
        };
        assert!(!format!("{asked:?}").contains("APJUR"));
        let CardCall::Authorise(read) = call(&authorise(&keys(), &asked)) else { panic!("money") };
        assert!(!format!("{read:?}").contains("APJUR"));
        assert_eq!((read.kind, read.means, read.amount), (kind, means, inr("0.05")));
        assert_eq!(read.upon, upon.map(|id| OperationName(id.into())));
        assert_eq!((read.order.as_deref(), read.cryptogram), (Some("R-1"), Some(network.clone())));
    }
    let of = "84439384617";
    for (request, kind, amount) in [
        (capture(&keys(), of, inr("1"), "op-3"), FollowKind::Capture, Some(inr("1"))),
        (void(&keys(), of, "op-3"), FollowKind::Void, None),
        (refund(&keys(), of, inr("1"), "op-3"), FollowKind::Refund, Some(inr("1"))),
    ] {
        let CardCall::Follow(read) = call(&request.unwrap()) else { panic!("it follows") };
        assert_eq!((read.kind, read.amount), (kind, amount));
        assert_eq!(read.of, OperationOrOrder::Operation(OperationName(of.into())));
        assert_eq!(read.merchant_name.as_deref(), Some("op-3"));
    }
    assert_eq!(void(&keys(), "", "op-3"), None);
}

#[test]
fn inquiries_and_tokens_are_read_as_they_were_meant() {
    for id in ["op-1", "a b+c/d&e=f", "%2e", "é"] {
        let request = inquire(&keys(), id).unwrap();
        assert_eq!(request.path.split_once('?').unwrap().1, "storeId=72305408");
        assert_eq!(call(&request), CardCall::Find(OperationName(id.into())), "{id}");
        let request = forget(&keys(), id).unwrap();
        assert_eq!(call(&request), CardCall::ForgetKept(id.into()), "{id}");
    }
    let CardCall::Keep { card: read, keep: how, .. } = call(&keep(&keys(), &card())) else {
        panic!("it is kept")
    };
    assert_eq!((read, how.reusable, how.decline_duplicates), (card(), true, false));
}

fn read(reply: &Reply) -> ClientAnswer {
    ClientAnswer::read(reply.status.as_u16(), &reply.body).unwrap()
}

fn of(status: u16, body: &str) -> ClientAnswer {
    ClientAnswer::read(status, body.as_bytes()).unwrap()
}

#[test]
fn the_seeds_answers_are_understood() {
    let auth = of(200, include_str!("../fixtures/seed-redirect-payer-auth-reply.json"));
    assert_eq!((auth.of_deed(), auth.of_inquiry()), (Certainty::Waiting, Certainty::Waiting));
    assert_eq!(auth.ipg_transaction_id.as_deref(), Some("84439384258"));
    let page = "https://test3.ipg-online.com/connect/gateway/processing?rupayId=84439384258";
    assert_eq!((auth.acs_url.as_deref(), auth.otp_validity_in_minutes), (Some(page), None));
    for fixture in [
        include_str!("../fixtures/seed-seamless-payer-auth-reply.json"),
        include_str!("../fixtures/seed-regenerate-otp-reply.json"),
    ] {
        let auth = of(200, fixture);
        assert_eq!((auth.of_deed(), auth.otp_validity_in_minutes), (Certainty::Waiting, Some(1)));
    }
    let verified = of(200, include_str!("../fixtures/seed-verify-otp-reply.json"));
    assert_eq!(verified.of_deed(), Certainty::Approved);
    assert_eq!(verified.otp_response_code.as_deref(), Some("00"));
    assert_eq!(verified.otp_response_description.as_deref(), Some("OTP verified successfully."));
    for (fixture, amount, reference) in [
        (include_str!("../fixtures/seed-redirect-sale-reply.json"), "567", "315214384258"),
        (include_str!("../fixtures/seed-seamless-sale-reply.json"), "123.5", "319209535451"),
    ] {
        let sold = of(200, fixture);
        assert_eq!(sold.of_deed(), Certainty::Approved);
        assert_eq!(sold.approved_amount, Some(inr(amount)));
        assert_eq!(sold.transaction_amount, Some(inr(amount)));
        assert_eq!(sold.reference_number.as_deref(), Some(reference));
        assert_eq!(sold.response_code.as_deref(), Some("00"));
        assert_eq!(sold.response_message.as_deref(), Some("success"));
        assert_eq!(sold.scheme_transaction_id.map(|it| it.len()), Some(30));
        assert!(matches!(sold.approval_code, Some(ApprovalCode::Approved { .. })));
        assert!(sold.authorization_code.is_some() && sold.token.is_none());
    }
}

fn refused(refusal: Refusal) -> CardOperation {
    let mut sale = operation(OperationKind::Sale, 1, "1");
    sale.state = OperationState::Declined;
    sale.detail.refusal = Some(refusal);
    sale
}

fn authentication(state: OperationState, step: Option<Step>) -> CardOperation {
    let mut operation = operation(OperationKind::Authentication, 1, "1");
    operation.state = state;
    operation.detail.flow = Some(Flow::Seamless);
    operation.detail.step = step;
    operation
}

#[test]
fn our_own_answers_are_understood() {
    use Certainty::{Approved, Declined, Unknown, Waiting};
    let mut locked = authentication(OperationState::Declined, None);
    locked.detail.end = Some(AuthenticationEnd::Locked);
    let wrong = Step::WrongCode { tries_left: 1 };
    let gateway = |code: &str| Refusal::Gateway { code: code.into(), text: "no".into() };
    for (operation, method, deed) in [
        (approved(OperationKind::Sale, 1, "1"), Method::POST, Approved),
        (approved(OperationKind::Refund, 1, "1"), Method::POST, Approved),
        (operation(OperationKind::Sale, 1, "1"), Method::POST, Waiting),
        (refused(Refusal::Network(ResponseCode::DO_NOT_HONOUR)), Method::POST, Declined),
        (refused(Refusal::Authentication(NotServed::TooOld)), Method::POST, Declined),
        (refused(Refusal::Rule(Contradiction::WrongState)), Method::POST, Declined),
        (refused(gateway("5993")), Method::POST, Declined),
        // It may be ours that was there before.
        (refused(gateway("5005")), Method::POST, Unknown),
        (locked, Method::PATCH, Declined),
        (authentication(OperationState::Passed, Some(Step::Verified)), Method::PATCH, Approved),
        (authentication(OperationState::Waiting, Some(wrong)), Method::PATCH, Waiting),
        (authentication(OperationState::Waiting, Some(Step::Lost)), Method::PATCH, Waiting),
    ] {
        let stage = Stage::of(operation);
        let answer = read(&stage.answer(&Sent::new(method, &format!("{PAYMENTS}/1"), "")));
        assert_eq!(answer.of_deed(), deed, "{answer:?}");
        let asked = read(&stage.answer(&Sent::new(Method::GET, &format!("{PAYMENTS}/1"), "")));
        let inquiry = if deed == Unknown { Declined } else { deed };
        assert_eq!(asked.of_inquiry(), inquiry, "{asked:?}");
    }
    let wrong = Stage::of(authentication(OperationState::Waiting, Some(wrong)));
    let wrong = wrong.answer(&Sent::new(Method::PATCH, &format!("{PAYMENTS}/1"), ""));
    assert_eq!(read(&wrong).otp_response_code.as_deref(), Some("55"));
}

/// Whatever a network has said: what the domain's table does not call a refusal is none.
#[test]
fn every_code_of_the_network_is_as_certain_as_it_is() {
    for code in ResponseCode::all().filter(|code| *code != ResponseCode::APPROVED) {
        let stage = Stage::of(refused(Refusal::Network(code)));
        let deed = read(&stage.answer(&Sent::new(Method::POST, PAYMENTS, ""))).of_deed();
        let is_refusal = code.certainty() == torana_domain::card::Certainty::Declined;
        let due = if is_refusal { Certainty::Declined } else { Certainty::Unknown };
        assert_eq!(deed, due, "{}", code.as_str());
        // Whoever asks is told what became of it in the end.
        let asked = read(&stage.answer(&Sent::new(Method::GET, &format!("{PAYMENTS}/1"), "")));
        assert_eq!(asked.of_inquiry(), Certainty::Declined);
    }
}

#[test]
fn our_own_errors_are_understood() {
    use Certainty::{Absent, Declined, Unknown};
    let sent = Sent::new(Method::GET, &format!("{PAYMENTS}/1"), "");
    for (error, deed, inquiry) in [
        (WireError::NotFound, Declined, Absent),
        (WireError::Card(CardError::NoSuchOperation), Declined, Absent),
        (WireError::Unauthenticated, Declined, Unknown),
        (WireError::Door(Door::Stale), Declined, Unknown),
        (WireError::Door(Door::KeyMissing), Declined, Unknown),
        (WireError::invalid("storeId", "is another's"), Declined, Unknown),
        (WireError::Card(CardError::WrongAmount), Declined, Unknown),
        (WireError::Card(CardError::NothingToVoid), Declined, Unknown),
        (WireError::Card(CardError::OrderExists), Unknown, Unknown),
        (WireError::Card(CardError::Busy), Unknown, Unknown),
        (WireError::Card(CardError::NotReached), Unknown, Unknown),
        (WireError::RateLimited { retry_after_s: 1 }, Unknown, Unknown),
        (WireError::TooLarge, Unknown, Unknown),
        (WireError::Unavailable, Unknown, Unknown),
    ] {
        let answer = read(&sent.refused(&error));
        assert_eq!((answer.of_deed(), answer.of_inquiry()), (deed, inquiry), "{error}");
        assert!(answer.error_code.is_some() && answer.error_message.is_some());
    }
}

#[test]
fn what_is_not_clear_is_no_refusal_and_no_approval() {
    for body in ["", "<html>502</html>", "[]", "null", "{\"a\":", "\"N:05:x\""] {
        assert_eq!(ClientAnswer::read(403, body.as_bytes()), Err(Unreadable), "{body}");
    }
    let id = r#""ipgTransactionId":"1","transactionType":"SALE""#;
    let auth = r#""ipgTransactionId":"1","transactionType":"PAYER_AUTH""#;
    let error = r#""responseType":"NotFound","error":{"code":"404","message":"x"}"#;
    for (status, body) in [
        (200, "{}".to_owned()),
        (200, r#"{"transactionType":"SALE","transactionStatus":"APPROVED"}"#.into()),
        (200, r#"{"ipgTransactionId":"1","transactionStatus":"APPROVED"}"#.into()),
        (200, format!(r#"{{{id}}}"#)),
        (200, format!(r#"{{{id},"transactionStatus":"SOMETHING_NEW"}}"#)),
        (200, format!(r#"{{{id},"transactionStatus":"PARTIAL","approvalCode":"Y:1:x"}}"#)),
        (200, format!(r#"{{{id},"transactionStatus":"APPROVED","approvalCode":"N:05:x"}}"#)),
        (200, format!(r#"{{{id},"transactionStatus":"DECLINED","approvalCode":"Y:1:x"}}"#)),
        (200, format!(r#"{{{id},"transactionStatus":"DECLINED","approvalCode":"Z:1:x"}}"#)),
        (200, format!(r#"{{{id},"transactionStatus":"APPROVED",{error}}}"#)),
        (200, format!(r#"{{{auth},"transactionStatus":"WAITING"}}"#)),
        (200, format!(r#"{{{auth},"transactionStatus":"APPROVED"}}"#)),
        (302, format!(r#"{{{id},"transactionStatus":"DECLINED"}}"#)),
        (404, "{}".into()),
        (404, r#"{"errors":[{"title":"x","source":"Apigee"}]}"#.into()),
        (404, format!(r#"{{{id},"transactionStatus":"APPROVED",{error}}}"#)),
        (409, "{}".into()),
        (409, format!(r#"{{{error}}}"#)),
        (422, format!(r#"{{{id},"transactionStatus":"WAITING","approvalCode":"N:05:x"}}"#)),
        (409, r#"{"transactionStatus":"VALIDATION_FAILED","error":{"code":"5003"}}"#.into()),
        (409, r#"{"transactionStatus":"DECLINED","approvalCode":"N:-5005:x"}"#.into()),
        (
            409,
            r#"{"transactionStatus":"DECLINED","approvalCode":"N:-30053:Communication Error"}"#
                .into(),
        ),
        (422, r#"{"transactionStatus":"DECLINED","approvalCode":"N:91:x"}"#.into()),
        (422, r#"{"transactionStatus":"DECLINED","processor":{"responseCode":"zz"}}"#.into()),
        (
            200,
            format!(
                r#"{{{id},"transactionStatus":"PROCESSING_FAILED","approvalCode":"N:-30062:x"}}"#
            ),
        ),
        (400, r#"{"responseType":"BadRequest","error":{"code":"100","message":"x"}}"#.into()),
        (500, format!(r#"{{{id},"transactionStatus":"DECLINED","approvalCode":"N:05:x"}}"#)),
        (502, format!(r#"{{{error}}}"#)),
    ] {
        let answer = of(status, &body);
        let due = (Certainty::Unknown, Certainty::Unknown);
        assert_eq!((answer.of_deed(), answer.of_inquiry()), due, "{status} {body}");
    }
}

#[test]
fn what_is_clear_is_believed_in_every_spelling() {
    let declined = r#"{"ipgTransactionId":1,"transactionType":"SALE","transactionResult":"FAILED","approvalCode":"N:12000"}"#;
    let answer = of(200, declined);
    assert_eq!(
        (answer.of_inquiry(), answer.ipg_transaction_id.as_deref()),
        (Certainty::Declined, Some("1"))
    );
    assert_eq!(of(422, declined).of_deed(), Certainty::Declined);
    assert_eq!(of(422, r#"{"approvalCode":"N:05:Do Not Honour"}"#).of_deed(), Certainty::Declined);
    let both = r#"{"ipgTransactionId":"1","transactionType":"SALE","transactionStatus":"APPROVED","transactionResult":"DECLINED"}"#;
    assert_eq!(of(200, both).of_deed(), Certainty::Approved, "the status counts");
    let kept = r#"{"requestStatus":"SUCCESS","paymentToken":{"value":"T-1"}}"#;
    let kept = of(200, kept);
    assert_eq!((kept.of_token(), kept.token.as_deref()), (Certainty::Approved, Some("T-1")));
    assert_eq!(of(200, r#"{"requestStatus":"SUCCESS"}"#).of_token(), Certainty::Unknown);
    let other = r#"{"secure3dResponse":{"otpVerificationResponse":{"responseCode":"ACU00"}}}"#;
    assert_eq!(of(200, other).otp_response_code.as_deref(), Some("ACU00"));
}

proptest! {
    #[test]
    fn no_answer_panics_and_errors_of_servers_prove_nothing(
        status in 500_u16..600,
        text in r#"(\{|\}|\[|\]|"transactionStatus"|"approvalCode"|"ipgTransactionId"|"transactionType"|"error"|:|,|"DECLINED"|"N:1:x"|1|null|true){0,30}"#,
    ) {
        if let Ok(answer) = ClientAnswer::read(status, text.as_bytes()) {
            prop_assert_eq!(answer.of_deed(), Certainty::Unknown);
            prop_assert_eq!(answer.of_inquiry(), Certainty::Unknown);
            prop_assert_eq!(answer.of_token(), Certainty::Unknown);
        }
    }
}
