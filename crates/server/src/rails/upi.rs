//! The brand's VPAs.

use torana_dialects::Direct;
use torana_domain::payment::Payment;
use torana_rails::upi::{
    Bank, BankAccount, Holder, Payee, Presentation, fitting_name, payment_link, reference_of,
};
use torana_store::AccountRow;

use crate::brands::Brand;

/// Whom the payer pays; none if the account's VPA is none.
pub fn payee(brand: &Brand, account: &AccountRow) -> Option<Payee> {
    let name = account.details.holder.as_deref().unwrap_or(&brand.row.name);
    Some(Payee {
        vpa: account.number.parse().ok()?,
        name: fitting_name(name).unwrap_or_else(|| account.number.clone()),
        holder: Holder::from_code(&account.kind)?,
        merchant_code: account.details.merchant_code.clone(),
    })
}

/// The link of that kind for a payment; none where the rail forbids it.
fn link(payee: &Payee, payment: &Payment, presentation: Presentation) -> Option<String> {
    let reference = reference_of(payment.id.number)?;
    let dialect = torana_dialects::by_slug(&payment.order.dialect);
    let item = dialect.and_then(|dialect| dialect.item(payment)).unwrap_or_default();
    let link = payment_link(payee, payment.order.due, &reference, &item, presentation);
    link.and_then(|link| link.to_uri()).ok()
}

/// Where the money for a payment is to be sent.
pub fn direct(brand: &Brand, account: &AccountRow, payment: &Payment) -> Option<Direct> {
    let payee = payee(brand, account)?;
    Some(Direct {
        account: account.number.clone(),
        name: payee.name.clone(),
        link: link(&payee, payment, Presentation::Intent),
        code: link(&payee, payment, Presentation::Qr)?,
        amount: payment.order.due,
    })
}

/// The bank account behind an account's VPA, as far as the merchant says.
pub fn bank_account(account: &AccountRow) -> BankAccount {
    BankAccount {
        bank: account.details.bank.as_deref().and_then(Bank::from_slug),
        tail: account.details.account_tail.clone(),
    }
}
