//! `torana refund …` and `torana chargeback …`: money that goes back. On wallets a person sends it; here are the tasks, and
//! what became of them. Every change has a row in the audit log.

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use serde_json::json;
use torana_domain::chargeback::ChargebackState;
use torana_domain::limits::REFERENCE_CHARS;
use torana_domain::payment::{Command, Decision, Payment};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::{Refund, RefundState};
use torana_domain::{BrandId, Money, Timestamp};
use torana_store::Lane;

use super::{Workspace, output};
use crate::clock;

/// Payments with open refunds that are listed.
const ROWS: usize = 500;
/// How long ago, in milliseconds, money that left may have been for a refund that waits.
const LOOSE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum RefundCommand {
    /// List refunds that somebody has to send: to which number, how much, from which account.
    List {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Promise money back.
    Request {
        #[command(flatten)]
        payment: PaymentArgs,
        /// How much, such as 10.50; all that is left if not given.
        #[arg(long)]
        amount: Option<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Say that you are sending it.
    Start {
        #[command(flatten)]
        refund: RefundArgs,
    },
    /// Say that it was sent. Where the phone hears of the transfer, and it fits exactly, this happens by itself.
    Done {
        #[command(flatten)]
        refund: RefundArgs,
        /// The wallet's TrxID of the money that you sent.
        #[arg(long)]
        reference: String,
    },
    /// Say that it will not be sent; the amount can be refunded again.
    Fail {
        #[command(flatten)]
        refund: RefundArgs,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum ChargebackCommand {
    /// The payer's issuer took money back.
    Open {
        #[command(flatten)]
        payment: PaymentArgs,
        /// How much, such as 10.50; all if not given.
        #[arg(long)]
        amount: Option<String>,
        /// Why, in the issuer's words.
        #[arg(long)]
        reason: String,
    },
    /// The issuer gave it back.
    Won {
        #[command(flatten)]
        chargeback: RefundArgs,
    },
    /// It is gone for good.
    Lost {
        #[command(flatten)]
        chargeback: RefundArgs,
    },
}

/// Which payment.
#[derive(Debug, clap::Args)]
pub(crate) struct PaymentArgs {
    /// The brand.
    #[arg(long)]
    brand: u32,
    /// The payment: any id that its API gave, such as an invoice id, or the 32 digits of its link.
    #[arg(long)]
    payment: String,
}

/// Which of its refunds, or chargebacks.
#[derive(Debug, clap::Args)]
pub(crate) struct RefundArgs {
    #[command(flatten)]
    payment: PaymentArgs,
    /// Its number within the payment; the only open one if not given.
    #[arg(long)]
    number: Option<u32>,
}

/// A payment that a command names, with the time by its brand's clock.
struct Subject {
    brand: BrandId,
    payment: Payment,
    now: Timestamp,
}

impl Subject {
    fn find(workspace: &Workspace, args: &PaymentArgs) -> anyhow::Result<Self> {
        let row = workspace.brand(args.brand)?;
        let now = clock::now().plus_ms(row.clock_offset_ms);
        let payment = super::find_payment(workspace, &row, &args.payment, now)?;
        let payment = payment.context("the brand has no such payment")?;
        Ok(Self { brand: row.id, payment, now })
    }

    fn amount(&self, text: Option<&str>) -> anyhow::Result<Option<Money>> {
        let currency = self.payment.order.amount.currency();
        let amount = text.map(|text| Money::parse(text.trim(), currency));
        amount.transpose().context("the amount must be a number such as 10.50")
    }

    fn decide(
        &self,
        workspace: &Workspace,
        action: &'static str,
        command: Command<'static>,
    ) -> anyhow::Result<Decision> {
        let (brand, number, now) = (self.brand, self.payment.id.number, self.now);
        let decision = workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
            tx.set_actor("cli");
            tx.decide_by_hand(brand, number, action, command.clone(), now)
        })?;
        Ok(decision)
    }
}

pub(super) fn run(workspace: &Workspace, command: RefundCommand) -> anyhow::Result<()> {
    let decision = match command {
        RefundCommand::List { brand, json } => return list(workspace, brand, json),
        RefundCommand::Request { payment, amount, reason } => {
            let subject = Subject::find(workspace, &payment)?;
            let wanted = subject.amount(amount.as_deref())?;
            let amount = wanted.unwrap_or(subject.payment.refundable());
            let command = Command::RequestRefund {
                amount,
                reason: checked_reason(reason)?.into(),
                reference: None,
                unless_since: None,
            };
            let decision = subject.decide(workspace, "refund.request", command)?;
            if let Some(refund) = decision.payment.refunds.last() {
                output::line(&task(&decision.payment, refund));
            }
            decision
        }
        RefundCommand::Start { refund } => {
            let (subject, number) = open_refund(workspace, &refund)?;
            subject.decide(workspace, "refund.start", Command::ProcessRefund { number })?
        }
        RefundCommand::Done { refund, reference } => {
            let (subject, number) = open_refund(workspace, &refund)?;
            let Subject { brand, now, .. } = subject;
            let of = subject.payment.id.number;
            let reference = checked_reference(workspace, &subject, &reference)?;
            workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
                tx.set_actor("cli");
                tx.complete_refund_by_hand(brand, of, number, &reference, now)
            })?
        }
        RefundCommand::Fail { refund, reason } => {
            let (subject, number) = open_refund(workspace, &refund)?;
            let command = Command::FailRefund { number, reason: checked_reason(reason)?.into() };
            subject.decide(workspace, "refund.fail", command)?
        }
    };
    said(&decision);
    Ok(())
}

pub(super) fn run_chargeback(
    workspace: &Workspace,
    command: ChargebackCommand,
) -> anyhow::Result<()> {
    let decision = match command {
        ChargebackCommand::Open { payment, amount, reason } => {
            let subject = Subject::find(workspace, &payment)?;
            let amount = subject.amount(amount.as_deref())?;
            let reason = checked_reason(reason)?;
            let command = Command::OpenChargeback { amount, reason: reason.into() };
            subject.decide(workspace, "chargeback.open", command)?
        }
        ChargebackCommand::Won { chargeback } => {
            let (subject, number) = open_chargeback(workspace, &chargeback)?;
            subject.decide(workspace, "chargeback.won", Command::WinChargeback { number })?
        }
        ChargebackCommand::Lost { chargeback } => {
            let (subject, number) = open_chargeback(workspace, &chargeback)?;
            subject.decide(workspace, "chargeback.lost", Command::LoseChargeback { number })?
        }
    };
    said(&decision);
    Ok(())
}

fn said(decision: &Decision) {
    output::line(&format!("The payment is {}.", decision.payment.state.code()));
}

/// Longest reason, in characters.
const REASON_CHARS: usize = 500;

fn checked_reason(reason: String) -> anyhow::Result<String> {
    let is_fine = reason.chars().count() <= REASON_CHARS && !reason.chars().any(char::is_control);
    ensure!(is_fine, "a reason is one line of at most {REASON_CHARS} characters");
    Ok(reason)
}

/// A TrxID can be one, and is not that of money that arrived: the likeliest slip is to type the sale's own.
fn checked_reference(
    workspace: &Workspace,
    subject: &Subject,
    reference: &str,
) -> anyhow::Result<String> {
    let method = subject.payment.paid.as_ref().map_or("", |paid| paid.receipt.method.as_str());
    let key = ReceiptKey::new(method, reference);
    let is_one = REFERENCE_CHARS.contains(&key.reference.len())
        && key.reference.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (least, most) = (REFERENCE_CHARS.start(), REFERENCE_CHARS.end());
    ensure!(is_one, "a TrxID has {least} to {most} letters and digits");
    let arrived = workspace.store.read(|reader| reader.receipt(subject.brand, &key))?;
    ensure!(
        arrived.is_none(),
        "{} is the TrxID of money that arrived: give that of the money that you sent",
        key.reference
    );
    Ok(key.reference)
}

fn open_refund(workspace: &Workspace, args: &RefundArgs) -> anyhow::Result<(Subject, u32)> {
    let subject = Subject::find(workspace, &args.payment)?;
    let open = subject.payment.refunds.iter().filter(|refund| refund.state.is_open());
    let number = the_one("refund", args.number, open.map(|refund| refund.number).collect())?;
    Ok((subject, number))
}

fn open_chargeback(workspace: &Workspace, args: &RefundArgs) -> anyhow::Result<(Subject, u32)> {
    let subject = Subject::find(workspace, &args.payment)?;
    let all = subject.payment.chargebacks.iter();
    let open = all.filter(|chargeback| chargeback.state == ChargebackState::Open);
    let numbers = open.map(|chargeback| chargeback.number).collect();
    let number = the_one("chargeback", args.number, numbers)?;
    Ok((subject, number))
}

fn the_one(what: &str, named: Option<u32>, open: Vec<u32>) -> anyhow::Result<u32> {
    match (named, open.as_slice()) {
        (Some(number), _) | (None, &[number]) => Ok(number),
        (None, []) => bail!("no {what} of the payment is open"),
        (None, several) => bail!("several are open: say which {what} with --number: {several:?}"),
    }
}

/// What a person has to do.
fn task(payment: &Payment, refund: &Refund) -> String {
    let paid = payment.paid.as_ref();
    let method = paid.map_or("", |paid| paid.receipt.method.as_str());
    let to = paid.and_then(|paid| paid.payer.as_deref()).unwrap_or("whoever paid");
    format!(
        "Send {:?} by {method} to {to}: refund {} of the payment.",
        refund.amount, refund.number
    )
}

fn list(workspace: &Workspace, brand: u32, as_json: bool) -> anyhow::Result<()> {
    let brand = workspace.brand(brand)?.id;
    let payments = workspace.store.read(|reader| reader.payments_to_refund(brand, ROWS))?;
    let accounts = workspace.store.read(|reader| reader.accounts(brand))?;
    let tasks: Vec<_> = payments
        .iter()
        .flat_map(|payment| payment.refunds.iter().map(move |refund| (payment, refund)))
        .filter(|(_, refund)| refund.state.is_open())
        .collect();
    let from = |payment: &Payment| {
        let paid = payment.paid.as_ref()?;
        let account = accounts.iter().find(|account| account.id == paid.account)?;
        Some(format!("{} {}", account.method, account.number))
    };
    // Money that left for no refund, of the same amount: it may have been for this one.
    let since = clock::now().plus_ms(-LOOSE_MS);
    let perhaps = |payment: &Payment, refund: &Refund| -> anyhow::Result<Vec<String>> {
        let minor = refund.amount.minor();
        let loose = workspace.store.read(|reader| reader.loose_debits(brand, minor, since, 5))?;
        let account = payment.paid.as_ref().map(|paid| paid.account);
        let loose = loose.into_iter().map(|row| row.debit);
        let loose = loose.filter(|debit| Some(debit.account) == account);
        Ok(loose.map(|debit| debit.key.reference).collect())
    };
    let id = |payment: &Payment| {
        let dialect = torana_dialects::by_slug(&payment.order.dialect);
        dialect.map_or_else(|| payment.id.to_string(), |dialect| dialect.public_id(payment.id))
    };
    if as_json {
        let rows = tasks
            .iter()
            .map(|(payment, refund)| {
                Ok(json!({
                    "payment": payment.id, "id": id(payment), "number": refund.number,
                    "amount": refund.amount.to_string(), "currency": refund.amount.currency(),
                    "state": code(refund.state), "from": from(payment), "to": refund.payee,
                    "requested_at": output::time(refund.requested_at), "reason": refund.reason,
                    "perhaps_sent": perhaps(payment, refund)?,
                }))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        output::line(&serde_json::to_string(&rows)?);
        return Ok(());
    }
    output::line("Refunds that somebody has to send");
    let rows = tasks
        .iter()
        .map(|(payment, refund)| {
            Ok(vec![
                id(payment),
                refund.number.to_string(),
                format!("{:?}", refund.amount),
                from(payment).unwrap_or_default(),
                refund.payee.clone().unwrap_or_else(|| "ask the payer".to_owned()),
                code(refund.state).to_owned(),
                output::time(refund.requested_at),
                perhaps(payment, refund)?.join(" "),
                refund.reason.clone(),
            ])
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let headings =
        ["payment", "number", "amount", "from", "to", "state", "since", "perhaps sent", "reason"];
    output::table(&headings, &rows);
    if payments.len() == ROWS {
        output::line(&format!("These are the longest waiting {ROWS} payments; there are more."));
    }
    Ok(())
}

fn code(state: RefundState) -> &'static str {
    match state {
        RefundState::Pending => "pending",
        RefundState::Processing => "processing",
        RefundState::Done => "done",
        RefundState::Failed => "failed",
    }
}
