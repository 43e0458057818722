//! The far end of test mode: a payer with a wallet app, and the merchant's phone that hears of it.
//!
//! It writes the message that the wallet would send and hands it to the same code that real phones' messages take; it
//! types the TrxID as a payer would. It never touches a payment otherwise.

mod card;
mod epay;
mod money_back;
mod payouts;

use thiserror::Error;
use torana_domain::payment::{Command, Expirer, Origin, Payment};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{Money, Timestamp};
use torana_rails::upi::Bank;
use torana_rails::upi::simulator as upi;
use torana_rails::wallet::Wallet;
use torana_rails::wallet::simulator::{self, SimulatedMessage, Transfer};
use torana_store::{AccountRow, DeviceRow, Lane};

pub use epay::{Asked, SiteError, ask, pay_code, register, tell};
pub use payouts::simulate_payout;

use crate::app::App;
use crate::brands::Brand;
use crate::devices::{Heard, keep};
use crate::gateway::{self, GatewayError};
use crate::rails;

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What can be made to happen to a test payment; some of it to a payout.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Outcome { $($(#[$doc])* $name,)* }

        impl Outcome {
            /// Every outcome.
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            /// The code as `/sandbox/simulate` takes it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The outcome with that code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|outcome| outcome.code() == code)
            }
        }
    };
}

outcomes! {
    /// The payer sends what is due and types the TrxID; the message comes after.
    Succeed = "succeed",
    /// The message comes first, then the payer types the TrxID.
    SucceedSmsFirst = "succeed_sms_first",
    /// The payer types a TrxID whose message never comes.
    Pending = "pending",
    /// The payer sends half of what is due.
    Short = "short",
    /// The payer sends one major unit too much.
    Excess = "excess",
    /// The payer's time runs out, then the money comes all the same.
    Late = "late",
    /// The payer pays, and the phone delivers the message twice.
    Duplicate = "duplicate",
    /// A forged message, of the right sender but the wrong structure, and its TrxID.
    Forged = "forged",
    /// The money comes, and the payer never says so.
    Unmatched = "unmatched",
    /// The issuer or the merchant refuses the payment, for the given reason.
    Decline = "decline",
    /// The payer gives up.
    Cancel = "cancel",
    /// The payer's time runs out.
    Expire = "expire",
    /// The merchant promises the given amount, or all that is left, back.
    RefundPending = "refund_pending",
    /// The same, and it is being sent, and stays so.
    RefundProcessing = "refund_processing",
    /// The same, and the merchant sends it: the phone hears of the money that left.
    Refund = "refund",
    /// The same, and it fails.
    RefundFail = "refund_fail",
    /// The payer's issuer takes the given amount, or all, back.
    Chargeback = "chargeback",
    /// The same, and gives it back.
    ChargebackWon = "chargeback_won",
    /// The same, for good.
    ChargebackLost = "chargeback_lost",
}

/// From where the simulated payer acts: an address that is only for documentation.
const PAYER_IP: &str = "192.0.2.1";
const PAYER_AGENT: &str = "Torana sandbox";

/// Why a simulated decline happened, unless told.
pub const DECLINED: &str = "Unsuccessful - Declined";

/// What may be said beside the outcome.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The wallet; the brand's first if none is named.
    pub method: Option<String>,
    /// How much is refunded or charged back, in the payment's currency.
    pub amount: Option<String>,
    /// Why it is declined, refunded or charged back.
    pub reason: Option<String>,
}

/// Why an outcome cannot be made to happen.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// The brand has no enabled account of that wallet.
    #[error("no enabled account of that method")]
    NoAccount,
    /// It cannot happen on that rail.
    #[error("that cannot happen on this rail: {0}")]
    NotHere(&'static str),
    /// The simulated site could not tell this server.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// As for every other request.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The payment as it then was.
    pub payment: Payment,
    /// The TrxID of the simulated transfer, if there was one.
    pub reference: Option<String>,
    /// The message that the phone heard, if there was one.
    pub message: Option<SimulatedMessage>,
}

/// Makes `outcome` happen to `payment`.
pub async fn simulate(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    outcome: Outcome,
    wishes: &Wishes,
) -> Result<Simulated, SimulateError> {
    let number = payment.id.number;
    let mut reference = None;
    let mut said = None;
    let asked = card::waiting(app, payment)?;
    let at_epay = account_of(brand, wishes.method.as_deref(), payment.order.due)
        .filter(|account| account.rail == rails::EPAY);
    match outcome {
        _ if let Some(operation) = &asked
            && matches!(outcome, Outcome::Succeed | Outcome::Decline) =>
        {
            card::answer(app, brand, operation, outcome).await?;
        }
        Outcome::Succeed | Outcome::Decline | Outcome::Pending
            if wishes.method.as_deref() == Some(rails::CARD) =>
        {
            card::pay(app, brand, payment, outcome).await?;
        }
        _ if let Some(account) = at_epay
            && epay::is_for(outcome) =>
        {
            epay::play(app, brand, account, payment, outcome).await?;
            reference = Some(rails::epay::invoice(number));
        }
        Outcome::Decline => {
            let reason = wishes.reason.clone().unwrap_or_else(|| DECLINED.to_owned());
            let command = Command::Decline { reason: reason.into() };
            gateway::command(app, brand, number, command).await?;
        }
        Outcome::Cancel => drop(gateway::cancel(app, brand, number).await?),
        Outcome::Expire => expire(app, brand, payment).await?,
        Outcome::RefundPending
        | Outcome::RefundProcessing
        | Outcome::Refund
        | Outcome::RefundFail => {
            (said, reference) = money_back::refund(app, brand, payment, outcome, wishes).await?;
        }
        Outcome::Chargeback | Outcome::ChargebackWon | Outcome::ChargebackLost => {
            money_back::chargeback(app, brand, payment, outcome, wishes).await?;
        }
        Outcome::Succeed
        | Outcome::SucceedSmsFirst
        | Outcome::Pending
        | Outcome::Short
        | Outcome::Excess
        | Outcome::Late
        | Outcome::Duplicate
        | Outcome::Forged
        | Outcome::Unmatched => {
            let due = payment.order.due;
            let payer = Payer::new(app, brand, wishes.method.as_deref(), due)?;
            let one = Money::from_minor(10_i64.pow(due.currency().exponent()), due.currency());
            let amount = match outcome {
                Outcome::Short => Money::from_minor((due.minor() / 2).max(1), due.currency()),
                Outcome::Excess => due.checked_add(one).map_err(GatewayError::from)?,
                _ => due,
            };
            let message = payer.transfer(amount, outcome == Outcome::Forged)?;
            let key = ReceiptKey::new(&payer.account.method, &message.reference);
            if outcome == Outcome::Late {
                expire(app, brand, payment).await?;
            }
            if outcome == Outcome::SucceedSmsFirst {
                payer.hear(&message).await?;
            }
            if outcome != Outcome::Unmatched {
                let origin = Origin { ip: PAYER_IP.into(), user_agent: PAYER_AGENT.into() };
                gateway::claim(app, brand, number, payer.account.id, key, Some(origin)).await?;
            }
            if !matches!(outcome, Outcome::Pending | Outcome::SucceedSmsFirst) {
                payer.hear(&message).await?;
            }
            if outcome == Outcome::Duplicate {
                payer.hear(&message).await?;
            }
            reference = Some(message.reference.clone());
            said = Some(message);
        }
    }
    let now = app.store.payment(brand.id(), number).await;
    let payment = now.map_err(GatewayError::from)?.ok_or(GatewayError::NotFound)?;
    Ok(Simulated { payment, reference, message: said })
}

/// A payer who only sends money, as with the wallet app of the simulator's page: the phone hears of it unless `lost`.
pub async fn send_money(
    app: &App,
    brand: &Brand,
    method: Option<&str>,
    amount: Money,
    lost: bool,
) -> Result<SimulatedMessage, SimulateError> {
    let payer = Payer::new(app, brand, method, amount)?;
    let message = payer.transfer(amount, false)?;
    if !lost {
        payer.hear(&message).await?;
    }
    Ok(message)
}

/// Moves a test brand's clock and lets what is then due happen.
pub async fn advance(app: &App, brand: &Brand, advance_s: i64) -> Result<Timestamp, GatewayError> {
    const AT_ONCE: usize = 500;
    const RENEWALS_AT_ONCE: usize = 100;
    let brand_id = brand.id();
    app.store
        .write(Lane::Brand(brand_id), move |tx| tx.advance_clock(brand_id, advance_s * 1000))
        .await?;
    if let Err(error) = app.brands.refresh() {
        tracing::error!(%error, "cannot refresh brands");
    }
    let moved = app.brands.get(brand_id).ok_or(GatewayError::NotFound)?;
    while gateway::expire_due(app, &moved, AT_ONCE).await? == AT_ONCE {}
    for _ in 0..RENEWALS_AT_ONCE {
        match gateway::cards::look_after(app, &moved, AT_ONCE).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "cannot look after card operations");
                break;
            }
        }
    }
    gateway::cards::prune(app, &moved, AT_ONCE).await?;
    // A renewal may make what is due at once again, such as the next of several periods that went by.
    for _ in 0..RENEWALS_AT_ONCE {
        if gateway::renew_due(app, &moved, AT_ONCE).await? == 0 {
            break;
        }
    }
    app.callbacks_due.notify_one();
    Ok(moved.now())
}

/// Lets the payment's time run out, without moving the clock of the brand's other payments.
async fn expire(app: &App, brand: &Brand, payment: &Payment) -> Result<(), GatewayError> {
    let expire = Command::Expire { by: Expirer::FarEnd };
    gateway::command(app, brand, payment.id.number, expire).await?;
    Ok(())
}

/// A payer with a wallet or UPI app, and the phone on which the merchant's wallet or bank tells of what arrived.
struct Payer<'a> {
    app: &'a App,
    brand: &'a Brand,
    account: &'a AccountRow,
    phone: Option<DeviceRow>,
}

impl<'a> Payer<'a> {
    /// A payer of `due`, by the brand's first account that takes it.
    fn new(
        app: &'a App,
        brand: &'a Brand,
        method: Option<&str>,
        due: Money,
    ) -> Result<Self, SimulateError> {
        let account = account_of(brand, method, due).ok_or(SimulateError::NoAccount)?;
        Ok(Self { app, brand, account, phone: phone_of(app, brand)? })
    }

    /// What the wallet or the bank says of a transfer of `amount`.
    fn transfer(&self, amount: Money, forged: bool) -> Result<SimulatedMessage, SimulateError> {
        match self.account.rail.as_str() {
            rails::UPI => self.upi_transfer(amount, forged),
            _ => self.wallet_transfer(amount, forged),
        }
    }

    fn wallet_transfer(
        &self,
        amount: Money,
        forged: bool,
    ) -> Result<SimulatedMessage, SimulateError> {
        let wallet = Wallet::from_slug(&self.account.method).ok_or(SimulateError::NoAccount)?;
        let brand_id = self.brand.id();
        let last = self.app.store.read(|reader| reader.last_balance(brand_id, self.account.id));
        let last = last.map_err(GatewayError::from)?.unwrap_or(0);
        let balance = Money::from_minor(last, amount.currency());
        let random = self.app.random();
        let kinds = simulator::kinds(wallet);
        let kind = kinds.iter().find(|kind| kind.code() == self.account.kind).or(kinds.first());
        let transfer = Transfer {
            wallet,
            kind: *kind.ok_or(SimulateError::NoAccount)?,
            amount,
            payer: format!("017{:08}", random % 100_000_000),
            balance_after: balance.checked_add(amount).map_err(GatewayError::from)?,
            reference_text: None,
            at: self.brand.now(),
            random,
        };
        let write = if forged { simulator::forged } else { simulator::incoming };
        write(&transfer).ok_or(SimulateError::NoAccount)
    }

    fn upi_transfer(&self, amount: Money, forged: bool) -> Result<SimulatedMessage, SimulateError> {
        let (at, random) = (self.brand.now(), self.app.random());
        let payment = upi::Payment {
            bank: Bank::Hdfc,
            amount,
            payer: format!("payer{}@okbank", random % 10_000),
            payer_name: "Test Payer".into(),
            account_tail: self.account.details.account_tail.clone().unwrap_or_default(),
            utr: upi::utr(at, random),
            remark: None,
            at,
        };
        let write = if forged { upi::forged } else { upi::write };
        write(&payment).ok_or(SimulateError::NoAccount)
    }

    async fn hear(&self, message: &SimulatedMessage) -> Result<(), GatewayError> {
        hear(self.app, self.brand, self.phone.as_ref(), message).await
    }
}

/// The brand's first account of that method, or of any, that takes that currency.
fn account_of<'a>(brand: &'a Brand, method: Option<&str>, due: Money) -> Option<&'a AccountRow> {
    let takes = |it: &&AccountRow| it.enabled && rails::takes_currency(it, due);
    let mut accounts = brand.accounts.iter().filter(takes);
    accounts.find(|account| method.is_none_or(|method| account.method == method))
}

/// The phone on which the brand's wallets tell what happened.
fn phone_of(app: &App, brand: &Brand) -> Result<Option<DeviceRow>, GatewayError> {
    let devices = app.store.read(|reader| reader.devices(brand.id()))?;
    Ok(devices.into_iter().find(|device| device.revoked_at.is_none()))
}

async fn hear(
    app: &App,
    brand: &Brand,
    phone: Option<&DeviceRow>,
    message: &SimulatedMessage,
) -> Result<(), GatewayError> {
    let heard = Heard {
        device: phone.map(|phone| phone.id),
        seq: None,
        sim: None,
        sender: message.sender.clone(),
        body: message.body.clone(),
        heard_at: brand.now(),
        other_handset: false,
    };
    keep(app, brand, heard).await?;
    Ok(())
}
