//! The flags of `countersign simulate`.

use super::{BackendFlag, PerMillion, percent};
use clap::Args;
use countersign::Defence;
use countersign_sim::{PROMISED_FOR, Shard};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 all held, 1 internal error, 2 wrong use, 3 a claim was violated, 4 nothing was explored, or not all that the scenario promises. It promises that to a whole run of 25,000 handshakes or more, without --without, with its own links.

Examples:
  countersign simulate --scenario lte --handshakes 2000 --loss 30
  countersign simulate --handshakes 1 --explain --seed 7"
)]
pub(crate) struct Simulate {
    /// What the world is like: one of `--list`, or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    pub(crate) scenario: String,
    /// List the scenarios that come with the program, and what each is like.
    #[arg(long)]
    pub(crate) list: bool,
    /// How many handshakes to begin, in all worlds together.
    #[arg(long, value_name = "N", default_value_t = PROMISED_FOR)]
    pub(crate) handshakes: u64,
    /// What decides everything that is left to chance.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many worlds share the handshakes; one for each 1,500 unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) worlds: Option<u32>,
    /// Run one part of the worlds, such as 1/3; needs `--json`, of which `merge` makes one report of all parts.
    #[arg(long, value_name = "M/N", value_parser = shard, requires = "json")]
    pub(crate) shard: Option<ShardFlag>,
    /// How many threads run worlds; all processors unless given. The result is the same.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) threads: Option<u16>,
    /// Which libraries compute the primitives. The result is the same.
    #[arg(long, value_enum, value_name = "BACKEND", default_value_t)]
    pub(crate) backend: BackendFlag,
    /// Switch a defence off, by name; may be given again. For the laboratory alone. `--without list` names all.
    #[arg(long, value_name = "DEFENCE", value_parser = defence)]
    pub(crate) without: Vec<Defence>,
    #[command(flatten)]
    pub(crate) link: LinkFlags,
    /// Print the report as one JSON object.
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// Write the report as a page for browsers, too.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(crate) html: Option<PathBuf>,
    /// Write the trace of a world: of the first in which a claim was violated, up to there, or else of the first.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(crate) trace: Option<PathBuf>,
    /// Print the exchange, message by message; with `--handshakes 1`.
    #[arg(long, help_heading = OUTPUT, conflicts_with_all = ["json", "without", "html", "trace"])]
    pub(crate) explain: bool,
}

const OUTPUT: &str = "Output";

/// What overrides the links of the scenario, both ways.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Links, in place of the scenario's")]
pub(crate) struct LinkFlags {
    /// Copies of datagrams lost, each on its own, in per cent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) loss: Option<PerMillion>,
    /// How much of the time everything is lost, in bursts, in per cent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) burst_loss: Option<PerMillion>,
    /// How long a burst lasts, in the mean, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..=600_000))]
    pub(crate) burst_mean: Option<u32>,
    /// Datagrams doubled, in per cent; each copy may still be lost.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) duplicate: Option<PerMillion>,
    /// Copies with one bit changed, in per cent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) corrupt: Option<PerMillion>,
    /// Copies that may arrive before what was sent earlier, in per cent.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) overtake: Option<PerMillion>,
    /// The largest datagram that gets through, in bytes.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(300..=1_200))]
    pub(crate) mtu: Option<u16>,
    /// The shortest time that a datagram takes, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(..=600_000))]
    pub(crate) delay_min: Option<u32>,
    /// What a datagram may take longer than that, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(..=600_000))]
    pub(crate) delay: Option<u32>,
}

/// A part of a run, as it was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ShardFlag(pub(crate) Shard);

fn shard(text: &str) -> Result<ShardFlag, String> {
    let wrong = || format!("'{text}' is not a part such as 1/3: from 1 to the number of parts");
    let (part, of) = text.split_once('/').ok_or_else(wrong)?;
    let (part, of) = (part.parse().map_err(|_| wrong())?, of.parse().map_err(|_| wrong())?);
    if (1..=of).contains(&part) { Ok(ShardFlag(Shard { part, of })) } else { Err(wrong()) }
}

fn defence(text: &str) -> Result<Defence, String> {
    let known = Defence::ALL.iter().find(|defence| defence.to_string() == text).copied();
    known.ok_or_else(|| {
        let names: Vec<String> = Defence::ALL.iter().map(ToString::to_string).collect();
        format!("there is no defence '{text}'; there are {}", names.join(", "))
    })
}

impl LinkFlags {
    /// As they are written on a command line, with a space before each.
    pub(crate) fn written(&self) -> String {
        let Self { loss, burst_loss, burst_mean, duplicate, corrupt, overtake, mtu, delay_min, delay } = self;
        let shares = [
            ("loss", loss),
            ("burst-loss", burst_loss),
            ("duplicate", duplicate),
            ("corrupt", corrupt),
            ("overtake", overtake),
        ];
        let shares = shares.into_iter().filter_map(|(name, share)| Some(format!(" --{name} {}", (*share)?)));
        let numbers =
            [("burst-mean", *burst_mean), ("mtu", mtu.map(u32::from)), ("delay-min", *delay_min), ("delay", *delay)];
        let numbers = numbers.into_iter().filter_map(|(name, number)| Some(format!(" --{name} {}", number?)));
        shares.chain(numbers).collect()
    }

    /// Those that are given.
    pub(crate) fn given(&self) -> Vec<String> {
        self.written().split(' ').filter(|word| word.starts_with("--")).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part is one of several, counted from 1.
    #[test]
    fn a_shard_is_a_part_of_so_many() {
        assert_eq!(shard("2/3"), Ok(ShardFlag(Shard { part: 2, of: 3 })));
        for wrong in ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2"] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
