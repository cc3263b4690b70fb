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
    handshakes: Vec<(&'static str, Contestant)>,
    floors: Vec<(&'static str, Floor, Vec<Contestant>)>,
    peers: Vec<Contestant>,
}

/// What everything that took part took, round by round.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// A whole handshake, both sides, by the backend.
    pub handshakes: Vec<(&'static str, Times)>,
    /// The floor, by the backend.
    pub floors: Vec<(&'static str, Times)>,
    /// A whole handshake of each peer.
    pub peers: Vec<Times>,
}

impl Race {
    /// A whole handshake, both sides, on each backend that this processor has.
    #[must_use]
    pub fn of_backends() -> Self {
        let handshake = |(name, backend)| {
            let mut parties = Parties::new(backend);
            (name, Contestant::new(format!("Countersign, {name}"), move || parties.handshake()))
        };
        Self { handshakes: backends().into_iter().map(handshake).collect(), floors: Vec::new(), peers: Vec::new() }
    }

    /// The floor of each backend too.
    #[must_use]
    pub fn with_floors(mut self) -> Self {
        let row = Row::of("handshake", "both");
        let floor = |(name, backend)| {
            let (floor, units) = Floor::new(format!("floor, {name}"), backend, &row);
            (name, floor, units)
        };
        self.floors = backends().into_iter().map(floor).collect();
        self
    }

    /// The peers too, where they are in this build.
    #[must_use]
    pub fn with_peers(mut self) -> Self {
        self.peers.extend(peers());
        self
    }

    /// Lets all take turns. `tick` is called after each round with how many there have been.
    pub fn run(self, limit: Limit, tick: impl FnMut(usize)) -> Results {
        let Self { handshakes, floors, peers } = self;
        let (backends, mut all): (Vec<_>, Vec<_>) = handshakes.into_iter().unzip();
        let peer_count = peers.len();
        all.extend(peers);
        let floors: Vec<_> = floors
            .into_iter()
            .map(|(name, floor, units)| {
                let unit_count = units.len();
                all.extend(units);
                (name, floor, unit_count)
            })
            .collect();
        let mut times = in_turn(all, limit, tick).into_iter();
        Results {
            handshakes: backends.into_iter().zip(times.by_ref()).collect(),
            peers: times.by_ref().take(peer_count).collect(),
            floors: floors
                .into_iter()
                .map(|(name, floor, unit_count)| {
                    (name, floor.add_up(&times.by_ref().take(unit_count).collect::<Vec<_>>()))
                })
                .collect(),
        }
    }
}

impl Results {
    /// The handshake on a backend.
    #[must_use]
    pub fn handshake(&self, backend: &str) -> Option<&Times> {
        self.handshakes.iter().find(|(name, _)| *name == backend).map(|(_, times)| times)
    }

    /// All times: handshakes, floors, peers.
    pub fn all(&self) -> impl Iterator<Item = &Times> {
        let of_backends = self.handshakes.iter().chain(&self.floors).map(|(_, times)| times);
        of_backends.chain(&self.peers)
    }

    /// Each handshake beside the floor of its backend.
    #[must_use]
    pub fn beside_floors(&self) -> Vec<(&Times, &Times)> {
        self.floors.iter().filter_map(|(name, floor)| self.handshake(name).map(|own| (own, floor))).collect()
    }

    /// The best of our backends beside each peer, then the portable one beside those that stand on dalek's curve as it does.
    #[must_use]
    pub fn beside_peers(&self) -> Vec<(&Times, &Times)> {
        let (portable, fast) = (self.handshake("portable"), self.handshake("fast"));
        let best = fast.or(portable).into_iter();
        let beside_all = best.flat_map(|own| self.peers.iter().map(move |peer| (own, peer)));
        let on_dalek = self.peers.iter().filter(|peer| peer.name.ends_with(", dalek"));
        let beside_dalek = on_dalek.filter(|_| fast.is_some()).filter_map(|peer| portable.map(|own| (own, peer)));
        beside_all.chain(beside_dalek).collect()
    }
}
