//! Tests of the payer's pages: translations, rendering, escaping, the CSP's rules and the size budget.

mod card;
mod card_samples;
mod languages;
mod rendering;
mod samples;
