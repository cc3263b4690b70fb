//! Steps that are given, not drawn: a trace run again, whole or in part.

use crate::act::{Act, Effect, Line, Nature};
use crate::claims::{Claim, Violation};
use crate::config::WorldOf;
use crate::record::{self, TWIN};
use crate::stage::{Notice, Stage};
use crate::todo::{Flight, Todo};
use countersign::{Defences, Moment};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A claim that does not hold, and what of it: what a shorter trace must still show.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) claim: Claim,
    pub(crate) rule: String,
}

impl Target {
    pub(crate) fn of(violation: &Violation) -> Self {
        Self { claim: violation.claim, rule: violation.rule.clone() }
    }

    fn is(&self, violation: &Violation) -> bool {
        self.claim == violation.claim && self.rule == violation.rule
    }
}

/// A stage that is told what to do.
struct Script<D> {
    stage: Stage<D>,
    flights: BTreeMap<crate::act::DatagramName, Rc<Flight>>,
    sends: Vec<(Moment, [u8; 8])>,
    /// If lines are wanted.
    lines: Option<Vec<Line>>,
}

impl<D: Defences> Script<D> {
    fn new(of: &WorldOf, defences: D, records: bool) -> Self {
        let stage = Stage::new(Rc::clone(&of.scenario), of.seed, of.world, defences);
        Self { stage, flights: BTreeMap::new(), sends: Vec::new(), lines: records.then(Vec::new) }
    }

    fn violations(&self) -> &[Violation] {
        self.stage.observer.ledger.violations()
    }

    /// Lets the timers fire that are due until then.
    fn advance(&mut self, until: Moment) {
        while self.stage.next_wake().is_some_and(|wake| wake <= until) {
            let violated = self.violations().len();
            let host = self.stage.fire().unwrap_or_default();
            self.note(0, &Act::Timer { host }, violated);
        }
    }

    /// Does a step, unless what it is about does not exist.
    fn step(&mut self, line: &Line) {
        let at = Moment::from_micros(line.at_us);
        self.advance(at);
        let flights = &self.flights;
        let Some(todo) = Todo::of(&line.act, |name| flights.get(name).cloned()) else { return };
        let violated = self.violations().len();
        self.stage.execute(line.step, at, &todo);
        self.note(line.step, &line.act, violated);
    }

    fn note(&mut self, step: u64, act: &Act, violated: usize) {
        let notices = core::mem::take(&mut self.stage.notices);
        for notice in &notices {
            if let Notice::Sent(flight) = notice {
                self.flights.insert(flight.name, Rc::clone(flight));
                self.sends.push((self.stage.now, record::fingerprint(self.stage.now, flight)));
            }
        }
        if let Some(lines) = &mut self.lines {
            let new = self.stage.observer.ledger.violations().get(violated..).unwrap_or_default();
            let effects = record::effects(&notices, new);
            if step > 0 || !effects.is_empty() {
                lines.push(Line { step, at_us: self.stage.now.as_micros(), act: act.clone(), effects });
            }
        }
    }
}

/// Whether these steps still violate the target.
pub(crate) fn violates<D: Defences>(of: &WorldOf, steps: &[Line], until: Moment, target: &Target, defences: D) -> bool {
    let mut script = Script::new(of, defences, false);
    for step in steps {
        script.step(step);
        if script.violations().iter().any(|violation| target.is(violation)) {
            return true;
        }
    }
    script.advance(until);
    if target.rule == TWIN {
        return differs_from_twin(of, steps, until, &script.sends, defences).is_some();
    }
    script.violations().iter().any(|violation| target.is(violation))
}

/// Runs steps again, up to the first violation if there is one; the lines of their trace.
pub(crate) fn rerun<D: Defences>(of: &WorldOf, steps: &[Line], until: Moment, defences: D) -> Vec<Line> {
    let mut script = Script::new(of, defences, true);
    for step in steps.iter().filter(|line| line.step > 0) {
        script.step(step);
        if !script.violations().is_empty() {
            break;
        }
    }
    if script.violations().is_empty() {
        script.advance(until);
    }
    let twin = if script.violations().is_empty() {
        differs_from_twin(of, steps, until, &script.sends, defences)
    } else {
        None
    };
    let mut lines = script.lines.unwrap_or_default();
    if let Some(end) =
        lines.iter().position(|line| line.effects.iter().any(|effect| matches!(effect, Effect::Violated(_))))
    {
        lines.truncate(end.saturating_add(1));
    }
    if let Some(at) = twin {
        lines.retain(|line| line.at_us <= at.as_micros());
        if let Some(last) = lines.last_mut() {
            last.effects.push(Effect::Violated(record::twin_violation(of.world, at)));
        }
    }
    lines
}

/// When the same steps without the junk among them make honest hosts send something else.
fn differs_from_twin<D: Defences>(
    of: &WorldOf,
    steps: &[Line],
    until: Moment,
    sends: &[(Moment, [u8; 8])],
    defences: D,
) -> Option<Moment> {
    if !steps.iter().any(|step| is_junk(&step.act)) {
        return None;
    }
    let mut quiet = Script::new(of, defences, false);
    steps.iter().filter(|step| step.step > 0 && !is_junk(&step.act)).for_each(|step| quiet.step(step));
    quiet.advance(until);
    record::first_difference(sends, &quiet.sends)
}

const fn is_junk(act: &Act) -> bool {
    matches!(act, Act::Junk { .. } | Act::Deliver { nature: Nature::Forged, .. })
}
