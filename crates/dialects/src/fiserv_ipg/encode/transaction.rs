//! An operation as a transaction.

use http::Method;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState, Operations};
use torana_domain::card::{Approval, Refusal, ResponseCode};

use super::super::answers::{
    Amount, AvsResponse, Decimals, ErrorBody, GatewayCode, PaymentMethodDetails, PaymentToken,
    Processor, ResponseType, TransactionResponse, TransactionResult, TransactionState,
    TransactionStatus, TransactionType,
};
use super::super::approval::{ApprovalCode, Checks};
use super::super::note::Note;
use super::super::trace;
use super::{authentication, brand, country, details, payment_token, reasons};
use crate::Caller;
use crate::cards::CardOrder;

/// What an acquirer says of what it has done (seed).
const SUCCESS: &str = "success";
/// What a transaction waits for whose outcome nobody knows yet: no page has words for that.
const OUTCOME: &str = "waiting for the outcome";

/// For whom something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Whoever has asked for it.
    Deed,
    /// Whoever has made a step of an authentication.
    Step,
    /// Whoever asks how it stands: a transaction that was declined is no error then.
    Inquiry,
}

impl View {
    pub(super) fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Inquiry,
            Method::PATCH => Self::Step,
            _ => Self::Deed,
        }
    }
}

/// What is told of what.
pub(super) struct Told<'a> {
    pub(super) order: &'a CardOrder<'a>,
    pub(super) operation: &'a CardOperation,
    pub(super) caller: &'a Caller<'a>,
    pub(super) view: View,
}

impl Told<'_> {
    /// All but the identifiers of the request.
    pub(super) fn response(&self) -> TransactionResponse {
        let Self { operation, .. } = self;
        let note = Note::read(operation.note.as_deref());
        let base = self.base(&note);
        let kind = match operation.kind {
            OperationKind::Authentication => return authentication::told(self, &note, base),
            OperationKind::Sale => TransactionType::Sale,
            OperationKind::Preauthorisation => TransactionType::PreAuth,
            OperationKind::Capture => TransactionType::PostAuth,
            OperationKind::Void => TransactionType::Void,
            OperationKind::Refund => TransactionType::Return,
        };
        let base = TransactionResponse {
            transaction_type: Some(kind),
            transaction_amount: Some(self.amount(&note, operation.amount)),
            ..base
        };
        match operation.state {
            OperationState::Approved => self.approved(&note, base),
            OperationState::Declined => self.declined(base),
            // Only authentications wait and pass.
            OperationState::Unknown
            | OperationState::Waiting
            | OperationState::Passed
            | OperationState::Used => TransactionResponse {
                transaction_status: Some(TransactionStatus::Waiting),
                transaction_result: self.inquired(TransactionResult::Waiting),
                transaction_state: self.inquired(TransactionState::Waiting),
                approval_code: Some(ApprovalCode::Waiting(OUTCOME.to_owned())),
                ..base
            },
        }
    }

    /// What all transactions have in common.
    fn base(&self, note: &Note) -> TransactionResponse {
        let Self { operation, order, .. } = self;
        let card = &operation.card;
        let token =
            order.kept.map_or_else(|| PaymentToken::none(&brand(card.brand)), payment_token);
        TransactionResponse {
            ipg_transaction_id: Some(operation.name()),
            order_id: Some(order.order.to_owned()),
            transaction_type: Some(TransactionType::PayerAuth),
            payment_token: Some(token),
            transaction_origin: Some(note.origin().word().to_owned()),
            payment_method_details: Some(PaymentMethodDetails::card(details(card))),
            country: country(card.brand),
            merchant_transaction_id: operation.merchant_name.clone(),
            transaction_time: Some(operation.at.as_s()),
            ..TransactionResponse::default()
        }
    }

    fn amount(&self, note: &Note, total: torana_domain::Money) -> Amount {
        Amount { total, components: note.components(total), decimals: Decimals::Full }
    }

    fn inquired<T>(&self, word: T) -> Option<T> {
        (self.view == View::Inquiry).then_some(word)
    }

    fn approved(&self, note: &Note, base: TransactionResponse) -> TransactionResponse {
        let Self { operation, order, .. } = self;
        let approval = operation.detail.approval.as_ref();
        let amount = approval.map_or(operation.amount, |approval| approval.amount);
        let approval_code = match approval {
            Some(Approval { authorisation_code, reference_number, .. }) => {
                ApprovalCode::approved(authorisation_code, &operation.name(), reference_number)
            }
            // What we did without the network has no numbers of it.
            None => ApprovalCode::Confirmed { code: "00".into(), text: SUCCESS.into() },
        };
        TransactionResponse {
            terminal_id: Some(order.terminal.terminal_id.clone()),
            merchant_id: Some(order.terminal.merchant_id.clone()),
            approved_amount: Some(self.amount(note, amount)),
            transaction_status: Some(TransactionStatus::Approved),
            transaction_result: self.inquired(TransactionResult::Approved),
            transaction_state: self.inquired(self.state()),
            approval_code: Some(approval_code),
            scheme_transaction_id: approval.and_then(|it| it.scheme_transaction.clone()),
            processor: approval.map(processor),
            ..base
        }
    }

    /// Where the money of what was approved is.
    fn state(&self) -> TransactionState {
        let Self { operation, order, caller, .. } = self;
        let all = Operations(order.operations);
        if operation.kind == OperationKind::Void || all.is_voided(operation.number) {
            return TransactionState::Voided;
        }
        let is_reserved = operation.kind == OperationKind::Preauthorisation
            && all.approved(OperationKind::Capture, operation.number).next().is_none();
        let day = |at| trace::india(at).map(|at| at.date());
        match is_reserved {
            true => TransactionState::Authorized,
            // On its day it can be undone; later, money goes back.
            false if day(operation.at) == day(caller.now) => TransactionState::Captured,
            false => TransactionState::Settled,
        }
    }

    fn declined(&self, base: TransactionResponse) -> TransactionResponse {
        match &self.operation.detail.refusal {
            Some(Refusal::Network(code)) => self.network(*code, base),
            Some(Refusal::Authentication(why)) => {
                let code = reasons::not_served(*why);
                declined(self.view, TransactionStatus::Declined, code, base)
            }
            Some(Refusal::Rule(why)) => {
                let code = reasons::contradiction(*why);
                declined(self.view, TransactionStatus::ProcessingFailed, code, base)
            }
            Some(Refusal::Gateway { code, text }) => {
                // The minus is that of approval codes, wherever the gateway beyond has written it.
                let error = ErrorBody::new(code.trim_start_matches('-'), text);
                declined_for(self.view, TransactionStatus::Declined, error, base)
            }
            None => {
                let status = TransactionStatus::ProcessingFailed;
                declined(self.view, status, GatewayCode::Internal, base)
            }
        }
    }

    /// The issuer or the network said no. The published sample has no `error`, the schema does: clients find the same in both.
    fn network(&self, code: ResponseCode, base: TransactionResponse) -> TransactionResponse {
        let (code, text) = (code.as_str().to_owned(), code.meaning().to_owned());
        let is_inquiry = self.view == View::Inquiry;
        TransactionResponse {
            response_type: (!is_inquiry).then_some(ResponseType::EndpointDeclined),
            transaction_status: Some(TransactionStatus::Declined),
            transaction_result: self.inquired(TransactionResult::Declined),
            transaction_state: self.inquired(TransactionState::Declined),
            error: (!is_inquiry).then(|| ErrorBody::new(&code, &text)),
            processor: Some(Processor {
                response_code: Some(code.clone()),
                response_message: Some(text.clone()),
                ..Processor::default()
            }),
            approval_code: Some(ApprovalCode::Declined { code, text }),
            ..base
        }
    }
}

/// The gateway itself says no.
pub(super) fn declined(
    view: View,
    status: TransactionStatus,
    code: GatewayCode,
    base: TransactionResponse,
) -> TransactionResponse {
    declined_for(view, status, code.error(), base)
}

fn declined_for(
    view: View,
    status: TransactionStatus,
    error: ErrorBody,
    base: TransactionResponse,
) -> TransactionResponse {
    let is_inquiry = view == View::Inquiry;
    let result = match status {
        TransactionStatus::Declined => TransactionResult::Declined,
        _ => TransactionResult::Failed,
    };
    TransactionResponse {
        response_type: (!is_inquiry).then_some(ResponseType::GatewayDeclined),
        transaction_status: Some(status),
        transaction_result: is_inquiry.then_some(result),
        transaction_state: is_inquiry.then_some(TransactionState::Declined),
        approval_code: Some(ApprovalCode::Declined {
            code: format!("-{}", error.code),
            text: error.message.clone(),
        }),
        error: (!is_inquiry).then_some(error),
        ..base
    }
}

/// RuPay compares no addresses, and tells nothing of the security code.
fn processor(approval: &Approval) -> Processor {
    Processor {
        reference_number: Some(approval.reference_number.clone()),
        authorization_code: Some(approval.authorisation_code.clone()),
        response_code: Some(ResponseCode::APPROVED.as_str().to_owned()),
        response_message: Some(SUCCESS.to_owned()),
        avs_response: Some(AvsResponse {
            street_match: Checks::NONE.street,
            postal_code_match: Checks::NONE.postal_code,
        }),
        security_code_response: Checks::NONE.security_code_response(),
        ..Processor::default()
    }
}
