//! A payer with a card: what holders do at their issuer, or the whole of a payment with a test card.

use torana_dialects::CardError;
use torana_dialects::cards::{CardProof, PayerBrowser};
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};
use torana_domain::card::{Card, Expiry, Flow, Means};
use torana_domain::payment::{Origin, Payment};
use torana_rails::card::network::{Authenticate, Proof};
use torana_rails::card::simulator::CODE;

use super::{Outcome, PAYER_AGENT, PAYER_IP, SimulateError};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, Simulated};
use crate::gateway::GatewayError;
use crate::gateway::cards::{self, Begin, CardsError, Proving, Subject, Take};

/// The test cards that outcomes are played with: see `torana_rails::card::simulator`.
const APPROVED: &str = "6071480000033212";
const DECLINED: &str = "6071480005050005";
const SILENT: &str = "6071480009040002";

impl From<CardsError> for SimulateError {
    fn from(error: CardsError) -> Self {
        match error {
            CardsError::Gateway(error) => Self::Gateway(error),
            CardsError::Card(
                CardError::CurrencyNotSetUp | CardError::BrandNotSupported | CardError::NotReached,
            ) => Self::NoAccount,
            CardsError::Card(_) => Self::NotHere("no card can do that now"),
        }
    }
}

/// The authentication of a payment that waits for its payer.
pub(super) fn waiting(app: &App, payment: &Payment) -> Result<Option<CardOperation>, GatewayError> {
    let (brand, number) = (payment.id.brand, payment.id.number);
    let all = app.store.read(|reader| reader.card_operations(brand, number))?;
    let last = all.into_iter().rev().find(|it| it.kind == OperationKind::Authentication);
    Ok(last.filter(|it| it.state == OperationState::Waiting))
}

/// The holder proves it, or gives up, where the issuer asks. Where our own checkout began it, the sale follows.
pub(super) async fn answer(
    app: &App,
    brand: &Brand,
    operation: &CardOperation,
    outcome: Outcome,
) -> Result<(), SimulateError> {
    let is_page = operation.detail.flow == Some(Flow::Redirect);
    let code = || CODE.parse().map_err(|_| SimulateError::NoAccount);
    let proved = match (outcome, is_page) {
        (Outcome::Succeed, true) => {
            at_issuer(app, brand, operation, Proof::PageCode(code()?)).await?
        }
        (Outcome::Succeed, false) => {
            let proof = CardProof::Code(code()?);
            let number = operation.number;
            let proving = Proving { number, order: None, card: None, proof, key: None };
            cards::prove(app, brand, proving).await?
        }
        (Outcome::Decline, true) => at_issuer(app, brand, operation, Proof::Abandon).await?,
        (Outcome::Decline, false) => {
            cards::abandon(app, brand, operation.number).await?;
            return Ok(());
        }
        _ => return Err(SimulateError::NotHere("a holder is asked: succeed or decline")),
    };
    let payment = app.store.payment(brand.id(), operation.payment.number).await;
    let payment = payment.map_err(GatewayError::from)?.ok_or(GatewayError::NotFound)?;
    let dialect = torana_dialects::by_slug(&payment.order.dialect);
    let is_ours = !dialect.is_some_and(torana_dialects::Dialect::takes_cards);
    if is_ours && proved.state == OperationState::Passed {
        let origin = Origin { ip: PAYER_IP.into(), user_agent: PAYER_AGENT.into() };
        cards::take(app, brand, Take::sale(&proved, origin)).await?;
    }
    Ok(())
}

/// What happens on the issuer's page, and the browser's way back.
async fn at_issuer(
    app: &App,
    brand: &Brand,
    operation: &CardOperation,
    proof: Proof,
) -> Result<CardOperation, SimulateError> {
    let name = operation.name();
    let (Ok(own), Ok(theirs)) = (name.parse(), name.parse()) else {
        return Err(SimulateError::NoAccount);
    };
    let question = Authenticate {
        operation: own,
        authentication: theirs,
        order: operation.detail.order.clone(),
        card: None,
        proof,
    };
    let asked = Simulated::new(app, brand).authenticate(question).await;
    asked.map_err(|_| SimulateError::NoAccount)?;
    Ok(cards::returned(app, brand, operation, vec![]).await?)
}

/// A whole payment with the test card of an outcome.
pub(super) async fn pay(
    app: &App,
    brand: &Brand,
    payment: &Payment,
    outcome: Outcome,
) -> Result<(), SimulateError> {
    let number = match outcome {
        Outcome::Succeed => APPROVED,
        Outcome::Decline => DECLINED,
        Outcome::Pending => SILENT,
        _ => return Err(SimulateError::NotHere("a card pays, is declined, or nobody answers")),
    };
    let (Ok(pan), Ok(expiry)) = (number.parse(), Expiry::parse("12", "49")) else {
        return Err(SimulateError::NoAccount);
    };
    let begin = Begin {
        subject: Subject::Existing(payment.id.number),
        order: payment.id.to_string(),
        amount: payment.order.due,
        means: Means::Card(Card { pan, expiry, security_code: None, holder: None }),
        named_brand: None,
        return_url: None,
        browser: PayerBrowser {
            accept: "*/*".into(),
            ip: PAYER_IP.into(),
            language: "en".into(),
            user_agent: PAYER_AGENT.into(),
        },
        merchant_name: None,
        note: None,
        request: None,
    };
    let asked = cards::begin(app, brand, begin).await?;
    answer(app, brand, &asked, Outcome::Succeed).await
}
