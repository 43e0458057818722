//! Tests of the choice of language and of the translations' completeness.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

use crate::pages::languages::{BG_SOURCE, BN_SOURCE, EN_SOURCE, HI_SOURCE};
use crate::pages::*;
use crate::rails::epay::Way;

/// Each key of a translation with the variables that its text uses.
fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    FluentResource::try_new(source.to_owned()).expect("valid Fluent");
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines() {
        let starts_key = line.starts_with(|c: char| c.is_ascii_lowercase());
        if starts_key && let Some((key, _)) = line.split_once(" = ") {
            current = key.to_owned();
            assert!(keys.insert(current.clone(), BTreeSet::new()).is_none(), "{key} twice");
        }
        for piece in line.split('$').skip(1) {
            let name = piece.chars().take_while(char::is_ascii_alphanumeric).collect();
            keys.get_mut(&current).expect("a key").insert(name);
        }
    }
    keys
}

#[test]
fn translations_have_the_same_keys_and_variables() {
    let english = keys(EN_SOURCE);
    for (name, source) in [("bn", BN_SOURCE), ("hi", HI_SOURCE), ("bg", BG_SOURCE)] {
        assert_eq!(keys(source), english, "{name} and en");
    }
}

#[test]
fn every_key_that_is_used_exists_and_every_key_is_used() {
    let english = keys(EN_SOURCE);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut used: BTreeSet<String> = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for call in ["text(\"", "text1(\"", "text_with(\""] {
            let found = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
            used.extend(found.map(str::to_owned));
        }
    }
    for source in [
        include_str!("../steps.rs"),
        include_str!("../shell.rs"),
        include_str!("../methods.rs"),
        include_str!("../checkout.rs"),
        include_str!("../wallet_simulator.rs"),
        include_str!("../epay_site.rs"),
        include_str!("../../http/sandbox/epay.rs"),
    ] {
        used.extend(source.split('"').filter(|s| english.contains_key(*s)).map(str::to_owned));
        // A key of a step is written out there; a misspelt one must not pass.
        let steps = source.split('"').filter(|s| s.starts_with("step-") || s.starts_with("copy-"));
        used.extend(steps.map(str::to_owned));
    }
    for source in [
        include_str!("../card/code.rs"),
        include_str!("../card/fields.rs"),
        include_str!("../card/issuer.rs"),
        include_str!("../card/words.rs"),
    ] {
        let whole = source.split('"').filter(|s| !s.contains('{'));
        let keys = whole.filter(|s| s.starts_with("card-") || s.starts_with("issuer-"));
        used.extend(keys.map(str::to_owned));
    }
    let errors = CardFieldError::ALL.map(CardFieldError::code);
    let notices = CardNotice::ALL.map(CardNotice::code);
    let of_codes = CodeNotice::ALL.map(CodeNotice::code);
    for code in errors.into_iter().chain(notices).chain(of_codes) {
        used.insert(format!("card-{}", code.replace('_', "-")));
    }
    // The handler of the simulated wallet words this one.
    used.insert("wallet-amount-invalid".to_owned());
    for message in Message::all() {
        used.insert(format!("message-{}", message.code().replace('_', "-")));
    }
    for outcome in SimulatedOutcome::ALL {
        used.insert(format!("wallet-outcome-{}", outcome.word().replace('_', "-")));
    }
    for outcome in SiteOutcome::ALL {
        used.insert(format!("site-{}", outcome.word().replace('_', "-")));
    }
    for way in Way::ALL {
        used.insert(format!("way-{}", way.code()));
    }
    for word in ["succeeded", "cancelled", "expired", "declined", "unknown"] {
        used.insert(format!("outcome-{word}-title"));
        used.insert(format!("outcome-{word}-text"));
    }
    let existing: BTreeSet<String> = english.into_keys().collect();
    assert_eq!(used, existing);
}

#[test]
fn query_then_cookie_then_header_then_default_choose() {
    let choose = |query, cookie, header| Language::choose(query, cookie, header, Language::Bn);
    assert_eq!(choose(Some("hi"), Some("bg"), Some("en")), Language::Hi);
    assert_eq!(choose(Some("xx"), Some("bg"), Some("en")), Language::Bg);
    assert_eq!(choose(None, None, Some("fr, bg;q=0.5, en-US;q=0.8")), Language::En);
    assert_eq!(choose(None, None, Some("en;q=0, hi;q=0.1")), Language::Hi);
    assert_eq!(choose(None, None, Some("bg, en")), Language::Bg);
    assert_eq!(choose(None, None, Some("en;q=abc, *;q=0.3")), Language::Bn);
    assert_eq!(choose(None, None, None), Language::Bn);
    assert_eq!(choose(Some("BN-bd"), None, Some("en")), Language::Bn);
}

#[test]
fn numbers_follow_the_language() {
    assert_eq!(Language::Bn.count("minutes", 15), "১৫ মিনিট");
    assert_eq!(Language::En.count("minutes", 1), "1 minute");
    assert_eq!(Language::En.count("minutes", 15), "15 minutes");
    assert_eq!(Language::Bg.count("days", 2), "2 дни");
    assert_eq!(Language::Bn.digits("৳1,260.00"), "৳১,২৬০.০০");
    assert_eq!(Language::Hi.digits("৳1,260.00"), "৳1,260.00");
    assert_eq!(Language::Bg.amount("€1,234,567.50"), "1\u{a0}234\u{a0}567,50\u{a0}€");
    assert_eq!(Language::Bg.amount("25"), "25");
    assert_eq!(Language::En.amount("€1,234.50"), "€1,234.50");
    assert_eq!(Language::Bn.amount("৳1,260.00"), "৳১,২৬০.০০");
    assert_eq!(Language::Bg.date("25/11/2026 14:07"), "25.11.2026 14:07");
    assert_eq!(Language::Bn.date("25/11/2026 14:07"), "২৫/১১/২০২৬ ১৪:০৭");
}

#[test]
fn answers_carry_the_contract() {
    let url = Some("/checkout/1/return".to_owned());
    let answer = StatusAnswer::of(PayerStatus::Succeeded, Language::En, url);
    let expected = r#"{"status":"succeeded","code":"succeeded","message":"Payment received.","return_url":"/checkout/1/return"}"#;
    assert_eq!(serde_json::to_string(&answer).unwrap(), expected);
    let short = Message::AmountShort { sent: "৳5.00".into(), due: "৳10.00".into() };
    let answer = StatusAnswer::error(&short, Language::Bn);
    assert_eq!(answer.code, "amount_short");
    assert!(answer.message.contains("৳১০.০০"), "{}", answer.message);
    assert!(serde_json::to_string(&answer).unwrap().contains(r#""return_url":null"#));
}
