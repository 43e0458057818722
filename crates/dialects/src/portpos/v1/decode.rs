//! Forms into calls.

use torana_domain::money::AmountError;
use torana_domain::payment::{Customer, Urls};
use torana_domain::{Currency, Money};

use super::super::note::{Address, Note, Party};
use super::super::{amounts, auth, countries, ids};
use super::fields::{Form, GEN_INVOICE};
use crate::{
    Call, Caller, CreatePayment, Credential, FindPayment, Flaw, RefundPayment, Request, WireError,
    urls,
};

/// The smallest amount: 10.00 (seed).
const MIN_MINOR: i64 = 1_000;
/// The first amount of nine digits, in taka: see the parent module.
const NINE_DIGITS: i64 = 100_000_000;
/// Longest application key that is looked up; ours have 32 characters.
const KEY_MAX: usize = 128;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    GenInvoice,
    IpnValidate,
    GetInvoice,
    RefundRequest,
}

impl Kind {
    pub(super) fn of(form: &Form) -> Option<Self> {
        match form.get("call")?.trim() {
            "gen_invoice" => Some(Self::GenInvoice),
            "ipn_validate" => Some(Self::IpnValidate),
            "get_invoice" => Some(Self::GetInvoice),
            "refund_request" => Some(Self::RefundRequest),
            _ => None,
        }
    }
}

/// The application key.
pub(in super::super) fn credential(request: &Request<'_>) -> Result<Credential, WireError> {
    let form = Form::read(request)?;
    let key = form.text("app_key").trim();
    match key.is_empty() || key.len() > KEY_MAX {
        true => Err(WireError::Unauthenticated),
        false => Ok(Credential::key(key.to_owned())),
    }
}

/// Checks the token and its time.
pub(in super::super) fn authenticate(
    request: &Request<'_>,
    caller: &Caller<'_>,
) -> Result<(), WireError> {
    let form = Form::read(request)?;
    auth::check_token(form.text("token"), form.text("timestamp"), caller)
}

/// What the form asks for.
pub(in super::super) fn decode(
    request: &Request<'_>,
    caller: &Caller<'_>,
) -> Result<Call, WireError> {
    if request.route.contains("{*rest}") {
        return Err(WireError::NotFound);
    }
    let form = Form::read(request)?;
    match Kind::of(&form) {
        Some(Kind::GenInvoice) => create(&form, caller).map(|call| Call::Create(Box::new(call))),
        Some(Kind::IpnValidate) => {
            let currency = caller.policy.currency;
            // What is no amount is not the invoice's amount.
            let amount = amounts::parse(form.text("amount"), currency);
            let amount = Some(amount.map_err(|_| WireError::NotFound)?);
            Ok(Call::Find(FindPayment {
                candidates: ids::candidates(form.text("invoice")),
                amount,
            }))
        }
        Some(Kind::GetInvoice) => {
            let candidates = ids::candidates(form.text("invoice"));
            Ok(Call::Find(FindPayment { candidates, amount: None }))
        }
        Some(Kind::RefundRequest) => {
            let amount = form.get("amount").ok_or_else(|| missing("amount"))?;
            let amount = amounts::plain(amount).ok_or_else(|| not_a_number("amount"))?;
            Ok(Call::Refund(Box::new(RefundPayment {
                candidates: ids::candidates(form.text("invoice")),
                amount,
                currency: None,
                reason: String::new(),
                reference: None,
                repeat_ms: caller.switches.portpos.v1_refund_repeat_ms(),
            })))
        }
        None => Err(WireError::Malformed("Invalid Request")),
    }
}

fn create(form: &Form, caller: &Caller<'_>) -> Result<CreatePayment, WireError> {
    let mut flaws = vec![];
    for field in GEN_INVOICE {
        match form.get(field.name) {
            None if field.required => flaws.push(missing(field.name)),
            Some(value) if value.chars().count() > field.chars => {
                let (name, chars) = (field.name, field.chars);
                let message = format!("{name} must be at most {chars} characters long");
                flaws.push(Flaw::new(name, message));
            }
            _ => {}
        }
    }
    let is_fine = |flaws: &[Flaw], name: &str| flaws.iter().all(|flaw| flaw.field != name);
    let mut amount = Money::zero(Currency::BDT);
    if is_fine(&flaws, "amount") {
        match read_amount(form.text("amount"), caller) {
            Ok(read) => amount = read,
            Err(flaw) => flaws.push(flaw),
        }
    }
    let is_taka = form.text("currency").trim().eq_ignore_ascii_case("BDT");
    if is_fine(&flaws, "currency") && !is_taka {
        flaws.push(Flaw::new("currency", "currency must be BDT"));
    }
    for name in ["country", "ship_to_country"] {
        let value = form.text(name);
        // An empty one is set, and said nothing about (provider §1.4).
        if is_fine(&flaws, name) && !value.is_empty() && countries::find(value).is_none() {
            let message = format!("{name} must be an ISO country code of 2 or 3 letters");
            flaws.push(Flaw::new(name, message));
        }
    }
    let address = |name: &'static str, flaws: &mut Vec<Flaw>| {
        let value = form.text(name).trim();
        if !is_fine(flaws, name) || (value.is_empty() && name == "ipn_url") {
            return None;
        }
        match urls::read(name, value) {
            Ok(url) => Some(url),
            Err(WireError::Invalid(found)) => {
                let named = |flaw: Flaw| Flaw::new(name, format!("{name} {}", flaw.message));
                flaws.extend(found.into_iter().map(named));
                None
            }
            Err(_) => None,
        }
    };
    let redirect = address("redirect_url", &mut flaws);
    let callback = address("ipn_url", &mut flaws);
    if !flaws.is_empty() {
        let place = |flaw: &Flaw| GEN_INVOICE.iter().position(|field| field.name == flaw.field);
        flaws.sort_by_key(place);
        return Err(WireError::Invalid(flaws));
    }
    let redirect = redirect.unwrap_or_default();
    let own = |name: &str| without_controls(form.text(name));
    Ok(CreatePayment {
        amount,
        customer: Customer { name: own("name"), email: own("email"), phone: Some(own("phone")) },
        urls: Urls { success: redirect.clone(), cancel: redirect, callback },
        metadata: None,
        dialect_note: note(form).to_text(),
        expiry_ms: None,
        method: None,
        key: None,
    })
}

fn note(form: &Form) -> Note {
    let own = |name: &str| without_controls(form.text(name));
    let ship = |name: &str| Some(own(name)).filter(|text| !text.is_empty());
    let shipping = Party {
        name: ship("ship_to_name"),
        email: ship("ship_to_email"),
        phone: ship("ship_to_phone"),
        street: ship("ship_to_address"),
        city: ship("ship_to_city"),
        state: ship("ship_to_state"),
        zipcode: ship("ship_to_zipcode"),
        country: ship("ship_to_country"),
    };
    Note {
        product_name: own("product_name"),
        product_description: own("product_description"),
        address: Address {
            street: own("address"),
            city: own("city"),
            state: own("state"),
            zipcode: own("zipcode"),
            country: own("country"),
        },
        shipping: Some(shipping).filter(|party| *party != Party::default()),
        ..Note::default()
    }
}

fn read_amount(text: &str, caller: &Caller<'_>) -> Result<Money, Flaw> {
    let flaw = |message: String| Flaw::new("amount", message);
    let policy = caller.policy;
    let currency = policy.currency;
    if currency != Currency::BDT {
        return Err(Flaw::new("currency", format!("this merchant takes {currency}, not BDT")));
    }
    let amount = amounts::parse(text, currency).map_err(|error| match error {
        AmountError::TooPrecise => flaw("amount must have at most 2 decimals".to_owned()),
        AmountError::OutOfRange => flaw("amount must have at most 8 digits".to_owned()),
        AmountError::NotDecimal | AmountError::CurrencyMismatch | AmountError::UnknownCurrency => {
            not_a_number("amount")
        }
    })?;
    let least = policy.limits.min_minor.max(MIN_MINOR);
    let limit = |minor| Money::from_minor(minor, currency).to_decimal(2);
    match amount.minor() {
        minor if minor < least => Err(flaw(format!("amount must be at least {}", limit(least)))),
        minor if minor / 100 >= NINE_DIGITS => {
            Err(flaw("amount must have at most 8 digits".to_owned()))
        }
        minor if minor > policy.limits.max_minor => {
            Err(flaw(format!("amount must be at most {}", limit(policy.limits.max_minor))))
        }
        _ => Ok(amount),
    }
}

fn missing(name: &'static str) -> Flaw {
    Flaw::missing(name, format!("{name} is not set"))
}

fn not_a_number(name: &'static str) -> Flaw {
    Flaw::new(name, format!("{name} must be a number such as 500.00"))
}

fn without_controls(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}
