//! Shorter traces: steps are left out while the same claim still fails (delta debugging; Zeller and Hildebrandt, 2002).

use crate::act::{HandshakeNumber, Line};
use crate::config::WorldOf;
use crate::script::{Target, violates};
use countersign::{Defences, Moment};
use std::collections::BTreeSet;

/// A trace may be run again until this many steps have been done.
const STEPS_MAX: usize = 1_500_000;
/// Handshakes that are tried alone, the last first.
const ALONE_MAX: usize = 64;

struct Shrinking<'a, D> {
    of: &'a WorldOf,
    until: Moment,
    target: Target,
    defences: D,
    budget: usize,
}

/// The steps that still violate the target, of which none can be left out, or as few as the budget allowed.
pub(crate) fn shrink<D: Defences>(
    of: &WorldOf,
    lines: &[Line],
    until: Moment,
    target: Target,
    defences: D,
) -> Vec<Line> {
    let mut shrinking = Shrinking { of, until, target, defences, budget: STEPS_MAX };
    let mut steps: Vec<Line> = lines.iter().filter(|line| line.step > 0).cloned().collect();
    for line in &mut steps {
        line.effects.clear();
    }
    if let Some(few) = shrinking.alone(&steps) {
        steps = few;
    }
    shrinking.leave_out(steps)
}

impl<D: Defences> Shrinking<'_, D> {
    fn still(&mut self, steps: &[Line]) -> bool {
        let Some(left) = self.budget.checked_sub(steps.len().saturating_add(WORLD)) else { return false };
        self.budget = left;
        violates(self.of, steps, self.until, &self.target, self.defences)
    }

    /// The steps of one handshake, or of one and another of the same client, if they are enough.
    fn alone(&mut self, steps: &[Line]) -> Option<Vec<Line>> {
        let mut seen = BTreeSet::new();
        let last: Vec<HandshakeNumber> =
            steps.iter().rev().filter_map(Line::about).filter(|number| seen.insert(*number)).take(ALONE_MAX).collect();
        for number in &last {
            let few: Vec<Line> = steps.iter().filter(|line| line.about() == Some(*number)).cloned().collect();
            if self.still(&few) {
                return Some(few);
            }
        }
        None
    }

    fn leave_out(&mut self, mut steps: Vec<Line>) -> Vec<Line> {
        let mut size = steps.len().div_ceil(2).max(1);
        loop {
            let before = steps.len();
            let mut from = 0_usize;
            while from < steps.len() {
                let to = from.saturating_add(size).min(steps.len());
                let mut fewer = steps.clone();
                fewer.drain(from..to);
                if self.still(&fewer) {
                    steps = fewer;
                } else {
                    from = to;
                }
            }
            if size == 1 && steps.len() == before {
                return steps;
            }
            size = size.div_ceil(2).max(1);
            if self.budget < WORLD {
                return steps;
            }
        }
    }
}

/// What it takes to make a world, in steps.
const WORLD: usize = 20;
