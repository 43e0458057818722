//! One of each page, with ordinary contents.

use super::card_samples;
use crate::pages::*;

pub(super) fn method(value: &str, title: &str, kind: Option<AccountKind>) -> MethodView {
    MethodView {
        value: value.into(),
        slug: value.split(':').next().unwrap().into(),
        title: title.into(),
        category: Category::MobileBanking,
        account: "01711000001".into(),
        kind,
        instructions: None,
        scannable: None,
        ways: vec![],
    }
}

/// A site to which the payer goes.
pub(super) fn site() -> MethodView {
    MethodView {
        category: Category::Online,
        account: "D123456789".into(),
        ways: vec!["card", "account", "cash"],
        ..method("epay", "ePay.bg", None)
    }
}

pub(super) fn methods() -> Vec<MethodView> {
    vec![
        method("bkash", "bKash", Some(AccountKind::Personal)),
        method("nagad", "Nagad", Some(AccountKind::Agent)),
        method("rocket", "Rocket", Some(AccountKind::Personal)),
        method("upay", "Upay", Some(AccountKind::Merchant)),
        method("tap", "Tap", Some(AccountKind::Personal)),
        MethodView {
            category: Category::Bank,
            account: "1234567890123".into(),
            kind: None,
            instructions: Some("Account name: Rahim Traders\nBranch: Dhanmondi".into()),
            ..method("brac", "BRAC Bank", None)
        },
    ]
}

pub(super) fn brand() -> Brand {
    Brand { name: "Rahim Books".into(), logo_url: None, support: Some("09612-000000".into()) }
}

pub(super) fn money() -> Money {
    Money {
        amount: "৳1,250.00".into(),
        fee: Some("৳10.00".into()),
        total: "৳1,260.00".into(),
        total_plain: "1260".into(),
    }
}

pub(super) fn checkout(language: Language) -> CheckoutPage {
    CheckoutPage {
        language,
        brand: brand(),
        payment_id: "0123456789abcdef0123456789abcdef".into(),
        test_mode: true,
        money: money(),
        invoice: "7KQ2ZD299145".into(),
        item: Some("Polo T-shirt".into()),
        expires_at_ms: 1_000_000 + 14 * 60_000 + 32_000,
        now_ms: 1_000_000,
        methods: methods(),
        selected: Some("bkash".into()),
        reference: String::new(),
        message: None,
        chooses: false,
        waiting: None,
    }
}

pub(super) fn waiting(language: Language) -> CheckoutPage {
    let waiting = Waiting::Message {
        reference: "DKL4X9Q2TZ".into(),
        method_title: "bKash".into(),
        category: Category::MobileBanking,
    };
    CheckoutPage { waiting: Some(waiting), ..checkout(language) }
}

/// A payment that only a site takes.
pub(super) fn at_site(language: Language, waiting: Option<Waiting>) -> CheckoutPage {
    CheckoutPage { methods: vec![site()], selected: None, waiting, ..checkout(language) }
}

pub(super) fn at_desk(language: Language) -> CheckoutPage {
    let pay_url = Some("/sandbox/epay/ezp/pay_bill.cgi?ACTION=PAY&IDN=1234567890".into());
    at_site(
        language,
        Some(Waiting::Desk {
            code: "1234567890".into(),
            until: "25/11/2026 12:00".into(),
            pay_url,
        }),
    )
}

pub(super) fn handoff(language: Language) -> HandoffPage {
    HandoffPage {
        language,
        brand: brand(),
        payment_id: "0123456789abcdef0123456789abcdef".into(),
        test_mode: true,
        site: "ePay.bg".into(),
        total: "€25.01".into(),
        action: "https://www.epay.bg/en/".into(),
        fields: vec![("PAGE", "paylogin".into()), ("ENCODED", "QUJD".into())],
        otherwise: "/checkout/0123456789abcdef0123456789abcdef?code=site&lang=en".into(),
    }
}

pub(super) fn epay_site(language: Language, error: Option<String>) -> EpaySitePage {
    EpaySitePage {
        language,
        merchant: "Rahim Books".into(),
        total: "€25.01".into(),
        invoice: "1234567890123456789".into(),
        description: "My order".into(),
        until: "25.11.2026 12:00:00".into(),
        by_card: true,
        action: "/sandbox/epay/pay/bg".into(),
        fields: vec![("ENCODED", "QUJD".into())],
        error,
    }
}

pub(super) fn outcome(language: Language, outcome: Outcome) -> OutcomePage {
    let receipt = Receipt {
        method_title: "bKash".into(),
        reference: "DKL4X9Q2TZ".into(),
        category: Category::MobileBanking,
        paid_at: "21/11/2026 14:07".into(),
        refund_on_way: None,
        refunded: None,
    };
    OutcomePage {
        language,
        brand: brand(),
        payment_id: "0123456789abcdef0123456789abcdef".into(),
        test_mode: false,
        outcome,
        money: money(),
        invoice: "7KQ2ZD299145".into(),
        item: Some("Polo T-shirt".into()),
        receipt: (outcome == Outcome::Succeeded).then_some(receipt),
        can_return: true,
        methods: if outcome == Outcome::Expired { methods() } else { vec![] },
        selected: None,
        reference: String::new(),
        message: None,
    }
}

pub(super) fn wallet(language: Language, result: Option<SimulatedResult>) -> WalletSimulatorPage {
    WalletSimulatorPage {
        language,
        brand: brand(),
        payment_id: "0123456789abcdef0123456789abcdef".into(),
        methods: methods(),
        selected: Some("nagad".into()),
        amount: "1260".into(),
        total: "৳1,260.00".into(),
        error: None,
        result,
    }
}

pub(super) fn simulated() -> SimulatedResult {
    SimulatedResult {
        outcome: SimulatedOutcome::Succeed,
        sender: "bKash".into(),
        sms: Some(
            "You have received Tk 1,260.00 from 01711000001. Fee Tk 0.00. Balance Tk 3,410.55. \
             TrxID DKL4X9Q2TZ at 21/11/2026 14:07"
                .into(),
        ),
        reference: Some("DKL4X9Q2TZ".into()),
    }
}

/// Every page in one language, with a name for each.
pub(super) fn all(language: Language) -> Vec<(&'static str, String)> {
    let unselected = CheckoutPage { selected: None, ..checkout(language) };
    let refused = CheckoutPage {
        reference: "ABC".into(),
        message: Some(Message::ReferenceTooShort),
        ..checkout(language)
    };
    let late = OutcomePage {
        reference: "DKL4X9Q2TZ".into(),
        message: Some(Message::Waiting),
        ..outcome(language, Outcome::Expired)
    };
    let mut refunded = outcome(language, Outcome::Succeeded);
    if let Some(receipt) = &mut refunded.receipt {
        receipt.refund_on_way = Some("৳19.00".into());
        receipt.refunded = Some("৳81.00".into());
    }
    let bank = CheckoutPage { selected: Some("brac".into()), ..checkout(language) };
    let not_found = NotFoundPage { language, path: "/checkout/none".into() };
    let error =
        ErrorPage { language, path: "/checkout/x".into(), request_id: Some("req-1".into()) };
    let mut pages = vec![
        ("checkout", checkout(language).html()),
        ("unselected", unselected.html()),
        ("refused", refused.html()),
        ("bank", bank.html()),
        ("waiting", waiting(language).html()),
        ("site", at_site(language, None).html()),
        (
            "site_waiting",
            at_site(language, Some(Waiting::Site { method_title: "ePay.bg".into() })).html(),
        ),
        ("desk", at_desk(language).html()),
        ("handoff", handoff(language).html()),
        ("epay_site", epay_site(language, Some("no".into())).html()),
        ("succeeded", outcome(language, Outcome::Succeeded).html()),
        ("refunded", refunded.html()),
        ("cancelled", outcome(language, Outcome::Cancelled).html()),
        ("expired", outcome(language, Outcome::Expired).html()),
        ("late", late.html()),
        ("declined", outcome(language, Outcome::Declined).html()),
        ("unknown", outcome(language, Outcome::Unknown).html()),
        ("not_found", not_found.html()),
        ("error", error.html()),
        ("wallet", wallet(language, None).html()),
        ("wallet_sent", wallet(language, Some(simulated())).html()),
    ];
    pages.extend(card_samples::all(language));
    pages
}
