//! Housekeeping: forgets what is no longer needed, and raises the alarm about phones that went silent.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::watch;
use torana_domain::{BrandId, DeviceId};
use torana_store::{Lane, PruneBefore, Tx};

use super::pause;
use crate::app::App;
use crate::brands::Brand;
use crate::rails::CARD;
use crate::{clock, gateway};

const TICK: Duration = Duration::from_secs(30);
/// How long the log of callback deliveries is kept.
const DELIVERIES_KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// Rows that are deleted in one go, so that payments do not wait for the broom.
const PRUNE_ROWS: usize = 1_000;

/// Tidies what this node keeps in memory.
pub(super) async fn keep_node(app: App, mut stop: watch::Receiver<bool>) {
    while pause(TICK, None, &mut stop).await {
        app.rates.sweep();
        app.proofs.sweep();
        crate::http::keep_metrics();
    }
}

/// Tidies the store.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut silent = HashSet::new();
    while pause(TICK, None, &mut stop).await {
        if let Err(error) = watch_devices(&app, &mut silent) {
            tracing::error!(%error, "cannot look after devices");
        }
        let before = clock::now().plus_ms(-DELIVERIES_KEPT_MS);
        for brand in app.brands.all() {
            let brand_id = brand.id();
            let ages = PruneBefore { callbacks: Some(before), idempotency: None };
            let pruned = app
                .store
                .write(Lane::Outbox(brand_id), move |tx| tx.prune(brand_id, ages, PRUNE_ROWS))
                .await;
            if let Err(error) = pruned {
                tracing::error!(%error, "cannot prune the delivery log");
            }
            if brand.accounts.iter().any(|account| account.rail == CARD) {
                if let Err(error) = gateway::cards::prune(&app, &brand, PRUNE_ROWS).await {
                    tracing::error!(%error, "cannot destroy held cards that are over");
                }
                send_refunds(&app, &brand).await;
            }
            if brand.settings.unique_amounts {
                let now = brand.now();
                let forget = move |tx: &mut Tx<'_>| tx.forget_amounts(brand_id, now, PRUNE_ROWS);
                // In the lane in which amounts are given out.
                if let Err(error) = app.store.write(Lane::Brand(brand_id), forget).await {
                    tracing::error!(%error, "cannot forget amounts that nobody waits for");
                }
            }
        }
    }
}

/// Refunds of payments by card that a person promised on the command line, or that a network could not be asked for before.
async fn send_refunds(app: &App, brand: &Brand) {
    let pending = app.store.read(|reader| reader.payments_to_refund(brand.id(), PRUNE_ROWS));
    let pending = pending.unwrap_or_else(|error| {
        tracing::error!(%error, "cannot read which refunds to send");
        vec![]
    });
    for payment in pending {
        let sent = gateway::cards::carry_out_refunds(app, brand, payment.id.number).await;
        if let Err(error) = sent {
            tracing::error!(%error, brand = %brand.id(), "a refund by card was not carried out");
        }
    }
}

/// A phone that was heard and then went silent cannot confirm payments: say so once, in the log, and always in a metric.
fn watch_devices(app: &App, silent: &mut HashSet<(BrandId, DeviceId)>) -> anyhow::Result<()> {
    let silent_before = clock::now().plus_ms(-app.config.devices.silent_after_s * 1000);
    let mut count = 0_u32;
    for brand in app.brands.all().iter().filter(|brand| !brand.is_test()) {
        for device in app.store.read(|reader| reader.devices(brand.id()))? {
            let is_silent = device.revoked_at.is_none()
                && device.last_seen_at.is_some_and(|seen| seen < silent_before);
            let key = (brand.id(), device.id);
            if is_silent {
                count += 1;
            }
            if is_silent && silent.insert(key) {
                tracing::warn!(brand = %brand.id(), device = %device.id, "a device went silent");
            } else if !is_silent && silent.remove(&key) {
                tracing::info!(brand = %brand.id(), device = %device.id, "a device is heard again");
            }
        }
    }
    metrics::gauge!("torana_devices_silent").set(count);
    Ok(())
}
