//! A world in the hands of an adversary, one step at a time.

use super::grammar::{Exchange, Forged, Loot};
use super::realm::Realm;
use crate::act::{Act, DatagramName, HandshakeNumber, Line, Nature, StoreFault, TRACE_SCHEMA, TraceHeader};
use crate::cast::Part;
use crate::claims::{Claim, Violation};
use crate::config::WorldOf;
use crate::host::HostId;
use crate::record;
use crate::report::{ClaimCount, RunOf};
use crate::script::Script;
use crate::trace::Trace;
use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Defence, Defences, Moment};
use countersign_endpoint::{Dropped, Endpoint, Event};
use rand::rngs::ChaCha20Rng;
use std::collections::{BTreeMap, VecDeque};

/// A world, and what has been done in it.
#[derive(Debug)]
pub struct Play<D> {
    of: WorldOf,
    realm: Realm,
    defences: D,
    script: Script<D>,
    now: Moment,
    steps: u64,
    /// Sent, and neither delivered nor dropped: the oldest first.
    under_way: VecDeque<DatagramName>,
    said: Vec<(HostId, HandshakeNumber, Event)>,
    /// Every datagram that was sent or forged, the oldest first.
    history: Vec<DatagramName>,
    /// Which datagram each answers, or was made to answer.
    answers: BTreeMap<DatagramName, DatagramName>,
}

impl<D: Defences> Play<D> {
    /// A world of this realm before anything has happened.
    #[must_use]
    pub fn new(realm: Realm, seed: u64, defences: D) -> Self {
        let mut run = RunOf::new(realm.scenario(), seed, 1);
        run.without = Defence::ALL.iter().filter(|of| !defences.holds(**of)).map(ToString::to_string).collect();
        let of = WorldOf::new(run, 0);
        let script = Script::new(&of, defences, true);
        let (now, steps) = (Moment::default(), 0);
        Self {
            of,
            realm,
            defences,
            script,
            now,
            steps,
            under_way: VecDeque::new(),
            said: Vec::new(),
            history: Vec::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Does a step. Stores answer at once. Returns what hosts sent.
    pub fn act(&mut self, act: Act) -> Vec<DatagramName> {
        self.act_as(self.steps.saturating_add(1), act)
    }

    /// Steps of one's own are numbered apart from now on: those of another play's trace are to be followed.
    pub fn number_apart(&mut self) {
        self.steps = self.steps.max(STEPS_OF_OTHERS);
    }

    /// Does a step of another play's trace, under its own number and not before its own time.
    pub fn follow(&mut self, line: &Line) -> Vec<DatagramName> {
        if matches!(line.act, Act::Answer { .. } | Act::Timer { .. }) {
            return Vec::new();
        }
        self.again(line)
    }

    /// Does a step of a play of this world that began with the same steps as this one.
    pub(crate) fn again(&mut self, line: &Line) -> Vec<DatagramName> {
        let early = Moment::from_micros(line.at_us).since(self.now);
        let mut sent = self.wait(early);
        sent.extend(self.act_as(line.step, line.act.clone()));
        sent
    }

    fn act_as(&mut self, step: u64, act: Act) -> Vec<DatagramName> {
        let cause = self.cause(step, &act);
        if let Act::Deliver { datagram, .. } = &act {
            self.under_way.retain(|under_way| under_way != datagram);
        }
        let mut sent = self.step(step, act);
        let mut last = step;
        let mut asked: VecDeque<_> = self.script.outcome.asked.drain(..).collect();
        while let Some(question) = asked.pop_front() {
            let dropped = self.script.outcome.dropped;
            last = last.saturating_add(1);
            sent.extend(self.step(last, Act::Answer { question, fault: StoreFault::None }));
            asked.extend(self.script.outcome.asked.drain(..));
            self.script.outcome.dropped = dropped;
        }
        if let Some(cause) = cause {
            self.answers.extend(sent.iter().map(|answer| (*answer, cause)));
        }
        sent
    }

    /// The datagram that a step delivers. What it is made to answer is noted, if it is made.
    fn cause(&mut self, step: u64, act: &Act) -> Option<DatagramName> {
        if let Act::Deliver { datagram, .. } = act {
            return Some(*datagram);
        }
        let Act::Forge { message, .. } = act else { return None };
        let handshake = HandshakeNumber(step);
        let made = DatagramName { from: self.adversary(), handshake, kind: message.kind(), nth: 1 };
        if let Some(answered) = message.answers() {
            self.answers.insert(made, answered);
        }
        self.history.push(made);
        Some(made)
    }

    fn step(&mut self, step: u64, act: Act) -> Vec<DatagramName> {
        self.steps = self.steps.max(step);
        let line = Line { step, at_us: self.now.as_micros(), act, effects: Vec::new() };
        self.script.step(&line);
        self.collect()
    }

    fn collect(&mut self) -> Vec<DatagramName> {
        let outcome = &mut self.script.outcome;
        self.said.append(&mut outcome.said);
        let sent = core::mem::take(&mut outcome.sent);
        self.history.extend(&sent);
        self.under_way.extend(&sent);
        sent
    }

    /// A client begins a handshake with a server, for these clearances.
    pub fn connect(&mut self, client: HostId, server: HostId, wanted: &[&str]) -> HandshakeNumber {
        let wanted = wanted.iter().map(|one| (*one).to_owned()).collect();
        self.act(Act::Connect { client, server, via: server, wanted });
        HandshakeNumber(self.steps)
    }

    /// Delivers a datagram to whom it was for.
    pub fn deliver(&mut self, datagram: DatagramName) -> Vec<DatagramName> {
        let Some(to) = self.script.destination(&datagram) else { return Vec::new() };
        self.deliver_to(datagram, to, datagram.from)
    }

    /// Delivers a datagram to a host, as if from another.
    pub fn deliver_to(&mut self, datagram: DatagramName, to: HostId, from: HostId) -> Vec<DatagramName> {
        let is_first = self.under_way.contains(&datagram) && from == datagram.from;
        let nature = if is_first { Nature::Carried } else { Nature::Replayed };
        self.act(Act::Deliver { datagram, to, from, flip: None, nature })
    }

    /// Delivers all that is under way, and what comes of it. Returns what was delivered.
    pub fn run(&mut self) -> Vec<DatagramName> {
        let mut delivered = Vec::new();
        while let Some(datagram) = self.under_way.front().copied().filter(|_| delivered.len() < DELIVERED_MAX) {
            self.deliver(datagram);
            delivered.push(datagram);
        }
        delivered
    }

    /// Delivers all until a message of this kind is under way, and takes that off the network.
    pub fn run_until(&mut self, kind: Kind) -> Option<DatagramName> {
        while let Some(datagram) = self.under_way.front().copied() {
            if datagram.kind == kind as u8 {
                return self.under_way.pop_front();
            }
            self.deliver(datagram);
        }
        None
    }

    /// Takes all that is under way off the network.
    pub fn drop_all(&mut self) -> Vec<DatagramName> {
        self.under_way.drain(..).collect()
    }

    /// Takes the oldest off the network that is on its way to somebody else than the adversary.
    pub(super) fn drop_oldest(&mut self) {
        let own = Some(self.adversary());
        if let Some(oldest) = self.under_way.iter().position(|name| self.destination(name) != own) {
            self.under_way.remove(oldest);
        }
    }

    /// What is under way, the oldest first.
    pub fn under_way(&self) -> impl Iterator<Item = DatagramName> {
        self.under_way.iter().copied()
    }

    /// Makes a message and delivers it to a host, as if from another. Returns its name, even if the host refused it; `None`
    /// if it could not be made.
    pub fn forge(&mut self, message: Forged, to: HostId, from: HostId) -> Option<DatagramName> {
        let step = HandshakeNumber(self.steps.saturating_add(1));
        self.act(Act::Forge { message, to, from });
        self.script.forged(step)
    }

    /// Steals. `false` if there is nothing to steal there, or not in this realm.
    pub fn steal(&mut self, loot: Loot) -> bool {
        let lets = self.lets_steal(loot);
        if lets {
            self.act(Act::Steal { loot });
        }
        lets
    }

    /// Whether this can be stolen in this realm.
    pub(super) fn lets_steal(&self, loot: Loot) -> bool {
        let is_device = |host| matches!(self.script.stage.part(host), Some(Part::Client { .. }));
        match loot {
            Loot::Key(host) | Loot::Generator(host) | Loot::CookieKey(host) => {
                self.realm.lets_steal(loot, is_device(host))
            }
            Loot::Ephemeral(_) | Loot::Ephemerals => self.realm.lets_steal(loot, false),
        }
    }

    /// Lets time pass; timers fire when they are due.
    pub fn wait(&mut self, span: Duration) -> Vec<DatagramName> {
        self.now = self.now.plus(span);
        self.script.advance(self.now);
        self.collect()
    }
}

/// What has come of it.
impl<D: Defences> Play<D> {
    /// The first claim that was violated.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.violations().first()
    }

    /// All claims that were violated, in order.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.script.violations()
    }

    /// A7: plays all again without the forgeries that were refused. Hosts must send the same.
    pub fn compare_with_twin(&mut self) {
        let differs = self.script.differs_from_twin(&self.of, self.script.lines(), self.now, self.defences);
        if let Some(at) = differs {
            let what = || "what was refused changed what honest hosts sent".to_owned();
            self.script.stage.observer.ledger.violated(Claim::A7, record::TWIN, at, what);
        }
    }

    /// How often each claim's premise occurred, and how often it did not hold.
    pub fn counts(&self) -> impl Iterator<Item = (Claim, ClaimCount)> {
        self.script.stage.observer.ledger.counts()
    }

    /// What hosts have said, in order.
    pub fn said(&self) -> impl Iterator<Item = (HostId, HandshakeNumber, &Event)> {
        self.said.iter().map(|(host, handshake, event)| (*host, *handshake, event))
    }

    /// Why the last datagram was refused, if it was.
    #[must_use]
    pub const fn dropped(&self) -> Option<Dropped> {
        self.script.outcome.dropped
    }

    /// Every datagram that was sent or forged, the oldest first.
    #[must_use]
    pub fn history(&self) -> &[DatagramName] {
        &self.history
    }

    /// The exchange that a Challenge, a Response or a Verdict is the last message of, as far as is known.
    #[must_use]
    pub fn exchange(&self, of: DatagramName) -> Option<Exchange> {
        let before = self.answers.get(&of).copied();
        match of.kind {
            kind if kind == Kind::Challenge as u8 => {
                Some(Exchange { hello: before?, challenge: of, response: None, verdict: None })
            }
            kind if kind == Kind::Response as u8 => Some(Exchange { response: Some(of), ..self.exchange(before?)? }),
            kind if kind == Kind::Verdict as u8 => Some(Exchange { verdict: Some(of), ..self.exchange(before?)? }),
            _ => None,
        }
    }

    /// The bytes of a datagram.
    #[must_use]
    pub fn bytes(&self, name: &DatagramName) -> Option<&[u8]> {
        self.script.bytes(name)
    }

    /// Whom a datagram was sent to.
    #[must_use]
    pub fn destination(&self, name: &DatagramName) -> Option<HostId> {
        self.script.destination(name)
    }

    /// The text in the last box of an exchange, if the adversary can open it.
    #[must_use]
    pub fn open(&self, of: &Exchange) -> Option<Vec<u8>> {
        self.script.knowledge.as_ref()?.open(of)
    }

    /// A host's endpoint, while it is up.
    #[must_use]
    pub fn endpoint(&self, host: HostId) -> Option<&Endpoint<ChaCha20Rng, D>> {
        self.script.stage.machines.get(usize::from(host.0))?.endpoint.as_ref()
    }

    /// Which defences hold here.
    #[must_use]
    pub const fn defences(&self) -> D {
        self.defences
    }

    /// What has been done so far, and what came of it.
    pub(crate) fn lines(&self) -> &[Line] {
        self.script.lines()
    }

    /// The datagram that reached somebody in a step, if there was one.
    pub(crate) fn carried_in(&self, line: &Line) -> Option<DatagramName> {
        if let Act::Deliver { datagram, .. } = &line.act {
            return self.bytes(datagram).map(|_| *datagram);
        }
        // There is none under the number of another step.
        self.script.forged(HandshakeNumber(line.step))
    }

    /// What a datagram answers, or was made from or to answer.
    pub(crate) fn answered(&self, of: &DatagramName) -> Option<DatagramName> {
        self.answers.get(of).copied()
    }

    /// What a handshake of an honest device is for.
    pub(super) fn wanted(&self, handshake: HandshakeNumber) -> Option<Vec<String>> {
        let begun = self.lines().iter().find(|line| line.step == handshake.0)?;
        if let Act::Connect { wanted, .. } = &begun.act { Some(wanted.clone()) } else { None }
    }

    /// Whether the adversary can follow the exchange of a Challenge, a Response or a Verdict.
    pub(super) fn follows(&self, of: &DatagramName) -> bool {
        let knows = |of: Exchange| self.script.knowledge.as_ref().is_some_and(|it| it.knows(&of.hello, &of.challenge));
        self.exchange(*of).is_some_and(knows)
    }

    /// Whether the adversary has a host's long-term key.
    pub(super) fn holds_key_of(&self, host: HostId) -> bool {
        self.script.knowledge.as_ref().is_some_and(|knowledge| knowledge.holds_key_of(host))
    }

    /// The virtual time.
    pub(crate) const fn now(&self) -> Moment {
        self.now
    }

    /// The steps that have been done, to be done again in another play.
    pub(crate) fn steps_done(&self) -> Vec<Line> {
        let steps = self.lines().iter().filter(|line| !matches!(line.act, Act::Answer { .. } | Act::Timer { .. }));
        steps.map(|line| Line { effects: Vec::new(), ..line.clone() }).collect()
    }

    /// The number of the last step.
    pub(crate) const fn last_step(&self) -> u64 {
        self.steps
    }

    /// What a message will be called that is forged next.
    pub(crate) fn next_forged(&self, message: &Forged) -> DatagramName {
        let handshake = HandshakeNumber(self.steps.saturating_add(1));
        DatagramName { from: self.adversary(), handshake, kind: message.kind(), nth: 1 }
    }

    /// What has been done, and what came of it.
    #[must_use]
    pub fn trace(&self, build: String) -> Trace {
        let RunOf { seed, handshakes, scenario, without, .. } = self.of.run.as_ref().clone();
        let (schema, hosts) = (TRACE_SCHEMA.to_owned(), self.script.stage.names());
        let header = TraceHeader { schema, build, seed, world: 0, handshakes, scenario, without, hosts };
        Trace { header, lines: self.script.lines().to_vec() }
    }
}

/// Who is there.
impl<D: Defences> Play<D> {
    /// A user's device; there are two.
    #[must_use]
    pub fn client(&self, at: usize) -> HostId {
        self.script.stage.roles.clients.get(at).copied().unwrap_or_default()
    }

    /// A genuine responder; there are two.
    #[must_use]
    pub fn server(&self, at: usize) -> HostId {
        self.script.stage.roles.servers.get(at).copied().unwrap_or_default()
    }

    /// A responder of the adversary's own, which honest users visit.
    #[must_use]
    pub fn mallory(&self) -> HostId {
        self.script.stage.roles.rogues.first().copied().unwrap_or_default()
    }

    /// A responder that the adversary has set up with the first server's public key, under another name.
    #[must_use]
    pub fn mirror(&self) -> HostId {
        self.script.stage.roles.rogues.get(1).copied().unwrap_or_default()
    }

    /// A responder under the first server's name, with a key of its own: an honest endpoint that somebody set up to phish.
    #[must_use]
    pub const fn look_alike(&self) -> HostId {
        self.script.stage.roles.look_alike
    }

    /// The clone of the first server, in a realm that has one.
    #[must_use]
    pub fn clone_of_server(&self) -> Option<HostId> {
        self.script.stage.roles.clones.first().map(|(clone, _)| *clone)
    }

    /// Where the adversary's own datagrams come from.
    #[must_use]
    pub fn adversary(&self) -> HostId {
        self.script.stage.roles.stranger
    }

    /// The user of a client.
    #[must_use]
    pub fn user(&self, client: HostId) -> String {
        self.script.stage.part(client).map(Part::name).unwrap_or_default()
    }
}

/// Traces that are followed have fewer steps.
const STEPS_OF_OTHERS: u64 = 1_000_000;
/// Two sides that never stop answering each other would be a fault of theirs.
const DELIVERED_MAX: usize = 1_000;
