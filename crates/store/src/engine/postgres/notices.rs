//! Notices between nodes: one connection that listens, and sends what this node publishes. A notice may be lost; when the
//! connection was, the node is told to look for itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_postgres::AsyncMessage;

use super::target::{Target, Wire};
use crate::{Notice, StoreError, Topic};

/// Sends a notice to everybody who listens, when the transaction commits.
pub(super) const NOTIFY: &str = "SELECT pg_notify('torana', ?1)";
/// The same, as the driver reads it.
const SEND: &str = "SELECT pg_notify('torana', $1)";
/// Notices that wait to be sent or to be read; further ones are dropped.
const WAITING: usize = 256;
/// Pause before the connection is made again.
const PAUSE: Duration = Duration::from_secs(1);

/// A notice on the wire: the node that sent it, the topic, the rest.
pub(super) fn encode(node: &str, topic: Topic, text: &str) -> String {
    format!("{node}:{}:{text}", topic.code())
}

/// A notice of another node; none for our own, and for what a later version may send.
fn decode(node: &str, payload: &str) -> Option<Notice> {
    let mut parts = payload.splitn(3, ':');
    let (from, topic, text) = (parts.next()?, parts.next()?, parts.next()?);
    let topic = Topic::from_code(topic)?;
    (from != node).then(|| Notice { topic, text: text.to_owned() })
}

/// The listening connection's handle.
pub(super) struct Notices {
    received: broadcast::Sender<Notice>,
    outgoing: mpsc::Sender<String>,
    node: Arc<str>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Notices {
    pub(super) fn start(target: Target) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Engine(error.to_string());
        let received = broadcast::Sender::new(WAITING);
        let (outgoing, to_send) = mpsc::channel(WAITING);
        let (stop, stopped) = oneshot::channel();
        let node = Arc::clone(&target.node);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let to = received.clone();
        let thread = std::thread::Builder::new()
            .name("store-notices".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = listen(&target, &to, to_send) => {}
                        _ = stopped => {}
                    }
                });
            })
            .map_err(failed)?;
        Ok(Self { received, outgoing, node, stop: Some(stop), thread: Some(thread) })
    }

    pub(super) fn publish(&self, topic: Topic, text: &str) {
        // A full queue means that the database is away: whoever should be told will look.
        let _ = self.outgoing.try_send(encode(&self.node, topic, text));
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.received.subscribe()
    }

    fn stop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen(
    target: &Target,
    to: &broadcast::Sender<Notice>,
    mut to_send: mpsc::Receiver<String>,
) {
    loop {
        if let Ok((client, wire)) = target.connect().await {
            let driving = drive(wire, &target.node, to);
            let using = async {
                client.batch_execute("LISTEN torana").await?;
                // What was published while nobody listened is lost.
                for topic in [Topic::Config, Topic::Callbacks] {
                    let _ = to.send(Notice { topic, text: String::new() });
                }
                while let Some(payload) = to_send.recv().await {
                    client.query(SEND, &[&payload]).await?;
                }
                Ok::<(), tokio_postgres::Error>(())
            };
            tokio::select! {
                () = driving => {}
                result = using => if result.is_ok() { return },
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads from the connection until it breaks.
async fn drive(mut wire: Wire, node: &str, to: &broadcast::Sender<Notice>) {
    let mut messages = stream::poll_fn(move |context| wire.poll_message(context));
    while let Some(Ok(message)) = messages.next().await {
        if let AsyncMessage::Notification(notification) = message
            && let Some(notice) = decode(node, notification.payload())
        {
            let _ = to.send(notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_by_others_only() {
        let payload = encode("a", Topic::Rates, "x:1,y:2");
        let notice = Notice { topic: Topic::Rates, text: "x:1,y:2".into() };
        assert_eq!(decode("b", &payload), Some(notice));
        assert_eq!(decode("a", &payload), None);
        assert_eq!(decode("b", "a:something-newer:x"), None);
        assert_eq!(decode("b", "nonsense"), None);
    }
}
