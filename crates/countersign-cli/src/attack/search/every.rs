//! `countersign attack search --every-defence`: is each defence missed by a search that is not told which is off?

use super::document;
use super::done::{How, Settings, Tried, search};
use super::found::Found;
use super::limit::Limit;
use super::table;
use super::target::{NOT_SEEN, Target, shown_by, unseen};
use super::{threads, timed};
use crate::args::{AttackSearch, MethodFlag};
use crate::{Failure, print, progress, trace};
use countersign::Defence;
use countersign_sim::Method;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A defence, and how one method finds that it is off.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) defence: Defence,
    /// Where, if there is a world in which it shows what it holds up.
    pub(super) target: Option<Target>,
    pub(super) tries: Tries,
}

#[derive(Debug)]
pub(super) enum Tries {
    /// It is not searched for, for this reason.
    None(&'static str),
    Made {
        by: By,
        all: Vec<Try>,
    },
}

/// How it is searched for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum By {
    Cases(Method),
    /// Everything, with as many actions of the adversary at most.
    Actions(u32),
}

/// One search for a defence.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) seed: u64,
    /// Cases that were tried, or states that were reached.
    pub(super) cases: u64,
    /// Violations that are owed to what else is off.
    pub(super) passed_over: u64,
    pub(super) took: Duration,
    /// A claim that was violated.
    pub(super) violated: Option<Found>,
    /// Whether it is owed to the defence.
    pub(super) is_found: bool,
}

/// How each defence is searched for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    pub(super) seeds: u64,
    pub(super) budget: u64,
    pub(super) exhaustive: Option<u32>,
    pub(super) time: u64,
    pub(super) threads: usize,
}

pub(super) fn run(options: &AttackSearch) -> Result<(), Failure> {
    let AttackSearch { seeds, budget, exhaustive, time, .. } = *options;
    let trial = Trial { seeds, budget: budget.unwrap_or(u64::MAX), exhaustive, time, threads: threads(options) };
    let defences = u64::try_from(Defence::ALL.len()).unwrap_or(u64::MAX);
    let bar = progress::bar(defences, "{pos} of {len} defences, {msg}");
    let mut all: Vec<Row> = Vec::new();
    if !options.json {
        print(table::HEAD)?;
    }
    for defence in Defence::ALL {
        bar.set_message(defence.to_string());
        let rows = rows(*defence, trial);
        bar.inc(1);
        if !options.json {
            bar.suspend(|| print(&rows.iter().map(table::row).collect::<String>()))?;
        }
        if let Some(directory) = &options.write {
            keep(directory, &rows)?;
        }
        all.extend(rows);
    }
    bar.finish_and_clear();
    let command = repeat(options);
    print(&if options.json {
        document::table(&all, seeds, time, &command)?
    } else {
        format!("\n{}\nrepeat with  {command}\n", table::summary(&all))
    })?;
    judge(&all, &command)
}

/// What the exit code says.
fn judge(rows: &[Row], command: &str) -> Result<(), Failure> {
    let missed: Vec<String> = rows.iter().filter(|row| !row.is_as_hoped()).map(|row| row.defence.to_string()).collect();
    if missed.is_empty() {
        return Ok(());
    }
    let names = missed.join(", ");
    Err(Failure::Attacked(format!("not found by novelty with every seed: {names}; repeat with: {command}")))
}

/// A row for each method, or one that says why it is not searched for.
pub(super) fn rows(defence: Defence, trial: Trial) -> Vec<Row> {
    let target = shown_by(defence).map(Target::of);
    match (unseen(defence), target) {
        (None, Some(target)) => {
            let made = |(by, seeds)| {
                let all = (1..=seeds).map(|seed| one(defence, &target, by, seed, trial)).collect();
                Row { defence, target: Some(target.clone()), tries: Tries::Made { by, all } }
            };
            let cases = MethodFlag::ALL.map(|MethodFlag(method)| (By::Cases(method), trial.seeds));
            // A seed decides no more than what honest hosts draw there.
            let all = trial.exhaustive.map(|actions| (By::Actions(actions), 1));
            cases.into_iter().chain(all).map(made).collect()
        }
        (why, target) => vec![Row { defence, target, tries: Tries::None(why.unwrap_or(NOT_SEEN)) }],
    }
}

fn one(defence: Defence, target: &Target, by: By, seed: u64, trial: Trial) -> Try {
    let how = match by {
        By::Cases(method) => How::Cases { method, budget: trial.budget },
        By::Actions(actions) => How::Actions(actions),
    };
    let settings = Settings { how, seed, threads: trial.threads };
    let done = search(target.clone(), settings, &Limit::new(trial.time, 1).next());
    let (cases, passed_over) = match &done.tried {
        Tried::Cases { cases, passed_over, .. } => (*cases, *passed_over),
        Tried::States { states, .. } => (u64::try_from(states.iter().sum::<usize>()).unwrap_or(u64::MAX), 0),
    };
    let is_found = done.found.as_ref().is_some_and(|found| found.stopped_by.contains(&defence));
    Try { seed, cases, passed_over, took: done.took, violated: done.found, is_found }
}

impl Row {
    fn tries(&self) -> &[Try] {
        match &self.tries {
            Tries::None(_) => &[],
            Tries::Made { all, .. } => all,
        }
    }

    /// With how many actions of the adversary, if these were counted.
    pub(super) fn actions(&self) -> Option<u32> {
        self.shortest().and_then(|found| found.actions)
    }

    /// In how many of its searches it was found.
    pub(super) fn found(&self) -> usize {
        self.tries().iter().filter(|one| one.is_found).count()
    }

    /// How many violations were passed over, that are owed to what else is off.
    pub(super) fn passed_over(&self) -> u64 {
        self.tries().iter().map(|one| one.passed_over).sum()
    }

    pub(super) fn of(&self) -> usize {
        self.tries().len()
    }

    pub(super) fn median_cases(&self) -> Option<u64> {
        self.median(|one| one.cases)
    }

    pub(super) fn median_seconds(&self) -> Option<f64> {
        self.median(|one| one.took).map(|took| took.as_secs_f64())
    }

    /// Of an even number the higher one of the two in the middle. Where it was not found it is higher than all others.
    fn median<T: Ord>(&self, of: impl Fn(&Try) -> T) -> Option<T> {
        let mut all: Vec<T> = self.tries().iter().filter(|one| one.is_found).map(of).collect();
        all.sort();
        all.into_iter().nth(self.of() / 2)
    }

    /// The shortest that is owed to the defence.
    pub(super) fn shortest(&self) -> Option<&Found> {
        let found = self.tries().iter().filter(|one| one.is_found).filter_map(|one| one.violated.as_ref());
        found.min_by_key(|found| found.steps())
    }

    /// Whether novelty, if that is the method, has found it with every seed.
    fn is_as_hoped(&self) -> bool {
        match &self.tries {
            Tries::Made { by: By::Cases(Method::Novelty), all } => all.iter().all(|one| one.is_found),
            Tries::None(_) | Tries::Made { .. } => true,
        }
    }
}

/// Writes the shortest trace of a defence, by whatever method.
fn keep(directory: &Path, rows: &[Row]) -> Result<(), Failure> {
    let shortest = rows.iter().filter_map(|row| Some((row.defence, row.shortest()?)));
    let Some((defence, found)) = shortest.min_by_key(|(_, found)| found.steps()) else { return Ok(()) };
    fs::create_dir_all(directory).map_err(|error| {
        Failure::Usage(format!("cannot make {}: {error}; name a directory that can be written", directory.display()))
    })?;
    trace::write(&directory.join(format!("{defence}.ndjson")), &found.trace)
}

/// The command that searches again.
fn repeat(options: &AttackSearch) -> String {
    let budget = options.budget.map_or_else(String::new, |budget| format!(" --budget {budget}"));
    let exhaustive = options.exhaustive.map_or_else(String::new, |actions| format!(" --exhaustive {actions}"));
    let (seeds, time) = (options.seeds, timed(options.time));
    format!("countersign attack search --every-defence --seeds {seeds}{budget}{exhaustive}{time}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_attacks::Goal;

    fn trial(budget: u64) -> Trial {
        Trial { seeds: 2, budget, exhaustive: Some(1), time: 600, threads: 1 }
    }

    /// What is found and what is not, by each method; what no observer sees is listed and not searched for.
    #[test]
    fn a_defence_has_a_row_for_each_method_or_a_reason() {
        let found = rows(Defence::ResponderKeyPinned, trial(5_000));
        assert_eq!(found.len(), 3);
        for (row, of) in found.iter().zip([2, 2, 1]) {
            assert_eq!((row.found(), row.of()), (of, of));
            assert!(row.median_cases().unwrap() > 0 && row.shortest().unwrap().steps() > 1);
            assert!(table::row(row).starts_with("| `ResponderKeyPinned` | "), "{}", table::row(row));
        }
        assert!(judge(&found, "again").is_ok());
        let unseen =
            Defence::ALL.iter().filter(|defence| shown_by(**defence).is_some_and(|of| of.goal == Goal::Achieves));
        let rows: Vec<Row> = unseen.flat_map(|defence| rows(*defence, trial(1))).collect();
        assert!(rows.iter().all(|row| matches!(row.tries, Tries::None(NOT_SEEN)) && row.median_cases().is_none()));
        assert!(!rows.is_empty() && judge(&rows, "again").is_ok());
    }

    /// Where another defence that is off lets more through, that is passed over until there is something that the one which
    /// is meant would have stopped.
    #[test]
    fn what_another_defence_lets_through_is_passed_over() {
        let target = shown_by(Defence::ClaimNamesResponder).map(Target::of).unwrap();
        assert_eq!(target.weakened, [Defence::ResponderNameSigned]);
        let found = one(Defence::ClaimNamesResponder, &target, By::Cases(Method::Novelty), 1, trial(5_000));
        assert!(found.is_found && found.passed_over > 0, "{found:?}");
        assert!(found.violated.unwrap().stopped_by.contains(&Defence::ClaimNamesResponder));
    }

    /// Where most searches find nothing there is no median, and the exit code tells.
    #[test]
    fn a_defence_that_is_not_found_is_named() {
        let all = [None, Some(7)].map(|cases| Try {
            seed: 1,
            cases: cases.unwrap_or(100),
            passed_over: 2,
            took: Duration::ZERO,
            violated: None,
            is_found: cases.is_some(),
        });
        let row = Row {
            defence: Defence::OwnKey,
            target: shown_by(Defence::OwnKey).map(Target::of),
            tries: Tries::Made { by: By::Cases(Method::Novelty), all: all.into() },
        };
        assert_eq!((row.found(), row.of(), row.median_cases()), (1, 2, None));
        assert!(table::row(&row).contains("| novelty | 1 of 2, 4 passed over | "), "{}", table::row(&row));
        let Err(Failure::Attacked(what)) = judge(&[row], "again") else { panic!("it has passed") };
        assert_eq!(what, "not found by novelty with every seed: OwnKey; repeat with: again");
    }
}
