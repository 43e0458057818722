//! Links for our own payments: whose address is paid, and how the payer comes to it.

use serde::{Deserialize, Serialize};
use torana_domain::Money;

use super::link::{Link, LinkError, Mode, fitting_note};
use super::{Vpa, fitting_name};

/// Whose address it is, which decides what NPCI allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A person's.
    Personal,
    /// A merchant's, which a bank has verified.
    Merchant,
}

impl Holder {
    /// A stable code for storage and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Merchant => "merchant",
        }
    }

    /// The holder of a code, exactly as [`Holder::code`] writes it.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Personal, Self::Merchant].into_iter().find(|holder| holder.code() == code)
    }
}

/// The account that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payee {
    /// Its address.
    pub vpa: Vpa,
    /// The name that the payer sees; cut to what a link holds.
    pub name: String,
    /// Whose it is.
    pub holder: Holder,
    /// The category, four digits, where the bank gave one.
    pub merchant_code: Option<String>,
}

/// How the payer comes to the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presentation {
    /// A QR code, read by another phone's camera.
    Qr,
    /// A link that opens an app on the payer's own phone.
    Intent,
}

/// The link of one payment.
///
/// Of a merchant: `tr` is the reference, and `mam` equals `am`, so that the payer's app does not let the
/// amount be changed; the mode is 01 for a QR code and 04 for a link.
///
/// Of a person: a QR code only, since NPCI forbids modes 04 and 05 to persons (OC-76A and OC-76C), which
/// is [`LinkError::PersonalIntent`]. Its mode is 01 too: that is what it is, and the others are forbidden
/// or say something untrue. `mam` is left out, a merchant's means that some apps refuse for persons; and
/// `mc` only goes out if it is configured, `0000` is never made up. `tr` stays, since a link with an
/// amount needs one, and as banks drop a person's `tr`, the note begins with the reference: some banks
/// print the note.
///
/// There is never a `tid`: those are given by payment service providers.
pub fn payment_link(
    payee: &Payee,
    amount: Money,
    reference: &str,
    note: &str,
    presentation: Presentation,
) -> Result<Link, LinkError> {
    let (mode, minimum, note) = match (payee.holder, presentation) {
        (Holder::Personal, Presentation::Intent) => return Err(LinkError::PersonalIntent),
        (Holder::Personal, Presentation::Qr) => (Mode::Qr, None, format!("{reference} {note}")),
        (Holder::Merchant, Presentation::Qr) => (Mode::Qr, Some(amount), note.to_owned()),
        (Holder::Merchant, Presentation::Intent) => (Mode::Intent, Some(amount), note.to_owned()),
    };
    let name = fitting_name(&payee.name).ok_or(LinkError::Invalid("pn"))?;
    let link = Link {
        amount: Some(amount),
        minimum,
        mode: Some(mode),
        reference: Some(reference.to_owned()),
        note: fitting_note(&note),
        merchant_code: payee.merchant_code.clone(),
        ..Link::to(payee.vpa.clone(), name)
    };
    link.to_uri()?;
    Ok(link)
}
