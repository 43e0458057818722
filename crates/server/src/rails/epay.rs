//! The brand's client numbers at ePay.bg, and the requests with which payers are sent there.

use thiserror::Error;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::Payment;
use torana_domain::{AccountId, BrandId};
use torana_rails::epay::{Client, Page, PaymentRequest, RequestError, Sealed};
use torana_store::AccountRow;

use crate::brands::Brand;

/// Which site an account is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The real one.
    Live,
    /// ePay.bg's own test site.
    Demo,
    /// Ours: test mode's second site.
    Simulator,
}

impl Site {
    /// Every site.
    pub const ALL: [Self; 3] = [Self::Live, Self::Demo, Self::Simulator];

    /// The stable code, as accounts are stored with it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Demo => "demo",
            Self::Simulator => "simulator",
        }
    }

    /// The site with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|site| site.code() == code)
    }

    /// Of an account; the real one where it does not say.
    pub fn of(account: &AccountRow) -> Self {
        account.details.site.as_deref().and_then(Self::from_code).unwrap_or(Self::Live)
    }

    /// Scheme and host, and for ours a path, without a slash at the end.
    pub fn base(self, public_url: &str) -> String {
        match self {
            Self::Live => "https://www.epay.bg".to_owned(),
            Self::Demo => "https://demo.epay.bg".to_owned(),
            Self::Simulator => format!("{public_url}{SIMULATOR_PATH}"),
        }
    }
}

/// Where our own site is.
pub const SIMULATOR_PATH: &str = "/sandbox/epay";

/// How a payer pays an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From an account at ePay.bg.
    Account,
    /// By card, without an account.
    Card,
    /// In cash: EasyPay gives a code that is paid at a desk.
    Cash,
}

impl Way {
    /// Every way, as payers see them.
    pub const ALL: [Self; 3] = [Self::Card, Self::Account, Self::Cash];

    /// The stable code, as forms post it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Card => "card",
            Self::Cash => "cash",
        }
    }

    /// The way with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }

    /// The site's page; none where the payer is sent to no page.
    pub fn page(self) -> Option<Page> {
        match self {
            Self::Account => Some(Page::Login),
            Self::Card => Some(Page::Card),
            Self::Cash => None,
        }
    }
}

/// The number under which a payment is known to ePay.bg: digits, unique for the client number. A payment has one, whichever
/// way is tried: the site then takes its money once.
pub fn invoice(number: PaymentNumber) -> String {
    number.as_i64().to_string()
}

/// The payment that an invoice means.
pub fn payment_of(invoice: &str) -> Option<PaymentNumber> {
    invoice.parse().ok().and_then(PaymentNumber::from_i64)
}

/// Why a payer cannot be sent to ePay.bg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// The account has no secret word.
    #[error("the account's secret word cannot be read")]
    NoSecret,
    /// The payment does not fit there.
    #[error("ePay.bg takes no such request: {0}")]
    Request(#[from] RequestError),
}

/// What the payer takes to ePay.bg.
pub fn request(brand: &Brand, account: &AccountRow, payment: &Payment) -> Result<Sealed, Unfit> {
    let secret = brand.rail_secret(account.id).ok_or(Unfit::NoSecret)?;
    let dialect = torana_dialects::by_slug(&payment.order.dialect);
    let item = dialect.and_then(|dialect| dialect.item(payment));
    let request = PaymentRequest {
        client: Client::Min(account.number.clone()),
        invoice: invoice(payment.id.number),
        amount: payment.order.due,
        expires_at: payment.order.expires_at,
        description: item.unwrap_or_else(|| brand.row.name.clone()),
    };
    Ok(request.seal(secret)?)
}

/// Where ePay.bg tells what became of an account's invoices; the merchant sets it in the profile there.
pub fn notification_url(public_url: &str, brand: BrandId, account: AccountId) -> String {
    format!("{public_url}/rails/epay/{brand}/{account}")
}
