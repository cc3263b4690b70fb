//! What a run proves, and what the exit code says of it.

use crate::Failure;
use crate::report::words::missing;
use countersign_sim::Report;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// All that is promised was explored, and every claim that was tested held.
    Held,
    Violated,
    /// No claim of substance was put to the test.
    Nothing,
    /// Worlds are missing, and nothing was violated in those that are there.
    Part,
    /// Something that the scenario promises never occurred.
    Unexplored,
}

impl Verdict {
    pub(crate) fn of(report: &Report) -> Self {
        if report.is_violated() {
            Self::Violated
        } else if !report.has_explored() {
            Self::Nothing
        } else if !report.is_whole() {
            Self::Part
        } else if report.excuse().is_none() && !report.unexplored().is_empty() {
            Self::Unexplored
        } else {
            Self::Held
        }
    }
}

/// Whether worlds may be missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    Whole,
    Part,
}

/// What the exit code says; the command repeats what was violated.
pub(crate) fn judge(report: &Report, wanted: Wanted, command: String) -> Result<(), Failure> {
    match (Verdict::of(report), wanted) {
        (Verdict::Held, _) | (Verdict::Part, Wanted::Part) => Ok(()),
        (Verdict::Violated, _) => Err(Failure::Violated(command)),
        (Verdict::Nothing, _) => {
            Err(Failure::Nothing("no honest handshake was accepted; lose or delay less, or begin more".to_owned()))
        }
        (Verdict::Part, Wanted::Whole) => Err(Failure::Incomplete(format!(
            "of the {} worlds of the run these are missing: {}; give the reports of all its parts, or --partial",
            report.run.worlds,
            missing(report)
        ))),
        (Verdict::Unexplored, _) => {
            let what: Vec<String> = report.unexplored().into_iter().collect();
            Err(Failure::Incomplete(format!(
                "the scenario is meant to meet what this run did not: {}; change it, or what it says under exercises",
                what.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use countersign_sim::{Claim, ClaimCount, Explored, PROMISED_FOR};

    fn of(report: &Report, wanted: Wanted) -> Result<(), Failure> {
        judge(report, wanted, "again".to_owned())
    }

    /// A run passes only if it explored something and every claim held.
    #[test]
    fn the_exit_tells_a_violated_claim_from_an_empty_run() {
        let mut report = sample::report();
        assert!(of(&report, Wanted::Whole).is_ok());
        report.claims.insert(Claim::A1, ClaimCount { occurred: 1, violated: 1 });
        assert!(matches!(of(&report, Wanted::Whole), Err(Failure::Violated(command)) if command == "again"));
        report.claims.insert(Claim::A1, ClaimCount::default());
        assert!(matches!(of(&report, Wanted::Whole), Err(Failure::Nothing(_))));
    }

    /// A part passes where a part is wanted.
    #[test]
    fn a_part_of_a_run_is_not_the_run() {
        let part = sample::shard(1);
        assert!(of(&part, Wanted::Part).is_ok());
        let Err(Failure::Incomplete(what)) = of(&part, Wanted::Whole) else { panic!("world 0 is missing") };
        assert!(what.starts_with("of the 2 worlds of the run these are missing: 0; "), "{what}");
    }

    /// What a scenario promises holds for long runs of it as it is.
    #[test]
    fn a_promise_that_is_not_kept_does_not_pass() {
        let mut report = sample::report();
        report.explored.remove(&Explored::Lost);
        assert!(of(&report, Wanted::Whole).is_ok(), "a short run promises nothing");
        report.run.handshakes = PROMISED_FOR;
        let Err(Failure::Incomplete(what)) = of(&report, Wanted::Whole) else { panic!("it is unexplored") };
        assert!(what.contains(Explored::Lost.what()), "{what}");
        let mut overridden = report.clone();
        overridden.run.overridden = vec!["--loss".to_owned()];
        let mut ablated = report.clone();
        ablated.run.without = vec!["Freshness".to_owned()];
        let mut scattered = report;
        scattered.run.worlds = 17;
        for (report, said) in [
            (overridden, "not expected with --loss"),
            (ablated, "not expected with --without"),
            (scattered, "not expected with more worlds than 16"),
        ] {
            assert_eq!(report.excuse().as_deref(), Some(said));
        }
    }
}
