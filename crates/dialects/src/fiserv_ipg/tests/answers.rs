//! Answers that the seed has no sample of: errors, orders, tokens (provider §1 to §3).

use super::*;

const ID: &str = "30dd879c-ee2f-11db-8314-0800200c9a66";
const TRACE: &str = "ZHhj7FzQmYCdKrs_-LWVygAAAWw";

fn check(reply: &Reply, status: u16, due: &str) {
    assert_eq!((reply.status.as_u16(), text(reply)), (status, due));
    assert_eq!(reply.content_type, "application/json");
}

#[test]
fn each_error_has_its_envelope() {
    let head = format!(r#"{{"clientRequestId":"{ID}","apiTraceId":"{TRACE}","responseType":"#);
    let trace: ApiTraceId = TRACE.parse().unwrap();
    for (error, status, due) in [
        (
            ErrorResponse::bad_request(&[]),
            400,
            r#""BadRequest","error":{"code":"400","message":"The request is invalid or not properly formed"}}"#,
        ),
        (
            ErrorResponse::not_found(),
            404,
            r#""NotFound","error":{"code":"404","message":"The requested operation failed because a resource associated with the request could not be found"}}"#,
        ),
        (
            ErrorResponse::unsupported_media_type(),
            415,
            r#""UnsupportedMediaType","error":{"code":"415","message":"Unsupported Media Type"}}"#,
        ),
        (
            ErrorResponse::server_error(),
            500,
            r#""ServerError","error":{"code":"500","message":"The request failed due to an internal error"}}"#,
        ),
        (ErrorResponse::new(ResponseType::ServerError, None), 500, r#""ServerError"}"#),
        (
            ErrorResponse::new(ResponseType::EndpointCommunicationError, None),
            502,
            r#""EndpointCommunicationError"}"#,
        ),
        (
            ErrorResponse::new(
                ResponseType::Unauthenticated,
                Some(ErrorBody::new("401", "Invalid API key")),
            ),
            401,
            r#""Unauthenticated","error":{"code":"401","message":"Invalid API key"}}"#,
        ),
    ] {
        check(&error.to(Some(ID), trace).reply(), status, &format!("{head}{due}"));
    }
}

#[test]
fn flaws_are_told_with_their_fields() {
    let read = Primary::read(&body(
        r#"{"requestType":"PaymentCardSaleTransaction","transactionAmount":{"total":1,"currency":"INR"},"paymentMethod":{"paymentCard":{"expiryDate":{"month":"12","year":"26"}}}}"#,
    ));
    let Err(WireError::Invalid(flaws)) = read else { panic!("it is refused") };
    let error = ErrorResponse::bad_request(&flaws);
    check(
        &error.reply(),
        400,
        r#"{"responseType":"BadRequest","error":{"code":"2303","message":"Invalid credit card number","details":[{"field":"PaymentCard.number","message":"may not be null"}]}}"#,
    );
    let flaws = [Flaw::new("PaymentCard.expiryDate.month", "must be 01 to 12")];
    let error = ErrorResponse::bad_request(&flaws).error.unwrap();
    assert_eq!(error.code, "2304");
    let flaws = [Flaw::new("transactionAmount.total", "is too large")];
    assert_eq!(ErrorResponse::bad_request(&flaws).error.unwrap().code, "400");
}

/// The published sample of a rule that was broken (provider §3).
#[test]
fn a_broken_rule_is_a_conflict() {
    let error = ErrorBody::new("5002", "The merchant is not setup to support hosted data");
    let answer = TransactionResponse {
        client_request_id: Some(ID.into()),
        api_trace_id: Some(TRACE.into()),
        response_type: Some(ResponseType::GatewayDeclined),
        order_id: Some("R-1".into()),
        transaction_time: Some(1_685_611_500),
        transaction_status: Some(TransactionStatus::ValidationFailed),
        error: Some(error),
        ..TransactionResponse::default()
    };
    let due = format!(
        r#"{{"clientRequestId":"{ID}","apiTraceId":"{TRACE}","responseType":"GatewayDeclined","orderId":"R-1","transactionTime":1685611500,"transactionStatus":"VALIDATION_FAILED","error":{{"code":"5002","message":"The merchant is not setup to support hosted data"}}}}"#
    );
    check(&answer.reply(), 409, &due);
}

#[test]
fn a_declined_card_cannot_be_processed() {
    let answer = TransactionResponse {
        response_type: Some(ResponseType::EndpointDeclined),
        ipg_transaction_id: Some("84439384617".into()),
        transaction_type: Some(TransactionType::PreAuth),
        transaction_amount: Some(Amount::whole(inr("1"), Decimals::Full)),
        transaction_status: Some(TransactionStatus::Declined),
        transaction_result: Some(TransactionResult::Declined),
        approval_code: Some("N:51:DECLINED".parse().unwrap()),
        transaction_state: Some(TransactionState::Declined),
        processor: Some(Processor {
            response_code: Some("51".into()),
            response_message: Some("DECLINED".into()),
            association_response_code: Some("51".into()),
            security_code_response: Some(SecurityCodeResponse::NotMatched),
            ..Processor::default()
        }),
        ..TransactionResponse::default()
    };
    check(
        &answer.reply(),
        422,
        r#"{"responseType":"EndpointDeclined","ipgTransactionId":"84439384617","transactionType":"PREAUTH","transactionAmount":{"total":1.00,"currency":"INR","components":{}},"transactionStatus":"DECLINED","transactionResult":"DECLINED","approvalCode":"N:51:DECLINED","transactionState":"DECLINED","processor":{"responseCode":"51","responseMessage":"DECLINED","associationResponseCode":"51","securityCodeResponse":"NOT_MATCHED"}}"#,
    );
}

#[test]
fn an_order_has_its_transactions() {
    let transaction = TransactionResponse {
        ipg_transaction_id: Some("84439384258".into()),
        order_id: Some("R-1".into()),
        transaction_type: Some(TransactionType::PayerAuth),
        transaction_status: Some(TransactionStatus::Waiting),
        secure3d_response: Some(Secure3dResponse {
            response_code: None,
            otp_verification_response: Some(OtpVerificationResponse::tried("00", "ok")),
        }),
        ..TransactionResponse::default()
    };
    let order = OrderResponse {
        client_request_id: ID.into(),
        api_trace_id: TRACE.into(),
        order_id: "R-1".into(),
        transactions: vec![transaction],
    };
    let due = format!(
        r#"{{"clientRequestId":"{ID}","apiTraceId":"{TRACE}","orderId":"R-1","transactions":[{{"ipgTransactionId":"84439384258","orderId":"R-1","transactionType":"PAYER_AUTH","transactionStatus":"WAITING","secure3dResponse":{{"otpVerificationResponse":{{"responseCode":"00","responseDescription":"ok"}}}}}}]}}"#
    );
    check(&order.reply(), 200, &due);
}

#[test]
fn tokens_and_cards_never_show_a_number() {
    let request = body(&filled(
        r#"{"requestType":"PaymentCardPaymentTokenizationRequest","paymentCard":{"number":"{{rupay.cardnumber}}","expiryDate":{"month":"12","year":"26"}}}"#,
    ));
    let card = Tokenization::read(&request).unwrap().card.card.facts(CardBrand::RuPay);
    let token = PaymentToken {
        value: Some("T-1".into()),
        last4: Some(card.last4.clone()),
        ..PaymentToken::none("RUPAY")
    };
    let answer = TokenResponse {
        client_request_id: ID.into(),
        api_trace_id: TRACE.into(),
        request_status: RequestStatus::Success,
        request_time: 1_554_308_829_345,
        brand: Some("RUPAY".into()),
        country: Some("India".into()),
        payment_token: Some(token),
        payment_card: Some(PaymentCardDetails {
            expiry_date: ExpiryDate { month: card.expiry_month, year: card.expiry_year },
            bin: card.bin,
            last4: card.last4,
            brand: "RUPAY".into(),
        }),
    };
    let due = format!(
        r#"{{"clientRequestId":"{ID}","apiTraceId":"{TRACE}","requestStatus":"SUCCESS","requestTime":1554308829345,"brand":"RUPAY","country":"India","paymentToken":{{"value":"T-1","reusable":true,"declineDuplicates":false,"last4":"4938","brand":"RUPAY","type":"PAYMENT_CARD"}},"paymentCard":{{"expiryDate":{{"month":"12","year":"2026"}},"bin":"607482","last4":"4938","brand":"RUPAY"}}}}"#
    );
    check(&answer.reply(), 200, &due);

    let info = CardInfo {
        brand: "RUPAY".into(),
        brand_product_id: None,
        card_function: Some("DEBIT".into()),
        commercial_card: None,
        issuer_country: Some("IN".into()),
        issuer_name: Some("A Bank".into()),
    };
    let answer = CardInformationResponse {
        client_request_id: ID.into(),
        api_trace_id: TRACE.into(),
        card_details: vec![info],
        request_status: RequestStatus::Success,
    };
    let due = format!(
        r#"{{"clientRequestId":"{ID}","apiTraceId":"{TRACE}","cardDetails":[{{"brand":"RUPAY","cardFunction":"DEBIT","issuerCountry":"IN","issuerName":"A Bank"}}],"requestStatus":"SUCCESS"}}"#
    );
    check(&answer.reply(), 200, &due);
}

#[test]
fn numbers_have_the_digits_that_are_chosen() {
    let whole = |money, decimals| serde_json::to_string(&Amount::whole(money, decimals)).unwrap();
    let full = |money| whole(money, Decimals::Full);
    let shortest = |money| whole(money, Decimals::Shortest);
    assert!(full(inr("567")).starts_with(r#"{"total":567.00,"#));
    assert!(shortest(inr("567")).starts_with(r#"{"total":567,"#));
    assert!(shortest(inr("123.50")).starts_with(r#"{"total":123.5,"#));
    let yen = Money::from_minor(500, "JPY".parse().unwrap());
    assert!(full(yen).starts_with(r#"{"total":500,"currency":"JPY""#));
    let dinar = Money::from_minor(7_005, "BHD".parse().unwrap());
    assert!(full(dinar).starts_with(r#"{"total":7.005,"#));
    let huge = Money::from_minor(i64::MAX, Currency::INR);
    assert!(full(huge).starts_with(r#"{"total":92233720368547758.07,"#), "no float is in between");
    let parts = Amount {
        total: inr("3"),
        components: Component::ALL.map(|part| (part, inr("1"))).to_vec(),
        decimals: Decimals::Shortest,
    };
    let due = r#"{"total":3,"currency":"INR","components":{"subtotal":1,"vatAmount":1,"localTax":1,"shipping":1,"cashback":1,"tip":1,"surcharge":1}}"#;
    assert_eq!(serde_json::to_string(&parts).unwrap(), due);
}

#[test]
fn currencies_have_letters_and_digits() {
    assert_eq!(currency("INR"), Some(Currency::INR));
    assert_eq!(currency("inr"), Some(Currency::INR));
    assert_eq!(currency("356"), Some(Currency::INR));
    assert_eq!(numeric(Currency::INR), "356");
    assert_eq!(numeric("BHD".parse().unwrap()), "048");
    assert_eq!(currency("048").unwrap().code(), "BHD");
    for wrong in ["", "999", "000", "1", "0356", "IN", "XXX", "३५६"] {
        assert_eq!(currency(wrong), None, "{wrong}");
    }
}
