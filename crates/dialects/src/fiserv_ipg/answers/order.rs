//! `GET /orders/{order-id}`: an order with all its transactions (provider §2).

use http::StatusCode;
use serde::Serialize;

use super::{TransactionResponse, reply};
use crate::Reply;

/// An order. Its transactions are as an inquiry about each would tell, oldest first, which no page shows; they repeat no
/// identifier of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderResponse {
    /// The caller's own identifier of the request.
    pub client_request_id: String,
    /// Ours.
    pub api_trace_id: String,
    /// The order.
    pub order_id: String,
    /// What was done in it.
    pub transactions: Vec<TransactionResponse>,
}

impl OrderResponse {
    /// The whole answer.
    pub fn reply(&self) -> Reply {
        reply(StatusCode::OK, self)
    }
}
