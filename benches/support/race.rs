//! All that can be compared with a handshake, in one process: both backends, the floor of each, and the peers.

use crate::costs::Row;
use crate::floor::Floor;
use crate::parties::{Parties, backends};
use crate::rounds::{Contestant, Limit, Times, in_turn};

#[cfg(feature = "peers")]
use crate::peers::peers;

#[cfg(not(feature = "peers"))]
const fn peers() -> [Contestant; 0] {
    []
}

/// Contestants, and the floors that are added up of some of them.
#[derive(Debug)]
pub struct Race {
    whole: Vec<Contestant>,
    units: Vec<Contestant>,
    floors: Vec<Floor>,
}

impl Race {
    /// A whole handshake, both sides, on each backend that this processor has, and the floor of each.
    #[must_use]
    pub fn of_backends() -> Self {
        let mut race = Self { whole: Vec::new(), units: Vec::new(), floors: Vec::new() };
        for (name, backend) in backends() {
            let mut parties = Parties::new(backend);
            race.whole.push(Contestant::new(handshake(name), move || parties.handshake()));
            let (floor, units) = Floor::new(floor(name), backend, &Row::of("handshake", "both"));
            race.units.extend(units);
            race.floors.push(floor);
        }
        race
    }

    /// The peers too, where they are in this build.
    #[must_use]
    pub fn with_peers(mut self) -> Self {
        self.whole.extend(peers());
        self
    }

    /// Lets all take turns: the times of what is whole, then those of the floors. `tick` is called after each round with how
    /// many there have been.
    pub fn run(self, limit: Limit, tick: impl FnMut(usize)) -> Vec<Times> {
        let Self { mut whole, units, floors } = self;
        let others = whole.len();
        whole.extend(units);
        let mut times = in_turn(whole, limit, tick);
        let mut prices = times.split_off(others);
        for floor in floors {
            let rest = prices.split_off(floor.units());
            times.push(floor.add_up(&prices));
            prices = rest;
        }
        times
    }
}

/// Whether what is called so is a peer: neither a handshake nor a floor of ours.
#[must_use]
pub fn is_peer(name: &str) -> bool {
    !name.starts_with("handshake, ") && !name.starts_with("floor, ")
}

/// What the floor of a backend is called.
#[must_use]
pub fn floor(backend: &str) -> String {
    format!("floor, {backend}")
}

/// What the whole handshake on a backend is called.
#[must_use]
pub fn handshake(backend: &str) -> String {
    format!("handshake, {backend}")
}
