//! How the demo prints: each step when it happens, with the request and the answer as they were.

use std::io::IsTerminal as _;

use http::StatusCode;

use super::super::output;

/// Prints steps and counts them.
pub(super) struct Script {
    colour: bool,
    steps: usize,
}

impl Script {
    pub(super) fn start(base: &str) -> Self {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let script = Self { colour, steps: 0 };
        script.print("1", &format!("Torana demo, a test brand on an empty database: {base}"));
        script
    }

    fn print(&self, style: &str, text: &str) {
        if self.colour {
            output::line(&format!("\u{1b}[{style}m{text}\u{1b}[0m"));
        } else {
            output::line(text);
        }
    }

    /// A chapter: one API.
    pub(super) fn chapter(&self, title: &str) {
        output::line("");
        self.print("1;36", title);
    }

    /// A step begins.
    pub(super) fn step(&mut self, title: &str) {
        self.steps += 1;
        output::line("");
        self.print("1", &format!("{}. {title}", self.steps));
    }

    /// A request as it is sent.
    pub(super) fn request(&self, head: &str, body: &str) {
        self.print("34", &format!("   > {head}"));
        if !body.is_empty() {
            self.print("34", &format!("   > {body}"));
        }
    }

    /// An answer as it came.
    pub(super) fn answer(&self, status: StatusCode, body: &str) {
        self.print("32", &format!("   < {status}"));
        if !body.is_empty() {
            self.print("32", &format!("   < {body}"));
        }
    }

    /// A remark.
    pub(super) fn say(&self, text: &str) {
        output::line(&format!("   {text}"));
    }

    /// The end; how many steps there were.
    pub(super) fn finish(&self, error: Option<&anyhow::Error>) -> usize {
        output::line("");
        match error {
            None => self.print("1;32", &format!("All {} steps passed.", self.steps)),
            Some(error) => self.print("1;31", &format!("Step {} failed: {error:#}", self.steps)),
        }
        self.steps
    }
}
