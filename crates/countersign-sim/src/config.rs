//! What decides a run, and each of its worlds.

use crate::dice::{Dice, Stream};
use crate::machine::Build;
use crate::report::RunOf;
use crate::scenario::Scenario;
use crate::swarm;
use countersign::Backend;
use countersign_endpoint::LimitsError;
use std::rc::Rc;

/// What decides one world of a run.
#[derive(Clone, Debug)]
pub struct WorldOf {
    pub(crate) run: Rc<RunOf>,
    pub(crate) world: u32,
    pub(crate) seed: u64,
    pub(crate) handshakes: u64,
    /// The run's, or what this world of a swarm has drawn.
    pub(crate) scenario: Rc<Scenario>,
}

/// Why a run cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A handshake takes two.
    #[error("a world needs at least one client and one server, and at most 4,000 clients and 250 servers")]
    Population,
    /// There is nothing to run.
    #[error("a run needs at least one world, and at least one handshake for each")]
    Worlds,
    /// The endpoints' limits make no sense.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// No scenario file could say this.
    #[error("the scenario makes no sense: {0}")]
    Scenario(&'static str),
}

/// A run has a world for so many handshakes. More of them in one would show little more and take more memory.
const HANDSHAKES_OF_A_WORLD: u64 = 1_500;
/// Handshakes of a world that are compared with a twin without junk: one in so many, and these bounds.
const COMPARED: u64 = 20;
const COMPARED_MIN: u64 = 100;
const COMPARED_MAX: u64 = 1_000;

impl RunOf {
    /// This many handshakes of a scenario, in as many worlds as are usual, with every defence on, on the portable backend.
    #[must_use]
    pub fn new(scenario: Scenario, seed: u64, handshakes: u64) -> Self {
        let worlds = handshakes.checked_div(HANDSHAKES_OF_A_WORLD).unwrap_or(0);
        let worlds = u32::try_from(worlds).unwrap_or(u32::MAX).max(1);
        Self {
            seed,
            handshakes,
            worlds,
            scenario,
            without: Vec::new(),
            overridden: Vec::new(),
            backend: Backend::Portable,
        }
    }

    /// Checks that it can be run.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let population = self.scenario.population;
        if !(1..=4_000).contains(&population.clients) || !(1..=250).contains(&population.servers) {
            return Err(ConfigError::Population);
        }
        if self.worlds == 0 || self.handshakes < self.worlds.into() {
            return Err(ConfigError::Worlds);
        }
        self.scenario.limits.check()?;
        self.scenario.nonsense().map_or(Ok(()), |what| Err(ConfigError::Scenario(what)))
    }
}

impl WorldOf {
    /// One world of a run, by number.
    #[must_use]
    pub fn new(run: RunOf, world: u32) -> Self {
        let seed = Dice::new(run.seed, Stream::World(world)).draw();
        let worlds = u64::from(run.worlds);
        let each = run.handshakes.checked_div(worlds).unwrap_or(0);
        let rest = run.handshakes.checked_rem(worlds).unwrap_or(0);
        let handshakes = each.saturating_add((u64::from(world) < rest).into());
        let scenario = if run.scenario.swarm { swarm::draw(&run.scenario, seed) } else { run.scenario.clone() };
        Self { run: Rc::new(run), world, seed, handshakes, scenario: Rc::new(scenario) }
    }

    /// What its machines are built with.
    pub(crate) fn build<D>(&self, defences: D) -> Build<D> {
        Build { defences, backend: self.run.backend, seed: self.seed, limits: self.scenario.limits }
    }

    /// How many of its handshakes are compared with those of a twin without junk. All in a swarm, whose worlds are small and
    /// seldom have the same faults.
    pub(crate) fn twin_handshakes(&self) -> u64 {
        if self.run.scenario.swarm {
            return self.handshakes;
        }
        self.handshakes.wrapping_div(COMPARED).clamp(COMPARED_MIN, COMPARED_MAX)
    }
}
