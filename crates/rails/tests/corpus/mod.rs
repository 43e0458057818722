//! The corpus format, shared by the corpora's tests.
//!
//! A case is a title line `## …`, a line `from: <sender>`, the text, and a line `=> <reading>`. In the
//! text `{CR}` and `{NBSP}` stand for those characters. To see what a new message reads as, write `=> ?`
//! and run the test.

use std::fmt::Write as _;
use std::path::Path;

/// One message and what is read from it.
pub struct Case {
    /// What the message is.
    pub title: String,
    /// Its originating address.
    pub sender: String,
    /// Its text.
    pub body: String,
    /// The reading, in the words of the corpus.
    pub expect: String,
}

/// The cases of `corpus/<name>.txt`.
pub fn cases(name: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
    let blocks = text.split("## ").skip(1);
    let cases: Vec<Case> = blocks
        .map(|block| {
            let (title, rest) = block.split_once('\n').unwrap();
            let (sender, rest) = rest.strip_prefix("from: ").unwrap().split_once('\n').unwrap();
            let (body, expect) = rest.split_once("\n=> ").unwrap();
            Case {
                title: title.to_owned(),
                sender: sender.to_owned(),
                body: body.replace("{CR}", "\r").replace("{NBSP}", "\u{a0}"),
                expect: expect.trim_end().to_owned(),
            }
        })
        .collect();
    assert!(!cases.is_empty(), "{name}");
    cases
}

/// Adds ` name=value` to a reading.
pub fn add(line: &mut String, name: &str, value: Option<String>) {
    if let Some(value) = value {
        write!(line, " {name}={value}").unwrap();
    }
}

/// A complaint for every case of `corpus/<name>.txt` that reads otherwise.
pub fn differences(name: &str, summary: impl Fn(&Case) -> String) -> String {
    let mut wrong = String::new();
    for case in cases(name) {
        let (found, Case { title, expect, .. }) = (summary(&case), &case);
        if found != *expect {
            let lines = format!("{name} | {title}\n  expected {expect}\n  found    {found}");
            writeln!(wrong, "{lines}").unwrap();
        }
    }
    wrong
}
