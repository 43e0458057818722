//! `torana ledger …`

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::{Workspace, output};

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Read all books and check that they balance and agree with payments and receipts.
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a brand's trial balance.
    Balance {
        /// The brand.
        #[arg(long)]
        brand: u32,
    },
}

pub(super) fn run(workspace: &Workspace, command: LedgerCommand) -> anyhow::Result<()> {
    match command {
        LedgerCommand::Check { json } => check(workspace, json),
        LedgerCommand::Balance { brand } => {
            let brand = workspace.brand(brand)?.id;
            let balance = workspace.store.read(|reader| reader.trial_balance(brand))?;
            let rows: Vec<_> = balance
                .rows()
                .map(|(currency, account, minor)| {
                    vec![currency.to_owned(), account.to_string(), minor.to_string()]
                })
                .collect();
            output::table(&["currency", "account", "minor units, debit +"], &rows);
            output::line(if balance.is_zero() { "sum: zero" } else { "sum: NOT ZERO" });
            Ok(())
        }
    }
}

fn check(workspace: &Workspace, as_json: bool) -> anyhow::Result<()> {
    let report = workspace.store.read(|reader| reader.ledger_check())?;
    if as_json {
        output::line(
            &json!({
                "ok": report.is_ok(), "entries": report.entries, "transactions": report.transactions,
                "paid_payments": report.paid, "findings": report.findings, "hash": report.hash,
            })
            .to_string(),
        );
    } else {
        output::line(&format!(
            "{} entries in {} transactions, {} paid payments, hash {}",
            report.entries, report.transactions, report.paid, report.hash
        ));
        for finding in &report.findings {
            output::line(finding);
        }
    }
    if !report.is_ok() {
        bail!("the books do not agree: {} findings", report.findings.len());
    }
    if !as_json {
        output::line("The trial balance is zero, and the books agree with payments and receipts.");
    }
    Ok(())
}
