//! What may be written on the command line.

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
    /// Write the test vectors, or compare them with what this program makes.
    Vectors(Vectors),
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
#[command(
    after_help = "Exit codes: 0 all held, 1 internal error, 2 wrong use, 3 a claim was violated, 4 nothing was explored.

Examples:
  countersign simulate --handshakes 2000 --loss 30 --duplicate 10 --delay 2000
  countersign simulate --handshakes 1 --explain --seed 7"
)]
pub(crate) struct Simulate {
    /// How many handshakes to begin.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_HANDSHAKES)]
    pub(crate) handshakes: u64,
    /// Copies of datagrams lost, in per cent.
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = percent)]
    pub(crate) loss: PerMillion,
    /// Datagrams doubled, in per cent; each copy may still be lost.
    #[arg(long, value_name = "PERCENT", default_value = "2", value_parser = percent)]
    pub(crate) duplicate: PerMillion,
    /// What a datagram may take longer than 10 ms, in milliseconds; each copy draws its own, so they overtake each other.
    #[arg(long, value_name = "MS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(..=600_000))]
    pub(crate) delay: u32,
    /// What decides everything that is left to chance.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print the report as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the exchange, message by message; with `--handshakes 1`.
    #[arg(long, conflicts_with = "json")]
    pub(crate) explain: bool,
}

/// Enough that 20,000 are accepted: some are begun by strangers, or lured to a look-alike.
const DEFAULT_HANDSHAKES: u64 = 25_000;

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
