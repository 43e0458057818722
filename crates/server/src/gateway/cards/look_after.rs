//! What time brings to card operations: outcomes that are not known are asked for, authentications that nobody finishes end,
//! and cards that are held too long are destroyed.

use torana_dialects::CardError;
use torana_domain::card::AuthenticationEnd;
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState};
use torana_domain::payment::Refusal;
use torana_rails::card::network::{Found, Outcome, Status};
use torana_store::{CardOperationToAsk, Lane, StoreError, Tx};

use super::conclude::{never_arrived, write};
use super::{CardsError, authenticate};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, Network};

/// How long a network may not have heard of an operation that was sent to it, until that is its answer: nothing is under way
/// so long.
const NEVER_ARRIVED_MS: i64 = 15 * 60 * 1000;
/// Between two questions: twice as long each time, from this much to that.
const FIRST_PAUSE_MS: i64 = 10 * 1000;
const LONGEST_PAUSE_MS: i64 = 60 * 60 * 1000;
/// How long it is remembered how often a card was tried.
const GUARDS_KEPT_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// Looks after what is due of a brand; how much there was, at most `most`.
pub async fn look_after(app: &App, brand: &Brand, most: usize) -> Result<usize, CardsError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let due = app.store.read(|reader| reader.card_operations_to_ask(brand_id, now, most))?;
    let found = due.len();
    for CardOperationToAsk { number, asked } in due {
        let operation = app.store.read(|reader| reader.card_operation(brand_id, number))?;
        let Some(operation) = operation else { continue };
        match (operation.kind, operation.state) {
            (OperationKind::Authentication, _) => give_up(app, brand, number).await?,
            (_, OperationState::Unknown) => {
                // Whatever happens now, not again in a moment: also where another node asks.
                let pause = FIRST_PAUSE_MS.saturating_mul(1_i64 << asked.min(20));
                let again = now.plus_ms(pause.min(LONGEST_PAUSE_MS));
                let put_off =
                    move |tx: &mut Tx<'_>| tx.ask_card_operation_again(brand_id, number, again);
                app.store.write(Lane::Brand(brand_id), put_off).await?;
                ask(app, brand, &operation).await?;
            }
            _ => {
                let done = move |tx: &mut Tx<'_>| tx.update_card_operation(&operation, None);
                app.store.write(Lane::Brand(brand_id), done).await?;
            }
        }
    }
    Ok(found)
}

/// Asks what became of an operation.
async fn ask(app: &App, brand: &Brand, operation: &CardOperation) -> Result<(), CardsError> {
    let network = brand.account(operation.account).and_then(|it| Network::of(app, brand, it));
    let Some(network) = network else {
        tracing::error!(brand = %brand.id(), "the outcome of a card operation is not known, and its account is gone");
        return Ok(());
    };
    let name = operation.name().parse().map_err(|_| StoreError::Internal)?;
    let answer = match network.status(Status { operation: name }).await {
        Ok(Found::Operation(outcome @ (Outcome::Approved(_) | Outcome::Declined { .. }))) => {
            outcome
        }
        Ok(Found::Nothing) if brand.now().ms_since(operation.at) >= NEVER_ARRIVED_MS => {
            never_arrived()
        }
        Ok(Found::Operation(Outcome::Unknown { .. } | Outcome::Lost) | Found::Nothing) => {
            return Ok(());
        }
        Ok(Found::Authentication { .. }) | Err(_) => {
            tracing::warn!(brand = %brand.id(), "the outcome of a card operation is still not known");
            return Ok(());
        }
    };
    write(app, brand, operation.number, Ok(answer)).await.map(drop)
}

/// Nobody finished it in time.
async fn give_up(app: &App, brand: &Brand, number: u64) -> Result<(), CardsError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let write = move |tx: &mut Tx<'_>| {
        let asked = tx.card_operation(brand_id, number)?;
        let mut operation = asked.ok_or(StoreError::NotFound("card operation"))?;
        if operation.state != OperationState::Waiting {
            return tx.update_card_operation(&operation, None);
        }
        operation.detail.end = Some(AuthenticationEnd::Expired);
        authenticate::fail(tx, &mut operation, now)
    };
    match app.store.write(Lane::Brand(brand_id), write).await {
        Err(StoreError::Refused(Refusal::WrongState(_))) => Ok(()),
        other => Ok(other?),
    }
}

/// The payer gives an authentication up.
pub async fn abandon(app: &App, brand: &Brand, number: u64) -> Result<(), CardsError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let write = move |tx: &mut Tx<'_>| {
        let asked = tx.card_operation(brand_id, number)?;
        let Some(mut operation) = asked else { return Ok(Err(CardError::NoSuchOperation)) };
        if matches!(operation.state, OperationState::Waiting | OperationState::Passed) {
            operation.detail.end = Some(AuthenticationEnd::Abandoned);
            authenticate::fail(tx, &mut operation, now)?;
        }
        Ok(Ok(()))
    };
    app.store.write(Lane::Brand(brand_id), write).await??;
    Ok(())
}

/// Destroys and forgets what is over; bounded by `most` of each.
pub async fn prune(app: &App, brand: &Brand, most: usize) -> Result<(), StoreError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let write = move |tx: &mut Tx<'_>| {
        tx.drop_held_cards(brand_id, now, most)?;
        tx.forget_card_requests(brand_id, now, most)?;
        tx.forget_card_guards(brand_id, now.plus_ms(-GUARDS_KEPT_MS), most)
    };
    app.store.write(Lane::Brand(brand_id), write).await.map(drop)
}
