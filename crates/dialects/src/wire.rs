//! The shapes between HTTP and a dialect, in our own words.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use thiserror::Error;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Customer, Payment, Refusal, Urls};
use torana_domain::payout::Beneficiary;
use torana_domain::subscription::{Standing, Subscription, Terms};
use torana_domain::{BrandId, Money, PaymentId, Timestamp};

use crate::cards::{CardCall, CardError};

/// A path that a dialect answers.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The path in axum's syntax, such as `/v1/payment/{id}`.
    pub path: &'static str,
    /// The methods that are answered; others get [`WireError::MethodNotAllowed`].
    pub methods: &'static [Method],
}

/// A request, read whole. Its `Debug` shows neither headers nor body: there are cards and signatures in them.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a Method,
    /// The [`Route::path`] that matched.
    pub route: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// The query without its question mark; empty if there is none.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body's raw bytes.
    pub body: &'a [u8],
    /// Random, new for each request: for answers that name the request itself.
    pub id: u128,
    /// When it came, by the server's clock.
    pub at: Timestamp,
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", self.method)
            .field("route", &self.route)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a request shows of who calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// By which the brand is looked up.
    pub key: String,
    /// What shows that the caller knows the brand's secret, where that is not the key itself and is sent again unchanged,
    /// such as a token: the server remembers proofs that were found good.
    pub proof: Option<String>,
}

impl Credential {
    /// A key that is the whole proof.
    pub fn key(key: String) -> Self {
        Self { key, proof: None }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// What the server knows of a [`Credential::proof`].
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// When it was last found good, by the server's clock, if it was.
    pub good_at: Option<Timestamp>,
    /// Whether a costly search may be made now.
    pub may_search: bool,
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Call {
    /// Make a payment.
    Create(Box<CreatePayment>),
    /// How does this payment stand?
    Find(FindPayment),
    /// Give money back.
    Refund(Box<RefundPayment>),
    /// The merchant gives the payment up. The first candidate that exists is meant.
    Cancel(Vec<Candidate>),
    /// Make a payment that comes again.
    Subscribe(Box<Subscribe>),
    /// How does this subscription stand? It is known by its first payment.
    FindSubscription(Vec<Candidate>),
    /// The merchant ends a subscription.
    EndSubscription(Vec<Candidate>),
    /// How does this payment or payout stand? The first candidate that is either is meant.
    FindTransaction(Vec<Candidate>),
    /// The merchant names a receipt for the payer.
    Claim(ClaimPayment),
    /// Send money to somebody.
    Payout(Box<CreatePayout>),
    /// Something about cards.
    Card(CardCall),
}

/// A payment to be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindPayment {
    /// The first that exists is meant.
    pub candidates: Vec<Candidate>,
    /// What its amount must be, where the caller proves by it that it knows the payment.
    pub amount: Option<Money>,
}

/// Money to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundPayment {
    /// The first that exists is meant.
    pub candidates: Vec<Candidate>,
    /// How much, as text: its currency is the payment's.
    pub amount: String,
    /// The currency, if the caller names it.
    pub currency: Option<String>,
    /// Why, in the merchant's words; empty if it does not say.
    pub reason: String,
    /// The merchant's own name of the refund: see `torana_domain::payment::Command::RequestRefund`.
    pub reference: Option<String>,
    /// Where the API has no name: for how many milliseconds the same amount means the same refund, if at all.
    pub repeat_ms: Option<i64>,
}

/// What the merchant says on the payer's behalf: money was sent. It is believed as little as if the payer said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPayment {
    /// The first that exists is meant.
    pub candidates: Vec<Candidate>,
    /// The rail on which it was sent, such as `upi`: a payment that is not to be paid on it is not meant.
    pub method: String,
    /// The rail's reference of the transfer.
    pub reference: String,
}

/// A payment that comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// The first.
    pub first: CreatePayment,
    /// When the others come, and of how much they are.
    pub terms: Terms,
}

/// A payment to be made, as the merchant asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatePayment {
    /// What the merchant asks for.
    pub amount: Money,
    /// Who pays.
    pub customer: Customer,
    /// Where the outcome is told.
    pub urls: Urls,
    /// The merchant's own data as JSON text.
    pub metadata: Option<String>,
    /// What the dialect wants to find again in `Order::dialect_note`.
    pub dialect_note: Option<String>,
    /// After how many milliseconds it expires if unpaid; the brand's own rule if the merchant does not say.
    pub expiry_ms: Option<i64>,
    /// The method (`upi`, `epay`) of which an account must take it; none where the payer chooses.
    pub method: Option<String>,
    /// The same key with the same content is the same payment, with other content [`Refusal::KeyUsed`]; none where this API
    /// makes a new payment of each request.
    pub key: Option<String>,
}

/// Money to be sent to somebody, as the merchant asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct CreatePayout {
    /// How much the other side gets.
    pub amount: Money,
    /// The way on which it is to be sent, in our own words: `upi`, `card`, `bank`.
    pub method: String,
    /// Who gets it. A card's number is masked to its first six and last four digits.
    pub beneficiary: Beneficiary,
    /// The whole number of a card, if it is one: sealed, shown only to whoever sends the money, destroyed at the end.
    pub secret: Option<String>,
    /// The merchant's customer, for whom it is.
    pub customer: Customer,
    /// Where the merchant's server is told of the outcome.
    pub callback: Option<String>,
    /// The merchant's own data as JSON text.
    pub metadata: Option<String>,
    /// What the dialect wants to find again in `PayoutOrder::dialect_note`.
    pub dialect_note: Option<String>,
    /// See [`CreatePayment::key`].
    pub key: Option<String>,
}

impl std::fmt::Debug for CreatePayout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatePayout")
            .field("amount", &self.amount)
            .field("method", &self.method)
            .field("beneficiary", &self.beneficiary)
            .field("secret", &self.secret.as_ref().map(|_| "…"))
            .field("customer", &self.customer)
            .field("callback", &self.callback)
            .field("metadata", &self.metadata)
            .field("dialect_note", &self.dialect_note)
            .field("key", &self.key)
            .finish()
    }
}

/// A payment, or where it is asked for a payout, that a text may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// By number within the brand.
    Number(PaymentNumber),
    /// By whole identity; must be of the asking brand.
    Id(PaymentId),
    /// The one that was made under this [`CreatePayment::key`] or [`CreatePayout::key`] of the dialect.
    Key(String),
    /// The only payment of the brand with a number in this range; none is meant if there are several.
    Within {
        /// The lowest number.
        first: PaymentNumber,
        /// The highest number.
        last: PaymentNumber,
    },
}

/// From what the low bits of a new payment's number are made.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// 64 random bits.
    pub random: u64,
    /// Counts on with every draw of a node, from a start that is another in each millisecond and known to nobody: two draws
    /// of one node in one millisecond never meet, as long as there are fewer than what it is reduced to.
    pub sequence: u64,
}

/// A payment that a provider's link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// By its whole identity.
    Id(PaymentId),
    /// By its number, where the link does not name the brand: of a brand whose id leaves `remainder` by `modulus`.
    Number {
        /// The number.
        number: PaymentNumber,
        /// See above.
        remainder: u32,
        /// See above; never zero.
        modulus: u32,
    },
}

impl Linked {
    /// Whether it can be a payment of that brand.
    pub fn may_be_of(self, brand: BrandId) -> bool {
        match self {
            Self::Id(id) => id.brand == brand,
            Self::Number { remainder, modulus, .. } => {
                brand.0.checked_rem(modulus) == Some(remainder)
            }
        }
    }
}

/// A subscription with the payments that it made.
#[derive(Clone, Copy, Debug)]
pub struct Subscribed<'a> {
    /// The subscription.
    pub subscription: &'a Subscription,
    /// Its payments, oldest first; of very many the first two and the last hundred.
    pub payments: &'a [Payment],
    /// How all of them stand.
    pub standing: Standing,
}

/// An answer in the provider's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The content type.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
    /// Headers of the provider's own, such as a signature; names in lower case.
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// An answer without headers of its own.
    pub fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, body: body.into(), headers: vec![] }
    }

    /// An answer in JSON.
    pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A message to the merchant's server, in the provider's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Where to; untrusted.
    pub url: String,
    /// The content type.
    pub content_type: &'static str,
    /// Headers of the provider's own, such as a signature.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request showed to be let in, and what it was let in for. Where a signature covers neither method nor path, a
/// stranger who saw a request could send its proof to another path: the server remembers for a while what a proof was used
/// for, and refuses it for anything else with [`Door::ProofWrong`].
#[derive(Clone, PartialEq, Eq)]
pub struct Pin {
    /// The proof in one form, whichever of several it was sent in. Only that of a request that was found genuine counts.
    pub proof: String,
    /// For what: method, environment and target, as the dialect understands them.
    pub target: String,
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pin(… for {})", self.target)
    }
}

/// Why a request gets no further than the door, where an API tells such cases apart. A key that nobody has is
/// [`WireError::Unauthenticated`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Door {
    /// It shows no key.
    #[error("no key")]
    KeyMissing,
    /// What must come with the key is missing, or not of its form.
    #[error("what must come with the key is missing or malformed")]
    Malformed,
    /// It shows no proof.
    #[error("no proof")]
    ProofMissing,
    /// It shows a token, and none is known.
    #[error("unknown token")]
    TokenUnknown,
    /// The proof is not that of this request.
    #[error("wrong proof")]
    ProofWrong,
    /// The proof is right, but too old or of the future.
    #[error("stale proof")]
    Stale,
}

impl Door {
    /// Whether somebody may be guessing: such failures are counted by address. Whoever proved to have the secret, or showed
    /// nothing, does not guess.
    pub const fn is_guess(self) -> bool {
        match self {
            Self::TokenUnknown | Self::ProofWrong => true,
            Self::KeyMissing | Self::Malformed | Self::ProofMissing | Self::Stale => false,
        }
    }
}

/// Why a request is not carried out. Each dialect renders it into its own envelope; the message is for the client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// No credential, or one that is not known.
    #[error("missing or unknown credential")]
    Unauthenticated,
    /// The same, where the API has words of its own for each case.
    #[error(transparent)]
    Door(Door),
    /// Too many failures from this address; ask again after so many seconds.
    #[error("too many requests")]
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// Fields are missing or wrong.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Invalid(Vec<Flaw>),
    /// The rules of payments say no.
    #[error(transparent)]
    Refused(Refusal),
    /// The body is not what its content type says.
    #[error("{0}")]
    Malformed(&'static str),
    /// No account of the brand can take it.
    #[error("no rail of this brand takes that method and currency")]
    NoRoute,
    /// No such payment of this brand.
    #[error("no such payment")]
    NotFound,
    /// The path does not take this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The body is larger than the server takes.
    #[error("request too large")]
    TooLarge,
    /// The rules of cards say no.
    #[error(transparent)]
    Card(CardError),
    /// The body is of a type that this API does not take.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// Torana cannot do it now; nothing was written.
    #[error("temporarily unavailable")]
    Unavailable,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct Flaw {
    /// The provider's own name of the field.
    pub field: &'static str,
    /// What is wrong, for the client.
    pub message: String,
    /// Whether the field is not there at all.
    pub is_missing: bool,
}

impl Flaw {
    /// A field that is wrong.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into(), is_missing: false }
    }

    /// A field that is not there.
    pub fn missing(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into(), is_missing: true }
    }
}

impl From<Flaw> for WireError {
    fn from(flaw: Flaw) -> Self {
        Self::Invalid(vec![flaw])
    }
}

impl WireError {
    /// One field that is wrong.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Flaw::new(field, message).into()
    }
}

/// The exact decimal text of an amount that a client may have sent as a JSON number or as text. Nothing else is
/// an amount.
pub fn amount_of_json(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::String(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}
