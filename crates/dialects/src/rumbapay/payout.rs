//! POST `/v1/payout` (provider §3.5): where the money goes depends on the method.
//!
//! The number of a card leaves this module in [`CreatePayout::secret`] only: no other field may repeat it.

use serde_json::{Map, Value};
use torana_domain::payout::Beneficiary;
use torana_domain::{Currency, luhn};

use super::body::{Form, TOP};
use super::customer;
use super::decode::{self, DESCRIPTION_MAX};
use super::ids::{self, Prefix};
use super::note::{self, Note};
use crate::{CreatePayout, WireError};

/// Longest name, account number, and other text about an account.
const TEXT_MAX: usize = 128;

/// Where the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Upi,
    Card,
    Bank,
}

/// Methods with their currencies (provider §6).
const METHODS: [(&str, &str, Way); 9] = [
    ("upi", "INR", Way::Upi),
    ("card", "UAH", Way::Card),
    ("card", "KZT", Way::Card),
    ("card", "KGS", Way::Card),
    ("card", "UZS", Way::Card),
    ("bank_transfer_argentina", "ARS", Way::Bank),
    ("bank_transfer_chile", "CLP", Way::Bank),
    ("bank_transfer_mexico", "MXN", Way::Bank),
    ("pix", "BRL", Way::Bank),
];

impl Way {
    fn of(method: &str, currency: Option<Currency>) -> Option<Self> {
        let is_meant = |code: &str| currency.is_none_or(|currency| currency.code() == code);
        let found = METHODS.iter().find(|(word, code, _)| *word == method && is_meant(code));
        found.map(|(_, _, way)| *way)
    }

    /// Of our own word, as payouts are stored with it.
    pub(super) fn of_slug(slug: &str) -> Self {
        match slug {
            "upi" => Self::Upi,
            "card" => Self::Card,
            _ => Self::Bank,
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Upi => "upi",
            Self::Card => "card",
            Self::Bank => "bank",
        }
    }

    /// The letters of its `identifier`.
    pub(super) fn prefix(self) -> Prefix {
        match self {
            Self::Upi => Prefix::Upi,
            Self::Card => Prefix::Card,
            Self::Bank => Prefix::Bank,
        }
    }
}

/// Reads a payout.
pub(super) fn create(object: &Map<String, Value>) -> Result<CreatePayout, WireError> {
    let mut form = Form::new(object);
    let method = form.required(TOP, "method", TEXT_MAX).trim().to_owned();
    let is_initial = |text: &str| text == "initial";
    form.formed(TOP, "mode", is_initial, "must be initial");
    let reference = form.required(TOP, "reference", ids::REFERENCE_MAX);
    let currency = decode::currency(&mut form)?;
    let way = match method.as_str() {
        "" => None,
        method => Some(Way::of(method, currency).ok_or(WireError::NoRoute)?),
    };
    let amount = form.amount(currency);
    let description = match way {
        Some(Way::Upi) => form.required(TOP, "description", DESCRIPTION_MAX),
        _ => form.text(TOP, "description", DESCRIPTION_MAX).unwrap_or_default(),
    };
    let (beneficiary, secret) = match way {
        Some(Way::Upi) => (upi(&mut form), None),
        Some(Way::Card) => card(&mut form),
        Some(Way::Bank) => (bank(&mut form), None),
        None => (Beneficiary::default(), None),
    };
    let (customer, identifier) = customer::read(&mut form, &["identifier"]);
    let callback = form.url("callback_url");
    // Nobody is sent anywhere after a payout: the other addresses are only checked.
    form.url("redirect_url");
    form.url("cancel_url");
    let metadata = note::extra(&mut form);
    if let Some(pan) = &secret {
        let callback = callback.as_deref().unwrap_or_default();
        let extra = metadata.as_deref().unwrap_or_default();
        let holder = beneficiary.name.as_deref().unwrap_or_default();
        let phone = customer.phone.as_deref().unwrap_or_default();
        for (name, text) in [
            ("reference", reference.as_str()),
            ("description", &description),
            ("holder_name", holder),
            ("identifier", &identifier),
            ("email", &customer.email),
            ("phone", phone),
            ("first_name", &customer.name),
            ("callback_url", callback),
            ("extra", extra),
        ] {
            if digits(text).contains(pan.as_str()) {
                form.wrong(name, "must not contain the number of the card");
            }
        }
    }
    form.done()?;
    // Neither is none: that would have been a flaw.
    let (Some(way), Some(amount)) = (way, amount) else { return Err(WireError::NoRoute) };
    let key = ids::payout_key(&reference);
    let note = Note { method, reference, description, identifier, ..Note::default() };
    Ok(CreatePayout {
        amount,
        method: way.slug().to_owned(),
        beneficiary,
        secret,
        customer,
        callback,
        metadata,
        dialect_note: note.to_text(),
        key: Some(key),
    })
}

/// `upi.account` (provider §3.5: `username@bank`).
fn upi(form: &mut Form<'_>) -> Beneficiary {
    form.part("upi");
    let account =
        form.required_formed("upi", "account", is_vpa, "must be a UPI ID such as name@bank");
    Beneficiary { account, ..Beneficiary::default() }
}

/// Provider §7.1.
fn is_vpa(text: &str) -> bool {
    let Some((user, handle)) = text.split_once('@') else { return false };
    let user_fits = (2..=256).contains(&user.len())
        && user.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'));
    let handle_fits = (2..=64).contains(&handle.len())
        && handle.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && handle.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-'));
    user_fits && handle_fits
}

/// The beneficiary with the number masked, and the number itself.
fn card(form: &mut Form<'_>) -> (Beneficiary, Option<String>) {
    const CARD: &str = "card";
    form.part(CARD);
    let pan = digits(&form.required_formed(CARD, "pan", is_pan, "must be the number of a card"));
    let is_month = |text: &str| {
        text.len() <= 2 && text.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
    };
    let month = form.required_formed(CARD, "exp_month", is_month, "must be from 01 to 12");
    let is_year = |text: &str| {
        let is_long = text.len() == 4 && text.starts_with("20");
        (text.len() == 2 || is_long) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let year = form.required_formed(CARD, "exp_year", is_year, "must be a year such as 2030");
    let holder = form.required(CARD, "holder_name", TEXT_MAX);
    let details = [("exp_month", month), ("exp_year", year)];
    let beneficiary = Beneficiary {
        account: masked(&pan),
        name: Some(holder.trim().to_owned()),
        details: details.map(|(name, value)| (name.to_owned(), value)).to_vec(),
    };
    (beneficiary, Some(pan).filter(|pan| !pan.is_empty()))
}

/// The digits of a text, without what stands between them in numbers of cards.
fn digits(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect()
}

/// Twelve to nineteen digits, the last of which checks the others (Luhn).
fn is_pan(text: &str) -> bool {
    let digits = digits(text);
    (12..=19).contains(&digits.len()) && luhn::is_checked(&digits)
}

/// The last four digits, and the first six where at least six stay hidden: fewer could be tried out.
fn masked(pan: &str) -> String {
    let last = pan.len().saturating_sub(4);
    let first = if pan.len() >= 16 { 6 } else { 0 };
    let shown = |at: usize| at < first || at >= last;
    pan.chars().enumerate().map(|(at, digit)| if shown(at) { digit } else { '*' }).collect()
}

/// `requisites`; what is not there is left out of the details.
fn bank(form: &mut Form<'_>) -> Beneficiary {
    const REQUISITES: &str = "requisites";
    form.part(REQUISITES);
    let account = form.required(REQUISITES, "account_number", TEXT_MAX).trim().to_owned();
    let account_type = form.text(REQUISITES, "payout_account_type_code", TEXT_MAX);
    let kind = form.text(REQUISITES, "payout_beneficiary_type_code", TEXT_MAX);
    let first = form.required(REQUISITES, "beneficiary_first_name", TEXT_MAX);
    let last = form.required(REQUISITES, "beneficiary_last_name", TEXT_MAX);
    let email = form.formed(
        REQUISITES,
        "beneficiary_email",
        customer::is_email,
        "must be a valid email address",
    );
    let details = [
        ("payout_account_type_code", account_type),
        ("payout_beneficiary_type_code", kind),
        ("beneficiary_email", email),
        ("beneficiary_document_type", form.text(REQUISITES, "beneficiary_document_type", TEXT_MAX)),
        (
            "beneficiary_document_value",
            form.text(REQUISITES, "beneficiary_document_value", TEXT_MAX),
        ),
        ("bank_name", form.text(REQUISITES, "bank_name", TEXT_MAX)),
    ];
    let details = details.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Beneficiary {
        account,
        name: Some(format!("{} {}", first.trim(), last.trim())),
        details: details.collect(),
    }
}
