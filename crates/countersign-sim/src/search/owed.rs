//! What a violation is owed to. Where several defences are off, what would be violated with the one that is meant back in
//! place says nothing about that one, and is passed over: the case goes on.

use super::Search;
use crate::adversary::Play;
use crate::claims::Violation;
use crate::trace::Trace;
use countersign::Defences;

/// The violations of one case, judged as they come.
#[derive(Debug, Default)]
pub(super) struct Judged {
    violations: usize,
    /// Passed over: each rule once.
    over: Vec<Violation>,
}

impl Judged {
    /// How many were passed over.
    pub(super) fn passed_over(&self) -> u64 {
        u64::try_from(self.over.len()).unwrap_or(u64::MAX)
    }

    /// The first since it was last asked that counts, and what was done up to there.
    pub(super) fn first<D: Defences>(
        &mut self,
        search: &Search<D>,
        play: &Play<D>,
        build: &str,
    ) -> Option<(Violation, Trace)> {
        let new: Vec<Violation> = play.violations().get(self.violations..).unwrap_or_default().to_vec();
        self.violations = play.violations().len();
        for violation in new {
            if self.over.iter().any(|over| (over.claim, &over.rule) == (violation.claim, &violation.rule)) {
                continue;
            }
            let trace = play.trace(build.to_owned()).rerun(Some(&violation), search.defences);
            if search.is_owed(&trace, &violation) {
                return Some((violation, trace));
            }
            self.over.push(violation);
        }
        None
    }
}

impl<D: Defences> Search<D> {
    /// Whether it would not have come to that with a defence back that is meant, neither as it was found nor in as few
    /// steps as it takes.
    fn is_owed(&self, trace: &Trace, violation: &Violation) -> bool {
        let is_stopped = |trace: &Trace| {
            self.meant.is_empty()
                || self.meant.iter().any(|with| !trace.rerun(Some(violation), *with).violates(violation))
        };
        let shrunk = || self.meant.is_empty() || trace.shrink(self.defences).is_ok_and(|shrunk| is_stopped(&shrunk));
        is_stopped(trace) && shrunk()
    }
}
