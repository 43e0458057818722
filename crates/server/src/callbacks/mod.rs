//! Messages to merchants' servers: what is said is written with the payment's own change (see `render`), where it may
//! go is checked (`target`), how it is signed is a standard (`signature`), and when it is tried again is a schedule
//! (`schedule`). The worker that sends them is `workers::callbacks`.

pub mod schedule;
pub mod signature;
pub mod target;

use torana_dialects::Callback;
use torana_domain::payment::{Event, Payment};
use torana_domain::payout::Payout;
use torana_store::{BrandRow, CallbackDraft, RenderCallbacks};

use crate::brands::{BrandSettings, parse_settings};

/// Asks the dialect that made the payment or payout what, if anything, its merchant is to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct DialectCallbacks;

impl RenderCallbacks for DialectCallbacks {
    fn render(&self, brand: &BrandRow, payment: &Payment, event: &Event) -> Option<CallbackDraft> {
        let dialect = torana_dialects::by_slug(&payment.order.dialect)?;
        let callback = dialect.callback(payment, event, &settings(brand).switches)?;
        Some(draft(dialect.slug(), callback))
    }

    fn render_payout(&self, brand: &BrandRow, payout: &Payout) -> Option<CallbackDraft> {
        let dialect = torana_dialects::by_slug(&payout.order.dialect)?;
        let callback = dialect.payout_callback(payout, &settings(brand).switches)?;
        Some(draft(dialect.slug(), callback))
    }
}

fn settings(brand: &BrandRow) -> BrandSettings {
    parse_settings(brand).unwrap_or_else(|error| {
        tracing::error!(%error, brand = %brand.id, "settings cannot be read: using defaults");
        BrandSettings::default()
    })
}

fn draft(dialect: &str, callback: Callback) -> CallbackDraft {
    CallbackDraft {
        url: callback.url,
        content_type: callback.content_type.to_owned(),
        headers: callback.headers,
        body: callback.body,
        dialect: Some(dialect.to_owned()),
    }
}
