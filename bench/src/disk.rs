//! What the disk itself can do: 4 KiB appended to a file and flushed with `fdatasync`, one after the other.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;

/// What one write carries: a page of the database.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// Writes for so long; the times in microseconds.
pub(crate) fn flush_for(dir: &Path, duration: Duration) -> anyhow::Result<Histogram<u64>> {
    let path = dir.join("fdatasync.probe");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let mut times = crate::load::histogram()?;
    let started = Instant::now();
    while started.elapsed() < duration {
        let write = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data().context("fdatasync")?;
        times.saturating_record(crate::load::micros(write.elapsed()));
    }
    std::fs::remove_file(&path)?;
    Ok(times)
}
