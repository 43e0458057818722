//! What the payer's browser brings to `termURL` after an authentication.

use torana_domain::card::CardBrand;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};

use super::super::answers::GatewayCode;
use super::super::approval::ApprovalCode;
use super::super::auth::Keys;
use super::super::connect::{Failure, Form, Return, Status};
use super::super::hashes::Algorithm;
use super::{authentication, brand};
use crate::Caller;
use crate::cards::CardOrder;

/// RuPay's cards are of India, which Connect has in three letters.
const INDIA: &str = "IND";

/// The form, with its hashes; none for anything but an authentication.
pub(in super::super) fn browser_return(
    caller: &Caller<'_>,
    order: &CardOrder<'_>,
    operation: &CardOperation,
) -> Option<Form> {
    if operation.kind != OperationKind::Authentication {
        return None;
    }
    let keys = Keys::of(caller.secret)?;
    let (status, approval_code, failure) = outcome(operation);
    let card = &operation.card;
    let back = Return {
        status,
        approval_code,
        order_id: order.order.to_owned(),
        ipg_transaction_id: operation.name(),
        // No money has moved: neither terminal nor acquirer has seen anything.
        reference_number: None,
        amount: operation.amount,
        store_id: keys.store_id,
        asked_at: operation.at,
        done_at: operation.changed_at,
        failure,
        terminal_id: None,
        bin: card.bin.clone(),
        last4: card.last4.clone(),
        brand: brand(card.brand),
        country: match card.brand {
            CardBrand::RuPay => INDIA.to_owned(),
            _ => String::new(),
        },
        algorithm: Algorithm::default(),
    };
    Some(back.form(&keys.shared_secret))
}

/// As an inquiry tells it, in Connect's words: there, an authentication that has passed is approved.
fn outcome(operation: &CardOperation) -> (Status, ApprovalCode, Option<Failure>) {
    match operation.state {
        OperationState::Passed | OperationState::Used => {
            let (code, text) = authentication::confirmed(operation);
            let approval_code = ApprovalCode::Confirmed { code: code.into(), text: text.into() };
            (Status::Approved, approval_code, None)
        }
        OperationState::Declined => {
            let status = match authentication::was_refused(operation) {
                true => Status::Declined,
                false => Status::Failed,
            };
            let code = GatewayCode::RupayAuthentication;
            let failure = Failure { code: code.code().into(), reason: code.text().into() };
            (status, code.approval_code(), Some(failure))
        }
        OperationState::Waiting | OperationState::Unknown | OperationState::Approved => {
            (Status::Waiting, ApprovalCode::waiting_authentication(), None)
        }
    }
}
