//! `PATCH /payments/{transaction-id}`: the one-time password of the seamless flow (seed; provider §4).

use torana_domain::card::Card;

use super::fields::Fields;
use super::{Body, order, primary};
use crate::WireError;
use crate::cards::CardProof;

const TYPE: &str = "authenticationType";
const VERIFY: &str = "verifyOtp";
const REGENERATE: &str = "regenerateOtp";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthenticationUpdate {
    /// The store, if the body names it.
    pub store_id: Option<String>,
    /// The card again, which may be left out.
    pub card: Option<Card>,
    /// The order, if the body names it.
    pub order_id: Option<String>,
    /// What the payer does.
    pub proof: CardProof,
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
        let card = primary::card(fields, "paymentMethod.paymentCard", false).map(|it| it.card);
        let order_id = order::order(fields);
        let proof = proof(fields);
        fields.done(proof.map(|proof| Self { store_id, card, order_id, proof }))
    }
}

/// One of both. A password that is not to be made anew may be said so: `"regenerateOtp": false`.
fn proof(fields: &mut Fields<'_>) -> Option<CardProof> {
    let has_otp = fields.get(VERIFY).is_some();
    let otp = fields.secret(VERIFY, VERIFY).and_then(|text| {
        let otp = text.parse().ok();
        if otp.is_none() {
            fields.wrong(VERIFY, "must be 4 to 8 digits");
        }
        otp
    });
    match fields.flag(REGENERATE) {
        Some(true) if has_otp => {
            fields.wrong(REGENERATE, "must not come with verifyOtp");
            None
        }
        Some(true) => Some(CardProof::Resend),
        _ if !has_otp => {
            fields.missing(VERIFY);
            None
        }
        _ => otp.map(CardProof::Code),
    }
}
