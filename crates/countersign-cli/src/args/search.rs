//! The flags of `countersign attack search`.

use super::attack::{defence, meant};
use clap::Args;
use countersign::Defence;
use countersign_sim::{Method, Realm};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 no claim was violated, 2 wrong use, 3 one was. With --every-defence: 0 the method novelty finds each defence missing with every seed, 3 it does not. With a defence off a violation is what is looked for; with nothing off it is a failure of the code.
A search that the time ends has tried as much as the machine could. All else depends on the seed alone.

Examples:
  countersign attack search --without ResponderKeyPinned
  countersign attack search --exhaustive 1 --without ResponderKeyPinned"
)]
pub(crate) struct AttackSearch {
    /// The world to search; unless given, the one in which the defence holds that is off, or else all.
    #[arg(long, value_name = "WORLD", value_parser = world)]
    pub(crate) world: Option<Realm>,
    /// Search with this defence off; may be given again. Without --world, what is off in its world in any case is off, too.
    #[arg(long, value_name = "DEFENCE", value_parser = defence)]
    pub(crate) without: Vec<Defence>,
    /// How to go on from what was tried: random, or novelty, which begins from what showed something new.
    #[arg(long, value_name = "METHOD", value_parser = method, default_value = "novelty")]
    pub(crate) method: MethodFlag,
    /// How many cases to try at most, in all worlds together; 100000 unless given, and with --every-defence as many as the
    /// time allows.
    #[arg(long, value_name = "CASES", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) budget: Option<u64>,
    /// Go through everything instead that so many actions of the adversary can do.
    #[arg(long, value_name = "ACTIONS", conflicts_with = "method")]
    pub(crate) exhaustive: Option<u32>,
    /// How long to search at most, in all worlds together, or with --every-defence each time; in seconds of this machine. It
    /// is looked at now and then, so a search may take a little longer.
    #[arg(long, value_name = "SECONDS", default_value_t = TIME_S, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) time: u64,
    /// What decides everything that is left to chance.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many threads search; all processors unless given. The result is the same.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) threads: Option<u16>,
    /// Search without each defence in turn, with each method and several seeds, and print a table. With --exhaustive, also
    /// through everything, with one seed.
    #[arg(long, conflicts_with_all = ["world", "without", "method", "seed", "trace"])]
    pub(crate) every_defence: bool,
    /// With how many seeds, from 1.
    #[arg(long, value_name = "N", default_value_t = 3, requires = "every_defence", value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub(crate) seeds: u64,
    /// Write the shortest trace that was found for each defence as DIR/DEFENCE.ndjson.
    #[arg(long, value_name = "DIR", requires = "every_defence")]
    pub(crate) write: Option<PathBuf>,
    /// Write the trace of what was found, for `countersign trace`.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Print what came of it as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How long a search takes at most, unless it is told.
pub(crate) const TIME_S: u64 = 60;

/// A method, as it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct MethodFlag(pub(crate) Method);

impl MethodFlag {
    pub(crate) const ALL: [Self; 2] = [Self(Method::Random), Self(Method::Novelty)];

    pub(crate) const fn name(self) -> &'static str {
        match self.0 {
            Method::Random => "random",
            Method::Novelty => "novelty",
        }
    }
}

fn world(text: &str) -> Result<Realm, String> {
    let known = Realm::ALL.into_iter().find(|realm| realm.name() == text);
    known.ok_or_else(|| {
        let names = Realm::ALL.map(Realm::name);
        let meant = meant(text, names.iter().map(|name| (*name).to_owned()));
        format!("there is no world '{text}': {}", meant.unwrap_or_else(|| format!("there are {}", names.join(", "))))
    })
}

fn method(text: &str) -> Result<MethodFlag, String> {
    let known = MethodFlag::ALL.into_iter().find(|method| method.name() == text);
    known.ok_or_else(|| {
        let names = MethodFlag::ALL.map(MethodFlag::name);
        let meant = meant(text, names.iter().map(|name| (*name).to_owned()));
        format!(
            "there is no method '{text}': {}",
            meant.unwrap_or_else(|| format!("there are {}", names.join(" and ")))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As other names, worlds and methods are suggested, or else all are named.
    #[test]
    fn the_nearest_world_or_method_is_suggested() {
        assert_eq!(world("stolen-later"), Ok(Realm::StolenLater));
        assert!(world("stolen-latter").unwrap_err().ends_with("did you mean 'stolen-later'"));
        assert!(world("moon").unwrap_err().contains("there are honest, loaded, "));
        assert!(method("Novelty").unwrap_err().ends_with("did you mean 'novelty'"));
        assert!(method("luck").unwrap_err().ends_with("there are random and novelty"));
    }
}
