//! The outcomes of `/sandbox/simulate` at the simulated ePay.bg.

use torana_domain::Timestamp;
use torana_domain::payment::{Origin, Payment};
use torana_rails::epay::simulator as numbers;
use torana_rails::epay::{Line, Status, seal_notification};
use torana_store::AccountRow;

use super::{ask, post, tell};
use crate::app::App;
use crate::brands::Brand;
use crate::gateway::{self, EpayError};
use crate::rails::epay::{Site, Way, request};
use crate::simulator::{Outcome, PAYER_AGENT, PAYER_IP, SimulateError, expire};

/// Whether an outcome is about how a payer pays, so that the site decides it, or refuses to.
pub(in crate::simulator) fn is_for(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Succeed
        | Outcome::SucceedSmsFirst
        | Outcome::Pending
        | Outcome::Short
        | Outcome::Excess
        | Outcome::Late
        | Outcome::Duplicate
        | Outcome::Forged
        | Outcome::Unmatched
        | Outcome::Decline
        | Outcome::Expire => true,
        Outcome::Cancel
        | Outcome::RefundPending
        | Outcome::RefundProcessing
        | Outcome::Refund
        | Outcome::RefundFail
        | Outcome::Chargeback
        | Outcome::ChargebackWon
        | Outcome::ChargebackLost => false,
    }
}

/// A payer comes to the site, and it tells what became of that.
pub(in crate::simulator) async fn play(
    app: &App,
    brand: &Brand,
    account: &AccountRow,
    payment: &Payment,
    outcome: Outcome,
) -> Result<(), SimulateError> {
    match outcome {
        Outcome::Short | Outcome::Excess => {
            return Err(SimulateError::NotHere("ePay.bg takes what is due, no other amount"));
        }
        Outcome::Unmatched => {
            return Err(SimulateError::NotHere("ePay.bg tells itself for which payment money is"));
        }
        _ => {}
    }
    if Site::of(account) != Site::Simulator {
        return Err(SimulateError::NotHere("the account is at ePay.bg's own test site"));
    }
    let sealed = request(brand, account, payment).map_err(|_| SimulateError::NoAccount)?;
    let asked = ask(app, &sealed)?;
    if outcome == Outcome::Late {
        expire(app, brand, payment).await?;
    }
    // Where the site is first, the payer's browser has not been anywhere yet; who is late comes from an old page.
    if !matches!(outcome, Outcome::SucceedSmsFirst | Outcome::Late) {
        let origin = Origin { ip: PAYER_IP.into(), user_agent: PAYER_AGENT.into() };
        let going =
            gateway::go_to_epay(app, brand, account, payment, Way::Card, Some(origin)).await;
        going.map_err(|error| match error {
            EpayError::Gateway(error) => SimulateError::Gateway(error),
            EpayError::Unfit(_) | EpayError::EasyPay(_) | EpayError::Unreachable => {
                SimulateError::NoAccount
            }
        })?;
    }
    let paid = |at: Timestamp| numbers::paid(at, app.random());
    match outcome {
        Outcome::Pending => {}
        Outcome::Decline => tell(app, &asked, Status::Denied).await?,
        Outcome::Expire => tell(app, &asked, Status::Expired).await?,
        Outcome::Forged => {
            let line = Line { invoice: asked.request.invoice.clone(), status: paid(brand.now()) };
            let forged = seal_notification(&[line], b"not the secret");
            post(app, brand, account, &forged).await?;
        }
        Outcome::Duplicate => {
            let status = paid(brand.now());
            tell(app, &asked, status.clone()).await?;
            tell(app, &asked, status).await?;
        }
        _ => tell(app, &asked, paid(brand.now())).await?,
    }
    Ok(())
}
