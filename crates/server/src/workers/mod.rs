//! What runs beside the requests: callbacks, what time brings, a janitor, and the ears for other nodes. All of it can be stopped at
//! any moment and taken up again, by any node: what is owed is in the store.

pub mod callbacks;
mod due;
mod janitor;
mod notices;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config::Role;

/// Starts this node's workers; they end soon after `stop` turns true.
pub fn start(app: &App, stop: &watch::Receiver<bool>) -> anyhow::Result<JoinSet<()>> {
    let mut workers = JoinSet::new();
    workers.spawn(notices::hear(app.clone(), stop.clone()));
    workers.spawn(notices::tell(app.clone(), stop.clone()));
    workers.spawn(janitor::keep_node(app.clone(), stop.clone()));
    match app.config.role {
        Role::Api => {
            workers.spawn(notices::pass_on_callbacks(app.clone(), stop.clone()));
        }
        Role::All | Role::Worker => {
            let sender = callbacks::Sender::new(&app.config.callbacks)?;
            workers.spawn(callbacks::run(app.clone(), sender, stop.clone()));
            workers.spawn(due::run(app.clone(), stop.clone()));
            workers.spawn(janitor::run(app.clone(), stop.clone()));
        }
    }
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
