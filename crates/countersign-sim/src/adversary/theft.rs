//! How ephemerals get stolen: they are made again from the generator, the key and the clock of their owner. The laboratory,
//! where it lets them leak, has all of these; the adversary has what it has stolen.

use crate::cast::{HELD, NOT_HELD, READ, WRITE};
use crate::dice::{Stream, generator};
use crate::host::HostId;
use crate::machine::Role as Plays;
use countersign::hedge::{self, Role};
use countersign::primitives::Ephemeral;
use countersign::schedule::Secret;
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{Challenge, Hello};
use countersign::{Clearances, CookieJar, Defence, Defences, Identity, Memo, Name, SigningKey, Timestamp};
use rand::Rng;
use std::collections::BTreeMap;

/// Draws of a generator, and restarts of a machine, that are looked through.
const DRAWS_MAX: u64 = 64;
const RESTARTS_MAX: u16 = 3;
/// Draws of which nothing was seen on the wire.
const UNSEEN_MAX: u64 = 4;
/// A timestamp may have been raised above the clock by so many milliseconds.
const RAISED_MAX_MS: u64 = 2;

/// Who can steal: knows every host's long-term key, and the seed of all generators.
#[derive(Debug)]
pub(super) struct Thief {
    seed: u64,
    /// The seeds of long-term keys, and whose generator each host has.
    hosts: BTreeMap<HostId, ([u8; 32], HostId)>,
    users: BTreeMap<HostId, Name>,
    /// What users may have asked for.
    wishes: Vec<Clearances>,
}

/// The draw that an ephemeral came from.
pub(super) struct Draws {
    /// The public half.
    pub(super) public: [u8; 32],
    /// The session id that was drawn with it.
    sid: [u8; 8],
    /// Of a responder: the transcript after the Hello that it answered.
    hello: Option<TranscriptHash>,
}

impl Draws {
    pub(super) const fn of_initiator(hello: &Hello<'_>) -> Self {
        Self { public: *hello.ephemeral, sid: hello.sid_i.0, hello: None }
    }

    pub(super) fn of_responder<D: Defences>(defences: D, challenge: &Challenge<'_>, hello: &Hello<'_>) -> Self {
        let hello = Transcript::of_hello(defences, hello).hash();
        Self { public: *challenge.ephemeral, sid: challenge.sid_r.0, hello: Some(hello) }
    }
}

impl Thief {
    pub(super) fn new(seed: u64) -> Self {
        let wishes: [&[&[u8]]; 5] = [&[], READ, WRITE, HELD, &[NOT_HELD]];
        let wishes = wishes.into_iter().filter_map(|wish| Clearances::new(wish).ok()).collect();
        Self { seed, hosts: BTreeMap::new(), users: BTreeMap::new(), wishes }
    }

    /// Gets to know a host.
    pub(super) fn watch(&mut self, host: HostId, role: &Plays, generator: HostId) {
        match role {
            Plays::Responder { seed, .. } => _ = self.hosts.insert(host, (*seed, generator)),
            Plays::Initiator { user, seed, .. } => {
                self.hosts.insert(host, (*seed, generator));
                self.users.insert(host, user.clone());
            }
            Plays::None => {}
        }
    }

    /// All that there is to know of a host.
    pub(super) fn everything(&self, host: HostId) -> Option<Known> {
        let (key, whose) = self.hosts.get(&host)?;
        let streams = (0..RESTARTS_MAX).map(|restarts| Stream::Host(whose.0, restarts)).collect();
        Some(Known { keys: vec![*key], streams, draws: DRAWS_MAX })
    }

    /// What follows from these seeds of long-term keys and these generators, of which so many draws have been seen.
    pub(super) fn known(&self, keys: &[[u8; 32]], streams: Vec<Stream>, seen: usize) -> Known {
        let draws = u64::try_from(seen).unwrap_or(DRAWS_MAX).saturating_add(UNSEEN_MAX);
        Known { keys: keys.to_vec(), streams, draws }
    }

    /// The cookies of a responder whose generator draws from this, since it last started.
    pub(super) fn cookie_jar<D: Defences>(&self, defences: D, stream: Stream) -> CookieJar<D> {
        CookieJar::new(defences, &mut generator(self.seed, stream))
    }

    pub(super) fn seed(&self, host: HostId) -> Option<[u8; 32]> {
        self.hosts.get(&host).map(|(seed, _)| *seed)
    }

    /// The secret half of an ephemeral of a host, drawn when its wall clock showed this, if it follows from what is known.
    pub(super) fn ephemeral<D: Defences>(
        &self,
        defences: D,
        (host, wall): (HostId, Timestamp),
        of: &Draws,
        responders: &BTreeMap<HostId, Identity>,
        known: &Known,
    ) -> Option<[u8; 32]> {
        // Who is there is the same as long as a thread remembers.
        let hedges = defences.holds(Defence::HedgedRandomness);
        let numbers = [self.seed, host.0.into(), wall.as_millis(), hedges.into(), of.hello.is_some().into()];
        let numbers = numbers.map(u64::to_be_bytes).concat();
        let drawn: [&[u8]; 3] = [&of.public, &of.sid, of.hello.as_ref().map_or(&[], |hello| hello.as_slice())];
        let input = [&numbers[..], &drawn.concat(), &known.name()].concat();
        let found = Memo::remembered(&[&input], || {
            let secret = self.look_through(defences, (host, wall), of, responders, known);
            let mut found = [0; 33];
            if let (Some(secret), [is_found, bytes @ ..]) = (secret, &mut found) {
                *is_found = 1;
                *bytes = secret;
            }
            found
        });
        found.last_chunk().copied().filter(|_| found.starts_with(&[1]))
    }

    fn look_through<D: Defences>(
        &self,
        defences: D,
        (host, wall): (HostId, Timestamp),
        of: &Draws,
        responders: &BTreeMap<HostId, Identity>,
        known: &Known,
    ) -> Option<[u8; 32]> {
        let (role, contexts) = match &of.hello {
            Some(hello) => (Role::Responder, vec![hedge::responder_context(hello, wall)]),
            None => (Role::Initiator, self.initiators_contexts(host, wall, responders)),
        };
        known.seeds(self.seed, role).find_map(|(counter, seed)| {
            contexts.iter().find_map(|context| {
                let drawn = hedge::expand(defences, &seed, role, counter, wall, context);
                let secret = *drawn.last_chunk()?;
                let is_it = drawn.starts_with(&of.sid) && *Ephemeral::from_secret(&secret).public() == of.public;
                is_it.then_some(secret)
            })
        })
    }

    fn initiators_contexts(
        &self,
        host: HostId,
        wall: Timestamp,
        responders: &BTreeMap<HostId, Identity>,
    ) -> Vec<[u8; 32]> {
        let Some(user) = self.users.get(&host) else { return Vec::new() };
        let times = (0..=RAISED_MAX_MS).map(|ahead| wall.plus(core::time::Duration::from_millis(ahead)));
        let known = responders.values().flat_map(|responder| self.wishes.iter().map(move |wish| (responder, wish)));
        let known: Vec<_> = known.collect();
        times
            .flat_map(|time| known.iter().map(move |(responder, wish)| (responder, wish, time)))
            .map(|(responder, wish, time)| hedge::initiator_context(responder, user, Some(time), wish))
            .collect()
    }
}

/// What is known of that which a host's draws are made from. Zeros are tried in the place of either half: a host may lack
/// one, and anybody can find out.
#[derive(Debug)]
pub(super) struct Known {
    /// Seeds of its long-term keys.
    keys: Vec<[u8; 32]>,
    /// What its generator may have drawn from.
    streams: Vec<Stream>,
    /// How many draws are looked through.
    draws: u64,
}

impl Known {
    /// All of it, in bytes.
    fn name(&self) -> Vec<u8> {
        let streams = self.streams.iter().flat_map(|stream| format!("{stream:?},").into_bytes());
        let mut name: Vec<u8> = self.keys.concat().into_iter().chain(streams).collect();
        name.extend(self.draws.to_be_bytes());
        name
    }

    /// Seeds of the first draws, each with its counter.
    fn seeds(&self, seed: u64, role: Role) -> impl Iterator<Item = (u64, Secret)> {
        // A responder's first draw is for its cookies, and is not counted.
        let not_counted = usize::from(role == Role::Responder);
        self.keys.iter().map(salt).map(Some).chain([None]).flat_map(move |salt| {
            let streams = self.streams.iter();
            let drawn = streams.flat_map(move |stream| outputs(seed, *stream).skip(not_counted).zip(0..self.draws));
            let zeros = (0..self.draws).map(|counter| ([0; 32], counter));
            drawn.chain(zeros).map(move |(generated, counter)| {
                let seed = hedge::seed(salt.as_ref().unwrap_or(&zero()), &generated);
                (counter, seed)
            })
        })
    }
}

/// What a generator yields, 32 bytes at a time.
fn outputs(seed: u64, stream: Stream) -> impl Iterator<Item = [u8; 32]> {
    let mut rng = generator(seed, stream);
    core::iter::repeat_with(move || {
        let mut generated = [0; 32];
        rng.fill_bytes(&mut generated);
        generated
    })
}

fn salt(key: &[u8; 32]) -> Secret {
    hedge::salt(&SigningKey::from_seed(key))
}

fn zero() -> Secret {
    Secret::take(&mut [0; 32])
}
