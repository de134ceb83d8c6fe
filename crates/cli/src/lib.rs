//! The command line: arguments into calls of `throughline-study`, and what
//! comes back onto a terminal or a pipe.
//!
//! [`main`] is the whole program. Data goes to standard output, everything else
//! to standard error; with `--json` the data are JSON Lines, made from the same
//! structs that the study gives. There is no rule about text here: what a
//! passage is, what counts as evidence and what a stage holds is decided below.
//! This is the only crate that prints or that chooses an exit code
//! ([`exit::Code`]).
//!
//! ```
//! use clap::CommandFactory;
//!
//! let command = throughline_cli::Arguments::command();
//! assert!(command.find_subcommand("analyze").is_some());
//! ```

mod args;
mod cells;
mod commands;
pub mod exit;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

pub use args::Arguments;

/// Runs the program on the process's own arguments.
#[must_use]
pub fn main() -> ExitCode {
    match Arguments::try_parse() {
        Ok(arguments) => exit::report(commands::run(arguments)),
        Err(error) => {
            // Help and version are answers; everything else is a mistake.
            let code = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => exit::Code::Done,
                _ => exit::Code::Usage,
            };
            // Nothing is left to be said where even this cannot be printed.
            let _ = error.print();
            code.into()
        }
    }
}
