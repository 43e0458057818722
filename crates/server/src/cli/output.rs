//! What commands print, to standard output.

use std::io::Write as _;

/// Prints a line. A closed pipe ends the printing, not the program.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints a warning to standard error.
pub(crate) fn error_line(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A text from outside as one line that cannot steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Prints rows under headings, in columns.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) {
    let width_of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        let heading = headings.get(column).map_or(0, |heading| heading.chars().count());
        cells.max().unwrap_or(0).max(heading)
    };
    let print = |cells: &[String]| {
        let padded: Vec<_> = cells
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{:<width$}", printable(cell), width = width_of(column)))
            .collect();
        line(padded.join("  ").trim_end());
    };
    print(&headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>());
    for row in rows {
        print(row);
    }
}

/// A time as people and machines read it, UTC.
pub(crate) fn time(at: torana_domain::Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.as_ms()) {
        Ok(at) => at.to_string(),
        Err(_) => at.as_ms().to_string(),
    }
}
