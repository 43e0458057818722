//! What an answer proves, and no more. See the module above.

use torana_domain::card::{Certainty as OfNetwork, ResponseCode};

use super::super::approval::ApprovalCode;
use super::answer::ClientAnswer;

/// What became of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It was done; of a payer's authentication: the payer is the holder.
    Approved,
    /// It was not done, and will not be.
    Declined,
    /// It waits for the payer, or for the network: ask again.
    Waiting,
    /// An inquiry found no such transaction. One that is still on its way may come yet.
    Absent,
    /// Nobody can tell from this.
    Unknown,
}

const PAYER_AUTH: &str = "PAYER_AUTH";

/// It is refused because of a request that may be this one, sent before: the order is there, the same again, another at it.
const ABOUT_ANOTHER: [&str; 3] = ["5003", "5005", "5998"];
/// Something broke inside, or on the way to the processor, or took too long (provider §3): it may have been done all the same.
const BROKEN: [&str; 8] = ["100", "7778", "30050", "30052", "30053", "30054", "30060", "30062"];

/// What a status says by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Yes,
    No,
    Waiting,
    /// Not known, or neither: approved for less was never asked for.
    Other,
}

impl Word {
    fn of(word: &str) -> Self {
        match word {
            "APPROVED" => Self::Yes,
            "DECLINED" | "FAILED" | "FRAUD" | "PROCESSING_FAILED" | "VALIDATION_FAILED" => Self::No,
            "WAITING" => Self::Waiting,
            _ => Self::Other,
        }
    }
}

/// What an approval code says by itself.
fn line(code: &ApprovalCode) -> Word {
    match code {
        ApprovalCode::Approved { .. } | ApprovalCode::Confirmed { .. } => Word::Yes,
        ApprovalCode::Declined { .. } => Word::No,
        ApprovalCode::Waiting(_) => Word::Waiting,
    }
}

impl ClientAnswer {
    /// What the answer to a request proves that asked for something to be done: an authentication, a step of one, a sale,
    /// what follows.
    pub fn of_deed(&self) -> Certainty {
        match self.http_status {
            200..=299 => self.of_transaction(),
            409 | 422
                if self.has_code(&ABOUT_ANOTHER)
                    || self.has_code(&BROKEN)
                    || self.is_network_unsure() =>
            {
                Certainty::Unknown
            }
            409 | 422 => match (self.word(), self.line()) {
                (Some(Word::No), None | Some(Word::No)) | (None, Some(Word::No)) => {
                    Certainty::Declined
                }
                _ => Certainty::Unknown,
            },
            // Refused before anything was done. Only the gateway's own envelope says so: before it there may be a proxy.
            400 | 401 | 403 | 404
                if self.has_envelope() && self.says_nothing_else() && !self.has_code(&BROKEN) =>
            {
                Certainty::Declined
            }
            _ => Certainty::Unknown,
        }
    }

    /// What the answer to an inquiry proves of the transaction.
    pub fn of_inquiry(&self) -> Certainty {
        match self.http_status {
            200..=299 => self.of_transaction(),
            404 if self.has_envelope() && self.says_nothing_else() => Certainty::Absent,
            _ => Certainty::Unknown,
        }
    }

    /// What the answer to a request about tokens proves.
    pub fn of_token(&self) -> Certainty {
        let is_done = matches!(self.request_status.as_deref(), Some("SUCCESS" | "DELETED"));
        match self.http_status {
            200..=299 if is_done && self.token.is_some() => Certainty::Approved,
            400 | 401 | 403 | 404 | 409 if self.has_envelope() => Certainty::Declined,
            _ => Certainty::Unknown,
        }
    }

    /// Of a transaction that is there. An answer that does not say which, or what it is, says nothing.
    fn of_transaction(&self) -> Certainty {
        if self.ipg_transaction_id.is_none()
            || self.response_type.is_some()
            || self.has_code(&BROKEN)
        {
            return Certainty::Unknown;
        }
        match self.transaction_type.as_deref() {
            Some(PAYER_AUTH) => self.of_payer_auth(),
            Some(_) => match (self.word(), self.line()) {
                (Some(Word::Yes), None | Some(Word::Yes)) => Certainty::Approved,
                (Some(Word::No), None | Some(Word::No)) => Certainty::Declined,
                (Some(Word::Waiting), None | Some(Word::Waiting)) => Certainty::Waiting,
                _ => Certainty::Unknown,
            },
            None => Certainty::Unknown,
        }
    }

    /// An authentication goes on waiting when the payer has proved to be the holder, and when a password was wrong of which
    /// another may be tried: its line tells them apart (seed).
    fn of_payer_auth(&self) -> Certainty {
        match (self.word(), self.line()) {
            (Some(Word::Yes | Word::Waiting), Some(Word::Yes)) => Certainty::Approved,
            (Some(Word::Waiting), Some(Word::Waiting | Word::No)) => Certainty::Waiting,
            (Some(Word::No), None | Some(Word::No)) => Certainty::Declined,
            _ => Certainty::Unknown,
        }
    }

    fn word(&self) -> Option<Word> {
        self.status.as_deref().map(Word::of)
    }

    fn line(&self) -> Option<Word> {
        match self.has_unread_approval_code {
            true => Some(Word::Other),
            false => self.approval_code.as_ref().map(line),
        }
    }

    /// Whether the gateway says one of these, in its error or in its line.
    fn has_code(&self, codes: &[&str]) -> bool {
        let said = [self.error_code.as_deref(), self.declined_code()];
        said.into_iter().flatten().any(|said| codes.contains(&said.trim_start_matches('-')))
    }

    fn declined_code(&self) -> Option<&str> {
        match &self.approval_code {
            Some(ApprovalCode::Declined { code, .. }) => Some(code),
            _ => None,
        }
    }

    /// A network's code that is no refusal, such as that the issuer did not answer in time.
    fn is_network_unsure(&self) -> bool {
        let said = [self.response_code.as_deref(), self.declined_code()];
        let codes = said.into_iter().flatten().filter_map(|code| code.parse::<ResponseCode>().ok());
        codes.into_iter().any(|code| code.certainty() != OfNetwork::Declined)
    }

    /// Whether it is an error in the provider's envelope.
    fn has_envelope(&self) -> bool {
        self.response_type.is_some() && self.error_code.is_some()
    }

    /// Whether no transaction speaks against a refusal.
    fn says_nothing_else(&self) -> bool {
        matches!(self.word(), None | Some(Word::No)) && matches!(self.line(), None | Some(Word::No))
    }
}
