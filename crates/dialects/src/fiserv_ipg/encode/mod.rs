//! What was carried out, and what was not, into answers.

mod authentication;
mod browser;
mod reasons;
mod refuse;
mod transaction;

use torana_domain::card::{CardBrand, CardFacts};

pub(super) use browser::browser_return;
pub(super) use refuse::refuse;

use super::answers::{
    CardInfo, CardInformationResponse, ExpiryDate, OrderResponse, PaymentCardDetails, PaymentToken,
    RequestStatus, TokenResponse,
};
use super::auth;
use super::trace::ApiTraceId;
use crate::cards::{CardAnswer, CardInformation, KeptCard};
use crate::{Caller, Reply, Request};
use transaction::{Told, View};

/// RuPay's cards are of India; where others are from, nobody here knows.
const INDIA: &str = "India";

/// The answer to a call that was carried out.
pub(super) fn card(request: &Request<'_>, caller: &Caller<'_>, answer: &CardAnswer<'_>) -> Reply {
    let (client_request_id, api_trace_id) = ids(request);
    match answer {
        CardAnswer::Operation { order, operation } => {
            let view = View::of(request.method);
            let mut told = Told { order, operation, caller, view }.response();
            told.client_request_id = Some(client_request_id);
            told.api_trace_id = Some(api_trace_id);
            told.reply()
        }
        CardAnswer::Order(order) => {
            let tell = |operation| Told { order, operation, caller, view: View::Inquiry };
            let transactions = order.operations.iter().map(|it| tell(it).response()).collect();
            let order_id = order.order.to_owned();
            OrderResponse { client_request_id, api_trace_id, order_id, transactions }.reply()
        }
        CardAnswer::Information(known) => {
            let request_status = match known {
                Some(_) => RequestStatus::Success,
                None => RequestStatus::ListEmpty,
            };
            let card_details = known.iter().map(|known| information(known)).collect();
            let answer = CardInformationResponse {
                client_request_id,
                api_trace_id,
                card_details,
                request_status,
            };
            answer.reply()
        }
        CardAnswer::Kept(kept) => token(request, kept, RequestStatus::Success).reply(),
        CardAnswer::Forgotten(kept) => token(request, kept, RequestStatus::Deleted).reply(),
    }
}

/// The caller's identifier of a request, and ours.
fn ids(request: &Request<'_>) -> (String, String) {
    let client_request_id = auth::client_request_id(request.headers).unwrap_or_default();
    (client_request_id.to_owned(), ApiTraceId::new(request.at, request.id).to_string())
}

fn information(known: &CardInformation) -> CardInfo {
    CardInfo {
        brand: brand(known.brand),
        brand_product_id: None,
        card_function: None,
        commercial_card: None,
        issuer_country: (known.brand == CardBrand::RuPay).then(|| "IN".to_owned()),
        issuer_name: known.issuer.clone(),
    }
}

fn token(request: &Request<'_>, kept: &KeptCard, request_status: RequestStatus) -> TokenResponse {
    let (client_request_id, api_trace_id) = ids(request);
    TokenResponse {
        client_request_id,
        api_trace_id,
        request_status,
        request_time: request.at.as_ms(),
        brand: Some(brand(kept.card.brand)),
        country: country(kept.card.brand),
        payment_token: Some(payment_token(kept)),
        payment_card: Some(details(&kept.card)),
    }
}

/// `RUPAY`.
fn brand(brand: CardBrand) -> String {
    brand.slug().to_ascii_uppercase()
}

fn country(brand: CardBrand) -> Option<String> {
    (brand == CardBrand::RuPay).then(|| INDIA.to_owned())
}

fn payment_token(kept: &KeptCard) -> PaymentToken {
    PaymentToken {
        value: Some(kept.value.clone()),
        reusable: kept.reusable,
        decline_duplicates: kept.decline_duplicates,
        last4: Some(kept.card.last4.clone()),
        ..PaymentToken::none(&brand(kept.card.brand))
    }
}

fn details(card: &CardFacts) -> PaymentCardDetails {
    let (month, year) = (card.expiry_month.clone(), card.expiry_year.clone());
    PaymentCardDetails {
        expiry_date: ExpiryDate { month, year },
        bin: card.bin.clone(),
        last4: card.last4.clone(),
        brand: brand(card.brand),
    }
}
