//! `torana callbacks …`

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use torana_domain::PaymentId;
use torana_store::{CallbackCounts, Lane};

use super::{Workspace, output};
use crate::clock;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum CallbacksCommand {
    /// What a payment's merchant was told, and what was answered.
    List {
        /// The payment: the 32 digits of its link.
        #[arg(long)]
        payment: PaymentId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// How many are still to be delivered, were delivered, and were given up.
    Count {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Send a callback again, at once.
    Resend {
        /// The payment: the 32 digits of its link.
        #[arg(long)]
        payment: PaymentId,
        /// The callback, as `torana callbacks list` shows it; the payment's last one if not given.
        #[arg(long)]
        callback: Option<i64>,
    },
}

pub(super) fn run(workspace: &Workspace, command: CallbacksCommand) -> anyhow::Result<()> {
    match command {
        CallbacksCommand::Count { brand, json } => {
            let brand = workspace.brand(brand)?.id;
            let counts = workspace.store.read(|reader| reader.count_callbacks(brand))?;
            let CallbackCounts { pending, delivered, failed } = counts;
            if json {
                let counts = json!({"pending": pending, "delivered": delivered, "failed": failed});
                output::line(&counts.to_string());
            } else {
                output::line(&format!(
                    "{pending} still to be delivered, {delivered} delivered, {failed} given up"
                ));
            }
            Ok(())
        }
        CallbacksCommand::List { payment, json } => list(workspace, payment, json),
        CallbacksCommand::Resend { payment, callback } => {
            let brand = workspace.brand(payment.brand.0)?;
            let log = workspace.store.read(|reader| reader.deliveries(brand.id, payment.number))?;
            let ids = log.iter().map(|row| row.callback.id);
            let id = match callback {
                Some(id) => ids.into_iter().find(|other| *other == id),
                None => ids.into_iter().max(),
            };
            let id = id.context("the payment has no such callback")?;
            let now = clock::now().plus_ms(brand.clock_offset_ms);
            workspace
                .store
                .write_blocking(Lane::Outbox(brand.id), move |tx| tx.resend(brand.id, id, now))?;
            output::line("It is due now; a running server sends it within a second.");
            Ok(())
        }
    }
}

fn list(workspace: &Workspace, payment: PaymentId, as_json: bool) -> anyhow::Result<()> {
    let brand = workspace.brand(payment.brand.0)?.id;
    let log = workspace.store.read(|reader| reader.deliveries(brand, payment.number))?;
    if as_json {
        let rows: Vec<_> = log
            .iter()
            .map(|row| {
                let callback = &row.callback;
                let deliveries: Vec<_> = row
                    .deliveries
                    .iter()
                    .map(|delivery| {
                        json!({
                            "attempt": delivery.attempt, "at": output::time(delivery.at),
                            "status": delivery.status, "error": delivery.error,
                            "duration_ms": delivery.duration_ms, "response": String::from_utf8_lossy(&delivery.response),
                        })
                    })
                    .collect();
                json!({
                    "callback": callback.id, "webhook_id": callback.webhook_id(), "url": callback.draft.url,
                    "state": callback.state.code(), "attempts": callback.attempts,
                    "next_at": output::time(callback.next_at),
                    "body": String::from_utf8_lossy(&callback.draft.body), "deliveries": deliveries,
                })
            })
            .collect();
        output::line(&serde_json::to_string(&rows)?);
        return Ok(());
    }
    for row in log {
        let callback = &row.callback;
        output::line(&format!(
            "callback {} {} to {} ({} attempts)",
            callback.id,
            callback.state.code(),
            callback.draft.url,
            callback.attempts
        ));
        let body = String::from_utf8_lossy(&callback.draft.body);
        output::line(&format!("  {}", output::printable(&body)));
        for delivery in &row.deliveries {
            let result = match (&delivery.status, &delivery.error) {
                (Some(status), _) => status.to_string(),
                (None, Some(error)) => error.clone(),
                (None, None) => String::new(),
            };
            output::line(&format!(
                "  {}. {} {result} in {} ms: {}",
                delivery.attempt,
                output::time(delivery.at),
                delivery.duration_ms,
                output::printable(&String::from_utf8_lossy(&delivery.response))
            ));
        }
    }
    Ok(())
}
