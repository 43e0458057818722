//! A QR code as a small inline SVG: one path, no style.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// The `d` of a path that draws the dark modules, and the code's side with its quiet zone, both in modules.
pub(super) struct QrPath {
    pub(super) d: String,
    pub(super) side: usize,
}

/// As the standard of QR codes wants it.
const QUIET: usize = 4;

/// Nothing if the text is empty or too long for a code.
pub(super) fn qr_path(text: &str) -> Option<QrPath> {
    if text.is_empty() {
        return None;
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut d = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a String cannot fail.
                let _ = write!(d, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    Some(QrPath { d, side: width + 2 * QUIET })
}
