//! Everything within a bound: all sequences of so many actions of the adversary, between all that honest hosts and an
//! honest network may do.
//!
//! Breadth first, by actions, so that what is found is the shortest. Two sequences after which every host has lived through
//! the same, and the same is under way, have led to one state; what was refused and changed nothing has led nowhere.

mod state;

use super::{Found, remembering};
use crate::adversary::{Move, Play, Realm};
use core::iter;
use countersign::Defences;
use countersign_endpoint::Dropped;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use state::{is_felt_since, state};
use std::collections::HashSet;
use std::sync::Arc;

/// What to go through.
#[derive(Clone, Debug)]
pub struct Bounds<D> {
    /// The world.
    pub realm: Realm,
    /// Which defences hold.
    pub defences: D,
    /// Decides what honest hosts draw.
    pub seed: u64,
    /// Actions of the adversary, at most.
    pub actions: u32,
    /// On how many threads. The result does not depend on it.
    pub threads: usize,
}

/// What has been gone through.
#[derive(Clone, Debug)]
pub struct Bounded {
    /// Different states that were reached, by the number of actions that it took.
    pub states: Vec<usize>,
    /// Moves that were tried.
    pub tried: u64,
    /// Whether that was everything within the bound, or up to what was found.
    pub is_complete: bool,
    /// What was found, and with how many actions.
    pub found: Option<(u32, Found)>,
}

/// The moves up to somewhere, the last first.
type Path = Option<Arc<Moves>>;

#[derive(Debug)]
struct Moves {
    last: Move,
    before: Path,
}

fn longer(path: &Path, last: Move) -> Path {
    Some(Arc::new(Moves { last, before: path.clone() }))
}

/// What a state leads to.
struct Expanded {
    tried: u64,
    /// Without an action, and with one.
    next: [Vec<(u64, Path)>; 2],
    found: Option<(u8, Path)>,
}

/// The states that take the same number of actions.
#[derive(Default)]
struct Layer {
    /// Whether the adversary has an action left.
    acts: bool,
    states: usize,
    /// What takes one action more, and what of that has been noted.
    after: Vec<(u64, Path)>,
    noted: HashSet<u64>,
    /// What takes one action more is the shortest only if nothing takes fewer.
    found: Option<(u8, Path)>,
}

impl Layer {
    /// Takes in what a state led to. Returns what is to be expanded: where the adversary has no action left, that was done
    /// at once.
    fn learn(&mut self, expanded: Expanded, seen: &mut HashSet<u64>) -> Vec<Path> {
        let Expanded { next: [same, more], found, .. } = expanded;
        let new: Vec<Path> = same.into_iter().filter(|(state, _)| seen.insert(*state)).map(|(_, path)| path).collect();
        self.states = self.states.saturating_add(new.len());
        self.after.extend(more.into_iter().filter(|(state, _)| !seen.contains(state) && self.noted.insert(*state)));
        self.found = self.found.take().into_iter().chain(found).min_by_key(|(more, _)| *more);
        if self.acts { new } else { Vec::new() }
    }
}

/// States that are expanded before any learns from another. Few enough that those which lead to the same find out.
const BATCH: usize = 2_048;

impl<D: Defences + Send + Sync> Bounds<D> {
    /// Goes through all of it, or stops at the first claim that is violated, or when `goes_on` says no.
    ///
    /// # Panics
    /// Not unless the threads cannot be started.
    #[must_use]
    pub fn run(&self, build: &str, goes_on: impl Fn() -> bool) -> Bounded {
        let pool = remembering(self.threads);
        let mut bounded = Bounded { states: Vec::new(), tried: 0, is_complete: false, found: None };
        let mut seen: HashSet<u64> = HashSet::new();
        let mut front: Vec<Path> = vec![None];
        for actions in 0..=self.actions {
            let mut layer = Layer { acts: actions < self.actions, states: front.len(), ..Layer::default() };
            while !front.is_empty() && !matches!(layer.found, Some((0, _))) {
                if !goes_on() {
                    bounded.found = self.found(actions, layer.found, build);
                    bounded.states.push(layer.states);
                    return bounded;
                }
                let batch = front.split_off(front.len().saturating_sub(BATCH));
                let acts = layer.acts;
                let expanded: Vec<Expanded> =
                    pool.install(|| batch.par_iter().map(|path| self.expand(path, acts, &seen)).collect());
                for one in expanded {
                    bounded.tried = bounded.tried.saturating_add(one.tried);
                    front.extend(layer.learn(one, &mut seen));
                }
            }
            bounded.states.push(layer.states);
            bounded.found = self.found(actions, layer.found, build);
            if bounded.found.is_some() {
                bounded.is_complete = true;
                return bounded;
            }
            front = layer.after.into_iter().filter(|(state, _)| seen.insert(*state)).map(|(_, path)| path).collect();
        }
        bounded.is_complete = true;
        bounded
    }

    fn play(&self, path: &Path) -> Play<D> {
        let mut play = Play::new(self.realm, self.seed, self.defences);
        let moves: Vec<&Move> =
            iter::successors(path.as_ref(), |moves| moves.before.as_ref()).map(|moves| &moves.last).collect();
        moves.into_iter().rev().cloned().for_each(|one| play.make(one));
        play
    }

    /// Tries everything in one state.
    fn expand(&self, path: &Path, acts: bool, seen: &HashSet<u64>) -> Expanded {
        let mut expanded = Expanded { tried: 0, next: [Vec::new(), Vec::new()], found: None };
        let mut play = self.play(path);
        if play.violation().is_some() {
            expanded.found = Some((0, path.clone()));
            return expanded;
        }
        for one in if acts { play.every() } else { Vec::new() } {
            expanded.tried = expanded.tried.saturating_add(1);
            if !self.leads_somewhere(&mut play, path, &one) {
                continue;
            }
            self.reached(&mut expanded, 1, &play, longer(path, one), seen);
            play = self.play(path);
        }
        let mut path = path.clone();
        while let Some(one) = play.progress() {
            expanded.tried = expanded.tried.saturating_add(1);
            let before = play.lines().len();
            play.make(one.clone());
            path = longer(&path, one);
            let stops = is_felt_since(&play, before) || play.is_quiet();
            if stops && (!self.reached(&mut expanded, 0, &play, path.clone(), seen) || acts) {
                break;
            }
        }
        expanded
    }

    /// Notes where a move has led. Whether nothing was there before, and nothing is violated there.
    fn reached(&self, expanded: &mut Expanded, more: u8, play: &Play<D>, path: Path, seen: &HashSet<u64>) -> bool {
        let (state, violates) = (state(play), play.violation().is_some());
        if violates && self.play(&path).violation().is_some() {
            if expanded.found.as_ref().is_none_or(|(found, _)| more < *found) {
                expanded.found = Some((more, path));
            }
            return false;
        }
        let next = expanded.next.get_mut(usize::from(more)).filter(|_| !seen.contains(&state));
        next.is_some_and(|next| {
            next.push((state, path));
            true
        })
    }

    /// Whether anything comes of a move. If not, the play is as it was, but for what was refused in it.
    fn leads_somewhere(&self, play: &mut Play<D>, path: &Path, one: &Move) -> bool {
        let under_way = |play: &Play<D>| play.in_flight().collect::<Vec<_>>();
        let (lines, before) = (play.lines().len(), under_way(play));
        let leads = |play: &mut Play<D>| {
            play.make(one.clone());
            is_felt_since(play, lines) || matches!(one, Move::Wait(_) | Move::Drop)
        };
        let mut does = leads(play);
        if play.dropped() == Some(Dropped::RateLimited) {
            // By what was tried before.
            *play = self.play(path);
            does = leads(play);
        }
        if !does && under_way(play) != before {
            *play = self.play(path);
        }
        does
    }

    fn found(&self, actions: u32, found: Option<(u8, Path)>, build: &str) -> Option<(u32, Found)> {
        let (more, path) = found?;
        let play = self.play(&path);
        let violation = play.violation()?.clone();
        let trace = play.trace(build.to_owned()).rerun(Some(&violation), self.defences);
        Some((actions.saturating_add(more.into()), Found { case: 0, violation, trace }))
    }
}

#[cfg(test)]
mod tests;
