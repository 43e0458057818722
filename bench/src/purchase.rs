//! A whole purchase: the shop creates a payment, the payer claims it with a TrxID, the phone forwards the wallet's SMS
//! as the existing app does, and when that is answered the payment is paid. What counts is the SMS.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use serde::Deserialize;
use torana_domain::{Currency, Money};
use torana_rails::wallet::simulator::{SimulatedMessage, Transfer, incoming};
use torana_rails::wallet::{Kind, Wallet};
use torana_server::clock;

use crate::calls::{Created, create_one, order};
use crate::client::{Body, Connection, Key};
use crate::load::Work;
use crate::servers::Brand;

/// Every so many purchases it is looked whether the payment is paid.
const CHECK_EVERY: u64 = 100;
/// What every order costs: see [`order`].
const DUE_MINOR: i64 = 90_000;

/// Makes purchases, at several shops in turns.
#[derive(Clone)]
pub(crate) struct Purchases {
    shops: Arc<Vec<Shop>>,
    /// Where the shops are told; with it they are told of every purchase.
    told: Option<Arc<dyn Told>>,
    /// Counts purchases; each TrxID is made from it.
    serial: Arc<AtomicU64>,
    ahead_ms: i64,
}

/// Who wants to know of purchases.
pub(crate) trait Told: Send + Sync {
    /// The callback's address of a purchase.
    fn webhook(&self, serial: u64) -> String;
    /// Its SMS is about to be sent.
    fn sms_sent(&self, serial: u64, at: Instant);
}

struct Shop {
    key: Key,
    brand: Brand,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}

impl Purchases {
    /// At these shops, whose clocks are ahead by so much.
    pub(crate) fn new(brands: &[Brand], ahead_ms: i64) -> Self {
        let shop = |brand: &Brand| {
            let key = Key::Api(brand.rupantorpay.api_key.clone());
            Shop { key, brand: brand.clone() }
        };
        let shops = Arc::new(brands.iter().map(shop).collect());
        // TrxIDs of two runs on one database must differ.
        let serial = Arc::new(AtomicU64::new(u64::from(rand::random::<u32>()) << 4));
        Self { shops, told: None, serial, ahead_ms }
    }

    /// The same, with callbacks.
    pub(crate) fn telling(self, told: Arc<dyn Told>) -> Self {
        Self { told: Some(told), ..self }
    }

    fn sms(&self, serial: u64) -> anyhow::Result<SimulatedMessage> {
        let taka = |minor| Money::from_minor(minor, Currency::BDT);
        let transfer = Transfer {
            wallet: Wallet::Bkash,
            kind: Kind::Personal,
            amount: taka(DUE_MINOR),
            payer: format!("017{:08}", serial % 100_000_000),
            // Purchases overtake each other: the wallet's balance cannot fit, which is one odd sign and no second.
            balance_after: taka(DUE_MINOR + 1_000_000),
            reference_text: None,
            at: clock::now().plus_ms(self.ahead_ms),
            random: serial,
        };
        incoming(&transfer).context("a time on no calendar")
    }
}

impl Work for Purchases {
    async fn once(&self, connection: &mut Connection, turn: usize) -> anyhow::Result<Instant> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let shop = self.shops.get(turn % self.shops.len().max(1)).context("no shop")?;
        let webhook = self.told.as_ref().map(|told| told.webhook(serial));
        let order = Bytes::from(order(webhook.as_deref()).to_string());
        let created = create_one(connection, &shop.key, order).await?;
        let sms = self.sms(serial)?;
        claim(connection, &created, &sms.reference).await?;
        let device = &shop.brand.device;
        let form = form(&[
            ("user_email", &device.email),
            ("device_key", &device.device_key),
            ("address", &sms.sender),
            ("message", &sms.body),
        ]);
        let sent = Instant::now();
        if let Some(told) = &self.told {
            told.sms_sent(serial, sent);
        }
        let answer = connection.ask("/api/add-data", &Key::None, Body::Form, form).await?;
        ensure!(answer.starts_with(b"{\"status\":1,"), "{}", String::from_utf8_lossy(&answer));
        if serial.is_multiple_of(CHECK_EVERY) {
            check(connection, &created, &sms).await?;
        }
        Ok(sent)
    }
}

async fn claim(
    connection: &mut Connection,
    created: &Created,
    reference: &str,
) -> anyhow::Result<()> {
    let path = format!("/checkout/{}/confirm", created.link());
    let form = form(&[("method", "bkash"), ("reference", reference)]);
    connection.ask(&path, &Key::None, Body::Form, form).await.map(drop)
}

/// That the SMS was answered means that the payment is paid.
async fn check(
    connection: &mut Connection,
    created: &Created,
    sms: &SimulatedMessage,
) -> anyhow::Result<()> {
    let path = format!("/checkout/{}/status", created.link());
    let (_, answer) = connection.get(&path).await?;
    let Status { status } = serde_json::from_slice(&answer)?;
    ensure!(status == "succeeded", "after {:?} {path} says {status}", sms.body);
    Ok(())
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
