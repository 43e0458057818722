//! What is measured, how long and how often.

use std::time::{Duration, Instant};

use crate::home::Engine;
use crate::load::Slice;

/// The number of connections that the targets speak of, and at which the slower yardsticks run.
pub(crate) const MANY_CONNECTIONS: usize = 64;

/// How long and how often.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
    pub(crate) slice: Slice,
    pub(crate) disk: Duration,
    pub(crate) pgbench: Duration,
    /// Purchases whose callbacks must go out as fast as can be.
    pub(crate) burst: u64,
    /// What begins after this is left out, and said to be.
    pub(crate) until: Option<Instant>,
    pub(crate) connections: Vec<usize>,
    pub(crate) engines: Vec<Engine>,
    pub(crate) stored: Vec<u64>,
    pub(crate) only: String,
}

impl Plan {
    /// For a look: ends within three minutes.
    pub(crate) fn quick() -> Self {
        let ms = Duration::from_millis;
        Self {
            quick: true,
            rounds: 2,
            slice: Slice { warm_up: ms(300), length: ms(1_500) },
            disk: ms(300),
            pgbench: ms(2_000),
            burst: 1_000,
            until: Some(Instant::now() + Duration::from_secs(150)),
            connections: vec![1, MANY_CONNECTIONS],
            engines: vec![Engine::Sqlite, Engine::Postgres],
            stored: vec![0],
            only: String::new(),
        }
    }

    /// For figures.
    pub(crate) fn full() -> Self {
        Self {
            quick: false,
            rounds: 3,
            slice: Slice { warm_up: Duration::from_millis(500), length: Duration::from_secs(4) },
            disk: Duration::from_secs(1),
            pgbench: Duration::from_secs(5),
            burst: 5_000,
            until: None,
            connections: vec![1, MANY_CONNECTIONS, 256],
            engines: vec![Engine::Sqlite, Engine::Postgres],
            stored: vec![0, 1_000_000],
            only: String::new(),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// What is done over and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    Create,
    /// The same by PortPos's version 1: a form, a token to check, more fields to keep.
    Invoice,
    Verify,
    Page,
    Sms,
    /// The same at eight shops: PostgreSQL lets shops pay beside each other.
    SmsManyBrands,
    Callbacks,
}

impl Scenario {
    pub(crate) const ALL: [Self; 7] = [
        Self::Create,
        Self::Invoice,
        Self::Verify,
        Self::Page,
        Self::Sms,
        Self::SmsManyBrands,
        Self::Callbacks,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create/rupantorpay",
            Self::Invoice => "invoice/portpos-v1",
            Self::Verify => "verify/rupantorpay",
            Self::Page => "page/checkout",
            Self::Sms => "sms-to-paid/add-data",
            Self::SmsManyBrands => "sms-to-paid-8-brands/add-data",
            Self::Callbacks => "callbacks/rupantorpay",
        }
    }

    /// Brands that it needs.
    pub(crate) fn brands(self) -> usize {
        match self {
            Self::SmsManyBrands => 8,
            Self::Callbacks => 2,
            _ => 1,
        }
    }

    /// Numbers of connections at which it is measured.
    pub(crate) fn connections(self, plan: &Plan) -> Vec<usize> {
        let one_will_do = match self {
            Self::Create | Self::Verify => false,
            Self::Page | Self::Sms => plan.quick,
            Self::Invoice | Self::SmsManyBrands | Self::Callbacks => true,
        };
        match plan.connections.contains(&MANY_CONNECTIONS) {
            true if one_will_do => vec![MANY_CONNECTIONS],
            false if one_will_do => plan.connections.iter().copied().max().into_iter().collect(),
            _ => plan.connections.clone(),
        }
    }

    /// Whether it is measured with that many payments stored.
    pub(crate) fn wants(self, plan: &Plan, stored: u64) -> bool {
        let fits = match self {
            Self::SmsManyBrands => !plan.quick || plan.only.contains("8-brands"),
            Self::Invoice => !plan.quick || plan.only.contains("portpos"),
            // A dispatcher reads what is due, and not what is stored.
            Self::Callbacks => stored == 0,
            _ => true,
        };
        fits && self.name().contains(&plan.only)
    }
}
