//! All worlds of a run, on several threads. A world runs on one, and its report does not know which.

use crate::config::{ConfigError, WorldOf};
use crate::report::{Report, RunOf};
use crate::watch::Watch;
use crate::world::World;
use core::ops::Range;
use countersign::Defences;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Which worlds of a run to run: one part of several.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shard {
    /// Which part, from 1.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// All.
    pub const WHOLE: Self = Self { part: 1, of: 1 };

    /// The numbers of its worlds. Every world is in one part.
    #[must_use]
    pub fn worlds(self, all: u32) -> Range<u32> {
        let bound = |part: u32| {
            let bound = u64::from(all).saturating_mul(part.into()).checked_div(self.of.into()).unwrap_or(0);
            u32::try_from(bound).unwrap_or(all)
        };
        bound(self.part.saturating_sub(1))..bound(self.part)
    }
}

/// Runs worlds of a run to their ends, each compared with its twin without junk, and merges their reports. `watch` makes
/// whoever watches a world.
///
/// # Errors
/// [`ConfigError`] if the run cannot be made.
///
/// # Panics
/// Not unless the threads cannot be started.
pub fn run_worlds<D: Defences + Send + Sync, W: Watch<D>>(
    run: &RunOf,
    shard: Shard,
    threads: usize,
    defences: D,
    watch: impl Fn() -> W + Send + Sync,
) -> Result<Report, ConfigError> {
    run.check()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let one = |world| {
        let mut world = World::new(WorldOf::new(run.clone(), world), defences);
        world.run(&mut watch());
        world.compare_with_twin(defences);
        world.report()
    };
    let merge = |mut one: Report, other| {
        one.merge(other).expect("different worlds of one run");
        one
    };
    let worlds = shard.worlds(run.worlds);
    Ok(pool.install(|| worlds.into_par_iter().map(one).reduce(|| Report::empty(run.clone()), merge)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every world is in exactly one part, whatever the number of parts.
    #[test]
    fn shards_share_out_all_worlds() {
        for (all, of) in [(16, 3), (2, 3), (1, 1), (5, 5), (7, 2)] {
            let worlds: Vec<u32> = (1..=of).flat_map(|part| Shard { part, of }.worlds(all)).collect();
            assert_eq!(worlds, (0..all).collect::<Vec<u32>>());
        }
        assert_eq!(Shard { part: 1, of: 0 }.worlds(4), 0..0);
    }
}
