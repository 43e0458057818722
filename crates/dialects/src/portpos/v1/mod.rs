//! Version 1: one endpoint of forms, dispatched on `call` (seed).

pub(super) mod decode;
pub(super) mod encode;
mod fields;
mod layout;
