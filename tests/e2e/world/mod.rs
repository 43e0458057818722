//! The world around the product: the real binary on an empty directory, a shop, a payer, a phone, a merchant's server.
//!
//! Nothing here knows the product's code, but for the maker of empty databases. What is waited for has a deadline; nothing sleeps and hopes.

mod answer;
mod brand;
pub mod cli;
mod merchant;
mod payer;
mod phone;
mod sandbox;
mod server;
mod shop;
mod sms;

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use torana_store::conformance::scratch::Scratch;

pub use answer::{Answer, send};
pub use brand::Brand;
pub use cli::Printed;
pub use merchant::{Delivery, Merchant, Reply};
pub use payer::Payer;
pub use phone::{NativePhone, Phone, batch};
pub use sandbox::Sandbox;
pub use server::{Launch, Server, on_postgres};
pub use shop::{Made, Shop};
pub use sms::{PAYER, Sms, bkash_id};

/// How long anything may take before it counts as failed. Generous: the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// What a server answers while its database is away: nothing was done, or nobody knows.
pub const UNAVAILABLE: u16 = 503;
/// How often a condition on the far side is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A running server with one brand, and a merchant's server that listens.
pub struct World {
    pub server: Server,
    pub brand: Brand,
    pub merchant: Merchant,
    pub http: reqwest::Client,
    launch: Launch,
    _dir: tempfile::TempDir,
}

/// What the world is to be like.
#[derive(Default)]
pub struct Builder {
    env: Vec<(String, String)>,
    /// Commands about the brand, run before the server starts.
    commands: Vec<Vec<String>>,
    live: bool,
}

impl Builder {
    /// A variable of the server's environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A setting of the brand, as for `torana brand set`.
    pub fn setting(self, key: &str, value: &str) -> Self {
        self.command(&["brand", "set", key, value])
    }

    /// A number on which the brand is paid.
    pub fn wallet(self, method: &str, number: &str) -> Self {
        self.command(&["wallet", "add", "--method", method, "--number", number])
    }

    /// Any other command about the brand, run before the server starts.
    pub fn command(mut self, args: &[&str]) -> Self {
        self.commands.push(args.iter().map(|arg| (*arg).to_owned()).collect());
        self
    }

    /// The brand is live instead of test.
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Makes the brand, then starts the server.
    pub async fn start(self) -> World {
        let dir = tempfile::tempdir().unwrap();
        let launch = Launch::new(dir.path().join("data"), self.env);
        let mode = if self.live { "live" } else { "test" };
        let brand = Brand::create(&launch, "Tea House", mode).await;
        for command in &self.commands {
            let args = command.iter().map(String::as_str).chain(["--brand", &brand.id]);
            cli::run(&launch, &args.collect::<Vec<_>>()).await.expect_ok();
        }
        let server = Server::start(&launch).await;
        let merchant = Merchant::start().await;
        World { server, brand, merchant, http: http_client(), launch, _dir: dir }
    }
}

impl World {
    /// A world with nothing special.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> Builder {
        Builder::default()
    }

    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    pub fn data_dir(&self) -> &Path {
        &self.launch.data_dir
    }

    /// The database's content, where it is not in the data directory.
    pub fn database(&self) -> Option<&Scratch> {
        self.launch.database.as_deref()
    }

    /// Runs `torana …` on the server's data, beside the server.
    pub async fn cli(&self, args: &[&str]) -> Printed {
        cli::run(&self.launch, args).await
    }

    /// A command that reads something.
    pub async fn cli_reading(&self, args: &[&str], input: &str) -> Printed {
        cli::run_reading(&self.launch, args, input).await
    }

    /// The same with one more variable in its environment.
    pub async fn cli_with(&self, name: &str, value: &str, args: &[&str]) -> Printed {
        let mut launch = self.launch.clone();
        launch.env.push((name.to_owned(), value.to_owned()));
        cli::run(&launch, args).await
    }

    /// One more brand, made while the server runs.
    pub async fn another_brand(&self, mode: &str) -> Brand {
        Brand::create(&self.launch, "Book House", mode).await
    }

    /// One more node on the same database, with further variables in its environment.
    pub async fn another_node(&self, env: &[(&str, &str)]) -> Server {
        let mut launch = self.launch.clone();
        launch.env.extend(env.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        Server::start(&launch).await
    }

    /// The brand's shop at another node.
    pub fn shop_at(&self, node: &Server) -> Shop {
        Shop::new(&node.base, &self.http, &self.brand.api_key(), &self.merchant)
    }

    /// A shop that uses the RupantorPay API with the brand's key.
    pub fn shop(&self) -> Shop {
        self.shop_of(&self.brand)
    }

    pub fn shop_of(&self, brand: &Brand) -> Shop {
        Shop::new(&self.server.base, &self.http, &brand.api_key(), &self.merchant)
    }

    /// The payer of a payment.
    pub fn payer(&self, payment: &Made) -> Payer {
        Payer::new(&self.server.base, &self.http, &payment.id)
    }

    /// The brand's phone, with the existing app.
    pub fn phone(&self) -> Phone {
        self.phone_of(&self.brand)
    }

    pub fn phone_of(&self, brand: &Brand) -> Phone {
        Phone::new(&self.server.base, &self.http, brand)
    }

    /// A phone with Torana's own app, paired.
    pub async fn paired_phone(&self) -> NativePhone {
        NativePhone::pair(self).await
    }

    pub fn sandbox(&self) -> Sandbox {
        Sandbox::new(&self.server.base, &self.http, &self.brand.sandbox_token())
    }

    /// GET of a path of the server.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.http.get(self.url(path))).await
    }

    /// One value of `/metrics`, by the beginning of its line; zero if it is not there.
    pub async fn metric(&self, line_start: &str) -> u64 {
        let metrics = self.get("/metrics").await;
        let line = metrics.body.lines().find(|line| line.starts_with(line_start));
        let value = line.and_then(|line| line.rsplit(' ').next()).unwrap_or("0");
        value.parse().unwrap_or_else(|_| panic!("not a whole number: {line:?}"))
    }

    /// What the books say; panics unless they balance.
    pub async fn check_books(&self) -> Printed {
        let printed = self.cli(&["ledger", "check"]).await;
        printed.expect_ok();
        printed
    }

    /// Kills the server as a power cut would, and starts it again on the same data.
    pub async fn crash_and_restart(&mut self) {
        self.server.kill();
        self.server = Server::start(&self.launch).await;
    }
}

/// A client that follows no redirect and has no idle connections that could hold up a drain.
pub fn http_client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(DEADLINE)
        .build()
        .unwrap()
}

/// Waits until `look` gives something; panics with `what` after the deadline.
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    match tokio::time::timeout(DEADLINE, looking).await {
        Ok(found) => found,
        Err(_) => panic!("waited {} seconds in vain: {what}", DEADLINE.as_secs()),
    }
}
