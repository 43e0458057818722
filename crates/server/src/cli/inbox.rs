//! `torana inbox …`: receipts that a person should see to, and messages that Torana could not use.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use torana_domain::receipt::{ReceiptKey, ReceiptState};
use torana_domain::{BrandId, PaymentId};
use torana_store::{InboxRow, Lane};

use super::{Workspace, output};
use crate::clock;

/// Rows of each kind that are listed.
const ROWS: usize = 200;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum InboxCommand {
    /// List what waits for a person.
    List {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a receipt pay a payment, as your decision.
    Settle {
        #[command(flatten)]
        receipt: ReceiptArgs,
        /// The payment: the 32 digits of its link.
        #[arg(long)]
        payment: PaymentId,
    },
    /// Say that a receipt pays no payment here; or, for one that pays with a remark, that you saw to it.
    Dismiss {
        #[command(flatten)]
        receipt: ReceiptArgs,
    },
    /// Say that a message needs nothing more.
    Done {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The message, as `torana inbox list` shows it.
        #[arg(long)]
        message: i64,
    },
}

/// Which receipt, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct ReceiptArgs {
    /// The brand.
    #[arg(long)]
    brand: u32,
    /// The wallet, such as bkash.
    #[arg(long)]
    method: String,
    /// The TrxID.
    #[arg(long)]
    reference: String,
    /// Why, for the audit log.
    #[arg(long)]
    reason: String,
}

pub(super) fn run(workspace: &Workspace, command: InboxCommand) -> anyhow::Result<()> {
    match command {
        InboxCommand::List { brand, json } => list(workspace, brand, json),
        InboxCommand::Settle { receipt, payment } => {
            let (brand, key, reason, now) = subject(workspace, receipt)?;
            let stored = workspace.store.read(|reader| reader.payment_by_id(payment))?;
            let stored = stored.filter(|stored| stored.id.brand == brand);
            let number = stored.context("the brand has no such payment")?.id.number;
            let decision = workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
                tx.set_actor("cli");
                tx.settle_by_hand(brand, number, &key, &reason, now)
            })?;
            output::line(&format!("The payment is {}.", decision.payment.state.code()));
            Ok(())
        }
        InboxCommand::Dismiss { receipt } => {
            let (brand, key, reason, now) = subject(workspace, receipt)?;
            workspace.store.write_blocking(Lane::Brand(brand), move |tx| {
                tx.set_actor("cli");
                tx.dismiss_receipt(brand, &key, &reason, now)
            })?;
            Ok(())
        }
        InboxCommand::Done { brand, message } => {
            let brand = workspace.brand(brand)?.id;
            workspace
                .store
                .write_blocking(Lane::Brand(brand), move |tx| tx.resolve_message(brand, message))?;
            Ok(())
        }
    }
}

fn subject(
    workspace: &Workspace,
    args: ReceiptArgs,
) -> anyhow::Result<(BrandId, ReceiptKey, String, torana_domain::Timestamp)> {
    let row = workspace.brand(args.brand)?;
    let now = clock::now().plus_ms(row.clock_offset_ms);
    Ok((row.id, ReceiptKey::new(&args.method, &args.reference), args.reason, now))
}

fn list(workspace: &Workspace, brand: u32, as_json: bool) -> anyhow::Result<()> {
    let brand = workspace.brand(brand)?.id;
    let (receipts, messages) = workspace.store.read(|reader| {
        Ok((reader.inbox(brand, None, ROWS)?, reader.unread_messages(brand, None, ROWS)?))
    })?;
    if as_json {
        let receipts: Vec<_> = receipts.iter().map(|row| {
            let (problem, suggested) = why(row);
            json!({
                "method": row.receipt.key.method, "reference": row.receipt.key.reference,
                "amount": row.receipt.amount.to_string(), "currency": row.receipt.amount.currency(),
                "payer": row.receipt.payer, "at": output::time(row.receipt.at),
                "problem": problem, "payment": suggested, "warnings": row.receipt.warnings,
            })
        }).collect();
        let messages: Vec<_> = messages
            .iter()
            .map(|row| {
                json!({
                    "message": row.id, "sender": row.sender, "body": row.body, "why": row.why,
                    "heard_at": output::time(row.heard_at),
                })
            })
            .collect();
        output::line(&json!({ "receipts": receipts, "messages": messages }).to_string());
        return Ok(());
    }
    let rows: Vec<_> = receipts
        .iter()
        .map(|row| {
            let (problem, suggested) = why(row);
            let receipt = &row.receipt;
            vec![
                receipt.key.method.clone(),
                receipt.key.reference.clone(),
                format!("{:?}", receipt.amount),
                receipt.payer.clone().unwrap_or_default(),
                output::time(receipt.at),
                problem.to_owned(),
                suggested.map(|payment| payment.to_string()).unwrap_or_default(),
                receipt.warnings.join(" "),
            ]
        })
        .collect();
    output::line("Receipts that wait for a person");
    output::table(
        &["method", "reference", "amount", "payer", "at", "problem", "payment", "warnings"],
        &rows,
    );
    output::line("");
    output::line("Messages that could not be used");
    let rows: Vec<_> = messages
        .into_iter()
        .map(|row| {
            let body = row.body.replace(['\r', '\n'], " ");
            vec![row.id.to_string(), row.sender, row.why.unwrap_or_default(), body]
        })
        .collect();
    output::table(&["message", "sender", "why", "text"], &rows);
    let waiting = workspace.store.read(|reader| reader.payments_to_refund(brand, ROWS))?.len();
    if waiting > 0 {
        output::line("");
        output::line(&format!(
            "Payments with refunds to be sent: {waiting}. See `torana refund list --brand {brand}`."
        ));
    }
    Ok(())
}

/// What a person should see to, and the payment that it is about.
fn why(row: &InboxRow) -> (&'static str, Option<PaymentId>) {
    match row.receipt.state {
        ReceiptState::Open { problem: Some(problem), suggested } => (problem.code(), suggested),
        ReceiptState::Open { problem: None, suggested } => ("unmatched", suggested),
        ReceiptState::Claimed { payment, remark } => {
            (remark.map_or("claimed", torana_domain::receipt::Problem::code), Some(payment))
        }
        ReceiptState::Dismissed => ("dismissed", None),
    }
}
