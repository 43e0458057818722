//! Tests of the pages of a payment by card.

use torana_domain::card::{AuthenticationEnd, Pan};

use super::card_samples as samples;
use crate::pages::*;

/// The tag of the field with that id.
fn field<'a>(html: &'a str, id: &str) -> &'a str {
    let (_, rest) = html.split_once(&format!("<input id=\"{id}\"")).expect(id);
    rest.split_once('>').expect("its end").0
}

/// The contents of the element that starts with `open`.
fn inside<'a>(html: &'a str, open: &str) -> &'a str {
    let (_, rest) = html.split_once(open).expect(open);
    rest.split_once("</p>").expect("its end").0
}

#[test]
fn a_card_stands_in_the_list_and_leads_to_its_own_page() {
    for language in Language::ALL {
        let html = samples::checkout_with_cards(language).html();
        let lang = language.code();
        let url = format!("/checkout/{}/card?method=card&#38;lang={lang}", samples::PAYMENT_ID);
        assert_eq!(html.matches(&format!("href=\"{url}\" target=\"_top\"")).count(), 2, "{html}");
        assert!(html.contains(&format!("{}<small>RuPay</small>", language.text("card-name"))));
        assert!(!html.contains("name=\"reference\"") && !html.contains("/sandbox/wallet/"));
    }
    assert!(!samples::cards().is_claimed());
}

#[test]
fn who_waits_for_the_bank_can_go_on_with_it() {
    let url = format!("/checkout/{}/card/code", samples::PAYMENT_ID);
    for language in Language::ALL {
        let html = samples::waiting(language, Some(url.clone())).html();
        assert!(html.contains(&language.text("waiting-card")));
        assert!(html.contains(&format!("href=\"{url}\" target=\"_top\"")));
        assert!(!samples::waiting(language, None).html().contains(&language.text("card-resume")));
    }
}

#[test]
fn the_fields_are_named_for_browsers_and_empty() {
    for language in Language::ALL {
        let html = samples::fields(language).html();
        let lang = language.code();
        let action = format!("action=\"/checkout/{}/card?lang={lang}\"", samples::PAYMENT_ID);
        assert!(html.contains(&action), "{html}");
        for (id, autocomplete) in [
            ("number", "cc-number"),
            ("expiry", "cc-exp"),
            ("security_code", "cc-csc"),
            ("name", "cc-name"),
        ] {
            let tag = field(&html, id);
            assert!(tag.contains(&format!("autocomplete=\"{autocomplete}\"")), "{tag}");
            assert!(tag.contains(&format!("name=\"{id}\"")) && !tag.contains("value="), "{tag}");
            assert!(html.contains(&format!("<label for=\"{id}\">")), "{id} in {language:?}");
        }
        for id in ["number", "expiry", "security_code"] {
            assert!(field(&html, id).contains("inputmode=\"numeric\""), "{id}");
            assert_eq!(inside(&html, &format!("id=\"{id}-error\" role=\"alert\">")), "");
        }
        assert!(html.contains("name=\"method\" value=\"card\""));
        assert!(html.contains(&language.amount("৳1,260.00")) && html.contains("RuPay"));
        assert!(html.contains(&language.text1("card-privacy", "brand", "Rahim Books")));
        assert!(!html.contains("aria-invalid") && !html.contains("autofocus"));
        assert!(!html.contains("id=\"errors\""));
    }
}

#[test]
fn each_error_stands_at_its_field_and_in_the_summary() {
    for language in Language::ALL {
        for error in CardFieldError::ALL {
            let html = CardPage { errors: vec![error], ..samples::fields(language) }.html();
            let id = error.field().name();
            let text = language.text(&format!("card-{}", error.code().replace('_', "-")));
            let tag = field(&html, id);
            assert!(tag.contains("aria-invalid=\"true\"") && tag.contains(" autofocus"), "{tag}");
            assert!(tag.contains(&format!("{id}-error\"")) && !tag.contains("value="), "{tag}");
            assert_eq!(inside(&html, &format!("id=\"{id}-error\" role=\"alert\">")), text);
            assert!(html.contains(&format!("<a href=\"#{id}\">{text}</a>")), "{html}");
            assert_eq!(html.matches("aria-invalid=\"true\"").count(), 1, "{error:?}");
        }
    }
}

#[test]
fn of_many_errors_each_field_shows_its_first_and_the_first_field_is_gone_to() {
    let mut errors = CardFieldError::ALL.to_vec();
    errors.reverse();
    let html = CardPage { errors, ..samples::fields(Language::En) }.html();
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 3);
    assert_eq!(html.matches(" autofocus").count(), 1);
    assert!(field(&html, "number").contains(" autofocus"));
    assert_eq!(html.matches("<li><a href=\"#").count(), 3);
    let over = Language::En.text("card-expiry-over");
    assert_eq!(inside(&html, "id=\"expiry-error\" role=\"alert\">"), over);
}

#[test]
fn each_notice_is_said_once_above_the_fields() {
    for language in Language::ALL {
        for notice in CardNotice::ALL {
            let html = CardPage { notice: Some(notice), ..samples::fields(language) }.html();
            let text = language.text(&format!("card-{}", notice.code().replace('_', "-")));
            assert_eq!(inside(&html, "id=\"notice\" role=\"alert\">"), text);
        }
    }
}

#[test]
fn codes_of_addresses_are_read_back() {
    for error in CardFieldError::ALL {
        assert_eq!(CardFieldError::from_code(error.code()), Some(error));
    }
    for notice in CardNotice::ALL {
        assert_eq!(CardNotice::from_code(notice.code()), Some(notice));
    }
    for notice in CodeNotice::ALL {
        assert_eq!(CodeNotice::from_code(notice.code()), Some(notice));
    }
    assert_eq!(CardNotice::from_code("paid"), None);
}

#[test]
fn test_cards_are_shown_in_test_mode_only_and_are_cards() {
    let numbers = ["6074 8200 0008 4938", "6071 4800 0003 3212"];
    let shown = samples::fields(Language::Bn).html();
    let live = CardPage { test_mode: false, ..samples::fields(Language::Bn) }.html();
    for number in numbers {
        assert!(shown.contains(number) && !live.contains(number), "{number}");
        assert!(number.replace(' ', "").parse::<Pan>().is_ok(), "{number}");
    }
    let told = "The code is 123456";
    let code = samples::code(Language::En, None);
    let live_code = CardCodePage { test_mode: false, ..code.clone() }.html();
    assert!(code.html().contains(told) && !live_code.contains(told));
}

#[test]
fn the_code_is_typed_or_sent_again_or_given_up() {
    for language in Language::ALL {
        let html = samples::code(language, None).html();
        for verb in ["card/code", "card/resend", "card/abandon"] {
            let lang = language.code();
            let action = format!("action=\"/checkout/{}/{verb}?lang={lang}\"", samples::PAYMENT_ID);
            assert_eq!(html.matches(&action).count(), 1, "{verb} in {language:?}");
        }
        let tag = field(&html, "code");
        assert!(tag.contains("autocomplete=\"one-time-code\"") && tag.contains("name=\"code\""));
        assert!(!tag.contains("value=") && !tag.contains("aria-invalid"), "{tag}");
        assert!(html.contains("•••• 3212") && html.contains("data-wait=\"75\""));
        assert!(html.contains(&format!("<strong>{}</strong>", language.digits("1:15"))));
        assert!(html.contains(&language.count("card-otp-valid", 5)));
        assert!(html.contains(&language.count("card-tries-left", 2)));
    }
}

#[test]
fn where_no_more_codes_are_sent_none_can_be_asked_for() {
    let page = samples::code(Language::En, Some(CodeNotice::NoMoreCodes));
    let html = CardCodePage { resend_in_s: None, tries_left: None, ..page }.html();
    assert!(!html.contains("/card/resend") && !html.contains("tries left"));
    assert!(html.contains(&Language::En.text("card-otp-none")));
    let ready = CardCodePage { resend_in_s: Some(0), ..samples::code(Language::En, None) }.html();
    assert!(ready.contains("/card/resend") && !ready.contains("class=\"small wait\""));
}

#[test]
fn each_notice_about_a_code_stands_where_it_belongs() {
    for language in Language::ALL {
        for notice in CodeNotice::ALL {
            let text = language.text(&format!("card-{}", notice.code().replace('_', "-")));
            for html in [
                samples::code(language, Some(notice)).html(),
                samples::issuer(language, Some(notice)).html(),
            ] {
                let at_field = inside(&html, "id=\"code-error\" role=\"alert\">");
                let is_invalid = field(&html, "code").contains("aria-invalid=\"true\"");
                assert_eq!(is_invalid, !at_field.is_empty(), "{notice:?}");
                if at_field.is_empty() {
                    assert_eq!(inside(&html, "<p class=\"note\" role=\"status\">"), text);
                } else {
                    assert_eq!(at_field, text);
                    assert!(!html.contains("class=\"note\""), "{notice:?}");
                }
            }
        }
    }
}

#[test]
fn carried_forms_go_where_they_should_with_what_they_should() {
    for language in Language::ALL {
        let to_bank = samples::redirect(language).html();
        assert!(to_bank.contains("action=\"https://acs.bank.example/ask\""));
        assert!(
            to_bank.contains("name=\"session\" value=\"QUJD\"") && to_bank.contains("•••• 4938")
        );
        let back = samples::back(language).html();
        assert!(back.contains("action=\"https://shop.example/done\""));
        assert!(back.contains("name=\"statusCode\" value=\"00\""));
        for html in [to_bank, back] {
            assert_eq!(html.matches("<form method=\"post\"").count(), 1);
            assert!(html.contains("data-go") && html.contains("<button class=\"button\">"));
        }
    }
}

#[test]
fn the_test_bank_says_what_it_is_and_leads_back() {
    for language in Language::ALL {
        let html = samples::issuer(language, None).html();
        let action = format!("action=\"/sandbox/acs/42?lang={}\"", language.code());
        assert!(html.contains(&action) && html.contains("123456") && html.contains("Rahim Books"));
        for word in ["code", "resend", "cancel"] {
            let button = format!("name=\"action\" value=\"{word}\"");
            assert_eq!(html.matches(&button).count(), 1, "{word}");
        }
        for end in [
            AuthenticationEnd::Locked,
            AuthenticationEnd::Expired,
            AuthenticationEnd::Abandoned,
            AuthenticationEnd::Refused,
            AuthenticationEnd::NoSuch,
        ] {
            let html = samples::issuer_ended(language, end).html();
            assert!(html.contains("/card/confirmed\"") && html.contains("value=\"QUJD\""));
            assert!(!html.contains("name=\"code\""), "{end:?}");
            assert!(!inside(&html, "<p class=\"error\" role=\"alert\">").is_empty(), "{end:?}");
        }
    }
    let mut once = samples::issuer(Language::En, None);
    once.state = IssuerState::Asked { notice: None, tries_left: None, can_resend: false };
    assert!(!once.html().contains("value=\"resend\""));
}

#[test]
fn a_silent_bank_is_told_apart_from_other_unknown_outcomes() {
    for language in Language::ALL {
        let page = OutcomePage {
            message: Some(Message::BankSilent),
            ..super::samples::outcome(language, Outcome::Unknown)
        };
        let text = language.text("message-bank-silent");
        assert!(page.html().contains(&text));
        assert!(!super::samples::outcome(language, Outcome::Unknown).html().contains(&text));
    }
}

#[test]
fn no_more_of_a_number_is_shown_than_its_end() {
    const WHOLE: &str = "6074820000084938";
    let code = CardCodePage { last4: WHOLE.into(), ..samples::code(Language::En, None) };
    let redirect = CardRedirectPage { last4: WHOLE.into(), ..samples::redirect(Language::En) };
    let issuer = IssuerPage { last4: WHOLE.into(), ..samples::issuer(Language::En, None) };
    for html in [code.html(), redirect.html(), issuer.html()] {
        assert!(html.contains("•••• 4938") && !html.contains("84938"));
    }
}

#[test]
fn hostile_text_is_escaped() {
    const EVIL: &str = "\"'><script>alert(1)</script>";
    let brand = || Brand { name: EVIL.into(), logo_url: None, support: Some(EVIL.into()) };
    let evil = || vec![(EVIL.to_owned(), EVIL.to_owned())];
    let fields = CardPage {
        brand: brand(),
        payment_id: EVIL.into(),
        invoice: EVIL.into(),
        item: Some(EVIL.into()),
        method: EVIL.into(),
        ..samples::fields(Language::En)
    };
    let code =
        CardCodePage { brand: brand(), last4: EVIL.into(), ..samples::code(Language::En, None) };
    let redirect = CardRedirectPage {
        brand: brand(),
        action: EVIL.into(),
        fields: evil(),
        otherwise: EVIL.into(),
        ..samples::redirect(Language::En)
    };
    let back = ReturnPage {
        brand: brand(),
        action: EVIL.into(),
        fields: evil(),
        ..samples::back(Language::En)
    };
    let asked = IssuerPage {
        number: EVIL.into(),
        merchant: EVIL.into(),
        ..samples::issuer(Language::En, None)
    };
    let state =
        IssuerState::Ended { end: AuthenticationEnd::Locked, action: EVIL.into(), fields: evil() };
    let ended = IssuerPage { state, ..asked.clone() };
    let pages =
        [fields.html(), code.html(), redirect.html(), back.html(), asked.html(), ended.html()];
    for html in pages {
        assert!(!html.contains("<script>") && !html.contains("'><"), "{html}");
    }
}
