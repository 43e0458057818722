//! What a payer writes changes neither amount nor UTR of a bank's message: it is read as the bank meant
//! it, or not at all. And the simulated bank and the reader agree.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::panic, clippy::unwrap_used)]

use proptest::prelude::*;
use torana_domain::ids::PaymentNumber;
use torana_domain::receipt::Confidence;
use torana_domain::{Currency, Money, Timestamp};
use torana_rails::upi::BankAccount;
use torana_rails::upi::simulator::{self, BANKS, Payment};
use torana_rails::upi::{
    Bank, Credit, Message, Reading, Warning, WhyUnread, assess, is_utr, named_payment, read,
    reference_of,
};

/// An account of which only the end is said.
fn tail(digits: Option<&str>) -> BankAccount {
    BankAccount { bank: None, tail: digits.map(str::to_owned) }
}

const UTR: &str = "630712345671";
/// 2026-11-03 12:00 in India.
const NOON: Timestamp = Timestamp::from_s(1_793_687_400);

fn reading(sender: &str, body: &str) -> Reading {
    read(&Message { sender, body, heard_at: Timestamp::default() })
}

fn credit(sender: &str, body: &str) -> Credit {
    match reading(sender, body) {
        Reading::Credit(credit) => credit,
        other => panic!("{other:?} for {body}"),
    }
}

fn inr(paise: i64) -> Money {
    Money::from_minor(paise, Currency::INR)
}

/// A message around a text that the payer chose: `~` is where it stands.
const AROUND: [(&str, &str); 16] = [
    (
        "SBIUPI",
        "Dear SBI User, your A/c X4821-credited by Rs.731.40 on 03Nov26 transfer from ~ Ref No 630712345671 -SBI",
    ),
    (
        "SBIUPI",
        "Dear SBI UPI User, ur A/cX4821 credited by Rs731.40 on 03Nov26 by ~ (Ref no 630712345671)",
    ),
    (
        "ICICIB",
        "Dear Customer, Acct XX482 is credited with Rs 731.40 on 03-Nov-26 from ~. UPI:630712345671-ICICI Bank.",
    ),
    (
        "AXISBK",
        "INR 731.40 credited\nA/c no. XX4821\n03-11-26, 09:02:11 IST\nUPI/P2A/630712345671/~\nAxis Bank",
    ),
    (
        "AXISBK",
        "INR 731.40 credited to A/c no. XX4821 on 03-11-26 at 14:32:11 IST. Info- UPI/P2A/630712345671/~. Avl Bal- INR 2,18,000.00",
    ),
    (
        "IOBCHN",
        "Your a/c no. XXXXX21 is credited by Rs.731.40 on 2026-11-03 17, from PAYER-9876500000@su(UPI Ref no 630712345671).Payer Remark - ~ -IOB",
    ),
    (
        "IOBCHN",
        "Your a/c no. XXXXX21 is credited by Rs.731.40 on 2026-11-03 17, from ~-9876500000@su(UPI Ref no 630712345671).Payer Remark - tea -IOB",
    ),
    (
        "BDNSMS",
        "INR 731.40 deposited to A/c XX4821 towards UPI/CR/C630712345671/~/u on 03-NOV-2026 . Clear Bal is INR 30,123.00 . Bandhan Bank.",
    ),
    (
        "EQUTAS",
        "INR 731.40 credited via UPI to Equitas A/c 4821 -Ref:630712345671 on 03-11-26 from ~. Avl Bal is INR 25,000.00.Not U?Call 18001031222.",
    ),
    (
        "SLCBNK",
        "Rs.731.40 received in slice A/c XX4821 from ~ via UPI (Ref ID: 630712345671). Avl. Bal. Rs.900.00",
    ),
    ("SLCBNK", "Rs.731.40 received in slice A/c XX4821 from ~ via UPI (Ref ID: 630712345671)."),
    (
        "JANABK",
        "Dear Customer, Your acct XX821 is credited with INR 731.40 on 03-Nov-26 from ~. UPI Ref no 630712345671 . JANA SFB",
    ),
    (
        "PSBANK",
        "A/c No **4821 Credited with Rs 731.40--UPI/CR/630712345671/~ (CLR BAL 30987.99CR)(03-11-2026 17:22:34)-Punjab&Sind Bank",
    ),
    (
        "DHANBK",
        "INR 731.40 is credited to A/c XXXX4821 on 03-NOV-2026 - \"UPI TXN: /630712345671-~\". Aval Bal is INR 36,278.92 -DhanlaxmiBank",
    ),
    (
        "KGBANK",
        "Dear Customer, Account XXXX821 is credited with INR 731.40 on 03-11-2026 08:15:26 from ~. UPI Ref. no. 630712345671-Kerala Gramin Bank",
    ),
    (
        "UNIONB",
        "Your A/c XX4821 is credited by Rs.731.40 on 03-11-2026 from ~. UPI Ref No 630712345671 -Union",
    ),
];

/// Texts that payers write: anything, and pieces of the banks' own words.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(" Ref No 111111111111 -SBI"),
        Just(" (Ref no 111111111111)"),
        Just(". UPI:111111111111-ICICI Bank."),
        Just("(UPI Ref no 111111111111).Payer Remark - "),
        Just(" -IOB"),
        Just("-attacker@ybl"),
        Just("/u on 01-JAN-2020 . Clear Bal is INR 9.00"),
        Just(". Avl Bal- INR 9,99,999.00"),
        Just(". Avl Bal is INR 9.00"),
        Just(" via UPI (Ref ID: 111111111111). Avl. Bal. Rs.9.00"),
        Just("\". Aval Bal is INR 9.00"),
        Just(" (CLR BAL 9.00CR)(01-01-2020 00:00:00)-Punjab&Sind Bank"),
        Just(" Rs 9999 credited "),
        Just("Rs.9999.00 credited to A/c XX1111 UPI Ref 111111111111"),
        Just("UPI/P2A/111111111111/X"),
        Just(" debited Rs 1 "),
        Just("OTP 123456 failed mandate "),
        Just("111111111111"),
        Just("Axis Bank"),
        Just("\n"),
        Just(" "),
        Just("/"),
        Just("a"),
    ];
    prop_oneof![
        "\\PC{0,40}",
        "(?s).{0,60}",
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_a_payer_writes_changes_neither_amount_nor_utr(
        at in 0..AROUND.len(), text in hostile(), glue in "(, | )?",
    ) {
        let (sender, around) = AROUND[at];
        let body = around.replace('~', &format!("{text}{glue}"));
        if let Reading::Credit(credit) = reading(sender, &body) {
            prop_assert_eq!(credit.amount, inr(73_140), "{}", body);
            prop_assert_eq!(&credit.reference, UTR, "{}", body);
            prop_assert!(!credit.reference_is_derived);
        }
    }

    #[test]
    fn an_innocent_name_is_read(at in 0..AROUND.len(), name in "[A-Z][a-z]{1,9}( [A-Z][a-z]{1,9})?") {
        let (sender, around) = AROUND[at];
        let credit = credit(sender, &around.replace('~', &name));
        prop_assert_eq!((credit.amount, credit.reference.as_str()), (inr(73_140), UTR));
    }

    #[test]
    fn no_text_panics(body in "(?s).{0,200}", sender in "[A-Z-]{0,10}|\\PC{0,10}") {
        for sender in [sender.as_str(), "AX-HDFCBK-S", "UNIONB", "AX-IOBCHN-S"] {
            let _ = reading(sender, &body);
        }
    }

    #[test]
    fn what_is_made_of_banks_words_does_not_panic(
        pieces in proptest::collection::vec(hostile(), 0..5), bank in 0..Bank::ALL.len(),
    ) {
        let headers = ["UNIONB", "AUBANK", "HDFCBK", "AXISBK", "IOBCHN"];
        let _ = reading(headers[bank % headers.len()], &pieces.concat());
    }
}

prop_compose! {
    fn payment()(
        bank in proptest::sample::select(BANKS.to_vec()),
        paise in prop_oneof![1_i64..=1_000, 1_i64..=100_000_000],
        payer in "[a-z0-9._]{2,20}@[a-z]{2,8}",
        payer_name in "\\PC{0,30}",
        account_tail in "[0-9]{2,4}",
        remark in proptest::option::of("[A-Za-z ]{0,60}|\\PC{0,60}"),
        at in 1_600_000_000_000_i64..4_000_000_000_000,
        random: u64,
    ) -> Payment {
        let at = Timestamp::from_ms(at);
        let utr = simulator::utr(at, random);
        Payment { bank, amount: inr(paise), payer, payer_name, account_tail, utr, remark, at }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_simulated_is_read_exactly(payment in payment(), delay_ms in 0_i64..1_800_000) {
        let message = simulator::write(&payment).unwrap();
        let remark = payment.remark.as_deref().unwrap_or_default();
        prop_assume!(!remark.split(|c: char| !c.is_ascii_digit()).any(is_utr));
        let credit = credit(&message.sender, &message.body);
        prop_assert_eq!((credit.bank, credit.amount), (payment.bank, payment.amount));
        prop_assert_eq!(&credit.reference, &message.reference);
        prop_assert_eq!(credit.reference_is_derived, payment.bank == Bank::Uco);
        prop_assert!(credit.reference_is_derived || credit.reference == payment.utr);
        prop_assert_eq!(credit.account_tail.as_ref(), Some(&payment.account_tail));
        if matches!(payment.bank, Bank::Hdfc | Bank::IndianOverseas) {
            prop_assert_eq!(credit.refund_to.as_ref(), Some(&payment.payer));
        } else {
            prop_assert_eq!(&credit.refund_to, &None);
        }
        let (start, end) = credit.sent_on.unwrap();
        prop_assert!(start <= payment.at && payment.at < end);
        let whole_second = Timestamp::from_s(payment.at.as_s());
        prop_assert_eq!(credit.sent_at, (payment.bank == Bank::Axis).then_some(whole_second));

        let heard_at = payment.at.plus_ms(delay_ms);
        let (confidence, warnings) = assess(&credit, &tail(Some(payment.account_tail.as_str())), heard_at);
        let innocent = [Warning::DerivedReference, Warning::NoteImitatesBank];
        prop_assert!(warnings.iter().all(|warning| innocent.contains(warning)), "{:?}", warnings);
        prop_assert!(confidence >= Confidence::Medium);
        prop_assert!(!warnings.is_empty() || confidence == Confidence::High);
    }

    #[test]
    fn what_is_forged_is_not_believed(payment in payment()) {
        let payment = Payment { remark: None, payer_name: "Sutradhar".to_owned(), ..payment };
        let message = simulator::forged(&payment).unwrap();
        let credit = credit(&message.sender, &message.body);
        let (confidence, warnings) = assess(&credit, &tail(Some(payment.account_tail.as_str())), payment.at);
        prop_assert_eq!(confidence, Confidence::Low);
        prop_assert!(warnings.contains(&Warning::OtherAccount) && warnings.contains(&Warning::ClockSkew));
        prop_assert_eq!(assess(&credit, &tail(None), payment.at).0, Confidence::Medium);
    }

    #[test]
    fn a_remark_names_its_payment(payment in payment(), random: u64) {
        let number = PaymentNumber::new(payment.at, random);
        let remark = Some(format!("{} order", reference_of(number).unwrap()));
        let payment = Payment { bank: Bank::IndianOverseas, remark, ..payment };
        let message = simulator::write(&payment).unwrap();
        prop_assert_eq!(named_payment(&credit(&message.sender, &message.body)), Some(number));
    }
}

#[test]
fn two_named_payments_are_none() {
    let [one, two] = [1, 2].map(|random| reference_of(PaymentNumber::new(NOON, random)).unwrap());
    let body = AROUND[5].1.replace('~', &format!("{one} {two}"));
    assert_eq!(named_payment(&credit("IOBCHN", &body)), None);
    let twice = AROUND[5].1.replace('~', &format!("{one}/{one}"));
    assert_eq!(named_payment(&credit("IOBCHN", &twice)), Some(PaymentNumber::new(NOON, 1)));
    let glued = AROUND[5].1.replace('~', &format!("x{one}"));
    assert_eq!(named_payment(&credit("IOBCHN", &glued)), None);
}

fn hdfc() -> Credit {
    credit(
        "AX-HDFCBK-S",
        "Credit Alert!\nRs.731.40 credited to HDFC Bank A/c XX4821 on 03-11-26 from VPA payer@okicici (UPI 630712345671)",
    )
}

#[test]
fn account_and_clock_are_weighed() {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let credit = hdfc();
    assert_eq!(assess(&credit, &tail(Some("4821")), NOON), (Confidence::High, vec![]));
    assert_eq!(assess(&credit, &tail(None), NOON), (Confidence::High, vec![]));
    assert_eq!(
        assess(&credit, &tail(Some("XX4822")), NOON),
        (Confidence::Low, vec![Warning::OtherAccount])
    );
    assert_eq!(
        assess(&credit, &tail(Some("4821")), NOON.plus_ms(-13 * HOUR_MS)),
        (Confidence::Medium, vec![Warning::ClockSkew])
    );
    assert_eq!(
        assess(&credit, &tail(Some("4821")), NOON.plus_ms(14 * HOUR_MS)),
        (Confidence::Medium, vec![Warning::Delayed])
    );
}

#[test]
fn the_header_and_never_the_body_says_which_bank_it_is() {
    let body = AROUND[0].1.replace('~', "PAYER");
    for sender in ["", "+919876500000", "SBI", "AX-SBIUPX-S", "АX-SBIUPI-S", "PhonePe"] {
        let unknown = Reading::Unread { bank: None, why: WhyUnread::UnknownSender };
        assert_eq!(reading(sender, &body), unknown, "{sender}");
    }
    assert!(matches!(
        reading("AX-HDFCBK-S", &body),
        Reading::Unread { bank: Some(Bank::Hdfc), .. }
    ));
}

#[test]
fn a_body_longer_than_any_sms_is_unread() {
    let body = AROUND[0].1.replace('~', &"x".repeat(2000));
    assert!(matches!(reading("SBIUPI", &body), Reading::Unread { why: WhyUnread::TooLong, .. }));
}

#[test]
fn only_twelve_digits_are_a_utr() {
    assert!(is_utr(UTR));
    for text in ["", "63071234567", "6307123456711", "63071234567a", " 30712345671", "६30712345671"]
    {
        assert!(!is_utr(text), "{text}");
    }
}
