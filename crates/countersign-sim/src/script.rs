//! Steps that are given, not drawn: a trace run again, whole or in part.

use crate::act::{Act, DatagramName, Effect, HandshakeNumber, Line, Nature, QuestionName};
use crate::adversary::{Exchanges, Forged, Knowledge, Loot};
use crate::claims::{Claim, Violation};
use crate::clock::Clock;
use crate::config::WorldOf;
use crate::host::{HostId, PORT};
use crate::plan::STEP;
use crate::record::{self, STUCK, TWIN};
use crate::scenario::Stores;
use crate::stage::{Notice, Stage};
use crate::todo::{Flight, Todo};
use core::cell::Cell;
use core::time::Duration;
use countersign::wire::{Kind, Sid};
use countersign::{Defences, Moment, Now};
use countersign_endpoint::{Dropped, Event};
use std::collections::{BTreeMap, BTreeSet};
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

    pub(crate) fn is(&self, violation: &Violation) -> bool {
        self.claim == violation.claim && self.rule == violation.rule
    }
}

/// A stage that is told what to do.
#[derive(Debug)]
pub(crate) struct Script<D> {
    pub(crate) stage: Stage<D>,
    flights: BTreeMap<DatagramName, Rc<Flight>>,
    sends: Vec<(Moment, [u8; 8])>,
    /// If lines are wanted.
    lines: Option<Vec<Line>>,
    /// If an adversary plays.
    pub(crate) knowledge: Option<Knowledge<D>>,
    /// Whose answers it can open.
    exchanges: Exchanges,
    /// The Challenges that clients have answered, by client and the responder's session id.
    taken: BTreeMap<(HostId, Sid), DatagramName>,
    /// Handshakes that clients have accepted and that the adversary could not follow.
    unheard: Vec<(HostId, Sid, DatagramName)>,
    /// Forgeries that were refused, and what was dropped for their number (CS-INIT-08), by step.
    refused: BTreeSet<u64>,
    /// What is made, if it is a forgery, and not delivered.
    withheld: BTreeSet<u64>,
    /// When each question that a store was asked is overdue.
    due: BTreeMap<QuestionName, Moment>,
    /// A store was silent for longer than stores ever are: what comes of that is no fault of an endpoint.
    is_store_silent: bool,
    /// Handshakes that are over.
    over: u64,
    /// Answers to what nobody had asked, by step.
    idle: BTreeSet<u64>,
    /// What came of the last step.
    pub(crate) outcome: Outcome,
}

/// What came of a step.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What hosts sent.
    pub(crate) sent: Vec<DatagramName>,
    /// What they asked their stores.
    pub(crate) asked: Vec<QuestionName>,
    /// What they said.
    pub(crate) said: Vec<(HostId, HandshakeNumber, Event)>,
    /// Why they refused what they got.
    pub(crate) dropped: Option<Dropped>,
}

impl<D: Defences> Script<D> {
    pub(crate) fn new(of: &WorldOf, defences: D, records: bool) -> Self {
        let stage = Stage::new(Rc::clone(&of.scenario), of.build(defences), of.world);
        let mut script = Self {
            knowledge: of.scenario.adversary.map(|_| Knowledge::of(&stage, of.seed, defences)),
            stage,
            exchanges: Exchanges::default(),
            flights: BTreeMap::new(),
            sends: Vec::new(),
            lines: records.then(Vec::new),
            taken: BTreeMap::new(),
            unheard: Vec::new(),
            refused: BTreeSet::new(),
            withheld: BTreeSet::new(),
            due: BTreeMap::new(),
            is_store_silent: false,
            over: 0,
            idle: BTreeSet::new(),
            outcome: Outcome::default(),
        };
        script.tell_whose_keys_are_known();
        script
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        self.stage.observer.ledger.violations()
    }

    pub(crate) fn lines(&self) -> &[Line] {
        self.lines.as_deref().unwrap_or_default()
    }

    /// Whom a datagram was for.
    pub(crate) fn destination(&self, name: &DatagramName) -> Option<HostId> {
        self.flights.get(name).map(|flight| flight.to)
    }

    pub(crate) fn bytes(&self, name: &DatagramName) -> Option<&[u8]> {
        self.flights.get(name).map(|flight| &flight.bytes[..])
    }

    /// What the adversary made in this step.
    pub(crate) fn forged(&self, step: HandshakeNumber) -> Option<DatagramName> {
        let first = DatagramName { from: self.stage.roles.stranger, handshake: step, kind: 0, nth: 0 };
        let (name, _) = self.flights.range(first..).next()?;
        (name.from == first.from && name.handshake == step).then_some(*name)
    }

    /// Lets the timers fire that are due until then.
    pub(crate) fn advance(&mut self, until: Moment) {
        while self.stage.next_wake().is_some_and(|wake| wake <= until) {
            let violated = self.violations().len();
            let host = self.stage.fire().unwrap_or_default();
            self.note(0, &Act::Timer { host }, violated);
        }
    }

    /// Does a step, unless what it is about does not exist.
    pub(crate) fn step(&mut self, line: &Line) {
        self.outcome = Outcome::default();
        let at = Moment::from_micros(line.at_us);
        self.advance(at);
        self.watch_stores(at);
        if matches!(&line.act, Act::Answer { question, .. } if !self.stage.is_asked(question)) {
            self.idle.insert(line.step);
        }
        let violated = self.violations().len();
        if let Act::Forge { message, to, from } = &line.act {
            self.forge(line.step, at, message, *to, *from);
        } else if let Act::Steal { loot } = &line.act {
            self.steal(*loot);
        } else if let Act::Deliver { datagram, to, from, .. } = &line.act
            && self.is_own(datagram)
        {
            if let Some(flight) = self.flights.get(datagram).cloned() {
                self.hand_forged(line.step, at, &flight, *to, *from);
            }
        } else if !self.withheld.contains(&line.step) {
            let flights = &self.flights;
            let Some(todo) = Todo::of(&line.act, |name| flights.get(name).cloned()) else { return };
            self.stage.execute(line.step, at, &todo);
            let is_lost = |notice: &Notice| matches!(notice, Notice::Arrived { result: Err(Dropped::RateLimited), .. });
            if self.stage.notices.iter().any(is_lost) {
                self.refused.insert(line.step);
            }
        }
        self.note(line.step, &line.act, violated);
    }

    /// Notes whether a store has been silent for too long.
    fn watch_stores(&mut self, now: Moment) {
        let stage = &self.stage;
        self.due.retain(|question, _| stage.is_asked(question));
        self.is_store_silent |= self.due.values().any(|due| *due < now);
    }

    /// If these lines end as a world does in which handshakes go on for ever, and some do: says so again.
    fn end(&mut self, of: &WorldOf, lines: &[Line]) {
        let ends = lines.last().filter(|line| line.step == 0).map(|line| line.effects.as_slice());
        let is_stuck = matches!(ends, Some([.., Effect::Violated(violation)]) if violation.rule == STUCK);
        if is_stuck && self.over < of.handshakes && self.violations().is_empty() {
            self.stage.observer.stuck(self.stage.now);
            self.note(0, &Act::Timer { host: HostId(0) }, 0);
        }
    }

    fn forge(&mut self, step: u64, at: Moment, message: &Forged, to: HostId, from: HostId) {
        let Some(knowledge) = &mut self.knowledge else { return };
        let now = Now { wall: Clock::fast_by(Duration::ZERO).wall(at), monotonic: at };
        knowledge.prepare(message);
        let Some(bytes) = knowledge.forge(message, now) else { return };
        if knowledge.has_seen(&bytes) {
            // To say what somebody said is not to forge.
            return;
        }
        let kind = bytes.get(1).copied().unwrap_or(0);
        let name = DatagramName { from: self.stage.roles.stranger, handshake: HandshakeNumber(step), kind, nth: 1 };
        let flight = Flight { name, from_port: PORT, to, to_port: PORT, bytes, is_taken: Cell::new(true) };
        let flight = Rc::new(flight);
        knowledge.see(&flight, now.wall);
        self.flights.insert(name, Rc::clone(&flight));
        if let Some(claimed) = knowledge.claimed(message) {
            self.stage.observer.claim_forged(&flight.bytes, &claimed);
        }
        self.hand_forged(step, at, &flight, to, from);
    }

    /// Whether the adversary has made this.
    fn is_own(&self, datagram: &DatagramName) -> bool {
        self.knowledge.is_some() && datagram.from == self.stage.roles.stranger
    }

    /// What it has made reaches a host, for the first time or again.
    fn hand_forged(&mut self, step: u64, at: Moment, flight: &Flight, to: HostId, from: HostId) {
        let about = flight.name.handshake;
        if self.withheld.contains(&step) {
            // What follows is to have the same names.
            self.stage.observer.forged(at, to, &flight.bytes, about);
            return;
        }
        self.stage.deliver_forged(about, from, to, at, &flight.bytes);
        let refused = |notice: &Notice| matches!(notice, Notice::Arrived { result: Err(_), .. });
        if self.stage.notices.iter().any(refused) {
            self.refused.insert(step);
        }
    }

    fn steal(&mut self, loot: Loot) {
        let Some(knowledge) = &mut self.knowledge else { return };
        if !knowledge.steal(loot, &self.stage.machines) {
            return;
        }
        if let Loot::Generator(host) | Loot::CookieKey(host) = loot {
            self.stage.observer.knows_cookies_of(host);
        }
        self.tell_whose_keys_are_known();
        self.look_back();
    }

    fn tell_whose_keys_are_known(&mut self) {
        let Some(knowledge) = &self.knowledge else { return };
        let observer = &mut self.stage.observer;
        knowledge.own_keys().for_each(|key| observer.knows_key(key));
        for host in (0_u16..).map(HostId).take(self.stage.machines.len()) {
            if knowledge.holds_key_of(host) {
                observer.compromised(host);
            }
        }
    }

    fn note(&mut self, step: u64, act: &Act, violated: usize) {
        let notices = core::mem::take(&mut self.stage.notices);
        let cause = self.exchanges.cause(step, act, self.stage.roles.stranger);
        for notice in &notices {
            match notice {
                Notice::Sent(flight) => {
                    self.flights.insert(flight.name, Rc::clone(flight));
                    self.sends.push((self.stage.now, record::fingerprint(self.stage.now, flight)));
                    if let Some(knowledge) = &mut self.knowledge {
                        knowledge.see(flight, self.stage.clocks(flight.name.from).wall);
                        self.outcome.sent.push(flight.name);
                    }
                }
                Notice::Said { host, handshake, event } if self.knowledge.is_some() => {
                    self.overhear(*host, event);
                    self.outcome.said.push((*host, *handshake, event.clone()));
                }
                Notice::Arrived { to, kind: Some(Kind::Challenge), result: Ok(()), .. } => self.take(*to, step, act),
                Notice::Over { .. } => self.over = self.over.saturating_add(1),
                Notice::Arrived { result: Err(dropped), .. } => self.outcome.dropped = Some(*dropped),
                Notice::Asked(question) => {
                    let due = self.stage.now.plus(longest_answer(&self.stage.scenario.stores));
                    self.due.insert(*question, due);
                    self.outcome.asked.push(*question);
                }
                Notice::Said { .. }
                | Notice::Arrived { .. }
                | Notice::Missed { .. }
                | Notice::Answered { .. }
                | Notice::Confirmed { .. }
                | Notice::NotBegun { .. } => {}
            }
            self.read_verdict(cause.as_ref(), notice);
        }
        if let Some(lines) = &mut self.lines {
            let new = self.stage.observer.ledger.violations().get(violated..).unwrap_or_default();
            let effects = record::effects(&notices, new);
            if step > 0 || !effects.is_empty() {
                lines.push(Line { step, at_us: self.stage.now.as_micros(), act: act.clone(), effects });
            }
        }
    }

    /// A client has answered a Challenge.
    fn take(&mut self, client: HostId, step: u64, act: &Act) {
        let name = if let Act::Deliver { datagram, .. } = act {
            *datagram
        } else {
            let handshake = HandshakeNumber(step);
            DatagramName { from: self.stage.roles.stranger, handshake, kind: Kind::Challenge as u8, nth: 1 }
        };
        let sid_r = self.knowledge.as_ref().and_then(|knowledge| knowledge.challenge(&name)).map(|of| of.sid_r);
        if let Some(sid_r) = sid_r {
            self.taken.insert((client, sid_r), name);
        }
    }

    /// A8: what a Verdict says to the adversary, if it can open it.
    fn read_verdict(&mut self, cause: Option<&DatagramName>, notice: &Notice) {
        let Some((knowledge, cause)) = self.knowledge.as_ref().zip(cause) else { return };
        if let Some(opened) = self.exchanges.note(knowledge, cause, notice) {
            self.stage.observer.opened(self.stage.now, opened.by, opened.response, &opened.text);
        }
    }

    /// A6: whether the adversary has the secret of a handshake that a client has accepted.
    fn overhear(&mut self, client: HostId, event: &Event) {
        let Event::Accepted { agreement, .. } = event else { return };
        let Some(knowledge) = self.knowledge.as_ref().filter(|knowledge| !knowledge.is_dh_broken()) else { return };
        let (sid_i, challenge) = (agreement.terms.sid_i, self.taken.get(&(client, agreement.terms.sid_r)));
        let Some(challenge) = challenge.filter(|_| self.stage.observer.is_secret(&sid_i.0)) else { return };
        if knowledge.can_follow(sid_i, client, challenge) {
            self.stage.observer.overheard(self.stage.now);
        } else {
            self.unheard.push((client, sid_i, *challenge));
        }
    }

    /// A6: whether what was accepted before can be followed with what has been stolen since.
    fn look_back(&mut self) {
        let Some(knowledge) = self.knowledge.as_ref().filter(|knowledge| !knowledge.is_dh_broken()) else { return };
        let (observer, now) = (&mut self.stage.observer, self.stage.now);
        self.unheard.retain(|(client, sid_i, challenge)| {
            let is_heard = knowledge.can_follow(*sid_i, *client, challenge);
            observer.looked_back(now, is_heard);
            !is_heard
        });
    }

    /// When the same steps without the junk among them make honest hosts send something else.
    pub(crate) fn differs_from_twin(&self, of: &WorldOf, steps: &[Line], until: Moment, defences: D) -> Option<Moment> {
        if self.refused.is_empty() && !steps.iter().any(|line| is_junk(&line.act)) {
            return None;
        }
        let mut quiet = Self::new(of, defences, false);
        quiet.withheld.clone_from(&self.refused);
        steps.iter().filter(|line| line.step > 0 && !is_junk(&line.act)).for_each(|line| quiet.step(line));
        quiet.advance(until);
        record::first_difference(&self.sends, &quiet.sends)
    }
}

/// Whether these steps still violate the target, and if so, which of them answer nothing. They do not if a store leaves
/// something unanswered: whatever is left out, stores answer.
pub(crate) fn violates<D: Defences>(
    of: &WorldOf,
    steps: &[Line],
    until: Moment,
    target: &Target,
    defences: D,
) -> Option<BTreeSet<u64>> {
    let mut script = Script::new(of, defences, false);
    let shows = |script: &Script<D>| script.violations().iter().any(|violation| target.is(violation));
    for step in steps {
        script.step(step);
        if script.is_store_silent {
            return None;
        }
        if shows(&script) {
            return Some(script.idle);
        }
    }
    script.advance(until);
    script.watch_stores(until);
    let is_violated = if target.rule == TWIN {
        script.differs_from_twin(of, steps, until, defences).is_some()
    } else {
        shows(&script)
    };
    (is_violated && !script.is_store_silent).then_some(script.idle)
}

/// Runs steps again, up to the violation of this target, or to the first of any if there is no target; the lines of their
/// trace.
pub(crate) fn rerun<D: Defences>(
    of: &WorldOf,
    steps: &[Line],
    until: Moment,
    target: Option<&Target>,
    defences: D,
) -> Vec<Line> {
    let mut script = Script::new(of, defences, true);
    let shows = |violation: &Violation| target.is_none_or(|target| target.is(violation));
    for step in steps.iter().filter(|line| line.step > 0) {
        script.step(step);
        if script.violations().iter().any(shows) {
            break;
        }
    }
    let is_shown = |script: &Script<D>| script.violations().iter().any(shows);
    if !is_shown(&script) {
        script.advance(until);
        script.end(of, steps);
    }
    let is_asked = target.map_or(script.violations().is_empty(), |target| target.rule == TWIN);
    let twin = is_asked.then(|| script.differs_from_twin(of, steps, until, defences)).flatten();
    let mut lines = script.lines.unwrap_or_default();
    let shown = |effect: &Effect| matches!(effect, Effect::Violated(violation) if shows(violation));
    if let Some(end) = lines.iter().position(|line| line.effects.iter().any(shown)) {
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

/// The longest that a store takes; that of a copied machine answers after the other.
fn longest_answer(stores: &Stores) -> Duration {
    stores.latency.saturating_mul(2).saturating_add(STEP)
}

const fn is_junk(act: &Act) -> bool {
    matches!(act, Act::Junk { .. } | Act::Deliver { nature: Nature::Forged, .. })
}
