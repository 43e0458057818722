//! A brand's rail accounts: what each can take, and where its money is to be sent.
//!
//! What a rail is stands in `torana_rails`; here is what the server knows of the brand's own accounts.

pub mod epay;
pub mod upi;

use torana_dialects::{Direct, Rails};
use torana_domain::Money;
use torana_domain::payment::Payment;
use torana_store::AccountRow;

use crate::brands::Brand;

/// The rail of mobile wallets and banks of Bangladesh.
pub const WALLET: &str = "wallet";
/// The rail of India's UPI; the method of its accounts too.
pub const UPI: &str = "upi";
/// The rail of ePay.bg; the method of its accounts too.
pub const EPAY: &str = "epay";
/// The rail of cards; the method of its accounts too.
pub const CARD: &str = "card";

/// Whether an account takes that currency.
pub fn takes_currency(account: &AccountRow, due: Money) -> bool {
    let code = due.currency().code();
    match account.rail.as_str() {
        WALLET => code == "BDT",
        UPI | CARD => code == "INR",
        EPAY => torana_rails::epay::takes_currency(due.currency()),
        _ => false,
    }
}

/// Whether the far end itself says what was paid: a reference that somebody typed means nothing there.
pub fn tells_itself(account: &AccountRow) -> bool {
    matches!(account.rail.as_str(), EPAY | CARD)
}

/// Whether payers of that much are offered an account.
pub fn is_offered(account: &AccountRow, due: Money) -> bool {
    let takes = account.rail != EPAY || torana_rails::epay::takes_amount(due);
    account.enabled && takes_currency(account, due) && takes && account.limits.allow(due)
}

/// For what the secret of a rail account is sealed: its rail and number, since its id is given when it is stored.
pub fn secret_purpose(account: &AccountRow) -> String {
    let kind = format!("{}/{}", account.rail, account.number);
    crate::brands::seal_purpose(account.brand, &kind)
}

impl Brand {
    /// Whether an enabled account of that method (`upi`, `epay`, `bkash`) takes that amount and currency.
    pub fn takes(&self, method: &str, due: Money) -> bool {
        self.accounts.iter().any(|account| account.method == method && is_offered(account, due))
    }
}

impl Rails for Brand {
    fn direct(&self, payment: &Payment, method: &str) -> Option<Direct> {
        let offered = |account: &&AccountRow| {
            account.method == method && is_offered(account, payment.order.due)
        };
        let account = self.accounts.iter().find(offered)?;
        match account.rail.as_str() {
            UPI => upi::direct(self, account, payment),
            _ => None,
        }
    }
}
