//! Every known shape of a bank's message about UPI, with what is read from it: `corpus/upi.txt`.
//! `corpus/mod.rs` says how it is written.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::unwrap_used)]

mod corpus;

use corpus::add;
use torana_domain::Timestamp;
use torana_domain::ids::PaymentNumber;
use torana_rails::upi::{
    Bank, Credit, Message, Reading, Warning, WhyNotMoney, WhyUnread, is_utr, named_payment, read,
};

fn summary(reading: &Reading) -> String {
    let of_bank = |bank: &Option<Bank>| bank.map_or("nobody", Bank::slug);
    match reading {
        Reading::Credit(credit) => credit_summary(credit),
        Reading::NotMoney { bank, why } => format!("{} is {}", of_bank(bank), why.code()),
        Reading::Unread { bank, why } => format!("{} {}", of_bank(bank), why.code()),
    }
}

fn credit_summary(credit: &Credit) -> String {
    let mut line = format!("{} {} {}", credit.bank.slug(), credit.amount, credit.reference);
    let odd: Vec<&str> = credit.warnings.iter().map(|warning| warning.code()).collect();
    let day = credit.sent_on.map(|(start, end)| {
        assert_eq!(end.ms_since(start), 24 * 60 * 60 * 1000);
        in_india(start).get(..10).unwrap().to_owned()
    });
    assert!(credit.refund_to.is_none() || credit.payer.is_some());
    assert_eq!(credit.reference_is_derived, !is_utr(&credit.reference));
    add(&mut line, "payer", credit.payer.as_ref().map(|payer| format!("{payer:?}")));
    add(&mut line, "refund_to", credit.refund_to.clone());
    add(&mut line, "account", credit.account_tail.clone());
    add(&mut line, "balance", credit.balance.map(|balance| balance.to_string()));
    add(&mut line, "note", credit.note.as_ref().map(|note| format!("{note:?}")));
    add(&mut line, "names", named_payment(credit).map(in_words));
    add(&mut line, "at", credit.sent_at.map(in_india));
    add(&mut line, "on", day);
    add(&mut line, "odd", (!odd.is_empty()).then(|| odd.join(",")));
    line
}

fn in_words(number: PaymentNumber) -> String {
    format!("{}+{}", in_india(number.created_at()), number.random_bits())
}

fn in_india(at: Timestamp) -> String {
    let shifted = at.plus_ms(19_800_000).as_ms();
    let instant = jiff::Timestamp::from_millisecond(shifted).unwrap();
    jiff::tz::Offset::UTC.to_datetime(instant).to_string()
}

#[test]
fn every_known_message_is_read_as_the_corpus_says() {
    let wrong = corpus::differences("upi", |case| {
        let heard_at = Timestamp::default();
        summary(&read(&Message { sender: &case.sender, body: &case.body, heard_at }))
    });
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn codes_are_stable() {
    assert_eq!(WhyNotMoney::OneTimePassword.code(), "one_time_password");
    assert_eq!(WhyNotMoney::Announcement.code(), "announcement");
    assert_eq!(WhyUnread::Ambiguous.code(), "ambiguous");
    assert_eq!(Warning::OtherAccount.code(), "other_account");
    assert_eq!(Bank::State.slug(), "sbi");
}
