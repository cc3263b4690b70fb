//! What a world is made of.

use crate::cast::Population;
use crate::link::LinkProfile;
use countersign_endpoint::{Limits, LimitsError};

/// What a run is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Config {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// How many handshakes are begun.
    pub handshakes: u64,
    /// What the network does to datagrams.
    pub link: LinkProfile,
    /// Who is there.
    pub population: Population,
    /// How often a store fails to answer, so many in a million.
    pub store_failures: u32,
    /// Whether a source throws junk and mutated copies.
    pub junk: bool,
    /// Timers and limits of every endpoint.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            handshakes: 20_000,
            link: LinkProfile::default(),
            population: Population::default(),
            store_failures: 2_000,
            junk: true,
            // Low, so that cookies are asked for: a busy moment here is nothing to what a server bears.
            limits: Limits { half_open_before_cookies: 32, ..Limits::default() },
        }
    }
}

/// Why a world cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A handshake takes two.
    #[error("a world needs at least one client and one server, and at most 4,000 clients and 250 servers")]
    Population,
    /// The endpoints' limits make no sense.
    #[error(transparent)]
    Limits(#[from] LimitsError),
}
