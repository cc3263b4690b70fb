//! Everything within a bound: all sequences of so many actions of the adversary, between all that honest hosts and an
//! honest network may do.
//!
//! Breadth first, by actions, so that what is found is the shortest. Two sequences after which every host has lived through
//! the same, and the same is under way, have led to one state; what was refused and changed nothing has led nowhere.

use super::{Found, hash, remembering};
use crate::act::{Act, Effect, Line, Nature};
use crate::adversary::{Move, Play, Realm};
use crate::host::HostId;
use countersign::Defences;
use countersign_endpoint::Dropped;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::{BTreeMap, HashSet};

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

type Path = Vec<Move>;

/// What a state leads to.
struct Expanded {
    tried: u64,
    /// Without an action, and with one.
    next: [Vec<(u64, Path)>; 2],
    found: Option<(u32, Path)>,
}

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
        let mut front: Vec<Path> = vec![Vec::new()];
        for actions in 0..=self.actions {
            let (mut states, mut after) = (0_usize, Vec::new());
            let mut found: Option<(u32, Path)> = None;
            while !front.is_empty() {
                if !goes_on() {
                    bounded.states.push(states);
                    return bounded;
                }
                states = states.saturating_add(front.len());
                let acts = actions < self.actions;
                let expanded: Vec<Expanded> =
                    pool.install(|| front.par_iter().map(|path| self.expand(path, acts, &seen)).collect());
                front.clear();
                for Expanded { tried, next: [same, more], found: one } in expanded {
                    bounded.tried = bounded.tried.saturating_add(tried);
                    front.extend(same.into_iter().filter(|(state, _)| seen.insert(*state)).map(|(_, path)| path));
                    after.extend(more);
                    found = found.into_iter().chain(one).min_by_key(|(more, _)| *more);
                }
                if matches!(found, Some((0, _))) {
                    break;
                }
                // What takes one action more is the shortest only if nothing takes fewer.
            }
            bounded.states.push(states);
            if let Some((more, path)) = found {
                let found = self.found(&path, build);
                bounded.found = found.map(|found| (actions.saturating_add(more), found));
                bounded.is_complete = true;
                return bounded;
            }
            front = after.into_iter().filter(|(state, _)| seen.insert(*state)).map(|(_, path)| path).collect();
        }
        bounded.is_complete = true;
        bounded
    }

    fn play(&self, path: &[Move]) -> Play<D> {
        let mut play = Play::new(self.realm, self.seed, self.defences);
        path.iter().cloned().for_each(|one| play.make(one));
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
        let choices = [play.progress(), if acts { play.every() } else { Vec::new() }];
        for ((more, moves), next) in (0_u32..).zip(choices).zip(&mut expanded.next) {
            for one in moves {
                expanded.tried = expanded.tried.saturating_add(1);
                if !self.leads_somewhere(&mut play, path, &one) {
                    continue;
                }
                let (state, violates) = (state(&play), play.violation().is_some());
                let is_new = !seen.contains(&state);
                if violates || is_new {
                    let longer: Path = path.iter().cloned().chain([one]).collect();
                    if !violates || self.play(&longer).violation().is_none() {
                        next.push((state, longer));
                    } else if expanded.found.is_none() {
                        expanded.found = Some((more, longer));
                    }
                }
                play = self.play(path);
            }
        }
        expanded
    }

    /// Whether anything comes of a move. If not, the play is as it was, but for what was refused in it.
    fn leads_somewhere(&self, play: &mut Play<D>, path: &Path, one: &Move) -> bool {
        let leads = |play: &mut Play<D>| {
            let before = play.lines().len();
            play.make(one.clone());
            is_something(play, before)
        };
        let does = leads(play);
        if play.dropped() == Some(Dropped::RateLimited) {
            // By what was tried before.
            *play = self.play(path);
            return leads(play);
        }
        does
    }

    fn found(&self, path: &Path, build: &str) -> Option<Found> {
        let play = self.play(path);
        let violation = play.violation()?.clone();
        let trace = play.trace(build.to_owned()).rerun(Some(&violation), self.defences);
        Some(Found { case: 0, violation, trace })
    }
}

/// Whether anything happened since then that was not just refused.
fn is_something<D: Defences>(play: &Play<D>, before: usize) -> bool {
    felt(play).any(|(at, _)| at >= before)
}

/// The steps that were more to a host than something to be refused, or to be answered as before.
fn felt<D: Defences>(play: &Play<D>) -> impl Iterator<Item = (usize, &Line)> {
    let mut sent: HashSet<&str> = HashSet::new();
    play.lines().iter().enumerate().filter(move |(_, line)| {
        let (mut is_refused, mut comes_of_it) = (false, false);
        for effect in &line.effects {
            match effect {
                Effect::Dropped { .. } => is_refused = true,
                Effect::Sent { sha256, .. } => comes_of_it |= sent.insert(sha256),
                Effect::Said { what, .. } => comes_of_it |= !what.starts_with(SUSPICION),
                Effect::Asked { .. } | Effect::Violated(_) => comes_of_it = true,
            }
        }
        match line.act {
            Act::Deliver { nature: Nature::Carried, .. } => true,
            Act::Forge { .. } | Act::Deliver { .. } => {
                let is_silent = line.effects.is_empty() && play.carried_in(line).is_some();
                comes_of_it || is_silent && !is_refused
            }
            Act::Say { .. } | Act::HangUp { .. } => comes_of_it,
            Act::Connect { .. }
            | Act::Junk { .. }
            | Act::Stranger { .. }
            | Act::Steal { .. }
            | Act::Answer { .. }
            | Act::ClockStep { .. }
            | Act::Crash { .. }
            | Act::Start { .. }
            | Act::Rebind { .. }
            | Act::Timer { .. } => true,
        }
    })
}

/// What a host says of something that it goes on to refuse.
const SUSPICION: &str = "is suspicious";

/// What every host has lived through, and what is under way.
fn state<D: Defences>(play: &Play<D>) -> u64 {
    let mut lives: BTreeMap<HostId, u64> = BTreeMap::new();
    for (_, line) in felt(play) {
        let (host, what) = match &line.act {
            Act::Deliver { to, from, .. } | Act::Forge { to, from, .. } => {
                let bytes = play.carried_in(line).and_then(|name| play.bytes(&name));
                (to, hash(&(1, from, bytes)))
            }
            Act::Connect { client, server, via, wanted } => (client, hash(&(2, server, via, wanted))),
            Act::HangUp { client, handshake } => (client, hash(&(3, handshake))),
            Act::Say { client, handshake } => (client, hash(&(4, handshake))),
            Act::ClockStep { host, by_ms } => (host, hash(&(5, by_ms))),
            Act::Crash { host } => (host, 6),
            Act::Start { host } => (host, 7),
            Act::Timer { .. }
            | Act::Answer { .. }
            | Act::Steal { .. }
            | Act::Rebind { .. }
            | Act::Junk { .. }
            | Act::Stranger { .. } => continue,
        };
        let life = lives.entry(*host).or_default();
        *life = hash(&(*life, line.at_us, what));
    }
    let under_way = play.under_way().map(|name| hash(&(play.bytes(&name), play.destination(&name))));
    let mut under_way: Vec<u64> = under_way.collect();
    under_way.sort_unstable();
    hash(&(lives, under_way, play.now().as_micros()))
}
