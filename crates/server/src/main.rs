//! The `torana` binary.

/// SQLite's many small allocations are measurably faster with it than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    torana_server::cli::main()
}
