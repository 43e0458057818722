//! How each bank writes of money that came in by UPI or IMPS. The first wording that matches counts.

use super::Bank;
use super::wording::Wording;

const fn of(bank: Bank, text: &'static str) -> Wording {
    Wording { bank: Some(bank), text }
}

const fn common(text: &'static str) -> Wording {
    Wording { bank: None, text }
}

pub(super) const WORDINGS: &[Wording] = &[
    of(
        Bank::Hdfc,
        r"Credit Alert! {amount} credited to HDFC Bank A/c {account} on {date} from VPA {vpa} \(UPI {ref}\)",
    ),
    of(
        Bank::Hdfc,
        r"HDFC Bank: {amount} [is ]credited to [your ]a/c {account} on {date} by a/c linked to VPA {vpa} \(UPI Ref No {ref}\)",
    ),
    of(
        Bank::State,
        r"Dear [<SBI|UPI|SBI UPI> ]User, <your|ur> A/c {account}<-| >credited by {amount} on {date} transfer from {who} Ref No {ref}",
    ),
    of(
        Bank::State,
        r"Dear [<SBI|UPI|SBI UPI> ]User, <your|ur> A/c {account}<-| >credited by {amount} on {date} by {who} \(Ref no {ref}\)",
    ),
    of(
        Bank::Icici,
        "Dear Customer, <Acct|Account|A/c> {account} is credited with {amount} on {date} from {who}. UPI: {ref}-ICICI Bank",
    ),
    of(
        Bank::Axis,
        "{amount} credited A/c no. {account} {date}, {time} IST UPI/<P2A|P2M>/{ref}/{narration} Axis Bank",
    ),
    of(
        Bank::Axis,
        "{amount} credited to A/c no. {account} on {date} at {time} IST. Info- UPI/<P2A|P2M>/{ref}/{narration}. Avl Bal- {balance}",
    ),
    of(
        Bank::Axis,
        "{amount} credited to A/c no. {account} on {date} at {time} IST. Info- UPI/<P2A|P2M>/{ref}/{narration}",
    ),
    of(
        Bank::Kotak,
        "Received {amount} in your Kotak Bank AC {account} from {vpa} on {date}. UPI Ref: {ref}",
    ),
    of(
        Bank::PunjabNational,
        r"<Ac|A/c> {account} Credited with {amount} {date} {time} thru UPI . Aval Bal {balance} CR. \(UPI Ref ID: {ref}\)",
    ),
    of(
        Bank::Baroda,
        "Dear BOB UPI User: Your account is credited [with ]{amount} on [Date ]{date} {time} by UPI Ref No {ref}[; AvlBal: {balance}]",
    ),
    of(
        Bank::IndusInd,
        "A/C {account} credited by {amount} from {vpa}. RRN: {ref}[. Avl Bal: {balance}]",
    ),
    of(
        Bank::IndianOverseas,
        r"Your a/c no. {account} is credited by {amount} on {date}[ {hour}], from {named}\(UPI Ref no {ref}\). Payer Remark - {note} -IOB",
    ),
    of(
        Bank::Federal,
        "{amount} credited to your A/c {account} via <IMPS|UPI> on {date} {time} <IMPS|UPI> Ref no {ref}[ Bal: {balance}]",
    ),
    of(
        Bank::Bandhan,
        "{amount} deposited to A/c {account} towards UPI/CR/C{ref}/{narration}/u on {date} . Clear Bal is {balance}",
    ),
    of(
        Bank::Bandhan,
        "{amount} deposited to A/c {account} towards UPI/CR/C{ref}/{narration}/u on {date}",
    ),
    of(Bank::Airtel, "Airtel Payments Bank a/c is credited with {amount}. Txn ID: {ref}"),
    of(Bank::Uco, "A/c {account} Credited with {amount} on {date} by UCO-UPI[. Avl Bal {balance}]"),
    of(
        Bank::Idfc,
        "Your A/C {account} is credited by {amount} on {date} {time}. New Bal: {balance}",
    ),
    of(
        Bank::Equitas,
        "{amount} credited via UPI to Equitas A/c {account} -Ref: {ref} on {date} from {who}. Avl Bal is {balance}",
    ),
    of(
        Bank::Slice,
        r"{amount} received in slice A/c {account} from {who} via UPI \(Ref ID: {ref}\). Avl. Bal. {balance}",
    ),
    of(
        Bank::Slice,
        r"{amount} received in slice A/c {account} from {who} via UPI \(Ref ID: {ref}\)",
    ),
    of(
        Bank::Jana,
        "Dear Customer, Your acct {account} is credited with {amount} on {date} from {who}. UPI Ref no {ref}",
    ),
    of(
        Bank::PunjabSind,
        r"[{code} ]A/c No {account} Credited with {amount}--UPI/CR/{ref}/{narration} \(CLR BAL {balance}CR\)\({date} {time}\)-Punjab&Sind Bank",
    ),
    of(
        Bank::Dhanlaxmi,
        r#"{amount} is credited to A/c {account} on {date} - "UPI TXN: /{ref}-{narration}". Aval Bal is {balance}"#,
    ),
    of(
        Bank::KeralaGramin,
        "Dear Customer, Account {account} is credited with {amount} on {date} {time} from {who}. UPI Ref. no. {ref}-Kerala Gramin Bank",
    ),
    common(
        r"{amount} [is ]credited to [your ]a/c [no. ]{account} on {date} by a/c linked to VPA {vpa} \(UPI Ref no {ref}\)",
    ),
    common(
        r"Your a/c [no. ]{account} is credited <for|by|with> {amount} on {date} by a/c linked to VPA {vpa} \(UPI Ref no {ref}\)",
    ),
    common(
        r"Your a/c [no. ]{account} is credited for {amount} on {date}[ {time}] and debited from a/c no. {other} \(UPI Ref no {ref}\)",
    ),
];
