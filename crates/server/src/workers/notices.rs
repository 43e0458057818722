//! What nodes tell each other. Each notice may be lost: brands are looked at every second anyway, callbacks too, and a rate
//! limit is then a little wider.

use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use torana_store::Topic;

use super::pause;
use crate::app::App;
use crate::http::rate::TOLD_EVERY;

/// How often it is looked whether brands changed, in case nobody said so.
const TICK: Duration = Duration::from_secs(1);
/// Time between two notices that callbacks are due: one wakes the workers for all of them.
const CALLBACKS_PAUSE: Duration = Duration::from_millis(20);

/// Hears other nodes, and looks for changes of brands that commands of other processes made.
pub(super) async fn hear(app: App, mut stop: watch::Receiver<bool>) {
    let mut notices = app.store.notices();
    // Of its own, whatever is heard in between: a notice may be lost, or its refresh may fail.
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        let notice = tokio::select! {
            biased;
            _ = stop.changed() => return,
            _ = tick.tick() => {
                refresh(&app);
                continue;
            }
            notice = notices.recv() => notice,
        };
        match notice {
            Ok(notice) => match notice.topic {
                Topic::Config => refresh(&app),
                Topic::Callbacks => app.callbacks_due.notify_one(),
                Topic::Rates => app.rates.hear(&notice.text),
            },
            // Some were missed: look at everything.
            Err(RecvError::Lagged(_)) => {
                refresh(&app);
                app.callbacks_due.notify_one();
            }
            // The store is closing.
            Err(RecvError::Closed) => {
                let _ = stop.changed().await;
                return;
            }
        }
    }
}

fn refresh(app: &App) {
    if let Err(error) = app.brands.refresh() {
        tracing::error!(%error, "cannot refresh brands");
    }
}

/// Tells the other nodes which callers came how often.
pub(super) async fn tell(app: App, mut stop: watch::Receiver<bool>) {
    if !app.store.is_shared() {
        return;
    }
    while pause(TOLD_EVERY, None, &mut stop).await {
        for notice in app.rates.take_untold() {
            app.store.publish(Topic::Rates, &notice);
        }
    }
}

/// Tells the nodes that send callbacks that something is due, where this one sends none.
pub(super) async fn pass_on_callbacks(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = app.callbacks_due.notified() => app.store.publish(Topic::Callbacks, ""),
            _ = stop.changed() => return,
        }
        if !pause(CALLBACKS_PAUSE, None, &mut stop).await {
            return;
        }
    }
}
