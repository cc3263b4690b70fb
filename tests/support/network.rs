//! A network between the two that loses, repeats, delays and reorders by a schedule, and then heals.

use crate::world::{Datagram, Side, World};
use core::time::Duration;
use countersign::Moment;
use countersign_endpoint::Dropped;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What becomes of one datagram: how many milliseconds each copy of it is under way. No copy: it is lost.
pub type Fate = Vec<u16>;

/// Schedules that lose, repeat and delay; the simplest is a network without fault.
pub fn fates(longest: usize) -> impl Strategy<Value = Vec<Fate>> {
    let delay = || prop_oneof![Just(10_u16), 1_u16..1_500];
    let fate = prop_oneof![
        5 => delay().prop_map(|delay| vec![delay]),
        3 => Just(vec![]),
        2 => (delay(), delay()).prop_map(|(first, second)| vec![first, second]),
    ];
    proptest::collection::vec(fate, 0..longest)
}

/// A datagram that reached its destination, and what came of it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When.
    pub at: Moment,
    /// What.
    pub datagram: Datagram,
    /// Whether it was taken.
    pub result: Result<(), Dropped>,
    /// What was sent because of it.
    pub answers: Vec<Datagram>,
}

/// The network, and everything that was ever on it.
#[derive(Debug, Default)]
pub struct Network {
    fates: Vec<Fate>,
    is_healed: bool,
    flying: BTreeMap<(Moment, usize), Datagram>,
    /// Everything that was sent, oldest first.
    pub sent: Vec<Datagram>,
    /// Everything that arrived, oldest first.
    pub arrivals: Vec<Arrival>,
}

impl Network {
    /// One that does this to its first datagrams, and loses all that come after.
    #[must_use]
    pub fn with(fates: Vec<Fate>) -> Self {
        Self { fates, ..Self::default() }
    }

    /// From now on everything arrives, soon and once.
    pub fn heal(&mut self) {
        self.is_healed = true;
    }

    /// Lets the world go on for so long.
    pub fn run(&mut self, world: &mut World, span: Duration) {
        let end = world.moment.plus(span);
        loop {
            self.launch(world);
            let arrival = self.flying.keys().next().copied();
            let wake = world.next_wake().filter(|wake| *wake <= end);
            match arrival.filter(|(at, _)| *at <= end) {
                Some(key) if wake.is_none_or(|wake| key.0 < wake) => self.land(world, key),
                _ if wake.is_some() => world.pass_to_next_wake(),
                _ => break,
            }
        }
        world.moment = end;
    }

    /// Takes up what was sent.
    fn launch(&mut self, world: &mut World) {
        for datagram in world.lose_all() {
            let healed = || vec![10];
            let fate =
                if self.is_healed { healed() } else { self.fates.get(self.sent.len()).cloned().unwrap_or_default() };
            for (copy, delay) in fate.into_iter().enumerate() {
                let at = world.moment.plus(Duration::from_millis(delay.into()));
                self.flying.insert((at, self.sent.len() * 2 + copy), datagram.clone());
            }
            self.sent.push(datagram);
        }
    }

    fn land(&mut self, world: &mut World, key: (Moment, usize)) {
        let datagram = self.flying.remove(&key).expect("it was just seen");
        world.moment = world.moment.max(key.0);
        let result = world.deliver(&datagram);
        let answers = world.wire.iter().cloned().collect();
        self.arrivals.push(Arrival { at: key.0, datagram, result, answers });
    }

    /// Whether some datagram was lost, some arrived twice, and some overtook another.
    #[must_use]
    pub fn faults(&self) -> [bool; 3] {
        let used = self.fates.iter().take(self.sent.len());
        let arrived = |index: usize| self.arrivals.iter().position(|arrival| arrival.datagram == self.sent[index]);
        let places: Vec<usize> = (0..self.sent.len()).filter_map(arrived).collect();
        [
            used.clone().any(Vec::is_empty),
            used.clone().any(|fate| fate.len() == 2),
            places.windows(2).any(|pair| pair[0] > pair[1]),
        ]
    }

    /// What arrived at a side.
    pub fn arrived_at(&self, side: Side) -> impl Iterator<Item = &Arrival> {
        self.arrivals.iter().filter(move |arrival| side.is_at(arrival.datagram.to))
    }
}
