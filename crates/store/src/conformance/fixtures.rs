//! What the behaviours begin with.

use std::sync::Arc;

use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{
    Command, Customer, Decision, Event, EventKind, NewPayment, Order, Payment, Urls, decide,
};
use torana_domain::payout::Payout;
use torana_domain::receipt::{Confidence, Receipt, ReceiptKey, ReceiptState};
use torana_domain::{AccountId, BrandId, Currency, Mode, Money, PaymentId, Timestamp};

use crate::{
    BrandRow, CallbackDraft, ClaimOutcome, Hints, Lane, PreparedPayment, ReceiptOutcome,
    RenderCallbacks, Store, StoreError,
};

pub const ACCOUNT: AccountId = AccountId(1);
pub const DUE: i64 = 10_000;
pub const FEE: i64 = 150;

/// Renders every event of a payment that has a callback URL. A store under test is opened with it.
pub struct EveryEvent;

impl RenderCallbacks for EveryEvent {
    fn render(&self, brand: &BrandRow, payment: &Payment, event: &Event) -> Option<CallbackDraft> {
        let url = payment.order.urls.callback.clone()?;
        assert_eq!(brand.id, payment.id.brand);
        let what = match &event.kind {
            EventKind::Succeeded { .. } => "succeeded",
            EventKind::Claimed { .. } => "claimed",
            _ => "other",
        };
        let headers = vec![("x-state".into(), payment.state.code().into())];
        Some(CallbackDraft {
            url,
            content_type: "text/plain".into(),
            headers,
            body: what.into(),
            dialect: Some("native".into()),
        })
    }

    fn render_payout(&self, brand: &BrandRow, payout: &Payout) -> Option<CallbackDraft> {
        let url = payout.order.callback.clone()?;
        assert_eq!(brand.id, payout.id.brand);
        let body = payout.state.code().into();
        Some(CallbackDraft {
            url,
            content_type: "text/plain".into(),
            headers: vec![],
            body,
            dialect: None,
        })
    }
}

pub fn callbacks() -> Arc<dyn RenderCallbacks> {
    Arc::new(EveryEvent)
}

pub fn at(s: i64) -> Timestamp {
    Timestamp::from_s(1_800_000_000 + s)
}

pub fn taka(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

pub fn key(reference: &str) -> ReceiptKey {
    ReceiptKey::new("bkash", reference)
}

pub async fn brand(store: &Store) -> BrandId {
    store
        .write(Lane::Shared, |tx| tx.insert_brand("Shop", Mode::Test, "{}", at(0)))
        .await
        .unwrap()
        .id
}

pub fn order() -> Order {
    Order {
        dialect: "native".into(),
        amount: taka(DUE),
        fee: taka(FEE),
        due: taka(DUE),
        tolerance_minor: 100,
        customer: Customer {
            name: "দ ও'Neil".into(), email: "a@example.com".into(), phone: None
        },
        urls: Urls { callback: Some("https://shop.example/ipn".into()), ..Urls::default() },
        metadata: Some(r#"{"n":1.10,"big":123456789012345678901234567890}"#.into()),
        dialect_note: None,
        expires_at: at(3_600),
    }
}

pub fn created(brand: BrandId, order: Order, random: u64) -> Decision {
    let new = NewPayment { id: PaymentId::new(brand, at(0), random), order };
    decide(None, Command::Create(Box::new(new)), at(0)).unwrap()
}

/// Creates a payment; `random` tells payments of one brand apart.
pub async fn create(store: &Store, brand: BrandId, random: u64) -> Payment {
    let decision = created(brand, order(), random);
    store.create(PreparedPayment::new(&decision).unwrap()).await.unwrap();
    decision.payment
}

pub async fn claim(
    store: &Store,
    payment: &Payment,
    reference: &str,
    s: i64,
) -> Result<ClaimOutcome, StoreError> {
    let (PaymentId { brand, number, .. }, key) = (payment.id, key(reference));
    store
        .write(Lane::Brand(brand), move |tx| tx.claim(brand, number, ACCOUNT, &key, None, at(s)))
        .await
}

pub fn receipt(reference: &str, minor: i64) -> Receipt {
    Receipt {
        key: key(reference),
        account: ACCOUNT,
        amount: taka(minor),
        payer: Some("01700000000".into()),
        refund_to: Some("01700000000".into()),
        at: at(5),
        heard_at: at(5),
        confidence: Confidence::High,
        warnings: vec!["late_delivery".into()],
        state: ReceiptState::Open { problem: None, suggested: None },
    }
}

pub async fn arrive(store: &Store, brand: BrandId, receipt: Receipt, s: i64) -> ReceiptOutcome {
    store
        .write(Lane::Brand(brand), move |tx| {
            tx.record_receipt(brand, &receipt, Hints::default(), at(s))
        })
        .await
        .unwrap()
}

/// Creates, claims and pays.
pub async fn pay(store: &Store, brand: BrandId, random: u64, reference: &str) -> Payment {
    let payment = create(store, brand, random).await;
    claim(store, &payment, reference, 1).await.unwrap();
    let outcome = arrive(store, brand, receipt(reference, DUE), 2).await;
    assert_eq!(outcome, ReceiptOutcome::New { paid: Some(payment.id) });
    load(store, &payment)
}

pub fn load(store: &Store, payment: &Payment) -> Payment {
    store.read(|reader| reader.payment_by_id(payment.id)).unwrap().unwrap()
}

pub async fn command(
    store: &Store,
    brand: BrandId,
    number: PaymentNumber,
    command: Command<'static>,
    s: i64,
) -> Result<Decision, StoreError> {
    store
        .write(Lane::Brand(brand), move |tx| tx.decide(brand, number, command.clone(), at(s)))
        .await
}

/// Nothing is wrong with any book.
pub fn check(store: &Store) {
    let report = store.read(|reader| reader.ledger_check()).unwrap();
    assert!(report.is_ok(), "{:?}", report.findings);
}
