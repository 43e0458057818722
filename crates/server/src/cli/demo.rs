//! `torana demo`: a whole server on an empty temporary directory, a shop that buys through every API, and every request
//! and answer as it really went over the wire. With `--check` it ends after the steps, and fails if any step did. With
//! `--database-url` it plays on that database, which must be empty.

mod fiserv_ipg;
mod merchant;
mod portpos;
mod rumbapay;
mod rupantorpay;
mod script;
mod stage;

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use torana_domain::Mode;

use super::Workspace;
use super::serve::{Server, init_logs, runtime};
use crate::brands::BrandSettings;
use crate::config::{Config, Flags};
use crate::provision;
use merchant::Merchant;
use script::Script;
use stage::Stage;

/// `torana demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Address and port to listen on; a free port is taken if this one is in use.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// End after the steps, with an error if any failed.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(flags: &Flags, args: DemoArgs) -> anyhow::Result<()> {
    let directory = tempfile::tempdir().context("making a temporary directory")?;
    // The demo is about itself: settings of a real server must not leak into it.
    let mut config = Config::load(&Flags::default())?;
    config.data_dir = directory.path().to_owned();
    config.database_url.clone_from(&flags.database_url);
    config.public_url = None;
    config.log = "error".into();
    init_logs(&config)?;
    runtime()?.block_on(async {
        config.listen = free_address(args.listen).await;
        let workspace = Workspace::from_config(config.clone())?;
        if !workspace.store.read(|reader| reader.brands())?.is_empty() {
            bail!("the database is not empty: the demo plays on an empty one");
        }
        let brand = provision::create_brand(
            &workspace.store,
            &workspace.vault,
            "Demo Tea House",
            Mode::Test,
            &BrandSettings::default(),
        )?;
        drop(workspace);
        let server = Server::start(config).await?;
        let stage = Stage {
            base: format!("http://{}", server.address),
            brand,
            merchant: Merchant::start().await?,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()?,
        };
        let mut script = Script::start(&stage.base);
        let played = play(&stage, &mut script).await;
        let steps = script.finish(played.as_ref().err());
        match (args.check, played) {
            (true, Err(error)) => {
                server.stop(std::future::pending::<()>()).await;
                return Err(error.context(format!("the demo failed after {steps} steps")));
            }
            (true, Ok(())) => {}
            (false, played) => {
                if played.is_ok() {
                    invite(&stage, &mut script).await?;
                }
                tokio::signal::ctrl_c().await?;
            }
        }
        server.stop(std::future::pending::<()>()).await;
        Ok(())
    })
}

/// Every chapter.
async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    rupantorpay::play(stage, script).await?;
    portpos::play(stage, script).await?;
    rumbapay::play(stage, script).await?;
    fiserv_ipg::play(stage, script).await
}

/// The wanted address if it is free, otherwise one that the system chooses.
async fn free_address(wanted: SocketAddr) -> SocketAddr {
    match tokio::net::TcpListener::bind(wanted).await {
        Ok(listener) => listener.local_addr().unwrap_or(wanted),
        Err(_) => SocketAddr::new(wanted.ip(), 0),
    }
}

/// Leaves an open payment to play with.
async fn invite(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    let link = rupantorpay::open_payment(stage).await?;
    script.say("The server stays up. Open this as a payer would, and pay with the test wallet that it offers:");
    script.say(&format!("  {link}"));
    script.say("Or make anything happen yourself:");
    script.say(&format!(
        "  curl -s {}/sandbox/simulate -H 'Authorization: Bearer {}' -d '{{\"payment\":\"{}\",\"outcome\":\"succeed\"}}'",
        stage.base,
        stage.brand.sandbox.token,
        link.rsplit('/').next().unwrap_or_default(),
    ));
    script.say("Ctrl-C ends it; nothing is kept.");
    Ok(())
}
