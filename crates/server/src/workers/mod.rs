//! What runs beside the requests: callbacks, expiry, and a janitor. All of it can be stopped at any moment and taken up
//! again: what is owed is in the store.

pub mod callbacks;
mod expiry;
mod janitor;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;

/// Starts every worker; they end soon after `stop` turns true.
pub fn start(app: &App, stop: &watch::Receiver<bool>) -> anyhow::Result<JoinSet<()>> {
    let mut workers = JoinSet::new();
    let sender = callbacks::Sender::new(&app.config.callbacks)?;
    workers.spawn(callbacks::run(app.clone(), sender, stop.clone()));
    workers.spawn(expiry::run(app.clone(), stop.clone()));
    workers.spawn(janitor::run(app.clone(), stop.clone()));
    Ok(workers)
}

/// Waits for `interval`, a wake-up, or the stop; whether to go on.
async fn pause(
    interval: std::time::Duration,
    wake: Option<&tokio::sync::Notify>,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let woken = async {
        match wake {
            Some(notify) => notify.notified().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = woken => {}
        _ = tokio::time::timeout(interval, std::future::pending::<()>()) => {}
        _ = stop.changed() => {}
    }
    !*stop.borrow()
}
