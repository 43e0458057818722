//! A payer goes on to prove to be the holder: by a code that is typed on our page or the merchant's, or by coming back
//! from the issuer's.
//!
//! A try counts before the issuer is asked: whoever breaks the line after the question has had it.

use torana_dialects::cards::{CardProof, ProveCard};
use torana_dialects::{CardError, Dialect};
use torana_domain::card::operation::{CardOperation, OperationKind, OperationState, Step};
use torana_domain::card::otp::{Refusal, Resend, ResendAnswer, Try, TryAnswer, Verdict};
use torana_domain::card::{AuthenticationEnd, Card, Fingerprint, Flow};
use torana_domain::{BrandId, Timestamp};
use torana_rails::card::network::{
    Authenticate, Authenticated, AuthenticationAnswer, NoAnswer, Proof, ReturnedFields,
};
use torana_store::{Lane, StoreError, Tx};

use super::authenticate::fail;
use super::{Attempted, CardsError, Carried, find, of_dialect, request_key, view};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, HeldCard, Network, fingerprint_key};

/// What a payer does.
#[derive(Debug)]
pub struct Proving {
    /// In which authentication.
    pub number: u64,
    /// The order, if it was named.
    pub order: Option<String>,
    /// The card again, if it was sent.
    pub card: Option<Card>,
    /// What.
    pub proof: CardProof,
    /// Under which key the request may be repeated, if it may.
    pub key: Option<String>,
}

pub(super) async fn by_api(
    app: &App,
    brand: &Brand,
    dialect: &dyn Dialect,
    call: ProveCard,
) -> Result<Carried, CardsError> {
    let found = app.store.read(|reader| find(reader, brand.id(), &call.of))?;
    let operation = of_dialect(app, brand, dialect, found)?;
    let proving = Proving {
        number: operation.number,
        order: call.order,
        card: call.card,
        proof: call.proof,
        key: Some(request_key(app, &call.repeat)),
    };
    let operation = prove(app, brand, proving).await?;
    view::operation(app, brand, operation, None)
}

/// What the first transaction made of a step.
enum First {
    /// The same request made this step, or there is nothing to ask.
    Done(Box<CardOperation>),
    /// The issuer is to be asked.
    Ask { operation: Box<CardOperation>, begun: Begun, held: Option<Vec<u8>> },
}

/// What was counted before the issuer is asked.
#[derive(Debug)]
enum Begun {
    /// A code is tried, which counts as wrong for its card until the issuer says otherwise.
    Try { of: Try, counted_at: Timestamp },
    /// Another code is asked for.
    Resend(Resend),
    /// The browser came back.
    Return,
}

/// Takes a step and returns the authentication as it then is. What the payer did wrong is in it; an error is what cannot be
/// said of it at all.
pub async fn prove(
    app: &App,
    brand: &Brand,
    proving: Proving,
) -> Result<CardOperation, CardsError> {
    let (brand_id, now, number) = (brand.id(), brand.now(), proving.number);
    let guarded_by = guarded_by(app, brand, number)?;
    let begin = Beginning {
        brand: brand_id,
        number,
        order: proving.order,
        card: proving
            .card
            .as_ref()
            .map(|card| card.fingerprint(&*fingerprint_key(&app.vault, brand_id))),
        guarded_by,
        is_code: matches!(proving.proof, CardProof::Code(_)),
        key: proving.key,
    };
    let write = move |tx: &mut Tx<'_>| begin.write(tx, now);
    let step = app.store.write(Lane::Brand(brand_id), write).await??;
    let (operation, begun, held) = match step {
        First::Done(operation) => {
            app.callbacks_due.notify_one();
            return Ok(*operation);
        }
        First::Ask { operation, begun, held } => (*operation, begun, held),
    };
    let held = held.and_then(|sealed| {
        HeldCard::open(&app.vault, brand_id, number, &sealed)
            .inspect_err(|_| tracing::error!(brand = %brand_id, "a held card does not open"))
            .ok()
    });
    let card = proving.card.or(held);
    let proof = match proving.proof {
        CardProof::Code(code) => Proof::Code(code),
        CardProof::Resend => Proof::Resend,
    };
    let answer = ask(app, brand, &operation, card, proof).await?;
    conclude(app, brand, number, answer, begun, guarded_by).await
}

/// The browser came back from the issuer's page with these fields: the network says how it stands.
pub async fn returned(
    app: &App,
    brand: &Brand,
    operation: &CardOperation,
    fields: Vec<(String, String)>,
) -> Result<CardOperation, CardsError> {
    if operation.state != OperationState::Waiting {
        return Ok(operation.clone());
    }
    let proof = Proof::Returned(ReturnedFields(fields));
    let answer = ask(app, brand, operation, None, proof).await?;
    let guarded_by = guarded_by(app, brand, operation.number)?;
    conclude(app, brand, operation.number, answer, Begun::Return, guarded_by).await
}

async fn ask(
    app: &App,
    brand: &Brand,
    operation: &CardOperation,
    card: Option<Card>,
    proof: Proof,
) -> Result<Result<AuthenticationAnswer, NoAnswer>, CardsError> {
    let account = brand.account(operation.account).ok_or(CardError::CurrencyNotSetUp)?;
    let network = Network::of(app, brand, account).ok_or(CardError::CurrencyNotSetUp)?;
    let authentication = operation.detail.authentication.clone().ok_or(CardError::WrongState)?;
    let question = Authenticate {
        operation: operation.name().parse().map_err(|_| StoreError::Internal)?,
        authentication,
        order: operation.detail.order.clone(),
        card,
        proof,
    };
    let answer = network.authenticate(question).await;
    if let Err(error) = &answer {
        tracing::warn!(code = error.code(), brand = %brand.id(), "an issuer did not answer");
    }
    Ok(answer)
}

/// The first transaction of a step.
struct Beginning {
    brand: BrandId,
    number: u64,
    order: Option<String>,
    card: Option<Fingerprint>,
    guarded_by: Fingerprint,
    is_code: bool,
    key: Option<String>,
}

impl Beginning {
    fn write(&self, tx: &mut Tx<'_>, now: Timestamp) -> Attempted<First> {
        let asked = tx.card_operation(self.brand, self.number)?;
        let Some(mut operation) = asked else { return Ok(Err(CardError::NoSuchOperation)) };
        let is_repeated = self.key.is_some() && operation.detail.step_key == self.key;
        if is_repeated {
            return Ok(Ok(First::Done(Box::new(operation))));
        }
        if let Err(refused) = self.fits(&operation) {
            return Ok(Err(refused));
        }
        operation.detail.step_key.clone_from(&self.key);
        operation.changed_at = now;
        let Some(challenge) = &mut operation.detail.challenge else {
            return Ok(Err(CardError::WrongKind));
        };
        let mut guard = tx.card_guard(self.brand, &self.guarded_by)?;
        if self.is_code && !guard.may_try(now) {
            return Ok(Err(CardError::CardRests));
        }
        let begun = match self.is_code {
            true => challenge.begin_try(now).map(|of| Begun::Try { of, counted_at: now }),
            false => challenge.begin_resend(now).map(Begun::Resend),
        };
        let begun = match begun {
            Ok(begun) => begun,
            Err(refusal) => {
                self.refused(tx, &mut operation, refusal, now)?;
                return Ok(Ok(First::Done(Box::new(operation))));
            }
        };
        if self.is_code {
            guard.wrong(now);
            tx.write_card_guard(self.brand, &self.guarded_by, &guard, now)?;
        }
        let ask_at = operation.at.plus_ms(challenge_life_ms(&operation));
        tx.update_card_operation(&operation, Some(ask_at))?;
        let held = match self.card {
            Some(_) => None,
            None => tx.held_card(self.brand, self.number, now)?,
        };
        Ok(Ok(First::Ask { operation: Box::new(operation), begun, held }))
    }

    /// Whether such a step can be taken in this authentication at all.
    fn fits(&self, operation: &CardOperation) -> Result<(), CardError> {
        if operation.kind != OperationKind::Authentication {
            return Err(CardError::WrongKind);
        }
        if self.order.as_ref().is_some_and(|order| *order != operation.detail.order) {
            return Err(CardError::OtherCard);
        }
        let grant = operation.detail.grant.as_ref();
        if self.card.is_some_and(|card| !grant.is_some_and(|grant| grant.is_of(&card))) {
            return Err(CardError::OtherCard);
        }
        if operation.state != OperationState::Waiting {
            return Err(CardError::WrongState);
        }
        if operation.detail.flow != Some(Flow::Seamless) {
            return Err(CardError::WrongKind);
        }
        Ok(())
    }

    /// Our own rules forbid the step: the issuer is not asked.
    fn refused(
        &self,
        tx: &mut Tx<'_>,
        operation: &mut CardOperation,
        refusal: Refusal,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let end = match refusal {
            Refusal::Expired => Some(AuthenticationEnd::Expired),
            Refusal::Locked => Some(AuthenticationEnd::Locked),
            Refusal::CodeExpired
            | Refusal::AlreadyPassed
            | Refusal::NotAnswered
            | Refusal::NoMoreCodes
            | Refusal::TooSoon { .. } => None,
        };
        if let Some(end) = end {
            operation.detail.end = Some(end);
            return fail(tx, operation, now);
        }
        operation.detail.step = Some(match refusal {
            Refusal::CodeExpired => Step::CodeExpired,
            other => Step::NotResent(other),
        });
        let ask_at = operation.at.plus_ms(challenge_life_ms(operation));
        tx.update_card_operation(operation, Some(ask_at))
    }
}

fn challenge_life_ms(operation: &CardOperation) -> i64 {
    let rules = operation.detail.challenge.as_ref().map(|challenge| challenge.rules());
    i64::from(rules.unwrap_or_default().life_minutes) * 60_000
}

/// Writes what the issuer said.
async fn conclude(
    app: &App,
    brand: &Brand,
    number: u64,
    answer: Result<AuthenticationAnswer, NoAnswer>,
    begun: Begun,
    guarded_by: Fingerprint,
) -> Result<CardOperation, CardsError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let write = move |tx: &mut Tx<'_>| {
        let asked = tx.card_operation(brand_id, number)?;
        let mut operation = asked.ok_or(StoreError::NotFound("card operation"))?;
        if operation.state != OperationState::Waiting {
            return Ok(operation);
        }
        operation.changed_at = now;
        let end = settle(&mut operation, &answer, &begun, now);
        let mut guard = tx.card_guard(brand_id, &guarded_by)?;
        if let Begun::Try { counted_at, .. } = &begun {
            let is_innocent = operation.state == OperationState::Passed
                || operation.detail.step == Some(Step::CodeExpired);
            if is_innocent {
                guard.not_wrong(*counted_at);
            }
        }
        if operation.state == OperationState::Passed {
            guard.passed(now);
        }
        tx.write_card_guard(brand_id, &guarded_by, &guard, now)?;
        if let Some(end) = end {
            operation.detail.end = Some(end);
            fail(tx, &mut operation, now)?;
            return Ok(operation);
        }
        let ends_at = operation.at.plus_ms(challenge_life_ms(&operation));
        let ask_at = (operation.state == OperationState::Waiting).then_some(ends_at);
        tx.update_card_operation(&operation, ask_at)?;
        Ok(operation)
    };
    let operation = app.store.write(Lane::Brand(brand_id), write).await?;
    app.callbacks_due.notify_one();
    Ok(operation)
}

/// What an answer makes of an authentication; how it ended, if it failed for good.
fn settle(
    operation: &mut CardOperation,
    answer: &Result<AuthenticationAnswer, NoAnswer>,
    begun: &Begun,
    now: Timestamp,
) -> Option<AuthenticationEnd> {
    let stands = answer.as_ref().map(|answer| answer.stands);
    if let Ok(Authenticated::Failed(end)) = stands {
        return Some(end);
    }
    let challenge = operation.detail.challenge.as_mut();
    match (begun, challenge) {
        (Begun::Try { of, .. }, Some(challenge)) => {
            let said = match stands {
                Ok(Authenticated::Passed) => TryAnswer::Right,
                Ok(Authenticated::WrongCode { .. }) => TryAnswer::Wrong,
                Ok(Authenticated::CodeExpired) => TryAnswer::Expired,
                _ => TryAnswer::Lost,
            };
            let verdict = challenge.answered(of, said, now);
            if verdict == Verdict::Passed {
                pass(operation, now);
            }
            operation.detail.step = Step::of(verdict);
            (verdict == Verdict::Locked).then_some(AuthenticationEnd::Locked)
        }
        (Begun::Resend(of), Some(challenge)) => {
            let (said, step) = match stands {
                Ok(Authenticated::Resent { valid_minutes }) => {
                    (ResendAnswer::Sent { valid_minutes, code: None }, Step::Sent)
                }
                Ok(Authenticated::NotResent(refusal)) => {
                    (ResendAnswer::NotSent, Step::NotResent(refusal))
                }
                _ => (ResendAnswer::Lost, Step::Lost),
            };
            challenge.resent(of, said, now);
            operation.detail.step = Some(step);
            None
        }
        (Begun::Return, _) => {
            if let Ok(Authenticated::Passed) = stands {
                pass(operation, now);
            }
            None
        }
        (Begun::Try { .. } | Begun::Resend(_), None) => None,
    }
}

fn pass(operation: &mut CardOperation, now: Timestamp) {
    if let Some(grant) = &mut operation.detail.grant {
        grant.passed(now);
    }
    operation.state = OperationState::Passed;
}

/// Under which the tries of an authentication's card are counted. The number itself is not known here any more: what the
/// card is known by stands in the grant.
fn guarded_by(app: &App, brand: &Brand, number: u64) -> Result<Fingerprint, CardsError> {
    let operation = app.store.read(|reader| reader.card_operation(brand.id(), number))?;
    let operation = operation.ok_or(CardError::NoSuchOperation)?;
    operation.detail.guarded_by.ok_or_else(|| CardError::WrongKind.into())
}
