//! One world, searched.

use super::found::Found;
use super::limit::Watch;
use super::target::Target;
use crate::trace;
use countersign::{Ablated, Defence, Defences, Whole};
use countersign_sim::{Bounds, Method, Search};
use std::time::Duration;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// By cases, as many at most.
    Cases { method: Method, budget: u64 },
    /// Everything, with as many actions of the adversary at most.
    Actions(u32),
}

/// A world that has been searched.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) target: Target,
    pub(super) tried: Tried,
    pub(super) moves: u64,
    pub(super) ended: Ended,
    /// Measured, without what it took to shorten what was found.
    pub(super) took: Duration,
    pub(super) found: Option<Found>,
}

/// How far it got.
#[derive(Debug)]
pub(super) enum Tried {
    Cases {
        cases: u64,
        novelties: usize,
        /// Violations that are owed to what else is off.
        passed_over: u64,
    },
    /// States, by the number of actions that it takes to reach them, and whether that is all of them, or all up to what was
    /// found.
    States { states: Vec<usize>, is_complete: bool },
}

/// What ended it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    /// A claim was violated.
    Found,
    /// There was nothing left that was to be tried.
    Bound,
    /// The time was up: another machine would have got to somewhere else.
    Time,
}

/// What decides a search, and on how many threads it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) how: How,
    pub(super) seed: u64,
    pub(super) threads: usize,
}

/// Searches a world.
pub(super) fn search(target: Target, settings: Settings, watch: &Watch) -> Done {
    let off = target.off();
    if off.is_empty() {
        return against(target, settings, (Whole, Vec::new()), watch);
    }
    let with = |meant: &Defence| Ablated::without(&off.iter().copied().filter(|of| of != meant).collect::<Vec<_>>());
    // What is found is owed to what is meant in any case if nothing else is off.
    let meant = if target.weakened.is_empty() { Vec::new() } else { target.without.iter().map(with).collect() };
    against(target, settings, (Ablated::without(&off), meant), watch)
}

/// With these defences, and with one more for each that is meant to be missed.
fn against<D: Defences + Send + Sync>(
    target: Target,
    settings: Settings,
    (defences, meant): (D, Vec<D>),
    watch: &Watch,
) -> Done {
    let Settings { how, seed, threads } = settings;
    let (realm, build) = (target.realm, trace::build());
    let (tried, moves, is_through, found) = match how {
        How::Cases { method, budget } => {
            let search = Search { realm, defences, meant, seed, method, budget, threads };
            let searched = search.run(&build, || watch.goes_on());
            let is_through = searched.cases >= budget;
            let tried = Tried::Cases {
                cases: searched.cases,
                novelties: searched.novelties,
                passed_over: searched.passed_over,
            };
            (tried, searched.moves, is_through, searched.found.map(|found| (None, found)))
        }
        How::Actions(actions) => {
            let bounds = Bounds { realm, defences, seed, actions, threads };
            let bounded = bounds.run(&build, || watch.goes_on());
            let found = bounded.found.map(|(actions, found)| (Some(actions), found));
            let tried = Tried::States { states: bounded.states, is_complete: bounded.is_complete };
            (tried, bounded.tried, bounded.is_complete, found)
        }
    };
    let took = watch.took();
    let found = found.map(|(actions, found)| Found::shorten(found, actions, &target.off(), defences));
    watch.finish();
    let ended = match (&found, is_through) {
        (Some(_), _) => Ended::Found,
        (None, true) => Ended::Bound,
        (None, false) => Ended::Time,
    };
    Done { target, tried, moves, ended, took, found }
}
