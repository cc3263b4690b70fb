//! The commands and flags of `countersign attack`.

use super::search::AttackSearch;
use clap::{Args, Subcommand};
use countersign::Defence;
use countersign_attacks::{ATTACKS, Attack};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  countersign attack run reflection
  countersign attack run --all")]
pub(crate) enum AttackCommand {
    /// List the attacks: what each is after, what stops it, where.
    List(AttackList),
    /// Play one attack, or all, against the whole and without the defence that stops it.
    Run(AttackRun),
    /// Tell what an attack is, what it stands for, and what stops it.
    Explain(AttackExplain),
    /// Look for breaks that nobody wrote down: try moves until a claim is violated.
    Search(AttackSearch),
    /// Print the tables of defences and attacks that are in spec/attacks.md.
    #[command(after_help = "Examples:
  countersign attack table
  countersign attack list")]
    Table,
}

#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = "Examples:
  countersign attack list
  countersign attack list --json")]
pub(crate) struct AttackList {
    /// Print the list as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 the attack loses to the whole and wins without its defence, as the catalogue says; 3 it does not.
With --whole or --without: 0 it loses, 3 it wins. With --all: 3 if one does not go as the catalogue says.

Examples:
  countersign attack run man-in-the-middle
  countersign attack run man-in-the-middle --without EphemeralsInTranscript"
)]
pub(crate) struct AttackRun {
    /// Which one of `attack list`.
    #[arg(value_parser = attack, required_unless_present = "all")]
    pub(crate) name: Option<&'static Attack>,
    /// Play every attack of the catalogue, and print one row for each.
    #[arg(long, conflicts_with_all = ["name", "without", "whole", "trace"])]
    pub(crate) all: bool,
    /// What decides everything that is left to chance.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Play it only with this defence off, and what is off in its world in any case; may be given again.
    #[arg(long, value_name = "DEFENCE", value_parser = defence)]
    pub(crate) without: Vec<Defence>,
    /// Play it only against the whole.
    #[arg(long, conflicts_with = "without")]
    pub(crate) whole: bool,
    /// Print what came of it as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the trace of what was played last, up to the first violated claim, for `countersign trace`.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}

#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = "Examples:
  countersign attack explain reflection
  countersign attack explain relay-through-a-malicious-responder")]
pub(crate) struct AttackExplain {
    /// Which one of `attack list`.
    #[arg(value_parser = attack)]
    pub(crate) name: &'static Attack,
}

fn attack(text: &str) -> Result<&'static Attack, String> {
    let known = ATTACKS.iter().find(|attack| attack.name == text);
    known.ok_or_else(|| {
        let meant = meant(text, ATTACKS.iter().map(|attack| attack.name.to_owned()));
        format!("there is no attack '{text}': {}", meant.unwrap_or_else(|| "see countersign attack list".to_owned()))
    })
}

pub(super) fn defence(text: &str) -> Result<Defence, String> {
    let known = Defence::ALL.iter().find(|defence| defence.to_string() == text).copied();
    known.ok_or_else(|| {
        let meant = meant(text, Defence::ALL.iter().map(ToString::to_string));
        format!("there is no defence '{text}': {}", meant.unwrap_or_else(|| "see countersign attack table".to_owned()))
    })
}

/// The name that was probably meant: the nearest, if at most a third of the letters are wrong, or else the first that has
/// the word in it.
pub(super) fn meant(word: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let lower = word.to_lowercase();
    let far = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let names: Vec<String> = names.collect();
    let nearest = names.iter().min_by_key(|name| far(name));
    let nearest = nearest.filter(|name| far(name) <= word.chars().count().div_ceil(3));
    let longer = || names.iter().find(|name| word.len() >= WORD_MIN && name.to_lowercase().contains(&lower));
    nearest.or_else(longer).map(|name| format!("did you mean '{name}'"))
}

/// Shorter ones are in too many names.
const WORD_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// A slip of the pen, other capitals and a part of a name are understood; what is far from all is not.
    #[test]
    fn the_nearest_name_is_suggested() {
        let cases = [
            ("reflektion", "did you mean 'reflection'"),
            ("Man-In-The-Middle", "did you mean 'man-in-the-middle'"),
            ("malicious", "did you mean 'relay-through-a-malicious-responder'"),
            ("sunshine", "see countersign attack list"),
        ];
        for (word, said) in cases {
            assert!(attack(word).unwrap_err().ends_with(said), "{word}");
        }
        assert!(defence("latesttimestamp").unwrap_err().ends_with("did you mean 'LatestTimestamp'"));
        assert!(defence("Luck").unwrap_err().ends_with("see countersign attack table"));
        assert_eq!(defence("OwnKey"), Ok(Defence::OwnKey));
    }
}
