//! What the dialect gives the payer's browser to bring back.

use torana_domain::card::AuthenticationEnd;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};

use super::super::FiservIpg;
use super::super::hashes::{self, Algorithm};
use super::stage::*;
use super::*;
use crate::Dialect as _;

fn form(operation: &CardOperation) -> Option<Vec<(&'static str, String)>> {
    let stage = Stage::of(operation.clone());
    FiservIpg.browser_return(&Shop::at(AT).caller(), &stage.order(), operation)
}

fn authentication(state: OperationState, flow: Flow) -> CardOperation {
    let mut operation = operation(OperationKind::Authentication, 84_439_384_258, "567");
    operation.state = state;
    operation.detail.flow = Some(flow);
    operation
}

#[test]
fn each_end_has_its_words_and_its_hashes() {
    let mut locked = authentication(OperationState::Declined, Flow::Seamless);
    locked.detail.end = Some(AuthenticationEnd::Locked);
    let mut abandoned = authentication(OperationState::Declined, Flow::Redirect);
    abandoned.detail.end = Some(AuthenticationEnd::Abandoned);
    let passed = authentication(OperationState::Passed, Flow::Redirect);
    for (operation, status, approval_code, fail_rc) in [
        (&passed, "APPROVED", "Y:00:Authenticated", None),
        (
            &authentication(OperationState::Used, Flow::Seamless),
            "APPROVED",
            "Y:00:OTP verified successfully.",
            None,
        ),
        (
            &authentication(OperationState::Waiting, Flow::Redirect),
            "WAITING",
            "?:waiting authentication",
            None,
        ),
        (&locked, "DECLINED", "N:-28319:RuPay authentication error", Some("28319")),
        (&abandoned, "FAILED", "N:-28319:RuPay authentication error", Some("28319")),
    ] {
        let form = form(operation).unwrap();
        let get = |name: &str| form.iter().find(|(it, _)| *it == name).map(|(_, value)| value);
        assert_eq!(get("status").map(String::as_str), Some(status));
        assert_eq!(get("approval_code").map(String::as_str), Some(approval_code));
        assert_eq!(get("fail_rc").map(String::as_str), fail_rc);
        assert_eq!(get("oid").map(String::as_str), Some("R-1"));
        assert_eq!(get("ipgTransactionId").map(String::as_str), Some("84439384258"));
        assert_eq!(get("storename").map(String::as_str), Some(STORE));
        assert_eq!(get("cccountry").map(String::as_str), Some("IND"));
        let all = form.iter().map(|(name, value)| (*name, value.as_str()));
        let due =
            hashes::extended_response(Algorithm::Sha256, &Hidden::new("sharedsecret".into()), all);
        assert_eq!(get("extended_response_hash"), Some(&due));
        assert!(get("response_hash").is_some());
    }
    assert_eq!(form(&approved(OperationKind::Sale, 1, "567")), None);
}
