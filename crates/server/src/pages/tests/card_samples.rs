//! One of each page of a payment by card, with ordinary contents.

use torana_domain::card::{Advice, AuthenticationEnd};

use super::samples::{brand, checkout, method, methods, money, outcome};
use crate::pages::*;

pub(super) const PAYMENT_ID: &str = "0123456789abcdef0123456789abcdef";

/// Cards, as a method in the checkout's list.
pub(super) fn cards() -> MethodView {
    MethodView { category: Category::Card, account: String::new(), ..method("card", "RuPay", None) }
}

pub(super) fn checkout_with_cards(language: Language) -> CheckoutPage {
    let mut methods = methods();
    methods.push(cards());
    CheckoutPage { methods, selected: Some("card".into()), ..checkout(language) }
}

pub(super) fn waiting(language: Language, resume: Option<String>) -> CheckoutPage {
    CheckoutPage { waiting: Some(Waiting::Card { resume }), ..checkout_with_cards(language) }
}

pub(super) fn fields(language: Language) -> CardPage {
    CardPage {
        language,
        brand: brand(),
        payment_id: PAYMENT_ID.into(),
        test_mode: true,
        money: money(),
        invoice: "7KQ2ZD299145".into(),
        item: Some("Polo T-shirt".into()),
        expires_at_ms: 1_000_000 + 14 * 60_000 + 32_000,
        now_ms: 1_000_000,
        method: "card".into(),
        networks: vec!["RuPay"],
        has_others: true,
        errors: vec![],
        notice: None,
    }
}

pub(super) fn code(language: Language, notice: Option<CodeNotice>) -> CardCodePage {
    CardCodePage {
        language,
        brand: brand(),
        payment_id: PAYMENT_ID.into(),
        test_mode: true,
        total: "₹1,260.00".into(),
        last4: "3212".into(),
        tries_left: Some(2),
        valid_minutes: 5,
        resend_in_s: Some(75),
        notice,
    }
}

pub(super) fn redirect(language: Language) -> CardRedirectPage {
    CardRedirectPage {
        language,
        brand: brand(),
        payment_id: PAYMENT_ID.into(),
        test_mode: true,
        total: "₹1,260.00".into(),
        last4: "4938".into(),
        action: "https://acs.bank.example/ask".into(),
        fields: vec![("session".into(), "QUJD".into())],
        otherwise: format!("/checkout/{PAYMENT_ID}?lang=en"),
    }
}

pub(super) fn back(language: Language) -> ReturnPage {
    ReturnPage {
        language,
        brand: brand(),
        test_mode: true,
        action: "https://shop.example/done".into(),
        fields: vec![("statusCode".into(), "00".into())],
    }
}

pub(super) fn issuer(language: Language, notice: Option<CodeNotice>) -> IssuerPage {
    IssuerPage {
        language,
        number: "42".into(),
        merchant: "Rahim Books".into(),
        total: "₹1,260.00".into(),
        last4: "4938".into(),
        state: IssuerState::Asked { notice, tries_left: Some(2), can_resend: true },
    }
}

pub(super) fn issuer_ended(language: Language, end: AuthenticationEnd) -> IssuerPage {
    let state = IssuerState::Ended {
        end,
        action: format!("/checkout/{PAYMENT_ID}/card/confirmed"),
        fields: vec![("session".into(), "QUJD".into())],
    };
    IssuerPage { state, ..issuer(language, None) }
}

/// Every page in one language, with a name for each.
pub(super) fn all(language: Language) -> Vec<(&'static str, String)> {
    let wrong = CardPage {
        errors: CardFieldError::ALL.to_vec(),
        notice: Some(CardNotice::Declined(Advice::LaterOrLess)),
        ..fields(language)
    };
    let silent =
        OutcomePage { message: Some(Message::BankSilent), ..outcome(language, Outcome::Unknown) };
    let resume = Some(format!("/checkout/{PAYMENT_ID}/card/code?lang=en"));
    let locked = issuer_ended(language, AuthenticationEnd::Locked);
    vec![
        ("checkout_card", checkout_with_cards(language).html()),
        ("card_waiting", waiting(language, resume).html()),
        ("card_fields", fields(language).html()),
        ("card_fields_wrong", wrong.html()),
        ("card_code", code(language, Some(CodeNotice::Sent)).html()),
        ("card_code_wrong", code(language, Some(CodeNotice::Wrong)).html()),
        ("card_redirect", redirect(language).html()),
        ("return", back(language).html()),
        ("issuer", issuer(language, Some(CodeNotice::Wrong)).html()),
        ("issuer_locked", locked.html()),
        ("bank_silent", silent.html()),
    ]
}
