//! What is within the seed's identifiers (provider §4).

use super::*;

/// Every trace of the seed with the second that it tells of.
const TRACES: [(&str, i64); 6] = [
    ("ZHhj7FzQmYCdKrs_-LWVygAAAWw", 1_685_611_500),
    ("ZHhkJSmlS9TDNc5bZiHOFQAAA4Y", 1_685_611_557),
    ("ZKzVuYerPjAV_eEAG2pbhAAAAvc", 1_689_048_505),
    ("ZKzVyevDAHjve3dv5k_DVwAAA8s", 1_689_048_521),
    ("ZKzWRSFhD4Fi06xukpEXmgAAAyM", 1_689_048_645),
    ("ZKzV4OvDAHjve3dv5k_DXwAAA7k", 1_689_048_544),
];

#[test]
fn every_trace_of_the_seed_is_read_and_written() {
    for (trace, second) in TRACES {
        let read: ApiTraceId = trace.parse().unwrap();
        assert_eq!((read.to_string().as_str(), read.at().as_s()), (trace, second));
    }
    for wrong in ["", "ZHhj7FzQmYCdKrs_-LWVygAAAW", "ZHhj7FzQmYCdKrs/+LWVygAAAWw", &"A".repeat(28)]
    {
        assert_eq!(wrong.parse::<ApiTraceId>(), Err(NotOfThisForm), "{wrong}");
    }
}

#[test]
fn a_new_trace_is_of_its_second_and_of_no_other_request() {
    let at = Timestamp::from_ms(1_685_611_500_999);
    let trace = ApiTraceId::new(at, 1 << 127);
    assert_eq!(trace.at().as_s(), 1_685_611_500);
    let text = trace.to_string();
    assert_eq!(text.len(), 27);
    assert!(text.starts_with("ZHhj7"));
    assert_ne!(ApiTraceId::new(at, 1), trace);
    let all = ApiTraceId::new(at, u128::MAX).to_string();
    assert!(all.ends_with("AAA_8"), "the thread's number is small: {all}");
    assert_eq!(ApiTraceId::new(Timestamp::from_ms(i64::MIN), 0).to_string(), "A".repeat(27));
}

#[test]
fn reference_numbers_are_those_of_the_seed() {
    for (second, payer_auth, due) in [
        (1_685_611_557, "84439384258", "315214384258"),
        (1_689_048_544, "84443535451", "319209535451"),
    ] {
        let made = ReferenceNumber::new(Timestamp::from_s(second), payer_auth).unwrap();
        assert_eq!(made.to_string(), due);
        assert_eq!(due.parse(), Ok(made));
    }
    let new_year = Timestamp::from_s(1_767_205_800); // 2026-01-01 in India, 2025-12-31 in UTC.
    assert_eq!(ReferenceNumber::new(new_year, "12").unwrap().to_string(), "600100000012");
    for wrong in
        ["", "31521438425", "3152143842580", "399914384258", "315224384258", "31521438425x"]
    {
        assert_eq!(wrong.parse::<ReferenceNumber>(), Err(NotOfThisForm), "{wrong}");
    }
    assert_eq!(ReferenceNumber::new(new_year, ""), None);
    assert_eq!(ReferenceNumber::new(new_year, "12x"), None);
    assert_eq!(ReferenceNumber::new(Timestamp::from_ms(i64::MAX), "1"), None);
}

#[test]
fn scheme_numbers_are_those_of_the_seed() {
    for (text, flow, second, counter) in [
        ("100112023060100000000000222157", Flow::Redirect, 1_685_611_557, 222_157),
        ("100122023071100000000000230184", Flow::Seamless, 1_689_048_544, 230_184),
        // Public, of another gateway's page.
        ("100122024103000000000000430451", Flow::Seamless, 1_730_260_000, 430_451),
    ] {
        let made = SchemeTransactionId::new(flow, Timestamp::from_s(second), counter).unwrap();
        assert_eq!(made.to_string(), text);
        assert_eq!(text.parse(), Ok(made));
    }
    for wrong in ["", "100132023060100000000000222157", "10011202306010000000000022215"] {
        assert_eq!(wrong.parse::<SchemeTransactionId>(), Err(NotOfThisForm), "{wrong}");
    }
    let at = Timestamp::from_s(0);
    let most = SchemeTransactionId::new(Flow::Redirect, at, u64::MAX).unwrap();
    assert_eq!(most.to_string().len(), 30);
}

/// The test host's code is the time of the answer, a few seconds around that of the request.
#[test]
fn authorization_codes_are_the_time_of_day() {
    let at = Timestamp::from_s(1_685_611_557 + 4);
    assert_eq!(authorization_code(at).as_deref(), Some("145601"));
    let at = Timestamp::from_s(1_689_048_544 + 2);
    assert_eq!(authorization_code(at).as_deref(), Some("093906"));
}

#[test]
fn approvals_are_those_of_the_seed() {
    for (id, authorization, reference, due) in [
        ("84439384617", "145601", "315214384258", "Y:145601:4439384617:PPX :315214384258"),
        ("84443535452", "093906", "319209535451", "Y:093906:4443535452:PPX :319209535451"),
    ] {
        let made = ApprovalCode::approved(authorization, id, reference);
        assert_eq!(made.to_string(), due);
        assert_eq!(due.parse(), Ok(made));
    }
    let older: ApprovalCode = "Y:006953:4381648535:PPX:113009626785".parse().unwrap();
    assert_eq!(older, ApprovalCode::approved("006953", "84381648535", "113009626785"));
    assert_eq!(ApprovalCode::otp_verified().to_string(), "Y:00:OTP verified successfully.");
    assert_eq!(ApprovalCode::waiting_authentication().to_string(), "?:waiting authentication");
}

#[test]
fn every_public_code_is_read_and_written() {
    for text in [
        "N:05:Do Not Honour",
        "N:-5002:brand not supported",
        "N:-5003:The order already exists in the database.",
        "N:-5005:FRAUD - Duplicate lockout",
        "N:-28319:RuPay authentication error",
        "N:30060:Internal Error",
        "?:waiting authentication",
        "?:waiting 3dsecure",
        "?:waiting 3dsecure method",
        "Y:ECI2/5:Authenticated",
        "Y:00:OTP verified successfully.",
        "Y:145601:4439384617:YYYM:315214384258",
        "Y:145601:4439384617:PPXP:315214384258",
        "Y:145601:4439384617:PPX0:315214384258",
    ] {
        assert_eq!(text.parse::<ApprovalCode>().unwrap().to_string(), text);
    }
    for wrong in ["", "Y", "Y:", "N:05", "X:1:2", "y:00:text"] {
        assert_eq!(wrong.parse::<ApprovalCode>(), Err(NotOfThisForm), "{wrong}");
    }
    for code in GatewayCode::ALL {
        let approval = code.approval_code();
        assert_eq!(approval.to_string(), format!("N:-{}:{}", code.code(), code.text()));
        assert_eq!(approval.to_string().parse(), Ok(approval));
        assert_eq!(
            (code.error().code, code.error().message),
            (code.code().into(), code.text().into())
        );
    }
}

#[test]
fn what_was_compared_has_words() {
    for (letters, street, postal, security) in [
        ("PPX ", "NO_INPUT_DATA", "NO_INPUT_DATA", None),
        ("YYYM", "Y", "Y", Some("MATCHED")),
        ("YNAN", "Y", "N", Some("NOT_MATCHED")),
        ("PPXP", "NO_INPUT_DATA", "NO_INPUT_DATA", Some("NOT_PROCESSED")),
        ("PPXS", "NO_INPUT_DATA", "NO_INPUT_DATA", Some("NOT_PRESENT")),
        ("PPXU", "NO_INPUT_DATA", "NO_INPUT_DATA", Some("NOT_CERTIFIED")),
        ("PPXX", "NO_INPUT_DATA", "NO_INPUT_DATA", Some("NOT_CHECKED")),
        ("PPX0", "NO_INPUT_DATA", "NO_INPUT_DATA", None),
    ] {
        let checks: Checks = letters.parse().unwrap();
        assert_eq!(checks.to_string(), letters);
        assert_eq!(word(checks.street), street);
        assert_eq!(word(checks.postal_code), postal);
        assert_eq!(checks.security_code_response().map(word).as_deref(), security);
    }
    assert_eq!("PPX".parse(), Ok(Checks::NONE));
    for wrong in ["", "PP", "PPXMM", "PP M", "QPX ", "PQX ", "PPXé", "éPX "] {
        assert_eq!(wrong.parse::<Checks>(), Err(NotOfThisForm), "{wrong}");
    }
}

/// A word as JSON has it.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}
