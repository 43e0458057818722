//! `PATCH /payments/{transaction-id}`: the one-time password of the seamless flow (seed; provider §4).

use super::super::Hidden;
use super::card::Card;
use super::fields::Fields;
use super::{Body, order, primary};
use crate::WireError;

const TYPE: &str = "authenticationType";
const VERIFY: &str = "verifyOtp";
const REGENERATE: &str = "regenerateOtp";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The payer typed this password. It must never be written down.
    Verify(Hidden),
    /// The payer wants another one.
    Regenerate,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationUpdate {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// The card again, which may be left out.
    pub card: Option<Card>,
    /// The order, if the body names it.
    pub order_id: Option<String>,
    /// What is to be done.
    pub step: Step,
}

impl AuthenticationUpdate {
    /// Reads a body.
    pub fn read(body: &Body) -> Result<Self, WireError> {
        let fields = &mut Fields::new(body.object());
        match fields.get(TYPE) {
            None => fields.missing(TYPE),
            Some(kind) if kind == "RupayAuthenticationUpdateRequest" => {}
            Some(_) => fields.wrong(TYPE, "must be RupayAuthenticationUpdateRequest"),
        }
        let store_id = order::store(fields);
        fields.within("paymentMethod");
        let card = primary::card(fields, "paymentMethod.paymentCard", false);
        let order_id = order::order(fields);
        let step = step(fields);
        fields.done(step.map(|step| Self { store_id, card, order_id, step }))
    }
}

/// One of both. A password that is not to be made anew may be said so: `"regenerateOtp": false`.
fn step(fields: &mut Fields<'_>) -> Option<Step> {
    let is_otp =
        |text: &str| (4..=10).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    let has_otp = fields.get(VERIFY).is_some();
    let otp = fields.formed(VERIFY, VERIFY, is_otp, "must be 4 to 10 digits");
    match fields.flag(REGENERATE) {
        Some(true) if has_otp => {
            fields.wrong(REGENERATE, "must not come with verifyOtp");
            None
        }
        Some(true) => Some(Step::Regenerate),
        _ if !has_otp => {
            fields.missing(VERIFY);
            None
        }
        _ => otp.map(Step::Verify),
    }
}
