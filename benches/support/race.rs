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
    /// A whole handshake, both sides, on each backend that this processor has.
    #[must_use]
    pub fn of_backends() -> Self {
        let mut race = Self { whole: Vec::new(), units: Vec::new(), floors: Vec::new() };
        for (name, backend) in backends() {
            let mut parties = Parties::new(backend);
            race.whole.push(Contestant::new(handshake(name), move || parties.handshake()));
        }
        race
    }

    /// The floor of each backend too.
    #[must_use]
    pub fn with_floors(mut self) -> Self {
        for (name, backend) in backends() {
            let (floor, units) = Floor::new(floor(name), backend, &Row::of("handshake", "both"));
            self.units.extend(units);
            self.floors.push(floor);
        }
        self
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

/// The best of our backends beside each peer, then the portable one beside those that stand on dalek's curve as it does.
#[must_use]
pub fn beside_peers(times: &[Times]) -> Vec<(&Times, &Times)> {
    let of = |backend| times.iter().find(|times| times.name == handshake(backend));
    let is_peer = |times: &&Times| !times.name.starts_with("handshake, ") && !times.name.starts_with("floor, ");
    let peers = times.iter().filter(is_peer);
    let best = of("fast").or_else(|| of("portable"));
    let portable = of("portable").filter(|_| of("fast").is_some());
    let on_dalek = peers.clone().filter(|peer| peer.name.ends_with(", dalek"));
    let beside = |one: Option<_>, peers: Vec<_>| {
        one.into_iter().flat_map(move |one| peers.clone().into_iter().map(move |peer| (one, peer)))
    };
    beside(best, peers.collect()).chain(beside(portable, on_dalek.collect())).collect()
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
