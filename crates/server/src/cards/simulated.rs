//! The simulated network, which keeps what it knows in the store: one far end for all nodes, and one that survives a restart.
//!
//! Its transactions are its own: between what is asked and what is written of the answer lies what lies between any two
//! servers.

use std::sync::Arc;

use torana_domain::BrandId;
use torana_domain::card::AuthenticationId;
use torana_rails::card::network::{
    Authenticate, AuthenticationAnswer, Authorise, BinFacts, CardNetwork as _, CheckBin, Draw,
    Forget, Found, Further, Initiate, Initiated, Keep, Keeping, NoAnswer, NotKnown, Outcome,
    Status, Void,
};
use torana_rails::card::simulator::{Asking, Needs as _, Record, Simulator};
use torana_store::{Lane, Reader, SimulatedCardRow, StoreError, Tx};

use super::{CardNetwork, fingerprint_key};
use crate::app::App;
use crate::brands::Brand;

/// Where the simulated issuer's page is; the number of the authentication follows.
pub const ISSUER_PATH: &str = "/sandbox/acs";

/// The network of a test brand.
#[derive(Clone, Copy)]
pub struct Simulated<'a> {
    app: &'a App,
    brand: &'a Brand,
}

impl std::fmt::Debug for Simulated<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Simulated({})", self.brand.id())
    }
}

/// Lets the network remember what a question needs, and all that this follows.
fn remember(
    simulator: &mut Simulator,
    reader: &Reader<'_>,
    brand: BrandId,
    mut numbers: Vec<u64>,
) -> Result<(), StoreError> {
    while let Some(number) = numbers.pop() {
        let Some(row) = reader.simulated_card(brand, number)? else { continue };
        let record: Record = serde_json::from_str(&row.record)
            .map_err(|_| StoreError::Damaged("a simulated card record".into()))?;
        numbers.extend(record.follows());
        simulator.remember(record);
    }
    Ok(())
}

fn row(record: &Record) -> Result<SimulatedCardRow, StoreError> {
    Ok(SimulatedCardRow {
        number: record.number(),
        record: serde_json::to_string(record).map_err(|_| StoreError::Internal)?,
    })
}

impl<'a> Simulated<'a> {
    /// That of a test brand.
    pub fn new(app: &'a App, brand: &'a Brand) -> Self {
        Self { app, brand }
    }

    fn simulator(&self) -> impl Fn() -> Simulator + Send + 'static {
        let key = fingerprint_key(&self.app.vault, self.brand.id());
        let (rules, page) = (self.brand.otp_rules(), self.page_url());
        move || Simulator::new(key.as_slice(), rules, &page)
    }

    fn page_url(&self) -> String {
        format!("{}{ISSUER_PATH}/", self.app.public_url)
    }

    /// Asks, and keeps what has become of it whatever was answered. None if the store is away: nobody knows then.
    async fn run<T: Send + 'static>(
        &self,
        needed: Vec<u64>,
        ask: impl Fn(&mut Simulator, Draw) -> T + Send + 'static,
    ) -> Option<T> {
        let brand = self.brand.id();
        let draw = Draw { now: self.brand.now(), random: self.app.random() };
        let simulator = self.simulator();
        let write = move |tx: &mut Tx<'_>| {
            let mut simulator = simulator();
            remember(&mut simulator, tx, brand, needed.clone())?;
            let answer = ask(&mut simulator, draw);
            for record in simulator.changed() {
                tx.write_simulated_card(brand, &row(record)?)?;
            }
            Ok(answer)
        };
        let answer = self.app.store.write(Lane::Brand(brand), write).await;
        answer.inspect_err(|error| tracing::error!(%error, "the simulated network failed")).ok()
    }

    /// What the issuer knows of an authentication, for its page.
    pub fn asking(&self, number: u64) -> Result<Option<Asking>, StoreError> {
        let brand = self.brand.id();
        let mut simulator = self.simulator()();
        self.app.store.read(|reader| remember(&mut simulator, reader, brand, vec![number]))?;
        let id: Option<AuthenticationId> = number.to_string().parse().ok();
        Ok(id.and_then(|id| simulator.asking(&id).cloned()))
    }
}

impl CardNetwork for Simulated<'_> {
    async fn check_bin(&self, question: CheckBin) -> Result<BinFacts, NoAnswer> {
        let draw = Draw { now: self.brand.now(), random: 0 };
        self.simulator()().check_bin(&question, draw)
    }

    async fn initiate(&self, question: Initiate) -> Result<Initiated, NoAnswer> {
        let needed = question.needed();
        let question = Arc::new(question);
        let ask = move |simulator: &mut Simulator, draw| simulator.initiate(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn authenticate(&self, question: Authenticate) -> Result<AuthenticationAnswer, NoAnswer> {
        let needed = question.needed();
        let question = Arc::new(question);
        let ask = move |simulator: &mut Simulator, draw| simulator.authenticate(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn authorise(&self, question: Authorise) -> Result<Outcome, NoAnswer> {
        let needed = question.needed();
        let question = Arc::new(question);
        let ask = move |simulator: &mut Simulator, draw| simulator.authorise(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn capture(&self, question: Further) -> Result<Outcome, NoAnswer> {
        let needed = question.needed();
        let ask = move |simulator: &mut Simulator, draw| simulator.capture(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn void(&self, question: Void) -> Result<Outcome, NoAnswer> {
        let needed = question.needed();
        let ask = move |simulator: &mut Simulator, draw| simulator.void(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn refund(&self, question: Further) -> Result<Outcome, NoAnswer> {
        let needed = question.needed();
        let ask = move |simulator: &mut Simulator, draw| simulator.refund(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn status(&self, question: Status) -> Result<Found, NotKnown> {
        let needed = question.needed();
        let ask = move |simulator: &mut Simulator, draw| simulator.status(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NotKnown))
    }

    async fn keep(&self, question: Keep) -> Result<Keeping, NoAnswer> {
        let needed = question.needed();
        let question = Arc::new(question);
        let ask = move |simulator: &mut Simulator, draw| simulator.keep(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }

    async fn forget(&self, question: Forget) -> Result<(), NoAnswer> {
        let needed = question.needed();
        let ask = move |simulator: &mut Simulator, draw| simulator.forget(&question, draw);
        self.run(needed, ask).await.unwrap_or(Err(NoAnswer::Lost))
    }
}
