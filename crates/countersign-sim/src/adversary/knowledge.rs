//! What the adversary knows: every datagram that was sent, its own secrets, and what it has stolen. What follows from that
//! is computed when a message needs it.

use super::conversation::Conversation;
use super::grammar::{Exchange, Forged, Key, Loot, Point};
use super::realm::Realm;
use super::theft::{Draws, Thief};
use crate::act::DatagramName;
use crate::cast::Part;
use crate::dice::Stream;
use crate::host::HostId;
use crate::machine::{Machine, Role};
use crate::stage::Stage;
use crate::todo::Flight;
use countersign::primitives::{Ephemeral, is_small_order};
use countersign::wire::{Challenge, Hello, Kind, Message, Sid};
use countersign::{CookieJar, Defences, Identity, SigningKey, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How many ephemerals and keys it has of its own.
pub(super) const OWN_MAX: u8 = 4;

/// What the adversary knows.
#[derive(Debug)]
pub(crate) struct Knowledge<D> {
    pub(super) defences: D,
    /// Every datagram that was sent or forged, and what its sender's wall clock showed.
    pub(super) seen: BTreeMap<DatagramName, (Rc<Flight>, Timestamp)>,
    /// Long-term keys that are public: by host, as 32 bytes.
    pub(super) publics: BTreeMap<HostId, [u8; 32]>,
    /// Responders by name and key.
    pub(super) responders: BTreeMap<HostId, Identity>,
    /// Seeds of stolen long-term keys.
    stolen: BTreeMap<HostId, [u8; 32]>,
    /// What the stolen generators of each host draw from.
    generators: BTreeMap<HostId, BTreeSet<Stream>>,
    /// The cookies that it can make, by whose they are.
    cookies: BTreeMap<HostId, CookieJar<D>>,
    /// Secrets of stolen ephemerals, by their public half.
    ephemerals: BTreeMap<[u8; 32], [u8; 32]>,
    /// Those that it has tried to compute from what it has.
    tried: BTreeSet<[u8; 32]>,
    /// Diffie-Hellman is broken.
    is_dh_broken: bool,
    /// Hosts use their keys in another protocol too.
    are_keys_shared: bool,
    thief: Thief,
}

impl<D: Defences> Knowledge<D> {
    /// What it knows before anything has happened: who is there, with their public keys.
    pub(crate) fn of(stage: &Stage<D>, seed: u64, defences: D) -> Self {
        let mut knowledge = Self {
            defences,
            seen: BTreeMap::new(),
            publics: BTreeMap::new(),
            responders: BTreeMap::new(),
            stolen: BTreeMap::new(),
            generators: BTreeMap::new(),
            cookies: BTreeMap::new(),
            ephemerals: BTreeMap::new(),
            tried: BTreeSet::new(),
            is_dh_broken: false,
            are_keys_shared: stage.scenario.adversary == Some(Realm::SharedKeys),
            thief: Thief::new(seed),
        };
        for (host, machine) in (0_u16..).map(HostId).zip(&stage.machines) {
            match &machine.part {
                Part::Server(expected) => {
                    knowledge.publics.insert(host, expected.identity().key);
                    knowledge.responders.insert(host, expected.identity().clone());
                }
                Part::Client { device, .. } => {
                    knowledge.publics.insert(host, *device);
                }
                Part::LookAlike | Part::Thief | Part::Stranger => {}
            }
            knowledge.thief.watch(host, &machine.role, machine.generator);
        }
        knowledge
    }

    /// The public halves of its own keys.
    pub(crate) fn own_keys(&self) -> impl Iterator<Item = [u8; 32]> + use<D> {
        (0..OWN_MAX).map(|number| SigningKey::from_seed(&own_seed(number)).public())
    }

    /// Whether Diffie-Hellman is broken.
    pub(crate) const fn is_dh_broken(&self) -> bool {
        self.is_dh_broken
    }

    /// Whether it can follow a handshake of this client that has gone on with this Challenge.
    pub(crate) fn can_follow(&self, sid_i: Sid, client: HostId, challenge: &DatagramName) -> bool {
        let hellos = self.seen.keys().filter(|name| name.from == client && name.kind == Kind::Hello as u8);
        let mut own = hellos.filter(|name| self.hello(name).is_some_and(|hello| hello.sid_i == sid_i));
        own.next_back().is_some_and(|hello| self.knows(hello, challenge))
    }

    /// Sees a datagram, sent when its sender's wall clock showed this.
    pub(crate) fn see(&mut self, flight: &Rc<Flight>, wall: Timestamp) {
        self.seen.insert(flight.name, (Rc::clone(flight), wall));
        // One half of an exchange is enough.
        if self.is_dh_broken && flight.name.kind == Kind::Challenge as u8 {
            self.steal_ephemeral(&flight.name);
        }
        self.compute_ephemeral(&flight.name);
    }

    /// Takes its loot, if there is any.
    pub(crate) fn steal(&mut self, loot: Loot, machines: &[Machine<D>]) -> bool {
        let machine = |host: HostId| machines.get(usize::from(host.0));
        let is_taken = match loot {
            Loot::Key(host) => self.thief.seed(host).is_some_and(|seed| self.stolen.insert(host, seed).is_none()),
            Loot::Generator(host) => {
                let Some(stream) = machine(host).and_then(Machine::stream) else { return false };
                self.take_cookie_key(host, machine(host));
                self.generators.entry(host).or_default().insert(stream)
            }
            Loot::CookieKey(host) => self.take_cookie_key(host, machine(host)),
            Loot::Ephemeral(of) => self.steal_ephemeral(&of),
            Loot::Ephemerals if self.is_dh_broken => false,
            Loot::Ephemerals => {
                self.is_dh_broken = true;
                let all = self.seen.keys().filter(|name| name.kind == Kind::Challenge as u8);
                let all: Vec<DatagramName> = all.copied().collect();
                all.iter().for_each(|name| _ = self.steal_ephemeral(name));
                true
            }
        };
        if is_taken {
            self.compute_ephemerals();
        }
        is_taken
    }

    /// A responder's cookie key is the first that its generator yields: who has the generator has it as well.
    fn take_cookie_key(&mut self, host: HostId, machine: Option<&Machine<D>>) -> bool {
        let Some(machine) = machine.filter(|machine| matches!(machine.role, Role::Responder { .. })) else {
            return false;
        };
        let Some(stream) = machine.stream() else { return false };
        self.cookies.insert(host, self.thief.cookie_jar(self.defences, stream));
        true
    }

    /// What makes this responder's cookies, if it has its cookie key.
    pub(super) fn cookie_jar(&self, host: HostId) -> Option<&CookieJar<D>> {
        self.cookies.get(&host)
    }

    /// Tries all that was sent before with what it has now.
    fn compute_ephemerals(&mut self) {
        self.tried.clear();
        let sent = self.seen.keys().copied().collect::<Vec<_>>();
        sent.iter().for_each(|name| self.compute_ephemeral(name));
    }

    /// Computes the secret behind a Hello or a Challenge, if it follows from what it has stolen of the sender.
    fn compute_ephemeral(&mut self, name: &DatagramName) {
        let is_drawn = [Kind::Hello as u8, Kind::Challenge as u8].contains(&name.kind);
        let key = self.signing_key(Key::Of(name.from)).filter(|_| !self.stolen.is_empty());
        let streams = self.generators.get(&name.from);
        if !is_drawn || key.is_none() && streams.is_none() {
            return;
        }
        let Some((of, wall)) = self.draws_of(name) else { return };
        if self.ephemerals.contains_key(&of.public) || !self.tried.insert(of.public) {
            return;
        }
        let streams = streams.into_iter().flatten().copied().collect();
        let seen = self.seen.keys().filter(|other| (other.from, other.kind) == (name.from, name.kind)).count();
        let known = self.thief.known(key.as_slice(), streams, seen);
        let secret = self.thief.ephemeral(self.defences, (name.from, wall), &of, &self.responders, &known);
        self.ephemerals.extend(secret.map(|secret| (of.public, secret)));
    }

    /// Gets what leaks and a message needs: an initiator's ephemeral, if it is to be a responder's.
    pub(crate) fn prepare(&mut self, message: &Forged) {
        if let Forged::Challenge { ephemeral: Point::Of(name), .. } = message
            && self.is_dh_broken
        {
            self.steal_ephemeral(name);
        }
    }

    fn steal_ephemeral(&mut self, name: &DatagramName) -> bool {
        let (drawn, known) = (self.draws_of(name), self.thief.everything(name.from));
        let Some(((of, wall), known)) = drawn.zip(known) else { return false };
        let secret = self.thief.ephemeral(self.defences, (name.from, wall), &of, &self.responders, &known);
        secret.map(|secret| self.ephemerals.insert(of.public, secret)).is_some()
    }

    /// The draw that a Hello or a Challenge of an honest host rests on, and what the host's wall clock showed.
    fn draws_of(&self, name: &DatagramName) -> Option<(Draws, Timestamp)> {
        let (flight, wall) = self.seen.get(name).filter(|_| self.publics.contains_key(&name.from))?;
        let of = match Message::decode(&flight.bytes) {
            Ok(Message::Hello(hello)) => Draws::of_initiator(&hello),
            Ok(Message::Challenge(challenge)) => {
                let hello = self.hello_of(challenge.sid_i)?;
                let Ok(Message::Hello(hello)) = Message::decode_with(self.defences, &hello.bytes) else { return None };
                Draws::of_responder(self.defences, &challenge, &hello)
            }
            Ok(Message::Retry(_) | Message::Response(_) | Message::Verdict(_) | Message::Record(_)) | Err(_) => {
                return None;
            }
        };
        Some((of, *wall))
    }

    /// The latest Hello with this session id.
    fn hello_of(&self, sid_i: Sid) -> Option<&Rc<Flight>> {
        let hellos =
            self.seen.values().map(|(flight, _)| flight).filter(|flight| flight.name.kind == Kind::Hello as u8);
        hellos.rev().find(|flight| flight.bytes.get(2..10) == Some(&sid_i.0))
    }

    /// Whether an honest host has sent these bytes.
    pub(crate) fn has_seen(&self, bytes: &[u8]) -> bool {
        let honest = self.seen.values().filter(|(flight, _)| self.publics.contains_key(&flight.name.from));
        honest.into_iter().any(|(flight, _)| flight.bytes == bytes)
    }

    pub(super) fn bytes(&self, name: &DatagramName) -> Option<&[u8]> {
        self.seen.get(name).map(|(flight, _)| &flight.bytes[..])
    }

    pub(super) fn hello(&self, name: &DatagramName) -> Option<Hello<'_>> {
        match Message::decode_with(self.defences, self.bytes(name)?) {
            Ok(Message::Hello(hello)) => Some(hello),
            Ok(_) | Err(_) => None,
        }
    }

    pub(crate) fn challenge(&self, name: &DatagramName) -> Option<Challenge<'_>> {
        match Message::decode(self.bytes(name)?) {
            Ok(Message::Challenge(challenge)) => Some(challenge),
            Ok(_) | Err(_) => None,
        }
    }

    /// Whether a host's long-term key is its own, or stolen.
    pub(crate) fn holds_key_of(&self, host: HostId) -> bool {
        self.signing_key(Key::Of(host)).is_some()
    }

    /// The secret half of a key, if it has it.
    pub(super) fn signing_key(&self, key: Key) -> Option<[u8; 32]> {
        match key {
            Key::Own(number) => (number < OWN_MAX).then(|| own_seed(number)),
            Key::Of(host) => {
                let public = self.publics.get(&host)?;
                let own = (0..OWN_MAX).map(own_seed).find(|seed| SigningKey::from_seed(seed).public() == *public);
                // Whoever has a key has it under every name.
                let stolen = self.stolen.iter().find(|(of, _)| self.publics.get(of) == Some(public));
                own.or_else(|| stolen.map(|(_, seed)| *seed))
            }
            Key::Neutral => None,
        }
    }

    /// What a host's key is made from, if the host signs with it in another protocol too.
    pub(super) fn seed_used_elsewhere(&self, key: Key) -> Option<[u8; 32]> {
        match key {
            Key::Of(host) if self.are_keys_shared => self.thief.seed(host),
            Key::Of(_) | Key::Own(_) | Key::Neutral => None,
        }
    }

    /// The public half of a key.
    pub(super) fn public_key(&self, key: Key) -> Option<[u8; 32]> {
        match key {
            Key::Own(number) => Some(SigningKey::from_seed(&own_seed(number)).public()),
            Key::Of(host) => self.publics.get(&host).copied(),
            Key::Neutral => Some(NEUTRAL),
        }
    }

    pub(super) fn point(&self, point: Point) -> Option<[u8; 32]> {
        match point {
            Point::Own(number) => Some(*Ephemeral::from_secret(&own_secret(number)).public()),
            Point::Of(name) => self.hello(&name).map(|hello| *hello.ephemeral).or_else(|| {
                let challenge = self.challenge(&name)?;
                Some(*challenge.ephemeral)
            }),
            Point::Small(number) => {
                let mut point = [0; 32];
                let at = if number % 3 == 1 { point.first_mut() } else { point.last_mut() };
                *at? = [0, 1, 0x80].get(usize::from(number % 3)).copied()?;
                Some(point)
            }
        }
    }

    /// The secret that two ephemerals make, if it has either half of it, or if everybody has.
    pub(super) fn shared(&self, one: &[u8; 32], other: &[u8; 32]) -> Option<[u8; 32]> {
        if is_small_order(one) || is_small_order(other) {
            return Some([0; 32]);
        }
        let own = |public: &[u8; 32]| {
            let own = (0..OWN_MAX).map(own_secret).find(|secret| Ephemeral::from_secret(secret).public() == public);
            own.or_else(|| self.ephemerals.get(public).copied())
        };
        let with = |secret: [u8; 32], public| Ephemeral::from_secret(&secret).agree(public).map(|shared| *shared);
        own(one).and_then(|secret| with(secret, other)).or_else(|| own(other).and_then(|secret| with(secret, one)))
    }

    /// Whether it can follow an exchange from its Challenge on.
    pub(super) fn knows(&self, hello: &DatagramName, challenge: &DatagramName) -> bool {
        let both = self.hello(hello).zip(self.challenge(challenge));
        both.is_some_and(|(hello, challenge)| self.shared(hello.ephemeral, challenge.ephemeral).is_some())
    }

    /// Stands behind the last message of an exchange.
    pub(super) fn follow(&self, of: &Exchange) -> Option<Conversation<D>> {
        let mut conversation = self.before_challenge_box(of)?;
        conversation.follow(self.challenge(&of.challenge)?.sealed);
        for name in [of.response, of.verdict].into_iter().flatten() {
            conversation.follow(self.bytes(&name)?);
        }
        Some(conversation)
    }

    /// The text of the last box of an exchange.
    pub(crate) fn open(&self, of: &Exchange) -> Option<Vec<u8>> {
        let before = |of: Exchange| self.follow(&of);
        match (of.response, of.verdict) {
            (_, Some(verdict)) => {
                let Ok(Message::Verdict(verdict)) = Message::decode(self.bytes(&verdict)?) else { return None };
                before(Exchange { verdict: None, ..*of })?.open(Kind::Verdict, verdict.sid_i, verdict.sealed)
            }
            (Some(response), None) => {
                let Ok(Message::Response(response)) = Message::decode(self.bytes(&response)?) else { return None };
                before(Exchange { response: None, ..*of })?.open(Kind::Response, response.sid_r, response.sealed)
            }
            (None, None) => {
                let challenge = self.challenge(&of.challenge)?;
                self.before_challenge_box(of)?.open(Kind::Challenge, challenge.sid_r, challenge.sealed)
            }
        }
    }

    fn before_challenge_box(&self, of: &Exchange) -> Option<Conversation<D>> {
        let (hello, challenge) = (self.hello(&of.hello)?, self.challenge(&of.challenge)?);
        let shared = self.shared(hello.ephemeral, challenge.ephemeral)?;
        Some(Conversation::new(self.defences, &hello, &challenge, &shared))
    }
}

/// The neutral element, a point of order 1.
pub(crate) const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    let [first, ..] = &mut point;
    *first = 1;
    point
};

/// What its own long-term keys are made from.
pub(crate) const fn own_seed(number: u8) -> [u8; 32] {
    let mut seed = [0x6d; 32];
    let [first, ..] = &mut seed;
    *first = number;
    seed
}

/// What its own ephemerals are made from.
const fn own_secret(number: u8) -> [u8; 32] {
    let mut secret = [0xe7; 32];
    let [first, ..] = &mut secret;
    *first = number;
    secret
}
