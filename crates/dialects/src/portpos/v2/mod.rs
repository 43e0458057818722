//! Version 2: JSON under `/payment/v2` (provider §2).

mod body;
pub(super) mod decode;
pub(super) mod encode;
pub(super) mod recurring;

use crate::Request;

/// What a request is about, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    Create,
    Retrieve { id: &'a str },
    Ipn { id: &'a str, amount: &'a str },
    Refund { id: &'a str },
    Cancel { id: &'a str },
    CreateRecurring,
    RetrieveRecurring { id: &'a str },
    CancelRecurring { id: &'a str },
    Unknown,
}

impl<'a> Endpoint<'a> {
    /// Of a request; the route says which, the path has the rest.
    pub(super) fn of(request: &Request<'a>) -> Self {
        let path = request.path.strip_prefix("/payment/v2/").unwrap_or_default();
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let is_none = request.route.contains("{*rest}") || path.is_empty();
        match (parts.as_slice(), is_none) {
            (_, true) => Self::Unknown,
            (["invoice"], _) => Self::Create,
            (["invoice", "ipn", id, amount], _) => Self::Ipn { id, amount },
            (["invoice", "refund", id], _) => Self::Refund { id },
            (["invoice", "cancel", id], _) => Self::Cancel { id },
            (["invoice", id], _) => Self::Retrieve { id },
            (["recurring"], _) => Self::CreateRecurring,
            (["recurring", "cancel", id], _) => Self::CancelRecurring { id },
            (["recurring", id], _) => Self::RetrieveRecurring { id },
            _ => Self::Unknown,
        }
    }
}
