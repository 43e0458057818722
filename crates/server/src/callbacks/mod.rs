//! Messages to merchants' servers: what is said is written with the payment's own change (see `render`), where it may
//! go is checked (`target`), how it is signed is a standard (`signature`), and when it is tried again is a schedule
//! (`schedule`). The worker that sends them is `workers::callbacks`.

pub mod schedule;
pub mod signature;
pub mod target;

use torana_domain::payment::{Event, Payment};
use torana_store::{BrandRow, CallbackDraft, RenderCallbacks};

use crate::brands::parse_settings;

/// Asks the dialect that made the payment what, if anything, its merchant is to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct DialectCallbacks;

impl RenderCallbacks for DialectCallbacks {
    fn render(&self, brand: &BrandRow, payment: &Payment, event: &Event) -> Option<CallbackDraft> {
        let dialect = torana_dialects::by_slug(&payment.order.dialect)?;
        let settings = match parse_settings(brand) {
            Ok(settings) => settings,
            Err(error) => {
                tracing::error!(%error, brand = %brand.id, "settings cannot be read: using defaults");
                Default::default()
            }
        };
        let callback = dialect.callback(payment, event, &settings.switches)?;
        Some(CallbackDraft {
            url: callback.url,
            content_type: callback.content_type.to_owned(),
            headers: callback.headers,
            body: callback.body,
        })
    }
}
