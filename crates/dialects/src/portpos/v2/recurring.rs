//! Recurring payments (provider §2.6): `recurring` beside the body of an invoice.
//!
//! What is known is one sample of a create and one of a cancel, and the fields that SDKs read. Where they are silent:
//!
//! - **Each later period has an invoice of its own**, which is made when the period begins and can be paid for
//!   `grace_period` days (three unless told): wallets cannot be charged without their owner. The merchant is told by IPN,
//!   and sends the payer to its page. If it is not paid in that time, the recurring ends; so it does if one is cancelled,
//!   declined or charged back. What is still open when it ends is cancelled. Money that comes later is kept and told of,
//!   but the recurring stays over. Periods that went by before the first invoice was paid are not asked for.
//! - **States**: PENDING until the first invoice is paid, ACTIVE while payments come, COMPLETED when all were paid,
//!   CANCELLED by the merchant, EXPIRED when one was not paid in time.
//! - **Trial**: the first invoice is of the trial's amount, the first regular one comes when the trial ends, and
//!   `number_of_payment` does not count it. **Schedule**: periods begin at `start`. `full` is the first period's payment,
//!   made now; `partial` and `charge` ask for the schedule's own amount now, and the first period's comes at `start`.
//!   Neither stands beside `prorated`.
//! - **Prorated**: as in the sample, the day on which it is made is not charged for; a part below one taka, or below what
//!   the brand takes, is the whole price.
//! - **`ended_at`** is the last second of the last period; empty, not null, where there is no end: a typed client breaks on
//!   null. It is planned until the recurring is over, then true.

use http::StatusCode;
use serde_json::{Map, Value, json};
use torana_domain::payment::Payment;
use torana_domain::subscription::{Offers, Period, Subscription, SubscriptionState, Terms, Unit};
use torana_domain::{Money, Timestamp};

use super::super::note::Note;
use super::super::status::Status;
use super::super::{ids, php, times};
use super::body::Body;
use super::decode::{self, AMOUNT_MAX};
use super::{Endpoint, encode};
use crate::{Call, Caller, CreatePayment, Flaw, Reply, Request, Subscribe, Subscribed, WireError};

const DAY_S: i64 = 24 * 60 * 60;
/// Days for which an invoice of a later period can be paid (provider §2.6).
const GRACE_DAYS: i64 = 3;
const UNITS: [(&str, Unit); 6] = [
    ("daily", Unit::Daily),
    ("weekly", Unit::Weekly),
    ("monthly", Unit::Monthly),
    ("quarterly", Unit::Quarterly),
    ("half-yearly", Unit::HalfYearly),
    ("yearly", Unit::Yearly),
];

/// The body of a new recurring payment.
pub(super) fn decode(body: &Body, caller: &Caller<'_>) -> Result<Call, WireError> {
    let first = decode::create(body, caller)?;
    if body.get("recurring").is_none() {
        return Err(Flaw::missing("recurring", "is required").into());
    }
    let begins = begins(body, &first, caller)?;
    let prorated = body.flag("recurring.period.prorated");
    if prorated && begins.is_some() {
        let message = "cannot stand beside a trial or a schedule";
        return Err(WireError::invalid("recurring.period.prorated", message));
    }
    let own_price = begins.and_then(|begins| begins.own_price);
    let terms = Terms {
        amount: first.amount,
        period: period(body)?,
        prorated,
        payments: count(body, "recurring.number_of_payment", 0..=999_999)?.unwrap_or(0),
        offers: offers(body, &first, caller)?,
        begins_at: begins.map(|begins| begins.at),
        first_is_regular: own_price.is_none(),
        is_trial: body.flag("recurring.trial.enable"),
        grace_ms: body.number("recurring.grace_period", 0..=365)?.unwrap_or(GRACE_DAYS).max(1)
            * DAY_S
            * 1_000,
        ends_with_period: body.flag("recurring.cancel_at_period_end"),
        calendar_ms: times::DHAKA_MS,
    };
    let too_far = |_| WireError::invalid("recurring.period", "ends beyond the calendar");
    let currency = first.amount.currency();
    let one = 10_i64.pow(currency.exponent());
    let least = Money::from_minor(caller.policy.limits.min_minor.max(one), currency);
    let amount = match own_price {
        Some(amount) => amount,
        None => terms.first_amount(caller.now, least).map_err(too_far)?,
    };
    terms.due(caller.now, terms.payments.max(1)).map_err(too_far)?;
    Ok(Call::Subscribe(Box::new(Subscribe { first: CreatePayment { amount, ..first }, terms })))
}

fn period(body: &Body) -> Result<Period, Flaw> {
    const UNIT: &str = "recurring.period.unit";
    let word = body.required(UNIT, 20)?;
    let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word.trim()));
    let names = || UNITS.map(|(name, _)| name).join(", ");
    let (_, unit) = known.ok_or_else(|| Flaw::new(UNIT, format!("must be one of {}", names())))?;
    const INTERVAL: &str = "recurring.period.interval";
    let interval = count(body, INTERVAL, 1..=999)?;
    let prorated = body.flag("recurring.period.prorated");
    match (interval, prorated) {
        (Some(_), true) => Err(Flaw::new(INTERVAL, "cannot stand beside prorated")),
        (None, false) => Err(Flaw::missing(INTERVAL, "is required, or prorated")),
        (interval, _) => Ok(Period { unit: *unit, interval: interval.unwrap_or(1) }),
    }
}

/// A trial, or a schedule.
#[derive(Clone, Copy)]
struct Begins {
    /// When the first period begins.
    at: Timestamp,
    /// The first payment's price, where it is not that of the first period.
    own_price: Option<Money>,
}

fn begins(body: &Body, first: &CreatePayment, caller: &Caller<'_>) -> Result<Option<Begins>, Flaw> {
    let currency = first.amount.currency();
    if body.flag("recurring.trial.enable") {
        const AMOUNT: &str = "recurring.trial.amount";
        let amount = body.amount(AMOUNT, currency, AMOUNT_MAX)?;
        let amount = amount.ok_or_else(|| Flaw::missing(AMOUNT, "is required"))?;
        decode::within_limits(AMOUNT, amount, caller)?;
        return Ok(Some(Begins { at: trial_end(body, caller.now)?, own_price: Some(amount) }));
    }
    if !body.flag("recurring.schedule.enable") {
        return Ok(None);
    }
    const START: &str = "recurring.schedule.start";
    let start = times::read(&body.required(START, 30)?).filter(|start| *start > caller.now);
    let start = start.ok_or_else(|| {
        Flaw::new(START, "must be a time to come, written as 2030-12-31 23:59:59")
    })?;
    const KIND: &str = "recurring.schedule.payment_type";
    const AMOUNT: &str = "recurring.schedule.amount";
    match body.text(KIND, 20)?.as_deref() {
        None | Some("full") => Ok(Some(Begins { at: start, own_price: None })),
        Some("partial" | "charge") => {
            let amount = body.amount(AMOUNT, currency, AMOUNT_MAX)?;
            let amount = amount.ok_or_else(|| Flaw::missing(AMOUNT, "is required"))?;
            decode::within_limits(AMOUNT, amount, caller)?;
            Ok(Some(Begins { at: start, own_price: Some(amount) }))
        }
        Some(_) => Err(Flaw::new(KIND, "must be full, partial or charge")),
    }
}

fn trial_end(body: &Body, now: Timestamp) -> Result<Timestamp, Flaw> {
    const SECONDS: &str = "recurring.trial.period_end";
    const COUNT: &str = "recurring.trial.period.count";
    const UNIT: &str = "recurring.trial.period.unit";
    if let Some(seconds) = body.number(SECONDS, 600..=31_536_000)? {
        return Ok(now.plus_ms(seconds * 1_000));
    }
    let count = count(body, COUNT, 1..=999)?.ok_or_else(|| Flaw::missing(COUNT, "is required"))?;
    let unit = match body.required(UNIT, 20)?.trim() {
        "day" => Unit::Daily,
        "week" => Unit::Weekly,
        "month" => Unit::Monthly,
        "year" => Unit::Yearly,
        _ => return Err(Flaw::new(UNIT, "must be day, week, month or year")),
    };
    let plan = Terms {
        amount: Money::zero(torana_domain::Currency::BDT),
        period: Period { unit, interval: count },
        prorated: false,
        payments: 0,
        offers: None,
        begins_at: None,
        first_is_regular: true,
        is_trial: false,
        grace_ms: 0,
        ends_with_period: false,
        calendar_ms: times::DHAKA_MS,
    };
    plan.due(now, 1).map_err(|_| Flaw::new(COUNT, "ends beyond the calendar"))
}

fn offers(body: &Body, first: &CreatePayment, caller: &Caller<'_>) -> Result<Option<Offers>, Flaw> {
    const AMOUNT: &str = "recurring.offers.amount";
    const COUNT: &str = "recurring.offers.number_of_payment";
    if !body.flag("recurring.offers.enable") {
        return Ok(None);
    }
    let amount = body.amount(AMOUNT, first.amount.currency(), AMOUNT_MAX)?;
    let amount = amount.ok_or_else(|| Flaw::missing(AMOUNT, "is required"))?;
    decode::within_limits(AMOUNT, amount, caller)?;
    Ok(Some(Offers {
        amount,
        payments: count(body, COUNT, 1..=999_999)?
            .ok_or_else(|| Flaw::missing(COUNT, "is required"))?,
    }))
}

fn count(
    body: &Body,
    path: &'static str,
    bounds: std::ops::RangeInclusive<i64>,
) -> Result<Option<u32>, Flaw> {
    Ok(body.number(path, bounds)?.and_then(|number| u32::try_from(number).ok()))
}

/// The answer about a recurring payment.
pub(in super::super) fn answer(
    request: &Request<'_>,
    caller: &Caller<'_>,
    subscribed: &Subscribed<'_>,
) -> Reply {
    let Some(first) = subscribed.payments.first() else {
        return encode::refuse(request, &WireError::NotFound);
    };
    let id = format!("R{}", ids::invoice_id(subscribed.subscription.first.number));
    match Endpoint::of(request) {
        Endpoint::CreateRecurring => {
            let mut data = encode::invoice(caller, first);
            if let Value::Object(data) = &mut data {
                // The first invoice does not know that it is one: clients find the name beside it.
                data.insert("customs".to_owned(), customs(&Note::of(first), &id));
                let described = described(caller, &id, subscribed);
                data.insert("recurring".to_owned(), Value::Object(described));
            }
            encode::success(StatusCode::CREATED, data)
        }
        Endpoint::CancelRecurring { .. } => {
            let mut data = Map::new();
            data.insert("id".to_owned(), id.into());
            data.insert("message".to_owned(), "Recurring Cancel request accepted.".into());
            both_ways(data)
        }
        _ => {
            let flat = described(caller, &id, subscribed);
            let mut data = flat.clone();
            data.insert("history".to_owned(), subscribed.payments.iter().map(entry).collect());
            // One SDK's mock has it nested (provider §2.6).
            data.insert("recurring".to_owned(), Value::Object(flat));
            both_ways(data)
        }
    }
}

/// Under `data`, and at the top, where the provider's own SDK looks since its second version (provider §2.6).
fn both_ways(data: Map<String, Value>) -> Reply {
    let mut body = Map::new();
    body.insert("result".to_owned(), "success".into());
    body.insert("data".to_owned(), Value::Object(data.clone()));
    body.extend(data);
    php::reply(StatusCode::OK, &body)
}

fn customs(note: &Note, id: &str) -> Value {
    let own = note.customs.iter().map(|(key, value)| json!({ key: value }));
    own.chain([json!({ "recurringId": id })]).collect()
}

fn entry(payment: &Payment) -> Value {
    json!({
        "invoice_id": ids::invoice_id(payment.id.number),
        "amount": number(payment.order.amount),
        "currency": payment.order.amount.currency().code(),
        "status": Status::of(payment).word(),
        "created_at": times::written(payment.id.number.created_at()),
    })
}

fn described(caller: &Caller<'_>, id: &str, subscribed: &Subscribed<'_>) -> Map<String, Value> {
    let Subscribed { subscription, payments, standing } = *subscribed;
    let terms = &subscription.terms;
    let first = payments.first();
    let note = first.map(Note::of).unwrap_or_default();
    let customer = first.map(|payment| payment.order.customer.clone()).unwrap_or_default();
    let applied = standing.paid;
    let left = terms.payments.saturating_sub(applied);
    let unit = UNITS.iter().find(|(_, unit)| *unit == terms.period.unit);
    let next = subscription.next_payment();
    let next = next.map_or_else(
        || json!({ "date": null, "amount": null, "num_of_day_left": 0 }),
        |(at, amount)| {
            let days = at.ms_since(caller.now).max(0) / (DAY_S * 1_000);
            json!({ "date": times::written(at), "amount": number(amount), "num_of_day_left": days })
        },
    );
    let trial = terms.begins_at.filter(|_| terms.is_trial).and_then(|ended| Some((first?, ended)));
    let described = json!({
        "id": id,
        "status": word(subscription, standing.has_begun),
        "name": note.product_name,
        "description": note.product_description,
        "period": { "interval": terms.period.interval, "unit": unit.map(|(name, _)| name) },
        "has_trial": trial.is_some(),
        "trial": {
            "started": trial.map(|_| times::written(subscription.created_at)),
            "ended": trial.map(|(_, ended)| times::written(ended)),
            "amount": trial.map(|(first, _)| number(first.order.amount)),
            "availed": trial.map(|(first, _)| first.state.is_paid()),
        },
        "has_offers": terms.offers.is_some(),
        "offers": {
            "amount": terms.offers.map(|offers| number(offers.amount)),
            "applicable_for": terms.offers.map(|offers| offers.payments),
            "availed_already": terms.offers.map(|offers| applied.min(offers.payments)),
        },
        "is_prorated": terms.prorated,
        "payment": {
            "amount": number(terms.amount),
            "currency": terms.amount.currency().code(),
            "total": terms.payments,
            "applied": applied,
            "left": left,
        },
        "started": times::written(subscription.created_at),
        "ended_at": ended_at(subscription),
        "next_payment": next,
        "customer": { "name": customer.name, "email": customer.email, "phone": customer.phone },
        "user_id": 0,
        "source": { "id": null, "type": null, "number": null, "brand": null },
    });
    match described {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn ended_at(subscription: &Subscription) -> String {
    let planned = || subscription.over_at().ok().flatten();
    match subscription.ended_at {
        Some(at) => times::written(at),
        None => planned().map(|over| times::written(over.plus_ms(-1_000))).unwrap_or_default(),
    }
}

fn word(subscription: &Subscription, begun: bool) -> &'static str {
    match subscription.state {
        SubscriptionState::Running | SubscriptionState::Ending if begun => "ACTIVE",
        SubscriptionState::Running | SubscriptionState::Ending => "PENDING",
        SubscriptionState::Cancelled => "CANCELLED",
        SubscriptionState::Completed => "COMPLETED",
        SubscriptionState::Lapsed => "EXPIRED",
    }
}

/// An amount as a JSON number, exactly: `30`, `30.5`.
fn number(amount: Money) -> Value {
    let text = amount.to_shortest();
    text.parse::<serde_json::Number>().map_or(Value::String(text), Value::Number)
}
