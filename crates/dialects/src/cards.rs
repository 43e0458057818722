//! What APIs that take cards ask for, and what they are answered, in our own words.
//!
//! Such an API speaks of *operations* (an authentication, a sale, a refund), each with a number of its own, where others
//! speak of payments. They are those of `torana_domain::card::operation`; an order of the API is a payment.
//!
//! *Invariant:* numbers of cards, security codes and one-time codes are in the types of `torana_domain::card` here, and
//! nowhere as plain text.

use torana_domain::card::operation::CardOperation;
use torana_domain::card::{Bin, Card, CardBrand, CardFacts, Kind, Means, OneTimeCode};
use torana_domain::payment::Payment;
use torana_domain::{Money, Timestamp};
use zeroize::Zeroizing;

use crate::{CreatePayment, Flaw};

/// A request that may come twice and is to be carried out once.
#[derive(PartialEq, Eq)]
pub struct Repeat {
    /// What makes two requests one: the caller's name of it, method, target and content, but neither a security code nor a
    /// one-time code, nor when it was signed. The server keeps a keyed hash of it, under a key of its own.
    pub content: Zeroizing<Vec<u8>>,
    /// For how many milliseconds the same content is the same request.
    pub for_ms: i64,
}

impl std::fmt::Debug for Repeat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repeat(… for {} ms)", self.for_ms)
    }
}

/// The payer's browser, of which a network wants to know all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayerBrowser {
    /// Its `Accept` header.
    pub accept: String,
    /// The address that it comes from.
    pub ip: String,
    /// Its language.
    pub language: String,
    /// Its `User-Agent` header.
    pub user_agent: String,
}

/// How a card is to be kept beside a payment, or without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepCard {
    /// The merchant's name of it; the server makes one if there is none.
    pub value: Option<String>,
    /// Whether it is good for more than one payment.
    pub reusable: bool,
    /// Whether the same card may not be kept under another name beside it.
    pub decline_duplicates: bool,
}

/// A payer is to prove to be the holder: makes the payment.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthenticateCard {
    /// The payment. Its key is the order's name, which no order of the brand may have yet.
    pub payment: CreatePayment,
    /// With what will be paid.
    pub means: Means,
    /// The brand of the card by the merchant's word; counts only where the digits allow it.
    pub named_brand: Option<CardBrand>,
    /// Where the browser goes back to; untrusted.
    pub return_url: String,
    /// The browser.
    pub browser: PayerBrowser,
    /// The card is to be kept.
    pub keep: Option<KeepCard>,
    /// See [`CardOperation::merchant_name`].
    pub merchant_name: Option<String>,
    /// See [`CardOperation::note`].
    pub note: Option<String>,
    /// See [`Repeat`].
    pub repeat: Repeat,
}

/// What the payer does in an authentication by code.
#[derive(Debug, PartialEq, Eq)]
pub enum CardProof {
    /// Typed a code.
    Code(OneTimeCode),
    /// Wants another.
    Resend,
}

/// An authentication goes on.
#[derive(Debug, PartialEq, Eq)]
pub struct ProveCard {
    /// Which.
    pub of: OperationName,
    /// The order, if the caller names it.
    pub order: Option<String>,
    /// The card again, if it was sent: another one proves nothing.
    pub card: Option<Card>,
    /// What the payer does.
    pub proof: CardProof,
    /// See [`Repeat`].
    pub repeat: Repeat,
}

/// Money is to be taken or reserved.
#[derive(PartialEq, Eq)]
pub struct AuthoriseCard {
    /// Taken or reserved.
    pub kind: Kind,
    /// The authentication that it is upon.
    pub upon: Option<OperationName>,
    /// The order, if the caller names it.
    pub order: Option<String>,
    /// How much.
    pub amount: Money,
    /// With what, where it is sent again or there was no authentication.
    pub means: Option<Means>,
    /// The brand of the card by the merchant's word.
    pub named_brand: Option<CardBrand>,
    /// What proves a network's token, as text.
    pub cryptogram: Option<Zeroizing<String>>,
    /// The payment to be made where it is upon nothing.
    pub payment: CreatePayment,
    /// The card is to be kept.
    pub keep: Option<KeepCard>,
    /// See [`CardOperation::merchant_name`].
    pub merchant_name: Option<String>,
    /// See [`CardOperation::note`].
    pub note: Option<String>,
    /// See [`Repeat`].
    pub repeat: Repeat,
}

impl std::fmt::Debug for AuthoriseCard {
    /// A cryptogram pays as a security code does: it does not print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthoriseCard")
            .field("kind", &self.kind)
            .field("upon", &self.upon)
            .field("order", &self.order)
            .field("amount", &self.amount)
            .field("means", &self.means)
            .field("named_brand", &self.named_brand)
            .field("payment", &self.payment)
            .field("merchant_name", &self.merchant_name)
            .finish_non_exhaustive()
    }
}

/// What follows upon an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowKind {
    /// Reserved money is taken.
    Capture,
    /// It is undone.
    Void,
    /// All that is reserved in its order is let go.
    VoidReservations,
    /// Money goes back.
    Refund,
}

/// Something is to follow upon an operation, or upon the order's last that it can follow.
#[derive(Debug, PartialEq, Eq)]
pub struct FollowCard {
    /// Upon what.
    pub of: OperationOrOrder,
    /// What.
    pub kind: FollowKind,
    /// How much; of a void it may be left out.
    pub amount: Option<Money>,
    /// Why, in the merchant's words; empty if it does not say.
    pub reason: String,
    /// See [`CardOperation::merchant_name`].
    pub merchant_name: Option<String>,
    /// See [`CardOperation::note`].
    pub note: Option<String>,
    /// See [`Repeat`].
    pub repeat: Repeat,
}

/// An operation as a caller names it: by its number in decimal digits, or by [`CardOperation::merchant_name`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationName(pub String);

/// What something is to follow upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationOrOrder {
    /// This operation.
    Operation(OperationName),
    /// The order of that name.
    Order(String),
}

/// What a request asks for, where it is about cards.
#[derive(Debug, PartialEq, Eq)]
pub enum CardCall {
    /// Begin an authentication.
    Authenticate(Box<AuthenticateCard>),
    /// Go on with one.
    Prove(Box<ProveCard>),
    /// Take or reserve money.
    Authorise(Box<AuthoriseCard>),
    /// Capture, void or refund.
    Follow(Box<FollowCard>),
    /// How does this operation stand?
    Find(OperationName),
    /// How does this order stand?
    FindOrder(String),
    /// What is known of cards that begin so?
    Information {
        /// The first digits.
        bin: Bin,
        /// The brand by the merchant's word.
        named_brand: Option<CardBrand>,
    },
    /// Keep a card without a payment.
    Keep {
        /// The card.
        card: Card,
        /// The brand by the merchant's word.
        named_brand: Option<CardBrand>,
        /// How.
        keep: KeepCard,
        /// See [`Repeat`].
        repeat: Repeat,
    },
    /// What is kept under this name?
    FindKept(String),
    /// Forget what is kept under this name.
    ForgetKept(String),
}

/// A card that is kept under a name. The number is not here, nor with us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCard {
    /// The name.
    pub value: String,
    /// Whether it is good for more than one payment.
    pub reusable: bool,
    /// See [`KeepCard::decline_duplicates`].
    pub decline_duplicates: bool,
    /// What may be shown of the card.
    pub card: CardFacts,
    /// Since when.
    pub at: Timestamp,
}

/// What is known of cards that begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardInformation {
    /// Whose they are.
    pub brand: CardBrand,
    /// Who issued them, where that is known.
    pub issuer: Option<String>,
}

/// The acquirer's names of the merchant, for answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Eight characters.
    pub terminal_id: String,
    /// Fifteen characters.
    pub merchant_id: String,
}

/// A payment with what was asked of the card network for it.
#[derive(Clone, Copy, Debug)]
pub struct CardOrder<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// The order's name: the key of the payment.
    pub order: &'a str,
    /// All of its operations, oldest first.
    pub operations: &'a [CardOperation],
    /// The acquirer's names of the merchant.
    pub terminal: &'a Terminal,
    /// The card as it is now kept, if this request, or the one that it repeats, asked for that.
    pub kept: Option<&'a KeptCard>,
}

/// What was carried out, to be told in the provider's words.
#[derive(Clone, Copy, Debug)]
pub enum CardAnswer<'a> {
    /// An operation as it now is. One that was declined is told as a refusal.
    Operation {
        /// Of which order.
        order: CardOrder<'a>,
        /// Which.
        operation: &'a CardOperation,
    },
    /// An order.
    Order(CardOrder<'a>),
    /// What is known of cards; nothing, if nothing is.
    Information(Option<&'a CardInformation>),
    /// A card is kept.
    Kept(&'a KeptCard),
    /// A card is not kept any more.
    Forgotten(&'a KeptCard),
}

/// Why something about cards is not carried out, where no operation of it was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// There is such an order already.
    #[error("the order exists already")]
    OrderExists,
    /// The operation that is referred to is not there.
    #[error("no such operation")]
    NoSuchOperation,
    /// It is of a kind that this cannot follow.
    #[error("the operation is of another kind")]
    WrongKind,
    /// It is not in a state for this.
    #[error("the operation is not in a state for this")]
    WrongState,
    /// The amount is more than is left.
    #[error("the amount does not fit")]
    WrongAmount,
    /// The currency is not the order's.
    #[error("the currency differs from that of the order")]
    WrongCurrency,
    /// There is nothing to capture in the order.
    #[error("nothing is reserved")]
    NothingReserved,
    /// What was reserved was taken already.
    #[error("captured already")]
    AlreadyCaptured,
    /// There is nothing to void in the order.
    #[error("nothing to void")]
    NothingToVoid,
    /// It is of a kind, or too old, to be voided.
    #[error("cannot be voided")]
    NotVoidable,
    /// A void is of the whole.
    #[error("only the whole can be voided")]
    PartialVoid,
    /// There is nothing to give back in the order.
    #[error("nothing to refund")]
    NothingToRefund,
    /// No account takes cards of that brand.
    #[error("cards of that brand are not taken")]
    BrandNotSupported,
    /// No account takes that currency.
    #[error("no card account takes that currency")]
    CurrencyNotSetUp,
    /// The card's month is over.
    #[error("the card has expired")]
    CardExpired,
    /// The card, order or browser is not that of the authentication.
    #[error("not what the authentication was begun with")]
    OtherCard,
    /// No card is kept under that name.
    #[error("no card is kept under that name")]
    NoSuchKeptCard,
    /// A card is kept under that name, or this card under another that allows no second.
    #[error("the card or the name is kept already")]
    AlreadyKept,
    /// Another request about the same operation is being carried out.
    #[error("another request is at it")]
    Busy,
    /// So many were tried with this card that it rests.
    #[error("too many tries with this card")]
    CardRests,
    /// The network was not reached: nothing has happened.
    #[error("the card network was not reached")]
    NotReached,
    /// Fields are wrong that only the server can judge.
    #[error("{0}")]
    Invalid(Flaw),
}
