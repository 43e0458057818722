//! What was not carried out. Where the request was about money, the answer is about a transaction that was never made, as in
//! the provider's only sample (provider §3); elsewhere it is the plain envelope.

use http::{Method, StatusCode};

use super::super::answers::{
    ErrorBody, ErrorResponse, GatewayCode, ResponseType, TransactionResponse, TransactionStatus,
};
use super::super::auth;
use super::super::requests::{self, Target};
use super::super::trace::ApiTraceId;
use super::reasons;
use crate::cards::CardError;
use crate::{Flaw, Reply, Request, WireError};

const TOKEN: &str = "paymentMethod.paymentToken.value";
const EXPIRY: &str = "PaymentCard.expiryDate";
const BODY: &str = "body";

/// An error in the provider's envelope.
pub(in super::super) fn refuse(request: &Request<'_>, error: &WireError) -> Reply {
    let plain = |answer: ErrorResponse| told(request, answer).reply();
    match error {
        WireError::Unauthenticated => door(request, None),
        WireError::Door(why) => door(request, Some(*why)),
        WireError::Invalid(flaws) => plain(ErrorResponse::bad_request(flaws)),
        WireError::Malformed(why) => plain(ErrorResponse::bad_request(&[Flaw::new(BODY, *why)])),
        WireError::NotFound => plain(ErrorResponse::not_found()),
        WireError::UnsupportedMediaType => plain(ErrorResponse::unsupported_media_type()),
        WireError::Unavailable => plain(ErrorResponse::server_error()),
        WireError::MethodNotAllowed => {
            of_status(request, StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        }
        WireError::TooLarge => {
            of_status(request, StatusCode::PAYLOAD_TOO_LARGE, "The request is too large")
        }
        WireError::RateLimited { retry_after_s } => {
            let text = format!("Too many requests. Try again in {retry_after_s} seconds");
            of_status(request, StatusCode::TOO_MANY_REQUESTS, &text)
        }
        WireError::NoRoute => conflict(request, GatewayCode::BrandNotSupported.error()),
        WireError::Refused(refusal) => conflict(request, reasons::payment(*refusal).error()),
        WireError::Card(error) => card(request, error),
    }
}

fn told(request: &Request<'_>, answer: ErrorResponse) -> ErrorResponse {
    let client_request_id = auth::client_request_id(request.headers);
    answer.to(client_request_id, ApiTraceId::new(request.at, request.id))
}

fn door(request: &Request<'_>, why: Option<crate::Door>) -> Reply {
    auth::turned_away(why, auth::client_request_id(request.headers)).reply()
}

/// Statuses that the provider's list has not: the envelope is that of a bad request, and the HTTP status what it is.
fn of_status(request: &Request<'_>, status: StatusCode, text: &str) -> Reply {
    let error = ErrorBody::new(status.as_str(), text);
    let answer = ErrorResponse::new(ResponseType::BadRequest, Some(error));
    Reply { status, ..told(request, answer).reply() }
}

/// The rules of cards say no, and no transaction was made.
fn card(request: &Request<'_>, error: &CardError) -> Reply {
    let conflict = |code: GatewayCode| conflict(request, code.error());
    let plain = |answer: ErrorResponse| told(request, answer).reply();
    match error {
        CardError::OrderExists => conflict(GatewayCode::OrderExists),
        // What the path names is a resource, what the body names a reference.
        CardError::NoSuchOperation if names(request) => plain(ErrorResponse::not_found()),
        CardError::NoSuchOperation => conflict(GatewayCode::ReferenceNotFound),
        CardError::WrongKind => conflict(GatewayCode::ReferenceType),
        CardError::WrongState => conflict(GatewayCode::ReferenceState),
        CardError::WrongAmount => conflict(GatewayCode::AmountOrCurrency),
        CardError::WrongCurrency => conflict(GatewayCode::CurrencyDiffers),
        CardError::NothingReserved => conflict(GatewayCode::NoPreAuth),
        CardError::AlreadyCaptured => conflict(GatewayCode::PostAuthDone),
        CardError::NothingToVoid => conflict(GatewayCode::NothingToVoid),
        CardError::NotVoidable => conflict(GatewayCode::NotVoidable),
        CardError::PartialVoid => conflict(GatewayCode::VoidAmountInvalid),
        CardError::NothingToRefund => conflict(GatewayCode::NothingToReturn),
        CardError::BrandNotSupported => conflict(GatewayCode::BrandNotSupported),
        CardError::CurrencyNotSetUp => conflict(GatewayCode::CurrencyNotSetUp),
        CardError::CardExpired => {
            plain(ErrorResponse::bad_request(&[Flaw::new(EXPIRY, "The card has expired")]))
        }
        CardError::OtherCard => conflict(GatewayCode::RupayAuthentication),
        CardError::NoSuchKeptCard if names(request) => plain(ErrorResponse::not_found()),
        CardError::NoSuchKeptCard => {
            let flaw = Flaw::new(TOKEN, "is not a token of this store");
            plain(ErrorResponse::bad_request(&[flaw]))
        }
        CardError::AlreadyKept => conflict(GatewayCode::TokenExists),
        CardError::Busy => conflict(GatewayCode::OrderBusy),
        CardError::CardRests => {
            let text = "Too many failed authentications with this card. Try again tomorrow";
            let code = GatewayCode::RupayAuthentication.code();
            self::conflict(request, ErrorBody::new(code, text))
        }
        CardError::NotReached => {
            let error = GatewayCode::Communication.error();
            plain(ErrorResponse::new(ResponseType::EndpointCommunicationError, Some(error)))
        }
        CardError::Invalid(flaw) => plain(ErrorResponse::bad_request(std::slice::from_ref(flaw))),
    }
}

/// Whether the path names what the request is about.
fn names(request: &Request<'_>) -> bool {
    match requests::target(request.path) {
        Some((_, Target::Payment(_) | Target::Order(_) | Target::Token(_))) => true,
        Some((_, Target::Payments | Target::Tokens | Target::CardInformation)) | None => false,
    }
}

/// A rule of the gateway's is broken.
fn conflict(request: &Request<'_>, error: ErrorBody) -> Reply {
    let target = requests::target(request.path).map(|(_, target)| target);
    let order_id = match (request.method, target) {
        (&Method::GET, _) => None,
        (_, Some(Target::Order(id))) => Some(id),
        (_, Some(Target::Payments | Target::Payment(_))) => requests::order_id(request.body),
        (_, Some(Target::Tokens | Target::Token(_) | Target::CardInformation) | None) => {
            let answer = ErrorResponse::new(ResponseType::GatewayDeclined, Some(error));
            return told(request, answer).reply();
        }
    };
    let answer = TransactionResponse {
        client_request_id: auth::client_request_id(request.headers).map(str::to_owned),
        api_trace_id: Some(ApiTraceId::new(request.at, request.id).to_string()),
        response_type: Some(ResponseType::GatewayDeclined),
        order_id,
        transaction_time: Some(request.at.as_s()),
        transaction_status: Some(TransactionStatus::ValidationFailed),
        error: Some(error),
        ..TransactionResponse::default()
    };
    answer.reply()
}
