//! Bytes with a card in them.

use std::io;

use zeroize::Zeroizing;

/// Enough for what is written of a card with its payment.
const FIRST_BYTES: usize = 1_024;

/// Bytes that are written one after the other, and wiped: when they are dropped, and when they move because they have become
/// too many for their place. It does not print.
pub(super) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(FIRST_BYTES)))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let length = self.0.len().saturating_add(bytes.len());
        if length > self.0.capacity() {
            // A vector that grows by itself leaves its old bytes behind.
            let room = length.max(self.0.capacity().saturating_mul(2));
            let mut moved = Zeroizing::new(Vec::with_capacity(room));
            moved.extend_from_slice(&self.0);
            self.0 = moved;
        }
        self.0.extend_from_slice(bytes);
    }

    /// After its length, so that no two rows of parts are one text.
    pub(super) fn part(&mut self, bytes: &[u8]) {
        self.push(&(bytes.len() as u64).to_be_bytes());
        self.push(bytes);
    }

    pub(super) fn done(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn nothing_is_lost_when_they_move() {
        let mut wiped = Wiped::new();
        let mut due = vec![];
        for at in 0..=255_u8 {
            let piece = [at; 41];
            wiped.write_all(&piece).unwrap();
            due.extend_from_slice(&piece);
        }
        assert!(due.len() > FIRST_BYTES);
        assert_eq!(*wiped.done(), due);
    }

    #[test]
    fn parts_are_told_apart() {
        let of = |parts: [&[u8]; 2]| {
            let mut wiped = Wiped::new();
            parts.iter().for_each(|part| wiped.part(part));
            wiped.done()
        };
        assert_ne!(of([b"ab", b"c"]), of([b"a", b"bc"]));
    }
}
