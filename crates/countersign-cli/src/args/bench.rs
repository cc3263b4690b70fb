//! The flags of `countersign bench`.

use clap::Args;
use std::time::Duration;

#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = "Exit codes: 0 measured, whatever came of it; 2 wrong use.

Examples:
  countersign bench --time 5
  countersign bench --rounds 10 --json")]
pub(crate) struct Bench {
    /// How many rounds at most, 3 or more; in each, every contestant runs for about a millisecond.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(3..))]
    pub(crate) rounds: Option<u32>,
    /// How long at most, in whole seconds from 1 to 120.
    #[arg(long, value_name = "SECONDS", default_value_t = TIME_S, value_parser = clap::value_parser!(u64).range(1..=120))]
    pub(crate) time: u64,
    /// Print all that was measured as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

const TIME_S: u64 = 20;

impl Bench {
    pub(crate) const fn time(self) -> Duration {
        Duration::from_secs(self.time)
    }

    /// The command that repeats it, on whatever machine.
    pub(crate) fn written(self) -> String {
        let rounds = self.rounds.map_or_else(String::new, |rounds| format!(" --rounds {rounds}"));
        let time = if self.time == TIME_S { String::new() } else { format!(" --time {}", self.time) };
        format!("countersign bench{rounds}{time}")
    }
}
