//! Every way in which something is not done, or not yet, or nobody knows.

use http::Method;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState, Step};
use torana_domain::card::{
    AuthenticationEnd, Contradiction, NotServed, Refusal, ResponseCode, otp,
};

use super::super::FiservIpg;
use super::stage::*;
use super::*;
use crate::cards::{CardError, CardInformation, KeptCard};
use crate::{CardAnswer, Dialect as _};

/// Status and text of an error about `POST /payments`, or about what a path names.
fn refused(error: CardError, path: &str) -> (u16, String) {
    let body = r#"{"order":{"orderId":"R-1"}}"#;
    let sent = Sent::new(Method::POST, &format!("{PAYMENTS}{path}"), body);
    let reply = sent.refused(&WireError::Card(error));
    (reply.status.as_u16(), text(&reply).to_owned())
}

#[test]
fn every_error_of_cards_has_its_code() {
    use CardError as E;
    for (error, status, code) in [
        (E::OrderExists, 409, "5003"),
        (E::NoSuchOperation, 409, "50715"),
        (E::WrongKind, 409, "50698"),
        (E::WrongState, 409, "50305"),
        (E::WrongAmount, 409, "10503"),
        (E::WrongCurrency, 409, "22812"),
        (E::NothingReserved, 409, "5004"),
        (E::AlreadyCaptured, 409, "10501"),
        (E::NothingToVoid, 409, "5018"),
        (E::NotVoidable, 409, "5019"),
        (E::PartialVoid, 409, "5007"),
        (E::NothingToRefund, 409, "5009"),
        (E::BrandNotSupported, 409, "5002"),
        (E::CurrencyNotSetUp, 409, "50653"),
        (E::CardExpired, 400, "2304"),
        (E::OtherCard, 409, "28319"),
        (E::NoSuchKeptCard, 400, "400"),
        (E::AlreadyKept, 409, "50308"),
        (E::Busy, 409, "5998"),
        (E::CardRests, 409, "28319"),
        (E::NotReached, 502, "30053"),
        (E::Invalid(Flaw::new("transactionAmount.total", "is wrong")), 400, "400"),
    ] {
        let (told, text) = refused(error.clone(), "");
        assert_eq!(told, status, "{error}: {text}");
        assert!(text.contains(&format!(r#""error":{{"code":"{code}","#)), "{error}: {text}");
        assert!(text.starts_with(r#"{"clientRequestId":"2838649","apiTraceId":""#), "{text}");
        let kind = match status {
            400 => "BadRequest",
            409 => "GatewayDeclined",
            _ => "EndpointCommunicationError",
        };
        assert!(text.contains(&format!(r#""responseType":"{kind}""#)), "{text}");
        let tells_order = text.contains(r#""orderId":"R-1","transactionTime":1685611500,"transactionStatus":"VALIDATION_FAILED""#);
        assert_eq!(tells_order, status == 409, "{text}");
    }
    assert_eq!(refused(E::NoSuchOperation, "/1").0, 404);
    let token = Sent::new(Method::GET, "/ipp/payments-gateway/v2/payment-tokens/T-1", "");
    assert_eq!(token.refused(&WireError::Card(E::NoSuchKeptCard)).status.as_u16(), 404);
}

#[test]
fn every_other_error_has_its_envelope() {
    let sent = Sent::post("{}");
    for (error, status, kind) in [
        (WireError::NotFound, 404, "NotFound"),
        (WireError::MethodNotAllowed, 405, "BadRequest"),
        (WireError::TooLarge, 413, "BadRequest"),
        (WireError::RateLimited { retry_after_s: 7 }, 429, "BadRequest"),
        (WireError::Unavailable, 500, "ServerError"),
        (WireError::UnsupportedMediaType, 415, "UnsupportedMediaType"),
        (WireError::Malformed("The request body is not valid JSON"), 400, "BadRequest"),
        (WireError::NoRoute, 409, "GatewayDeclined"),
        (WireError::Refused(torana_domain::payment::Refusal::KeyUsed), 409, "GatewayDeclined"),
    ] {
        let reply = sent.refused(&error);
        assert_eq!(reply.status.as_u16(), status, "{error}");
        assert!(text(&reply).contains(&format!(r#""responseType":"{kind}""#)), "{error}");
        assert!(text(&reply).contains(r#""clientRequestId":"2838649","apiTraceId":""#), "{error}");
    }
    let late = sent.refused(&WireError::RateLimited { retry_after_s: 7 });
    assert!(text(&late).contains("in 7 seconds"));
}

fn refused_sale(refusal: Option<Refusal>) -> Stage {
    let mut sale = operation(OperationKind::Sale, 84_439_384_617, "567");
    sale.state = OperationState::Declined;
    sale.detail.refusal = refusal;
    Stage::of(sale)
}

/// As an answer to the sale and as one to an inquiry.
fn check(stage: &Stage, status: u16, code: &str, word: &str) {
    let (told, deed) = stage.told(Method::POST);
    assert_eq!(told, status, "{deed}");
    let kind = if status == 422 { "EndpointDeclined" } else { "GatewayDeclined" };
    assert!(deed.contains(&format!(r#""responseType":"{kind}""#)), "{deed}");
    assert!(deed.contains(&format!(r#""error":{{"code":"{code}","#)), "{deed}");
    let minus = if status == 422 { "" } else { "-" };
    assert!(deed.contains(&format!(r#""approvalCode":"N:{minus}{code}:"#)), "{deed}");
    assert!(deed.contains(&format!(r#""transactionStatus":"{word}""#)), "{deed}");
    assert!(!deed.contains("transactionState"), "{deed}");
    let (told, inquiry) = stage.told(Method::GET);
    assert_eq!(told, 200, "{inquiry}");
    assert!(!inquiry.contains("responseType") && !inquiry.contains(r#""error":"#), "{inquiry}");
    assert!(inquiry.contains(&format!(r#""transactionStatus":"{word}""#)), "{inquiry}");
    assert!(inquiry.contains(r#""transactionState":"DECLINED""#), "{inquiry}");
}

#[test]
fn every_refusal_has_its_code() {
    for code in ResponseCode::all().filter(|code| *code != ResponseCode::APPROVED) {
        let stage = refused_sale(Some(Refusal::Network(code)));
        check(&stage, 422, code.as_str(), "DECLINED");
        assert!(
            stage
                .told(Method::GET)
                .1
                .contains(&format!(r#""processor":{{"responseCode":"{code}""#))
        );
    }
    for (why, code) in [
        (NotServed::NotAuthenticated, "42755"),
        (NotServed::AlreadyUsed, "50305"),
        (NotServed::TooOld, "5995"),
        (NotServed::OtherAmount, "10503"),
        (NotServed::OtherOrder, "50715"),
        (NotServed::OtherCard, "28319"),
    ] {
        check(&refused_sale(Some(Refusal::Authentication(why))), 409, code, "DECLINED");
    }
    for (why, code) in [
        (Contradiction::NoSuchTransaction, "50715"),
        (Contradiction::WrongState, "50305"),
        (Contradiction::WrongAmount, "10503"),
        (Contradiction::TooLate, "5019"),
        (Contradiction::NameTaken, "100"),
    ] {
        check(&refused_sale(Some(Refusal::Rule(why))), 409, code, "PROCESSING_FAILED");
    }
    for code in ["5005", "-5005"] {
        let gateway =
            Refusal::Gateway { code: code.into(), text: "FRAUD - Duplicate lockout".into() };
        check(&refused_sale(Some(gateway)), 409, "5005", "DECLINED");
    }
    check(&refused_sale(None), 409, "100", "PROCESSING_FAILED");
}

fn authentication(state: OperationState, step: Option<Step>) -> CardOperation {
    let mut operation = operation(OperationKind::Authentication, 84_443_535_451, "123.50");
    operation.state = state;
    operation.detail.flow = Some(Flow::Seamless);
    operation.detail.step = step;
    operation
}

#[test]
fn a_failed_authentication_is_28319() {
    for (end, word) in [
        (Some(AuthenticationEnd::Locked), "DECLINED"),
        (Some(AuthenticationEnd::Refused), "DECLINED"),
        (Some(AuthenticationEnd::Expired), "PROCESSING_FAILED"),
        (Some(AuthenticationEnd::Abandoned), "PROCESSING_FAILED"),
        (Some(AuthenticationEnd::NoSuch), "PROCESSING_FAILED"),
        (None, "DECLINED"),
    ] {
        let mut failed = authentication(OperationState::Declined, None);
        failed.detail.end = end;
        let stage = Stage::of(failed);
        check(&stage, 409, "28319", word);
        let (status, text) = stage.told(Method::PATCH);
        assert_eq!(status, 409);
        assert!(text.contains(r#""approvalCode":"N:-28319:RuPay authentication error""#), "{text}");
    }
}

#[test]
fn a_password_that_was_not_taken_waits() {
    use otp::Refusal as Otp;
    for (step, code, is_certain) in [
        (Step::WrongCode { tries_left: 2 }, "55", true),
        (Step::CodeExpired, "68", true),
        (Step::NotResent(Otp::CodeExpired), "68", true),
        (Step::NotResent(Otp::Expired), "68", true),
        (Step::NotResent(Otp::Locked), "75", true),
        (Step::NotResent(Otp::NotAnswered), "91", true),
        (Step::NotResent(Otp::AlreadyPassed), "94", true),
        (Step::NotResent(Otp::NoMoreCodes), "65", true),
        (Step::NotResent(Otp::TooSoon { wait_s: 3 }), "65", true),
        (Step::Lost, "91", false),
    ] {
        let stage = Stage::of(authentication(OperationState::Waiting, Some(step)));
        let (status, text) = stage.told(Method::PATCH);
        assert_eq!(status, 200, "{text}");
        assert!(text.contains(r#""transactionStatus":"WAITING""#), "{text}");
        let approval_code = if is_certain { format!("N:{code}:") } else { "?:".into() };
        assert!(text.contains(&format!(r#""approvalCode":"{approval_code}"#)), "{text}");
        assert!(text.contains(&format!(r#""responseCode":"{code}""#)), "{text}");
        let (_, inquiry) = stage.told(Method::GET);
        assert!(inquiry.contains(r#""approvalCode":"?:waiting authentication""#), "{inquiry}");
        assert!(inquiry.contains(r#""otpValidityInMinutes":5"#), "{inquiry}");
    }
}

#[test]
fn an_inquiry_says_that_the_payer_was_authenticated() {
    let mut passed = authentication(OperationState::Passed, Some(Step::Verified));
    let (_, text) = Stage::of(passed.clone()).told(Method::GET);
    assert!(text.contains(r#""transactionStatus":"WAITING""#), "{text}");
    assert!(text.contains(r#""transactionResult":"APPROVED""#), "{text}");
    assert!(text.contains(r#""transactionState":"CHECKED""#), "{text}");
    assert!(text.contains(r#""approvalCode":"Y:00:OTP verified successfully.""#), "{text}");
    passed.detail.flow = Some(Flow::Redirect);
    let (_, text) = Stage::of(passed).told(Method::GET);
    assert!(text.contains(r#""approvalCode":"Y:00:Authenticated""#), "{text}");
}

#[test]
fn what_nobody_knows_is_no_refusal() {
    for kind in OperationKind::ALL {
        let stage = Stage::of(operation(kind, 1, "1"));
        for method in [Method::POST, Method::GET] {
            let (status, text) = stage.told(method);
            assert_eq!(status, 200);
            assert!(text.contains(r#""transactionStatus":"WAITING""#), "{text}");
            assert!(text.contains(r#""approvalCode":"?:"#), "{text}");
            for word in ["processor", "error", "responseType", "approvedAmount"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
}

#[test]
fn an_inquiry_says_where_the_money_is() {
    let state = |operations: Vec<CardOperation>, now: Timestamp| {
        let stage = Stage::new("R-1", operations);
        let sent = Sent { at: now, ..Sent::new(Method::GET, &format!("{PAYMENTS}/1"), "") };
        let told = CardAnswer::Operation { order: stage.order(), operation: &stage.operations[0] };
        let reply = FiservIpg.card(&sent.request(), &Shop::at(now).caller(), &told);
        let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        answer["transactionState"].as_str().unwrap().to_owned()
    };
    let sale = || approved(OperationKind::Sale, 1, "1");
    let hold = || approved(OperationKind::Preauthorisation, 1, "1");
    let follows = |kind| CardOperation { follows: Some(1), ..approved(kind, 2, "1") };
    assert_eq!(state(vec![sale()], AT), "CAPTURED");
    assert_eq!(state(vec![sale()], AT.plus_ms(86_400_000)), "SETTLED");
    assert_eq!(state(vec![hold()], AT.plus_ms(86_400_000)), "AUTHORIZED");
    assert_eq!(state(vec![hold(), follows(OperationKind::Capture)], AT), "CAPTURED");
    assert_eq!(state(vec![sale(), follows(OperationKind::Void)], AT), "VOIDED");
    assert_eq!(state(vec![approved(OperationKind::Void, 1, "1")], AT), "VOIDED");
    for (kind, word) in [
        (OperationKind::Preauthorisation, "PREAUTH"),
        (OperationKind::Capture, "POSTAUTH"),
        (OperationKind::Void, "VOID"),
        (OperationKind::Refund, "RETURN"),
    ] {
        let (status, text) = Stage::of(approved(kind, 1, "1")).told(Method::POST);
        assert_eq!(status, 200);
        assert!(text.contains(&format!(r#""transactionType":"{word}""#)), "{text}");
        assert!(text.contains(r#""transactionStatus":"APPROVED""#), "{text}");
    }
}

#[test]
fn orders_tokens_and_cards_are_told() {
    let sent = Sent::new(Method::GET, "/ipp/payments-gateway/v2/orders/R-1", "");
    let tell = |answer: &CardAnswer<'_>| {
        let reply = FiservIpg.card(&sent.request(), &Shop::at(AT).caller(), answer);
        assert_eq!(reply.status.as_u16(), 200);
        text(&reply).to_owned()
    };
    let mut stage = Stage::new(
        "R-1",
        vec![
            authentication(OperationState::Used, Some(Step::Verified)),
            approved(OperationKind::Sale, 84_443_535_452, "123.50"),
        ],
    );
    let order = tell(&CardAnswer::Order(stage.order()));
    assert!(order.contains(r#""orderId":"R-1","transactions":[{"#), "{order}");
    assert_eq!(order.matches(r#""ipgTransactionId""#).count(), 2, "{order}");
    let kept = KeptCard {
        value: "T-1".into(),
        reusable: false,
        decline_duplicates: true,
        card: facts("607482", "4938", "12", "2026"),
        at: AT,
    };
    let token = r#""value":"T-1","reusable":false,"declineDuplicates":true,"last4":"4938""#;
    let told = tell(&CardAnswer::Kept(&kept));
    assert!(told.contains(r#""requestStatus":"SUCCESS""#) && told.contains(token), "{told}");
    let told = tell(&CardAnswer::Forgotten(&kept));
    assert!(told.contains(r#""requestStatus":"DELETED""#) && told.contains(token), "{told}");
    stage.kept = Some(kept);
    assert!(stage.told(Method::POST).1.contains(token));
    let known = CardInformation { brand: CardBrand::RuPay, issuer: Some("A Bank".into()) };
    let told = tell(&CardAnswer::Information(Some(&known)));
    assert!(
        told.contains(
            r#""cardDetails":[{"brand":"RUPAY","issuerCountry":"IN","issuerName":"A Bank"}]"#
        ),
        "{told}"
    );
    let told = tell(&CardAnswer::Information(None));
    assert!(told.contains(r#""cardDetails":[],"requestStatus":"LIST_EMPTY""#), "{told}");
}
