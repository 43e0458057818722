//! `torana doctor`: looks for what will go wrong, and says the mend.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::bail;
use torana_domain::Mode;
use torana_store::{AccountRow, BrandRow, Database};
use url::Url;

use super::{Workspace, output};
use crate::brands::parse_settings;
use crate::clock;
use crate::config::{Config, Flags};
use crate::rails;
use crate::rails::epay::Site;

/// A callback that is due for so long is being sent by nobody.
const OVERDUE_MS: i64 = 5 * 60 * 1000;

#[derive(Default)]
struct Findings {
    problems: usize,
}

impl Findings {
    fn ok(&self, text: &str) {
        output::line(&format!("ok       {text}"));
    }

    fn warn(&self, text: &str, mend: &str) {
        output::line(&format!("warning  {text}"));
        output::line(&format!("         {mend}"));
    }

    fn problem(&mut self, text: &str, mend: &str) {
        self.problems += 1;
        output::line(&format!("PROBLEM  {text}"));
        output::line(&format!("         {mend}"));
    }
}

pub(super) fn run(flags: &Flags) -> anyhow::Result<()> {
    let config = Config::load(flags)?;
    let mut findings = Findings::default();
    if matches!(config.database()?, Database::Sqlite(path) if !path.exists()) {
        findings
            .warn("there is no database yet", "`torana serve` or `torana brand create` makes one");
        return Ok(());
    }
    look_at_config(&config, &mut findings);
    let workspace = Workspace::from_config(config)?;
    findings.ok("the database opens, its schema is current, and the master key is its own");
    look_at_nodes(&workspace, &mut findings)?;
    let brands = workspace.store.read(|reader| reader.brands())?;
    if brands.is_empty() {
        findings.warn("there is no brand", "torana brand create --name NAME --mode test");
    }
    for brand in &brands {
        look_at_brand(&workspace, brand, &mut findings)?;
    }
    let report = workspace.store.read(|reader| reader.ledger_check())?;
    if report.is_ok() {
        findings.ok("the books balance");
    } else {
        findings
            .problem("the books do not agree", "torana ledger check shows where; restore a backup");
    }
    match findings.problems {
        0 => Ok(()),
        1 => bail!("1 problem"),
        n => bail!("{n} problems"),
    }
}

fn look_at_nodes(workspace: &Workspace, findings: &mut Findings) -> anyhow::Result<()> {
    if !workspace.store.is_shared() {
        return Ok(());
    }
    let nodes = workspace.store.other_nodes()?;
    findings.ok(&format!("PostgreSQL, used by {nodes} other torana processes"));
    if nodes > 1 && workspace.config.http.leave_s == 0 {
        findings.warn(
            "several nodes, and http.leave_s is 0: a balancer is not told before a node stops",
            "set TORANA_HTTP_LEAVE_S to more than the balancer's interval between checks",
        );
    }
    Ok(())
}

fn look_at_config(config: &Config, findings: &mut Findings) {
    match &config.public_url {
        None => findings.warn(
            "public_url is not set: payers are sent to the listening address",
            "set TORANA_PUBLIC_URL to the https address that payers reach",
        ),
        Some(url) if url.starts_with("http://") => findings.warn(
            "public_url is not https: payers' browsers will warn, and keys travel in the clear",
            "put a TLS proxy in front and set TORANA_PUBLIC_URL to its https address",
        ),
        Some(_) => findings.ok("public_url is https"),
    }
    if !config.listen.ip().is_loopback() && config.trusted_proxies.is_empty() {
        findings.warn(
            "the server listens beyond this machine, and trusts no proxy",
            "behind a proxy set TORANA_TRUSTED_PROXIES to its address, or all payers count as one",
        );
    }
    let is_behind_proxy = config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    if config.listen.ip().is_loopback() && is_behind_proxy && config.trusted_proxies.is_empty() {
        findings.warn(
            "a proxy stands in front, and none is trusted: all payers count as one address",
            "set TORANA_TRUSTED_PROXIES=127.0.0.1 and let the proxy send X-Forwarded-For",
        );
    }
    if config.callbacks.allow_private {
        findings.warn(
            "live callbacks may reach private addresses",
            "unset TORANA_CALLBACKS_ALLOW_PRIVATE unless the shops are on this network",
        );
    }
    if let Ok(metadata) = std::fs::metadata(&config.data_dir) {
        if metadata.permissions().mode() & 0o077 == 0 {
            findings.ok("the data directory is the owner's alone");
        } else {
            findings.warn("others can look into the data directory", "chmod 700 it");
        }
    }
}

fn says_bank_account(account: &AccountRow) -> bool {
    account.details.account_tail.is_some() && account.details.bank.is_some()
}

/// What a rail account needs beside being enabled.
fn look_at_account(
    workspace: &Workspace,
    brand: &BrandRow,
    account: &AccountRow,
    name: &str,
    findings: &mut Findings,
) {
    let of = format!("{name}: account {} ({} {})", account.id, account.label, account.number);
    match account.rail.as_str() {
        rails::UPI if brand.mode == Mode::Live && !says_bank_account(account) => {
            findings.problem(
                &format!("{of} does not say which bank account it is: anybody's message is believed"),
                &format!(
                    "torana wallet disable --brand {} --account {}, then torana upi add with --bank and --tail",
                    brand.id, account.id
                ),
            );
        }
        rails::EPAY => {
            let purpose = rails::secret_purpose(account);
            let opened =
                account.sealed.as_deref().map(|it| workspace.vault.open_sealed(&purpose, it));
            if !matches!(opened, Some(Ok(_))) {
                findings.problem(
                    &format!("{of}: its secret word cannot be read"),
                    &format!("torana epay add --brand {} --min {}", brand.id, account.number),
                );
            }
            let url = workspace.config.public_url.as_deref().and_then(|url| Url::parse(url).ok());
            let is_reached = url.is_some_and(|url| matches!(url.port(), None | Some(80 | 443)));
            if Site::of(account) != Site::Simulator && !is_reached {
                findings.problem(
                    &format!("{of}: ePay.bg cannot reach this server to tell what was paid"),
                    "set TORANA_PUBLIC_URL to the https address that ePay.bg reaches, on port 443 or 80",
                );
            }
        }
        _ => {}
    }
}

fn look_at_brand(
    workspace: &Workspace,
    brand: &BrandRow,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let name = format!("brand {} ({})", brand.id, brand.name);
    if let Err(error) = parse_settings(brand) {
        findings.problem(&format!("{name}: settings cannot be read: {error}"), "torana brand set");
    }
    let now = clock::now().plus_ms(brand.clock_offset_ms);
    let (oldest, accounts, devices, counts, inbox) = workspace.store.read(|reader| {
        Ok((
            reader.oldest_due_callback(brand.id, now)?,
            reader.accounts(brand.id)?,
            reader.devices(brand.id)?,
            reader.count_callbacks(brand.id)?,
            reader.count_inbox(brand.id)?,
        ))
    })?;
    if !accounts.iter().any(|account| account.enabled) {
        findings.problem(
            &format!("{name}: no wallet, so nobody can pay"),
            &format!(
                "torana wallet add --brand {} --method bkash --number 01XXXXXXXXX; or upi add, epay add",
                brand.id
            ),
        );
    }
    for account in accounts.iter().filter(|account| account.enabled) {
        look_at_account(workspace, brand, account, &name, findings);
    }
    let mut enabled = accounts.iter().filter(|account| account.enabled).peekable();
    // Where every rail tells itself what was paid, no phone is needed.
    let needs_phone = enabled.peek().is_none() || enabled.any(|it| !rails::tells_itself(it));
    if brand.mode == Mode::Live && needs_phone {
        let silent_before = clock::now().plus_ms(-workspace.config.devices.silent_after_s * 1000);
        let heard = devices.iter().filter(|device| device.revoked_at.is_none());
        match heard.filter_map(|device| device.last_seen_at).max() {
            None => findings.problem(
                &format!("{name}: no phone was ever heard, so no payment can be confirmed"),
                &format!("torana device pair --brand {}, or type its key into the app", brand.id),
            ),
            Some(seen) if seen < silent_before => findings.problem(
                &format!("{name}: the phone is silent since {}", output::time(seen)),
                "look at the phone: battery, network, and that the app may run in the background",
            ),
            Some(_) => findings.ok(&format!("{name}: the phone is heard")),
        }
    }
    if let Some(since) = oldest.filter(|since| since.plus_ms(OVERDUE_MS) < now) {
        findings.problem(
            &format!(
                "{name}: callbacks are due since {} and nobody sends them",
                output::time(since)
            ),
            "run a server whose role is all or worker",
        );
    }
    if counts.failed > 0 {
        findings.warn(
            &format!("{name}: {} callbacks were given up", counts.failed),
            "torana callbacks list --payment …, then torana callbacks resend",
        );
    }
    if inbox > 0 {
        findings.warn(
            &format!("{name}: {inbox} receipts wait for a person"),
            &format!("torana inbox list --brand {}", brand.id),
        );
    }
    Ok(())
}
