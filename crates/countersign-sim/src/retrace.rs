//! Traces of worlds: recorded, run again, shortened.

use crate::act::{Effect, Line, TRACE_SCHEMA, TraceHeader};
use crate::claims::Violation;
use crate::config::WorldOf;
use crate::record::{STUCK, TWIN};
use crate::report::RunOf;
use crate::script::{self, Target};
use crate::shrink;
use crate::trace::Trace;
use crate::world::World;
use countersign::{Defences, Moment};

/// What running a trace again came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Replay {
    /// The same, to the end.
    Same,
    /// Something else from this line on.
    Differs {
        /// The line of the file, from 1.
        line: usize,
        /// What the trace says; `None` if it has ended.
        expected: Option<Box<Line>>,
        /// What happened; `None` if nothing did.
        got: Option<Box<Line>>,
    },
}

/// Why a trace cannot be shortened.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ShrinkError {
    /// Nothing is wrong in it.
    #[error("no claim is violated in it: there is nothing to shrink")]
    NothingViolated,
    /// What was wrong is not wrong any more.
    #[error("run again, it violates nothing: it was made by another build, or changed")]
    NotViolatedNow,
    /// It is wrong of the world as a whole.
    #[error("that handshakes do not end is seen at the end of a whole world alone: it cannot be shortened")]
    OnlyInTheWhole,
}

impl TraceHeader {
    /// A run in which the world has as many handshakes as it had.
    pub(crate) fn run(&self) -> RunOf {
        let mut run = RunOf::new(self.scenario.clone(), self.seed, self.handshakes);
        run.worlds = 1;
        run.without.clone_from(&self.without);
        run
    }
}

impl Trace {
    /// The trace of one world of a run, to its end, or to this violation.
    #[must_use]
    pub fn record<D: Defences>(run: &RunOf, world: u32, until: Option<&Violation>, build: String, defences: D) -> Self {
        let of = WorldOf::new(run.clone(), world);
        let mut recorded = World::new(of.clone(), defences).recording();
        match until {
            Some(violation) if violation.rule == TWIN => {
                while recorded.now().as_micros() < violation.at_us && recorded.step(&mut ()) {}
            }
            Some(_) => while recorded.violations().is_empty() && recorded.step(&mut ()) {},
            None => recorded.run(&mut ()),
        }
        let header = TraceHeader {
            schema: TRACE_SCHEMA.to_owned(),
            build,
            seed: run.seed,
            world,
            handshakes: of.handshakes,
            scenario: run.scenario.clone(),
            without: run.without.clone(),
            hosts: recorded.names(),
        };
        let lines = recorded.take_lines();
        let is_twin = until.is_some_and(|violation| violation.rule == TWIN);
        let until = Moment::from_micros(until.map_or(u64::MAX, |violation| violation.at_us));
        let lines = if is_twin { script::rerun(&of, &lines, until, None, defences) } else { lines };
        Self { header, lines }
    }

    /// Runs it again and compares, up to the first difference.
    #[must_use]
    pub fn replay<D: Defences>(&self, defences: D) -> Replay {
        let target = self.violation().map(Target::of);
        let got = script::rerun(&self.world(), &self.lines, self.until(), target.as_ref(), defences);
        let (expected, got) = (foremost(self.lines.clone(), target.as_ref()), foremost(got, target.as_ref()));
        let differs = (0..expected.len().max(got.len())).find(|at| expected.get(*at) != got.get(*at));
        let Some(at) = differs else { return Replay::Same };
        let boxed = |lines: &[Line]| lines.get(at).cloned().map(Box::new);
        // The header is the first line of the file.
        Replay::Differs { line: at.saturating_add(2), expected: boxed(&expected), got: boxed(&got) }
    }

    /// Runs it again, up to this violation, or to the first of any: others may come before the one that is meant. What is
    /// left can be replayed and shortened.
    #[must_use]
    pub fn rerun<D: Defences>(&self, violation: Option<&Violation>, defences: D) -> Self {
        let known = Moment::from_micros(violation.map_or(0, |violation| violation.at_us));
        let target = violation.map(Target::of);
        let lines = script::rerun(&self.world(), &self.lines, self.until().max(known), target.as_ref(), defences);
        Self { header: self.header.clone(), lines: foremost(lines, target.as_ref()) }
    }

    /// Leaves out steps as long as the same claim is still violated.
    ///
    /// # Errors
    /// [`ShrinkError`].
    pub fn shrink<D: Defences>(&self, defences: D) -> Result<Self, ShrinkError> {
        let violation = self.violation().ok_or(ShrinkError::NothingViolated)?;
        if violation.rule == STUCK {
            return Err(ShrinkError::OnlyInTheWhole);
        }
        let (of, until, target) = (self.world(), self.until(), Target::of(violation));
        let all: Vec<Line> = self.lines.iter().filter(|line| line.step > 0).cloned().collect();
        if script::violates(&of, &all, until, &target, defences).is_none() {
            return Err(ShrinkError::NotViolatedNow);
        }
        let steps = shrink::shrink(&of, &all, until, target.clone(), defences);
        let lines = script::rerun(&of, &steps, until, Some(&target), defences);
        Ok(Self { header: self.header.clone(), lines: foremost(lines, Some(&target)) })
    }

    /// The claim that is violated where it ends. Others may have been before, which are not what it is kept for.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.lines.iter().rev().find_map(|line| violations(line).next())
    }

    /// Whether a claim is violated in it in the same way.
    #[must_use]
    pub fn violates(&self, violation: &Violation) -> bool {
        let target = Target::of(violation);
        self.lines.iter().flat_map(violations).any(|other| target.is(other))
    }

    /// How many steps it has; timers are none.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.lines.iter().filter(|line| line.step > 0).count()
    }

    fn world(&self) -> WorldOf {
        WorldOf::new(self.header.run(), self.header.world)
    }

    fn until(&self) -> Moment {
        // A twin may have gone its own way after the last line, by what it did and this world did not.
        let violated = self.violation().map_or(0, |violation| violation.at_us);
        Moment::from_micros(self.lines.last().map_or(0, |line| line.at_us).max(violated))
    }
}

/// With what is meant before all else that is violated in the step that they end with.
fn foremost(mut lines: Vec<Line>, target: Option<&Target>) -> Vec<Line> {
    if let (Some(target), Some(last)) = (target, lines.last_mut()) {
        last.effects.sort_by_key(|effect| match effect {
            Effect::Violated(violation) if target.is(violation) => 1,
            Effect::Violated(_) => 2,
            Effect::Sent { .. } | Effect::Dropped { .. } | Effect::Said { .. } | Effect::Asked { .. } => 0,
        });
    }
    lines
}

fn violations(line: &Line) -> impl Iterator<Item = &Violation> {
    line.effects.iter().filter_map(|effect| match effect {
        Effect::Violated(violation) => Some(violation),
        Effect::Sent { .. } | Effect::Dropped { .. } | Effect::Said { .. } | Effect::Asked { .. } => None,
    })
}
