//! A merchant's server: keeps every message that it gets, and answers as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::watch;

use super::DEADLINE;

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Delivery {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The form's pairs, in order.
    pub fn pairs(&self) -> Vec<(String, String)> {
        assert_eq!(self.header("content-type"), "application/x-www-form-urlencoded");
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A field of the form; empty if absent.
    pub fn field(&self, name: &str) -> String {
        let found = self.pairs().into_iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How the merchant answers one request.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    With(u16, &'static [(&'static str, &'static str)]),
    /// 200 with a body of so many bytes.
    Large(usize),
    /// Takes the request and never answers.
    Silence,
}

#[derive(Default)]
struct Desk {
    deliveries: Vec<Delivery>,
    replies: HashMap<String, VecDeque<Reply>>,
}

#[derive(Clone)]
struct Shared {
    desk: Arc<Mutex<Desk>>,
    count: watch::Sender<usize>,
}

/// See the module.
pub struct Merchant {
    base: String,
    shared: Shared,
    listening: tokio::task::JoinHandle<()>,
}

impl Merchant {
    pub async fn start() -> Self {
        let shared = Shared { desk: Arc::default(), count: watch::Sender::new(0) };
        let router = Router::new().fallback(take).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let listening = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, shared, listening }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The next answers on a path; afterwards it answers 200. The last [`Reply::Silence`] stays for ever.
    pub fn will_answer(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.desk().replies.insert(path.to_owned(), replies.into_iter().collect());
    }

    /// Every message on a path so far.
    pub fn got(&self, path: &str) -> Vec<Delivery> {
        self.desk().deliveries.iter().filter(|one| one.path == path).cloned().collect()
    }

    /// How many messages came on a path so far.
    pub fn count(&self, path: &str) -> usize {
        self.desk().deliveries.iter().filter(|one| one.path == path).count()
    }

    /// Waits until there are `count` messages on a path, and returns them; panics at the deadline.
    pub async fn wait(&self, path: &str, count: usize) -> Vec<Delivery> {
        match self.wait_within(path, count, DEADLINE).await {
            Ok(got) => got,
            Err(got) => panic!("{} of {count} messages came on {path}: {got:#?}", got.len()),
        }
    }

    /// The same with a deadline of the caller's; the error is what came.
    pub async fn wait_within(
        &self,
        path: &str,
        count: usize,
        deadline: Duration,
    ) -> Result<Vec<Delivery>, Vec<Delivery>> {
        let mut changes = self.shared.count.subscribe();
        let enough = changes.wait_for(|_| self.count(path) >= count);
        match tokio::time::timeout(deadline, enough).await {
            Ok(_) => Ok(self.got(path)),
            Err(_) => Err(self.got(path)),
        }
    }

    fn desk(&self) -> std::sync::MutexGuard<'_, Desk> {
        self.shared.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Merchant {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn take(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let reply = {
        let mut desk = shared.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let query = uri.query().unwrap_or_default().to_owned();
        let body = body.to_vec();
        desk.deliveries.push(Delivery { method, path: path.clone(), query, headers, body });
        match desk.replies.get_mut(&path) {
            Some(replies) if replies.len() == 1 && matches!(replies[0], Reply::Silence) => {
                Reply::Silence
            }
            Some(replies) => replies.pop_front().unwrap_or(Reply::Status(200)),
            None => Reply::Status(200),
        }
    };
    shared.count.send_modify(|count| *count += 1);
    let status = |code| StatusCode::from_u16(code).unwrap();
    match reply {
        Reply::Status(code) => status(code).into_response(),
        Reply::With(code, headers) => {
            let mut response = status(code).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Reply::Large(bytes) => "x".repeat(bytes).into_response(),
        Reply::Silence => std::future::pending().await,
    }
}
