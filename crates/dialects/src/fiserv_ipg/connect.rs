//! Connect: the gateway's page in the payer's browser, and what the browser brings back to `termURL`.
//!
//! The seed says of the fields only that their extended hash is to be checked. Since the page is Connect's, so are the fields
//! (provider §4): a form that is posted. Nothing in it can be believed without its hash.

use torana_domain::{Money, Timestamp};

use super::approval::ApprovalCode;
use super::hashes::{
    self, Algorithm, Covered, EXTENDED_RESPONSE_HASH, NOTIFICATION_HASH, RESPONSE_HASH,
};
use super::{Hidden, numeric, trace};

/// The page that payers are posted to.
pub const PAGE: &str = "/connect/gateway/processing";
/// Its parameter: the authentication's `ipgTransactionId`.
const RUPAY_ID: &str = "rupayId";
/// The zone that times are told in, see [`trace`].
const ZONE: &str = "Asia/Kolkata";

/// `acsURL` of an authentication, under the scheme and host that payers reach.
pub fn acs_url(public_url: &str, ipg_transaction_id: &str) -> String {
    format!("{public_url}{PAGE}?{RUPAY_ID}={ipg_transaction_id}")
}

/// The authentication that a query of the page means: digits only.
pub fn rupay_id(query: &str) -> Option<String> {
    let (_, id) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == RUPAY_ID)?;
    let is_id = (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| id.into_owned())
}

/// How it went, in Connect's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The payer is the cardholder.
    Approved,
    /// The issuer says no.
    Declined,
    /// It could not be done, or the payer gave up.
    Failed,
    /// It is not known yet.
    Waiting,
}

impl Status {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
            Self::Failed => "FAILED",
            Self::Waiting => "WAITING",
        }
    }
}

/// Why an authentication failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The gateway's code without its minus.
    pub code: String,
    /// What it means.
    pub reason: String,
}

/// What the browser brings back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// How it went.
    pub status: Status,
    /// The same in one line.
    pub approval_code: ApprovalCode,
    /// The order.
    pub order_id: String,
    /// The authentication.
    pub ipg_transaction_id: String,
    /// The acquirer's own number, if it has one.
    pub reference_number: Option<String>,
    /// How much was asked for.
    pub amount: Money,
    /// The store.
    pub store_id: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was done.
    pub done_at: Timestamp,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// The acquirer's terminal, if one was used.
    pub terminal_id: Option<String>,
    /// The card's first six digits.
    pub bin: String,
    /// The card's last four digits.
    pub last4: String,
    /// The card's network: `RUPAY`.
    pub brand: String,
    /// The issuer's country.
    pub country: String,
    /// With what the hashes are made.
    pub algorithm: Algorithm,
}

/// `2020:04:17-17:32:41`; empty for what is on no calendar.
pub fn txndatetime(at: Timestamp) -> String {
    trace::india(at).map_or_else(String::new, |at| at.strftime("%Y:%m:%d-%H:%M:%S").to_string())
}

/// `17/04/20 17:32:41`.
fn processed(at: Timestamp) -> String {
    trace::india(at).map_or_else(String::new, |at| at.strftime("%d/%m/%y %H:%M:%S").to_string())
}

/// The fields of a form, in their order.
pub type Form = Vec<(&'static str, String)>;

impl Return {
    /// The fields without their hashes. What is empty is left out.
    fn fields(&self) -> Form {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let failure = self.failure.as_ref();
        let mut fields = vec![
            ("approval_code", self.approval_code.to_string()),
            ("oid", self.order_id.clone()),
            ("refnumber", text(&self.reference_number)),
            ("status", self.status.word().to_owned()),
            ("txndate_processed", processed(self.done_at)),
            ("ipgTransactionId", self.ipg_transaction_id.clone()),
            ("tdate", self.done_at.as_s().to_string()),
            ("fail_reason", failure.map(|it| it.reason.clone()).unwrap_or_default()),
            ("fail_rc", failure.map(|it| it.code.clone()).unwrap_or_default()),
            ("terminal_id", text(&self.terminal_id)),
            ("ccbin", self.bin.clone()),
            ("cccountry", self.country.clone()),
            ("ccbrand", self.brand.clone()),
            ("cardnumber", format!("({}) ... {}", self.brand, self.last4)),
            ("chargetotal", self.amount.to_decimal(0)),
            ("currency", numeric(self.amount.currency())),
            ("txndatetime", txndatetime(self.asked_at)),
            ("timezone", ZONE.to_owned()),
            ("storename", self.store_id.clone()),
            ("txntype", "payer_auth".to_owned()),
            ("hash_algorithm", self.algorithm.name().to_owned()),
        ];
        fields.retain(|(_, value)| !value.is_empty());
        fields
    }

    /// The short hash under that name, over what the fields say.
    fn hash(&self, secret: &Hidden, is_notification: bool) -> String {
        let (approval_code, chargetotal) =
            (self.approval_code.to_string(), self.amount.to_decimal(0));
        let (currency, txndatetime) = (numeric(self.amount.currency()), txndatetime(self.asked_at));
        let covered = Covered {
            approval_code: &approval_code,
            chargetotal: &chargetotal,
            currency: &currency,
            txndatetime: &txndatetime,
            storename: &self.store_id,
        };
        match is_notification {
            true => hashes::notification(self.algorithm, secret, &covered),
            false => hashes::response(self.algorithm, secret, &covered),
        }
    }

    /// The form for `termURL`, with both hashes under the store's shared secret.
    pub fn form(&self, secret: &Hidden) -> Form {
        let mut fields = self.fields();
        fields.push((RESPONSE_HASH, self.hash(secret, false)));
        let all = fields.iter().map(|(name, value)| (*name, value.as_str()));
        let extended = hashes::extended_response(self.algorithm, secret, all);
        fields.push((EXTENDED_RESPONSE_HASH, extended));
        fields
    }

    /// The form for the merchant's server, with its hash.
    pub fn notification(&self, secret: &Hidden) -> Form {
        let mut fields = self.fields();
        fields.push((NOTIFICATION_HASH, self.hash(secret, true)));
        fields
    }
}

/// A form as a body.
pub fn urlencoded(form: &Form) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}
