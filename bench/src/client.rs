//! One HTTP/1.1 connection that stays open, as a merchant's server keeps it.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An open connection.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// How a request shows who asks.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    /// As a merchant's server does.
    Api(String),
    /// As a developer does in test mode.
    Sandbox(String),
    /// As a payer does, or the phone app, whose key is in its fields.
    None,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Json,
    Form,
}

impl Connection {
    pub(crate) async fn open(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: to.to_string() })
    }

    /// Sends one POST and reads the whole answer.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        key: &Key,
        kind: Body,
        body: Bytes,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::post(path).header(HOST, &self.host);
        let request = match key {
            Key::Api(key) => request.header("x-api-key", key),
            Key::Sandbox(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            Key::None => request,
        };
        let kind = match kind {
            Body::Json => "application/json",
            Body::Form => "application/x-www-form-urlencoded",
        };
        let request = request.header(CONTENT_TYPE, kind).header(ACCEPT, "application/json");
        self.send(request.body(Full::new(body))?).await
    }

    /// Sends one POST that must succeed.
    pub(crate) async fn ask(
        &mut self,
        path: &str,
        key: &Key,
        kind: Body,
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Bytes> {
        let (status, answer) = self.post(path, key, kind, body.into()).await?;
        let text = || String::from_utf8_lossy(&answer).into_owned();
        ensure!(status.is_success(), "{path}: {status}: {}", text());
        Ok(answer)
    }

    /// Sends one GET and reads the whole answer.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::get(path).header(HOST, &self.host).body(Full::default())?;
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<(StatusCode, Bytes)> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await.context("no answer")?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, body))
    }
}
