//! The stage: hosts, virtual time, the observer. It does what it is told, step by step, and leaves nothing to chance.
//!
//! What comes next is drawn by `plan.rs`, or read from a trace by `script.rs`; both get to know what came of each step by
//! the notices. The hosts' timers fire by themselves.

mod deliver;

use crate::act::{HandshakeNumber, QuestionName, StoreFault};
use crate::cast::{Cast, Part, Roles, gather};
use crate::clock::Condition;
use crate::digest::TraceDigest;
use crate::explored::Explored;
use crate::host::{Address, HostId};
use crate::machine::{Build, Machine};
use crate::observer::Observer;
use crate::people::People;
use crate::scenario::{AfterRestart, Restarts, Scenario, StoreAfter};
use crate::tally::Tally;
use crate::todo::{Flight, Todo};
use core::cell::Cell;
use countersign::wire::Kind;
use countersign::{Defences, Expectation, Identity, Moment, Now, Timestamp, Work};
use countersign_endpoint::{Answer, Dropped, Endpoint, Event, MemoryStore, Output, answer};
use rand::rngs::ChaCha20Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Something that came of a step, for whoever decides what is next.
#[derive(Debug)]
pub(crate) enum Notice {
    Arrived {
        from: HostId,
        to: HostId,
        kind: Option<Kind>,
        result: Result<(), Dropped>,
        junk: bool,
    },
    Missed {
        to: HostId,
        why: &'static str,
    },
    Sent(Rc<Flight>),
    Said {
        host: HostId,
        handshake: HandshakeNumber,
        event: Event,
    },
    Asked(QuestionName),
    Answered {
        host: HostId,
    },
    /// Both know that both accepted.
    Confirmed {
        client: HostId,
        handshake: HandshakeNumber,
    },
    /// A handshake could not begin: its client is down, or has too many waiting.
    NotBegun {
        client: HostId,
        handshake: HandshakeNumber,
    },
    /// A handshake and its session are over.
    Over {
        client: HostId,
        handshake: HandshakeNumber,
    },
}

#[derive(Debug)]
pub(crate) struct Stage<D> {
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) now: Moment,
    pub(crate) machines: Vec<Machine<D>>,
    pub(crate) conditions: Vec<Condition>,
    stores: Vec<MemoryStore>,
    /// What each store held when its server last started.
    backups: BTreeMap<usize, MemoryStore>,
    /// What each client that is down remembered.
    remembered: BTreeMap<HostId, Vec<(Identity, Timestamp)>>,
    identities: Vec<Identity>,
    pub(crate) roles: Roles,
    wakes: BTreeSet<(Moment, HostId)>,
    questions: BTreeMap<QuestionName, Output>,
    pub(crate) people: People,
    pub(crate) observer: Observer,
    pub(crate) tally: Tally,
    digest: TraceDigest,
    pub(crate) notices: Vec<Notice>,
    /// What the step under way is about.
    about: HandshakeNumber,
}

impl Notice {
    /// Whether a host has got somewhere by it, in a handshake or in a session.
    pub(crate) const fn is_progress(&self) -> bool {
        matches!(
            self,
            Self::Said {
                event: Event::Begun { .. }
                    | Event::Accepted { .. }
                    | Event::Ended { .. }
                    | Event::Admitted { .. }
                    | Event::Confirmed { .. }
                    | Event::Data { .. }
                    | Event::Closed { .. },
                ..
            }
        )
    }
}

impl<D: Defences> Stage<D> {
    pub(crate) fn new(scenario: Rc<Scenario>, build: Build<D>, world: u32) -> Self {
        let Cast { machines, conditions, stores, roles } = gather(build, &scenario);
        let parts: Vec<Part> = machines.iter().map(|machine| machine.part.clone()).collect();
        let identities = parts.iter().filter_map(|part| match part {
            Part::Server(expected) => Some(expected.identity().clone()),
            Part::LookAlike | Part::Thief | Part::Client { .. } | Part::Stranger => None,
        });
        let mut tally = Tally::new();
        roles.clones.iter().for_each(|_| tally.met(Explored::RepeatedGenerators));
        Self {
            now: Moment::default(),
            identities: identities.collect(),
            observer: Observer::new(parts, &machines, &roles, &scenario, world),
            machines,
            conditions,
            backups: stores.iter().cloned().enumerate().collect(),
            stores,
            remembered: BTreeMap::new(),
            roles,
            wakes: BTreeSet::new(),
            questions: BTreeMap::new(),
            people: People::default(),
            tally,
            digest: TraceDigest::new(),
            notices: Vec::new(),
            about: HandshakeNumber(0),
            scenario,
        }
    }

    /// When the next timer is due.
    pub(crate) fn next_wake(&self) -> Option<Moment> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Lets the timers of one host fire that are due next.
    pub(crate) fn fire(&mut self) -> Option<HostId> {
        let (at, host) = self.wakes.pop_first()?;
        self.now = self.now.max(at);
        self.about = HandshakeNumber(0);
        let machine = self.machines.get_mut(usize::from(host.0))?;
        machine.wake = None;
        self.with_endpoint(host, |endpoint, now| endpoint.handle_timeout(now));
        self.observer.timer_fires();
        self.drain(host);
        Some(host)
    }

    /// Does one step. Its number is that of the handshake that it begins, if it does.
    pub(crate) fn execute(&mut self, number: u64, at: Moment, todo: &Todo) {
        self.now = self.now.max(at);
        self.about = HandshakeNumber(0);
        match todo {
            Todo::Connect { client, server, via, wanted } => {
                self.connect(*client, *server, *via, wanted.clone(), HandshakeNumber(number));
            }
            Todo::HangUp { client, handshake } => self.hang_up(*client, *handshake),
            Todo::Deliver(delivery) => self.deliver(delivery),
            Todo::Junk { to, from, bytes } => self.deliver_junk(*from, *to, bytes),
            Todo::Stranger { to, bytes } => {
                self.about = HandshakeNumber(number);
                self.deliver_strangers(*to, bytes);
            }
            Todo::Say { client, handshake } => self.say(*client, *handshake),
            Todo::Answer { question, fault } => self.answer(*question, *fault),
            Todo::ClockStep { host, by_ms } => self.step_clock(*host, *by_ms),
            Todo::Crash { host } => self.crash(*host),
            Todo::Start { host } => self.start(*host),
            Todo::Rebind { client } => {
                if let Some(machine) = self.machines.get_mut(usize::from(client.0)) {
                    // Never the same port twice in a row.
                    machine.port = machine.port.checked_add(1).unwrap_or(crate::host::PORT);
                }
                self.observer.rebound(self.now, *client);
            }
        }
    }

    /// The trace hash so far.
    pub(crate) fn hash(&self) -> String {
        self.digest.hex()
    }

    pub(crate) fn part(&self, host: HostId) -> Option<&Part> {
        self.machines.get(usize::from(host.0)).map(|machine| &machine.part)
    }

    pub(crate) fn expected(&self, server: HostId) -> Option<&Expectation> {
        match self.part(server)? {
            Part::Server(expected) => Some(expected),
            Part::LookAlike | Part::Thief | Part::Client { .. } | Part::Stranger => None,
        }
    }

    /// What a host's clocks show.
    pub(crate) fn clocks(&self, host: HostId) -> Now {
        let condition = self.conditions.get(usize::from(host.0));
        let wall = condition.map_or_else(Timestamp::default, |condition| condition.clock.wall(self.now));
        Now { wall, monotonic: self.now }
    }

    /// `None` while the host is down.
    pub(crate) fn with_endpoint<T>(
        &mut self,
        host: HostId,
        act: impl FnOnce(&mut Endpoint<ChaCha20Rng, D>, Now) -> T,
    ) -> Option<T> {
        let now = self.clocks(host);
        let machine = self.machines.get_mut(usize::from(host.0))?;
        machine.endpoint.as_mut().map(|endpoint| act(endpoint, now))
    }

    /// Carries out what a host's endpoint wants done. Returns the bytes that it sent.
    pub(crate) fn drain(&mut self, host: HostId) -> usize {
        let mut sent = 0_usize;
        self.observer.turn_of(self.clocks(host).wall);
        while let Some(output) = self.with_endpoint(host, |endpoint, _| endpoint.poll_output()).flatten() {
            match output {
                Output::Send { to, bytes } => {
                    sent = sent.saturating_add(bytes.len());
                    self.send(host, (HostId::at(to), to.port()), bytes);
                }
                Output::WakeAt(at) => self.wake_at(host, at),
                question @ (Output::Lookup { .. } | Output::Advance { .. }) => {
                    let name = self.observer.asked(host, self.about);
                    self.questions.insert(name, question);
                    self.notices.push(Notice::Asked(name));
                }
                Output::Event(event) => self.hear(host, event),
            }
        }
        let endpoint = self.machines.get(usize::from(host.0)).and_then(|machine| machine.endpoint.as_ref());
        let held = endpoint.map_or((0, 0), |endpoint| (endpoint.entries(), endpoint.sessions()));
        self.observer.after_turn(self.now, host, held);
        sent
    }

    fn hear(&mut self, host: HostId, event: Event) {
        self.digest.enter(self.now, host.0, b'!', event_name(&event).as_bytes());
        let handshake = self.react(host, &event);
        self.notices.push(Notice::Said { host, handshake, event });
    }

    fn wake_at(&mut self, host: HostId, at: Moment) {
        let Some(machine) = self.machines.get_mut(usize::from(host.0)) else { return };
        if let Some(earlier) = machine.wake.replace(at) {
            self.wakes.remove(&(earlier, host));
        }
        self.wakes.insert((at, host));
    }

    fn send(&mut self, from: HostId, to: Address, bytes: Vec<u8>) {
        let name = self.observer.sent(self.now, from, to, self.about, &bytes, &self.conditions);
        self.digest.enter(self.now, from.0, b'>', &bytes);
        self.tally.sent(&bytes);
        let from_port = self.machines.get(usize::from(from.0)).map_or(crate::host::PORT, |machine| machine.port);
        let (to, to_port) = to;
        let flight = Flight { name, from_port, to, to_port, bytes, is_taken: Cell::new(false) };
        self.notices.push(Notice::Sent(Rc::new(flight)));
    }

    /// Whether a store has been asked this, and has not answered.
    pub(crate) fn is_asked(&self, question: &QuestionName) -> bool {
        self.questions.contains_key(question)
    }

    /// A store answers a question, or fails to, before or after it has stored.
    fn answer(&mut self, name: QuestionName, fault: StoreFault) {
        let Some(question) = self.questions.remove(&name) else { return };
        let (Output::Lookup { ticket, user, .. } | Output::Advance { ticket, user, .. }) = &question else { return };
        let ticket = *ticket;
        let at = self.machines.get(usize::from(name.server.0)).map_or(0, |machine| machine.store);
        let answered = self.stores.get_mut(at).filter(|_| fault != StoreFault::Before).and_then(|store| {
            let (_, answer) = answer(store, &question)?;
            Some(answer)
        });
        if fault != StoreFault::None {
            self.tally.met(Explored::StoreFailures);
            self.observer.store_failed(name.server, user);
        }
        let answer = answered.filter(|_| fault == StoreFault::None).unwrap_or(Answer::StoreError);
        let (is_lookup, has_failed) = (matches!(question, Output::Lookup { .. }), matches!(answer, Answer::StoreError));
        self.about = name.handshake;
        self.observer.store_answers(&name);
        let before = Work::done();
        // An answer that comes after its handshake has lapsed is of no use to anybody.
        let _ = self.with_endpoint(name.server, |endpoint, now| endpoint.handle_answer(now, ticket, answer));
        self.observer.has_judged(is_lookup, has_failed, Work::since(before));
        self.notices.push(Notice::Answered { host: name.server });
        self.drain(name.server);
    }

    fn step_clock(&mut self, host: HostId, by_ms: i64) {
        let Some(condition) = self.conditions.get_mut(usize::from(host.0)) else { return };
        condition.clock.step(self.now, by_ms);
        self.tally.met(Explored::ClockSteps);
    }

    fn restarts(&self, host: HostId) -> Option<Restarts> {
        match self.part(host)? {
            Part::Client { .. } => self.scenario.client_restarts,
            Part::Server(_) => self.scenario.server_restarts,
            Part::LookAlike | Part::Thief | Part::Stranger => None,
        }
    }

    fn crash(&mut self, host: HostId) {
        let Some(machine) = self.machines.get_mut(usize::from(host.0)) else { return };
        if machine.endpoint.is_none() {
            return;
        }
        if let Some(wake) = machine.wake {
            self.wakes.remove(&(wake, host));
        }
        let remembered = machine.crash(&self.identities);
        self.remembered.insert(host, remembered);
        if let Some(condition) = self.conditions.get_mut(usize::from(host.0)) {
            condition.may_forget = true;
        }
        self.questions.retain(|question, _| question.server != host);
        let is_client = matches!(self.part(host), Some(Part::Client { .. }));
        self.tally.met(if is_client { Explored::ClientCrashes } else { Explored::ServerCrashes });
        let hit = self.observer.crashed(self.now, host);
        (0..hit).for_each(|_| self.tally.met(Explored::CrashedHandshakes));
        self.forget_client(host);
    }

    fn start(&mut self, host: HostId) {
        let Some(after) = self.restarts(host) else { return };
        let remembered = self.remembered.remove(&host).unwrap_or_default();
        let Some(machine) = self.machines.get_mut(usize::from(host.0)) else { return };
        if machine.endpoint.is_some() {
            return;
        }
        machine.start(&after, remembered);
        let at = machine.store;
        if let (Some(store), Some(backup)) = (self.stores.get_mut(at), self.backups.get_mut(&at)) {
            let (current, book) = (store.clone(), self.observer.book(at));
            if after.store != StoreAfter::Kept {
                *store = backup.clone();
                self.observer.store_went_back(at);
                self.tally.met(Explored::OldStores);
            }
            if after.store != StoreAfter::Lost {
                *backup = current;
                self.observer.store_backed_up(at, book);
            }
        }
        if after.generator == AfterRestart::Restored {
            self.tally.met(Explored::RepeatedGenerators);
        }
        if after.clock == AfterRestart::Restored {
            if let Some(condition) = self.conditions.get_mut(usize::from(host.0)) {
                condition.clock.restore(self.now);
            }
            self.tally.met(Explored::RepeatedClocks);
        }
        self.drain(host);
    }
}

const fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Begun { .. } => "begun",
        Event::Accepted { .. } => "accepted",
        Event::Ended { .. } => "ended",
        Event::Suspicious { .. } => "suspicious",
        Event::Admitted { .. } => "admitted",
        Event::Denied { .. } => "denied",
        Event::Confirmed { .. } => "confirmed",
        Event::Data { .. } => "data",
        Event::Closed { .. } => "closed",
    }
}
