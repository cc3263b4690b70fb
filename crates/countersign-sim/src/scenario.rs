//! A scenario: who is there, and what their network, clocks, machines and stores do to them.
//!
//! `scenario/file.rs` reads one from TOML; `scenario/shipped.rs` holds those that come with the laboratory.

mod check;
mod error;
mod exercises;
mod file;
mod hosts;
mod network;
mod shipped;
mod table;
mod units;

pub use error::ScenarioError;
pub use shipped::SHIPPED;

use crate::adversary::Realm;
use crate::claims::Claim;
use crate::explored::Explored;
use crate::link::LinkProfile;
use core::time::Duration;
use countersign_endpoint::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything about a world but its seed and its length.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What it is like, in a sentence.
    pub about: String,
    /// Where its figures come from.
    pub sources: Vec<String>,
    /// Which claims and which faults a run of it is meant to meet.
    pub exercises: Exercises,
    /// Who is there.
    pub population: Population,
    /// From clients to servers.
    pub up: LinkProfile,
    /// From servers to clients.
    pub down: LinkProfile,
    /// When some cannot reach each other.
    pub partitions: Vec<Partition>,
    /// When clients get another address.
    pub rebinding: Rebinding,
    /// How clients' clocks err.
    pub client_clocks: Clocks,
    /// How servers' clocks err.
    pub server_clocks: Clocks,
    /// When clients crash.
    pub client_restarts: Option<Restarts>,
    /// When servers crash.
    pub server_restarts: Option<Restarts>,
    /// Which machines are there twice.
    pub clones: Option<Clones>,
    /// What stores do.
    pub stores: Stores,
    /// A blind source of junk and replays.
    pub noise: Noise,
    /// Timers and limits of every endpoint.
    #[serde(with = "LimitsForm")]
    pub limits: Limits,
    /// Each world draws which of its faults are on, and how strongly.
    pub swarm: bool,
    /// An adversary owns the network, in this realm. No file can say so: there is nobody in a simulation to play it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversary: Option<Realm>,
}

/// What a run is meant to meet.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Exercises {
    /// Claims whose premise is to occur.
    pub claims: Vec<Claim>,
    /// Faults that are to occur.
    pub faults: Vec<Explored>,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Population {
    /// Devices.
    pub clients: u16,
    /// Genuine responders.
    pub servers: u16,
}

impl Default for Population {
    fn default() -> Self {
        Self { clients: 256, servers: 8 }
    }
}

/// A partition that comes and heals, again and again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Partition {
    /// From the beginning of one to that of the next.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub every: Duration,
    /// How long one lasts.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub lasts: Duration,
    /// How many clients are cut off each time, in a million.
    pub clients: u32,
    /// Which way nothing gets through.
    pub cuts: Cuts,
}

/// Which way a partition cuts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cuts {
    /// Both ways.
    Both,
    /// From clients to servers.
    Up,
    /// From servers to clients.
    Down,
}

/// A client's address changes just after it has sent a datagram; nothing reaches the old one any more (a NAT that forgot).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Rebinding {
    /// After a message of a handshake, so many times in a million.
    pub handshake: u32,
    /// After a record, so many times in a million.
    pub session: u32,
}

/// How wall clocks err.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Clocks {
    /// Each is wrong from the start by up to this, either way.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub offset: Duration,
    /// Each gains or loses up to so many microseconds a second.
    pub drift_ppm: u32,
    /// The mean time between two steps of one clock; zero: it never steps.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub step_every: Duration,
    /// How far it may step, either way.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub step: Duration,
    /// How many have no clock at all, in a million: they begin in 1970, and follow the verified responder.
    pub none: u32,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            offset: Duration::from_secs(30),
            drift_ppm: 0,
            step_every: Duration::ZERO,
            step: Duration::ZERO,
            none: 0,
        }
    }
}

/// Hosts that crash and start again, with their memory lost.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Restarts {
    /// The mean time between two crashes of one host.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub every: Duration,
    /// How long it is down.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub down: Duration,
    /// What its generator gives after that.
    pub generator: AfterRestart,
    /// What its wall clock shows after that.
    pub clock: AfterRestart,
    /// What a server's store holds after that, or what a client remembers of its last timestamps.
    pub store: StoreAfter,
}

/// What a machine has after a restart.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterRestart {
    /// As it should be: a fresh generator, a clock that went on.
    #[default]
    Fresh,
    /// What it had when it first started: a snapshot, or a device without entropy or without a battery.
    Restored,
}

/// What is on disk after a restart.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreAfter {
    /// All that was stored.
    #[default]
    Kept,
    /// What was stored at the restart before: an old backup.
    Older,
    /// Nothing of what was learnt in operation; enrolment stays.
    Lost,
}

/// Machines that are there twice, copied with the state of their generator and their counters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Clones {
    /// Which.
    pub of: Cloned,
    /// How many.
    pub machines: u16,
    /// Whether a cloned responder shares its store with the original.
    pub stores: StoresOfClones,
}

/// What is cloned.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloned {
    /// Servers: their clones get every datagram that they get, at the same moment.
    Responders,
    /// Devices: their clones go about on their own.
    Initiators,
}

/// Where the latest timestamps of cloned responders are kept.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StoresOfClones {
    /// In one store.
    #[default]
    Shared,
    /// Each in its own.
    Own,
}

/// What stores do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Stores {
    /// How often one fails to answer, so many in a million; half of the time after it has stored.
    pub failures: u32,
    /// The longest that one takes to answer.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub latency: Duration,
}

impl Default for Stores {
    fn default() -> Self {
        Self { failures: 0, latency: Duration::from_millis(2) }
    }
}

/// A blind source of junk and replays.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Noise {
    /// The pause between two pieces of junk; zero: there is none.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub junk_every: Duration,
    /// Honest datagrams that are copied with one bit changed, so many in a million.
    pub mutated: u32,
    /// Honest datagrams that are recorded, and played again later, there or elsewhere, so many in a million.
    pub replayed: u32,
    /// The longest time until they are.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub replay_within: Duration,
    /// The pause between two Hellos of strangers who say nothing more; zero: there are none.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub strangers_every: Duration,
}

/// Durations as whole microseconds.
pub(crate) mod micros {
    use core::time::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_micros)
    }
}

#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(remote = "Limits")]
struct LimitsForm {
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    deadline: Duration,
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    retransmit_first: Duration,
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    retransmit_max: Duration,
    retries_per_expiry: u32,
    challenge_burst: u32,
    challenges_per_second: u32,
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    half_open_lifetime: Duration,
    half_open_before_cookies: usize,
    entries_max: usize,
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    confirm_grace: Duration,
    queue_max: usize,
}
