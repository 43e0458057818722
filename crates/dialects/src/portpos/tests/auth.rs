//! Who is let in.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::*;

const NEW: Known = Known { good_at: None, may_search: false };
const SEARCH: Known = Known { good_at: None, may_search: true };
const DAY_S: i64 = 24 * 60 * 60;
const WEEK_S: i64 = 7 * DAY_S;

fn v1(timestamp: &str, token: &str) -> Asked {
    Asked::form(&[("app_key", APP_KEY), ("timestamp", timestamp), ("token", token)])
}

/// `printf %s 3c6e0b8a9c15224a8228b9a98ca1531d1424941656 | md5sum`, with the seed's time.
#[test]
fn a_token_is_the_md5_of_secret_and_time() {
    let at = Timestamp::from_s(1_424_941_656);
    let shop = Shop::default();
    let caller = Caller { real_now: at, ..shop.caller() };
    let asked = v1("1424941656", "2a09784573cd71ef354aa65d2db2a3f5");
    assert_eq!(PortPos.authenticate(&asked.request(), &caller, NEW), Ok(()));
}

#[test]
fn v1_takes_a_token_of_its_own_time_within_the_window() {
    let shop = Shop::default();
    let at = |offset: i64| (NOW.as_s() + offset).to_string();
    for offset in [0, -DAY_S, DAY_S, 60] {
        let time = at(offset);
        assert_eq!(shop.authenticate(&v1(&time, &token(&time)), NEW), Ok(()), "{offset}");
        assert_eq!(shop.authenticate(&v1(&time, &token(&time).to_uppercase()), NEW), Ok(()));
    }
    let ms = NOW.as_ms().to_string();
    assert_eq!(shop.authenticate(&v1(&ms, &token(&ms)), NEW), Ok(()), "milliseconds");
    let refused = Err(WireError::Unauthenticated);
    for offset in [-DAY_S - 1, DAY_S + 1] {
        let time = at(offset);
        assert_eq!(shop.authenticate(&v1(&time, &token(&time)), NEW), refused, "{offset}");
    }
    let now = at(0);
    for (time, proof) in [
        (now.as_str(), "0".repeat(32)),
        (now.as_str(), String::new()),
        (now.as_str(), token(&now)[..31].to_owned()),
        (now.as_str(), format!("{}x", &token(&now)[..31])),
        ("", token("")),
        ("soon", token("soon")),
        ("99999999999999999999", token("99999999999999999999")),
        ("-9223372036854775808", token("-9223372036854775808")),
    ] {
        assert_eq!(shop.authenticate(&v1(time, &proof), NEW), refused, "{time} {proof}");
    }
    let narrow = Shop::with(|switches| switches.v1_window_s = 60);
    let time = at(-61);
    assert_eq!(narrow.authenticate(&v1(&time, &token(&time)), NEW), refused);
    assert_eq!(shop.authenticate(&Asked::form(&[("call", "gen_invoice")]), NEW), refused, "no key");
}

fn bearer(text: &str) -> Asked {
    let asked = Asked::v2(Method::GET, "/payment/v2/invoice/{id}", "/payment/v2/invoice/8", "");
    asked.header("authorization", &format!("Bearer {text}"))
}

fn v2(offset: i64) -> String {
    let made = (NOW.as_s() + offset).to_string();
    format!("{APP_KEY}:{}", token(&made))
}

#[test]
fn v2_finds_the_time_of_a_token() {
    let shop = Shop::default();
    for offset in [0, -1, -599, 1, 899] {
        let token = bearer(&STANDARD.encode(v2(offset)));
        assert_eq!(shop.authenticate(&token, NEW), Ok(()), "{offset}");
    }
    let old = bearer(&STANDARD.encode(v2(-WEEK_S)));
    let busy = Err(WireError::RateLimited { retry_after_s: 1 });
    assert_eq!(shop.authenticate(&old, NEW), busy, "no search is allowed now");
    assert_eq!(shop.authenticate(&old, SEARCH), Ok(()));
    let refused = Err(WireError::Unauthenticated);
    for offset in [-WEEK_S - 1, 901] {
        let token = bearer(&STANDARD.encode(v2(offset)));
        assert_eq!(shop.authenticate(&token, SEARCH), refused, "{offset}");
    }
    // What is used now and then is good for as long as it is used.
    let known =
        |offset_s: i64| Known { good_at: Some(NOW.plus_ms(offset_s * 1_000)), may_search: true };
    let ancient = bearer(&STANDARD.encode(v2(-50 * WEEK_S)));
    assert_eq!(shop.authenticate(&ancient, known(-WEEK_S)), Ok(()));
    assert_eq!(shop.authenticate(&ancient, known(-WEEK_S - 1)), refused);
}

#[test]
fn v2_tokens_come_in_capitals_and_without_padding() {
    let shop = Shop::default();
    let capitals = format!("{APP_KEY}:{}", token(&NOW.as_s().to_string()).to_uppercase());
    for text in [
        STANDARD.encode(&capitals),
        STANDARD_NO_PAD.encode(&capitals),
        STANDARD_NO_PAD.encode(v2(0)),
    ] {
        assert_eq!(shop.authenticate(&bearer(&text), NEW), Ok(()));
    }
    let shown = |text: &str| PortPos.credential(&bearer(&STANDARD.encode(text)).request()).unwrap();
    assert_eq!(shown(&capitals), shown(&v2(0)), "one token, however it is written");
    assert_eq!(shown(&capitals).key, APP_KEY);
}

#[test]
fn what_is_no_token_is_refused() {
    let shop = Shop::default();
    let wrong = format!("{APP_KEY}:{}", "0".repeat(32));
    let other_secret = format!("{APP_KEY}:{}", token("x"));
    for text in [
        "",
        "?",
        "AAAA",
        &STANDARD.encode("no colon"),
        &STANDARD.encode(&wrong),
        &STANDARD.encode(&other_secret),
        &"A".repeat(600),
    ] {
        assert_eq!(
            shop.authenticate(&bearer(text), SEARCH),
            Err(WireError::Unauthenticated),
            "{text}"
        );
    }
    let basic = bearer("").header("authorization", &format!("Basic {}", STANDARD.encode(v2(0))));
    assert_eq!(shop.authenticate(&basic, NEW), Err(WireError::Unauthenticated));
}

#[test]
fn nothing_of_a_secret_prints() {
    let shop = Shop::default();
    let printed = format!(
        "{:?} {:?}",
        shop.caller(),
        PortPos.credential(&bearer(&STANDARD.encode(v2(0))).request())
    );
    assert!(!printed.contains(SECRET_KEY) && !printed.contains(APP_KEY), "{printed}");
}
