//! The checkout of the payment that the server was born with: the same template, filled with the same.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use torana_domain::PaymentId;
use torana_rails::wallet::Wallet;
use torana_server::clock;
use torana_server::pages::{self, AccountKind, Category, CheckoutPage, Language, MethodView};

use super::Shared;

/// The wallets of a test brand.
const WALLETS: [(&str, &str); 4] = [
    ("bkash", "01000000001"),
    ("nagad", "01000000002"),
    ("rocket", "010000000031"),
    ("upay", "01000000004"),
];

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    if id.parse::<PaymentId>().is_err() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = Language::choose(None, None, accepted, Language::En);
    let payment = &shared.payment;
    let text = |minor: i64| format!("৳{}.{:02}", minor / 100, minor % 100);
    let due = payment.order.due;
    let page = CheckoutPage {
        language,
        brand: pages::Brand { name: "Bench".into(), logo_url: None, support: None },
        payment_id: payment.id.to_string(),
        test_mode: true,
        money: pages::Money {
            amount: text(payment.order.amount.minor()),
            fee: None,
            total: text(due.minor()),
            total_plain: due.to_shortest(),
        },
        item: None,
        invoice: match torana_dialects::by_slug(&payment.order.dialect) {
            Some(dialect) => dialect.public_id(payment.id),
            None => payment.id.to_string(),
        },
        expires_at_ms: payment.order.expires_at.as_ms(),
        now_ms: clock::now().as_ms(),
        methods: WALLETS.iter().map(|(slug, number)| method(slug, number)).collect(),
        selected: None,
        reference: String::new(),
        message: None,
        chooses: false,
        waiting: None,
    };
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::OK, kind, pages::Page::html(&page)).into_response()
}

fn method(slug: &str, number: &str) -> MethodView {
    let title = Wallet::from_slug(slug).map_or("", Wallet::title);
    MethodView {
        value: slug.to_owned(),
        slug: slug.to_owned(),
        title: title.to_owned(),
        category: Category::MobileBanking,
        account: number.to_owned(),
        kind: Some(AccountKind::Personal),
        instructions: None,
        scannable: None,
        ways: vec![],
    }
}
