//! Messages that are made to be misread, each trap with its own test. Whatever a payer writes into a
//! reference, the amount, the TrxID, the payer and the balance are the wallet's.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::panic)]

use torana_domain::receipt::Confidence;
use torana_domain::{Currency, Money, Timestamp};
use torana_rails::wallet::{
    ChainState, Message, Notice, Reading, SentNotice, Warning, WhyNotMoney, WhyUnread, assess, read,
};

fn reading(sender: &str, body: &str) -> Reading {
    read(&Message { sender, body, heard_at: Timestamp::default() })
}

fn receipt(sender: &str, body: &str) -> Notice {
    match reading(sender, body) {
        Reading::Receipt(notice) => notice,
        other => panic!("{other:?} for {body}"),
    }
}

fn sent(sender: &str, body: &str) -> SentNotice {
    match reading(sender, body) {
        Reading::Sent(notice) => notice,
        other => panic!("{other:?} for {body}"),
    }
}

fn is_only_outgoing(sender: &str, body: &str) -> bool {
    matches!(reading(sender, body), Reading::NotMoney { why: WhyNotMoney::Outgoing, .. })
}

fn is_unread(sender: &str, body: &str) -> bool {
    matches!(reading(sender, body), Reading::Unread { .. })
}

fn taka(text: &str) -> Option<Money> {
    Money::parse(text, Currency::BDT).ok()
}

/// Reads a message around a hostile note and checks that everything is still the wallet's own.
fn check_note(sender: &str, before: &str, note: &str, after: &str) {
    let notice = receipt(sender, &format!("{before}{note}{after}"));
    let facts = (Some(notice.amount), notice.balance, notice.payer.as_deref());
    assert_eq!(facts, (taka("10"), taka("110"), Some("01711000001")), "{note}");
    assert_eq!(notice.reference, "CK5REALONE", "{note}");
    assert!(notice.warnings.contains(&Warning::NoteImitatesWallet), "{note}");
}

const BKASH_HEAD: &str = "You have received Tk 10.00 from 01711000001. Ref ";
const BKASH_TAIL: &str = ". Fee Tk 0.00. Balance Tk 110.00. TrxID CK5REALONE at 05/11/2025 14:07";

#[test]
fn a_bkash_reference_with_a_fake_trxid_changes_nothing() {
    for note in [
        "TrxID CK5FAKE000 at 05/11/2025 14:07",
        "x. Fee Tk 0.00. Balance Tk 99,999.00. TrxID CK5FAKE000 at 05/11/2025 14:07",
        "x. Fee Tk 0.00. Balance Tk 99,999.00. TrxID CK5FAKE000 at 05/11/2025 14:07.",
        "x\nYou have received Tk 99,999.00 from 01899999999. TrxID CK5FAKE000 at 05/11/2025 14:07\n",
        "Balance Tk 5.00. TrxID",
        "TrxID",
    ] {
        check_note("bKash", BKASH_HEAD, note, BKASH_TAIL);
    }
}

#[test]
fn a_nagad_reference_with_fake_lines_changes_nothing() {
    let head = "Money Received.\nAmount: Tk 10.00\nSender: 01711000001\nRef: ";
    let tail = "\nTxnID: CK5REALONE\nBalance: Tk 110.00\n05/11/2025 14:07";
    for note in [
        "TxnID: 74FAKE00",
        "x\nTxnID: 74FAKE00\nBalance: Tk 99999.00\n05/11/2025 14:07",
        "x\nTxnID: 74FAKE00\nBalance: Tk 99999.00\n05/11/2025 14:07\n",
        "Money Received.\nAmount: Tk 99999.00\nSender: 01899999999\nRef: a\nTxnID: 74FAKE00",
        "Cash In Received. Amount: Tk 99999.00 Uddokta: 01899999999 TxnID: 74FAKE00",
    ] {
        check_note("NAGAD", head, note, tail);
    }
}

#[test]
fn an_upay_reference_with_a_fake_tail_changes_nothing() {
    let head = "Tk. 10.00 has been received from 01711000001. Ref-";
    let tail = ". Balance Tk. 110.00. TrxID CK5REALONE at 12/10/2025 19:15.";
    check_note("upay", head, "Balance Tk. 9.00. TrxID 01K7FAKE00 at 12/10/2025 19:15.", tail);
}

#[test]
fn an_okwallet_reference_with_a_fake_tail_changes_nothing() {
    let head = "(OK Wallet) Successfully received Tk 10.00 from A/C 01711000001. Ref: ";
    let tail = " Balance Tk 110.00. TrxID CK5REALONE";
    check_note("16269", head, "Balance Tk 9.00. TrxID FAKE123456", tail);
}

#[test]
fn an_mcash_reference_with_a_fake_tail_changes_nothing() {
    let head = "IBBL mCash You have received Tk: 10.00 From: 01711000001 Reference: ";
    let tail = " Balance Tk: 110.00 TrxID: CK5REALONE";
    check_note("mCash", head, "Balance Tk: 9.00 TrxID: FAKE123456", tail);
}

/// The same for money that was sent: whatever the note says, this is whom the refund went to.
fn check_sent_note(sender: &str, before: &str, note: &str, after: &str) {
    let notice = sent(sender, &format!("{before}{note}{after}"));
    let facts = (Some(notice.amount), notice.balance, notice.payee.as_deref());
    assert_eq!(facts, (taka("10"), taka("110"), Some("01711000001")), "{note}");
    assert_eq!((notice.reference.as_str(), notice.fee), ("CK5REALONE", taka("5")), "{note}");
    assert!(notice.warnings.contains(&Warning::NoteImitatesWallet), "{note}");
}

#[test]
fn a_note_of_money_sent_changes_nothing_else() {
    let head = "Send Money Tk 10.00 to 01711000001 successful. Ref ";
    let tail = ". Fee Tk 5.00. Balance Tk 110.00. TrxID CK5REALONE at 05/11/2025 14:07";
    for note in [
        "TrxID CK5FAKE000 at 05/11/2025 14:07",
        "x. Fee Tk 0.00. Balance Tk 99,999.00. TrxID CK5FAKE000 at 05/11/2025 14:07.",
        "x\nSend Money Tk 99,999.00 to 01899999999 successful. TrxID CK5FAKE000 at 05/11/2025 14:07\n",
        "You have received Tk 99,999.00 from 01899999999. TrxID CK5FAKE000",
    ] {
        check_sent_note("bKash", head, note, tail);
    }
    let head = "Send Money Successful.\nAmount: Tk 10.00\nReceiver: 01711000001\nRef: ";
    let tail = "\nTxnID: CK5REALONE\nFee: Tk 5.00\nBalance: Tk 110.00\n05/11/2025 14:07";
    for note in [
        "TxnID: 74FAKE00",
        "x\nTxnID: 74FAKE00\nFee: Tk 0.00\nBalance: Tk 99999.00\n05/11/2025 14:07",
        "Amount: Tk 99999.00 Receiver: 01899999999 Ref: a TxnID: 74FAKE00",
    ] {
        check_sent_note("NAGAD", head, note, tail);
    }
}

#[test]
fn an_imitated_tail_of_money_sent_is_not_read_when_the_wallet_changes_its_own() {
    let head = "Send Money Tk 10.00 to 01711000001 successful. Ref x. Fee Tk 0.00. Balance Tk 9.00. TrxID CK5FAKE000 at 05/11/2025 14:07";
    for new_tail in [
        ". Fee Tk 5.00. Balance Tk 110.00. Trx Number CK5REALONE on 05-11-2025",
        ". Charge Tk 5.00. Balance Tk 110.00 (CK5REALONE)",
    ] {
        assert!(is_only_outgoing("bKash", &format!("{head}{new_tail}")), "{new_tail}");
    }
}

#[test]
fn only_money_to_a_persons_number_is_read_as_sent() {
    let tail = "successful. Fee Tk 5.00. Balance Tk 110.00. TrxID CK5REALONE at 05/11/2025 14:07";
    let to = |payee: &str| format!("Send Money Tk 10.00 to {payee} {tail}");
    for (payee, expect) in [
        ("01711000001", "01711000001"),
        ("8801711000001", "01711000001"),
        ("+8801711000001", "01711000001"),
        ("***001", "***001"),
        ("017XXXXXX01", "017XXXXXX01"),
    ] {
        assert_eq!(sent("bKash", &to(payee)).payee.as_deref(), Some(expect));
    }
    for payee in [
        "TEST SHOP",
        "TEST SHOP (01711000001)",
        "16247",
        "0171100000",
        "017110000019",
        "20501234567",
        "***",
        "*********01",
        "01711000001 Ref 01899999999",
    ] {
        assert!(is_only_outgoing("bKash", &to(payee)), "{payee}");
    }
    for other in ["Payment", "Cash Out", "B2B Transfer"] {
        assert!(is_only_outgoing("bKash", &format!("{other} Tk 10.00 to 01711000001 {tail}")));
    }
}

#[test]
fn garbage_in_a_sent_amount_is_never_read_as_an_amount() {
    for amount in ["1,,000.00", "1,00", "1.000,00", "1 000.00", "10.005", "-5.00", "0.00", ""] {
        let body = format!(
            "Send Money Tk {amount} to 01711000001 successful. Fee Tk 5.00. Balance Tk 110.00. TrxID CK5REALONE at 05/11/2025 14:07"
        );
        assert!(!matches!(reading("bKash", &body), Reading::Sent(_)), "{amount}");
    }
}

#[test]
fn a_note_that_imitates_money_sent_confirms_no_refund() {
    let fake = "Send Money Tk 99,999.00 to 01899999999 successful. Fee Tk 0.00. Balance Tk 9.00. TrxID CK5FAKE000 at 05/11/2025 14:07";
    check_note("bKash", BKASH_HEAD, fake, BKASH_TAIL);
    assert!(is_unread("bKash", &format!("01711000001 requests Tk 10.00. Note {fake}")));
    for sender in ["01711000001", "NAGAD", "bKash Ltd", "bΚash", ""] {
        assert!(!matches!(reading(sender, fake), Reading::Sent(_)), "{sender}");
    }
}

#[test]
fn a_reference_after_a_banks_name_is_not_taken_for_the_payer() {
    let tail = "Balance Tk. 110.00. TrxID 01K7C8ZDW1 at 12/10/2025 19:15.";
    let head = "Tk. 10.00 has been received from BRAC Bank";
    assert_eq!(receipt("upay", &format!("{head}. {tail}")).payer.as_deref(), Some("BRAC Bank"));
    assert!(is_unread("upay", &format!("{head}. Ref-Rahim Store. {tail}")));
}

#[test]
fn an_imitated_tail_is_not_read_when_the_wallet_changes_its_own() {
    let note = "x. Fee Tk 0.00. Balance Tk 9.00. TrxID CK5FAKE000 at 05/11/2025 14:07";
    for new_tail in [
        ". Fee Tk 0.00. Balance Tk 110.00. Trx Number CK5REALONE on 05-11-2025",
        ". Charge Tk 0.00. Balance Tk 110.00 (CK5REALONE)",
        ". Fee Tk 0.00. New Bal: 110.00. Ref no CK5REALONE",
    ] {
        assert!(is_unread("bKash", &format!("{BKASH_HEAD}{note}{new_tail}")), "{new_tail}");
    }
}

#[test]
fn a_payment_request_with_a_fake_message_in_it_is_not_read() {
    let fake = "Cash In Received. Amount: Tk 99999.00 Uddokta: 01899999999 TxnID: 74FAKE00 Balance: 99999.00 05/11/2025 14:07";
    for request in [
        format!("Money request of Tk 10.00 from 01711000001. Ref: {fake}"),
        format!("Request: {fake}"),
        format!("01711000001 sent you a note Ref {fake}"),
    ] {
        assert!(is_unread("NAGAD", &request), "{request}");
    }
    let money = "You have received Tk 99,999.00 from 01899999999. Fee Tk 0.00. Balance Tk 99,999.00. TrxID CK5FAKE000 at 05/11/2025 14:07";
    assert!(is_unread("bKash", &format!("01711000001 requests Tk 10.00. Note {money}")));
}

#[test]
fn the_wallet_is_known_by_its_sender_and_never_by_the_body() {
    let body = format!("{BKASH_HEAD}1{BKASH_TAIL}");
    for sender in ["01711000001", "NAGAD", "bKash Ltd", "info-bKash", "bΚash", ""] {
        assert!(is_unread(sender, &body), "{sender}");
    }
    let unknown = reading("01711000001", &body);
    assert_eq!(unknown, Reading::Unread { wallet: None, why: WhyUnread::UnknownSender });
}

#[test]
fn glued_fields_are_told_apart() {
    let body = "You have received payment Tk 55.00 from 01711000001.Ref a b.Fee Tk 0.00.Balance Tk 90.10.TrxID CK5AB12CD4 at 05/11/2025 14:07";
    let notice = receipt("bKash", body);
    assert_eq!((notice.balance, notice.reference.as_str()), (taka("90.10"), "CK5AB12CD4"));
    let joined = "Money Received.Amount: Tk 300.00Sender: 01811000004Ref: N/ATxnID: 74ABCDEFBalance: Tk 1250.4005/11/2025 14:07";
    let notice = receipt("NAGAD", joined);
    assert_eq!((Some(notice.amount), notice.balance), (taka("300"), taka("1250.40")));
    assert_eq!((notice.reference.as_str(), notice.note.as_deref()), ("74ABCDEF", None));
    assert!(notice.sent_at.is_some());
}

#[test]
fn missing_and_doubled_blanks_change_nothing() {
    let body = "You have received Tk  107.07 from 01711000001.Fee Tk0.00.  Balance Tk 1,00,107.07. TrxID  CK5AB12CD4 at 05/11/2025  14:07";
    let notice = receipt("bKash", body);
    assert_eq!((Some(notice.amount), notice.balance), (taka("107.07"), taka("100107.07")));
}

#[test]
fn garbage_in_an_amount_is_unread_and_never_a_part_of_it() {
    for amount in
        ["1,,000.00", "1,00", "1.000,00", "1 000.00", "10.005", "-5.00", "0.00", "1e3", ""]
    {
        let body = format!(
            "You have received Tk {amount} from 01711000001. Fee Tk 0.00. Balance Tk 110.00. TrxID CK5REALONE at 05/11/2025 14:07"
        );
        assert!(is_unread("bKash", &body), "{amount}");
        let at_the_end =
            format!("Your account 5912*****1613 has been credited through NPSB for BDT {amount}");
        assert!(is_unread("SONALI BANK", &at_the_end) || amount == "1 000.00", "{amount}");
    }
}

#[test]
fn an_ambiguous_sum_without_zero_is_not_guessed() {
    let body = "Tk.50 received from A/C:***946 Ref No: NA Fee: Tk.00 NetBal: Tk91.00 TxnId: 6017000001 Date:27-DEC-25 07:17:16 pm.";
    assert!(is_unread("16216", body));
}

#[test]
fn look_alike_letters_never_match() {
    for id in [
        "CK5REAL\u{39f}NE",
        "CK5REALON\u{415}",
        "CK5REALON\u{200b}E",
        "CK5\u{212a}EALONE",
        "ＣＫ５REALONE",
    ] {
        let body = format!(
            "You have received Tk 10.00 from 01711000001. Fee Tk 0.00. Balance Tk 110.00. TrxID {id} at 05/11/2025 14:07"
        );
        assert!(is_unread("bKash", &body), "{id}");
        let last = format!("Received Tk 200.00 from 01711000001. Balance Tk. 350.00. TxID: {id}");
        assert!(is_unread("tap", &last), "{id}");
    }
}

#[test]
fn cashback_and_outgoing_are_no_payments_but_continue_the_chain() {
    let body = "Congratulations! You have received Cashback Tk 20.00. Balance Tk 632.40. TrxID CK5AB12CD8 at 05/11/2025 14:07";
    let Reading::NotMoney { why, balance, .. } = reading("bKash", body) else { panic!() };
    assert_eq!((why, balance), (WhyNotMoney::Cashback, taka("632.40")));
}

#[test]
fn a_trxid_that_spells_a_balance_is_not_one() {
    let sent_body = "Send Money Tk 10.00 to 01711000001 successful. Fee Tk 5.00. Balance Tk 90.00. TrxID CK5ABAL777 at 05/11/2025 14:07";
    assert_eq!(sent("bKash", sent_body).balance, taka("90"));
    let body = "B2B Transfer Tk 10.00 to 01711000001 successful. Fee Tk 5.00. Balance Tk 90.00. TrxID CK5ABAL777 at 05/11/2025 14:07";
    let Reading::NotMoney { balance, .. } = reading("bKash", body) else { panic!() };
    assert_eq!(balance, taka("90"));
}

#[test]
fn a_glued_date_does_not_become_part_of_an_outgoing_balance() {
    let body = "Payment to 'X' is Successful.Amount: Tk 50.00TxnID: 74ABCDEMBalance: Tk 2014205/11/2025 14:07";
    let Reading::NotMoney { balance, .. } = reading("NAGAD", body) else { panic!() };
    assert_eq!(balance, None);
}

#[test]
fn a_reference_about_cashback_or_codes_hides_no_payment() {
    for note in ["cashback", "OTP 1234", "Send Money Tk 1.00 to", "Payment of Tk 5.00 to"] {
        let notice = receipt("bKash", &format!("{BKASH_HEAD}{note}{BKASH_TAIL}"));
        assert_eq!(notice.reference, "CK5REALONE");
    }
}

#[test]
fn an_incoming_payment_in_a_new_wording_is_never_taken_for_advertising() {
    assert!(is_unread("bKash", "Tk 50.00 credited to you, enjoy this offer"));
    assert!(is_unread("NAGAD", "New! Tk 50 TxnID 74ABCDEF bonus code"));
}

#[test]
fn advertising_after_the_message_changes_nothing() {
    let body = format!("{BKASH_HEAD}1{BKASH_TAIL}. Get Tk 50 cashback! https://bka.sh/x");
    assert_eq!(receipt("bKash", &body).reference, "CK5REALONE");
}

#[test]
fn a_body_longer_than_any_sms_is_unread() {
    let body = format!("{BKASH_HEAD}{}{BKASH_TAIL}", "x".repeat(2000));
    assert!(matches!(
        reading("bKash", &body),
        Reading::Unread { wallet: Some(_), why: WhyUnread::TooLong }
    ));
}

#[test]
fn the_same_bank_message_has_one_reference_however_it_is_spaced() {
    let one =
        receipt("BRAC BANK", "TK 2,020.00 has been credited to your A/C# 10609**0001 on 22-08-26.");
    let other = receipt(
        "BRACBANK",
        "TK 2,020.00  has been credited to\r\nyour A/C# 10609**0001 on 22-08-26. ",
    );
    assert!(one.reference_is_derived);
    assert_eq!(one.reference, other.reference);
}

#[test]
fn an_impossible_date_is_odd() {
    let body = "You have received Tk 10.00 from 01711000001. Fee Tk 0.00. Balance Tk 110.00. TrxID CK5REALONE at 31/02/2025 14:07";
    let notice = receipt("bKash", body);
    assert_eq!(notice.sent_at, None);
    let (confidence, warnings) = assess(&notice, ChainState::default(), Timestamp::default());
    assert_eq!((confidence, warnings), (Confidence::Medium, vec![Warning::ImpossibleDate]));
}

#[test]
fn an_agent_or_a_bank_is_not_paid_back() {
    let own = "You have received Tk 500.00 from 01611000003. Fee Tk 0.00. Balance Tk 612.40. TrxID CK5AB12CD5 at 05/11/2025 14:07";
    assert_eq!(receipt("bKash", own).refund_to.as_deref(), Some("01611000003"));
    for (sender, body) in [
        (
            "bKash",
            "Cash In Tk 500.00 from 01611000003 successful. Fee Tk 0.00. Balance Tk 612.40. TrxID CK5AB12CD5 at 05/11/2025 14:07",
        ),
        (
            "bKash",
            "You have received deposit from iBanking of Tk 10,000.00 from BRAC Bank Ltd. Fee Tk 0.00. Balance Tk 10,612.40. TrxID CK5AB12CD6 at 05/11/2025 14:07",
        ),
        (
            "NAGAD",
            "Cash In Received. Amount: Tk 500.00 Uddokta: 01611000003 TxnID: 74ABCDEF Balance: 612.40 05/11/2025 14:07",
        ),
    ] {
        let notice = receipt(sender, body);
        assert!(notice.payer.is_some(), "shown to a person: {body}");
        assert_eq!(notice.refund_to, None, "{body}");
    }
}
