//! ePay: published samples, round trips, and texts that are made to be misread.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use torana_domain::{Currency, Money, Timestamp};
use torana_rails::epay::easypay::{self, EasyPayError};
use torana_rails::epay::{
    Answer, AnswersError, BAD_CHECKSUM_ANSWER, Client, Entry, INVALID_ANSWER, Line,
    NotificationError, Page, PaymentRequest, RequestError, Sealed, Status, open, open_notification,
    parse_answers, seal_notification, simulator, write_answers,
};

const SECRET: &[u8] = b"some-secret";

fn money(text: &str, currency: &str) -> Money {
    Money::parse(text, currency.parse().unwrap()).unwrap()
}

fn utc(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_ms(instant.as_millisecond())
}

fn opened(lines: &[u8]) -> Result<PaymentRequest, RequestError> {
    let sealed = Sealed::new(lines, SECRET);
    open(&sealed.encoded, &sealed.checksum, SECRET, Currency::EUR)
}

fn told(lines: &str) -> Result<Vec<Entry>, NotificationError> {
    let sealed = Sealed::new(lines.as_bytes(), SECRET);
    open_notification(&sealed.encoded, &sealed.checksum, SECRET)
}

fn request() -> PaymentRequest {
    PaymentRequest {
        client: Client::Min("1234".to_owned()),
        invoice: "00001".to_owned(),
        amount: money("33.23", "BGN"),
        expires_at: utc("2020-08-01T20:15:30Z"),
        description: "some-description".to_owned(),
    }
}

#[test]
fn a_published_request_is_ours_byte_for_byte() {
    let sealed = request().seal(SECRET).unwrap();
    assert_eq!(
        sealed.encoded,
        "TUlOPTEyMzQKSU5WT0lDRT0wMDAwMQpBTU9VTlQ9MzMuMjMKQ1VSUkVOQ1k9QkdOCkVYUF9USU1FPTAxLjA4LjIwMjAgMjM6MTU6MzAKREVTQ1I9c29tZS1kZXNjcmlwdGlvbgpFTkNPRElORz11dGYtOA=="
    );
    assert_eq!(sealed.checksum, "9d09db1b61bfd7947ed390d6464ca7953d0bf3f2");
    assert_eq!(open(&sealed.encoded, &sealed.checksum, SECRET, Currency::EUR), Ok(request()));
}

#[test]
fn requests_of_real_clients_are_read() {
    let leading =
        "\nINVOICE=7\r\nAMOUNT=22.8\r\n\r\nEXP_TIME=01.12.2026\r\nDESCR=a=b\r\nMIN=D123\r\n";
    let read = opened(leading.as_bytes()).unwrap();
    assert_eq!((read.invoice.as_str(), read.amount), ("7", money("22.80", "EUR")));
    assert_eq!((read.expires_at, read.description.as_str()), (utc("2026-12-01T21:59:59Z"), "a=b"));
    let lower =
        "email=shop@example.com\ninvoice=7\namount=22\ncurrency=usd\nexp_time=01.12.2026 10:30";
    let read = opened(lower.as_bytes()).unwrap();
    assert_eq!(read.client, Client::Email("shop@example.com".to_owned()));
    assert_eq!((read.amount, read.description.as_str()), (money("22", "USD"), ""));
    let mut cyrillic = b"MIN=1\nINVOICE=7\nAMOUNT=22\nEXP_TIME=01.12.2026\nDESCR=".to_vec();
    cyrillic.extend_from_slice(&[0xd7, 0xe0, 0xe9]);
    assert_eq!(opened(&cyrillic).unwrap().description, "Чай");
    cyrillic.extend_from_slice(b"\nENCODING=cp1251");
    assert_eq!(opened(&cyrillic).unwrap().description, "Чай");
}

#[test]
fn each_wrong_request_has_its_own_error() {
    let with = |change: &str| {
        let lines = "MIN=1\nINVOICE=7\nAMOUNT=22\nEXP_TIME=01.12.2026\nCURRENCY=BGN";
        let (key, _) = change.split_once('=').unwrap();
        let kept = lines.lines().filter(|line| !line.starts_with(&format!("{key}=")));
        let lines: Vec<&str> = kept.chain([change]).collect();
        opened(lines.join("\n").as_bytes()).unwrap_err()
    };
    assert_eq!(with("MIN="), RequestError::Missing("MIN"));
    assert_eq!(with("AMOUNT="), RequestError::Missing("AMOUNT"));
    assert_eq!(with("INVOICE=a7"), RequestError::Invalid("INVOICE"));
    for amount in ["0", "0.01", "-1", "1,5", "1.005", "22.", "1e3"] {
        assert_eq!(with(&format!("AMOUNT={amount}")), RequestError::Invalid("AMOUNT"));
    }
    for currency in ["INR", "XXX", "лв"] {
        assert_eq!(with(&format!("CURRENCY={currency}")), RequestError::Invalid("CURRENCY"));
    }
    assert_eq!(with("EXP_TIME=2026-12-01"), RequestError::Invalid("EXP_TIME"));
    assert_eq!(with("ENCODING=koi8"), RequestError::Invalid("ENCODING"));
    assert_eq!(with("min=2\nMIN=1"), RequestError::Duplicate("MIN"));
    let invalid = b"MIN=1\nINVOICE=7\nAMOUNT=22\nEXP_TIME=01.12.2026\nDESCR=\xff\nENCODING=utf-8";
    assert_eq!(opened(invalid), Err(RequestError::Unreadable));
    assert_eq!(open("AAAA", "00", SECRET, Currency::EUR), Err(RequestError::BadChecksum));
    assert_eq!(RequestError::Missing("MIN").to_string(), "Missing MIN");
    assert_eq!(RequestError::BadChecksum.to_string(), "Invalid CHECKSUM");
}

#[test]
fn a_request_that_epay_would_refuse_is_not_sealed() {
    let seal = |request: PaymentRequest| request.seal(SECRET).unwrap_err();
    let amount = money("33.23", "INR");
    assert_eq!(seal(PaymentRequest { amount, ..request() }), RequestError::Invalid("CURRENCY"));
    let amount = money("0.01", "BGN");
    assert_eq!(seal(PaymentRequest { amount, ..request() }), RequestError::Invalid("AMOUNT"));
    let invoice = "A1".to_owned();
    assert_eq!(seal(PaymentRequest { invoice, ..request() }), RequestError::Invalid("INVOICE"));
    let client = Client::Min("1\nAMOUNT=2".to_owned());
    assert_eq!(seal(PaymentRequest { client, ..request() }), RequestError::Invalid("MIN"));
}

#[test]
fn a_published_notification_is_answered() {
    let lines = "INVOICE=2:STATUS=PAID:PAY_TIME=20200408022032:STAN=080837:BCODE=080837\n";
    let entries = told(lines).unwrap();
    let [Entry::Line(line)] = entries.as_slice() else { unreachable!("{entries:?}") };
    let Status::Paid(Some(details)) = &line.status else { unreachable!("{line:?}") };
    assert_eq!(details.pay_time, utc("2020-04-07T23:20:32Z"));
    assert_eq!((details.stan.as_str(), details.bcode.as_str()), ("080837", "080837"));
    assert_ne!(details.stan, "000000");
    assert_eq!(write_answers(&[(line.invoice.clone(), Answer::Ok)]), "INVOICE=2:STATUS=OK\n");
    assert_eq!(
        seal_notification(std::slice::from_ref(line), SECRET),
        Sealed::new(lines.as_bytes(), SECRET)
    );
}

#[test]
fn a_notification_may_hold_everything_at_once() {
    let lines = "\r\nINVOICE=1:STATUS=DENIED\r\n\r\ninvoice=2:status=expired\nINVOICE=3:STATUS=PAID\n\
        INVOICE=4:STATUS=PAID:PAY_TIME=20200408022032:STAN=000000:BCODE=a1:AMOUNT=10.00:BIN=400000\n\
        INVOICE=5:STATUS=LOST\nINVOICE=x:STATUS=PAID\nnonsense\nINVOICE=6:INVOICE=7:STATUS=PAID\n\
        INVOICE=8:STATUS=PAID:STAN=000000\nINVOICE=9:STATUS=PAID:PAY_TIME=20200230000000:STAN=1:BCODE=1";
    let entries = told(lines).unwrap();
    let good: Vec<&str> = entries
        .iter()
        .filter_map(
            |entry| if let Entry::Line(line) = entry { Some(line.invoice.as_str()) } else { None },
        )
        .collect();
    assert_eq!(good, ["1", "2", "3", "4"]);
    let bad: Vec<Option<&str>> = entries
        .iter()
        .filter_map(|entry| {
            if let Entry::Bad { invoice, .. } = entry { Some(invoice.as_deref()) } else { None }
        })
        .collect();
    assert_eq!(bad, [Some("5"), None, None, None, Some("8"), Some("9")]);
    let Entry::Line(Line { status: Status::Paid(Some(cash)), .. }) = &entries[3] else {
        unreachable!("{entries:?}")
    };
    assert_eq!(cash.stan, "000000");
}

#[test]
fn what_is_no_notification_is_answered_too() {
    let wrong = open_notification("AAAA", "00", SECRET).unwrap_err();
    assert_eq!((wrong, wrong.answer()), (NotificationError::BadChecksum, BAD_CHECKSUM_ANSWER));
    assert_eq!(told("\n \r\n").unwrap_err().answer(), INVALID_ANSWER);
    assert_eq!(told(&"INVOICE=1:STATUS=PAID\n".repeat(1001)), Err(NotificationError::TooLong));
    assert_eq!(told(&"INVOICE=1:STATUS=PAID\n".repeat(1000)).map(|lines| lines.len()), Ok(1000));
    assert_eq!(told(&"x".repeat(64 * 1024)), Err(NotificationError::TooLong));
}

#[test]
fn answers_are_read_as_epay_reads_them() {
    let text = "INVOICE=1:STATUS=OK\r\ninvoice=2:status=err\nx\nINVOICE=3:STATUS=NO";
    let expect = [("1", Answer::Ok), ("2", Answer::Err), ("3", Answer::No)];
    let expect = expect.map(|(invoice, answer)| (invoice.to_owned(), answer));
    assert_eq!(parse_answers(text), Ok(expect.to_vec()));
    let refused = AnswersError::Refused("Not valid CHECKSUM".to_owned());
    assert_eq!(parse_answers(BAD_CHECKSUM_ANSWER), Err(refused));
    assert_eq!(parse_answers("<html>"), Err(AnswersError::Unreadable));
    assert_eq!(Answer::ALL.map(Answer::ends), [true, false, true]);
}

#[test]
fn a_code_for_cash_is_registered() {
    let sealed = Sealed { encoded: "a+b/c=".to_owned(), checksum: "00".to_owned() };
    assert_eq!(
        easypay::register_url("https://demo.epay.bg/", &sealed),
        "https://demo.epay.bg/ezp/reg_bill.cgi?ENCODED=a%2Bb%2Fc%3D&CHECKSUM=00"
    );
    assert_eq!(easypay::read_answer(b"IDN=1234567890\n"), Ok("1234567890".to_owned()));
    let refusal = easypay::write_answer(Err("Невалидна сума"));
    assert!(!refusal.is_ascii() && refusal.len() < "Невалидна сума".len());
    assert_eq!(
        easypay::read_answer(&refusal),
        Err(EasyPayError::Refused("Невалидна сума".to_owned()))
    );
    for body in ["", "IDN=123", "IDN=12345678901", "<html>", "IDN=1234567890\nERR=x"] {
        assert_eq!(easypay::read_answer(body.as_bytes()), Err(EasyPayError::Unreadable), "{body}");
    }
}

#[test]
fn pages_have_their_words() {
    assert_eq!([Page::Login, Page::Card].map(Page::word), ["paylogin", "credit_paydirect"]);
    assert_eq!(Page::from_word("credit_paydirect"), Some(Page::Card));
    assert_eq!(Page::from_word("paylogin "), None);
}

/// A second that is not in the hour that clocks show twice.
fn second() -> impl Strategy<Value = Timestamp> {
    (1_600_000_000_i64..4_000_000_000).prop_map(Timestamp::from_s).prop_filter("twice", |at| {
        let hour = at.as_s().rem_euclid(86_400) / 3600;
        hour > 1
    })
}

prop_compose! {
    fn requests()(
        min in "[A-Z0-9]{1,12}",
        by_email: bool,
        invoice in "[0-9]{1,20}",
        minor in 2_i64..,
        currency in proptest::sample::select(vec!["BGN", "EUR", "USD"]),
        expires_at in second(),
        description in "[А-Яа-я a-z=:№]{0,100}|\\PC{0,100}",
    ) -> PaymentRequest {
        let client = if by_email { Client::Email(format!("{min}@example.com")) } else { Client::Min(min) };
        let amount = Money::from_minor(minor, currency.parse().unwrap());
        // Two separators of lines are no control characters.
        let description = description.replace(['\u{2028}', '\u{2029}'], "");
        let description = description.trim().to_owned();
        PaymentRequest { client, invoice, amount, expires_at, description }
    }
}

fn statuses() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Denied),
        Just(Status::Expired),
        Just(Status::Paid(None)),
        (second(), any::<u64>()).prop_map(|(at, random)| simulator::paid(at, random)),
        (second(), any::<u64>()).prop_map(|(at, random)| simulator::paid_in_cash(at, random)),
    ]
}

proptest! {
    #[test]
    fn a_sealed_request_is_read_again(request in requests(), turn in 0_usize..7) {
        let sealed = request.seal(SECRET).unwrap();
        let read = open(&sealed.encoded, &sealed.checksum, SECRET, Currency::EUR);
        prop_assert_eq!(read.as_ref(), Ok(&request));

        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.decode(&sealed.encoded).unwrap();
        let text = String::from_utf8(text).unwrap();
        let mut lines: Vec<&str> = text.split('\n').collect();
        let turn = turn % lines.len();
        lines.rotate_left(turn);
        prop_assert_eq!(opened(lines.join("\r\n").as_bytes()), Ok(request));
    }

    #[test]
    fn a_description_never_makes_a_line(text in "(?s).{0,150}", at in 0_usize..2) {
        let inject = ["\nAMOUNT=1.00", "\rMIN=2\u{2028}\u{85}INVOICE=9"][at];
        let request = PaymentRequest { description: format!("{text}{inject}"), ..request() };
        let sealed = request.seal(SECRET).unwrap();
        let read = open(&sealed.encoded, &sealed.checksum, SECRET, Currency::EUR).unwrap();
        prop_assert!(read.description.chars().count() <= 100);
        prop_assert_eq!(PaymentRequest { description: request.description.clone(), ..read }, request);
    }

    #[test]
    fn a_changed_byte_never_verifies(request in requests(), at: usize, by in 1_u8..128, in_sum: bool) {
        let mut sealed = request.seal(SECRET).unwrap();
        let field = if in_sum { &mut sealed.checksum } else { &mut sealed.encoded };
        let mut bytes = field.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= by;
        prop_assume!(!in_sum || !bytes[at].eq_ignore_ascii_case(&field.as_bytes()[at]));
        *field = String::from_utf8(bytes).unwrap();
        let read = open(&sealed.encoded, &sealed.checksum, SECRET, Currency::EUR);
        prop_assert_eq!(read, Err(RequestError::BadChecksum));
        let read = open_notification(&sealed.encoded, &sealed.checksum, SECRET);
        prop_assert_eq!(read, Err(NotificationError::BadChecksum));
    }

    #[test]
    fn a_notification_is_read_again(
        lines in proptest::collection::vec(("[0-9]{1,20}", statuses()), 1..20),
    ) {
        let lines: Vec<Line> =
            lines.into_iter().map(|(invoice, status)| Line { invoice, status }).collect();
        let sealed = seal_notification(&lines, SECRET);
        let read = open_notification(&sealed.encoded, &sealed.checksum, SECRET);
        let expect: Vec<Entry> = lines.into_iter().map(Entry::Line).collect();
        prop_assert_eq!(read, Ok(expect));
    }

    #[test]
    fn answers_are_read_again(
        answers in proptest::collection::vec(("[0-9]{1,20}", 0_usize..3), 1..20),
    ) {
        let answers: Vec<(String, Answer)> =
            answers.into_iter().map(|(invoice, at)| (invoice, Answer::ALL[at])).collect();
        prop_assert_eq!(parse_answers(&write_answers(&answers)), Ok(answers));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "(?s).{0,80}") {
        let _ = opened(&bytes);
        let sealed = Sealed::new(&bytes, SECRET);
        let _ = open_notification(&sealed.encoded, &sealed.checksum, SECRET);
        let checksum = torana_rails::epay::checksum(SECRET, &text);
        let _ = open(&text, &checksum, SECRET, Currency::EUR);
        let _ = open_notification(&text, &checksum, SECRET);
        let _ = (easypay::read_answer(&bytes), parse_answers(&text), told(&text));
    }

    #[test]
    fn words_of_the_protocol_do_not_panic(
        words in "((INVOICE|STATUS|PAY_TIME|STAN|BCODE|MIN|AMOUNT|EXP_TIME|ENCODING)[=:]?|PAID|[0-9.]|\n|:|=){0,30}",
    ) {
        let _ = (opened(words.as_bytes()), told(&words), parse_answers(&words));
    }

    #[test]
    fn simulated_numbers_have_their_shape(random: u64) {
        let (stan, bcode, idn) = (simulator::stan(random), simulator::bcode(random), simulator::idn(random));
        prop_assert!(stan.len() == 6 && stan != "000000" && stan.bytes().all(|b| b.is_ascii_digit()));
        prop_assert!(bcode.len() == 6 && bcode.bytes().all(|b| b.is_ascii_alphanumeric()));
        prop_assert!(easypay::is_idn(&idn));
        prop_assert_eq!(easypay::read_answer(&easypay::write_answer(Ok(&idn))), Ok(idn));
    }
}
