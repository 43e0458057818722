//! `torana …`, run to its end.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::server::Launch;

/// What a command printed.
#[derive(Debug)]
pub struct Printed {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Printed {
    #[track_caller]
    pub fn expect_ok(&self) -> &Self {
        assert!(self.ok, "the command failed: {}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

pub async fn run(launch: &Launch, args: &[&str]) -> Printed {
    run_reading(launch, args, "").await
}

/// The same with something on its standard input.
pub async fn run_reading(launch: &Launch, args: &[&str], input: &str) -> Printed {
    let (mut command, input) = (command(launch), input.to_owned());
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let work = move || {
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().unwrap();
        // One that does not read it has closed it.
        let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        drop(stdin);
        child.wait_with_output()
    };
    // A command may wait for the database: the merchant's server must go on meanwhile.
    let output = tokio::task::spawn_blocking(work).await.unwrap().unwrap();
    Printed {
        ok: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The binary with the data directory and environment of `launch`, and nothing of this process's settings.
pub fn command(launch: &Launch) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torana"));
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TORANA_"))
    {
        command.env_remove(name);
    }
    // What is printed must not depend on how the tests are run.
    command.env("RUST_BACKTRACE", "0").env("TORANA_DATA_DIR", &launch.data_dir);
    command.envs(launch.env.iter().map(|(name, value)| (name, value)));
    command
}
