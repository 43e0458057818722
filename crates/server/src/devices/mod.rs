//! Phones that forward the messages of a merchant's wallets, and what becomes of a message.

pub mod legacy;
pub mod native;

use torana_domain::receipt::{Confidence, Receipt, ReceiptKey, ReceiptState};
use torana_domain::{AccountId, BrandId, DeviceId, PaymentId, Timestamp};
use torana_rails::wallet::{self, ChainState, Message, Notice, Reading};
use torana_store::{AccountRow, InsertedMessage, MessageRow, ReceiptOutcome, StoreError, Tx};

use crate::app::App;
use crate::brands::Brand;

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
    /// It is not about money that arrived, or cannot be read: a person can see it in the inbox.
    Other,
}

/// Keeps a message, reads it, and lets the receipt in it pay whatever it pays. One transaction.
pub async fn keep(app: &App, brand: &Brand, heard: Heard) -> Result<Kept, StoreError> {
    let message = Message { sender: &heard.sender, body: &heard.body, heard_at: heard.heard_at };
    let reading = wallet::read(&message);
    let account = account_of(brand, &reading, &heard);
    let strict_balance = brand.settings.strict_balance;
    let (brand_id, now) = (brand.id(), brand.now());
    let kept = app
        .store
        .write(move |tx| keep_in(tx, brand_id, heard, reading, account, strict_balance, now))
        .await?;
    if kept != Kept::Repeat {
        metrics::counter!("torana_messages_total").increment(1);
    }
    app.callbacks_due.notify_one();
    Ok(kept)
}

fn keep_in(
    tx: &mut Tx<'_>,
    brand: BrandId,
    heard: Heard,
    reading: Reading,
    account: Option<AccountId>,
    strict_balance: bool,
    now: Timestamp,
) -> Result<Kept, StoreError> {
    let mut row = MessageRow {
        brand,
        id: 0,
        device: heard.device,
        seq: heard.seq,
        sender: heard.sender,
        body: heard.body,
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
    match (&reading, account) {
        (Reading::Receipt(notice), Some(account)) => {
            row.reading = "receipt".into();
            row.method = Some(notice.wallet.slug().into());
            row.balance_minor = notice.balance.map(|balance| balance.minor());
            let key = ReceiptKey::new(notice.wallet.slug(), &notice.reference);
            row.receipt = Some(key.clone());
            found = Some((notice, account, key));
        }
        (Reading::Receipt(notice), None) => {
            row.method = Some(notice.wallet.slug().into());
            row.why = Some("no_account".into());
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
    let balance = row.balance_minor;
    if tx.insert_message(&row)? == InsertedMessage::Duplicate {
        return Ok(Kept::Repeat);
    }
    let Some((notice, account, key)) = found else {
        if let (Some(account), Some(balance)) = (account, balance) {
            tx.set_last_balance(brand, account, balance)?;
        }
        return Ok(Kept::Other);
    };
    let receipt = receipt_of(tx, brand, notice, account, key, strict_balance, heard.heard_at, now)?;
    // A message that is believed too little does not move the balance by which the next one is judged.
    if let (Some(balance), true) = (balance, receipt.confidence != Confidence::Low) {
        tx.set_last_balance(brand, account, balance)?;
    }
    let paid = match tx.record_receipt(brand, receipt, now)? {
        ReceiptOutcome::New { paid } => paid,
        ReceiptOutcome::Duplicate => None,
    };
    Ok(Kept::Receipt { paid })
}

#[allow(clippy::too_many_arguments)] // Each is a fact of its own; a struct would only rename them.
fn receipt_of(
    tx: &Tx<'_>,
    brand: BrandId,
    notice: &Notice,
    account: AccountId,
    key: ReceiptKey,
    strict_balance: bool,
    heard_at: Timestamp,
    now: Timestamp,
) -> Result<Receipt, StoreError> {
    let currency = notice.amount.currency();
    let last = tx.last_balance(brand, account)?;
    let last_balance = last.map(|minor| torana_domain::Money::from_minor(minor, currency));
    let (mut confidence, warnings) = wallet::assess(notice, ChainState { last_balance }, heard_at);
    let balance_broke = warnings.contains(&wallet::Warning::BalanceGap);
    if strict_balance && balance_broke {
        confidence = Confidence::Low;
    }
    Ok(Receipt {
        key,
        account,
        amount: notice.amount,
        payer: notice.payer.clone(),
        at: notice.sent_at.unwrap_or(now),
        confidence,
        warnings: warnings.iter().map(|warning| warning.code().to_owned()).collect(),
        state: ReceiptState::Open { problem: None, suggested: None },
    })
}

/// The account that the message is about: the one bound to this phone and SIM, else to this phone, else the brand's
/// first of that wallet.
fn account_of(brand: &Brand, reading: &Reading, heard: &Heard) -> Option<AccountId> {
    let wallet = match reading {
        Reading::Receipt(notice) => notice.wallet,
        Reading::NotMoney { wallet, .. } => *wallet,
        Reading::Unread { .. } => return None,
    };
    let fits = |account: &&AccountRow| {
        let by_device = account.device.is_some() && account.device == heard.device;
        let by_sim = account.sim.is_some() && account.sim == heard.sim;
        (by_device && by_sim, by_device, account.enabled)
    };
    brand
        .accounts
        .iter()
        .filter(|account| account.method == wallet.slug())
        .rev()
        .max_by_key(fits)
        .map(|account| account.id)
}
