//! Expires payments whose time is over, by each brand's own clock, and notices changes that other processes made.

use std::time::Duration;

use tokio::sync::watch;

use super::pause;
use crate::app::App;
use crate::gateway;

/// How often clocks are looked at. A payment expires at most this much late.
const TICK: Duration = Duration::from_secs(1);
/// Payments of one brand that expire in one tick, so that no brand holds up the others.
const PER_TICK: usize = 500;

pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while pause(TICK, None, &mut stop).await {
        if let Err(error) = app.brands.refresh() {
            tracing::error!(%error, "cannot refresh brands");
        }
        for brand in app.brands.all() {
            if let Err(error) = gateway::expire_due(&app, &brand, PER_TICK).await {
                tracing::error!(%error, brand = %brand.id(), "cannot expire payments");
            }
        }
    }
}
