//! The simulated phone and the reader agree: what a wallet says of a transfer is read as that transfer.

// Helpers outside of test functions may panic too: clippy knows only the functions.
#![allow(clippy::panic)]

use proptest::prelude::*;
use torana_domain::receipt::Confidence;
use torana_domain::{Currency, Money, Timestamp};
use torana_rails::wallet::simulator::{self, Transfer, kinds};
use torana_rails::wallet::{
    Category, ChainState, Kind, Message, Notice, Reading, Wallet, Warning, WhyNotMoney, assess,
    continues_chain, read,
};

/// 2023-01-01 and 2048-12-01: between them bKash's TrxIDs have a letter for the year.
const YEARS_MS: std::ops::Range<i64> = 1_672_531_200_000..2_490_912_000_000;

fn money(paisa: i64) -> Money {
    Money::from_minor(paisa, Currency::BDT)
}

/// Texts that payers write: anything, and pieces of the wallets' own words.
fn note() -> impl Strategy<Value = Option<String>> {
    let piece = prop_oneof![
        Just("TrxID CK5FAKE000 at 05/11/2025 14:07 "),
        Just("\nTxnID: 74FAKE00\nBalance: Tk 9.00\n05/11/2025 14:07\n"),
        Just(". Fee Tk 0.00. "),
        Just("Balance Tk 99,999.00. "),
        Just("NetBal: Tk1.00 TxnId: 6000000000 Date:27-DEC-25 07:17:16 pm. "),
        Just("Ref "),
        Just("Tk 5.00 "),
        Just("Trx"),
        Just("ID"),
        Just("৫,"),
        Just(" "),
    ];
    prop_oneof![
        Just(None),
        "\\PC{0,40}".prop_map(Some),
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| Some(pieces.concat())),
    ]
}

prop_compose! {
    fn transfer()(
        wallet in proptest::sample::select(Wallet::ALL.to_vec()),
        kind in proptest::sample::select(Kind::ALL.to_vec()),
        paisa in prop_oneof![1_i64..=1_000, 1_i64..=100_000_000],
        before in 0_i64..=100_000_000,
        payer in "01[3-9][0-9]{8}",
        reference_text in note(),
        at in YEARS_MS,
        random: u64,
    ) -> Transfer {
        let (amount, balance_after) = (money(paisa), money(before + paisa));
        let at = Timestamp::from_ms(at);
        Transfer { wallet, kind, amount, payer, balance_after, reference_text, at, random }
    }
}

fn notice(message: &simulator::SimulatedMessage, heard_at: Timestamp) -> Notice {
    match read(&Message { sender: &message.sender, body: &message.body, heard_at }) {
        Reading::Receipt(notice) => notice,
        other => panic!("{other:?} for {}", message.body),
    }
}

/// What the wallet's text says of the payer: some mask the number, some name a bank, some nobody.
fn stated_payer(wallet: Wallet, kind: Kind, payer: &str) -> Option<String> {
    match (wallet, kind) {
        (Wallet::Rocket, _) => Some(format!("***{}", &payer[8..])),
        (Wallet::TallyPay, _) => Some(format!("{}***{}", &payer[..3], &payer[7..])),
        (Wallet::Bank | Wallet::SureCash, _) => None,
        (_, Kind::Deposit) => Some("BRAC Bank".to_owned()),
        _ => Some(payer.to_owned()),
    }
}

fn states_balance(wallet: Wallet) -> bool {
    !matches!(wallet, Wallet::Cellfin | Wallet::SureCash | Wallet::TallyPay)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_simulated_is_read_exactly(transfer in transfer(), delay_ms in 0_i64..600_000) {
        let message = simulator::incoming(&transfer).unwrap();
        let heard_at = transfer.at.plus_ms(delay_ms);
        let notice = notice(&message, heard_at);
        let Transfer { wallet, amount, balance_after, .. } = transfer;
        prop_assert_eq!(notice.wallet, wallet);
        prop_assert_eq!(notice.kind, message.kind);
        prop_assert_eq!(notice.amount, amount);
        prop_assert_eq!(&notice.reference, &message.reference);
        prop_assert_eq!(notice.balance, states_balance(wallet).then_some(balance_after));
        prop_assert_eq!(&notice.payer, &stated_payer(wallet, message.kind, &transfer.payer));

        let before = balance_after.checked_sub(amount).unwrap();
        let chain = ChainState { last_balance: states_balance(wallet).then_some(before) };
        let (confidence, warnings) = assess(&notice, chain, heard_at);
        let innocent = |warning: &Warning| {
            matches!(warning, Warning::NoteImitatesWallet | Warning::DerivedReference)
        };
        prop_assert!(warnings.iter().all(innocent), "{:?} {}", warnings, message.body);
        let expect = if warnings.is_empty() { Confidence::High } else { Confidence::Medium };
        prop_assert_eq!(confidence, expect);
        let is_plain = transfer.reference_text.is_none() && wallet.category() != Category::Bank;
        prop_assert!(!is_plain || confidence == Confidence::High);
    }

    #[test]
    fn a_simulation_depends_on_nothing_but_its_transfer(transfer in transfer()) {
        prop_assert_eq!(simulator::incoming(&transfer), simulator::incoming(&transfer));
    }

    #[test]
    fn what_is_forged_is_never_believed_where_it_can_be_checked(mut transfer in transfer()) {
        transfer.reference_text = None;
        let message = simulator::forged(&transfer).unwrap();
        let notice = notice(&message, transfer.at);
        let (confidence, _) = assess(&notice, ChainState::default(), transfer.at);
        let is_checkable =
            matches!(transfer.wallet, Wallet::Bkash | Wallet::Nagad | Wallet::Rocket | Wallet::Upay);
        prop_assert!(confidence < Confidence::High);
        prop_assert!(!is_checkable || confidence == Confidence::Low);
    }

    #[test]
    fn what_is_simulated_as_sent_is_read_exactly(transfer in transfer()) {
        let Transfer { wallet, kind, amount, balance_after, .. } = transfer;
        let message = simulator::outgoing(&transfer);
        prop_assert_eq!(message.is_some(), can_send(wallet, kind));
        if let Some(message) = message {
            let (sender, body) = (&message.sender, &message.body);
            let reading = read(&Message { sender, body, heard_at: transfer.at });
            let Reading::Sent(notice) = reading else { panic!("{reading:?} for {body}") };
            let states_fee = message.kind == Kind::Personal || wallet == Wallet::Bkash;
            let payee = stated_payer(wallet, message.kind, &transfer.payer);
            prop_assert_eq!((notice.wallet, notice.amount), (wallet, amount));
            prop_assert_eq!(&notice.reference, &message.reference);
            prop_assert_eq!(&notice.payee, &payee);
            prop_assert_eq!(notice.balance, Some(balance_after));
            prop_assert_eq!(notice.fee, states_fee.then(|| money(0)));
            let innocent = |warning: &Warning| *warning == Warning::NoteImitatesWallet;
            prop_assert!(notice.warnings.iter().all(innocent), "{:?} {}", notice.warnings, body);

            let before = balance_after.checked_add(amount).unwrap();
            prop_assert!(continues_chain(body, WhyNotMoney::Outgoing, before, balance_after));
        }
    }

    #[test]
    fn what_is_given_pays_nothing(transfer in transfer()) {
        if let Some(message) = simulator::cashback(&transfer) {
            let (sender, body) = (&message.sender, &message.body);
            let reading = read(&Message { sender, body, heard_at: transfer.at });
            let expect = Reading::NotMoney {
                wallet: transfer.wallet,
                bank: None,
                why: WhyNotMoney::Cashback,
                balance: Some(transfer.balance_after),
            };
            prop_assert_eq!(reading, expect);
        }
    }
}

/// Of which accounts the wording of money sent is known.
fn can_send(wallet: Wallet, kind: Kind) -> bool {
    match wallet {
        Wallet::Bkash | Wallet::Nagad | Wallet::Rocket => true,
        Wallet::Upay => kind == Kind::Agent,
        _ => false,
    }
}

fn sender() -> impl Strategy<Value = String> {
    let known = ["bkash", "nagad", "16216", "upay", "tap", "ibbl .", "16269", "mcash", "pathaopay"];
    let more = ["ipay", "16495", "tallypay", "citybank", "brac bank", "trust bank"];
    let known: Vec<&str> = known.into_iter().chain(more).collect();
    prop_oneof![proptest::sample::select(known).prop_map(str::to_owned), ".*"]
}

proptest! {
    #[test]
    fn no_text_panics(sender in sender(), body in "(?s).{0,300}") {
        let _ = read(&Message { sender: &sender, body: &body, heard_at: Timestamp::default() });
    }

    /// Genuine messages with a piece cut out, doubled or replaced: read or unread, never a panic, and
    /// never another amount than one that stands in the text.
    #[test]
    fn no_damaged_message_panics(
        transfer in transfer(),
        cut in 0_usize..300,
        length in 0_usize..40,
        patch in "\\PC{0,10}",
        goes_out: bool,
    ) {
        let outgoing = simulator::outgoing(&transfer).filter(|_| goes_out);
        let message = outgoing.or_else(|| simulator::incoming(&transfer)).unwrap();
        let chars: Vec<char> = message.body.chars().collect();
        let start: String = chars.iter().take(cut).collect();
        let end: String = chars.iter().skip(cut + length).collect();
        let body = format!("{start}{patch}{end}");
        let reading = read(&Message { sender: &message.sender, body: &body, heard_at: transfer.at });
        match reading {
            Reading::Receipt(notice) => {
                let _ = assess(&notice, ChainState::default(), transfer.at);
                prop_assert!(notice.amount.is_positive());
            }
            Reading::Sent(notice) => prop_assert!(notice.amount.is_positive()),
            Reading::NotMoney { .. } | Reading::Unread { .. } => {}
        }
    }
}

#[test]
fn every_wallet_can_be_simulated_in_each_of_its_kinds() {
    for wallet in Wallet::ALL {
        assert!(!kinds(wallet).is_empty());
        for kind in kinds(wallet) {
            let transfer = Transfer {
                wallet,
                kind: *kind,
                amount: money(100_000_000),
                payer: "01711000001".to_owned(),
                balance_after: money(1_234_567_890),
                reference_text: None,
                at: Timestamp::from_s(1_762_322_820),
                random: 7,
            };
            let message = simulator::incoming(&transfer).unwrap();
            assert_eq!(message.kind, *kind, "{}", message.body);
            assert_eq!(notice(&message, transfer.at).amount, transfer.amount);
        }
    }
}
