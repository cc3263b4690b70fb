//! A hostile network in virtual time, and an observer who knows the truth.
//!
//! A [`World`] holds hosts (an endpoint, a clock and a store each), links that lose, repeat, reorder and delay, a
//! look-alike of a server, strangers, and a source of junk. One seed decides everything; delays and probabilities are
//! integers, so the trace hash is the same on every machine. The observer checks the claims at every step, by what
//! was sent, what arrived and what each side says of it, against what it knows of everybody, and counts how often each claim's premise occurred.
//!
//! Start from [`World::new`] and [`World::run`], or [`simulate`] for both and the twin.

mod cast;
mod claims;
mod config;
mod dice;
mod drive;
mod junk;
mod link;
mod observer;
mod queue;
mod report;
mod run;
mod trace;
mod watch;
mod world;

pub use cast::{HostId, Part, Population, Standing};
pub use claims::{Claim, Violation};
pub use config::{Config, ConfigError};
pub use dice::{Stream, generator};
pub use link::LinkProfile;
pub use report::{ClaimReport, Honest, Percentiles, Report, Traffic};
pub use run::Intent;
pub use watch::{Happening, Watch};
pub use world::World;

use countersign::Defences;

/// Runs a world to its end, compares it with its twin without junk, and reports.
///
/// # Errors
/// [`ConfigError`] if the world cannot be made.
pub fn simulate<D: Defences>(config: Config, defences: D, watch: &mut impl Watch<D>) -> Result<Report, ConfigError> {
    let mut world = World::new(config, defences)?;
    world.run(watch);
    world.compare_with_twin(defences);
    Ok(world.report())
}
