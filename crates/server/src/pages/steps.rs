//! The numbered steps that lead a payer through a wallet or a bank.

use super::methods::{AccountKind, Category, MethodView};
use super::{Language, Money};

/// One step; with something to copy it shows that under its text.
pub(super) struct Step {
    pub(super) text: String,
    pub(super) copy: Option<Copy>,
}

/// A value to read or copy: `shown` may be prettier than `value`.
pub(super) struct Copy {
    pub(super) shown: String,
    pub(super) value: String,
    pub(super) label: String,
}

/// The steps for paying `money` to the method's account.
pub(super) fn steps(method: &MethodView, money: &Money, language: Language) -> Vec<Step> {
    let plain = |text: String| Step { text, copy: None };
    let account = |key: &str| Step {
        text: language.text(key),
        copy: Some(Copy {
            shown: method.account.clone(),
            value: method.account.clone(),
            label: language.text("copy-account"),
        }),
    };
    let amount = Step {
        text: language.text("step-amount"),
        copy: Some(Copy {
            shown: money.total.clone(),
            value: money.total_plain.clone(),
            label: language.text("copy-amount"),
        }),
    };
    let title = ("wallet", method.title.as_str());
    if method.category == Category::Upi {
        let can_open = method.scannable.as_ref().is_some_and(|it| !it.apps.is_empty());
        let start = if can_open { "step-upi-scan-or-open" } else { "step-upi-scan" };
        return vec![
            plain(language.text(start)),
            account("step-upi-id"),
            amount,
            plain(language.text("step-upi-reference")),
        ];
    }
    if method.category != Category::MobileBanking {
        let start = match method.category {
            Category::Bank => "step-bank-start",
            _ => "step-other-start",
        };
        return vec![
            plain(language.text_with(start, &[title])),
            account("step-bank-account"),
            amount,
            plain(language.text("step-bank-reference")),
        ];
    }
    let open = match method.dial_code() {
        Some(code) => language.text_with("step-open-dial", &[title, ("code", code)]),
        None => language.text_with("step-open-app", &[title]),
    };
    let (choose, number) = match method.kind.unwrap_or(AccountKind::Personal) {
        AccountKind::Personal => ("step-send-money", "step-number-personal"),
        AccountKind::Agent => ("step-cash-out", "step-number-agent"),
        AccountKind::Merchant => ("step-payment", "step-number-merchant"),
    };
    vec![
        plain(open),
        plain(language.text(choose)),
        account(number),
        amount,
        plain(language.text("step-pin")),
        plain(language.text_with("step-sms", &[title])),
    ]
}
