//! Every block of JSON of the seed: answers byte for byte once written compactly, requests by what is read of them. Nothing is
//! substituted in the answers. Of the requests the placeholders are filled in; the payer's authentication of the seamless flow
//! has one closing brace too many in the seed, which its fixture leaves out.

use super::*;

const REDIRECT_ORDER: &str = "R-1230671a-47d4-4630-8534-264b6df75926";
const SEAMLESS_ORDER: &str = "R-56a4f23b-0091-4674-8765-72729be08282";
const TERM_URL: &str = " https://test3.ipg-online.com/webshop/receiveAndProcess/validate";

/// What all answers about one card have in common.
fn answer(trace: &str, id: &str, order: &str, card: PaymentCardDetails) -> TransactionResponse {
    TransactionResponse {
        client_request_id: Some("2838649".into()),
        api_trace_id: Some(trace.parse::<ApiTraceId>().unwrap().to_string()),
        ipg_transaction_id: Some(id.into()),
        order_id: Some(order.into()),
        payment_token: Some(PaymentToken::none("RUPAY")),
        transaction_origin: Some(Origin::Ecom.word().into()),
        payment_method_details: Some(PaymentMethodDetails::card(card)),
        country: Some("India".into()),
        ..TransactionResponse::default()
    }
}

fn redirect_card() -> PaymentCardDetails {
    let card = card(REDIRECT_CARD, "12", "26");
    card.details("RUPAY").unwrap()
}

fn seamless_card() -> PaymentCardDetails {
    card(SEAMLESS_CARD, "02", "25").details("RUPAY").unwrap()
}

fn card(number: &str, month: &str, year: &str) -> Card {
    let text = format!(
        r#"{{"requestType":"PaymentCardPaymentTokenizationRequest","paymentCard":{{"number":"{number}","expiryDate":{{"month":"{month}","year":"{year}"}}}}}}"#
    );
    Tokenization::read(&body(&text)).unwrap().card
}

/// A payer's authentication that waits.
fn waits(answer: TransactionResponse, amount: Amount, second: i64) -> TransactionResponse {
    TransactionResponse {
        transaction_type: Some(TransactionType::PayerAuth),
        transaction_time: Some(second),
        transaction_amount: Some(amount),
        transaction_status: Some(TransactionStatus::Waiting),
        approval_code: Some(ApprovalCode::waiting_authentication()),
        ..answer
    }
}

fn otp(response: OtpVerificationResponse) -> Option<AuthenticationResponse> {
    Some(AuthenticationResponse { params: None, otp_verification_response: Some(response) })
}

/// A sale upon an authentication; its number of the acquirer's and of the network's are made as ours would be.
struct Sold {
    payer_auth: &'static str,
    authorization: &'static str,
    merchant_id: &'static str,
    flow: Flow,
    counter: u64,
}

fn sold(
    answer: TransactionResponse,
    amount: &str,
    second: i64,
    sold: &Sold,
) -> TransactionResponse {
    let at = Timestamp::from_s(second);
    let amount = Amount::whole(inr(amount), Decimals::Full);
    let reference = ReferenceNumber::new(at, sold.payer_auth).unwrap().to_string();
    let id = answer.ipg_transaction_id.clone().unwrap();
    let scheme = SchemeTransactionId::new(sold.flow, at, sold.counter).unwrap();
    TransactionResponse {
        transaction_type: Some(TransactionType::Sale),
        terminal_id: Some("00001113".into()),
        merchant_id: Some(sold.merchant_id.into()),
        transaction_time: Some(second),
        approved_amount: Some(amount.clone()),
        transaction_amount: Some(amount),
        transaction_status: Some(TransactionStatus::Approved),
        approval_code: Some(ApprovalCode::approved(sold.authorization, &id, &reference)),
        scheme_transaction_id: Some(scheme.to_string()),
        processor: Some(Processor {
            reference_number: Some(reference),
            authorization_code: Some(sold.authorization.into()),
            response_code: Some("00".into()),
            response_message: Some("success".into()),
            avs_response: Some(AvsResponse {
                street_match: Checks::NONE.street,
                postal_code_match: Checks::NONE.postal_code,
            }),
            security_code_response: Checks::NONE.security_code_response(),
            ..Processor::default()
        }),
        ..answer
    }
}

fn check(answer: &TransactionResponse, fixture: &str) {
    let reply = answer.reply();
    assert_eq!(text(&reply), compact(fixture));
    assert_eq!((reply.status.as_u16(), reply.content_type), (200, "application/json"));
}

#[test]
fn redirect_payer_auth_is_answered_as_in_the_seed() {
    let id = "84439384258";
    let answer = answer("ZHhj7FzQmYCdKrs_-LWVygAAAWw", id, REDIRECT_ORDER, redirect_card());
    let amount = Amount::with_subtotal(inr("567"), Decimals::Full);
    let params = AuthenticationParams {
        term_url: TERM_URL.into(),
        acs_url: super::super::connect::acs_url("https://test3.ipg-online.com", id),
    };
    let answer = TransactionResponse {
        authentication_response: Some(AuthenticationResponse {
            params: Some(params),
            otp_verification_response: None,
        }),
        ..waits(answer, amount, 1_685_611_500)
    };
    check(&answer, include_str!("../fixtures/seed-redirect-payer-auth-reply.json"));
}

#[test]
fn redirect_sale_is_answered_as_in_the_seed() {
    let answer =
        answer("ZHhkJSmlS9TDNc5bZiHOFQAAA4Y", "84439384617", REDIRECT_ORDER, redirect_card());
    let upon = Sold {
        payer_auth: "84439384258",
        authorization: "145601",
        merchant_id: "470000000001113",
        flow: Flow::Redirect,
        counter: 222_157,
    };
    let answer = sold(answer, "567.00", 1_685_611_557, &upon);
    check(&answer, include_str!("../fixtures/seed-redirect-sale-reply.json"));
}

#[test]
fn seamless_payer_auth_is_answered_as_in_the_seed() {
    let answer =
        answer("ZKzVuYerPjAV_eEAG2pbhAAAAvc", "84443535451", SEAMLESS_ORDER, seamless_card());
    let amount = Amount::with_subtotal(inr("123.50"), Decimals::Full);
    let answer = TransactionResponse {
        authentication_response: otp(OtpVerificationResponse::sent(1)),
        ..waits(answer, amount, 1_689_048_505)
    };
    check(&answer, include_str!("../fixtures/seed-seamless-payer-auth-reply.json"));
}

#[test]
fn a_verified_password_is_answered_as_in_the_seed() {
    let answer =
        answer("ZKzVyevDAHjve3dv5k_DVwAAA8s", "84443535451", SEAMLESS_ORDER, seamless_card());
    let amount = Amount::with_subtotal(inr("123.50"), Decimals::Shortest);
    let verified = OtpVerificationResponse::tried("00", "OTP verified successfully.");
    let answer = TransactionResponse {
        approved_amount: Some(amount.clone()),
        approval_code: Some(ApprovalCode::otp_verified()),
        authentication_response: otp(verified),
        ..waits(answer, amount, 1_689_048_505)
    };
    check(&answer, include_str!("../fixtures/seed-verify-otp-reply.json"));
}

#[test]
fn a_new_password_is_answered_as_in_the_seed() {
    let order = "R-7938fc08-ad86-41c6-8147-33fd9a61374a";
    let answer = answer("ZKzWRSFhD4Fi06xukpEXmgAAAyM", "84443535453", order, seamless_card());
    let amount = Amount::with_subtotal(inr("123.50"), Decimals::Shortest);
    let answer = TransactionResponse {
        authentication_response: otp(OtpVerificationResponse::sent(1)),
        ..waits(answer, amount, 1_689_048_630)
    };
    check(&answer, include_str!("../fixtures/seed-regenerate-otp-reply.json"));
}

#[test]
fn seamless_sale_is_answered_as_in_the_seed() {
    let answer =
        answer("ZKzV4OvDAHjve3dv5k_DXwAAA7k", "84443535452", SEAMLESS_ORDER, seamless_card());
    let upon = Sold {
        payer_auth: "84443535451",
        authorization: "093906",
        merchant_id: "470000*****1113",
        flow: Flow::Seamless,
        counter: 230_184,
    };
    let answer = sold(answer, "123.50", 1_689_048_544, &upon);
    check(&answer, include_str!("../fixtures/seed-seamless-sale-reply.json"));
}

#[test]
fn payer_auths_are_read_as_they_are() {
    for (fixture, number, amount, term_url) in [
        (
            include_str!("../fixtures/seed-redirect-payer-auth-request.json"),
            REDIRECT_CARD,
            "567",
            TERM_URL,
        ),
        (
            include_str!("../fixtures/seed-seamless-payer-auth-request.json"),
            SEAMLESS_CARD,
            "123.50",
            "https://shop.example/back",
        ),
    ] {
        let read = Primary::read(&body(&filled(fixture))).unwrap();
        assert_eq!(read.kind, PrimaryKind::PayerAuth);
        assert_eq!(read.store_id.as_deref(), Some(STORE));
        assert_eq!(read.amount, Asked { total: inr(amount), components: vec![] });
        assert_eq!((read.order_id, read.ipg_transaction_id), (None, None));
        assert_eq!((read.origin, read.create_token), (Origin::Ecom, None));
        let Some(Method::Card(card)) = read.method else { panic!("a card") };
        assert_eq!(card.number.reveal(), number);
        assert_eq!(card.expiry, Some(Expiry { year: 2025, month: 2 }));
        assert_eq!(card.security_code.unwrap().reveal(), "123");
        let authentication = read.authentication.unwrap();
        assert_eq!(authentication.term_url, term_url);
        assert_eq!(authentication.return_url, term_url.trim());
        let browser = authentication.browser;
        assert!(browser.accept_headers.starts_with("Accept: text/html, application/xhtml+xml"));
        assert_eq!(browser.ip.to_string(), "189.6.239.59");
        assert_eq!(browser.language, "en");
        assert!(browser.user_agent.ends_with("Chrome/109.0.0.0 Safari/537.36"));
    }
}

#[test]
fn sales_are_read_as_they_are() {
    for (fixture, amount, order, upon, has_card) in [
        (
            include_str!("../fixtures/seed-redirect-sale-request.json"),
            "567",
            REDIRECT_ORDER,
            "84439384258",
            false,
        ),
        (
            include_str!("../fixtures/seed-seamless-sale-request.json"),
            "123.5",
            SEAMLESS_ORDER,
            "84443535451",
            true,
        ),
    ] {
        let read = Primary::read(&body(&filled(fixture))).unwrap();
        assert_eq!(read.kind, PrimaryKind::Sale);
        assert_eq!(read.amount.total, inr(amount));
        assert_eq!(read.order_id.as_deref(), Some(order));
        assert_eq!(read.ipg_transaction_id.as_deref(), Some(upon));
        assert_eq!(read.method.is_some(), has_card);
        assert_eq!(read.authentication, None);
    }
}

#[test]
fn updates_are_read_as_they_are() {
    for (fixture, step) in [
        (
            include_str!("../fixtures/seed-verify-otp-request.json"),
            Step::Verify(Hidden::new("123456".into())),
        ),
        (include_str!("../fixtures/seed-regenerate-otp-request.json"), Step::Regenerate),
    ] {
        let read = AuthenticationUpdate::read(&body(&filled(fixture))).unwrap();
        assert_eq!(read.step, step);
        assert_eq!(read.store_id.as_deref(), Some(STORE));
        assert_eq!(read.card.unwrap().number.reveal(), SEAMLESS_CARD);
        assert_eq!(read.order_id, None);
    }
}
