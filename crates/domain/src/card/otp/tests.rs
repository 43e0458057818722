//! The rules one by one, and whatever a payer and a thief may do in any order.

use proptest::prelude::*;

use super::*;

const KEY: &[u8] = b"key";

fn at(s: i64) -> Timestamp {
    Timestamp::from_s(1_700_000_000 + s)
}

fn hash(code: &str) -> CodeHash {
    CodeHash::of(KEY, "challenge", &code.parse().unwrap())
}

fn challenge() -> Challenge {
    Challenge::begin(Rules::default(), Some(hash("123456")), at(0))
}

#[test]
fn the_right_code_passes_once() {
    let mut challenge = challenge();
    assert_eq!(challenge.try_code(hash("123456"), at(60)), Ok(Verdict::Passed));
    assert!(challenge.has_passed());
    assert_eq!(challenge.try_code(hash("123456"), at(61)), Err(Refusal::AlreadyPassed));
    assert_eq!(challenge.resent(Some(hash("1111")), at(100)), Err(Refusal::AlreadyPassed));
    challenge.lock();
    assert!(challenge.has_passed() && !challenge.is_locked());
}

#[test]
fn three_wrong_codes_lock_for_good() {
    let mut challenge = challenge();
    assert_eq!(challenge.try_code(hash("000001"), at(1)), Ok(Verdict::Wrong { tries_left: 2 }));
    assert_eq!(challenge.try_code(hash("000002"), at(2)), Ok(Verdict::Wrong { tries_left: 1 }));
    assert_eq!(challenge.try_code(hash("000003"), at(3)), Err(Refusal::Locked));
    assert_eq!(challenge.try_code(hash("123456"), at(4)), Err(Refusal::Locked));
    assert_eq!(challenge.resent(Some(hash("123456")), at(60)), Err(Refusal::Locked));
    assert_eq!((challenge.tries_left(), challenge.is_locked()), (0, true));
}

#[test]
fn a_new_code_ends_the_old_and_brings_no_new_tries() {
    let mut challenge = challenge();
    assert_eq!(challenge.try_code(hash("000001"), at(1)), Ok(Verdict::Wrong { tries_left: 2 }));
    assert_eq!(challenge.resent(Some(hash("654321")), at(30)), Ok(()));
    assert_eq!(challenge.try_code(hash("123456"), at(31)), Ok(Verdict::Wrong { tries_left: 1 }));
    assert_eq!(challenge.try_code(hash("654321"), at(32)), Ok(Verdict::Passed));
}

#[test]
fn codes_are_sent_again_neither_at_once_nor_without_end() {
    let mut challenge = challenge();
    assert_eq!(challenge.may_resend(at(0)), Err(Refusal::TooSoon { wait_s: 10 }));
    let almost = at(10).plus_ms(-1);
    assert_eq!(challenge.may_resend(almost), Err(Refusal::TooSoon { wait_s: 1 }));
    for (time, left) in [(10, 2), (20, 1), (30, 0)] {
        assert_eq!(challenge.resent(Some(hash("123456")), at(time)), Ok(()));
        assert_eq!(challenge.resends_left(), left);
    }
    assert_eq!(challenge.resent(Some(hash("123456")), at(120)), Err(Refusal::NoMoreCodes));
    assert_eq!(challenge.try_code(hash("123456"), at(121)), Ok(Verdict::Passed));
}

/// In IPG's published exchange the payer is asked at 1689048630 and a new code is asked for at 1689048645.
#[test]
fn the_published_exchange_is_within_the_rules() {
    for rules in [Rules::default(), Rules::TEST] {
        let mut challenge = Challenge::begin(rules, Some(hash("123456")), at(630));
        assert_eq!(challenge.resent(Some(hash("123456")), at(645)), Ok(()));
    }
}

#[test]
fn an_old_code_is_neither_compared_nor_counted() {
    let mut challenge = challenge();
    assert_eq!(challenge.may_try(at(300).plus_ms(-1)), Ok(()));
    for code in ["123456", "000000"] {
        assert_eq!(challenge.try_code(hash(code), at(300)), Err(Refusal::CodeExpired));
    }
    assert_eq!(challenge.tries_left(), 3);
    assert_eq!(challenge.resent(Some(hash("654321")), at(301)), Ok(()));
    assert_eq!(challenge.try_code(hash("654321"), at(600)), Ok(Verdict::Passed));
}

#[test]
fn a_challenge_ends_whatever_was_sent_again() {
    let mut challenge = challenge();
    assert_eq!(challenge.resent(Some(hash("123456")), at(890)), Ok(()));
    assert_eq!(challenge.try_code(hash("123456"), at(900)), Err(Refusal::Expired));
    assert_eq!(challenge.resent(Some(hash("123456")), at(930)), Err(Refusal::Expired));
}

#[test]
fn a_clock_that_goes_back_waits_and_does_not_panic() {
    let challenge = challenge();
    assert_eq!(challenge.may_try(at(-1_000)), Ok(()));
    assert_eq!(challenge.may_resend(at(-1_000)), Err(Refusal::TooSoon { wait_s: 10 }));
    assert!(challenge.may_resend(Timestamp::from_ms(i64::MIN)).is_err());
    assert!(challenge.may_try(Timestamp::from_ms(i64::MAX)).is_err());
}

#[test]
fn before_a_live_issuer_only_its_word_passes() {
    let mut challenge = Challenge::begin(Rules::default(), None, at(0));
    assert_eq!(challenge.try_code(hash("123456"), at(1)), Ok(Verdict::Wrong { tries_left: 2 }));
    assert_eq!(challenge.answered(false, at(2)), Ok(Verdict::Wrong { tries_left: 1 }));
    assert_eq!(challenge.answered(true, at(3)), Ok(Verdict::Passed));
}

#[test]
fn a_hash_is_of_one_code_one_challenge_and_one_key() {
    let code: OneTimeCode = "123456".parse().unwrap();
    assert!(CodeHash::of(KEY, "a", &code) == CodeHash::of(KEY, "a", &code));
    assert!(CodeHash::of(KEY, "a", &code) != CodeHash::of(KEY, "b", &code));
    assert!(CodeHash::of(KEY, "a", &code) != CodeHash::of(b"other", "a", &code));
    assert!(CodeHash::of(KEY, "a", &code) != CodeHash::of(KEY, "a", &"123457".parse().unwrap()));
}

#[test]
fn rules_out_of_bounds_become_careful() {
    let loose = Rules {
        valid_minutes: u16::MAX,
        tries: u8::MAX,
        resends: u8::MAX,
        resend_wait_s: u16::MAX,
        life_minutes: u16::MAX,
    };
    let bounded = loose.bounded();
    assert_eq!((bounded.valid_minutes, bounded.tries, bounded.resends), (30, 10, 10));
    assert_eq!((bounded.resend_wait_s, bounded.life_minutes), (600, 120));
    let none = Rules { valid_minutes: 0, tries: 0, resends: 0, resend_wait_s: 0, life_minutes: 0 };
    assert_eq!((none.bounded().valid_minutes, none.bounded().tries), (1, 1));
    assert_eq!(Rules::default().bounded(), Rules::default());
    assert_eq!(Rules::TEST.bounded(), Rules::TEST);
}

#[test]
fn a_card_rests_a_day_after_three_locks() {
    let mut guard = CardGuard::default();
    for time in [0, 60, 120] {
        assert!(guard.may_begin(at(time)));
        guard.locked(at(time));
    }
    assert!(!guard.may_begin(at(121)));
    assert!(!guard.may_begin(at(120 + 86_399)));
    assert!(guard.may_begin(at(120 + 86_400)));
    guard.locked(at(120 + 86_400));
    assert!(guard.may_begin(at(120 + 86_401)), "counted anew");
    guard.passed();
    assert_eq!(guard.locks, 0);
}

/// What a payer, or a thief, may do.
#[derive(Clone, Debug)]
enum Step {
    Try(u8),
    Resend(u8),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..5).prop_map(Step::Try),
        2 => (0_u8..5).prop_map(Step::Resend),
        3 => (-100_i64..400_000).prop_map(Step::Wait),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    (any::<u8>(), any::<u8>(), 0_u16..40, 0_u16..700, 0_u16..140).prop_map(
        |(tries, resends, valid_minutes, resend_wait_s, life_minutes)| Rules {
            valid_minutes,
            tries,
            resends,
            resend_wait_s,
            life_minutes,
        },
    )
}

fn small(code: u8) -> CodeHash {
    hash(&format!("{code:06}"))
}

proptest! {
    #[test]
    fn whatever_is_done_the_rules_hold(rules in rules(), steps in prop::collection::vec(step(), 0..60)) {
        let mut challenge = Challenge::begin(rules, Some(small(0)), at(0));
        let rules = rules.bounded();
        let (mut now, mut current, mut sent_at) = (at(0), 0_u8, at(0));
        let (mut wrong, mut resent, mut passed) = (0_u32, 0_u32, 0_u32);
        for step in steps {
            let before = challenge.clone();
            match step {
                Step::Wait(ms) => now = now.plus_ms(ms),
                Step::Try(code) => match challenge.try_code(small(code), now) {
                    Ok(Verdict::Passed) => {
                        prop_assert_eq!(code, current, "only the last code passes");
                        let age_ms = now.ms_since(sent_at);
                        prop_assert!(age_ms < i64::from(rules.valid_minutes) * MINUTE_MS);
                        passed += 1;
                    }
                    Ok(Verdict::Wrong { tries_left }) => {
                        prop_assert_ne!(code, current);
                        wrong += 1;
                        prop_assert_eq!(u32::from(tries_left) + wrong, u32::from(rules.tries));
                        prop_assert!(tries_left > 0);
                    }
                    Err(Refusal::Locked) if !before.is_locked() => {
                        wrong += 1;
                        prop_assert_eq!(wrong, u32::from(rules.tries));
                    }
                    Err(_) => prop_assert_eq!(&challenge, &before, "a refusal changes nothing"),
                },
                Step::Resend(code) => match challenge.resent(Some(small(code)), now) {
                    Ok(()) => {
                        prop_assert!(now.ms_since(sent_at) >= i64::from(rules.resend_wait_s) * 1000);
                        (current, sent_at) = (code, now);
                        resent += 1;
                    }
                    Err(_) => prop_assert_eq!(&challenge, &before),
                },
            }
            prop_assert!(wrong <= u32::from(rules.tries));
            prop_assert!(resent <= u32::from(rules.resends));
            prop_assert!(passed <= 1);
            prop_assert_eq!(challenge.has_passed(), passed == 1);
            prop_assert_eq!(challenge.is_locked(), wrong == u32::from(rules.tries));
        }
        if now.ms_since(at(0)) >= i64::from(rules.life_minutes) * MINUTE_MS {
            prop_assert!(challenge.try_code(small(current), now).is_err());
        }
    }

    #[test]
    fn asking_first_says_what_trying_does(rules in rules(), ms in -1_000_i64..8_000_000) {
        let mut challenge = Challenge::begin(rules, Some(small(1)), at(0));
        let now = at(0).plus_ms(ms);
        let (may_try, may_resend) = (challenge.may_try(now), challenge.may_resend(now));
        prop_assert_eq!(challenge.clone().resent(None, now), may_resend);
        prop_assert_eq!(challenge.try_code(small(1), now), may_try.map(|()| Verdict::Passed));
    }

    #[test]
    fn of_four_locks_in_a_row_a_day_of_rest_parts_two(gaps in prop::collection::vec(0_i64..200_000_000, 1..40)) {
        let (mut guard, mut now, mut locks) = (CardGuard::default(), at(0), Vec::new());
        for gap in gaps {
            now = now.plus_ms(gap);
            if guard.may_begin(now) {
                guard.locked(now);
                locks.push(now);
            }
        }
        for four in locks.windows(4) {
            prop_assert!(four.windows(2).any(|two| two[1].ms_since(two[0]) >= REST_MS));
        }
    }
}
