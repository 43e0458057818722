//! Where Rumbapay's pages are silent, and merchants could disagree.

use serde::{Deserialize, Serialize};

/// A brand's choices; the defaults suit whoever follows the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// What becomes of a GET, which has no body, without or with a wrong signature: the pages do not say what it signs.
    pub get_signature: GetSignature,
    /// Requests may also be signed by the scheme that the pages' sample of a header still has, SHA-256 of login, body and
    /// password; answers and callbacks are signed by it alone.
    pub legacy_signature: bool,
    /// `error_code` where the caller is not known or its signature is wrong, which no page tells.
    pub auth_error_code: u16,
    /// What `identifier` is in answers about payments.
    pub identifier: Identifier,
    /// How a payer of an H2H payment by UPI is told where to pay.
    pub upi_challenge: UpiChallenge,
    /// The callback is also sent, with the status `pending`, when a receipt is first named, as the sample of the ePay page
    /// has it. The text of both pages: when the status is final.
    pub callback_pending: bool,
}

/// See [`Switches::get_signature`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GetSignature {
    /// It may be absent; a wrong one is refused.
    #[default]
    Optional,
    /// It must be there and right, over an empty body.
    Required,
    /// It is not looked at.
    Ignored,
}

/// See [`Switches::identifier`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// As the page of the payment's method has it: a number of ours for UPI, the customer's for ePay.
    #[default]
    ByMethod,
    /// Always a number of ours, such as `P2C000000000387`.
    Internal,
    /// Always the `customer.identifier` of the request.
    Customer,
}

/// See [`Switches::upi_challenge`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpiChallenge {
    /// To a `upi://` link where the account may have one, otherwise to the hosted page.
    #[default]
    Redirect,
    /// The content of a QR code, for the merchant to draw.
    Qr,
    /// The account and the name on it, and that the merchant shall collect the reference from the payer.
    Requisites,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            get_signature: GetSignature::default(),
            legacy_signature: false,
            auth_error_code: 401,
            identifier: Identifier::default(),
            upi_challenge: UpiChallenge::default(),
            callback_pending: false,
        }
    }
}

impl Switches {
    /// What is wrong with the choices, if anything: a name and why.
    pub fn flaw(&self) -> Option<(&'static str, String)> {
        match self.auth_error_code {
            0 => Some(("auth_error_code", "must not be 0, which means success".to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_means_success_is_none() {
        assert_eq!(Switches::default().flaw(), None);
        assert!(Switches { auth_error_code: 0, ..Switches::default() }.flaw().is_some());
    }

    #[test]
    fn choices_are_written_as_words() {
        let text = r#"{"get_signature":"required","identifier":"by_method","upi_challenge":"qr"}"#;
        let read: Switches = serde_json::from_str(text).unwrap();
        assert_eq!(read.get_signature, GetSignature::Required);
        assert_eq!(read.upi_challenge, UpiChallenge::Qr);
        assert!(serde_json::from_str::<Switches>(r#"{"get_signature":"maybe"}"#).is_err());
    }
}
