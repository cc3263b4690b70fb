//! Chance, in integers, from one seed.
//!
//! Everything that a recorded trace depends on draws from `next_u64` through the functions here, as the sampling
//! functions of a library may give other values after an update. A golden test holds their output.

use core::time::Duration;
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};

/// Who draws. Each actor and each link has a stream of its own, so that none disturbs another.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stream {
    /// The generator of a host's endpoint, after so many restarts.
    Host(u16, u16),
    /// What a host's own user does, and how long its store takes.
    Behaviour(u16),
    /// The fate of datagrams from one host to another.
    Link(u16, u16),
    /// How the world was peopled.
    Cast,
    /// Strangers who say Hello and nothing more.
    Strangers,
    /// Junk and mutated copies.
    Junk,
    /// What is recorded, and when and where it is played again.
    Replays,
    /// How a host's wall clock errs.
    Clock(u16),
    /// When a host's wall clock steps.
    ClockSteps(u16),
    /// When a host crashes.
    Crash(u16),
    /// Whom a partition cuts off.
    Partition(u16),
    /// When a client's address changes.
    Rebinding(u16),
    /// What an adversary does next.
    Adversary,
    /// What a case of a search begins from, and how often a move is made.
    Search,
    /// What a world of a swarm is like.
    Swarm,
    /// The seed of one world of many.
    World(u32),
}

impl Stream {
    const fn number(self) -> u64 {
        let [from_high, from_low, to_high, to_low, kind] = match self {
            Self::Host(host, restarts) => pair(host, restarts, 0),
            Self::Behaviour(host) => pair(host, 0, 1),
            Self::Link(from, to) => pair(from, to, 2),
            Self::Cast => pair(0, 0, 3),
            Self::Strangers => pair(0, 0, 4),
            Self::Junk => pair(0, 0, 5),
            Self::Replays => pair(0, 0, 6),
            Self::Clock(host) => pair(host, 0, 7),
            Self::ClockSteps(host) => pair(host, 0, 13),
            Self::Crash(host) => pair(host, 0, 8),
            Self::Partition(host) => pair(host, 0, 9),
            Self::Rebinding(host) => pair(host, 0, 10),
            Self::Swarm => pair(0, 0, 11),
            Self::Adversary => pair(0, 0, 14),
            Self::Search => pair(0, 0, 15),
            Self::World(world) => {
                let [one, two, three, four] = world.to_be_bytes();
                [one, two, three, four, 12]
            }
        };
        u64::from_be_bytes([0, 0, 0, kind, from_high, from_low, to_high, to_low])
    }
}

const fn pair(from: u16, to: u16, kind: u8) -> [u8; 5] {
    let ([from_high, from_low], [to_high, to_low]) = (from.to_be_bytes(), to.to_be_bytes());
    [from_high, from_low, to_high, to_low, kind]
}

/// The generator of this stream of this seed.
#[must_use]
pub fn generator(seed: u64, stream: Stream) -> ChaCha20Rng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let mut generator = ChaCha20Rng::from_seed(bytes);
    generator.set_stream(stream.number());
    generator
}

/// Draws integers and yes-or-no.
#[derive(Debug)]
pub(crate) struct Dice(ChaCha20Rng);

impl Dice {
    /// The dice of this stream of this seed.
    #[must_use]
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        Self(generator(seed, stream))
    }

    /// An integer below `bound`, or 0 if that is 0: the high half of a 128-bit product.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.0.next_u64()).wrapping_mul(u128::from(bound));
        u64::try_from(product >> 64).expect("the high half has 64 bits")
    }

    /// Exponentially distributed, by comparisons of integers alone (von Neumann, 1951).
    pub(crate) fn exponential(&mut self, mean: Duration) -> Duration {
        let mean_us = u64::try_from(mean.as_micros()).unwrap_or(u64::MAX);
        let mut whole_us = 0_u64;
        loop {
            let first = self.0.next_u64();
            let (mut last, mut falls_evenly) = (first, true);
            loop {
                let next = self.0.next_u64();
                if next >= last {
                    break;
                }
                last = next;
                falls_evenly = !falls_evenly;
            }
            if falls_evenly {
                let part_us = u128::from(first).wrapping_mul(mean_us.into()) >> 64;
                return Duration::from_micros(whole_us.saturating_add(u64::try_from(part_us).unwrap_or(u64::MAX)));
            }
            whole_us = whole_us.saturating_add(mean_us);
        }
    }

    /// 64 bits.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// An index below `bound`.
    pub(crate) fn index(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("an index has at most 64 bits");
        usize::try_from(self.below(bound)).expect("below an index")
    }

    /// Yes, so many times in a million.
    pub(crate) fn chance(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < per_million.into()
    }

    /// Random bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        bytes.chunks_mut(8).for_each(|chunk| {
            let drawn = self.0.next_u64().to_be_bytes();
            chunk.iter_mut().zip(drawn).for_each(|(to, from)| *to = from);
        });
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CS-IMPL-03: what traces depend on gives the same values on every machine and after every update.
    #[test]
    fn dice_fall_as_they_always_have() {
        let mut dice = Dice::new(7, Stream::Link(3, 4));
        let drawn: Vec<u64> = (0..4).map(|_| dice.below(1_000)).collect();
        assert_eq!(drawn, GOLDEN);
        assert_eq!(dice.bytes(3).len(), 3);
        assert!(!dice.chance(0) && dice.chance(1_000_000));
    }

    /// The mean and the median are those of an exponential distribution.
    #[test]
    fn exponential_draws_have_their_mean_and_their_median() {
        let mut dice = Dice::new(8, Stream::Junk);
        let mut drawn: Vec<u64> = (0..100_000)
            .map(|_| u64::try_from(dice.exponential(Duration::from_millis(1)).as_micros()).unwrap())
            .collect();
        drawn.sort_unstable();
        let mean = drawn.iter().sum::<u64>() / 100_000;
        assert!((985..=1_015).contains(&mean), "{mean}");
        assert!((680..=706).contains(&drawn[50_000]), "{}, should be 693", drawn[50_000]);
    }

    const GOLDEN: [u64; 4] = [120, 218, 283, 958];
}
