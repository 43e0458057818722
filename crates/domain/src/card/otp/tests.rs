//! The rules one by one, and whatever a payer and a thief may do in any order.

use proptest::prelude::*;

use super::*;
use crate::Timestamp;

const KEY: &[u8] = b"key";
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn at(s: i64) -> Timestamp {
    Timestamp::from_s(1_700_000_000 + s)
}

fn hash(code: &str) -> CodeHash {
    CodeHash::of(KEY, "challenge", &code.parse().unwrap())
}

fn challenge() -> Challenge {
    Challenge::begin(Rules::default(), 5, Some(hash("123456")), at(0))
}

/// A whole try at an issuer that is ourselves.
fn try_at(challenge: &mut Challenge, code: CodeHash, now: Timestamp) -> Result<Verdict, Refusal> {
    let of = challenge.begin_try(now)?;
    let answer = challenge.compare(&of, code);
    Ok(challenge.answered(&of, answer, now))
}

fn tries(challenge: &mut Challenge, code: &str, s: i64) -> Result<Verdict, Refusal> {
    try_at(challenge, hash(code), at(s))
}

fn sent(code: CodeHash) -> ResendAnswer {
    ResendAnswer::Sent { valid_minutes: 5, code: Some(code) }
}

fn resends(challenge: &mut Challenge, code: &str, s: i64) -> Result<(), Refusal> {
    let of = challenge.begin_resend(at(s))?;
    challenge.resent(&of, sent(hash(code)), at(s));
    Ok(())
}

#[test]
fn the_right_code_passes_once() {
    let mut challenge = challenge();
    assert_eq!(tries(&mut challenge, "123456", 60), Ok(Verdict::Passed));
    assert!(challenge.has_passed());
    assert_eq!(tries(&mut challenge, "123456", 61), Err(Refusal::AlreadyPassed));
    assert_eq!(resends(&mut challenge, "1111", 100), Err(Refusal::AlreadyPassed));
    challenge.lock();
    assert!(challenge.has_passed() && !challenge.is_locked());
}

#[test]
fn three_wrong_codes_lock_for_good() {
    let mut challenge = challenge();
    assert_eq!(tries(&mut challenge, "000001", 1), Ok(Verdict::Wrong { tries_left: 2 }));
    assert_eq!(tries(&mut challenge, "000002", 2), Ok(Verdict::Wrong { tries_left: 1 }));
    assert_eq!(tries(&mut challenge, "000003", 3), Ok(Verdict::Locked));
    assert_eq!(tries(&mut challenge, "123456", 4), Err(Refusal::Locked));
    assert_eq!(resends(&mut challenge, "123456", 60), Err(Refusal::Locked));
    assert_eq!((challenge.tries_left(), challenge.is_locked()), (0, true));
}

#[test]
fn a_new_code_ends_the_old_and_brings_no_new_tries() {
    let mut challenge = challenge();
    assert_eq!(tries(&mut challenge, "000001", 1), Ok(Verdict::Wrong { tries_left: 2 }));
    assert_eq!(resends(&mut challenge, "654321", 30), Ok(()));
    assert_eq!(tries(&mut challenge, "123456", 31), Ok(Verdict::Wrong { tries_left: 1 }));
    assert_eq!(tries(&mut challenge, "654321", 32), Ok(Verdict::Passed));
}

#[test]
fn codes_are_sent_again_neither_at_once_nor_without_end() {
    let mut challenge = challenge();
    assert_eq!(challenge.may_resend(at(0)), Err(Refusal::TooSoon { wait_s: 10 }));
    let almost = at(10).plus_ms(-1);
    assert_eq!(challenge.may_resend(almost), Err(Refusal::TooSoon { wait_s: 1 }));
    for (time, left) in [(10, 2), (20, 1), (30, 0)] {
        assert_eq!(resends(&mut challenge, "123456", time), Ok(()));
        assert_eq!(challenge.resends_left(), left);
    }
    assert_eq!(resends(&mut challenge, "123456", 120), Err(Refusal::NoMoreCodes));
    assert_eq!(tries(&mut challenge, "123456", 121), Ok(Verdict::Passed));
}

/// In IPG's published exchange the payer is asked at 1689048630 and a new code is asked for at 1689048645.
#[test]
fn the_published_exchange_is_within_the_rules() {
    for rules in [Rules::default(), Rules::TEST] {
        let mut challenge = Challenge::begin(rules, 1, Some(hash("123456")), at(630));
        assert_eq!(resends(&mut challenge, "123456", 645), Ok(()));
    }
}

#[test]
fn an_old_code_is_neither_compared_nor_counted() {
    let mut challenge = challenge();
    assert_eq!(challenge.may_try(at(300).plus_ms(-1)), Ok(()));
    for code in ["123456", "000000"] {
        assert_eq!(tries(&mut challenge, code, 300), Err(Refusal::CodeExpired));
    }
    assert_eq!(challenge.tries_left(), 3);
    assert_eq!(resends(&mut challenge, "654321", 301), Ok(()));
    assert_eq!(tries(&mut challenge, "654321", 600), Ok(Verdict::Passed));
}

#[test]
fn a_challenge_ends_whatever_was_sent_again() {
    let mut challenge = challenge();
    assert_eq!(resends(&mut challenge, "123456", 890), Ok(()));
    assert_eq!(tries(&mut challenge, "123456", 900), Err(Refusal::Expired));
    assert_eq!(resends(&mut challenge, "123456", 930), Err(Refusal::Expired));
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
    let mut challenge = Challenge::begin(Rules::default(), 5, None, at(0));
    assert_eq!(tries(&mut challenge, "123456", 1), Ok(Verdict::Wrong { tries_left: 2 }));
    let of = challenge.begin_try(at(2)).unwrap();
    assert_eq!(challenge.answered(&of, TryAnswer::Wrong, at(2)), Verdict::Wrong { tries_left: 1 });
    let of = challenge.begin_try(at(3)).unwrap();
    assert_eq!(challenge.answered(&of, TryAnswer::Right, at(3)), Verdict::Passed);
}

#[test]
fn a_try_counts_before_its_answer_even_where_none_comes() {
    let mut challenge = challenge();
    let first = challenge.begin_try(at(1)).unwrap();
    assert_eq!(challenge.tries_left(), 2);
    let stored = serde_json::to_string(&challenge).unwrap();
    let mut challenge: Challenge = serde_json::from_str(&stored).unwrap();
    let (second, third) =
        (challenge.begin_try(at(1)).unwrap(), challenge.begin_try(at(1)).unwrap());
    assert_eq!(challenge.begin_try(at(1)), Err(Refusal::NotAnswered));
    assert!(!challenge.is_locked(), "one of them may be right");
    let lost = challenge.answered(&first, TryAnswer::Lost, at(2));
    assert_eq!(lost, Verdict::Lost { tries_left: 0 });
    let wrong = challenge.answered(&second, TryAnswer::Wrong, at(2));
    assert_eq!(wrong, Verdict::Wrong { tries_left: 0 });
    assert_eq!(challenge.answered(&third, TryAnswer::Wrong, at(2)), Verdict::Locked);
    assert!(challenge.is_locked());
}

#[test]
fn an_answer_is_judged_by_when_its_try_began() {
    let mut challenge = challenge();
    let of = challenge.begin_try(at(299)).unwrap();
    assert_eq!(challenge.may_try(at(301)), Err(Refusal::CodeExpired));
    assert_eq!(challenge.answered(&of, TryAnswer::Right, at(301)), Verdict::Passed);
    let mut challenge = self::challenge();
    resends(&mut challenge, "654321", 890).unwrap();
    let of = challenge.begin_try(at(899)).unwrap();
    assert_eq!(challenge.may_try(at(901)), Err(Refusal::Expired));
    assert_eq!(challenge.answered(&of, TryAnswer::Right, at(901)), Verdict::Passed);
}

#[test]
fn an_answer_that_comes_after_all_patience_proves_nothing() {
    let mut challenge = challenge();
    let of = challenge.begin_try(at(1)).unwrap();
    let late = challenge.answered(&of, TryAnswer::Right, at(301));
    assert_eq!(late, Verdict::Lost { tries_left: 2 });
    assert!(!challenge.has_passed());
}

#[test]
fn a_try_is_answered_once() {
    let mut challenge = challenge();
    let of = challenge.begin_try(at(1)).unwrap();
    for answer in [TryAnswer::Expired, TryAnswer::Expired, TryAnswer::Right, TryAnswer::Wrong] {
        challenge.answered(&of, answer, at(2));
        assert_eq!((challenge.tries_left(), challenge.has_passed()), (3, false));
    }
    let mut challenge = self::challenge();
    let (one, two) = (challenge.begin_try(at(1)).unwrap(), challenge.begin_try(at(1)).unwrap());
    assert_eq!(challenge.answered(&one, TryAnswer::Right, at(2)), Verdict::Passed);
    assert_eq!(challenge.answered(&two, TryAnswer::Right, at(2)), Verdict::AlreadyPassed);
    assert_eq!(challenge.answered(&one, TryAnswer::Wrong, at(2)), Verdict::AlreadyPassed);
}

#[test]
fn what_an_issuer_finds_too_old_is_given_back_and_not_asked_again() {
    let mut challenge = challenge();
    let of = challenge.begin_try(at(1)).unwrap();
    assert_eq!(challenge.answered(&of, TryAnswer::Expired, at(2)), Verdict::CodeExpired);
    assert_eq!(challenge.begin_try(at(3)), Err(Refusal::CodeExpired));
    resends(&mut challenge, "654321", 20).unwrap();
    assert_eq!(tries(&mut challenge, "654321", 21), Ok(Verdict::Passed));
    // An answer about the old code does not end the new one.
    let mut challenge = self::challenge();
    let of = challenge.begin_try(at(1)).unwrap();
    resends(&mut challenge, "654321", 20).unwrap();
    assert_eq!(challenge.answered(&of, TryAnswer::Expired, at(21)), Verdict::CodeExpired);
    assert_eq!(tries(&mut challenge, "654321", 22), Ok(Verdict::Passed));
}

#[test]
fn an_issuer_may_lock_and_then_nothing_passes() {
    let mut challenge = challenge();
    let (one, two) = (challenge.begin_try(at(1)).unwrap(), challenge.begin_try(at(1)).unwrap());
    assert_eq!(challenge.answered(&one, TryAnswer::Locked, at(2)), Verdict::Locked);
    assert_eq!(challenge.answered(&two, TryAnswer::Right, at(2)), Verdict::Locked);
    assert!(!challenge.has_passed());
}

#[test]
fn a_code_holds_for_as_long_as_its_issuer_says() {
    let mut challenge = Challenge::begin(Rules::default(), 2, None, at(0));
    assert_eq!(challenge.may_try(at(119)), Ok(()));
    assert_eq!(challenge.may_try(at(120)), Err(Refusal::CodeExpired));
    let of = challenge.begin_resend(at(121)).unwrap();
    let answer = ResendAnswer::Sent { valid_minutes: 1, code: None };
    challenge.resent(&of, answer, at(122));
    assert_eq!((challenge.valid_minutes(), challenge.may_try(at(181))), (1, Ok(())));
    assert_eq!(challenge.may_try(at(182)), Err(Refusal::CodeExpired));
    let careful = Challenge::begin(Rules::default(), 0, None, at(0)).valid_minutes();
    assert_eq!((careful, Challenge::begin(Rules::TEST, 999, None, at(0)).valid_minutes()), (1, 30));
}

#[test]
fn a_code_that_was_asked_for_counts_whatever_is_answered() {
    let mut challenge = challenge();
    let of = challenge.begin_resend(at(10)).unwrap();
    assert_eq!(challenge.may_resend(at(11)), Err(Refusal::TooSoon { wait_s: 9 }));
    challenge.resent(&of, ResendAnswer::NotSent, at(11));
    assert_eq!(tries(&mut challenge, "000000", 12), Ok(Verdict::Wrong { tries_left: 2 }));
    let lost = challenge.begin_resend(at(290)).unwrap();
    challenge.resent(&lost, ResendAnswer::Lost, at(291));
    assert_eq!(challenge.may_try(at(301)), Ok(()), "it may have come");
    assert_eq!(challenge.resends_left(), 1);
    // Only the newest counts, once.
    let newest = challenge.begin_resend(at(300)).unwrap();
    challenge.resent(&newest, sent(hash("654321")), at(301));
    for old in [&of, &lost, &newest] {
        challenge.resent(old, sent(hash("111111")), at(302));
    }
    assert_eq!(tries(&mut challenge, "654321", 303), Ok(Verdict::Passed));
    assert_eq!(challenge.begin_resend(at(400)), Err(Refusal::AlreadyPassed));
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
fn a_thief_who_stops_before_every_lock_is_stopped_too() {
    let mut guard = CardGuard::default();
    let mut guesses = 0;
    for payment in 0..10 {
        if !guard.may_begin(at(payment * 60)) {
            break;
        }
        guard.begun(at(payment * 60));
        // Two wrong codes, where three would lock.
        for s in 1..=2 {
            if guard.may_try(at(payment * 60 + s)) {
                guard.wrong(at(payment * 60 + s));
                guesses += 1;
            }
        }
    }
    assert_eq!(guesses, 6);
    assert!(!guard.may_begin(at(86_400)) && guard.may_begin(at(86_401)));
}

#[test]
fn a_payment_that_passes_forgets_no_wrong_code() {
    let mut guard = CardGuard::default();
    for s in 0..6 {
        guard.wrong(at(s));
        guard.passed(at(s));
    }
    assert!(!guard.may_try(at(10)) && !guard.may_begin(at(10)));
}

#[test]
fn who_buys_often_is_served_and_who_only_begins_is_not() {
    let mut payer = CardGuard::default();
    for purchase in 0..100 {
        assert!(payer.may_begin(at(purchase * 300)), "{purchase}");
        payer.begun(at(purchase * 300));
        assert!(payer.may_try(at(purchase * 300 + 60)));
        payer.wrong(at(purchase * 300 + 60));
        payer.not_wrong(at(purchase * 300 + 60));
        payer.passed(at(purchase * 300 + 61));
    }
    let mut thief = CardGuard::default();
    for s in 0..10 {
        assert!(thief.may_begin(at(s)));
        thief.begun(at(s));
    }
    assert!(!thief.may_begin(at(10)) && thief.may_try(at(10)));
    assert!(thief.may_begin(at(86_400)));
    let stored = serde_json::to_string(&thief).unwrap();
    assert_eq!(serde_json::from_str::<CardGuard>(&stored).unwrap(), thief);
}

/// What a payer, a thief, or an issuer may do.
#[derive(Clone, Debug)]
enum Step {
    BeginTry,
    Answer { of: usize, answer: TryAnswer },
    BeginResend,
    Resent { of: usize, answer: ResendAnswer },
    Lock,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let answer = prop_oneof![
        1 => Just(TryAnswer::Right),
        4 => Just(TryAnswer::Wrong),
        1 => Just(TryAnswer::Expired),
        1 => Just(TryAnswer::Locked),
        1 => Just(TryAnswer::Lost),
    ];
    let resent = prop_oneof![
        3 => (0_u16..40).prop_map(|valid_minutes| ResendAnswer::Sent { valid_minutes, code: None }),
        1 => Just(ResendAnswer::NotSent),
        1 => Just(ResendAnswer::Lost),
    ];
    prop_oneof![
        6 => Just(Step::BeginTry),
        6 => (0_usize..8, answer).prop_map(|(of, answer)| Step::Answer { of, answer }),
        2 => Just(Step::BeginResend),
        2 => (0_usize..8, resent).prop_map(|(of, answer)| Step::Resent { of, answer }),
        1 => Just(Step::Lock),
        4 => (-100_i64..100_000).prop_map(Step::Wait),
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

proptest! {
    #[test]
    fn in_any_order_no_more_is_tried_than_the_rules_allow_and_one_passes(
        rules in rules(),
        valid_minutes in 0_u16..40,
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let mut challenge = Challenge::begin(rules, valid_minutes, None, at(0));
        let rules = rules.bounded();
        let (mut begun, mut asked) = (Vec::new(), Vec::new());
        let (mut wrong, mut passed, mut answered) = (0_u32, 0_u32, std::collections::BTreeSet::new());
        let mut now = at(0);
        for step in steps {
            let before = challenge.clone();
            match step {
                Step::Wait(ms) => now = now.plus_ms(ms),
                Step::Lock => challenge.lock(),
                Step::BeginTry => match challenge.begin_try(now) {
                    Ok(of) => {
                        prop_assert_eq!(challenge.tries_left() + 1, before.tries_left());
                        prop_assert!(passed == 0 && !before.is_locked());
                        begun.push(of);
                    }
                    Err(_) => prop_assert_eq!(&challenge, &before, "a refusal changes nothing"),
                },
                Step::Answer { of, answer } => if !begun.is_empty() {
                    let which = of % begun.len();
                    let verdict = challenge.answered(&begun[which], answer, now);
                    if !answered.insert(which) {
                        prop_assert_eq!(&challenge, &before, "a second answer changes nothing");
                        prop_assert!(verdict != Verdict::Passed);
                    } else if answer == TryAnswer::Wrong {
                        wrong += 1;
                    }
                    passed += u32::from(verdict == Verdict::Passed);
                    if verdict == Verdict::Passed {
                        prop_assert!(answer == TryAnswer::Right && !before.is_locked());
                    }
                    if verdict == Verdict::Locked {
                        prop_assert!(challenge.is_locked());
                    }
                },
                Step::BeginResend => match challenge.begin_resend(now) {
                    Ok(of) => asked.push(of),
                    Err(_) => prop_assert_eq!(&challenge, &before),
                },
                Step::Resent { of, answer } => if !asked.is_empty() {
                    challenge.resent(&asked[of % asked.len()], answer, now);
                    prop_assert_eq!(challenge.tries_left(), before.tries_left(), "no new tries");
                },
            }
            prop_assert!(wrong <= u32::from(rules.tries));
            prop_assert!(asked.len() <= usize::from(rules.resends));
            prop_assert!(passed <= 1);
            prop_assert_eq!(challenge.has_passed(), passed == 1);
            prop_assert!(challenge.is_locked() || !before.is_locked(), "what is locked stays so");
            let stored = serde_json::to_string(&challenge).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Challenge>(&stored).unwrap(), &challenge);
        }
    }

    #[test]
    fn asking_first_says_what_trying_does(rules in rules(), valid in 0_u16..40, ms in -1_000_i64..8_000_000) {
        let mut challenge = Challenge::begin(rules, valid, Some(hash("000001")), at(0));
        let now = at(0).plus_ms(ms);
        let (may_try, may_resend) = (challenge.may_try(now), challenge.may_resend(now));
        prop_assert_eq!(challenge.clone().begin_resend(now).map(|_| ()), may_resend);
        let tried = try_at(&mut challenge, hash("000001"), now);
        prop_assert_eq!(tried, may_try.map(|()| Verdict::Passed));
    }

    #[test]
    fn no_day_has_more_guesses_or_messages_than_the_guard_allows(
        steps in prop::collection::vec((0_u8..6, 0_i64..20_000_000), 1..120),
    ) {
        let (mut guard, mut now) = (CardGuard::default(), at(0));
        let (mut wrong, mut unproved) = (Vec::new(), Vec::new());
        for (what, gap) in steps {
            now = now.plus_ms(gap);
            match what {
                0..3 => if guard.may_try(now) {
                    guard.wrong(now);
                    wrong.push(now);
                },
                3..5 => if guard.may_begin(now) {
                    guard.begun(now);
                    unproved.push(now);
                },
                _ => {
                    guard.passed(now);
                    unproved.pop_if(|at| now.ms_since(*at) < DAY_MS);
                }
            }
            let today = |times: &[Timestamp]| times.iter().filter(|at| now.ms_since(**at) < DAY_MS).count();
            prop_assert!(today(&wrong) <= 6);
            prop_assert!(today(&unproved) <= 10);
            prop_assert_eq!(guard.may_try(now), today(&wrong) < 6, "and none is turned away before");
        }
    }
}
