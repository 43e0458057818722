//! What is asked of the other gateway, in the fields of the seed.

use std::fmt;

use http::Method;
use serde::{Serialize, Serializer};
use torana_domain::Money;
use torana_domain::card::{Card, Kind, Means, OneTimeCode, SecurityCode};
use zeroize::Zeroizing;

use super::super::wiped::Wiped;
use super::ClientKeys;
use crate::cards::PayerBrowser;

/// A request to be signed and sent. It does not print: there are cards in it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientRequest {
    /// The method.
    pub method: Method,
    /// Path and query, under the gateway's base address.
    pub path: String,
    /// The body, wiped when it is dropped; empty with GET and DELETE.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for ClientRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientRequest({}, {} bytes)", self.method, self.body.len())
    }
}

/// A payer is to prove to be the holder.
#[derive(Clone, Copy, Debug)]
pub struct ClientPayerAuth<'a> {
    /// How much will be paid.
    pub amount: Money,
    /// The order, which must be new there: letters, digits and `-`.
    pub order: &'a str,
    /// Our name of it, by which it can be found.
    pub merchant_transaction_id: &'a str,
    /// With what; a name of a kept card is the other gateway's.
    pub means: &'a Means,
    /// Where the browser comes back to.
    pub term_url: &'a str,
    /// The browser.
    pub browser: &'a PayerBrowser,
}

/// Money is to be taken or reserved.
#[derive(Clone, Copy)]
pub struct ClientAuthorisation<'a> {
    /// Taken or reserved.
    pub kind: Kind,
    /// How much.
    pub amount: Money,
    /// The order.
    pub order: &'a str,
    /// Our name of it.
    pub merchant_transaction_id: &'a str,
    /// The `ipgTransactionId` of the authentication that it is upon.
    pub upon: Option<&'a str>,
    /// With what; upon an authentication it may be left out.
    pub means: Option<&'a Means>,
    /// What proves a network's token. It does not print.
    pub cryptogram: Option<&'a Zeroizing<String>>,
}

impl fmt::Debug for ClientAuthorisation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAuthorisation")
            .field("kind", &self.kind)
            .field("amount", &self.amount)
            .field("order", &self.order)
            .field("merchant_transaction_id", &self.merchant_transaction_id)
            .field("upon", &self.upon)
            .field("means", &self.means)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Amount {
    total: String,
    currency: &'static str,
}

impl Amount {
    fn of(money: Money) -> Self {
        Self { total: money.to_decimal(0), currency: money.currency().code() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Number<'a> {
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_code: Option<&'a str>,
    expiry_date: ExpiryDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    cardholder_name: Option<&'a str>,
}

/// Two digits each, as requests have it.
#[derive(Serialize)]
struct ExpiryDate {
    #[serde(serialize_with = "as_text")]
    month: Zeroizing<String>,
    #[serde(serialize_with = "as_text")]
    year: Zeroizing<String>,
}

fn as_text<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl<'a> Number<'a> {
    fn of(card: &'a Card) -> Self {
        Self {
            number: card.pan.reveal(),
            security_code: card.security_code.as_ref().map(SecurityCode::reveal),
            expiry_date: ExpiryDate {
                month: Zeroizing::new(card.expiry.month()),
                year: Zeroizing::new(card.expiry.short_year()),
            },
            cardholder_name: card.holder.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_code: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum PaymentMethod<'a> {
    PaymentCard(Number<'a>),
    PaymentToken(Token<'a>),
}

impl<'a> PaymentMethod<'a> {
    fn of(means: &'a Means) -> Self {
        match means {
            Means::Card(card) => Self::PaymentCard(Number::of(card)),
            Means::Token { value, security_code } => Self::PaymentToken(Token {
                value,
                security_code: security_code.as_ref().map(SecurityCode::reveal),
            }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Browser<'a> {
    browser_accept_headers: &'a str,
    #[serde(rename = "browserIP")]
    browser_ip: &'a str,
    browser_language: &'a str,
    browser_user_agent: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Authentication<'a> {
    authentication_type: &'static str,
    #[serde(rename = "termURL")]
    term_url: &'a str,
    card_holder_browser_params: Browser<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_cryptogram: Option<&'a str>,
}

/// Everything that `requestType` names. What is not there is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transaction<'a> {
    request_type: &'static str,
    store_id: &'a str,
    merchant_transaction_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<PaymentMethod<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_request: Option<Authentication<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipg_transaction_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    authentication_type: &'static str,
    store_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<PaymentMethod<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verify_otp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regenerate_otp: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tokenization<'a> {
    request_type: &'static str,
    store_id: &'a str,
    payment_card: Number<'a>,
    create_token: CreateToken,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateToken {
    reusable: bool,
    decline_duplicates: bool,
}

fn write<T: Serialize>(method: Method, path: String, body: &T) -> ClientRequest {
    let mut wiped = Wiped::new();
    // Neither these shapes nor that writer can fail; half a body would be refused as no JSON.
    let _ = serde_json::to_writer(&mut wiped, body);
    ClientRequest { method, path, body: wiped.done() }
}

fn bare(method: Method, path: String) -> ClientRequest {
    ClientRequest { method, path, body: Zeroizing::new(vec![]) }
}

/// A text as a part of a path; none if it would be no part of its own.
fn part(text: &str) -> Option<String> {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // In a path, unlike in a form, a plus is a plus.
    (!matches!(text, "" | "." | "..")).then(|| encoded.replace('+', "%20"))
}

fn payment(id: &str) -> Option<String> {
    part(id).map(|id| format!("/payments/{id}"))
}

/// Begins a payer's authentication.
pub fn payer_auth(keys: &ClientKeys, asked: &ClientPayerAuth<'_>) -> ClientRequest {
    let ClientPayerAuth { amount, order, merchant_transaction_id, means, term_url, browser } =
        *asked;
    let request_type = match means {
        Means::Card(_) => "PaymentCardPayerAuthTransaction",
        Means::Token { .. } => "PaymentTokenPayerauthTransaction",
    };
    let body = Transaction {
        request_type,
        store_id: &keys.store_id,
        merchant_transaction_id,
        transaction_amount: Some(Amount::of(amount)),
        payment_method: Some(PaymentMethod::of(means)),
        authentication_request: Some(Authentication {
            authentication_type: "RupayAuthenticationRequest",
            term_url,
            card_holder_browser_params: Browser {
                browser_accept_headers: &browser.accept,
                browser_ip: &browser.ip,
                browser_language: &browser.language,
                browser_user_agent: &browser.user_agent,
            },
        }),
        order: Some(Order { order_id: order, token_cryptogram: None }),
        ipg_transaction_id: None,
    };
    write(Method::POST, "/payments".to_owned(), &body)
}

/// Tries a one-time password; none if the identifier cannot be a part of a path.
pub fn verify_otp(
    keys: &ClientKeys,
    ipg_transaction_id: &str,
    means: Option<&Means>,
    code: &OneTimeCode,
) -> Option<ClientRequest> {
    update(keys, ipg_transaction_id, means, Some(code.reveal()))
}

/// Asks for another one-time password; none if the identifier cannot be a part of a path.
pub fn regenerate_otp(
    keys: &ClientKeys,
    ipg_transaction_id: &str,
    means: Option<&Means>,
) -> Option<ClientRequest> {
    update(keys, ipg_transaction_id, means, None)
}

fn update(
    keys: &ClientKeys,
    ipg_transaction_id: &str,
    means: Option<&Means>,
    verify_otp: Option<&str>,
) -> Option<ClientRequest> {
    let body = Update {
        authentication_type: "RupayAuthenticationUpdateRequest",
        store_id: &keys.store_id,
        payment_method: means.map(PaymentMethod::of),
        verify_otp,
        regenerate_otp: verify_otp.is_none().then_some("true"),
    };
    Some(write(Method::PATCH, payment(ipg_transaction_id)?, &body))
}

/// Takes or reserves money.
pub fn authorise(keys: &ClientKeys, asked: &ClientAuthorisation<'_>) -> ClientRequest {
    let is_token = matches!(asked.means, Some(Means::Token { .. }));
    let body = Transaction {
        request_type: match (asked.kind, is_token) {
            (Kind::Sale, false) => "PaymentCardSaleTransaction",
            (Kind::Sale, true) => "PaymentTokenSaleTransaction",
            (Kind::Preauthorisation, false) => "PaymentCardPreAuthTransaction",
            (Kind::Preauthorisation, true) => "PaymentTokenPreAuthTransaction",
        },
        store_id: &keys.store_id,
        merchant_transaction_id: asked.merchant_transaction_id,
        transaction_amount: Some(Amount::of(asked.amount)),
        payment_method: asked.means.map(PaymentMethod::of),
        authentication_request: None,
        order: Some(Order {
            order_id: asked.order,
            token_cryptogram: asked.cryptogram.map(|it| it.as_str()),
        }),
        ipg_transaction_id: asked.upon,
    };
    write(Method::POST, "/payments".to_owned(), &body)
}

/// What follows upon a transaction; none if its identifier cannot be a part of a path.
fn follow(
    keys: &ClientKeys,
    request_type: &'static str,
    of: &str,
    amount: Option<Money>,
    merchant_transaction_id: &str,
) -> Option<ClientRequest> {
    let body = Transaction {
        request_type,
        store_id: &keys.store_id,
        merchant_transaction_id,
        transaction_amount: amount.map(Amount::of),
        payment_method: None,
        authentication_request: None,
        order: None,
        ipg_transaction_id: None,
    };
    Some(write(Method::POST, payment(of)?, &body))
}

/// Takes reserved money.
pub fn capture(
    keys: &ClientKeys,
    of: &str,
    amount: Money,
    merchant_transaction_id: &str,
) -> Option<ClientRequest> {
    follow(keys, "PostAuthTransaction", of, Some(amount), merchant_transaction_id)
}

/// Undoes the whole of a transaction.
pub fn void(keys: &ClientKeys, of: &str, merchant_transaction_id: &str) -> Option<ClientRequest> {
    follow(keys, "VoidTransaction", of, None, merchant_transaction_id)
}

/// Gives money back.
pub fn refund(
    keys: &ClientKeys,
    of: &str,
    amount: Money,
    merchant_transaction_id: &str,
) -> Option<ClientRequest> {
    follow(keys, "ReturnTransaction", of, Some(amount), merchant_transaction_id)
}

/// Asks how a transaction stands, by its `ipgTransactionId` or by our `merchantTransactionId`.
pub fn inquire(keys: &ClientKeys, id: &str) -> Option<ClientRequest> {
    let store: String = form_urlencoded::byte_serialize(keys.store_id.as_bytes()).collect();
    Some(bare(Method::GET, format!("{}?storeId={store}", payment(id)?)))
}

/// Keeps a card there, for more than one payment, beside any other.
pub fn keep(keys: &ClientKeys, card: &Card) -> ClientRequest {
    let body = Tokenization {
        request_type: "PaymentCardPaymentTokenizationRequest",
        store_id: &keys.store_id,
        payment_card: Number::of(card),
        create_token: CreateToken { reusable: true, decline_duplicates: false },
    };
    write(Method::POST, "/payment-tokens".to_owned(), &body)
}

/// Forgets a card that is kept there; none if its name cannot be a part of a path.
pub fn forget(keys: &ClientKeys, value: &str) -> Option<ClientRequest> {
    let store: String = form_urlencoded::byte_serialize(keys.store_id.as_bytes()).collect();
    let value = part(value)?;
    Some(bare(Method::DELETE, format!("/payment-tokens/{value}?storeId={store}")))
}
