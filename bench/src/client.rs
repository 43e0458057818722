//! One HTTP/1.1 connection that stays open, as a merchant's server keeps it.

use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
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
}

impl Connection {
    pub(crate) async fn open(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: to.to_string() })
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        key: &Key,
        body: Bytes,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::post(path).header(HOST, &self.host);
        let request = match key {
            Key::Api(key) => request.header("x-api-key", key),
            Key::Sandbox(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
        };
        let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(body))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await.context("no answer")?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, body))
    }

    /// The status of a GET.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<StatusCode> {
        let request = Request::get(path).header(HOST, &self.host).body(Full::default())?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        Ok(status)
    }
}
