//! How tolerantly requests are read, and what is refused (provider §2, §4).

use serde_json::{Value, json};

use super::*;
use crate::cards::{CardProof, KeepCard};

fn sale() -> Value {
    json!({
        "requestType": "PaymentCardSaleTransaction",
        "transactionAmount": { "total": "13", "currency": "INR" },
        "paymentMethod": { "paymentCard": {
            "number": REDIRECT_CARD,
            "securityCode": "977",
            "expiryDate": { "month": "12", "year": "26" },
        } },
    })
}

fn payer_auth() -> Value {
    let text = filled(include_str!("../fixtures/seed-redirect-payer-auth-request.json"));
    serde_json::from_str(&text).unwrap()
}

fn card_of(read: Primary) -> Card {
    match read.method.unwrap().means {
        Means::Card(card) => card,
        Means::Token { .. } => panic!("a card"),
    }
}

/// With a value put at a path, or with `null` taken away.
fn with(mut request: Value, path: &str, value: Value) -> Value {
    let mut at = &mut request;
    for part in path.split('.') {
        at = &mut at[part];
    }
    *at = value;
    request
}

fn read(request: &Value) -> Result<Primary, WireError> {
    Primary::read(&body(&request.to_string()))
}

#[test]
fn amounts_are_text_or_numbers() {
    for (total, due) in [
        (json!("567"), "567"),
        (json!("567.00"), "567"),
        (json!(567), "567"),
        (json!(" 12.5 "), "12.5"),
        (json!("0.01"), "0.01"),
    ] {
        let read = read(&with(sale(), "transactionAmount.total", total)).unwrap();
        assert_eq!(read.amount.total, inr(due));
    }
    let text = sale().to_string().replace("\"13\"", "123.50");
    assert_eq!(Primary::read(&body(&text)).unwrap().amount.total, inr("123.5"));
    for (total, flaw) in [
        (json!(null), "may not be null"),
        (json!(""), "may not be null"),
        (json!("0"), "must be greater than 0"),
        (json!(-1), "must be a positive number"),
        (json!("1e3"), "must be a positive number"),
        (json!(true), "must be a positive number"),
        (json!("1.005"), "must have at most 2 decimals"),
        (json!("99999999999999999999"), "is too large"),
    ] {
        let refused = flaws(read(&with(sale(), "transactionAmount.total", total)));
        assert_eq!(refused, [format!("transactionAmount.total: {flaw}")]);
    }
}

#[test]
fn currencies_are_letters_or_digits() {
    for code in [json!("INR"), json!("356"), json!(356)] {
        let read = read(&with(sale(), "transactionAmount.currency", code)).unwrap();
        assert_eq!(read.amount.total, inr("13"));
    }
    let refused = flaws(read(&with(sale(), "transactionAmount.currency", json!("XYZ"))));
    assert_eq!(refused, ["transactionAmount.currency: must be an ISO 4217 currency code"]);
}

#[test]
fn parts_add_up() {
    let parts = |parts: Value| read(&with(sale(), "transactionAmount.components", parts));
    let read = parts(json!({ "subtotal": 10, "tip": "3.00" })).unwrap();
    let due = [(Component::Subtotal, inr("10")), (Component::Tip, inr("3"))];
    assert_eq!(read.amount.components, due);
    assert_eq!(parts(json!({})).unwrap().amount.components, []);
    let refused = flaws(parts(json!({ "subtotal": 10 })));
    assert_eq!(refused, ["transactionAmount.components: must add up to the total"]);
    assert_eq!(flaws(parts(json!(1))), ["transactionAmount.components: must be an object"]);
}

#[test]
fn identifiers_are_text_or_numbers() {
    let upon = |id: Value| read(&with(sale(), "ipgTransactionId", id));
    for id in [json!("84439384258"), json!(84_439_384_258_u64), json!(" 84439384258 ")] {
        assert_eq!(upon(id).unwrap().ipg_transaction_id.as_deref(), Some("84439384258"));
    }
    assert_eq!(upon(json!(null)).unwrap().ipg_transaction_id, None);
    for id in [json!("R-1"), json!(1.5), json!(-1), json!("12345678901234567890")] {
        assert_eq!(flaws(upon(id)), ["ipgTransactionId: must be a number"]);
    }
    let store = read(&with(sale(), "storeId", json!(72_305_408))).unwrap().store_id;
    assert_eq!(store.as_deref(), Some(STORE));
}

#[test]
fn expiry_dates_have_two_digits_or_four() {
    for (month, year, due) in [
        (json!("02"), json!("25"), ("02", "2025")),
        (json!("2"), json!("2025"), ("02", "2025")),
        (json!(12), json!(26), ("12", "2026")),
    ] {
        let sale = with(sale(), "paymentMethod.paymentCard.expiryDate.month", month);
        let sale = with(sale, "paymentMethod.paymentCard.expiryDate.year", year);
        let card = card_of(read(&sale).unwrap());
        assert_eq!((card.expiry.month(), card.expiry.year()), (due.0.into(), due.1.into()));
    }
    for (name, value, flaw) in [
        ("month", json!("13"), "must be 01 to 12"),
        ("month", json!("00"), "must be 01 to 12"),
        ("month", json!("+1"), "must be 01 to 12"),
        ("month", json!(null), "may not be null"),
        ("year", json!("026"), "must be two digits"),
        ("year", json!("+6"), "must be two digits"),
        ("year", json!(null), "may not be null"),
    ] {
        let path = format!("paymentMethod.paymentCard.expiryDate.{name}");
        let refused = flaws(read(&with(sale(), &path, value)));
        assert_eq!(refused, [format!("PaymentCard.expiryDate.{name}: {flaw}")]);
    }
}

#[test]
fn cards_have_numbers() {
    let card = |number: Value| read(&with(sale(), "paymentMethod.paymentCard.number", number));
    for number in [json!(REDIRECT_CARD), json!(" 6074849200004917 ")] {
        assert!(card(number).is_ok());
    }
    for number in
        ["6074820000084939", "607482000008", "60748200000849380000", "6074 8200 0008 4938"]
    {
        let refused = flaws(card(json!(number)));
        assert_eq!(refused, ["PaymentCard.number: Invalid credit card number"], "{number}");
    }
    assert_eq!(flaws(card(json!(null))), ["PaymentCard.number: may not be null"]);
    for number in [json!([]), json!(6_074_820_000_084_938_u64), json!(true)] {
        assert_eq!(flaws(card(number)), ["PaymentCard.number: must be text"]);
    }
    let code = with(sale(), "paymentMethod.paymentCard.securityCode", json!(977));
    assert_eq!(flaws(read(&code)), ["PaymentCard.securityCode: must be text"]);
    for code in ["12", "12345", "12x"] {
        let sale = with(sale(), "paymentMethod.paymentCard.securityCode", json!(code));
        assert_eq!(flaws(read(&sale)), ["PaymentCard.securityCode: must be 3 or 4 digits"]);
    }
    let debit = with(sale(), "paymentMethod.paymentCard.cardFunction", json!("debit"));
    assert!(read(&debit).is_ok());
    let cheque = with(sale(), "paymentMethod.paymentCard.cardFunction", json!("cheque"));
    assert_eq!(flaws(read(&cheque)).len(), 1);
    for (word, brand) in [("RUPAY", Some(CardBrand::RuPay)), ("something new", None)] {
        let sale = with(sale(), "paymentMethod.paymentCard.brand", json!(word));
        assert_eq!(read(&sale).unwrap().method.unwrap().named_brand, brand, "{word}");
    }
}

#[test]
fn a_sale_has_a_card_or_an_authentication() {
    let bare = with(sale(), "paymentMethod", json!(null));
    assert_eq!(flaws(read(&bare)), ["paymentMethod.paymentCard: may not be null"]);
    let upon = with(bare, "ipgTransactionId", json!("84439384258"));
    assert_eq!(read(&upon).unwrap().method, None);
    let hold = with(sale(), "requestType", json!("PaymentCardPreAuthTransaction"));
    assert_eq!(read(&hold).unwrap().kind, PrimaryKind::PreAuth);
    let both = with(payer_auth(), "authenticationResult", json!({}));
    let refused = ["authenticationResult: must not come with an authenticationRequest"];
    assert_eq!(flaws(read(&both)), refused);
}

#[test]
fn a_token_stands_for_a_card() {
    for (name, kind) in [
        ("PaymentTokenSaleTransaction", PrimaryKind::Sale),
        ("PaymentTokenPreAuthTransaction", PrimaryKind::PreAuth),
    ] {
        let token = with(sale(), "requestType", json!(name));
        assert_eq!(flaws(read(&token)), ["paymentMethod.paymentToken.value: may not be null"]);
        let method = json!({ "paymentToken": { "value": "T-1", "securityCode": "123" } });
        let read = read(&with(token, "paymentMethod", method)).unwrap();
        assert_eq!(read.kind, kind);
        let security_code: Option<SecurityCode> = "123".parse().ok();
        let means = Means::Token { value: "T-1".into(), security_code };
        assert_eq!(read.method, Some(Method { means, named_brand: None }));
    }
    let keep = json!({ "value": "T-2", "reusable": "false", "declineDuplicates": true });
    let keep = read(&with(sale(), "createToken", keep)).unwrap().keep;
    let due = KeepCard { value: Some("T-2".into()), reusable: false, decline_duplicates: true };
    assert_eq!(keep, Some(due));
    let network =
        with(sale(), "order", json!({ "tokenCryptogram": "APJUR+bB46ysAAKYEAOYGgADFA==" }));
    assert!(read(&network).unwrap().cryptogram.is_some());
}

#[test]
fn everything_that_rupay_needs_is_asked_for() {
    let auth = with(payer_auth(), "authenticationRequest", json!(null));
    assert_eq!(flaws(read(&auth)), ["authenticationRequest: may not be null"]);
    let prefix = "authenticationRequest";
    for name in [
        "authenticationType",
        "termURL",
        "cardHolderBrowserParams.browserAcceptHeaders",
        "cardHolderBrowserParams.browserIP",
        "cardHolderBrowserParams.browserLanguage",
        "cardHolderBrowserParams.browserUserAgent",
    ] {
        let path = format!("{prefix}.{name}");
        let refused = flaws(read(&with(payer_auth(), &path, json!(null))));
        assert_eq!(refused, [format!("{path}: may not be null")]);
    }
    let none = with(payer_auth(), "authenticationRequest.cardHolderBrowserParams", json!(null));
    assert_eq!(flaws(read(&none)).len(), 4);
    for (name, value, flaw) in [
        (
            "authenticationType",
            json!("Secure3DAuthenticationRequest"),
            "must be RupayAuthenticationRequest",
        ),
        (
            "termURL",
            json!("javascript:alert(1)"),
            "must be an http or https address, such as https://yourdomain.com/success.php",
        ),
        ("cardHolderBrowserParams.browserIP", json!("189.6.239"), "must be an IP address"),
        (
            "cardHolderBrowserParams.browserLanguage",
            json!("en-GB-oed-x"),
            "must be at most 8 characters long",
        ),
        ("cardHolderBrowserParams", json!("x"), "must be an object"),
    ] {
        let path = format!("{prefix}.{name}");
        let refused = flaws(read(&with(payer_auth(), &path, value)));
        assert_eq!(refused, [format!("{path}: {flaw}")]);
    }
}

/// The seed's text and its samples have different names.
#[test]
fn the_names_of_the_prose_are_taken() {
    let text = filled(include_str!("../fixtures/seed-redirect-payer-auth-request.json"));
    let due = Primary::read(&body(&text)).unwrap();
    let prose = text.replace("browserAcceptHeaders", "browserAcceptHeader");
    assert_eq!(Primary::read(&body(&prose)).unwrap(), due);
    let prose = prose.replace("cardHolderBrowserParams", "cardHolderBrowserParameters");
    assert_eq!(Primary::read(&body(&prose)).unwrap(), due);
}

#[test]
fn requests_have_known_types() {
    let refused = flaws(read(&json!({})));
    assert_eq!(
        refused,
        [
            "requestType: may not be null",
            "transactionAmount.currency: may not be null",
            "transactionAmount.total: may not be null"
        ]
    );
    let refused = flaws(read(&with(sale(), "requestType", json!("SepaSaleTransaction"))));
    assert!(refused[0].starts_with("requestType: must be one of PaymentCardPayerAuthTransaction,"));
    for text in ["", "{", "[]", "1", "\"x\"", "nul"] {
        assert!(matches!(Body::read(text.as_bytes()), Err(WireError::Malformed(_))), "{text}");
    }
    assert!(Body::read("\u{feff}{}".as_bytes()).is_ok());
}

#[test]
fn what_follows_is_read() {
    let read = |text: &str| Secondary::read(&body(text));
    let amount = r#""transactionAmount":{"total":12.04,"currency":"EUR"}"#;
    for (name, kind, needs_amount) in [
        ("VoidTransaction", SecondaryKind::Void, false),
        ("VoidPreAuthTransactions", SecondaryKind::VoidPreAuths, false),
        ("VoidPreAuthTransaction", SecondaryKind::VoidPreAuths, false),
        ("ReturnTransaction", SecondaryKind::Return, true),
        ("PostAuthTransaction", SecondaryKind::PostAuth, true),
    ] {
        let with = read(&format!(r#"{{"requestType":"{name}",{amount},"comments":"why"}}"#));
        let with = with.unwrap();
        assert_eq!((with.kind, with.comments.as_deref()), (kind, Some("why")));
        assert_eq!(with.amount.unwrap().total.to_string(), "12.04");
        let without = read(&format!(r#"{{"requestType":"{name}","storeId":"{STORE}"}}"#));
        match needs_amount {
            true => assert_eq!(flaws(without).len(), 2),
            false => assert_eq!(without.unwrap().amount, None),
        }
    }
    assert_eq!(flaws(read("{}")), ["requestType: may not be null"]);
}

#[test]
fn one_step_at_a_time() {
    let read = |rest: &str| {
        let kind = r#""authenticationType":"RupayAuthenticationUpdateRequest""#;
        AuthenticationUpdate::read(&body(&format!("{{{kind}{rest}}}"))).map(|read| read.proof)
    };
    let verify = |otp: &str| CardProof::Code(otp.parse().unwrap());
    assert_eq!(read(r#","verifyOtp":"012345""#), Ok(verify("012345")));
    assert_eq!(read(r#","verifyOtp":"123456","regenerateOtp":"false""#), Ok(verify("123456")));
    for yes in ["true", "\"true\"", "\"TRUE\""] {
        assert_eq!(read(&format!(r#","regenerateOtp":{yes}"#)), Ok(CardProof::Resend));
    }
    for (rest, flaw) in [
        ("", "verifyOtp: may not be null"),
        (r#","verifyOtp":"""#, "verifyOtp: may not be null"),
        (r#","regenerateOtp":false"#, "verifyOtp: may not be null"),
        (r#","verifyOtp":123456"#, "verifyOtp: must be text"),
        (r#","verifyOtp":"12 34""#, "verifyOtp: must be 4 to 8 digits"),
        (
            r#","verifyOtp":"1234","regenerateOtp":true"#,
            "regenerateOtp: must not come with verifyOtp",
        ),
        (r#","verifyOtp":"1234","regenerateOtp":"maybe""#, "regenerateOtp: must be true or false"),
    ] {
        assert_eq!(flaws(read(rest)), [flaw], "{rest}");
    }
    let other =
        body(r#"{"authenticationType":"Secure3DAuthenticationUpdateRequest","verifyOtp":"1234"}"#);
    let refused = ["authenticationType: must be RupayAuthenticationUpdateRequest"];
    assert_eq!(flaws(AuthenticationUpdate::read(&other)), refused);
}

#[test]
fn cards_are_looked_up_by_number_alone() {
    let read = |text: &str| CardInformation::read(&body(text));
    let found = read(&format!(r#"{{"paymentCard":{{"number":"{REDIRECT_CARD}"}}}}"#)).unwrap();
    assert_eq!(found.bin.six(), "607482");
    assert_eq!(flaws(read("{}")), ["paymentCard: may not be null"]);
    let refused = flaws(Tokenization::read(&body("{}")));
    assert_eq!(refused, ["requestType: may not be null", "paymentCard: may not be null"]);
}

#[test]
fn paths_are_understood() {
    use Environment::{Production, Sandbox};
    let live = |rest: &str| target(&format!("{PREFIX}{rest}"));
    for (rest, due) in [
        ("/payments", Target::Payments),
        ("/payments/", Target::Payments),
        ("//payments", Target::Payments),
        ("/payments/84439384258", Target::Payment("84439384258".into())),
        ("/payments/my%20id+1", Target::Payment("my id+1".into())),
        ("/payments/a%26b=c&d", Target::Payment("a&b=c&d".into())),
        ("/orders/R-1/", Target::Order("R-1".into())),
        ("/payment-tokens", Target::Tokens),
        ("/payment-tokens/T-1", Target::Token("T-1".into())),
        ("/card-information", Target::CardInformation),
    ] {
        assert_eq!(live(rest), Some((Production, due.clone())), "{rest}");
        assert_eq!(target(&format!("/sandbox{PREFIX}{rest}")), Some((Sandbox, due)), "{rest}");
    }
    for rest in ["", "/", "x/payments", "/payments/1/2", "/orders", "/refunds", "/payments/%ff"] {
        assert_eq!(live(rest), None, "{rest}");
    }
    assert_eq!(live(&format!("/orders/{}", "x".repeat(101))), None);
    assert_eq!(store_id("x=1&storeId=72305408").as_deref(), Some(STORE));
    assert_eq!(store_id("storeid=1&storeId="), None);
}

#[test]
fn media_types_are_json_or_unsaid() {
    for fine in [None, Some("application/json"), Some("Application/JSON; charset=utf-8")] {
        assert!(is_json(fine), "{fine:?}");
    }
    for wrong in ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonx"] {
        assert!(!is_json(Some(wrong)), "{wrong}");
    }
}

#[test]
fn nothing_of_a_card_prints() {
    let sale = with(sale(), "paymentMethod.paymentCard.cardholderName", json!("A. Payer"));
    let otp = r#"{"authenticationType":"RupayAuthenticationUpdateRequest","verifyOtp":"123456"}"#;
    let update = AuthenticationUpdate::read(&body(otp)).unwrap();
    let printed = format!("{:?} {update:?}", read(&sale).unwrap());
    for secret in [REDIRECT_CARD, "977", "A. Payer", "123456", "0000008"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("Card(607482******4938)"), "{printed}");
    // Nor does a flaw repeat what was wrong.
    let sale = sale.to_string().replace(REDIRECT_CARD, "6074820000084939");
    assert!(!flaws(Primary::read(&body(&sale))).concat().contains("4939"));
}
