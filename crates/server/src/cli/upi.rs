//! `torana upi …`

use anyhow::{Context as _, bail, ensure};
use clap::{Subcommand, ValueEnum};
use torana_domain::{DeviceId, Mode};
use torana_rails::upi::{Bank, Holder, Vpa};
use torana_store::Lane;

use super::{Workspace, output};
use crate::provision::upi_account;
use crate::rails::UPI;

/// See the module.
#[derive(Debug, Subcommand)]
pub(crate) enum UpiCommand {
    /// Add a VPA (UPI ID) on which the brand is paid; `torana wallet list` shows it beside the wallets.
    Add {
        /// The brand.
        #[arg(long)]
        brand: u32,
        /// The VPA, such as shop@okbank.
        #[arg(long)]
        vpa: Vpa,
        /// Whose it is. Only a merchant's can be opened by links: NPCI wants a person's to be scanned.
        #[arg(long, value_enum, default_value = "merchant")]
        kind: KindArg,
        /// The last digits of the bank account behind it, as the bank's messages show them (XX4821: 4821). A message about
        /// another account is not believed; a live brand needs it.
        #[arg(long, default_value = "")]
        tail: String,
        /// The bank of that account: hdfc, sbi, icici, axis, kotak, pnb, baroda… A message of another bank is not believed; a
        /// live brand needs it.
        #[arg(long)]
        bank: Option<String>,
        /// The name that payers' apps show; the brand's if absent.
        #[arg(long)]
        holder: Option<String>,
        /// The merchant category code of the VPA, four digits, if it was registered with one.
        #[arg(long)]
        merchant_code: Option<String>,
        /// A line of your own for payers.
        #[arg(long, default_value = "")]
        instructions: String,
        /// Smallest payment that it is offered for, in paise.
        #[arg(long)]
        min_minor: Option<i64>,
        /// Largest payment that it is offered for, in paise.
        #[arg(long)]
        max_minor: Option<i64>,
        /// The phone that hears of its money.
        #[arg(long)]
        device: Option<u32>,
        /// The SIM slot in that phone.
        #[arg(long)]
        sim: Option<i32>,
    },
}

/// Whose a VPA is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindArg {
    /// A person's.
    Personal,
    /// A merchant's, verified by its bank.
    Merchant,
}

pub(super) fn run(workspace: &Workspace, command: UpiCommand) -> anyhow::Result<()> {
    let UpiCommand::Add {
        brand,
        vpa,
        kind,
        tail,
        bank,
        holder,
        merchant_code,
        instructions,
        min_minor,
        max_minor,
        device,
        sim,
    } = command;
    let row = workspace.brand(brand)?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(
        is_digits(&tail) && (tail.is_empty() || (2..=8).contains(&tail.len())),
        "--tail has two to eight digits"
    );
    ensure!(
        !tail.is_empty() || row.mode == Mode::Test,
        "a live brand needs --tail: without it anybody's message about any account is believed"
    );
    let bank = bank.map(|slug| {
        let known = || Bank::ALL.iter().map(|bank| bank.slug()).collect::<Vec<_>>().join(", ");
        Bank::from_slug(&slug).with_context(|| format!("--bank is one of: {}", known()))
    });
    let bank = bank.transpose()?;
    ensure!(
        bank.is_some() || row.mode == Mode::Test,
        "a live brand needs --bank: without it a message in any bank's name is believed"
    );
    if let Some(code) = &merchant_code {
        ensure!(code.len() == 4 && is_digits(code), "--merchant-code has four digits");
    }
    let holder_kind = match kind {
        KindArg::Personal => Holder::Personal,
        KindArg::Merchant => Holder::Merchant,
    };
    let mut account = upi_account(row.id, vpa.as_str(), holder_kind, bank, &tail);
    account.details.holder = holder;
    account.details.merchant_code = merchant_code;
    account.instructions = instructions;
    account.limits.min_minor = min_minor;
    account.limits.max_minor = max_minor;
    account.device = device.map(DeviceId);
    account.sim = sim;
    let known = workspace.store.read(|reader| reader.accounts(row.id))?;
    if let Some(known) =
        known.iter().find(|it| it.enabled && it.rail == UPI && it.number == account.number)
    {
        bail!(
            "account {} has that VPA already: torana wallet disable --brand {brand} --account {}",
            known.id,
            known.id
        );
    }
    let lane = Lane::Brand(row.id);
    let account = workspace
        .store
        .write_blocking(lane, move |tx| tx.insert_account(&account))
        .context("storing the account")?;
    output::line(&format!("account {}", account.id));
    Ok(())
}
