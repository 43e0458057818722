//! Nothing that is sent breaks the reading, and what is written is read again.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn no_body_panics(text in r#"(\{|\}|\[|\]|"requestType"|"transactionAmount"|"total"|"order"|:|,|"PaymentCardSaleTransaction"|"x"|1|null|true){0,30}"#) {
        if let Ok(body) = Body::read(text.as_bytes()) {
            let _ = Primary::read(&body);
            let _ = Secondary::read(&body);
            let _ = AuthenticationUpdate::read(&body);
            let _ = Tokenization::read(&body);
            let _ = CardInformation::read(&body);
        }
    }

    #[test]
    fn no_path_panics(path in "(/sandbox|/ipp/payments-gateway/v2|/payments|/orders|/|%|%2|%ff|é|\\+|&|=|\u{0}){0,8}") {
        let _ = target(&path);
        let _ = store_id(&path);
        let _ = super::super::connect::rupay_id(&path);
    }

    #[test]
    fn approvals_are_read_again(text in "[YN?X]:[ -~é]{0,40}") {
        if let Ok(code) = text.parse::<ApprovalCode>() {
            let written = code.to_string();
            prop_assert_eq!(written.parse(), Ok(code));
        }
    }

    #[test]
    fn traces_are_read_again(ms in any::<i64>(), random in any::<u128>()) {
        let trace = ApiTraceId::new(Timestamp::from_ms(ms), random);
        prop_assert_eq!(trace.to_string().parse(), Ok(trace));
        prop_assert_eq!(trace.to_string().len(), 27);
    }

    #[test]
    fn numbers_of_the_acquirer_and_the_network_are_read_again(
        s in 0_i64..253_000_000_000,
        id in 0_u64..100_000_000_000,
        counter in any::<u64>(),
    ) {
        let at = Timestamp::from_s(s);
        let reference = ReferenceNumber::new(at, &id.to_string()).unwrap();
        prop_assert_eq!(reference.to_string().len(), 12);
        prop_assert_eq!(reference.to_string().parse(), Ok(reference));
        let scheme = SchemeTransactionId::new(Flow::Seamless, at, counter).unwrap();
        prop_assert_eq!(scheme.to_string().len(), 30);
        prop_assert_eq!(scheme.to_string().parse(), Ok(scheme));
    }

    #[test]
    fn amounts_keep_every_digit(minor in 1..i64::MAX, is_full in any::<bool>()) {
        let decimals = if is_full { Decimals::Full } else { Decimals::Shortest };
        let total = Money::from_minor(minor, Currency::INR);
        let written = serde_json::to_string(&Amount::whole(total, decimals)).unwrap();
        let digits = written.trim_start_matches("{\"total\":").split(',').next().unwrap();
        prop_assert_eq!(inr(digits), total);
    }
}
