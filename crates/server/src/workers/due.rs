//! What time brings, by each brand's own clock: payments expire, subscriptions make their next, and card networks are asked
//! what became of what they did not answer. Several nodes may do
//! so: whoever comes second changes nothing.

use std::time::Duration;

use tokio::sync::watch;

use super::pause;
use crate::app::App;
use crate::clock;
use crate::gateway;

/// How often clocks are looked at. A payment expires at most this much late.
const TICK: Duration = Duration::from_secs(1);
/// Payments of one brand that expire, and subscriptions that are renewed, in one tick, so that no brand holds up the others.
const PER_TICK: usize = 500;
/// The same of card operations, each of which may be a question to a far end.
const CARDS_PER_TICK: usize = 20;

pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while pause(TICK, None, &mut stop).await {
        let due = app.store.read(|reader| reader.brands_with_due_timers(clock::now()));
        let due = due.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read which payments expire");
            vec![]
        });
        for brand in due.into_iter().filter_map(|id| app.brands.get(id)) {
            if let Err(error) = gateway::expire_due(&app, &brand, PER_TICK).await {
                tracing::error!(%error, brand = %brand.id(), "cannot expire payments");
            }
        }
        let due = app.store.read(|reader| reader.brands_with_due_card_operations(clock::now()));
        let due = due.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read which card operations to look after");
            vec![]
        });
        for brand in due.into_iter().filter_map(|id| app.brands.get(id)) {
            if let Err(error) = gateway::cards::look_after(&app, &brand, CARDS_PER_TICK).await {
                tracing::error!(%error, brand = %brand.id(), "cannot look after card operations");
            }
        }
        let due = app.store.read(|reader| reader.brands_with_due_subscriptions(clock::now()));
        let due = due.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read which subscriptions are due");
            vec![]
        });
        for brand in due.into_iter().filter_map(|id| app.brands.get(id)) {
            if let Err(error) = gateway::renew_due(&app, &brand, PER_TICK).await {
                tracing::error!(%error, brand = %brand.id(), "cannot renew subscriptions");
            }
        }
    }
}
