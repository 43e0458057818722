//! Cards: what was asked of their networks, and what must be remembered for a while.

mod guards;
mod holds;
mod kept;
mod operations;
mod simulated;

pub use kept::KeptCardRow;
pub use operations::{CardRequest, Found, NewCardOperation};
pub use simulated::SimulatedCardRow;
