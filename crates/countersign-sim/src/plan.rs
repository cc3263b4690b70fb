//! The plan: what happens next, drawn from the seed. Who begins a handshake and with whom, what the network does to each
//! datagram, how long stores take, when clocks step and machines crash, and the noise.
//!
//! It decides, and `stage.rs` carries out.

mod network;
mod noise;

use crate::act::{HandshakeNumber, Nature, QuestionName, StoreFault};
use crate::cast::{HELD, NOT_HELD, Part, Roles, Standing};
use crate::clock::signed;
use crate::dice::{Dice, Stream};
use crate::host::HostId;
use crate::link::Link;
use crate::queue::{Next, Queue};
use crate::scenario::{Clocks, Cloned, Restarts, Scenario};
use crate::stage::{Notice, Stage};
use crate::todo::Todo;
use core::time::Duration;
use countersign::{Clearances, Defences, Moment};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Debug)]
pub(crate) struct Plan {
    seed: u64,
    scenario: Rc<Scenario>,
    roles: Roles,
    queue: Queue,
    links: BTreeMap<(HostId, HostId), Link>,
    dice: BTreeMap<Stream, Dice>,
    strangers: Dice,
    junk: Dice,
    replays: Dice,
    /// Whether there is junk: the twin has none.
    is_noisy: bool,
    left: u64,
    begun: u64,
    under_way: u64,
    ended: u64,
    seconds: BTreeSet<HandshakeNumber>,
    hosts: u16,
}

/// From the session's confirmation to its end.
const TALK: Duration = Duration::from_secs(1);
const PAUSE_US_MAX: u64 = 1_000_000;

impl Plan {
    pub(crate) fn new<D: Defences>(
        stage: &Stage<D>,
        scenario: Rc<Scenario>,
        seed: u64,
        handshakes: u64,
        is_noisy: bool,
    ) -> Self {
        let mut plan = Self {
            seed,
            roles: stage.roles.clone(),
            queue: Queue::default(),
            links: BTreeMap::new(),
            dice: BTreeMap::new(),
            strangers: Dice::new(seed, Stream::Strangers),
            junk: Dice::new(seed, Stream::Junk),
            replays: Dice::new(seed, Stream::Replays),
            is_noisy,
            left: handshakes,
            begun: 0,
            under_way: 0,
            ended: 0,
            seconds: BTreeSet::new(),
            hosts: u16::try_from(stage.machines.len()).unwrap_or(u16::MAX),
            scenario,
        };
        plan.set_out(stage);
        plan
    }

    fn set_out<D: Defences>(&mut self, stage: &Stage<D>) {
        for (at, client) in self.roles.clients.clone().into_iter().enumerate() {
            // The first client does not wait: a run of one handshake is its.
            let wait = if at == 0 { Duration::ZERO } else { self.pause(client) };
            self.queue.push(Moment::default().plus(wait), Next::Errand(client));
        }
        for host in (0..self.hosts).map(HostId) {
            let (clocks, restarts) = match stage.part(host) {
                Some(Part::Client { .. }) => (self.scenario.client_clocks, self.scenario.client_restarts),
                Some(Part::Server(_)) => (self.scenario.server_clocks, self.scenario.server_restarts),
                Some(Part::LookAlike | Part::Thief | Part::Stranger) | None => continue,
            };
            self.expect_step(Moment::default(), host, clocks);
            self.expect_crash(Moment::default(), host, restarts);
        }
        let noise = self.scenario.noise;
        if noise.strangers_every > Duration::ZERO {
            self.queue.push(Moment::default().plus(noise.strangers_every), Next::Stranger);
        }
        if self.is_noisy && noise.junk_every > Duration::ZERO {
            self.queue.push(Moment::default().plus(noise.junk_every), Next::Junk);
        }
    }

    pub(crate) const fn ended(&self) -> u64 {
        self.ended
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.left == 0 && self.under_way == 0
    }

    pub(crate) fn next_at(&self) -> Option<Moment> {
        self.queue.next_at()
    }

    /// What is next, if anything comes of it. The step will have this number.
    pub(crate) fn next(
        &mut self,
        number: u64,
        standing: impl Fn(HostId) -> Option<Standing>,
    ) -> Option<(Moment, Todo)> {
        let (at, next) = self.queue.pop()?;
        let todo = match next {
            Next::Do(todo) => Some(todo),
            Next::Second(todo) => {
                self.seconds.insert(HandshakeNumber(number));
                Some(todo)
            }
            Next::Errand(client) => self.errand(at, client, standing(client)?),
            Next::Stranger => {
                let hello = self.stranger(at);
                self.arrive(at, hello);
                None
            }
            Next::Junk => Some(self.random_junk(at)),
            Next::ClockStep(host) => self.step(at, host),
            Next::Crash(host) => self.crash(at, host),
        };
        todo.map(|todo| (at, todo))
    }

    /// Draws what follows from what came of a step.
    pub(crate) fn follow<D: Defences>(&mut self, stage: &mut Stage<D>, notice: &Notice) -> usize {
        let now = stage.now;
        match notice {
            Notice::Sent(flight) => return self.carry(stage, flight),
            Notice::Asked(question) => self.ask(now, *question),
            Notice::Confirmed { client, handshake } => {
                let hang_up = Todo::HangUp { client: *client, handshake: *handshake };
                self.queue.push(now.plus(TALK), Next::Do(hang_up));
            }
            Notice::NotBegun { client, handshake } => {
                self.left = self.left.saturating_add(1);
                self.over(now, *client, *handshake);
            }
            Notice::Over { client, handshake } => {
                self.ended = self.ended.saturating_add(1);
                self.over(now, *client, *handshake);
            }
            Notice::Arrived { .. } | Notice::Missed { .. } | Notice::Said { .. } | Notice::Answered { .. } => {}
        }
        0
    }

    /// After a pause a client begins another; of two begun at once, the first goes on.
    fn over(&mut self, now: Moment, client: HostId, handshake: HandshakeNumber) {
        self.under_way = self.under_way.saturating_sub(1);
        if !self.seconds.remove(&handshake) {
            let wait = self.pause(client);
            self.queue.push(now.plus(wait), Next::Errand(client));
        }
    }

    /// Begins a handshake, now and then two at once: the second waits in the queue if it is for the same server.
    fn errand(&mut self, at: Moment, client: HostId, standing: Standing) -> Option<Todo> {
        if self.left == 0 {
            return None;
        }
        let first = self.connect(client, standing)?;
        if self.dice(Stream::Behaviour, client).below(8) == 0
            && let Some(second) = self.connect(client, standing)
        {
            self.queue.push(at, Next::Second(second));
        }
        Some(first)
    }

    /// What a client wants this time: mostly what it may have, from a server, sometimes not.
    fn connect(&mut self, client: HostId, standing: Standing) -> Option<Todo> {
        self.left = self.left.checked_sub(1)?;
        self.under_way = self.under_way.saturating_add(1);
        // The first handshake of a world is an honest one: a world of one shows how it is meant to go.
        let is_first = self.begun == 0;
        self.begun = self.begun.saturating_add(1);
        let (first_server, look_alike, thief) =
            (self.roles.servers.first().copied()?, self.roles.look_alike, self.roles.thief);
        let (is_victim, servers) = (client == self.roles.victim, self.roles.servers.clone());
        let dice = self.dice(Stream::Behaviour, client);
        let server = servers.get(dice.index(servers.len())).copied().unwrap_or(first_server);
        let mood = if is_first { u64::MAX } else { dice.below(100) };
        let (server, via) = match mood {
            _ if is_victim && mood < 40 => (first_server, thief),
            0..3 => (first_server, look_alike),
            _ => (server, server),
        };
        let wanted: &[&[u8]] = match mood {
            u64::MAX => HELD,
            3 if standing == Standing::Enrolled => &[NOT_HELD],
            _ => HELD.get(..dice.index(HELD.len().saturating_add(1))).unwrap_or(HELD),
        };
        let wanted = Clearances::new(wanted).expect("short clearances");
        Some(Todo::Connect { client, server, via, wanted })
    }

    /// A store takes a while, and now and then fails, before or after it has stored.
    fn ask(&mut self, now: Moment, question: QuestionName) {
        let stores = self.scenario.stores;
        let is_clone = self.clones(Cloned::Responders).any(|(clone, _)| clone == question.server);
        let dice = self.dice(Stream::Behaviour, question.server);
        let latency_us = u64::try_from(stores.latency.as_micros()).unwrap_or(u64::MAX);
        let latency = Duration::from_micros(dice.below(latency_us.saturating_add(1)));
        let fault = match (dice.chance(stores.failures), dice.below(2)) {
            (false, _) => StoreFault::None,
            (true, 0) => StoreFault::After,
            (true, _) => StoreFault::Before,
        };
        // The copy of a machine comes second to it: it is the replay.
        let latency = if is_clone { latency.saturating_add(stores.latency).saturating_add(STEP) } else { latency };
        self.queue.push(now.plus(latency), Next::Do(Todo::Answer { question, fault }));
    }

    fn expect_step(&mut self, now: Moment, host: HostId, clocks: Clocks) {
        if clocks.step_every > Duration::ZERO && clocks.step > Duration::ZERO {
            let wait = self.dice(Stream::ClockSteps, host).exponential(clocks.step_every);
            self.queue.push(now.plus(wait).plus(STEP), Next::ClockStep(host));
        }
    }

    fn step(&mut self, at: Moment, host: HostId) -> Option<Todo> {
        let clocks = if self.is_client(host) { self.scenario.client_clocks } else { self.scenario.server_clocks };
        let by_ms = signed(self.dice(Stream::ClockSteps, host), clocks.step);
        self.expect_step(at, host, clocks);
        Some(Todo::ClockStep { host, by_ms })
    }

    fn expect_crash(&mut self, now: Moment, host: HostId, restarts: Option<Restarts>) {
        if let Some(restarts) = restarts {
            let wait = self.dice(Stream::Crash, host).exponential(restarts.every);
            self.queue.push(now.plus(wait).plus(STEP), Next::Crash(host));
        }
    }

    fn crash(&mut self, at: Moment, host: HostId) -> Option<Todo> {
        let restarts = if self.is_client(host) { self.scenario.client_restarts } else { self.scenario.server_restarts };
        let up = at.plus(restarts?.down);
        self.queue.push(up, Next::Do(Todo::Start { host }));
        self.expect_crash(up, host, restarts);
        Some(Todo::Crash { host })
    }

    /// Something reaches a host, and its clone with it.
    fn arrive(&mut self, at: Moment, todo: Todo) {
        let to = match &todo {
            Todo::Deliver(delivery) => delivery.to,
            Todo::Stranger { to, .. } | Todo::Junk { to, .. } => *to,
            Todo::Connect { .. }
            | Todo::HangUp { .. }
            | Todo::Say { .. }
            | Todo::Answer { .. }
            | Todo::ClockStep { .. }
            | Todo::Crash { .. }
            | Todo::Start { .. }
            | Todo::Rebind { .. } => return,
        };
        let clone = self.clones(Cloned::Responders).find(|(_, original)| *original == to).map(|(clone, _)| clone);
        let mirrored = clone.map(|clone| {
            let mut mirrored = todo.clone();
            match &mut mirrored {
                Todo::Deliver(delivery) => {
                    delivery.to = clone;
                    if delivery.nature != Nature::Forged {
                        delivery.nature = Nature::Mirrored;
                    }
                }
                Todo::Stranger { to, .. } => *to = clone,
                Todo::Connect { .. }
                | Todo::HangUp { .. }
                | Todo::Say { .. }
                | Todo::Junk { .. }
                | Todo::Answer { .. }
                | Todo::ClockStep { .. }
                | Todo::Crash { .. }
                | Todo::Start { .. }
                | Todo::Rebind { .. } => {}
            }
            mirrored
        });
        self.queue.push(at, Next::Do(todo));
        if let Some(mirrored) = mirrored {
            self.queue.push(at, Next::Do(mirrored));
        }
    }

    fn clones(&self, of: Cloned) -> impl Iterator<Item = (HostId, HostId)> {
        let are = self.scenario.clones.is_some_and(|clones| clones.of == of);
        self.roles.clones.iter().copied().filter(move |_| are)
    }

    fn pause(&mut self, client: HostId) -> Duration {
        Duration::from_micros(self.dice(Stream::Behaviour, client).below(PAUSE_US_MAX))
    }

    /// The dice of this kind of this host.
    fn dice(&mut self, stream: fn(u16) -> Stream, host: HostId) -> &mut Dice {
        let stream = stream(host.0);
        let seed = self.seed;
        self.dice.entry(stream).or_insert_with(|| Dice::new(seed, stream))
    }
}

/// The least time between two events that must not be one.
pub(crate) const STEP: Duration = Duration::from_micros(1);
