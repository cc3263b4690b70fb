//! The observer knows who everybody is and sees every byte and event. It checks the claims at every step.
//!
//! Who is who, what was sent and what arrived, whose clock errs and who has crashed, it knows by itself: it reads types,
//! session ids, nonces and counters off the wire at the offsets of the specification. From the code under test it takes
//! what each side says that it agreed on, to compare it with the other side's word and with the truth.

mod adversary;
mod arrivals;
mod boxes;
mod challenges;
mod clocks;
mod costs;
mod events;
mod handed;
mod refusals;
mod sends;
mod sessions;
mod spoils;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use refusals::Claimed;
pub(crate) use wire::COOKIE;

use crate::act::{DatagramName, HandshakeNumber, QuestionName};
use crate::cast::{Part, Roles};
use crate::claims::{Claim, Ledger};
use crate::explored::Explored;
use crate::host::HostId;
use crate::machine::{Machine, Role};
use crate::observer::boxes::{Boxes, Place};
use crate::observer::challenges::{Challenges, Cookie};
use crate::observer::handed::Incoming;
use crate::observer::refusals::Refusals;
use crate::report::{Arrow, SlowHandshake};
use crate::run::{Admission, Challenged, Checks, Fate, Intent, Run, SidBytes};
use crate::scenario::{AfterRestart, Scenario};
use core::time::Duration;
use countersign::{Moment, Name, Timestamp};
use countersign_endpoint::Limits;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The latest timestamp of each device, by store and user.
type Latest = BTreeMap<(usize, Name, [u8; 32]), Timestamp>;

#[derive(Debug)]
pub(crate) struct Observer {
    parts: Vec<Part>,
    /// The store of each host.
    stores: Vec<usize>,
    /// What each responder's key is made from: the laboratory may steal it.
    seeds: BTreeMap<HostId, [u8; 32]>,
    roles: Roles,
    limits: Limits,
    /// A responder that asks its store answers within this time.
    patience: Duration,
    /// Whether clients, and servers, start again with their generator in the state of their first start.
    stuck: [bool; 2],
    runs: BTreeMap<SidBytes, Run>,
    /// The latest run of each handshake.
    numbers: BTreeMap<HandshakeNumber, SidBytes>,
    /// Each client's runs that have not ended.
    under_way: BTreeMap<HostId, Vec<SidBytes>>,
    /// Which run each Challenge answers, and whose it is.
    challenges: BTreeMap<SidBytes, Challenged>,
    admissions: BTreeMap<SidBytes, Admission>,
    /// Which responder's session each initiator's belongs to.
    peers: BTreeMap<SidBytes, (HostId, SidBytes)>,
    /// Session ids under which a machine has begun twice, bit for bit alike.
    repeated: BTreeSet<SidBytes>,
    /// Which initiators' session ids those Challenges of the adversary's name that were taken, by their own.
    forged: BTreeMap<SidBytes, BTreeSet<SidBytes>>,
    /// Whose long-term keys the adversary holds: nothing is claimed to, or of, them.
    compromised: BTreeSet<HostId>,
    known_keys: BTreeSet<[u8; 32]>,
    /// The runs about which the adversary has said something. That loss is survived is claimed of the others; what its words
    /// may do to these is another claim.
    meddled: BTreeSet<SidBytes>,
    /// Responders that an adversary has left no room for another entry.
    full: BTreeSet<HostId>,
    /// Whose cookies the adversary can make.
    known_cookies: BTreeSet<HostId>,
    /// An adversary plays: nothing is forgotten, as it may come back to anything.
    is_played: bool,
    /// Hellos of strangers, and such ones.
    strange: BTreeMap<SidBytes, HandshakeNumber>,
    /// How often each host has sent each kind of message in each handshake.
    counts: BTreeMap<(HandshakeNumber, HostId, u8), u32>,
    /// Nonces, who sent each first, and what the wall clock showed.
    nonces: BTreeMap<[u8; 32], (HostId, Timestamp)>,
    latest: Latest,
    /// What was in `latest` when each store was last backed up.
    backups: BTreeMap<usize, Latest>,
    /// Clients whose last timestamp a server may know better than they do.
    unsure: BTreeSet<(HostId, HostId)>,
    made: Challenges,
    boxes: Boxes,
    refusals: Refusals,
    crashed: BTreeMap<HostId, Moment>,
    rebound: BTreeMap<HostId, Moment>,
    /// What is being handed over to a host, whoever sent it.
    incoming: Option<Incoming>,
    /// What the host whose turn it is sends, it sends as its timer fired.
    is_timer: bool,
    /// Who has refused a claim, and is about to say so.
    refusing: Option<HostId>,
    /// How many answers the message that is being handed over has had before.
    answers_before: u64,
    /// The Hello that is being handed over is as its sender sent it.
    is_pristine: bool,
    /// What to forget, and when: memory stays flat however long the run.
    forget: VecDeque<(Moment, Forget)>,
    kept_until: BTreeMap<SidBytes, Moment>,
    now: Moment,
    /// What the wall clock shows of the host whose turn it is.
    wall: Timestamp,
    pub(crate) ledger: Ledger,
    /// Handshake datagrams sent more than once.
    pub(crate) repeats: u64,
}

#[derive(Debug)]
enum Forget {
    Sid(SidBytes),
    Nonce([u8; 32]),
    Made(challenges::Of),
    Cookie(Cookie),
    Text(Place),
}

/// A responder that asks its store answers within this time.
const PATIENCE: Duration = Duration::from_secs(1);
/// No handshake is spoken of for longer than this.
const MEMORY: Duration = Duration::from_secs(300);
/// Stands for a question among the kinds that are counted.
const QUESTION: u8 = u8::MAX;

impl Observer {
    pub(crate) fn new<D>(
        parts: Vec<Part>,
        machines: &[Machine<D>],
        roles: &Roles,
        scenario: &Scenario,
        world: u32,
    ) -> Self {
        let seeds = (0_u16..).map(HostId).zip(machines).filter_map(|(host, machine)| match &machine.role {
            Role::Responder { seed, .. } => Some((host, *seed)),
            Role::Initiator { .. } | Role::None => None,
        });
        Self {
            parts,
            stores: machines.iter().map(|machine| machine.store).collect(),
            seeds: seeds.collect(),
            roles: roles.clone(),
            limits: scenario.limits,
            patience: PATIENCE.saturating_add(scenario.stores.latency.saturating_mul(2)),
            stuck: [scenario.client_restarts, scenario.server_restarts]
                .map(|restarts| restarts.is_some_and(|of| of.generator == AfterRestart::Restored)),
            runs: BTreeMap::new(),
            numbers: BTreeMap::new(),
            under_way: BTreeMap::new(),
            challenges: BTreeMap::new(),
            admissions: BTreeMap::new(),
            peers: BTreeMap::new(),
            repeated: BTreeSet::new(),
            forged: BTreeMap::new(),
            compromised: BTreeSet::new(),
            known_keys: BTreeSet::new(),
            meddled: BTreeSet::new(),
            full: BTreeSet::new(),
            known_cookies: BTreeSet::new(),
            is_played: scenario.adversary.is_some(),
            strange: BTreeMap::new(),
            counts: BTreeMap::new(),
            nonces: BTreeMap::new(),
            latest: Latest::new(),
            backups: BTreeMap::new(),
            unsure: BTreeSet::new(),
            made: Challenges::default(),
            boxes: Boxes::default(),
            refusals: Refusals::default(),
            crashed: BTreeMap::new(),
            rebound: BTreeMap::new(),
            incoming: None,
            is_timer: false,
            refusing: None,
            answers_before: 0,
            is_pristine: true,
            forget: VecDeque::new(),
            kept_until: BTreeMap::new(),
            now: Moment::default(),
            wall: Timestamp::default(),
            ledger: match scenario.adversary {
                Some(realm) => Ledger::new(world).claiming(realm.claims()),
                None => Ledger::new(world),
            },
            repeats: 0,
        }
    }

    /// It is this host's turn to say and send what it wants to.
    pub(crate) const fn turn_of(&mut self, wall: Timestamp) {
        self.wall = wall;
    }

    /// A client's Hello is about to go out under this session id. `false` if nothing can be claimed of it.
    pub(crate) fn begun(
        &mut self,
        at: Moment,
        client: HostId,
        sid: SidBytes,
        intent: Intent,
        number: HandshakeNumber,
        deadline: Moment,
    ) -> bool {
        self.forget_old(at);
        self.keep(at, sid);
        if self.is_repeat(client, sid) {
            self.repeated.insert(sid);
            self.strange.insert(sid, number);
            return false;
        }
        // A handshake that begins again has what is left of its checks, and remembers the impostors that it met.
        let earlier = self.numbers.get(&number).and_then(|sid| self.runs.get(sid));
        let checks = earlier.map_or_else(|| Checks::full(&self.limits, at), |run| run.checks);
        let impostor_seen = earlier.is_some_and(|run| run.impostor_seen);
        let begun = Run::begun((at, self.wall), client, intent, number, deadline, checks);
        let fresh = self.runs.insert(sid, Run { impostor_seen, ..begun }).is_none();
        self.fresh(fresh, at, client, "began a handshake under a session id that it had used before");
        self.numbers.insert(number, sid);
        self.under_way.entry(client).or_default().push(sid);
        true
    }

    /// Whether a machine whose generator and clock are as they were before, or its clone, says again what was said: there
    /// are two lives of one handshake then, and nobody can tell them apart. What was known of the first is forgotten.
    fn is_repeat(&mut self, client: HostId, sid: SidBytes) -> bool {
        let earlier = self.runs.get(&sid).map(|run| (run.client, run.wall));
        let Some((earlier, wall)) = earlier else { return self.repeated.contains(&sid) };
        let are_clones = earlier != client && self.original(earlier) == self.original(client);
        let is_again = earlier == client && self.may_repeat(client, wall);
        if !are_clones && !is_again {
            return false;
        }
        self.runs.remove(&sid);
        self.peers.remove(&sid);
        if let Some(sids) = self.under_way.get_mut(&earlier) {
            sids.retain(|under_way| *under_way != sid);
        }
        true
    }

    /// Remembers what is known under a session id for a while from now.
    fn keep(&mut self, at: Moment, sid: SidBytes) {
        let until = at.plus(MEMORY);
        self.kept_until.insert(sid, until);
        self.forget.push_back((until, Forget::Sid(sid)));
    }

    fn forget_old(&mut self, at: Moment) {
        if self.is_played {
            return;
        }
        while let Some((_, old)) = self.forget.pop_front_if(|(when, _)| *when <= at) {
            match old {
                // It may have been used again, by a machine that repeats itself.
                Forget::Sid(sid) if self.kept_until.get(&sid).is_some_and(|until| *until > at) => {}
                Forget::Sid(sid) => {
                    self.kept_until.remove(&sid);
                    if let Some(run) = self.runs.remove(&sid) {
                        self.forget_counts(run.number);
                        self.numbers.remove(&run.number);
                    }
                    if let Some(number) = self.strange.remove(&sid) {
                        self.forget_counts(number);
                    }
                    self.repeated.remove(&sid);
                    self.challenges.remove(&sid);
                    self.forged.remove(&sid);
                    self.admissions.remove(&sid);
                    self.peers.remove(&sid);
                }
                Forget::Nonce(nonce) => _ = self.nonces.remove(&nonce),
                Forget::Made(of) => self.made.forget(&of, at),
                Forget::Cookie(cookie) => self.made.forget_cookie(&cookie, at),
                Forget::Text(place) => self.boxes.forget(&place),
            }
        }
    }

    fn forget_counts(&mut self, number: HandshakeNumber) {
        let all = (number, HostId(0), 0)..=(number, HostId(u16::MAX), u8::MAX);
        self.counts.extract_if(all, |_, _| true).for_each(drop);
    }

    /// A4: what is to be fresh is.
    fn fresh(&mut self, fresh: bool, at: Moment, host: HostId, what: &str) {
        let parts = &self.parts;
        self.ledger.check(Claim::A4, "freshness", fresh, at, || format!("{} {what}", name(parts, host)));
    }

    fn fresh_nonce(&mut self, at: Moment, host: HostId, nonce: [u8; 32]) {
        let machine = self.original(host);
        let first = self.nonces.insert(nonce, (machine, self.wall));
        self.forget.push_back((at.plus(MEMORY), Forget::Nonce(nonce)));
        let repeats_itself = first.is_some_and(|(by, wall)| by == machine && self.may_repeat(host, wall));
        self.fresh(first.is_none() || repeats_itself, at, host, "sent a nonce that had been sent before");
    }

    /// Whether a machine has started again as it was when its clock showed this, and its clock shows it again: it cannot be
    /// blamed for repeating itself.
    fn may_repeat(&self, host: HostId, wall: Timestamp) -> bool {
        let [clients, servers] = self.stuck;
        let is_stuck = match self.part(host) {
            Some(Part::Client { .. }) => clients,
            Some(Part::Server(_)) => servers,
            Some(Part::LookAlike | Part::Thief | Part::Stranger) | None => false,
        };
        is_stuck
            && wall == self.wall
            && (self.crashed.contains_key(&host) || self.crashed.contains_key(&self.original(host)))
    }

    /// A responder asks its store.
    pub(crate) fn asked(&mut self, server: HostId, handshake: HandshakeNumber) -> QuestionName {
        let name = QuestionName { server, handshake, nth: self.count(handshake, server, QUESTION) };
        self.boxes.asked(name);
        self.refusals.asked(name);
        name
    }

    fn count(&mut self, handshake: HandshakeNumber, host: HostId, kind: u8) -> u32 {
        let count = self.counts.entry((handshake, host, kind)).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// Somebody who will say nothing more says Hello.
    pub(crate) fn strange_hello(&mut self, bytes: &[u8], number: HandshakeNumber) {
        if let Some((_, sid)) = wire::header(bytes) {
            self.strange.insert(sid, number);
            self.keep(self.now, sid);
        }
    }

    /// A client's address has changed.
    pub(crate) fn rebound(&mut self, at: Moment, client: HostId) {
        self.rebound.insert(client, at);
    }

    /// A host has lost its memory. Returns how many handshakes that hits.
    pub(crate) fn crashed(&mut self, at: Moment, host: HostId) -> usize {
        self.crashed.insert(host, at);
        self.made.crashed(host);
        self.known_cookies.remove(&host);
        self.boxes.crashed(host);
        self.refusals.crashed(host);
        let own = self.under_way.remove(&host).unwrap_or_default();
        for sid in &own {
            if let Some(run) = self.runs.get_mut(sid) {
                run.fate = Fate::Ended;
            }
        }
        let others = self.under_way.values().flatten();
        let others = others.filter(|sid| self.runs.get(*sid).is_some_and(|run| run.intent.server == host)).count();
        own.len().saturating_add(others)
    }

    fn has_crashed_since(&self, host: HostId, then: Moment) -> bool {
        self.crashed.get(&host).is_some_and(|at| *at >= then)
    }

    /// What a store held when its server last started is what it holds again.
    pub(crate) fn store_went_back(&mut self, store: usize) {
        self.latest.retain(|(of, ..), _| *of != store);
        let backup = self.backups.get(&store).cloned().unwrap_or_default();
        self.latest.extend(backup);
    }

    pub(crate) fn store_backed_up(&mut self, store: usize, before: Latest) {
        self.backups.insert(store, before);
    }

    /// What a store holds.
    pub(crate) fn book(&self, store: usize) -> Latest {
        let own = self.latest.iter().filter(|((of, ..), _)| *of == store);
        own.map(|(row, latest)| (row.clone(), *latest)).collect()
    }

    /// A copy of a datagram of a handshake has its fate.
    pub(crate) fn carried(&mut self, name: &DatagramName, sent: Moment, arrives: Option<Moment>, is_corrupted: bool) {
        if let Some(run) = self.run_of(name) {
            run.hop(name, sent, arrives, is_corrupted);
        }
    }

    /// A copy of it was lost in a partition.
    pub(crate) fn cut_off(&mut self, name: &DatagramName) {
        if let Some(run) = self.run_of(name) {
            run.was_cut_off = true;
        }
    }

    /// Whether a datagram is for this host, wherever its sender took its peer to be.
    pub(crate) fn is_meant_for(&self, name: &DatagramName, to: HostId) -> bool {
        // Nothing is known of a machine that has said again what it said before.
        let is_repeated =
            |(sid, number): (&SidBytes, &HandshakeNumber)| *number == name.handshake && self.repeated.contains(sid);
        if self.strange.iter().any(is_repeated) {
            return true;
        }
        let run = self.numbers.get(&name.handshake).and_then(|sid| self.runs.get(sid));
        run.is_some_and(|run| {
            let (client, server) = (run.client, run.intent.server);
            // A clone of a server's is that server.
            client == name.from && server == self.original(to) || client == to && server == self.original(name.from)
        })
    }

    fn run_of(&mut self, name: &DatagramName) -> Option<&mut Run> {
        self.numbers.get(&name.handshake).and_then(|sid| self.runs.get_mut(sid))
    }

    /// What a handshake that was accepted has survived.
    pub(crate) fn met_by(&self, sid_i: SidBytes) -> Vec<Explored> {
        let Some(run) = self.runs.get(&sid_i) else { return Vec::new() };
        let rebound = self.rebound.get(&run.client).is_some_and(|at| *at >= run.begun);
        let healed = run.was_cut_off.then_some(Explored::HealedHandshakes);
        healed.into_iter().chain(rebound.then_some(Explored::ReboundHandshakes)).collect()
    }

    /// Whether a client's address has changed since its session began.
    pub(crate) fn went_on_after_rebinding(&self, sid_i: SidBytes) -> bool {
        let Some(run) = self.runs.get(&sid_i) else { return false };
        run.accepted.zip(self.rebound.get(&run.client)).is_some_and(|(accepted, rebound)| *rebound >= accepted)
    }

    /// The story of a handshake that took long.
    pub(crate) fn slow(&self, sid_i: SidBytes, begun: Moment, latency_us: u64) -> Option<SlowHandshake> {
        let run = self.runs.get(&sid_i)?;
        let (client, server) = (name(&self.parts, run.client), name(&self.parts, run.intent.server));
        let arrows: Vec<Arrow> = run.hops.iter().map(|hop| hop.arrow(&client, &server)).collect();
        let world = self.ledger.world();
        Some(SlowHandshake { latency_us, world, begun_us: begun.as_micros(), client, server, arrows })
    }

    /// The responder's session that belongs to an initiator's.
    pub(crate) fn peer_of(&self, sid_i: SidBytes) -> Option<(HostId, SidBytes)> {
        self.peers.get(&sid_i).copied()
    }

    /// The handshake of a session, by the session id of this host.
    pub(crate) fn handshake_of_session(&self, host: HostId, sid: SidBytes) -> Option<HandshakeNumber> {
        let sid_i = self
            .challenges
            .get(&sid)
            .filter(|of| self.original(host) == self.original(of.server))
            .map_or(sid, |of| of.sid_i);
        self.runs.get(&sid_i).map(|run| run.number)
    }

    /// The machine that this one is a clone of, or itself.
    fn original(&self, host: HostId) -> HostId {
        let clone = self.roles.clones.iter().find(|(clone, _)| *clone == host);
        clone.map_or(host, |(_, original)| *original)
    }

    fn part(&self, host: HostId) -> Option<&Part> {
        self.parts.get(usize::from(host.0))
    }
}

/// A host's name, for people.
fn name(parts: &[Part], host: HostId) -> String {
    parts.get(usize::from(host.0)).map_or_else(|| "nobody".to_owned(), Part::name)
}
