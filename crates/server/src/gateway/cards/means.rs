//! With what is paid: which brand's card it is, whether it is taken, and what the network is told of it.

use torana_dialects::CardError;
use torana_domain::Timestamp;
use torana_domain::card::{CardBrand, CardFacts, Expiry, Fingerprint, Means};
use torana_store::AccountRow;

use super::CardsError;
use crate::app::App;
use crate::brands::Brand;
use crate::cards::{fingerprint_key, guard_key};

/// What is paid with, as far as it may be kept.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// What may be shown.
    pub(super) facts: CardFacts,
    /// Of number and expiry.
    pub(super) fingerprint: Fingerprint,
    /// Under which tries are counted.
    pub(super) guarded_by: Fingerprint,
    /// The name of a kept card that is good for this one payment.
    pub(super) uses_up: Option<String>,
}

/// Looks at what a payer pays with. A kept card's name becomes the network's own.
pub(super) fn look_at(
    app: &App,
    brand: &Brand,
    account: &AccountRow,
    means: Means,
    named: Option<CardBrand>,
    now: Timestamp,
) -> Result<(Known, Means), CardsError> {
    match means {
        Means::Card(card) => {
            let known = app.bins.look_up_pan(&card.pan, named);
            let found = known.ok_or(CardError::BrandNotSupported)?;
            if found.brand != CardBrand::RuPay {
                return Err(CardError::BrandNotSupported.into());
            }
            if card.expiry.is_over(now) {
                return Err(CardError::CardExpired.into());
            }
            let known = Known {
                facts: card.facts(found.brand),
                fingerprint: card.fingerprint(&*fingerprint_key(&app.vault, brand.id())),
                guarded_by: card.pan.fingerprint(&*guard_key(&app.vault, brand.id())),
                uses_up: None,
            };
            Ok((known, Means::Card(card)))
        }
        Means::Token { value, security_code } => {
            let row = app.store.read(|reader| reader.kept_card(brand.id(), &value))?;
            let row = row.filter(|row| row.account == account.id);
            let row = row.ok_or(CardError::NoSuchKeptCard)?;
            let expiry = Expiry::parse(&row.card.expiry_month, &row.card.expiry_year);
            if expiry.map_or(true, |expiry| expiry.is_over(now)) {
                return Err(CardError::CardExpired.into());
            }
            let known = Known {
                facts: row.card,
                fingerprint: row.fingerprint,
                guarded_by: row.fingerprint,
                uses_up: (!row.reusable).then_some(value),
            };
            Ok((known, Means::Token { value: row.network_token, security_code }))
        }
    }
}
