//! From our words to the pages' words.

use torana_domain::payment::{Attempt, AttemptState, Payment, PaymentState};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::RefundState;
use torana_domain::{Money, Timestamp};
use torana_rails::upi::App;
use torana_rails::wallet::{Category as WalletCategory, Wallet};
use torana_rails::{epay, upi};
use torana_store::AccountRow;

use super::payer::{CHOOSES, FROM_SITE, Payer};
use crate::brands::Brand;
use crate::pages::{
    self, AccountKind, AppLink, Category, CheckoutPage, Language, Message, MethodView, Outcome,
    OutcomePage, Page as _, PayerStatus, Receipt, Scannable, StatusAnswer, Waiting,
};
use crate::rails::{self, epay::Way};

/// Bangladesh's time: UTC+6, all year.
const DHAKA_MS: i64 = 6 * 60 * 60 * 1000;

/// What is known of a payment beside what it says itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// What arrived with the reference of the payer's last attempt.
    pub(super) received: Option<Money>,
    /// What the payer was given to show at an EasyPay desk, and where the simulated desk takes it.
    pub(super) desk: Option<(String, Option<String>)>,
}

/// The page of a payment, whatever its state.
pub(super) fn page(
    brand: &Brand,
    payment: &Payment,
    payer: &Payer,
    message: Option<Message>,
    known: Known,
) -> String {
    match outcome_of(payment.state) {
        None => open_page(brand, payment, payer, message, known).html(),
        Some(outcome) => {
            outcome_page(brand, payment, payer, outcome, message, known.received).html()
        }
    }
}

fn open_page(
    brand: &Brand,
    payment: &Payment,
    payer: &Payer,
    message: Option<Message>,
    known: Known,
) -> CheckoutPage {
    let last = payment.attempts.last();
    let waiting = last.filter(|attempt| attempt.state == AttemptState::Waiting);
    // Without a script the page is loaded anew after a confirmation: the attempt says what became of it.
    let message = message.or_else(|| {
        last.filter(|attempt| {
            // What a network refused is said on its own page.
            !matches!(
                attempt.state,
                AttemptState::Waiting | AttemptState::Asked | AttemptState::Refused
            )
        })
        .map(|attempt| attempt_message(payment, attempt.state, known.received))
    });
    let selected = payer.method.clone().or_else(|| match last {
        Some(last) => Some(method_value(brand, brand.account(last.account)?)),
        None => torana_dialects::by_slug(&payment.order.dialect)?.method(payment),
    });
    CheckoutPage {
        language: payer.language,
        brand: shop(brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        money: money(payment),
        invoice: invoice(payment),
        item: item(payment),
        expires_at_ms: payment.order.expires_at.as_ms(),
        now_ms: brand.now().as_ms(),
        methods: methods(brand, payment),
        selected,
        reference: payer.reference.clone().unwrap_or_default(),
        message,
        chooses: payer.code.as_deref() == Some(CHOOSES),
        waiting: waiting
            .map(|attempt| waiting_for(attempt, payer, known.desk, payment.order.expires_at)),
    }
}

fn waiting_for(
    attempt: &Attempt,
    payer: &Payer,
    desk: Option<(String, Option<String>)>,
    until: Timestamp,
) -> Waiting {
    let method_title = title_of(&attempt.key.method);
    // Who comes back from the site is not told of a desk.
    let desk = desk.filter(|_| payer.code.as_deref() != Some(FROM_SITE));
    match (category_of(&attempt.key.method), desk) {
        (Category::Online, None) => Waiting::Site { method_title },
        (Category::Online, Some((code, pay_url))) => {
            Waiting::Desk { code, until: local_time(&attempt.key.method, until), pay_url }
        }
        (category, _) => {
            Waiting::Message { reference: attempt.key.reference.clone(), method_title, category }
        }
    }
}

fn outcome_page(
    brand: &Brand,
    payment: &Payment,
    payer: &Payer,
    outcome: Outcome,
    message: Option<Message>,
    received: Option<Money>,
) -> OutcomePage {
    let lost = payment.state.is_lost();
    // Only a lost payment still waits for its claim, or says what became of it. A site's own word was the last one.
    let last = payment
        .attempts
        .last()
        .filter(|attempt| lost && category_of(&attempt.key.method) != Category::Online);
    let waiting = last.filter(|attempt| attempt.state == AttemptState::Waiting);
    let said = last.map(|attempt| match attempt.state {
        AttemptState::Waiting => Message::Waiting,
        state => attempt_message(payment, state, received),
    });
    let typed = payer.reference.clone();
    OutcomePage {
        language: payer.language,
        brand: shop(brand),
        payment_id: payment.id.to_string(),
        test_mode: brand.is_test(),
        outcome,
        money: money(payment),
        invoice: invoice(payment),
        item: item(payment),
        receipt: payment.paid.as_ref().map(|paid| Receipt {
            method_title: title_of(&paid.receipt.method),
            reference: shown_reference(&paid.receipt),
            category: category_of(&paid.receipt.method),
            paid_at: local_time(&paid.receipt.method, paid.at),
            refund_on_way: sum_of_refunds(payment, RefundState::is_open),
            refunded: sum_of_refunds(payment, |state| state == RefundState::Done),
        }),
        can_return: can_return(brand, payment),
        methods: if lost { claimed_methods(brand, payment) } else { vec![] },
        selected: payer.method.clone(),
        reference: typed
            .or_else(|| waiting.map(|attempt| attempt.key.reference.clone()))
            .unwrap_or_default(),
        message: message.or(said),
    }
}

fn sum_of_refunds(payment: &Payment, counts: impl Fn(RefundState) -> bool) -> Option<String> {
    let counted = payment.refunds.iter().filter(|refund| counts(refund.state));
    let sum = counted.map(|refund| refund.amount.minor()).sum();
    let sum = Money::from_minor(sum, payment.order.amount.currency());
    sum.is_positive().then(|| with_symbol(sum))
}

fn can_return(brand: &Brand, payment: &Payment) -> bool {
    let dialect = torana_dialects::by_slug(&payment.order.dialect);
    dialect.is_some_and(|dialect| !dialect.return_url(payment, &brand.settings.switches).is_empty())
}

/// How a payment ended, if it did.
fn outcome_of(state: PaymentState) -> Option<Outcome> {
    match state {
        PaymentState::Created | PaymentState::Pending => None,
        PaymentState::Unknown | PaymentState::Authorised => Some(Outcome::Unknown),
        PaymentState::Declined => Some(Outcome::Declined),
        PaymentState::Cancelled => Some(Outcome::Cancelled),
        PaymentState::Expired => Some(Outcome::Expired),
        PaymentState::Succeeded
        | PaymentState::RefundPending
        | PaymentState::RefundProcessing
        | PaymentState::PartiallyRefunded
        | PaymentState::Refunded
        | PaymentState::ChargedBack => Some(Outcome::Succeeded),
    }
}

/// The answer to who asks how the payment stands.
pub(super) fn status(
    payment: &Payment,
    language: Language,
    received: Option<Money>,
) -> StatusAnswer {
    let status = payer_status(payment.state);
    let back = (status != PayerStatus::Created).then(|| format!("/checkout/{}/return", payment.id));
    let last = payment.attempts.last().map(|attempt| attempt.state);
    match (status, last) {
        (PayerStatus::Pending, Some(state)) if state != AttemptState::Waiting => {
            StatusAnswer::with(status, &attempt_message(payment, state, received), language, back)
        }
        _ => StatusAnswer::of(status, language, back),
    }
}

/// Where a payment is, in the words of the script.
pub(super) fn payer_status(state: PaymentState) -> PayerStatus {
    match (outcome_of(state), state) {
        (None, PaymentState::Created) => PayerStatus::Created,
        (None, _) => PayerStatus::Pending,
        (Some(Outcome::Succeeded), _) => PayerStatus::Succeeded,
        (Some(Outcome::Cancelled), _) => PayerStatus::Cancelled,
        (Some(Outcome::Expired), _) => PayerStatus::Expired,
        (Some(Outcome::Declined), _) => PayerStatus::Declined,
        (Some(Outcome::Unknown), _) => PayerStatus::Unknown,
    }
}

/// What to tell the payer of an attempt.
pub(super) fn attempt_message(
    payment: &Payment,
    state: AttemptState,
    received: Option<Money>,
) -> Message {
    match state {
        AttemptState::Waiting => Message::NotFoundYet,
        AttemptState::Paid => Message::Succeeded,
        AttemptState::Taken => Message::AlreadyUsed,
        AttemptState::InReview | AttemptState::Asked | AttemptState::Reserved => Message::Unknown,
        AttemptState::Refused => Message::Closed,
        AttemptState::Short => Message::AmountShort {
            sent: received.map(with_symbol).unwrap_or_default(),
            due: with_symbol(payment.order.due),
        },
    }
}

/// The accounts that may be offered for this payment.
pub(super) fn methods(brand: &Brand, payment: &Payment) -> Vec<MethodView> {
    brand
        .accounts
        .iter()
        .filter(|account| is_offered(account, payment))
        .map(|account| {
            let category = category_of(&account.method);
            let is_wallet = category == Category::MobileBanking;
            MethodView {
                value: method_value(brand, account),
                slug: account.method.clone(),
                title: account.label.clone(),
                category,
                account: account.number.clone(),
                kind: match account.kind.as_str() {
                    _ if !is_wallet => None,
                    "agent" => Some(AccountKind::Agent),
                    "merchant" => Some(AccountKind::Merchant),
                    _ => Some(AccountKind::Personal),
                },
                instructions: Some(account.instructions.clone()).filter(|text| !text.is_empty()),
                scannable: match category {
                    Category::Upi => scannable(brand, account, payment),
                    _ => None,
                },
                ways: match category {
                    Category::Online => Way::ALL.map(Way::code).to_vec(),
                    _ => vec![],
                },
            }
        })
        .collect()
}

/// Those of them of which the payer says by a reference that money was sent.
pub(super) fn claimed_methods(brand: &Brand, payment: &Payment) -> Vec<MethodView> {
    methods(brand, payment).into_iter().filter(MethodView::is_claimed).collect()
}

/// A reference as the payer knows it: ePay.bg knows nothing of the account that we add.
fn shown_reference(key: &ReceiptKey) -> String {
    let own = || key.reference.rsplit_once('-').map(|(invoice, _)| invoice.to_owned());
    let of_epay = if key.method == rails::EPAY { own() } else { None };
    of_epay.unwrap_or_else(|| key.reference.clone())
}

fn category_of(method: &str) -> Category {
    match (method, Wallet::from_slug(method)) {
        (rails::UPI, _) => Category::Upi,
        (rails::EPAY, _) => Category::Online,
        (rails::CARD, _) => Category::Card,
        (_, Some(wallet)) if wallet.category() == WalletCategory::Bank => Category::Bank,
        (_, _) => Category::MobileBanking,
    }
}

/// The code of a UPI payment, and the apps that its link opens where NPCI allows links.
fn scannable(brand: &Brand, account: &AccountRow, payment: &Payment) -> Option<Scannable> {
    let direct = rails::upi::direct(brand, account, payment)?;
    let apps = direct.link.iter().flat_map(|link| {
        let open = |app: App| Some(AppLink { title: app.title(), url: app.link(link)? });
        App::ALL.into_iter().filter_map(open)
    });
    Some(Scannable { apps: apps.collect(), code: direct.code })
}

fn is_offered(account: &AccountRow, payment: &Payment) -> bool {
    rails::is_offered(account, payment.order.due)
}

/// The account that a form's `method` means.
pub(super) fn account_of<'a>(
    brand: &'a Brand,
    payment: &Payment,
    value: &str,
) -> Option<&'a AccountRow> {
    let (slug, id) = match value.split_once(':') {
        Some((slug, id)) => (slug, Some(id)),
        None => (value, None),
    };
    // An account that is offered no more is still understood: the payer may have sent the money before.
    let mut meant = brand.accounts.iter().filter(|account| {
        account.method.eq_ignore_ascii_case(slug)
            && rails::takes_currency(account, payment.order.due)
            && id.is_none_or(|id| account.id.to_string() == id)
    });
    let first = meant.clone().next();
    meant.find(|account| is_offered(account, payment)).or(first)
}

/// What the form posts for an account: the wallet, with the account's id where the wallet has several.
fn method_value(brand: &Brand, account: &AccountRow) -> String {
    let first = brand.accounts.iter().find(|other| other.enabled && other.method == account.method);
    if first.is_some_and(|first| first.id == account.id) {
        account.method.clone()
    } else {
        format!("{}:{}", account.method, account.id)
    }
}

pub(super) fn title_of(method: &str) -> String {
    match (method, Wallet::from_slug(method)) {
        (rails::UPI, _) => "UPI".to_owned(),
        (rails::EPAY, _) => "ePay.bg".to_owned(),
        (rails::CARD, _) => "RuPay".to_owned(),
        (_, Some(wallet)) => wallet.title().to_owned(),
        (other, None) => other.to_owned(),
    }
}

pub(in crate::http) fn shop(brand: &Brand) -> pages::Brand {
    pages::Brand {
        name: brand.row.name.clone(),
        logo_url: brand.settings.logo_url.clone(),
        support: brand.settings.support.clone(),
    }
}

pub(super) fn money(payment: &Payment) -> pages::Money {
    let order = &payment.order;
    let borne = Money::from_minor(order.due.minor() - order.amount.minor(), order.due.currency());
    let plain = if order.due.to_shortest().contains('.') {
        order.due.to_string()
    } else {
        order.due.to_shortest()
    };
    pages::Money {
        amount: with_symbol(order.amount),
        fee: borne.is_positive().then(|| with_symbol(borne)),
        total: with_symbol(order.due),
        total_plain: plain,
    }
}

/// `৳1,260.00`.
pub(in crate::http) fn with_symbol(amount: Money) -> String {
    let text = amount.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{grouped}{point}{fraction}", amount.currency().symbol())
}

pub(super) fn item(payment: &Payment) -> Option<String> {
    let dialect = torana_dialects::by_slug(&payment.order.dialect)?;
    dialect.item(payment).filter(|item| !item.trim().is_empty())
}

pub(super) fn invoice(payment: &Payment) -> String {
    match torana_dialects::by_slug(&payment.order.dialect) {
        Some(dialect) => dialect.invoice(payment),
        None => payment.id.to_string(),
    }
}

/// A time on the clocks of the country in which a method is used.
fn local_time(method: &str, at: Timestamp) -> String {
    let shown = match method {
        rails::EPAY => epay::local_time(at),
        rails::UPI | rails::CARD => upi::local_time(at),
        _ => in_dhaka(at),
    };
    shown.map(|at| at.strftime("%d/%m/%Y %H:%M").to_string()).unwrap_or_default()
}

fn in_dhaka(at: Timestamp) -> Option<jiff::civil::DateTime> {
    let shifted = jiff::Timestamp::from_millisecond(at.plus_ms(DHAKA_MS).as_ms()).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_datetime(shifted))
}
