//! The binary `countersign`. Exit codes: 0 all held, 1 internal error, 2 wrong use or broken input, 3 a claim was
//! violated or an attack won, 4 nothing was explored, or not all that should have been.

mod args;
mod attack;
mod bench;
mod diagram;
mod explain;
mod html;
mod merge;
mod progress;
mod report;
#[cfg(test)]
mod schema;
mod simulate;
mod trace;
mod vectors;
mod verdict;

use args::{Arguments, Command};
use clap::Parser;
use clap::error::ErrorKind;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            // Help and version go to stdout; when that is closed there is nobody left to tell.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(2);
        }
        Err(error) => return Failure::Usage(args::in_one_line(&error)).report(),
    };
    let done = match arguments.command {
        Command::Simulate(options) => simulate::run(&options),
        Command::Attack(command) => attack::run(&command),
        Command::Bench(options) => bench::run(options),
        Command::Trace(command) => trace::run(&command),
        Command::Merge(options) => merge::run(&options),
        Command::Vectors(options) => vectors::run(&options),
    };
    done.map_or_else(|failure| failure.report(), |()| ExitCode::SUCCESS)
}

/// Prints to stdout. Whoever has stopped reading has seen enough: that is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Internal(error.to_string())),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// Why the exit code is not 0.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Our fault.
    Internal(String),
    /// Wrong use or broken input: what, and what to do.
    Usage(String),
    /// A claim was violated; the report has been printed, and this is the command that repeats it.
    Violated(String),
    /// An attack won, or did not go as the catalogue says: which, and the command that repeats it.
    Attacked(String),
    /// There was nothing to do.
    Nothing(String),
    /// Nothing is wrong with what was explored, and something was not.
    Incomplete(String),
}

impl Failure {
    fn report(&self) -> ExitCode {
        let (code, text) = match self {
            Self::Internal(what) => (1, format!("internal error: {what}")),
            Self::Usage(what) => (2, format!("error: {what}")),
            Self::Violated(command) => (3, format!("a claim was violated; repeat with: {command}")),
            Self::Incomplete(what) => (4, format!("incomplete: {what}")),
            Self::Attacked(what) => (3, what.clone()),
            Self::Nothing(what) => (4, format!("nothing was explored: {what}")),
        };
        eprintln!("{text}");
        ExitCode::from(code)
    }
}
