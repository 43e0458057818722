//! Phones that forward the messages of a merchant's wallets, and what becomes of a message.

pub mod legacy;
pub mod native;
mod reading;
mod redact;

use torana_domain::debit::{Debit, ToldBy};
use torana_domain::receipt::{Confidence, ReceiptKey};
use torana_domain::{AccountId, BrandId, Currency, DeviceId, Money, PaymentId, Timestamp};
use torana_rails::upi::{self, BankAccount};
use torana_rails::wallet::{self, SentNotice, WhyNotMoney};
use torana_store::{Hints, InsertedMessage, Lane, MessageRow, ReceiptOutcome, StoreError, Tx};

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::brands::Brand;
use crate::clock;
use crate::rails;
use reading::Reading;

/// Longest sender that is kept, in characters.
const SENDER_CHARS: usize = 64;
/// Longest body that is kept, in characters: a dozen joined SMS. Real ones have a few hundred.
const BODY_CHARS: usize = 4_000;

/// A message as a phone heard it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The phone, where one is known; none when a person pasted it.
    pub device: Option<DeviceId>,
    /// The phone's own number of the message; a repeat of it changes nothing.
    pub seq: Option<i64>,
    /// The SIM slot on which it came.
    pub sim: Option<i32>,
    /// The originating address.
    pub sender: String,
    /// The text.
    pub body: String,
    /// When the phone heard it, by the phone's clock.
    pub heard_at: Timestamp,
    /// Whether it came from another handset than the key is bound to: kept, but only a person may believe it.
    pub other_handset: bool,
}

/// What became of a message. It is stored in every case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was kept before.
    Repeat,
    /// It says that money arrived; the payment that it paid, if it paid one.
    Receipt {
        /// The payment.
        paid: Option<PaymentId>,
    },
    /// It says that money left; the payment whose refund it confirmed, if it confirmed one.
    Debit {
        /// The payment.
        refunded: Option<PaymentId>,
    },
    /// It is not about money that arrived or left, or cannot be read: a person can see it in the inbox.
    Other,
}

/// Keeps a message, reads it, and lets the receipt in it pay whatever it pays. One transaction.
pub async fn keep(app: &App, brand: &Brand, heard: Heard) -> Result<Kept, StoreError> {
    let reading = reading::read(&heard);
    let account = reading.account(brand, &heard);
    let bank = account.map(rails::upi::bank_account).unwrap_or_default();
    let account = account.map(|account| account.id);
    let judgement = Judgement {
        reading,
        account,
        bank,
        strict_balance: brand.settings.strict_balance,
        unique_amounts: brand.settings.unique_amounts,
        other_handset: heard.other_handset,
    };
    let (brand_id, now) = (brand.id(), brand.now());
    let seen_at = clock::now();
    let write = move |tx: &mut Tx<'_>| {
        if let Some(device) = heard.device {
            tx.touch_device(brand_id, device, seen_at, None)?;
        }
        keep_in(tx, brand_id, &heard, &judgement, now)
    };
    let kept = app.store.write(Lane::Brand(brand_id), write).await?;
    if kept != Kept::Repeat {
        metrics::counter!("torana_messages_total").increment(1);
    }
    app.callbacks_due.notify_one();
    Ok(kept)
}

/// Messages of phones that may wait in memory while the store is away.
pub const KEPT_LATER: usize = 1_000;
/// How long they are tried, and how often.
const KEEP_TRYING: Duration = Duration::from_secs(15 * 60);
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// [`keep`] for a phone that throws its message away whatever it is answered: where the store is away for the moment, the
/// message is tried again for a quarter of an hour after the answer. Only the end of this process loses it then.
pub async fn keep_stubbornly(
    app: App,
    brand: Arc<Brand>,
    heard: Heard,
) -> Result<Kept, StoreError> {
    let first = keep(&app, &brand, heard.clone()).await;
    if !first.as_ref().is_err_and(StoreError::is_transient) {
        return first;
    }
    let Ok(place) = Arc::clone(&app.kept_later).try_acquire_owned() else { return first };
    tokio::spawn(async move {
        let _place = place;
        let deadline = tokio::time::Instant::now() + KEEP_TRYING;
        loop {
            tokio::time::sleep(TRY_AGAIN).await;
            match keep(&app, &brand, heard.clone()).await {
                Err(error) if error.is_transient() && tokio::time::Instant::now() < deadline => {}
                Err(error) => {
                    tracing::error!(%error, brand = %brand.id(), "a phone's message is lost");
                    return;
                }
                Ok(_) => {
                    tracing::info!(brand = %brand.id(), "a phone's message is kept after all");
                    return;
                }
            }
        }
    });
    first
}

/// What a message is read and judged by, beside its own words.
struct Judgement {
    reading: Reading,
    account: Option<AccountId>,
    bank: BankAccount,
    strict_balance: bool,
    unique_amounts: bool,
    other_handset: bool,
}

fn keep_in(
    tx: &mut Tx<'_>,
    brand: BrandId,
    heard: &Heard,
    judgement: &Judgement,
    now: Timestamp,
) -> Result<Kept, StoreError> {
    let reading = &judgement.reading;
    let mut row = row_of(brand, heard, now);
    row.method = reading.method().map(str::to_owned);
    let mut found = None;
    match (reading.arrival(), judgement.account) {
        _ if judgement.other_handset => {
            row.method = None;
            row.why = Some("other_handset".into());
        }
        (Some(arrival), Some(account)) => {
            let key = arrival.key();
            let conflict = arrival.conflict_with(tx.receipt(brand, &key)?.as_ref());
            row.why = conflict.map(str::to_owned);
            if conflict.is_none() {
                row.reading = "receipt".into();
                row.balance_minor = arrival.balance().map(Money::minor);
                row.receipt = Some(key);
                found = Some((arrival, account));
            }
        }
        (Some(_), None) => row.why = Some("no_account".into()),
        (None, account) => describe(tx, &mut row, reading, account)?,
    }
    let carries_on = carries_on(tx, &row, judgement)?;
    row.body = redact::codes(&row.body, reading);
    if tx.insert_message(&row)? == InsertedMessage::Duplicate {
        return Ok(Kept::Repeat);
    }
    let Some((arrival, account)) = found else {
        return keep_other(tx, &row, judgement, carries_on, now);
    };
    let account = reading::Account {
        id: account,
        bank: judgement.bank.clone(),
        last_balance: tx.last_balance(brand, account)?,
        strict_balance: judgement.strict_balance,
    };
    let receipt = arrival.receipt(&account, heard, now);
    let by_amount = judgement.unique_amounts && arrival.may_be_told_by_amount();
    let hints = Hints { names: arrival.names(), by_amount };
    match tx.record_receipt(brand, &receipt, hints, now)? {
        ReceiptOutcome::Duplicate => Ok(Kept::Receipt { paid: None }),
        ReceiptOutcome::New { paid } => {
            // A message that is believed too little does not move the balance by which the next one is judged.
            let is_believed = receipt.confidence != Confidence::Low;
            if let (Some(balance), true) = (row.balance_minor, is_believed) {
                tx.set_last_balance(brand, account.id, balance)?;
            }
            Ok(Kept::Receipt { paid })
        }
    }
}

/// A message before it is known what it says.
fn row_of(brand: BrandId, heard: &Heard, now: Timestamp) -> MessageRow {
    MessageRow {
        brand,
        id: 0,
        device: heard.device,
        seq: heard.seq,
        sender: heard.sender.clone(),
        body: heard.body.clone(),
        heard_at: heard.heard_at,
        received_at: now,
        reading: "unread".into(),
        why: None,
        method: None,
        balance_minor: None,
        receipt: None,
        resolved: false,
    }
}

/// What is kept of a message about anything but money that came in.
fn describe(
    tx: &Tx<'_>,
    row: &mut MessageRow,
    reading: &Reading,
    account: Option<AccountId>,
) -> Result<(), StoreError> {
    let (is_money, why, balance) = match reading {
        Reading::Wallet(wallet::Reading::Sent(notice)) => {
            let key = ReceiptKey::new(notice.wallet.slug(), &notice.reference);
            // Somebody who is believed said something else of this transfer: a person must see both.
            let contradicts = tx.debit(row.brand, &key)?.is_some_and(|told| {
                told.told_by != ToldBy::DoubtfulMessage
                    && (told.debit.amount != notice.amount || Some(told.debit.account) != account)
            });
            let why = if contradicts { "conflicting_debit" } else { WhyNotMoney::Outgoing.code() };
            (!contradicts, why, notice.balance)
        }
        Reading::Wallet(wallet::Reading::NotMoney { why, balance, .. }) => {
            (true, why.code(), *balance)
        }
        Reading::Wallet(wallet::Reading::Unread { why, .. }) => (false, why.code(), None),
        Reading::Upi(upi::Reading::NotMoney { why, .. }) => (true, why.code(), None),
        Reading::Upi(upi::Reading::Unread { why, .. }) => (false, why.code(), None),
        Reading::Wallet(wallet::Reading::Receipt(_)) | Reading::Upi(upi::Reading::Credit(_)) => {
            return Ok(());
        }
    };
    row.reading = if is_money { "not_money" } else { "unread" }.into();
    row.why = Some(why.into());
    row.balance_minor = balance.map(Money::minor);
    Ok(())
}

/// Whether the balance in a wallet's message about money that left goes on from the one before it.
fn carries_on(tx: &Tx<'_>, row: &MessageRow, judgement: &Judgement) -> Result<bool, StoreError> {
    let why = match &judgement.reading {
        Reading::Wallet(wallet::Reading::NotMoney { why, .. }) => *why,
        Reading::Wallet(wallet::Reading::Sent(_)) => WhyNotMoney::Outgoing,
        _ => return Ok(false),
    };
    let (Some(account), Some(balance)) = (judgement.account, row.balance_minor) else {
        return Ok(false);
    };
    let taka = |minor| Money::from_minor(minor, Currency::BDT);
    let last = tx.last_balance(row.brand, account)?;
    Ok(last.is_some_and(|last| wallet::continues_chain(&row.body, why, taka(last), taka(balance))))
}

/// What follows from a message that tells of no money that came in.
fn keep_other(
    tx: &mut Tx<'_>,
    row: &MessageRow,
    judgement: &Judgement,
    carries_on: bool,
    now: Timestamp,
) -> Result<Kept, StoreError> {
    let Some(account) = judgement.account else { return Ok(Kept::Other) };
    if let (true, Some(balance)) = (carries_on, row.balance_minor) {
        tx.set_last_balance(row.brand, account, balance)?;
    }
    match &judgement.reading {
        Reading::Wallet(wallet::Reading::Sent(notice)) if row.reading != "unread" => {
            let debit = debit_of(notice, account, now);
            let is_believed = is_believed(notice, judgement, carries_on);
            let refunded = tx.record_debit(row.brand, &debit, is_believed, now)?;
            Ok(Kept::Debit { refunded })
        }
        _ => Ok(Kept::Other),
    }
}

/// Whether a message about money that left may confirm a refund by itself; otherwise a person does it by hand. Where the
/// balance must carry on for money that arrives, it must for money that leaves.
fn is_believed(notice: &SentNotice, judgement: &Judgement, carries_on: bool) -> bool {
    !judgement.other_handset
        && notice.warnings.is_empty()
        && (carries_on || !judgement.strict_balance)
}

fn debit_of(notice: &SentNotice, account: AccountId, now: Timestamp) -> Debit {
    Debit {
        key: ReceiptKey::new(notice.wallet.slug(), &notice.reference),
        account,
        amount: notice.amount,
        fee: notice.fee,
        payee: notice.payee.clone(),
        sent_at: notice.sent_at,
        heard_at: now,
    }
}
