//! A machine: an endpoint in memory, a clock, an address, a store; and what is left of it when it crashes.

use crate::cast::Part;
use crate::dice::{Stream, generator};
use crate::host::{HostId, PORT};
use crate::scenario::{AfterRestart, Restarts, StoreAfter};
use countersign::{
    Backend, ClockPolicy, Defences, Identity, Initiator, InitiatorPolicy, Moment, Name, Responder, ResponderPolicy,
    SigningKey, Timestamp,
};
use countersign_endpoint::{Endpoint, Limits};
use rand::rngs::ChaCha20Rng;

/// What a machine's endpoint does.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Responder { name: Name, seed: [u8; 32] },
    Initiator { user: Name, seed: [u8; 32], follows: bool },
    None,
}

/// What all machines of a world are built with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build<D> {
    pub(crate) defences: D,
    pub(crate) backend: Backend,
    pub(crate) seed: u64,
    pub(crate) limits: Limits,
}

/// One host.
#[derive(Debug)]
pub(crate) struct Machine<D> {
    build: Build<D>,
    pub(crate) part: Part,
    pub(crate) role: Role,
    /// `None` while it is down.
    pub(crate) endpoint: Option<Endpoint<ChaCha20Rng, D>>,
    pub(crate) port: u16,
    /// Which of the world's stores is its own.
    pub(crate) store: usize,
    /// When it wants to be woken.
    pub(crate) wake: Option<Moment>,
    /// Whose generator it was made with: a clone's is its original's.
    pub(crate) generator: HostId,
    restarts: u16,
}

impl<D: Defences> Machine<D> {
    pub(crate) fn new(build: Build<D>, part: Part, role: Role, generator: HostId, store: usize) -> Self {
        let mut machine =
            Self { build, part, role, endpoint: None, port: PORT, store, wake: None, generator, restarts: 0 };
        machine.endpoint = Some(machine.boot(0));
        machine
    }

    /// What its generator draws from, since it last started; `None` while it is down.
    pub(crate) fn stream(&self) -> Option<Stream> {
        self.endpoint.as_ref().map(|_| Stream::Host(self.generator.0, self.restarts))
    }

    fn boot(&self, restarts: u16) -> Endpoint<ChaCha20Rng, D> {
        let Build { defences, backend, seed, limits } = self.build;
        let rng = generator(seed, Stream::Host(self.generator.0, restarts));
        let bare = Endpoint::new(limits, rng).expect("the limits were checked with the scenario");
        match &self.role {
            Role::Responder { name, seed } => bare.with_responder(Responder::with_defences(
                defences,
                name.clone(),
                SigningKey::from_seed_on(backend, seed),
                ResponderPolicy::default(),
            )),
            Role::Initiator { user, seed, follows } => {
                let clock = if *follows { ClockPolicy::Follow } else { ClockPolicy::Own };
                let policy = InitiatorPolicy { clock, ..InitiatorPolicy::default() };
                bare.with_initiator(Initiator::with_defences(
                    defences,
                    user.clone(),
                    SigningKey::from_seed_on(backend, seed),
                    policy,
                ))
            }
            Role::None => bare,
        }
    }

    /// Loses its memory. What a device keeps of its last timestamps, if it keeps them, is handed back.
    pub(crate) fn crash(&mut self, servers: &[Identity]) -> Vec<(Identity, Timestamp)> {
        self.wake = None;
        let Some(endpoint) = self.endpoint.take() else { return Vec::new() };
        servers.iter().filter_map(|server| Some((server.clone(), endpoint.latest(server)?))).collect()
    }

    /// Starts again.
    pub(crate) fn start(&mut self, after: &Restarts, kept: Vec<(Identity, Timestamp)>) {
        if after.generator == AfterRestart::Fresh {
            self.restarts = self.restarts.saturating_add(1);
        }
        let mut endpoint = self.boot(self.restarts);
        if after.store == StoreAfter::Kept {
            for (server, latest) in kept {
                endpoint.remember_latest(server, latest);
            }
        }
        self.endpoint = Some(endpoint);
    }
}
