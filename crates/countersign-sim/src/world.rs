//! One world: a stage, and a plan that decides what happens on it. One seed decides all.

use crate::act::{Act, Line};
use crate::cast::Part;
use crate::claims::{Claim, Violation};
use crate::config::WorldOf;
use crate::explored::Explored;
use crate::host::HostId;
use crate::plan::Plan;
use crate::record;
use crate::report::Report;
use crate::run::Intent;
use crate::stage::{Notice, Stage};
use crate::watch::{Happening, Watch};
use core::time::Duration;
use countersign::{Defences, Moment, Now};
use countersign_endpoint::{Endpoint, HandshakeId, Outcome};
use rand::rngs::ChaCha20Rng;

/// A discrete-event world.
#[derive(Debug)]
pub struct World<D> {
    of: WorldOf,
    stage: Stage<D>,
    plan: Plan,
    steps: u64,
    /// The last time that a handshake ended, and how many had by then.
    progress: (Moment, u64),
    /// When and what honest hosts sent, as long as twins are compared.
    honest_sends: Vec<(Moment, [u8; 8])>,
    /// The lines of a trace, if there is to be one.
    lines: Option<Vec<Line>>,
}

impl<D: Defences> World<D> {
    /// A world before anything has happened.
    #[must_use]
    pub fn new(of: WorldOf, defences: D) -> Self {
        Self::with_noise(of, defences, true)
    }

    fn with_noise(of: WorldOf, defences: D, is_noisy: bool) -> Self {
        let stage = Stage::new(of.scenario.clone(), of.build(defences), of.world);
        let plan = Plan::new(&stage, of.scenario.clone(), of.seed, of.handshakes, is_noisy);
        let progress = (Moment::default(), 0);
        Self { of, stage, plan, steps: 0, progress, honest_sends: Vec::new(), lines: None }
    }

    /// Keeps what happens, line by line. It takes much memory.
    #[must_use]
    pub fn recording(mut self) -> Self {
        self.lines = Some(Vec::new());
        self
    }

    /// Runs until every handshake has ended.
    pub fn run(&mut self, watch: &mut impl Watch<D>) {
        while self.step(watch) {}
    }

    /// Does what is next. `false` once every handshake has ended.
    pub fn step(&mut self, watch: &mut impl Watch<D>) -> bool {
        if self.plan.is_done() {
            return false;
        }
        let violated = self.stage.observer.ledger.violations().len();
        let (planned, wake) = (self.plan.next_at(), self.stage.next_wake());
        let is_wake = wake.is_some_and(|wake| planned.is_none_or(|planned| wake <= planned));
        let (number, act) = if is_wake {
            let host = self.stage.fire().unwrap_or_default();
            (0, Act::Timer { host })
        } else if planned.is_some() {
            let number = self.steps.saturating_add(1);
            let stage = &self.stage;
            let Some((at, todo)) = self.plan.next(number, |client| stage.standing(client)) else { return true };
            self.steps = number;
            self.stage.execute(number, at, &todo);
            (number, if self.lines.is_some() { todo.act() } else { Act::Timer { host: HostId(0) } })
        } else {
            self.give_up(watch);
            return false;
        };
        self.follow(watch, number, act, violated);
        if self.is_stuck() {
            self.give_up(watch);
            return false;
        }
        true
    }

    /// Handshakes do not end: the last line of a trace says so.
    fn give_up(&mut self, watch: &mut impl Watch<D>) {
        let violated = self.stage.observer.ledger.violations().len();
        self.stage.observer.stuck(self.stage.now);
        self.follow(watch, 0, Act::Timer { host: HostId(0) }, violated);
    }

    fn follow(&mut self, watch: &mut impl Watch<D>, number: u64, act: Act, violated: usize) {
        let notices = core::mem::take(&mut self.stage.notices);
        if let Some(lines) = &mut self.lines {
            let new = self.stage.observer.ledger.violations().get(violated..).unwrap_or_default();
            let effects = record::effects(&notices, new);
            if number > 0 || !effects.is_empty() {
                lines.push(Line { step: number, at_us: self.stage.now.as_micros(), act, effects });
            }
        }
        for notice in &notices {
            let copies = self.plan.follow(&mut self.stage, notice);
            if let Notice::Sent(flight) = notice
                && self.plan.ended() < self.of.twin_handshakes()
            {
                self.honest_sends.push((self.stage.now, record::fingerprint(self.stage.now, flight)));
            }
            if let Some(happening) = Happening::of(notice, copies) {
                watch.happened(self, happening);
            }
        }
        let mut notices = notices;
        notices.clear();
        self.stage.notices = notices;
    }

    /// How many handshakes have ended, one way or the other.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        self.plan.ended()
    }

    /// The moment in virtual time.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.stage.now
    }

    /// The seed of this world.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.of.seed
    }

    /// What is true of a host.
    #[must_use]
    pub fn part(&self, host: HostId) -> Option<&Part> {
        self.stage.part(host)
    }

    /// The names of all hosts, by number.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.stage.names()
    }

    /// A host's endpoint, while it is up.
    #[must_use]
    pub fn endpoint(&self, host: HostId) -> Option<&Endpoint<ChaCha20Rng, D>> {
        self.stage.machines.get(usize::from(host.0))?.endpoint.as_ref()
    }

    /// What a host's clocks show.
    #[must_use]
    pub fn clocks(&self, host: HostId) -> Now {
        self.stage.clocks(host)
    }

    /// What a client set out to do with a handshake that is under way.
    #[must_use]
    pub fn intent(&self, client: HostId, handshake: HandshakeId) -> Option<&Intent> {
        self.stage.people.intent(client, handshake)
    }

    /// What has gone wrong so far.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.stage.observer.ledger.violations()
    }

    /// What has been recorded, which is given away.
    pub fn take_lines(&mut self) -> Vec<Line> {
        self.lines.take().unwrap_or_default()
    }

    /// A7: compares with the same world without junk. Its first handshakes must have sent the same bytes.
    pub fn compare_with_twin(&mut self, defences: D) {
        let noise = self.of.scenario.noise;
        if noise.junk_every == Duration::ZERO && noise.mutated == 0 {
            return;
        }
        let mut twin = Self::with_noise(self.of.clone(), defences, false);
        while twin.ended() < self.of.twin_handshakes() && twin.step(&mut ()) {}
        if let Some(at) = record::first_difference(&self.honest_sends, &twin.honest_sends) {
            self.stage
                .observer
                .ledger
                .violated(Claim::A7, record::TWIN, at, || "junk changed what honest hosts sent".to_owned());
        }
    }

    /// What it came to.
    #[must_use]
    pub fn report(&self) -> Report {
        let Stage { tally, observer, now, .. } = &self.stage;
        let run = self.of.run.as_ref().clone();
        tally.report(run, self.of.world, self.stage.hash(), *now, observer.repeats, &observer.ledger)
    }

    /// Notes progress, and says whether there was none for longer than a handshake may wait for its turn, and last.
    fn is_stuck(&mut self) -> bool {
        let limits = &self.of.scenario.limits;
        let turns = u32::try_from(limits.queue_max).unwrap_or(u32::MAX).saturating_add(2);
        let longest = limits.deadline.saturating_mul(turns).saturating_add(limits.confirm_grace);
        if self.progress.1 != self.plan.ended() {
            self.progress = (self.stage.now, self.plan.ended());
        }
        self.stage.now.since(self.progress.0) > longest
    }
}

impl<D: Defences> Stage<D> {
    pub(crate) fn names(&self) -> Vec<String> {
        self.machines.iter().map(|machine| machine.part.name()).collect()
    }

    pub(crate) fn standing(&self, client: HostId) -> Option<crate::cast::Standing> {
        match self.part(client)? {
            Part::Client { standing, .. } => Some(*standing),
            Part::Server(_) | Part::LookAlike | Part::Thief | Part::Stranger => None,
        }
    }

    /// Counts what an initiator's clock brought about.
    pub(crate) fn note_outcome(&mut self, outcome: Outcome) {
        if matches!(outcome, Outcome::Clock { .. }) {
            self.tally.met(Explored::WrongClocks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RunOf;
    use crate::retrace::{Replay, ShrinkError};
    use crate::scenario::{Population, Scenario};
    use crate::trace::Trace;
    use countersign::Whole;

    /// What is found at the end of a world stands in its trace, and is found again. Without a server nobody gets anywhere.
    #[test]
    fn handshakes_that_never_end_have_a_line_in_the_trace() {
        let population = Population { clients: 1, servers: 0 };
        let run = RunOf::new(Scenario { population, ..Scenario::default() }, 1, 1);
        let mut world = World::new(WorldOf::new(run.clone(), 0), Whole);
        world.run(&mut ());
        let [violation] = world.violations() else { panic!("{:?}", world.violations()) };
        assert_eq!((violation.claim, violation.rule.as_str()), (Claim::A9, record::STUCK));
        let trace = Trace::record(&run, 0, Some(violation), String::new(), Whole);
        assert_eq!(trace.violation(), Some(violation));
        assert_eq!(trace.replay(Whole), Replay::Same);
        assert_eq!(trace.shrink(Whole), Err(ShrinkError::OnlyInTheWhole));
    }
}
