//! Dates, prices and ends, one by one; and that no period is asked for twice.

use proptest::prelude::*;

use super::*;
use crate::{BrandId, Currency};
use jiff::civil::DateTime;

const DHAKA_MS: i64 = 6 * 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A time in Dhaka.
fn at(text: &str) -> Timestamp {
    let civil: DateTime = text.parse().unwrap();
    let utc = jiff::tz::Offset::UTC.to_timestamp(civil).unwrap();
    Timestamp::from_ms(utc.as_millisecond() - DHAKA_MS)
}

fn bdt(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

fn terms(unit: Unit, payments: u32) -> Terms {
    Terms {
        amount: bdt(3_000),
        period: Period { unit, interval: 1 },
        prorated: false,
        payments,
        offers: None,
        begins_at: None,
        first_is_regular: true,
        is_trial: false,
        grace_ms: 3 * DAY_MS,
        ends_with_period: false,
        calendar_ms: DHAKA_MS,
    }
}

fn first() -> PaymentId {
    PaymentId::new(BrandId(1), at("2020-11-18T14:54:36"), 7)
}

/// All is paid.
const PAID: Standing = Standing { has_begun: true, is_broken: false, open_until: None, paid: 1 };

fn start(terms: Terms, created: Timestamp) -> Subscription {
    Subscription::start(first(), terms, created, created.plus_ms(60 * 60 * 1000)).unwrap()
}

fn change(subscription: &Subscription, standing: &Standing, now: Timestamp) -> Subscription {
    match subscription.renew(standing, now) {
        Ok(Renewal::Change(next)) => next,
        other => panic!("{other:?}"),
    }
}

/// The provider's own sample: 30 a month, prorated, six payments, made on 18 November.
#[test]
fn a_prorated_subscription_is_as_in_the_providers_sample() {
    let created = at("2020-11-18T14:54:36");
    let terms = Terms { prorated: true, ..terms(Unit::Monthly, 6) };
    assert_eq!(terms.first_amount(created, bdt(1)), Ok(bdt(1_200)));
    assert_eq!(terms.due(created, 1), Ok(at("2020-12-01T00:00:00")));
    let subscription = start(terms, created);
    assert_eq!(subscription.over_at(), Ok(Some(at("2021-05-01T00:00:00"))));
    assert_eq!(subscription.next_payment(), Some((at("2020-12-01T00:00:00"), bdt(3_000))));
}

#[test]
fn a_part_that_nobody_can_send_is_the_whole_price() {
    let terms = Terms { prorated: true, ..terms(Unit::Monthly, 6) };
    for (day, minor) in [("2020-11-30T10:00:00", 3_000), ("2020-11-29T10:00:00", 100)] {
        assert_eq!(terms.first_amount(at(day), bdt(100)), Ok(bdt(minor)), "{day}");
    }
    assert_eq!(terms.first_amount(at("2020-11-29T10:00:00"), bdt(101)), Ok(bdt(3_000)));
}

#[test]
fn the_end_of_a_month_does_not_drift() {
    let created = at("2023-01-31T10:00:00");
    let due = |n| terms(Unit::Monthly, 0).due(created, n).unwrap();
    assert_eq!(due(1), at("2023-02-28T10:00:00"));
    assert_eq!(due(2), at("2023-03-31T10:00:00"));
    assert_eq!(due(13), at("2024-02-29T10:00:00"));
}

#[test]
fn calendar_units_begin_where_people_expect() {
    let created = at("2026-11-25T23:30:00"); // A Wednesday.
    let due = |unit| Terms { prorated: true, ..terms(unit, 0) }.due(created, 1).unwrap();
    assert_eq!(due(Unit::Daily), at("2026-11-26T00:00:00"));
    assert_eq!(due(Unit::Weekly), at("2026-11-30T00:00:00"));
    assert_eq!(due(Unit::Quarterly), at("2027-01-01T00:00:00"));
    assert_eq!(due(Unit::HalfYearly), at("2027-01-01T00:00:00"));
    assert_eq!(due(Unit::Yearly), at("2027-01-01T00:00:00"));
}

#[test]
fn payments_come_until_all_are_made() {
    let created = at("2026-01-01T10:00:00");
    let offers = Some(Offers { amount: bdt(1_000), payments: 2 });
    let terms = Terms { offers, ..terms(Unit::Monthly, 3) };
    assert_eq!(terms.first_amount(created, bdt(1)), Ok(bdt(1_000)));
    let mut now = start(terms, created);
    let mut made = vec![];
    while let Some(next_at) = now.next_at {
        assert_eq!(now.renew(&PAID, next_at.plus_ms(-1)), Ok(Renewal::NotYet));
        match now.renew(&PAID, next_at).unwrap() {
            Renewal::Pay { next, amount, expires_at } => {
                made.push((next_at, amount, expires_at));
                now = next;
            }
            Renewal::Change(next) => now = next,
            Renewal::NotYet => panic!("nothing happens at its time"),
        }
    }
    let day = |day: &str| at(&format!("{day}T10:00:00"));
    assert_eq!(
        made,
        [
            (day("2026-02-01"), bdt(1_000), day("2026-02-04")),
            (day("2026-03-01"), bdt(3_000), day("2026-03-04")),
        ]
    );
    assert_eq!((now.state, now.made), (SubscriptionState::Completed, 3));
    assert_eq!(now.ended_at, Some(day("2026-04-01")));
}

#[test]
fn an_unpaid_payment_ends_it_once_it_can_no_longer_be_paid() {
    let created = at("2026-01-01T10:00:00");
    let first = start(terms(Unit::Monthly, 0), created);
    let expires = first.next_at.unwrap();
    assert_eq!(expires, at("2026-01-01T11:00:00"), "it is looked at when its first expires");
    let open = Standing { open_until: Some(expires), ..Standing::default() };
    let waiting = change(&first, &open, expires);
    assert_eq!(waiting.next_at, Some(expires.plus_ms(LOOK_SOON_MS)), "it may expire any moment");
    let broken = Standing { is_broken: true, ..Standing::default() };
    let over = change(&waiting, &broken, expires.plus_ms(LOOK_SOON_MS));
    assert_eq!((over.state, over.next_at), (SubscriptionState::Lapsed, None));
}

#[test]
fn a_first_payment_that_is_paid_late_moves_no_date() {
    let created = at("2026-01-01T10:00:00");
    let year = created.plus_ms(365 * DAY_MS);
    let begun = Subscription::start(first(), terms(Unit::Daily, 0), created, year).unwrap();
    let open = Standing { open_until: Some(year), ..Standing::default() };
    let due = begun.next_at.unwrap();
    assert_eq!(due, at("2026-01-02T10:00:00"));
    let waiting = change(&begun, &open, due);
    assert_eq!(waiting.next_at, Some(due.plus_ms(LOOK_LATE_MS)));
    assert_eq!(waiting.next_payment().unwrap().0, due, "what is told is the date that was agreed");
    // Paid on the fourth day: the current day is asked for, and no day before it.
    let now = at("2026-01-05T12:00:00");
    let Ok(Renewal::Pay { next, .. }) = waiting.renew(&PAID, now) else { panic!("it is renewed") };
    assert_eq!(next.next_payment().unwrap().0, at("2026-01-06T10:00:00"));
}

#[test]
fn a_period_begins_whether_or_not_the_one_before_is_paid_already() {
    let created = at("2026-01-01T10:00:00");
    let mut now = start(terms(Unit::Daily, 0), created);
    let mut days = vec![];
    // Everything is paid two days late, within the three days of grace.
    while days.len() < 10 {
        let look = now.next_at.unwrap();
        let open = Standing { open_until: Some(look.plus_ms(DAY_MS)), ..PAID };
        match now.renew(&open, look).unwrap() {
            Renewal::Pay { next, .. } => {
                days.push(look);
                now = next;
            }
            Renewal::Change(next) => now = next,
            Renewal::NotYet => panic!("nothing happens at its time"),
        }
    }
    let expected: Vec<_> = (1..=10).map(|n| created.plus_ms(n * DAY_MS)).collect();
    assert_eq!(days, expected);
}

#[test]
fn a_trial_has_a_price_of_its_own_and_is_not_counted() {
    let created = at("2026-01-01T10:00:00");
    let begins_at = Some(at("2026-01-15T10:00:00"));
    let trial = start(
        Terms { begins_at, first_is_regular: false, is_trial: true, ..terms(Unit::Monthly, 1) },
        created,
    );
    assert_eq!(trial.next_payment(), Some((at("2026-01-15T10:00:00"), bdt(3_000))));
    assert_eq!(trial.over_at(), Ok(Some(at("2026-02-15T10:00:00"))));
    let waiting = change(&trial, &PAID, trial.next_at.unwrap());
    let Ok(Renewal::Pay { next, .. }) = waiting.renew(&PAID, at("2026-01-15T10:00:00")) else {
        panic!("the first regular payment comes");
    };
    assert_eq!((next.regular(), next.next_payment()), (1, None));
    assert_eq!(next.over_at(), Ok(Some(at("2026-02-15T10:00:00"))));
}

#[test]
fn what_is_paid_ahead_for_a_later_start_is_the_first_period() {
    let created = at("2026-01-01T10:00:00");
    let begins_at = Some(at("2026-01-15T00:00:00"));
    let ahead = start(Terms { begins_at, ..terms(Unit::Monthly, 2) }, created);
    assert_eq!(
        (ahead.regular(), ahead.next_payment()),
        (1, Some((at("2026-02-15T00:00:00"), bdt(3_000))))
    );
    assert_eq!(ahead.over_at(), Ok(Some(at("2026-03-15T00:00:00"))));
}

#[test]
fn a_look_is_never_later_than_the_next_payment() {
    let due = at("2026-01-02T10:00:00");
    let open = |until: Timestamp| Standing { open_until: Some(until), ..PAID };
    for (now, until) in
        [(due.plus_ms(-10_000), due.plus_ms(-5_000)), (due.plus_ms(-1), due.plus_ms(DAY_MS))]
    {
        assert_eq!(look_at(due, &open(until), now), due);
    }
}

#[test]
fn the_merchant_ends_it_now_or_with_the_period() {
    let created = at("2026-01-01T10:00:00");
    let now = start(terms(Unit::Monthly, 0), created);
    let ended = now.end(at("2026-01-05T00:00:00")).unwrap();
    assert_eq!((ended.state, ended.next_at), (SubscriptionState::Cancelled, None));
    assert_eq!(ended.end(at("2026-01-06T00:00:00")), None);

    let later = start(Terms { ends_with_period: true, ..terms(Unit::Monthly, 0) }, created);
    let ending = later.end(at("2026-01-01T10:30:00")).unwrap();
    assert_eq!((ending.state, ending.next_payment()), (SubscriptionState::Ending, None));
    assert_eq!(ending.over_at(), Ok(Some(at("2026-02-01T10:00:00"))));
    let ending = change(&ending, &PAID, at("2026-01-01T11:00:00"));
    let over = change(&ending, &PAID, at("2026-02-01T10:00:00"));
    assert_eq!(over.ended_at, Some(at("2026-02-01T10:00:00")));
}

proptest! {
    #[test]
    fn dues_follow_each_other(
        start in 0_i64..4_000_000_000_000,
        unit in prop::sample::select(vec![
            Unit::Daily, Unit::Weekly, Unit::Monthly, Unit::Quarterly, Unit::HalfYearly, Unit::Yearly,
        ]),
        interval in 1_u32..20,
        prorated: bool,
    ) {
        let created = Timestamp::from_ms(start);
        let terms = Terms {
            prorated,
            period: Period { unit, interval },
            ..terms(unit, 0)
        };
        for n in 0..24 {
            prop_assert!(terms.due(created, n).unwrap() < terms.due(created, n + 1).unwrap());
        }
        let first = terms.first_amount(created, bdt(100)).unwrap();
        prop_assert!(first.is_positive() && first.minor() <= 3_000);
    }

    #[test]
    fn nothing_panics(start: i64, interval: u32, n: u32, prorated: bool) {
        let terms = Terms {
            prorated,
            period: Period { unit: Unit::Yearly, interval },
            ..terms(Unit::Yearly, n)
        };
        let created = Timestamp::from_ms(start);
        let _ = (terms.due(created, n), terms.first_amount(created, bdt(100)));
        if let Ok(started) = Subscription::start(first(), terms, created, created) {
            let _ = started.renew(&PAID, created.plus_ms(1 << 50));
        }
    }

    /// Whoever looks, and however late: there is never more than one payment a period, and none after the end.
    #[test]
    fn no_period_is_asked_for_twice(
        looks in prop::collection::vec((0_i64..5 * DAY_MS, any::<bool>()), 1..80),
        payments in 0_u32..12,
    ) {
        let created = at("2026-01-01T10:00:00");
        let mut subscription = start(terms(Unit::Daily, payments), created);
        let mut now = created;
        let mut periods = vec![];
        for (later, is_open) in looks {
            now = now.plus_ms(later);
            let open_until = is_open.then_some(now.plus_ms(DAY_MS));
            match subscription.renew(&Standing { open_until, ..PAID }, now).unwrap() {
                Renewal::Pay { next, .. } => {
                    periods.push(now.ms_since(created) / DAY_MS);
                    subscription = next;
                }
                Renewal::Change(next) => subscription = next,
                Renewal::NotYet => {}
            }
        }
        prop_assert!(periods.windows(2).all(|two| two[0] < two[1]), "{:?}", periods);
        prop_assert!(payments == 0 || periods.len() < payments.max(1) as usize);
    }
}
