//! Phones that forward messages: the existing app's API and Torana's own.

mod legacy;
mod native;
