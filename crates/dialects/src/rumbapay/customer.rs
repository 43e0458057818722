//! `customer`: who pays, or for whom it is paid. What nobody reads later is checked and not kept.

use std::net::IpAddr;

use torana_domain::payment::Customer;

use super::body::Form;

const CUSTOMER: &str = "customer";
/// Longest name, city, and identifier.
const NAME_MAX: usize = 100;
const IDENTIFIER_MAX: usize = 128;
/// Longest postal address.
const ADDRESS_MAX: usize = 255;
/// Longest tax number; they are masked or dotted at will (seed).
const TAX_NUMBER_MAX: usize = 50;
const EMAIL_MAX: usize = 254;
/// Digits of a phone number (seed).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 6..=20;

/// The customer and its `identifier`, with `needed` as the fields that must be there. In the order of the seed's request.
pub(super) fn read(form: &mut Form<'_>, needed: &[&str]) -> (Customer, String) {
    form.part(CUSTOMER);
    let mut ask = |name: &'static str, check: fn(&mut Form<'_>, &'static str) -> Option<String>| {
        if needed.contains(&name) && form.get(CUSTOMER, name).is_none() {
            form.missing(name);
        }
        check(form, name)
    };
    let identifier = ask("identifier", |form, name| form.text(CUSTOMER, name, IDENTIFIER_MAX));
    let email = ask("email", |form, name| {
        form.formed(CUSTOMER, name, is_email, "must be a valid email address")
    });
    let phone =
        ask("phone", |form, name| form.formed(CUSTOMER, name, is_phone, "must be 6 to 20 digits"));
    let first = ask("first_name", short);
    let last = ask("last_name", short);
    let middle = ask("middle_name", short);
    ask("country", |form, name| {
        form.formed(CUSTOMER, name, is_country, "must be an ISO 3166-1 alpha-2 country code")
    });
    ask("city", short);
    ask("address", |form, name| form.text(CUSTOMER, name, ADDRESS_MAX));
    ask("state_code", |form, name| {
        form.formed(CUSTOMER, name, is_state, "must be an ISO 3166-2 subdivision code")
    });
    ask("zip_code", |form, name| form.text(CUSTOMER, name, 20));
    ask("itn", |form, name| form.text(CUSTOMER, name, TAX_NUMBER_MAX));
    ask("birthday", |form, name| {
        form.formed(CUSTOMER, name, is_date, "must be a date such as 2006-01-02")
    });
    ask("ip", |form, name| {
        form.formed(CUSTOMER, name, |text| text.parse::<IpAddr>().is_ok(), "must be an IP address")
    });
    ask("gender", |form, name| {
        let is_gender = |text: &str| matches!(text, "male" | "female");
        form.formed(CUSTOMER, name, is_gender, "must be one of male, female")
    });
    let names = [first, middle, last].map(Option::unwrap_or_default);
    let names: Vec<&str> =
        names.iter().map(|name| name.trim()).filter(|it| !it.is_empty()).collect();
    let customer = Customer { name: names.join(" "), email: email.unwrap_or_default(), phone };
    (customer, identifier.unwrap_or_default())
}

fn short(form: &mut Form<'_>, name: &'static str) -> Option<String> {
    form.text(CUSTOMER, name, NAME_MAX)
}

pub(super) fn is_email(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let parts = text.rsplit_once('@');
    text.len() <= EMAIL_MAX && parts.is_some_and(|(user, host)| is_part(user) && is_part(host))
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    PHONE_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && rust_iso3166::from_alpha2(&text.to_ascii_uppercase()).is_some()
}

/// One to three letters or digits. Whether the country has it is not asked, see the dialect's page.
fn is_state(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_date(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape && text.parse::<jiff::civil::Date>().is_ok()
}
