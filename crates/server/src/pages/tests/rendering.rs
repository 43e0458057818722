//! Tests of the pages' HTML.

use super::samples;
use crate::pages::*;

const FIRST_LOAD_BYTES_MAX: usize = 50_000;

#[test]
fn pages_hold_the_key_facts_in_each_language() {
    for language in Language::ALL {
        for (name, html) in samples::all(language) {
            assert!(html.contains(&format!("<html lang=\"{}\">", language.code())), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name}");
            assert!(!html.contains("{ $") && !html.contains("{$"), "{name}: unfilled variable");
        }
        let html = samples::checkout(language).html();
        for fact in [
            "Rahim Books",
            "7KQ2ZD299145",
            "data-copy=\"01711000001\"",
            "data-copy=\"1260\"",
            "*247#",
            "name=\"reference\"",
            "name=\"method\" value=\"bkash\"",
            "role=\"img\"",
            "/sandbox/wallet/0123456789abcdef0123456789abcdef?method=bkash",
            "/cancel?lang=",
            &language.text("step-send-money"),
            &language.amount("৳1,260.00"),
        ] {
            assert!(html.contains(fact), "{fact} in {language:?}");
        }
        let html = samples::outcome(language, Outcome::Succeeded).html();
        for fact in ["DKL4X9Q2TZ", "/return\"", "http-equiv=\"refresh\"", "target=\"_top\""] {
            assert!(html.contains(fact), "{fact} in {language:?}");
        }
        let html = samples::waiting(language).html();
        assert!(html.contains("DKL4X9Q2TZ") && html.contains("http-equiv=\"refresh\""));
    }
}

#[test]
fn the_kind_decides_the_steps() {
    let page = |value: &str| {
        let selected = Some(value.to_owned());
        CheckoutPage { selected, ..samples::checkout(Language::En) }.html()
    };
    assert!(page("bkash").contains("Send Money"));
    assert!(page("nagad").contains("Cash Out") && page("nagad").contains("*167#"));
    assert!(page("upay").contains("“Payment”") && page("upay").contains("*268#"));
    assert!(page("tap").contains("Open the Tap app.") && !page("tap").contains("Dial"));
    assert!(
        page("brac").contains("Start a transfer") && page("brac").contains("Branch: Dhanmondi")
    );
    assert!(!page("unknown").contains("name=\"reference\""));
}

#[test]
fn a_site_is_gone_to_and_never_claimed() {
    for language in Language::ALL {
        let html = samples::at_site(language, None).html();
        let action = format!("/epay?lang={}\" target=\"_top\"", language.code());
        for fact in [&action, "name=\"way\" value=\"card\"", "value=\"account\"", "value=\"cash\""]
        {
            assert!(html.contains(fact), "{fact} in {language:?}");
        }
        for absent in ["name=\"reference\"", "/sandbox/wallet/", "way-card"] {
            assert!(!html.contains(absent), "{absent} in {language:?}");
        }
        let desk = samples::at_desk(language).html();
        assert!(desk.contains("data-copy=\"1234567890\"") && desk.contains("ACTION=PAY"));
        let handoff = samples::handoff(language).html();
        assert!(
            handoff.contains("action=\"https://www.epay.bg/en/\"") && handoff.contains("data-go")
        );
        assert!(handoff.contains("name=\"ENCODED\" value=\"QUJD\""));
    }
}

#[test]
fn the_only_method_is_chosen_by_itself() {
    let methods = vec![samples::method("rocket", "Rocket", None)];
    let page = CheckoutPage { methods, selected: None, ..samples::checkout(Language::En) };
    assert!(page.html().contains("name=\"method\" value=\"rocket\""));
}

#[test]
fn an_error_stands_at_its_field() {
    let message = Some(Message::AmountShort { sent: "৳5.00".into(), due: "৳10.00".into() });
    let page =
        CheckoutPage { message, reference: "DKL4X9Q2TZ".into(), ..samples::checkout(Language::En) };
    let html = page.html();
    assert!(html.contains("you sent ৳5.00 of ৳10.00"));
    assert!(html.contains("value=\"DKL4X9Q2TZ\"") && html.contains("aria-invalid=\"true\""));
}

#[test]
fn expired_lets_late_money_be_claimed() {
    let html = samples::outcome(Language::En, Outcome::Expired).html();
    assert!(html.contains("Already sent the money?") && html.contains("<select"));
    assert!(!html.contains("data-auto") && !html.contains("http-equiv=\"refresh\""));
    let declined = samples::outcome(Language::En, Outcome::Declined).html();
    assert!(!declined.contains("<form"));
}

#[test]
fn hostile_text_is_escaped() {
    const EVIL: &str = "\"'><script>alert(1)</script>";
    let brand = || Brand {
        name: EVIL.into(),
        logo_url: Some("javascript:alert(1)".into()),
        support: Some(EVIL.into()),
    };
    let mut method = samples::method("bkash", EVIL, Some(AccountKind::Personal));
    method.account = EVIL.into();
    method.value = EVIL.into();
    method.instructions = Some(EVIL.into());
    let checkout = CheckoutPage {
        brand: brand(),
        reference: EVIL.into(),
        invoice: EVIL.into(),
        item: Some(EVIL.into()),
        methods: vec![method.clone()],
        message: Some(Message::AmountShort { sent: EVIL.into(), due: EVIL.into() }),
        waiting: Some(Waiting::Message {
            reference: EVIL.into(),
            method_title: EVIL.into(),
            category: Category::Other,
        }),
        ..samples::checkout(Language::En)
    };
    let outcome = OutcomePage {
        brand: brand(),
        reference: EVIL.into(),
        methods: vec![method.clone()],
        ..samples::outcome(Language::Bn, Outcome::Expired)
    };
    let result = SimulatedResult { sms: Some(EVIL.into()), ..samples::simulated() };
    let wallet = WalletSimulatorPage {
        brand: brand(),
        methods: vec![method],
        error: Some(EVIL.into()),
        ..samples::wallet(Language::En, Some(result))
    };
    let not_found = NotFoundPage { language: Language::En, path: format!("//evil/{EVIL}") };
    for html in [checkout.html(), outcome.html(), wallet.html(), not_found.html()] {
        assert!(
            !html.contains("<script>") && !html.contains("'><") && !html.contains("javascript:")
        );
        assert!(!html.contains("href=\"//"));
    }
}

#[test]
fn nothing_inline_that_the_csp_forbids() {
    for language in Language::ALL {
        for (name, html) in samples::all(language) {
            let tags: Vec<&str> =
                html.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect();
            for tag in tags {
                assert!(!tag.contains(" style="), "{name}: {tag}");
                assert!(!tag.starts_with("style"), "{name}: {tag}");
                assert!(!tag.starts_with("script") || tag.contains(" src="), "{name}: {tag}");
                let handler =
                    tag.split_whitespace().any(|a| a.starts_with("on") && a.contains('='));
                assert!(!handler, "{name}: {tag}");
            }
        }
    }
}

#[test]
fn assets_are_found_under_their_hashed_urls() {
    for url in [assets::style_url(), assets::script_url(), assets::icon_url(), assets::POPUP_PATH] {
        let asset = assets::find(url).expect(url);
        assert!(!asset.body.is_empty() && asset.path == url);
        let html = samples::checkout(Language::En).html();
        assert_eq!(html.contains(url), url != assets::POPUP_PATH, "{url}");
    }
    assert!(assets::find("/assets/checkout.css").is_none());
    assert!(assets::style_url().ends_with(".css") && assets::style_url().len() == 33);
}

#[test]
fn the_first_load_stays_within_its_budget() {
    let shared: usize = [assets::style_url(), assets::script_url(), assets::icon_url()]
        .iter()
        .map(|url| assets::find(url).expect(url).body.len())
        .sum();
    for language in Language::ALL {
        for (name, html) in samples::all(language) {
            let total = html.len() + shared;
            assert!(total < FIRST_LOAD_BYTES_MAX, "{name} in {language:?}: {total} bytes");
            if name == "checkout" || name == "card_fields" {
                println!("{name} in {language:?}: {} bytes of HTML, {total} in all", html.len());
            }
        }
    }
}
