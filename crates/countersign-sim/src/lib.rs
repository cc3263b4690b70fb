//! A hostile network in virtual time, and an observer who knows the truth.
//!
//! A [`World`] is a stage and a plan. On the stage are hosts (an endpoint, a clock, an address and a store each), a
//! look-alike of a server, a thief with a device's key, and strangers; it carries out one step after the other. The plan
//! draws the steps from the seed: what links lose, repeat, change and delay, when clocks step and machines crash, who
//! begins a handshake with whom, and the noise. The observer checks the claims at every step, by what was sent, what
//! arrived and what each side says of it, against what it knows of everybody, and counts how often each claim's premise
//! occurred.
//!
//! Start from [`Scenario`] and [`RunOf::new`]; [`run_worlds`] runs all worlds of a run, [`World`] is one of them.

mod act;
mod adversary;
mod cast;
mod claims;
mod clock;
mod config;
mod dice;
mod digest;
mod explored;
mod host;
mod junk;
mod link;
mod machine;
mod observer;
mod people;
mod plan;
mod queue;
mod record;
mod report;
mod retrace;
mod run;
mod scenario;
mod script;
mod search;
mod shrink;
mod stage;
mod swarm;
mod tally;
mod todo;
mod trace;
mod watch;
mod world;
mod worlds;

pub use act::{
    Act, DatagramName, Effect, End, HandshakeNumber, Line, Nature, QuestionName, StoreFault, TRACE_SCHEMA, TraceEnd,
    TraceHeader,
};
pub use adversary::{
    Cookie, Exchange, Field, Forged, Ids, Key, Loot, Move, Play, Point, Realm, Says, Sealing, Signature, Spare, Time,
};
pub use cast::{Part, Standing};
pub use claims::{Claim, Violation};
pub use config::{ConfigError, WorldOf};
pub use dice::{Stream, generator};
pub use explored::Explored;
pub use host::HostId;
pub use link::{Burst, Delay, Flip, LinkProfile};
pub use report::{
    Arrow, ClaimCount, Honest, Latency, MergeError, PROMISED_FOR, Report, RunOf, SERIES_STEP_S, SLOWEST_KEPT,
    SlowHandshake, Traffic, VIOLATIONS_KEPT,
};
pub use retrace::{Replay, ShrinkError};
pub use run::Intent;
pub use scenario::{
    AfterRestart, Clocks, Cloned, Clones, Cuts, Exercises, Noise, Partition, Population, Rebinding, Restarts, SHIPPED,
    Scenario, ScenarioError, StoreAfter, Stores, StoresOfClones,
};
pub use search::{Bounded, Bounds, Found, Method, Search, Searched};
pub use trace::{Trace, TraceError, TraceFault};
pub use watch::{Happening, Watch};
pub use world::World;
pub use worlds::{Shard, run_worlds};
