//! The card network: `torana_rails::card::network`'s conversation with a far end that takes its time.

use std::future::Future;

use torana_rails::card::network::{
    Authenticate, AuthenticationAnswer, Authorise, BinFacts, CheckBin, Forget, Found, Further,
    Initiate, Initiated, Keep, Keeping, NoAnswer, NotKnown, Outcome, Status, Void,
};
use torana_store::AccountRow;

use super::{FarEnd, Simulated, Upstream};
use crate::app::App;
use crate::brands::Brand;

/// A network and the issuers behind it. The same operation asked twice is one operation, with one answer.
pub trait CardNetwork {
    /// Whether cards that begin so take part, and how their holders are authenticated.
    fn check_bin(
        &self,
        question: CheckBin,
    ) -> impl Future<Output = Result<BinFacts, NoAnswer>> + Send;
    /// Begins to authenticate a payer for one sale.
    fn initiate(
        &self,
        question: Initiate,
    ) -> impl Future<Output = Result<Initiated, NoAnswer>> + Send;
    /// Goes on with it.
    fn authenticate(
        &self,
        question: Authenticate,
    ) -> impl Future<Output = Result<AuthenticationAnswer, NoAnswer>> + Send;
    /// Takes the money, or reserves it.
    fn authorise(
        &self,
        question: Authorise,
    ) -> impl Future<Output = Result<Outcome, NoAnswer>> + Send;
    /// Takes money that was reserved.
    fn capture(&self, question: Further) -> impl Future<Output = Result<Outcome, NoAnswer>> + Send;
    /// Undoes an operation on the day of it, whole.
    fn void(&self, question: Void) -> impl Future<Output = Result<Outcome, NoAnswer>> + Send;
    /// Gives back a part of what was taken, or all of it.
    fn refund(&self, question: Further) -> impl Future<Output = Result<Outcome, NoAnswer>> + Send;
    /// What became of an operation, by our name for it.
    fn status(&self, question: Status) -> impl Future<Output = Result<Found, NotKnown>> + Send;
    /// Keeps a card under a name of its own.
    fn keep(&self, question: Keep) -> impl Future<Output = Result<Keeping, NoAnswer>> + Send;
    /// Forgets a card that it keeps.
    fn forget(&self, question: Forget) -> impl Future<Output = Result<(), NoAnswer>> + Send;
}

/// The far end of an account.
#[derive(Debug)]
pub enum Network<'a> {
    /// See [`FarEnd::Simulator`].
    Simulated(Simulated<'a>),
    /// See [`FarEnd::Ipg`].
    Ipg(Upstream<'a>),
}

impl<'a> Network<'a> {
    /// That of an account; none if it is set up wrongly, or is a simulator of a live brand.
    pub fn of(app: &'a App, brand: &'a Brand, account: &'a AccountRow) -> Option<Self> {
        match FarEnd::of(account)? {
            FarEnd::Simulator if brand.is_test() => {
                Some(Self::Simulated(Simulated::new(app, brand)))
            }
            FarEnd::Simulator => None,
            FarEnd::Ipg => Upstream::of(app, brand, account).map(Self::Ipg),
        }
    }
}

macro_rules! ask {
    ($self:ident, $question:ident, $method:ident) => {
        match $self {
            Network::Simulated(network) => network.$method($question).await,
            Network::Ipg(network) => network.$method($question).await,
        }
    };
}

impl CardNetwork for Network<'_> {
    async fn check_bin(&self, question: CheckBin) -> Result<BinFacts, NoAnswer> {
        ask!(self, question, check_bin)
    }

    async fn initiate(&self, question: Initiate) -> Result<Initiated, NoAnswer> {
        ask!(self, question, initiate)
    }

    async fn authenticate(&self, question: Authenticate) -> Result<AuthenticationAnswer, NoAnswer> {
        ask!(self, question, authenticate)
    }

    async fn authorise(&self, question: Authorise) -> Result<Outcome, NoAnswer> {
        ask!(self, question, authorise)
    }

    async fn capture(&self, question: Further) -> Result<Outcome, NoAnswer> {
        ask!(self, question, capture)
    }

    async fn void(&self, question: Void) -> Result<Outcome, NoAnswer> {
        ask!(self, question, void)
    }

    async fn refund(&self, question: Further) -> Result<Outcome, NoAnswer> {
        ask!(self, question, refund)
    }

    async fn status(&self, question: Status) -> Result<Found, NotKnown> {
        ask!(self, question, status)
    }

    async fn keep(&self, question: Keep) -> Result<Keeping, NoAnswer> {
        ask!(self, question, keep)
    }

    async fn forget(&self, question: Forget) -> Result<(), NoAnswer> {
        ask!(self, question, forget)
    }
}
