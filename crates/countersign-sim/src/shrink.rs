//! Shorter traces: steps are left out while the same claim still fails (delta debugging; Zeller and Hildebrandt, 2002).

use crate::act::{Act, HandshakeNumber, Line};
use crate::config::WorldOf;
use crate::script::{Target, violates};
use core::ops::Range;
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
    /// These steps without the answers to nothing among them, if they still violate the target.
    fn still(&mut self, mut steps: Vec<Line>) -> Option<Vec<Line>> {
        self.budget = self.budget.checked_sub(steps.len().saturating_add(WORLD))?;
        let idle = violates(self.of, &steps, self.until, &self.target, self.defences)?;
        steps.retain(|line| !idle.contains(&line.step));
        Some(steps)
    }

    /// The steps of one handshake, if they are enough.
    fn alone(&mut self, steps: &[Line]) -> Option<Vec<Line>> {
        let mut seen = BTreeSet::new();
        let last: Vec<HandshakeNumber> =
            steps.iter().rev().filter_map(Line::about).filter(|number| seen.insert(*number)).take(ALONE_MAX).collect();
        last.into_iter()
            .find_map(|number| self.still(steps.iter().filter(|line| line.about() == Some(number)).cloned().collect()))
    }

    fn leave_out(&mut self, mut steps: Vec<Line>) -> Vec<Line> {
        let mut size = steps.len().div_ceil(2).max(1);
        loop {
            let before = steps.len();
            let mut from = 0_usize;
            while from < steps.len() {
                let to = from.saturating_add(size).min(steps.len());
                let next = steps.get(to).map_or(u64::MAX, |line| line.step);
                if let Some(fewer) = self.still(without(&steps, from..to)) {
                    steps = fewer;
                }
                from = steps.partition_point(|line| line.step < next);
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

/// The steps without these. Answers stay unless there is nothing else among them: a store has to answer what it is asked.
fn without(steps: &[Line], left_out: Range<usize>) -> Vec<Line> {
    let is_answer = |line: &Line| matches!(line.act, Act::Answer { .. });
    let only_answers = steps.get(left_out.clone()).is_some_and(|lines| lines.iter().all(is_answer));
    let stays = |at: &usize, line: &Line| !left_out.contains(at) || is_answer(line) && !only_answers;
    (0..).zip(steps).filter(|(at, line)| stays(at, line)).map(|(_, line)| line.clone()).collect()
}

/// What it takes to make a world, in steps.
const WORLD: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RunOf;
    use crate::scenario::Scenario;
    use crate::script::Script;
    use crate::trace::Trace;
    use core::time::Duration;
    use countersign::Whole;

    fn one_handshake() -> (WorldOf, Vec<Line>) {
        let run = RunOf::new(Scenario::named("lan").unwrap(), 1, 1);
        let trace = Trace::record(&run, 0, None, String::new(), Whole);
        (WorldOf::new(run, 0), trace.lines.into_iter().filter(|line| line.step > 0).collect())
    }

    fn is_answer(line: &Line) -> bool {
        matches!(line.act, Act::Answer { .. })
    }

    /// A store that is asked answers, whatever is left out: its silence would look like that of the responder.
    #[test]
    fn a_question_left_without_its_answer_blames_nobody() {
        let (of, steps) = one_handshake();
        let silent: Vec<Line> = steps.iter().filter(|line| !is_answer(line)).cloned().collect();
        assert!(silent.len() < steps.len());
        let until = Moment::default().plus(Duration::from_secs(200));
        let target = Target { claim: crate::Claim::A9, rule: "answered".to_owned() };
        for steps in [&steps, &silent] {
            assert_eq!(violates(&of, steps, until, &target, Whole), None);
        }
        let mut script = Script::new(&of, Whole, false);
        silent.iter().for_each(|step| script.step(step));
        script.advance(until);
        let rules: Vec<&str> = script.violations().iter().map(|violation| violation.rule.as_str()).collect();
        assert_eq!(rules, ["answered"], "the silence of the store is taken for that of the responder");
    }

    /// An answer is left out with the question, not before it.
    #[test]
    fn answers_stay_as_long_as_anything_else_goes() {
        let (_, steps) = one_handshake();
        let all = 0..steps.len();
        let answers = without(&steps, all);
        assert!(!answers.is_empty() && answers.iter().all(is_answer));
        assert_eq!(without(&answers, 0..answers.len()), []);
    }
}
