//! A hash over rows, for telling whether two databases hold the same. It finds accidents, not forgers.

use std::fmt;

/// Offset basis and prime of FNV-1a with 128 bits.
const FNV_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// FNV-1a, 128 bits; prints as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash(u128);

impl Default for Hash {
    fn default() -> Self {
        Self(FNV_BASIS)
    }
}

impl Hash {
    /// Adds a field.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        // The length first, so that neighbouring fields cannot run into each other.
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }

    /// Adds a field whose kind matters.
    pub(crate) fn add_tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.add(&[tag]);
        self.add(bytes);
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
