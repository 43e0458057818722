//! Cards that a network keeps for the merchant, and what is known of cards.

use torana_dialects::CardError;
use torana_dialects::cards::{CardInformation, KeepCard, KeptCard};
use torana_domain::card::{Bin, Card, CardBrand, Means};
use torana_domain::{Currency, Money};
use torana_rails::card::network::{CheckBin, Forget, Keep, Keeping, Kept};
use torana_store::{KeptCardRow, Lane, StoreError, Tx};

use super::means::look_at;
use super::{Attempted, CardsError, Carried, draw_number};
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{CardNetwork as _, Network};
use crate::secrets::random_hex;

/// Any amount: accounts are looked for by currency.
const ONE: i64 = 100;

fn shown(row: &KeptCardRow) -> KeptCard {
    KeptCard {
        value: row.value.clone(),
        reusable: row.reusable,
        decline_duplicates: row.decline_duplicates,
        card: row.card.clone(),
        at: row.at,
    }
}

/// Has the network keep a card, and gives it a name.
pub(super) async fn keep(
    app: &App,
    brand: &Brand,
    card: Card,
    named: Option<CardBrand>,
    keep: &KeepCard,
) -> Result<KeptCard, CardsError> {
    let now = brand.now();
    let any = Money::from_minor(ONE, Currency::INR);
    let account = brand.card_account(any).ok_or(CardError::CurrencyNotSetUp)?;
    let network = Network::of(app, brand, account).ok_or(CardError::CurrencyNotSetUp)?;
    let (known, means) = look_at(app, brand, account, Means::Card(card), named, now)?;
    let Means::Card(card) = means else { return Err(StoreError::Internal.into()) };
    let value = keep.value.clone().unwrap_or_else(|| random_hex(16).to_uppercase());
    let before = app.store.read(|reader| reader.kept_card(brand.id(), &value))?;
    if let Some(before) = before {
        // The same again is no second.
        return match before.fingerprint == known.fingerprint {
            true => Ok(shown(&before)),
            false => Err(CardError::AlreadyKept.into()),
        };
    }
    let same = app.store.read(|reader| reader.kept_cards_of(brand.id(), &known.fingerprint))?;
    if same.iter().any(|other| other.decline_duplicates || keep.decline_duplicates) {
        return Err(CardError::AlreadyKept.into());
    }
    let operation = draw_number(app).to_string().parse().map_err(|_| StoreError::Internal)?;
    let answer = network.keep(Keep { operation, card }).await;
    let token = match answer {
        Ok(Keeping::Kept(Kept { token })) => token,
        Ok(Keeping::Refused(_)) => return Err(CardError::BrandNotSupported.into()),
        Err(_) => return Err(CardError::NotReached.into()),
    };
    let row = KeptCardRow {
        brand: brand.id(),
        value,
        account: account.id,
        network_token: token,
        fingerprint: known.fingerprint,
        card: known.facts,
        reusable: keep.reusable,
        decline_duplicates: keep.decline_duplicates,
        at: now,
    };
    let kept = shown(&row);
    let write = move |tx: &mut Tx<'_>| -> Attempted<()> {
        Ok(if tx.keep_card(&row)? { Ok(()) } else { Err(CardError::AlreadyKept) })
    };
    app.store.write(Lane::Brand(brand.id()), write).await??;
    Ok(kept)
}

/// What is kept under a name.
pub(super) fn find(app: &App, brand: &Brand, value: &str) -> Result<KeptCard, CardsError> {
    let row = app.store.read(|reader| reader.kept_card(brand.id(), value))?;
    Ok(shown(&row.ok_or(CardError::NoSuchKeptCard)?))
}

/// Forgets it, here at once and at the network if that can be reached: without our name nobody asks for it.
pub(super) async fn forget(app: &App, brand: &Brand, value: &str) -> Result<KeptCard, CardsError> {
    let row = app.store.read(|reader| reader.kept_card(brand.id(), value))?;
    let row = row.ok_or(CardError::NoSuchKeptCard)?;
    let (brand_id, name) = (brand.id(), value.to_owned());
    let write = move |tx: &mut Tx<'_>| tx.forget_kept_card(brand_id, &name);
    app.store.write(Lane::Brand(brand_id), write).await?;
    let kept = shown(&row);
    let network = brand.account(row.account).and_then(|it| Network::of(app, brand, it));
    if let Some(network) = network
        && let Err(error) = network.forget(Forget { token: row.network_token }).await
    {
        tracing::warn!(code = error.code(), brand = %brand_id, "a network was not told to forget a card");
    }
    Ok(kept)
}

/// What is known of cards that begin so: the network's word, or where it has none the table's.
pub(super) async fn information(
    app: &App,
    brand: &Brand,
    bin: Bin,
    named: Option<CardBrand>,
) -> Result<Carried, CardsError> {
    let Some(known) = app.bins.look_up(&bin, named) else { return Ok(Carried::Information(None)) };
    let any = Money::from_minor(ONE, Currency::INR);
    let network = brand.card_account(any).and_then(|account| Network::of(app, brand, account));
    let facts = match network {
        Some(network) => network.check_bin(CheckBin { bin }).await.ok(),
        None => None,
    };
    let found = match facts {
        Some(facts) => CardInformation { brand: facts.brand, issuer: facts.issuer },
        None => CardInformation { brand: known.brand, issuer: None },
    };
    Ok(Carried::Information(Some(found)))
}
