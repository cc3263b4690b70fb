//! What a run proves, and what the exit code says of it.

use crate::Failure;
use countersign_sim::Report;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Something was explored, and every claim that was tested held.
    Held,
    Violated,
    /// No claim of substance was put to the test.
    Nothing,
}

impl Verdict {
    pub(crate) fn of(report: &Report) -> Self {
        if report.is_violated() {
            Self::Violated
        } else if report.has_explored() {
            Self::Held
        } else {
            Self::Nothing
        }
    }
}

/// What the exit code says; the command repeats what was violated.
pub(crate) fn judge(report: &Report, command: String) -> Result<(), Failure> {
    match Verdict::of(report) {
        Verdict::Held => Ok(()),
        Verdict::Violated => Err(Failure::Violated(command)),
        Verdict::Nothing => {
            Err(Failure::Nothing("no honest handshake was accepted; lose or delay less, or begin more".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use countersign_sim::{Claim, ClaimCount};

    /// A run passes only if it explored something and every claim held.
    #[test]
    fn the_exit_tells_a_violated_claim_from_an_empty_run() {
        let mut report = sample::report();
        assert!(judge(&report, String::new()).is_ok());
        report.claims.insert(Claim::A1, ClaimCount { occurred: 1, violated: 1 });
        assert!(matches!(judge(&report, "again".to_owned()), Err(Failure::Violated(command)) if command == "again"));
        report.claims.insert(Claim::A1, ClaimCount::default());
        assert!(matches!(judge(&report, String::new()), Err(Failure::Nothing(_))));
    }
}
