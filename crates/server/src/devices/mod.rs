//! Phones that forward the messages of a merchant's wallets, and what becomes of a message.

pub mod legacy;
pub mod native;
mod redact;

use torana_domain::debit::{Debit, ToldBy};
use torana_domain::receipt::{Confidence, Receipt, ReceiptKey, ReceiptState};
use torana_domain::{AccountId, BrandId, Currency, DeviceId, Money, PaymentId, Timestamp};
use torana_rails::wallet::{
    self, ChainState, Message, Notice, Reading, SentNotice, Warning, WhyNotMoney,
};
use torana_store::{AccountRow, InsertedMessage, Lane, MessageRow, ReceiptOutcome, StoreError, Tx};

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::brands::Brand;
use crate::clock;

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
    let message = Message { sender: &heard.sender, body: &heard.body, heard_at: heard.heard_at };
    let reading = wallet::read(&message);
    let account = account_of(brand, &reading, &heard);
    let judgement = Judgement {
        reading,
        account,
        strict_balance: brand.settings.strict_balance,
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
    strict_balance: bool,
    other_handset: bool,
}

fn keep_in(
    tx: &mut Tx<'_>,
    brand: BrandId,
    heard: &Heard,
    judgement: &Judgement,
    now: Timestamp,
) -> Result<Kept, StoreError> {
    let Judgement { reading, account, .. } = judgement;
    let mut row = MessageRow {
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
    };
    let mut found = None;
    match (reading, *account) {
        _ if judgement.other_handset => row.why = Some("other_handset".into()),
        (Reading::Receipt(notice), Some(account)) => {
            row.method = Some(notice.wallet.slug().into());
            let key = ReceiptKey::new(notice.wallet.slug(), &notice.reference);
            row.why = conflict_with(tx.receipt(brand, &key)?.as_ref(), notice);
            if row.why.is_none() {
                row.reading = "receipt".into();
                row.balance_minor = notice.balance.map(|balance| balance.minor());
                row.receipt = Some(key.clone());
                found = Some((notice, account, key));
            }
        }
        (Reading::Receipt(notice), None) => {
            row.method = Some(notice.wallet.slug().into());
            row.why = Some("no_account".into());
        }
        (Reading::Sent(notice), _) => {
            row.method = Some(notice.wallet.slug().into());
            row.balance_minor = notice.balance.map(|balance| balance.minor());
            let key = ReceiptKey::new(notice.wallet.slug(), &notice.reference);
            // Somebody who is believed said something else of this transfer: a person must see both.
            let contradicts = tx.debit(brand, &key)?.is_some_and(|told| {
                told.told_by != ToldBy::DoubtfulMessage
                    && (told.debit.amount != notice.amount || Some(told.debit.account) != *account)
            });
            if contradicts {
                row.why = Some("conflicting_debit".into());
            } else {
                row.reading = "not_money".into();
                row.why = Some(WhyNotMoney::Outgoing.code().into());
            }
        }
        (Reading::NotMoney { wallet, why, balance, .. }, _) => {
            row.reading = "not_money".into();
            row.method = Some(wallet.slug().into());
            row.why = Some(why.code().into());
            row.balance_minor = balance.map(|balance| balance.minor());
        }
        (Reading::Unread { wallet, why }, _) => {
            row.method = wallet.map(|wallet| wallet.slug().into());
            row.why = Some(why.code().into());
        }
    }
    let moved = match reading {
        Reading::NotMoney { why, .. } => Some(*why),
        Reading::Sent(_) => Some(WhyNotMoney::Outgoing),
        Reading::Receipt(_) | Reading::Unread { .. } => None,
    };
    let carries_on = match (moved, *account, row.balance_minor) {
        (Some(why), Some(account), Some(balance)) => {
            let last = tx.last_balance(brand, account)?;
            let taka = |minor| Money::from_minor(minor, Currency::BDT);
            last.is_some_and(|last| {
                wallet::continues_chain(&row.body, why, taka(last), taka(balance))
            })
        }
        _ => false,
    };
    row.body = redact::codes(&row.body, reading);
    if tx.insert_message(&row)? == InsertedMessage::Duplicate {
        return Ok(Kept::Repeat);
    }
    let Some((notice, account, key)) = found else {
        if let (true, Some(account), Some(balance)) = (carries_on, *account, row.balance_minor) {
            tx.set_last_balance(brand, account, balance)?;
        }
        return match (reading, *account) {
            (Reading::Sent(notice), Some(account)) if row.reading != "unread" => {
                let debit = debit_of(notice, account, now);
                let is_believed = is_believed(notice, judgement, carries_on);
                let refunded = tx.record_debit(brand, &debit, is_believed, now)?;
                Ok(Kept::Debit { refunded })
            }
            _ => Ok(Kept::Other),
        };
    };
    let last = tx.last_balance(brand, account)?;
    let currency = notice.amount.currency();
    let chain = ChainState { last_balance: last.map(|minor| Money::from_minor(minor, currency)) };
    let (mut confidence, warnings) = wallet::assess(notice, chain, heard.heard_at);
    let off_the_chain = [Warning::BalanceGap, Warning::BalanceMissing, Warning::UnreadableBalance];
    if judgement.strict_balance && warnings.iter().any(|w| off_the_chain.contains(w)) {
        confidence = Confidence::Low;
    }
    let receipt = Receipt {
        key,
        account,
        amount: notice.amount,
        payer: notice.payer.clone(),
        refund_to: notice.refund_to.clone(),
        at: notice.sent_at.unwrap_or(now),
        heard_at: now,
        confidence,
        warnings: warnings.iter().map(|warning| warning.code().to_owned()).collect(),
        state: ReceiptState::Open { problem: None, suggested: None },
    };
    match tx.record_receipt(brand, &receipt, now)? {
        ReceiptOutcome::Duplicate => Ok(Kept::Receipt { paid: None }),
        ReceiptOutcome::New { paid } => {
            // A message that is believed too little does not move the balance by which the next one is judged.
            if let (Some(balance), true) = (row.balance_minor, confidence != Confidence::Low) {
                tx.set_last_balance(brand, account, balance)?;
            }
            Ok(Kept::Receipt { paid })
        }
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

/// Why a message whose reference is known already is not just the same message again: a person must see it.
fn conflict_with(known: Option<&Receipt>, notice: &Notice) -> Option<String> {
    let known = known?;
    if notice.reference_is_derived {
        return Some("possible_second_deposit".into());
    }
    let same = known.amount == notice.amount
        && known.payer == notice.payer
        && notice.sent_at.is_none_or(|sent_at| sent_at == known.at);
    (!same).then(|| "conflicting_receipt".into())
}

/// The account that the message is about: the one bound to this phone and SIM, else to this phone, else of the
/// kind that the wording speaks of, else the brand's first of that wallet.
fn account_of(brand: &Brand, reading: &Reading, heard: &Heard) -> Option<AccountId> {
    let wallet = match reading {
        Reading::Receipt(notice) => notice.wallet,
        Reading::Sent(notice) => notice.wallet,
        Reading::NotMoney { wallet, .. } => *wallet,
        Reading::Unread { .. } => return None,
    };
    let kind = match reading {
        Reading::Receipt(notice) => Some(notice.kind.code()),
        _ => None,
    };
    let fits = |account: &&AccountRow| {
        let by_device = account.device.is_some() && account.device == heard.device;
        let by_sim = account.sim.is_some() && account.sim == heard.sim;
        let by_kind = kind.is_some_and(|kind| account.kind == kind);
        (by_device && by_sim, by_device, by_kind, account.enabled)
    };
    brand
        .accounts
        .iter()
        .filter(|account| account.method == wallet.slug())
        .rev()
        .max_by_key(fits)
        .map(|account| account.id)
}
