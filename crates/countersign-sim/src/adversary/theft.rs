//! How ephemerals get stolen: the laboratory makes them again from the generator, the key and the clock of their owner.

use crate::cast::{HELD, NOT_HELD, READ, WRITE};
use crate::dice::{Stream, generator};
use crate::host::HostId;
use crate::machine::Role as Plays;
use countersign::hedge::{self, Role};
use countersign::primitives::Ephemeral;
use countersign::schedule::Secret;
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{Challenge, Hello};
use countersign::{Clearances, Defences, Identity, Name, SigningKey, Timestamp};
use rand::Rng;
use std::collections::BTreeMap;

/// Draws of a generator, and restarts of a machine, that are looked through.
const DRAWS_MAX: u64 = 64;
const RESTARTS_MAX: u16 = 3;
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

    pub(super) fn seed(&self, host: HostId) -> Option<[u8; 32]> {
        self.hosts.get(&host).map(|(seed, _)| *seed)
    }

    /// The secret half of an ephemeral of a host, drawn when its wall clock showed this.
    pub(super) fn ephemeral<D: Defences>(
        &self,
        defences: D,
        host: HostId,
        wall: Timestamp,
        of: &Draws,
        responders: &BTreeMap<HostId, Identity>,
    ) -> Option<[u8; 32]> {
        let (key, whose) = self.hosts.get(&host)?;
        let salt = hedge::salt(&SigningKey::from_seed(key));
        let (role, contexts) = match &of.hello {
            Some(hello) => (Role::Responder, vec![hedge::responder_context(hello, wall)]),
            None => (Role::Initiator, self.initiators_contexts(host, wall, responders)),
        };
        let seeds = (0..RESTARTS_MAX).flat_map(|restarts| seeds(self.seed, *whose, restarts, &salt));
        for (at, seed) in seeds {
            // A responder's first draw is for its cookies, and is not counted.
            for (counter, context) in
                [at, at.saturating_sub(1)].iter().flat_map(|at| contexts.iter().map(move |of| (at, of)))
            {
                let drawn = hedge::expand(defences, &seed, role, *counter, wall, context);
                let secret = *drawn.last_chunk()?;
                if drawn.starts_with(&of.sid) && *Ephemeral::from_secret(&secret).public() == of.public {
                    return Some(secret);
                }
            }
        }
        None
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

/// The seeds of the first draws of a machine, after so many restarts.
fn seeds(seed: u64, whose: HostId, restarts: u16, salt: &Secret) -> impl Iterator<Item = (u64, Secret)> {
    let mut rng = generator(seed, Stream::Host(whose.0, restarts));
    (0..DRAWS_MAX).map(move |at| {
        let mut generated = [0; 32];
        rng.fill_bytes(&mut generated);
        (at, hedge::seed(salt, &generated))
    })
}
