//! The merchant, or whoever sends its payouts.

use torana_domain::payout::{Command, Payout};
use torana_domain::receipt::ReceiptKey;
use torana_rails::upi::simulator::utr;
use torana_store::{Lane, Transfer, Tx};

use super::{DECLINED, Outcome, SimulateError};
use crate::app::App;
use crate::brands::Brand;
use crate::gateway::GatewayError;
use crate::rails;

/// Makes `outcome` happen to a payout; as it then is, and the reference of the simulated transfer, if there was one. None if
/// it is no outcome of payouts.
pub async fn simulate_payout(
    app: &App,
    brand: &Brand,
    payout: &Payout,
    outcome: Outcome,
    reason: Option<String>,
) -> Result<Option<(Payout, Option<String>)>, SimulateError> {
    let (brand_id, number, now) = (brand.id(), payout.id.number, brand.now());
    let mut reference = None;
    let decision = match outcome {
        Outcome::Succeed => {
            let amount = payout.order.amount;
            let mut accounts = brand.accounts.iter();
            let account = accounts.find(|it| it.enabled && rails::takes_currency(it, amount));
            let account = account.ok_or(SimulateError::NoAccount)?;
            // Said again, it is the same transfer.
            let known = payout.sent.as_ref().map(|sent| sent.key.reference.clone());
            let sent = known.unwrap_or_else(|| utr(now, app.random()));
            let key = ReceiptKey::new(&account.method, &sent);
            reference = Some(sent);
            let transfer = Transfer { account: account.id, key, cost: None };
            let write = move |tx: &mut Tx<'_>| tx.complete_payout(brand_id, number, &transfer, now);
            app.store.write(Lane::Brand(brand_id), write).await
        }
        Outcome::Pending | Outcome::Decline => {
            let reason = reason.unwrap_or_else(|| DECLINED.to_owned());
            let write = move |tx: &mut Tx<'_>| {
                let command = match outcome {
                    Outcome::Decline => Command::Fail { reason: reason.clone().into() },
                    _ => Command::Process,
                };
                tx.decide_payout(brand_id, number, command, now)
            };
            app.store.write(Lane::Brand(brand_id), write).await
        }
        _ => return Ok(None),
    };
    let decision = decision.map_err(GatewayError::from)?;
    app.callbacks_due.notify_one();
    Ok(Some((decision.payout, reference)))
}
