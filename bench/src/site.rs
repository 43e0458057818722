//! A server with its database and brands, and its yardsticks beside it.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use serde_json::json;

use crate::calls::{create_one, order};
use crate::client::{Body, Connection, Key};
use crate::fill::{self, Filled};
use crate::home::{Engine, Home};
use crate::servers::{self, Brand, Server};

/// Payments to ask about in a database without any, every second of them paid.
const FEW: usize = 1_000;
/// Payments to ask about in a full one: more than caches of a few pages hold.
const MANY: u64 = 50_000;

/// Where everything is.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// The server's binary.
    pub(crate) torana: PathBuf,
    /// On the disk that is measured.
    pub(crate) dir: PathBuf,
}

/// See the module. Servers end before their homes go.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) no_storage: Server,
    pub(crate) brands: Vec<Brand>,
    pub(crate) home: Home,
    /// How far the brands' clocks are ahead.
    pub(crate) ahead_ms: i64,
    filled: Option<Filled>,
}

/// Payments that can be asked about.
pub(crate) struct Known {
    pub(crate) transaction_ids: Vec<String>,
    /// 32 digits, of those that can still be paid.
    pub(crate) open_links: Vec<String>,
}

impl Site {
    /// Starts one with `brands` test brands and `stored` payments of the first.
    pub(crate) async fn open(
        ground: &Ground,
        engine: Engine,
        brands: usize,
        stored: u64,
    ) -> anyhow::Result<Self> {
        let home = Home::new(engine, &ground.dir)?;
        let brands = (0..brands.max(1))
            .map(|_| servers::create_brand(&ground.torana, &home))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let mut server = servers::start_torana(&ground.torana, &home).await?;
        let mut filled = None;
        if let (true, Some(brand)) = (stored > 0, brands.first()) {
            let done = fill::fill(&home, server, brand, stored).await?;
            filled = Some(done);
            server = servers::start_torana(&ground.torana, &home).await?;
            for brand in &brands {
                advance(&server, brand, Filled::AHEAD_S).await?;
            }
        }
        let ahead_ms = filled.map_or(0, |_| Filled::AHEAD_S * 1000);
        let portpos = brands.first().map(|brand| &brand.portpos);
        let no_storage =
            servers::start_no_storage(home.dir(), api_key(&brands), portpos, ahead_ms).await?;
        Ok(Self { server, no_storage, brands, home, ahead_ms, filled })
    }

    /// The first brand's key.
    pub(crate) fn api_key(&self) -> &str {
        api_key(&self.brands)
    }

    /// Payments stored a second, if any were.
    pub(crate) fn fill_rate(&self) -> Option<f64> {
        self.filled.map(|filled| filled.per_second)
    }

    /// Payments to ask about: of those that are stored, or made for it where there are none.
    pub(crate) async fn known(&self) -> anyhow::Result<Known> {
        let Some(filled) = self.filled else { return self.make_few().await };
        let dialect = torana_dialects::by_slug("rupantorpay");
        let public = |id| dialect.map(|dialect| dialect.public_id(id));
        Ok(Known {
            transaction_ids: filled.sample(MANY, false).into_iter().filter_map(public).collect(),
            open_links: filled.sample(MANY, true).iter().map(ToString::to_string).collect(),
        })
    }

    async fn make_few(&self) -> anyhow::Result<Known> {
        let mut known = Known { transaction_ids: vec![], open_links: vec![] };
        let mut connection = Connection::open(self.server.address).await?;
        let key = Key::Api(self.api_key().to_owned());
        let token = self.brands.first().map(|brand| brand.sandbox.token.clone());
        let sandbox = Key::Sandbox(token.unwrap_or_default());
        // Deliveries of callbacks would only disturb.
        let order = order(None).to_string();
        for n in 0..FEW {
            let created = create_one(&mut connection, &key, order.clone()).await?;
            if n % 2 == 1 {
                let body = json!({ "payment": created.transaction_id, "outcome": "succeed" });
                let simulate = "/sandbox/simulate";
                connection.ask(simulate, &sandbox, Body::Json, body.to_string()).await?;
            } else {
                known.open_links.push(created.link().to_owned());
            }
            known.transaction_ids.push(created.transaction_id);
        }
        ensure!(!known.open_links.is_empty(), "no payments to ask about");
        Ok(known)
    }
}

fn api_key(brands: &[Brand]) -> &str {
    brands.first().map_or("", |brand| &brand.rupantorpay.api_key)
}

/// Moves a brand's clock.
async fn advance(server: &Server, brand: &Brand, seconds: i64) -> anyhow::Result<()> {
    let mut connection = Connection::open(server.address).await?;
    let sandbox = Key::Sandbox(brand.sandbox.token.clone());
    let body = json!({ "advance_s": seconds }).to_string();
    connection.ask("/sandbox/clock", &sandbox, Body::Json, body).await.map(drop)
}

/// Fills a database and lets the server check its books; what the server says.
pub(crate) async fn check_generator(
    ground: &Ground,
    engine: Engine,
    count: u64,
) -> anyhow::Result<(f64, String)> {
    let Site { server, home, filled, .. } = Site::open(ground, engine, 1, count).await?;
    drop(server);
    let said = servers::check_ledger(&ground.torana, &home)?;
    Ok((filled.map_or(0.0, |filled| filled.per_second), said))
}

/// Whether there is a server to measure.
pub(crate) fn ground(torana: Option<&Path>, dir: &Path) -> anyhow::Result<Ground> {
    let torana = match torana {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("torana"),
    };
    ensure!(torana.exists(), "{} does not exist: build it first", torana.display());
    std::fs::create_dir_all(dir)?;
    Ok(Ground { torana, dir: dir.to_owned() })
}
