//! The world: hosts, links, virtual time, and one seed that decides all.

use crate::cast::{Cast, Host, HostId, Part, Population, gather};
use crate::claims::Claim;
use crate::config::{Config, ConfigError};
use crate::dice::{Dice, Stream};
use crate::drive::Drive;
use crate::junk;
use crate::observer::Observer;
use crate::queue::{Next, Queue};
use crate::report::{ClaimReport, Report, Tally, bump, percentiles};
use crate::trace::TraceHash;
use crate::watch::{Happening, Watch};
use core::time::Duration;
use countersign::{Defences, Moment, Now, Timestamp};
use countersign_endpoint::{Answer, Dropped, Endpoint, Event, HandshakeId, Output, answer};
use rand::rngs::ChaCha20Rng;
use ring::digest::{Context, SHA256};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A discrete-event world.
#[derive(Debug)]
pub struct World<D> {
    pub(crate) config: Config,
    now: Moment,
    queue: Queue,
    pub(crate) hosts: Vec<Host<D>>,
    wakes: Vec<Option<Moment>>,
    links: BTreeMap<(HostId, HostId), Dice>,
    stranger: HostId,
    strangers: Dice,
    junk: Dice,
    pub(crate) drive: Drive,
    pub(crate) observer: Observer,
    trace: TraceHash,
    /// The last time that a handshake ended, and how many had by then.
    progress: (Moment, u64),
    /// A digest of each datagram that an honest host sent, with its time and its way, as long as twins are compared.
    honest_sends: Vec<[u8; 8]>,
    pub(crate) tally: Tally,
}

/// Handshakes of a run that are compared with a twin world without junk.
const TWIN_HANDSHAKES: u64 = 1_000;

const STRANGER_PAUSE: Duration = Duration::from_secs(2);
const JUNK_PAUSE: Duration = Duration::from_millis(40);
/// One honest datagram in twenty is copied and mutated.
const MUTATED_PER_MILLION: u32 = 50_000;
const STORE_LATENCY_US_MAX: u64 = 2_000;

impl<D: Defences> World<D> {
    /// A world before anything has happened.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be made.
    pub fn new(config: Config, defences: D) -> Result<Self, ConfigError> {
        let Population { clients, servers } = config.population;
        if !(1..=4_000).contains(&clients) || !(1..=250).contains(&servers) {
            return Err(ConfigError::Population);
        }
        config.limits.check()?;
        let Cast { hosts, servers, look_alike, clients, stranger } =
            gather(defences, config.seed, config.population, config.limits);
        let parts = hosts.iter().map(|host| host.part.clone()).collect();
        let mut world = Self {
            now: Moment::default(),
            queue: Queue::default(),
            wakes: vec![None; hosts.len()],
            hosts,
            links: BTreeMap::new(),
            stranger,
            strangers: Dice::new(config.seed, Stream::Strangers),
            junk: Dice::new(config.seed, Stream::Junk),
            drive: Drive::new(config.handshakes, servers, look_alike),
            observer: Observer::new(parts, config.limits),
            trace: TraceHash::new(),
            progress: (Moment::default(), 0),
            honest_sends: Vec::new(),
            tally: Tally::new(),
            config,
        };
        for client in clients {
            world.set_out(client);
        }
        world.schedule(STRANGER_PAUSE, Next::Stranger);
        if config.junk {
            world.schedule(JUNK_PAUSE, Next::Junk);
        }
        Ok(world)
    }

    /// Runs until every handshake has ended.
    pub fn run(&mut self, watch: &mut impl Watch<D>) {
        while self.step(watch) {}
    }

    /// Does what is next. `false` once every handshake has ended.
    pub fn step(&mut self, watch: &mut impl Watch<D>) -> bool {
        if self.drive.is_done() {
            return false;
        }
        let Some((at, next)) = self.queue.pop() else { return false };
        self.now = at;
        if self.is_stuck() {
            self.observer.stuck(at);
            return false;
        }
        match next {
            Next::Deliver { from, to, bytes, junk } => self.deliver(watch, from, to, &bytes, junk),
            Next::Wake { host } => {
                let wake = self.wakes.get_mut(usize::from(host.0));
                if wake.is_some_and(|wake| wake.take_if(|wake| *wake == at).is_some()) {
                    self.with_endpoint(host, |endpoint, now| endpoint.handle_timeout(now));
                    self.drain(watch, host);
                }
            }
            Next::Answer { host, ticket, answer } => {
                // An answer that comes after its handshake has lapsed is of no use to anybody.
                let _ = self.with_endpoint(host, |endpoint, now| endpoint.handle_answer(now, ticket, *answer));
                watch.happened(self, Happening::Answered { host });
                self.drain(watch, host);
            }
            Next::Errand { client, errand } => {
                self.run_errand(client, errand);
                self.drain(watch, client);
            }
            Next::Stranger => self.stranger_says_hello(watch),
            Next::Junk => self.throw_junk(),
        }
        true
    }

    /// How many handshakes have ended, one way or the other.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        self.drive.ended()
    }

    /// The moment in virtual time.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// What is true of a host.
    #[must_use]
    pub fn part(&self, host: HostId) -> Option<&Part> {
        self.hosts.get(usize::from(host.0)).map(|host| &host.part)
    }

    /// A host's endpoint.
    #[must_use]
    pub fn endpoint(&self, host: HostId) -> Option<&Endpoint<ChaCha20Rng, D>> {
        self.hosts.get(usize::from(host.0)).map(|host| &host.endpoint)
    }

    /// What a host's clocks show.
    #[must_use]
    pub fn clocks(&self, host: HostId) -> Now {
        let epoch = self.hosts.get(usize::from(host.0)).map_or(Timestamp::default(), |host| host.epoch);
        Now { wall: epoch.plus(Duration::from_micros(self.now.as_micros())), monotonic: self.now }
    }

    /// A7: compares with the same world without junk. Its first handshakes must have sent the same bytes.
    pub fn compare_with_twin(&mut self, defences: D) {
        if !self.config.junk {
            return;
        }
        let mut twin = Self::new(Config { junk: false, ..self.config }, defences).expect("the same world again");
        while twin.ended() < TWIN_HANDSHAKES && twin.step(&mut ()) {}
        let (noisy, quiet) = (&self.honest_sends, &twin.honest_sends);
        let differs = noisy.iter().zip(quiet).position(|(noisy, quiet)| noisy != quiet);
        let differs = differs.or_else(|| (noisy.len() != quiet.len()).then_some(noisy.len().min(quiet.len())));
        let at = self.now;
        self.observer.ledger.check(Claim::A7, differs.is_none(), at, || {
            let differs = differs.unwrap_or(0);
            format!("junk changed what honest hosts sent, from their datagram {differs} on")
        });
    }

    /// What it came to.
    #[must_use]
    pub fn report(&self) -> Report {
        let violations = self.observer.ledger.violations().to_vec();
        let claims = self
            .observer
            .ledger
            .premises()
            .map(|(claim, occurred)| {
                let violated = violations.iter().filter(|violation| violation.claim == claim).count();
                ClaimReport {
                    claim,
                    title: claim.title(),
                    premise: claim.premise(),
                    occurred,
                    violated: u64::try_from(violated).unwrap_or(u64::MAX),
                }
            })
            .collect();
        let mut traffic = self.tally.traffic;
        traffic.repeats = self.observer.repeats;
        Report {
            seed: self.config.seed,
            started: self.tally.started,
            accepted: self.tally.accepted,
            ended: self.tally.ended.clone(),
            honest: self.tally.honest,
            denied: self.tally.denied.clone(),
            confirmed: self.tally.confirmed,
            latency_us: percentiles(self.tally.latency()),
            virtual_us: self.now.as_micros(),
            traffic,
            store_failures: self.tally.store_failures,
            claims,
            violations,
            trace_hash: self.trace.hex(),
        }
    }

    pub(crate) fn schedule(&mut self, after: Duration, next: Next) {
        self.queue.push(self.now.plus(after), next);
    }

    pub(crate) fn with_endpoint<T>(
        &mut self,
        host: HostId,
        act: impl FnOnce(&mut Endpoint<ChaCha20Rng, D>, Now) -> T,
    ) -> Option<T> {
        let now = self.clocks(host);
        self.hosts.get_mut(usize::from(host.0)).map(|host| act(&mut host.endpoint, now))
    }

    /// Notes progress, and says whether there was none for longer than a handshake may wait for its turn, and last.
    fn is_stuck(&mut self) -> bool {
        let limits = &self.config.limits;
        let turns = u32::try_from(limits.queue_max).unwrap_or(u32::MAX).saturating_add(2);
        let longest = limits.deadline.saturating_mul(turns).saturating_add(limits.confirm_grace);
        if self.progress.1 != self.drive.ended() {
            self.progress = (self.now, self.drive.ended());
        }
        self.now.since(self.progress.0) > longest
    }

    fn deliver(&mut self, watch: &mut impl Watch<D>, from: HostId, to: HostId, bytes: &[u8], junk: bool) {
        if to == self.stranger {
            return;
        }
        self.trace.enter(self.now, to.0, b'<', bytes);
        // What is due at this very moment is not the datagram's doing.
        self.with_endpoint(to, |endpoint, now| endpoint.handle_timeout(now));
        self.drain(watch, to);
        if !junk {
            self.observer.arriving(self.now, from, to, bytes);
        }
        let result = self
            .with_endpoint(to, |endpoint, now| endpoint.handle_datagram(now, from.address(), bytes))
            .unwrap_or(Err(Dropped::NoSuchRole));
        watch.happened(self, Happening::Arrived { from, to, bytes, result, junk });
        let answered = self.drain(watch, to);
        if junk {
            self.observer.junk(self.now, to, result, answered);
        } else {
            self.observer.arrived(self.now, from, to, bytes);
            self.observer.answered(self.now, to, bytes.len(), answered);
        }
    }

    /// Carries out what a host's endpoint wants done. Returns the bytes that it sent.
    fn drain(&mut self, watch: &mut impl Watch<D>, host: HostId) -> usize {
        let mut sent = 0_usize;
        while let Some(output) = self.with_endpoint(host, |endpoint, _| endpoint.poll_output()).flatten() {
            match output {
                Output::Send { to, bytes } => {
                    sent = sent.saturating_add(bytes.len());
                    self.transmit(watch, host, HostId::at(to), bytes);
                }
                Output::WakeAt(at) => {
                    let wake = self.wakes.get_mut(usize::from(host.0));
                    if wake.is_some_and(|wake| wake.replace(at) != Some(at)) {
                        self.schedule(at.since(self.now), Next::Wake { host });
                    }
                }
                question @ (Output::Lookup { .. } | Output::Advance { .. }) => self.ask_store(host, &question),
                Output::Event(event) => {
                    self.trace.enter(self.now, host.0, b'!', event_name(&event).as_bytes());
                    self.react(host, &event);
                    watch.happened(self, Happening::Said { host, event: &event });
                }
            }
        }
        sent
    }

    /// The store answers at once, and its answer takes a while. Now and then it fails, before or after it has stored.
    fn ask_store(&mut self, host: HostId, question: &Output) {
        let fails = self.config.store_failures;
        let Some(asked) = self.hosts.get_mut(usize::from(host.0)) else { return };
        let latency = Duration::from_micros(asked.dice.below(STORE_LATENCY_US_MAX));
        let (fails, stores) = (asked.dice.chance(fails), asked.dice.below(2) == 0);
        let (Output::Lookup { ticket, user, .. } | Output::Advance { ticket, user, .. }) = question else { return };
        let answered = if fails && !stores { None } else { answer(&mut asked.store, question) };
        let answer = answered.filter(|_| !fails).map_or(Answer::StoreError, |(_, answer)| answer);
        if fails {
            bump(&mut self.tally.store_failures);
            self.observer.store_failed(user);
        }
        self.schedule(latency, Next::Answer { host, ticket: *ticket, answer: Box::new(answer) });
    }

    fn transmit(&mut self, watch: &mut impl Watch<D>, from: HostId, to: HostId, bytes: Vec<u8>) {
        self.observer.sent(self.now, from, &bytes);
        self.trace.enter(self.now, from.0, b'>', &bytes);
        if self.drive.ended() < TWIN_HANDSHAKES {
            self.honest_sends.push(fingerprint(self.now, from, to, &bytes));
        }
        let traffic = &mut self.tally.traffic;
        bump(&mut traffic.datagrams);
        traffic.bytes = traffic.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if bytes.get(1) == Some(&2) {
            bump(&mut traffic.retries);
        }
        let bytes: Rc<[u8]> = bytes.into();
        let seed = self.config.seed;
        let dice = self.links.entry((from, to)).or_insert_with(|| Dice::new(seed, Stream::Link(from.0, to.0)));
        let fates = self.config.link.copies(dice);
        if fates.len() > 1 {
            bump(&mut self.tally.traffic.duplicated);
        }
        let copies = fates.iter().flatten().count();
        for fate in fates {
            match fate {
                Some(delay) => self.schedule(delay, Next::Deliver { from, to, bytes: Rc::clone(&bytes), junk: false }),
                None => bump(&mut self.tally.traffic.lost),
            }
        }
        if self.config.junk && self.junk.chance(MUTATED_PER_MILLION) {
            self.mutate(from, to, &bytes);
        }
        watch.happened(self, Happening::Sent { from, to, bytes: &bytes, copies });
    }

    /// Every other mutated copy comes from somewhere else than its original.
    fn mutate(&mut self, from: HostId, to: HostId, bytes: &[u8]) {
        let from = if self.junk.below(2) == 0 { from } else { self.anyone() };
        if let Some(copy) = junk::mutated(&mut self.junk, bytes) {
            self.throw(from, to, copy);
        }
    }

    fn throw(&mut self, from: HostId, to: HostId, bytes: Vec<u8>) {
        bump(&mut self.tally.traffic.junk);
        let jitter = u64::try_from(self.config.link.jitter.as_micros()).unwrap_or(u64::MAX);
        let delay = Duration::from_micros(self.junk.below(jitter.saturating_add(1)));
        self.schedule(delay, Next::Deliver { from, to, bytes: bytes.into(), junk: true });
    }

    fn throw_junk(&mut self) {
        let (from, to) = (self.anyone(), self.anyone());
        let bytes = junk::random(&mut self.junk);
        self.throw(from, to, bytes);
        self.schedule(JUNK_PAUSE, Next::Junk);
    }

    fn anyone(&mut self) -> HostId {
        HostId(u16::try_from(self.junk.index(self.hosts.len())).expect("a population fits 16 bits"))
    }

    /// A well-formed Hello by somebody who never answers: a handshake attempt, so in both twins.
    fn stranger_says_hello(&mut self, watch: &mut impl Watch<D>) {
        let server = self.drive.any_server(&mut self.strangers);
        let mut bytes = vec![0; 224];
        let (head, _) = bytes.split_at_mut(82);
        head.copy_from_slice(&self.strangers.bytes(82));
        let start: [u8; 2] = [1, 1];
        let suites: [u8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];
        head.iter_mut().zip(start).for_each(|(to, from)| *to = from);
        head.iter_mut().skip(42).zip(suites).for_each(|(to, from)| *to = from);
        self.transmit(watch, self.stranger, server, bytes);
        self.schedule(STRANGER_PAUSE, Next::Stranger);
    }
}

impl HostId {
    /// The host at an address of this world.
    fn at(address: core::net::SocketAddr) -> Self {
        match address.ip() {
            core::net::IpAddr::V6(address) => Self(address.segments()[7]),
            core::net::IpAddr::V4(_) => Self(u16::MAX),
        }
    }
}

/// What an honest host sent, when and where to, in eight bytes.
fn fingerprint(at: Moment, from: HostId, to: HostId, bytes: &[u8]) -> [u8; 8] {
    let mut context = Context::new(&SHA256);
    context.update(&at.as_micros().to_be_bytes());
    context.update(&from.0.to_be_bytes());
    context.update(&to.0.to_be_bytes());
    context.update(bytes);
    *context.finish().as_ref().first_chunk().expect("a digest has 32 bytes")
}

/// A handshake that a client began, by its own count.
pub(crate) type Of = (HostId, HandshakeId);

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
