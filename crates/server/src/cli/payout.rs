//! `torana payout …`: payouts that somebody has to send, and what became of them.

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use serde_json::json;
use torana_domain::payout::{Command, Payout};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{AccountId, BrandId, Money};
use torana_store::{Lane, Transfer};

use super::{Workspace, caller_of, output};
use crate::brands::parse_settings;
use crate::clock;
use crate::gateway::{find_payout, payout_secret_purpose};

/// Most rows that are listed.
const ROWS: usize = 200;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum PayoutCommand {
    /// Payouts that somebody has to send, the longest waiting first.
    List {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// One payout, with all that whoever sends it has to know: a card's whole number too, while it is open.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Somebody began to send it.
    Process {
        #[command(flatten)]
        which: Which,
    },
    /// It was sent.
    Done {
        #[command(flatten)]
        which: Which,
        /// The account that the money left, as `torana wallet list` shows it.
        #[arg(long)]
        account: u32,
        /// The rail's reference of the transfer, such as its UTR.
        #[arg(long)]
        reference: String,
        /// What the rail charged beyond the amount, such as 5.90.
        #[arg(long)]
        cost: Option<String>,
    },
    /// It will not be sent: the money is available again.
    Fail {
        #[command(flatten)]
        which: Which,
        /// Why, for the merchant.
        #[arg(long)]
        reason: String,
    },
}

/// Which payout is meant.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// The brand.
    #[arg(long)]
    brand: u32,
    /// Any id or reference that the API knows it by.
    payout: String,
}

pub(super) fn run(workspace: &Workspace, command: PayoutCommand) -> anyhow::Result<()> {
    match command {
        PayoutCommand::List { brand, json } => list(workspace, brand, json),
        PayoutCommand::Show { which } => show(workspace, &which),
        PayoutCommand::Process { which } => decide(workspace, &which, Command::Process),
        PayoutCommand::Fail { which, reason } => {
            let is_fine = reason.chars().count() <= 500 && !reason.chars().any(char::is_control);
            ensure!(is_fine, "a reason is one line of at most 500 characters");
            decide(workspace, &which, Command::Fail { reason: reason.into() })
        }
        PayoutCommand::Done { which, account, reference, cost } => {
            done(workspace, &which, AccountId(account), &reference, cost.as_deref())
        }
    }
}

fn find(workspace: &Workspace, which: &Which) -> anyhow::Result<Payout> {
    let row = workspace.brand(which.brand)?;
    let settings = parse_settings(&row)?;
    let now = clock::now().plus_ms(row.clock_offset_ms);
    let caller = caller_of(&row, &settings, now);
    let found = workspace.store.read(|reader| {
        for dialect in torana_dialects::all() {
            let candidates = dialect.candidates(&which.payout, &caller);
            if let Some(payout) = find_payout(reader, row.id, dialect.slug(), &candidates)? {
                return Ok(Some(payout));
            }
        }
        Ok(None)
    })?;
    found.context("no such payout of this brand")
}

fn now_of(workspace: &Workspace, brand: BrandId) -> anyhow::Result<torana_domain::Timestamp> {
    let row = workspace.brand(brand.0)?;
    Ok(clock::now().plus_ms(row.clock_offset_ms))
}

fn decide(workspace: &Workspace, which: &Which, command: Command<'static>) -> anyhow::Result<()> {
    let id = find(workspace, which)?.id;
    let now = now_of(workspace, id.brand)?;
    let write = move |tx: &mut torana_store::Tx<'_>| {
        tx.decide_payout(id.brand, id.number, command.clone(), now)
    };
    let made = workspace.store.write_blocking(Lane::Brand(id.brand), write)?;
    output::line(&format!("The payout is {}.", made.payout.state.code()));
    Ok(())
}

fn done(
    workspace: &Workspace,
    which: &Which,
    account: AccountId,
    reference: &str,
    cost: Option<&str>,
) -> anyhow::Result<()> {
    let payout = find(workspace, which)?;
    let id = payout.id;
    let row = workspace.store.read(|reader| reader.account(id.brand, account))?;
    let row = row.context("no such account; `torana wallet list` shows them")?;
    let currency = payout.order.amount.currency();
    let cost = cost.map(|text| Money::parse(text.trim(), currency)).transpose();
    let cost = cost.context("--cost is an amount such as 5.90")?;
    let key = ReceiptKey::new(&row.method, reference);
    let is_one = torana_domain::limits::REFERENCE_CHARS.contains(&key.reference.len())
        && key.reference.bytes().all(|byte| byte.is_ascii_alphanumeric());
    ensure!(is_one, "a reference has six to thirty letters and digits");
    let arrived = workspace.store.read(|reader| reader.receipt(id.brand, &key))?;
    ensure!(arrived.is_none(), "{} is the reference of money that arrived", key.reference);
    let now = now_of(workspace, id.brand)?;
    let transfer = Transfer { account, key, cost };
    let write = move |tx: &mut torana_store::Tx<'_>| {
        tx.complete_payout(id.brand, id.number, &transfer, now)
    };
    let made = workspace.store.write_blocking(Lane::Brand(id.brand), write)?;
    output::line(&format!("The payout is {}.", made.payout.state.code()));
    Ok(())
}

fn public_id(payout: &Payout) -> String {
    let dialect = torana_dialects::by_slug(&payout.order.dialect);
    dialect.map_or_else(|| payout.id.to_string(), |dialect| dialect.public_id(payout.id))
}

fn list(workspace: &Workspace, brand: u32, as_json: bool) -> anyhow::Result<()> {
    let brand = workspace.brand(brand)?.id;
    let open = workspace.store.read(|reader| reader.payouts_to_send(brand, ROWS))?;
    if as_json {
        let rows: Vec<_> = open
            .iter()
            .map(|payout| {
                json!({
                    "id": public_id(payout), "amount": payout.order.amount.to_string(),
                    "currency": payout.order.amount.currency(), "state": payout.state.code(),
                    "method": payout.order.method, "to": payout.order.beneficiary.account,
                    "name": payout.order.beneficiary.name,
                    "requested_at": output::time(payout.id.number.created_at()),
                })
            })
            .collect();
        output::line(&serde_json::to_string(&rows)?);
        return Ok(());
    }
    output::line("Payouts that somebody has to send");
    let rows: Vec<_> = open
        .iter()
        .map(|payout| {
            vec![
                public_id(payout),
                format!("{:?}", payout.order.amount),
                payout.order.method.clone(),
                payout.order.beneficiary.account.clone(),
                payout.order.beneficiary.name.clone().unwrap_or_default(),
                payout.state.code().to_owned(),
                output::time(payout.id.number.created_at()),
            ]
        })
        .collect();
    output::table(&["payout", "amount", "by", "to", "name", "state", "since"], &rows);
    if open.len() == ROWS {
        output::line(&format!("These are the longest waiting {ROWS}; there are more."));
    }
    Ok(())
}

fn show(workspace: &Workspace, which: &Which) -> anyhow::Result<()> {
    let payout = find(workspace, which)?;
    let id = payout.id;
    let sealed = workspace.store.read(|reader| reader.payout_secret(id.brand, id.number))?;
    let secret = match sealed {
        Some(sealed) => Some(workspace.vault.open_sealed(&payout_secret_purpose(id), &sealed)?),
        None => None,
    };
    let beneficiary = &payout.order.beneficiary;
    let account = match &secret {
        Some(secret) => String::from_utf8_lossy(secret).into_owned(),
        None => beneficiary.account.clone(),
    };
    let mut rows = vec![
        vec!["payout".to_owned(), public_id(&payout)],
        vec!["state".to_owned(), payout.state.code().to_owned()],
        vec!["amount".to_owned(), format!("{:?}", payout.order.amount)],
        vec!["by".to_owned(), payout.order.method.clone()],
        vec!["to".to_owned(), account],
        vec!["name".to_owned(), beneficiary.name.clone().unwrap_or_default()],
    ];
    rows.extend(beneficiary.details.iter().map(|(name, value)| vec![name.clone(), value.clone()]));
    if let Some(sent) = &payout.sent {
        rows.push(vec!["reference".to_owned(), sent.key.reference.clone()]);
    }
    if let Some(reason) = &payout.reason {
        rows.push(vec!["reason".to_owned(), reason.clone()]);
    }
    output::table(&["", ""], &rows);
    Ok(())
}
