//! PostgreSQL: the conformance suite, and what only several nodes and a lost connection can show. Run it under
//! `scripts/with-postgres`.

// Helpers of tests are not seen as tests by the lint.
#![allow(clippy::unwrap_used)]

use torana_store::conformance::fixtures::callbacks;
use torana_store::conformance::scratch::Scratch;
use torana_store::{Database, Options, Store, conformance_suite};

fn node(scratch: &Scratch) -> Store {
    Store::open(&Options::new(Database::Postgres(scratch.url())), callbacks()).unwrap()
}

fn open() -> (Store, Scratch) {
    let scratch = Scratch::new();
    (node(&scratch), scratch)
}

conformance_suite!(open);
