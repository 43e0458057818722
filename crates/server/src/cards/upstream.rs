//! Another gateway that speaks IPG's API, as the network: for merchants with an acquirer's contract. What is sent and what an
//! answer means stand in `torana_dialects::fiserv_ipg::client`; here it is sent.
//!
//! Each operation goes under our own name for it, so that it can be asked after, and under one `Client-Request-Id`, so that
//! the same question again is the same operation there.

use serde::{Deserialize, Serialize};
use torana_dialects::cards::PayerBrowser;
use torana_dialects::fiserv_ipg::Hidden;
use torana_dialects::fiserv_ipg::approval::ApprovalCode;
use torana_dialects::fiserv_ipg::client::{
    self, Certainty, ClientAnswer, ClientAuthorisation, ClientKeys, ClientPayerAuth, ClientRequest,
    sign,
};
use torana_domain::Money;
use torana_domain::card::{
    Approval, AuthenticationEnd, Means, OperationId, Refusal, ResponseCode, otp,
};
use torana_rails::card::Flows;
use torana_rails::card::network::{
    Authenticate, Authenticated, AuthenticationAnswer, Authorise, BinFacts, Challenge, CheckBin,
    Forget, Found, Further, Initiate, Initiated, Keep, Keeping, Kept, NoAnswer, NotKnown, Original,
    Outcome, Proof, Status, Void,
};
use torana_store::AccountRow;

use super::CardNetwork;
use crate::app::App;
use crate::bounded::read_at_most;
use crate::brands::Brand;
use crate::clock;
use crate::secrets::random_hex;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;
/// What is said of an operation that goes on: in progress.
const IN_PROGRESS: &str = "09";
/// What a gateway says of a code that is too old: see `torana_dialects::fiserv_ipg`.
const TOO_OLD: &str = "68";

/// What is sealed with the account.
#[derive(Serialize, Deserialize)]
pub struct UpstreamSecret {
    /// Header `Api-Key`.
    pub api_key: String,
    /// Key of the signatures.
    pub api_secret: String,
}

/// The gateway of an account.
pub struct Upstream<'a> {
    app: &'a App,
    client: &'a reqwest::Client,
    base: String,
    keys: ClientKeys,
}

impl std::fmt::Debug for Upstream<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("base", &self.base).finish_non_exhaustive()
    }
}

impl<'a> Upstream<'a> {
    /// That of an account; none if it is set up wrongly.
    pub fn of(app: &'a App, brand: &'a Brand, account: &AccountRow) -> Option<Self> {
        let secret = brand.rail_secret(account.id)?;
        let secret: UpstreamSecret = serde_json::from_slice(secret).ok()?;
        let base = account.details.site.clone()?;
        Some(Self {
            app,
            // A test gateway may be on this machine; a live one never is on a private network.
            client: if brand.is_test() { &app.near } else { &app.far },
            base: base.trim_end_matches('/').to_owned(),
            keys: ClientKeys {
                api_key: secret.api_key,
                api_secret: Hidden::new(secret.api_secret),
                store_id: account.number.clone(),
            },
        })
    }

    /// Sends it under a name; what cannot be read is no answer.
    async fn send(&self, request: ClientRequest, name: &str) -> Result<ClientAnswer, NoAnswer> {
        let url = format!("{}{}", self.base, request.path);
        let mut sent = self.client.request(request.method, url);
        for (header, value) in sign(&self.keys, name, clock::now(), &request.body) {
            sent = sent.header(header, value);
        }
        let lost = |error: reqwest::Error| {
            let is_unreached = error.is_connect() || error.is_builder();
            tracing::warn!(error = %error.without_url(), "an upstream gateway did not answer");
            if is_unreached { NoAnswer::NotReached } else { NoAnswer::Lost }
        };
        let mut response = sent.body(request.body.to_vec()).send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let body = read_at_most(&mut response, ANSWER_BYTES).await;
        let (body, _) = body.map_err(|_| NoAnswer::Lost)?;
        ClientAnswer::read(status, &body).map_err(|_| NoAnswer::Lost)
    }

    /// Sends what moves money.
    async fn move_money(
        &self,
        request: Option<ClientRequest>,
        operation: &OperationId,
        amount: Option<Money>,
    ) -> Result<Outcome, NoAnswer> {
        let request = request.ok_or(NoAnswer::NotReached)?;
        let answer = self.send(request, &format!("op-{operation}")).await?;
        Ok(outcome(&answer, answer.of_deed(), amount))
    }
}

fn id_of(original: &Original) -> &str {
    match original {
        Original::Transaction(transaction) => transaction.as_str(),
        Original::Operation(operation) => operation.as_str(),
    }
}

/// What an answer makes of an operation.
fn outcome(answer: &ClientAnswer, certainty: Certainty, asked: Option<Money>) -> Outcome {
    let transaction = answer.ipg_transaction_id.as_deref().and_then(|id| id.parse().ok());
    match certainty {
        Certainty::Approved => {
            let amount = answer.approved_amount.or(answer.transaction_amount).or(asked);
            match transaction.zip(amount) {
                Some((transaction, amount)) => Outcome::Approved(Approval {
                    transaction,
                    amount,
                    reference_number: answer.reference_number.clone().unwrap_or_default(),
                    authorisation_code: answer.authorization_code.clone().unwrap_or_default(),
                    scheme_transaction: answer.scheme_transaction_id.clone(),
                }),
                None => Outcome::Lost,
            }
        }
        Certainty::Declined => Outcome::Declined { transaction, refusal: refusal(answer) },
        Certainty::Waiting => match IN_PROGRESS.parse() {
            Ok(response) => Outcome::Unknown { transaction, response },
            Err(_) => Outcome::Lost,
        },
        Certainty::Absent | Certainty::Unknown => Outcome::Lost,
    }
}

/// Why it was declined: in the network's words where they are told, else in the gateway's.
fn refusal(answer: &ClientAnswer) -> Refusal {
    let network = answer.response_code.as_deref().and_then(|code| code.parse().ok());
    let network = network
        .filter(|code: &ResponseCode| code.certainty() == torana_domain::card::Certainty::Declined);
    match network {
        Some(code) => Refusal::Network(code),
        None => Refusal::Gateway {
            code: answer.error_code.clone().unwrap_or_default(),
            text: answer.error_message.clone().unwrap_or_default(),
        },
    }
}

/// How an authentication stands after a step.
fn stands(answer: &ClientAnswer, is_resend: bool) -> Option<Authenticated> {
    let refused = match &answer.approval_code {
        Some(ApprovalCode::Declined { code, .. }) => Some(code.as_str()),
        _ => None,
    };
    match (answer.of_deed(), answer.otp_validity_in_minutes) {
        (Certainty::Approved, _) => Some(Authenticated::Passed),
        // The last code still holds.
        (Certainty::Declined, _) if is_resend => {
            Some(Authenticated::NotResent(otp::Refusal::NoMoreCodes))
        }
        (Certainty::Declined, _) => Some(Authenticated::Failed(AuthenticationEnd::Refused)),
        (Certainty::Waiting, Some(valid_minutes)) if is_resend => {
            Some(Authenticated::Resent { valid_minutes })
        }
        (Certainty::Waiting, _) if is_resend => {
            Some(Authenticated::NotResent(otp::Refusal::NoMoreCodes))
        }
        (Certainty::Waiting, _) if refused == Some(TOO_OLD) => Some(Authenticated::CodeExpired),
        (Certainty::Waiting, _) if refused.is_some() => {
            Some(Authenticated::WrongCode { tries_left: None })
        }
        (Certainty::Waiting | Certainty::Absent | Certainty::Unknown, _) => None,
    }
}

impl CardNetwork for Upstream<'_> {
    /// From the table: the gateway says what it does with a card when it is asked to.
    async fn check_bin(&self, question: CheckBin) -> Result<BinFacts, NoAnswer> {
        let known = self.app.bins.look_up(&question.bin, None).ok_or(NoAnswer::NotReached)?;
        Ok(BinFacts { brand: known.brand, flows: Some(Flows::Both), issuer: None })
    }

    async fn initiate(&self, question: Initiate) -> Result<Initiated, NoAnswer> {
        let Initiate { operation, order, amount, means, return_url, browser } = question;
        let browser = PayerBrowser {
            accept: browser.accept,
            ip: browser.ip,
            language: browser.language,
            user_agent: browser.user_agent,
        };
        let asked = ClientPayerAuth {
            amount,
            order: &order,
            merchant_transaction_id: operation.as_str(),
            means: &means,
            term_url: &return_url,
            browser: &browser,
        };
        let request = client::payer_auth(&self.keys, &asked);
        let answer = self.send(request, &format!("op-{operation}")).await?;
        let authentication = answer.ipg_transaction_id.as_deref().and_then(|id| id.parse().ok());
        let challenge = match (&answer.acs_url, answer.otp_validity_in_minutes) {
            (Some(url), _) => Some(Challenge::Redirect { url: url.clone() }),
            (None, Some(valid_minutes)) => Some(Challenge::Code { valid_minutes }),
            (None, None) => None,
        };
        match (answer.of_deed(), authentication, challenge) {
            (Certainty::Waiting, Some(authentication), Some(challenge)) => {
                Ok(Initiated::Challenged { authentication, challenge })
            }
            (Certainty::Declined, ..) => Ok(Initiated::Refused(refusal(&answer))),
            _ => Err(NoAnswer::Lost),
        }
    }

    async fn authenticate(&self, question: Authenticate) -> Result<AuthenticationAnswer, NoAnswer> {
        let id = question.authentication.as_str();
        let means = question.card.map(Means::Card);
        let name = format!("step-{}", random_hex(12));
        let (answer, stands) = match question.proof {
            Proof::Code(code) => {
                let request = client::verify_otp(&self.keys, id, means.as_ref(), &code);
                let answer = self.send(request.ok_or(NoAnswer::NotReached)?, &name).await?;
                let stands = stands(&answer, false);
                (answer, stands)
            }
            Proof::Resend => {
                let request = client::regenerate_otp(&self.keys, id, means.as_ref());
                let answer = self.send(request.ok_or(NoAnswer::NotReached)?, &name).await?;
                let stands = stands(&answer, true);
                (answer, stands)
            }
            // The browser is not believed: the gateway is asked.
            Proof::Returned(_) => {
                let request = client::inquire(&self.keys, id).ok_or(NoAnswer::NotReached)?;
                let answer = self.send(request, &name).await?;
                let stands = match answer.of_inquiry() {
                    Certainty::Approved => Some(Authenticated::Passed),
                    Certainty::Declined => Some(Authenticated::Failed(AuthenticationEnd::Refused)),
                    Certainty::Waiting => Some(Authenticated::Waiting),
                    Certainty::Absent | Certainty::Unknown => None,
                };
                (answer, stands)
            }
            Proof::PageCode(_) | Proof::PageResend => return Ok(Authenticated::WrongWay.into()),
            Proof::Abandon => {
                return Ok(Authenticated::Failed(AuthenticationEnd::Abandoned).into());
            }
        };
        Ok(AuthenticationAnswer {
            stands: stands.ok_or(NoAnswer::Lost)?,
            code: answer.otp_response_code,
            text: answer.otp_response_description,
        })
    }

    async fn authorise(&self, question: Authorise) -> Result<Outcome, NoAnswer> {
        let asked = ClientAuthorisation {
            kind: question.kind,
            amount: question.amount,
            order: &question.order,
            merchant_transaction_id: question.operation.as_str(),
            upon: question.authentication.as_ref().map(|id| id.as_str()),
            means: question.means.as_ref(),
            cryptogram: question.cryptogram.as_ref(),
        };
        let request = client::authorise(&self.keys, &asked);
        self.move_money(Some(request), &question.operation, Some(question.amount)).await
    }

    async fn capture(&self, question: Further) -> Result<Outcome, NoAnswer> {
        let Further { operation, original, amount } = question;
        let of = id_of(&original);
        let request = client::capture(&self.keys, of, amount, operation.as_str());
        self.move_money(request, &operation, Some(amount)).await
    }

    async fn void(&self, question: Void) -> Result<Outcome, NoAnswer> {
        let Void { operation, original } = question;
        let request = client::void(&self.keys, id_of(&original), operation.as_str());
        self.move_money(request, &operation, None).await
    }

    async fn refund(&self, question: Further) -> Result<Outcome, NoAnswer> {
        let Further { operation, original, amount } = question;
        let of = id_of(&original);
        let request = client::refund(&self.keys, of, amount, operation.as_str());
        self.move_money(request, &operation, Some(amount)).await
    }

    async fn status(&self, question: Status) -> Result<Found, NotKnown> {
        let request = client::inquire(&self.keys, question.operation.as_str()).ok_or(NotKnown)?;
        let name = format!("ask-{}", random_hex(12));
        let answer = self.send(request, &name).await.map_err(|_| NotKnown)?;
        match answer.of_inquiry() {
            Certainty::Absent => Ok(Found::Nothing),
            Certainty::Unknown => Err(NotKnown),
            certainty => Ok(Found::Operation(outcome(&answer, certainty, None))),
        }
    }

    async fn keep(&self, question: Keep) -> Result<Keeping, NoAnswer> {
        let request = client::keep(&self.keys, &question.card);
        let answer = self.send(request, &format!("op-{}", question.operation)).await?;
        match (answer.of_token(), answer.token.clone()) {
            (Certainty::Approved, Some(token)) => Ok(Keeping::Kept(Kept { token })),
            (Certainty::Declined, _) => Ok(Keeping::Refused(refusal(&answer))),
            _ => Err(NoAnswer::Lost),
        }
    }

    async fn forget(&self, question: Forget) -> Result<(), NoAnswer> {
        let request = client::forget(&self.keys, &question.token).ok_or(NoAnswer::NotReached)?;
        self.send(request, &format!("forget-{}", random_hex(12))).await.map(drop)
    }
}
