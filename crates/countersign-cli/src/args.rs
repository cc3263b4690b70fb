//! What may be written on the command line.

mod attack;
mod backend;
mod bench;
mod search;
mod simulate;

pub(crate) use attack::{AttackCommand, AttackList, AttackRun};
pub(crate) use backend::BackendFlag;
pub(crate) use bench::Bench;
pub(crate) use search::{AttackSearch, MethodFlag, TIME_S};
pub(crate) use simulate::{LinkFlags, Simulate};

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A mutual challenge-response handshake, and the laboratory that tries to break it.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Examples:\n  countersign simulate\n  countersign simulate --handshakes 1 --explain")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run handshakes over a lossy, hostile network in virtual time, and check the claims.
    Simulate(Simulate),
    /// Play the attacks of the catalogue: each loses to the whole, and wins without the defence that stops it.
    #[command(subcommand)]
    Attack(AttackCommand),
    /// Measure what a handshake costs: beside its floor, on each backend, and beside its peers.
    Bench(Bench),
    /// Look at what a simulation wrote down step by step.
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Make the report of a run from the reports of its parts.
    Merge(Merge),
    /// Write the test vectors, or compare them with what this program makes.
    Vectors(Vectors),
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  countersign trace show violation.ndjson
  countersign trace show violation.ndjson --handshake 1")]
pub(crate) enum TraceCommand {
    /// Draw a trace as a sequence diagram.
    Show(Show),
    /// Run a trace again, and stop where something else happens.
    Replay(Replay),
    /// Leave out steps as long as the same claim still fails.
    Shrink(Shrink),
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Exit codes: 0 drawn, whatever is in it; 2 no trace, or no such handshake.

Examples:
  countersign trace show violation.ndjson
  countersign trace show violation.ndjson --handshake 1")]
pub(crate) struct Show {
    /// The trace.
    pub(crate) file: PathBuf,
    /// Only what belongs to this handshake: the number of the step that began it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) handshake: Option<u64>,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 the same happened, 2 something else did, 3 the same did, and a claim is violated in it, 4 there is no step in it.

Examples:
  countersign trace replay violation.ndjson
  countersign trace replay ./violation.ndjson"
)]
pub(crate) struct Replay {
    /// The trace.
    pub(crate) file: PathBuf,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 shortened, 2 no trace, or nothing is violated when it is run again, 4 nothing is violated in it.

Examples:
  countersign trace shrink violation.ndjson
  countersign trace shrink violation.ndjson --out short.ndjson"
)]
pub(crate) struct Shrink {
    /// The trace, with a claim violated in it.
    pub(crate) file: PathBuf,
    /// Where to write the shorter trace; without it, it is drawn and not kept.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  countersign vectors --check
  countersign vectors /tmp/countersign-vectors")]
pub(crate) struct Vectors {
    /// Where they are.
    #[arg(default_value = "spec/vectors")]
    pub(crate) directory: PathBuf,
    /// Write nothing; name the first value that differs.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Exit codes: as those of simulate, and 4 if worlds are missing.

Examples:
  countersign merge part-1.json part-2.json
  countersign merge part-1.json part-2.json --html report.html")]
pub(crate) struct Merge {
    /// What `countersign simulate --json` printed of each part, in any order.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Take a part of the run for what it is: missing worlds do not change the exit code.
    #[arg(long)]
    pub(crate) partial: bool,
    /// Print the report as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the report as a page for browsers, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// A probability in millionths.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PerMillion(pub(crate) u32);

impl core::fmt::Display for PerMillion {
    /// As a percentage.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{rest:04}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// A percentage from 0 to 100 with up to four decimals, in millionths.
fn percent(text: &str) -> Result<PerMillion, String> {
    let wrong = || format!("'{text}' is not a percentage from 0 to 100 with at most four decimals");
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 4 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let whole: u32 = whole.parse().map_err(|_| wrong())?;
    let decimals: u32 = format!("{decimals:0<4}").parse().map_err(|_| wrong())?;
    let millionths = whole.checked_mul(10_000).and_then(|whole| whole.checked_add(decimals));
    millionths.filter(|millionths| *millionths <= 1_000_000).map(PerMillion).ok_or_else(wrong)
}

/// The first paragraph of a complaint, in one line, and where help is.
pub(crate) fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let complaint: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let complaint = complaint.join(" ");
    format!("{}; try --help", complaint.trim_start_matches("error: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is a percentage, and what is not.
    #[test]
    fn a_percentage_is_from_0_to_100_with_at_most_four_decimals() {
        let accepted =
            [("0", 0), ("5", 50_000), ("0.5", 5_000), ("33.3333", 333_333), ("100", 1_000_000), ("1.", 10_000)];
        for (text, millionths) in accepted {
            assert_eq!(percent(text), Ok(PerMillion(millionths)), "{text}");
        }
        for text in ["140", "100.0001", "-1", "", "5%", "1.23456", "0.x", "99999999999"] {
            assert!(percent(text).is_err(), "{text}");
        }
        assert_eq!(PerMillion(5_000).to_string(), "0.5");
        assert_eq!(PerMillion(300_000).to_string(), "30");
    }
}
