//! What a search has found: shortened, and what would have stopped it.

use crate::attack::words;
use countersign::{Ablated, Defence, Defences};
use countersign_sim::{Found as Raw, Trace, Violation};

/// A claim that is violated, in as few steps as it takes.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) violation: Violation,
    /// With how many actions of the adversary, if these were counted.
    pub(super) actions: Option<u32>,
    /// How many steps it had when it was found.
    pub(super) steps_found: usize,
    /// Shortened, if it could be.
    pub(super) trace: Trace,
    pub(super) is_shortened: bool,
    /// Each of these would have stopped the same steps alone. They are off.
    pub(super) stopped_by: Vec<Defence>,
}

impl Found {
    pub(super) fn shorten<D: Defences>(found: Raw, actions: Option<u32>, off: &[Defence], defences: D) -> Self {
        let Raw { violation, trace: whole, .. } = found;
        let steps_found = whole.steps();
        let shortened = whole.shrink(defences).ok().filter(|shortened| shortened.violation().is_some());
        let is_shortened = shortened.is_some();
        let trace = shortened.unwrap_or(whole);
        let violation = trace.violation().cloned().unwrap_or(violation);
        let stopped_by = off.iter().filter(|one| stops(**one, off, &trace, &violation)).copied().collect();
        Self { violation, actions, steps_found, trace, is_shortened, stopped_by }
    }

    pub(super) fn steps(&self) -> usize {
        self.trace.steps()
    }

    /// What is violated, and in how much.
    pub(super) fn told(&self) -> String {
        let Self { violation, steps_found, .. } = self;
        let steps = counted(self.steps(), "step");
        let before = if self.is_shortened {
            format!("of {steps_found} when it was found")
        } else {
            "which could not be shortened".to_owned()
        };
        let actions = self.actions.map_or_else(String::new, |actions| {
            let actions = usize::try_from(actions).unwrap_or(usize::MAX);
            format!(" and {} of the adversary", counted(actions, "action"))
        });
        let (claim, rule) = (words::claim(violation.claim), &violation.rule);
        format!("{claim}, is violated (rule {rule:?}) in {steps}{actions}, {before}: {}.", violation.what)
    }

    /// What would have stopped it.
    pub(super) fn missed(&self) -> String {
        match self.stopped_by.as_slice() {
            [] => "no defence that is off alone: with any of them back in place the same steps violate the claim"
                .to_owned(),
            [one] => format!("{one}: with it back in place the same steps do not violate the claim"),
            several => format!("each of {}: with one back in place the same steps do not", words::listed(several)),
        }
    }
}

/// Whether a defence would have stopped this, with all else off.
fn stops(defence: Defence, off: &[Defence], trace: &Trace, violation: &Violation) -> bool {
    let others: Vec<Defence> = off.iter().filter(|other| **other != defence).copied().collect();
    !trace.rerun(Some(violation), Ablated::without(&others)).violates(violation)
}

pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
