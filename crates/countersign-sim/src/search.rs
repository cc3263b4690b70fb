//! An adversary that looks for breaks by itself: it tries sequences of moves until the observer sees a claim violated.
//!
//! It knows the grammar and who is there. It is not told which defence is off, nothing of the catalogue guides it, and every
//! move is one of [`Play::draw`]'s. `spec/search.md` compares its methods.

mod again;
mod bounded;
mod novelty;
mod owed;

pub use bounded::{Bounded, Bounds};

use crate::act::Line;
use crate::adversary::{Play, Realm};
use crate::claims::Violation;
use crate::dice::{Dice, Stream};
use crate::trace::Trace;
use again::Again;
use core::hash::{Hash, Hasher};
use countersign::{Defences, Memo};
use fnv::FnvHasher;
use novelty::{Corpus, Novelty};
use owed::Judged;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::BTreeSet;

/// How a search goes on from what it has tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Every case begins from nothing.
    Random,
    /// Most cases begin from one that showed something new: a host's answer that had not been seen, or not after that one.
    Novelty,
}

/// What to search, and how.
#[derive(Clone, Debug)]
pub struct Search<D> {
    /// The world.
    pub realm: Realm,
    /// Which defences hold.
    pub defences: D,
    /// The same with one more, for each that is meant to be missed: what is violated all the same with all of these is
    /// passed over. If there are none, whatever is violated counts.
    pub meant: Vec<D>,
    /// Decides everything, hosts and moves.
    pub seed: u64,
    /// How.
    pub method: Method,
    /// Cases to try at most.
    pub budget: u64,
    /// On how many threads. The result does not depend on it.
    pub threads: usize,
}

/// What a search has come to.
#[derive(Clone, Debug)]
pub struct Searched {
    /// Cases that were tried, up to the one that found something.
    pub cases: u64,
    /// Moves that were made in them.
    pub moves: u64,
    /// Different things that hosts did, one after the other, in what was tried.
    pub novelties: usize,
    /// Violations in them that are owed to something else than what is meant.
    pub passed_over: u64,
    /// What was found.
    pub found: Option<Found>,
}

/// A claim that failed.
#[derive(Clone, Debug)]
pub struct Found {
    /// In which case.
    pub case: u64,
    /// Which.
    pub violation: Violation,
    /// All that was done, up to there.
    pub trace: Trace,
}

/// Moves of a case, at most, after what it begins from.
const MOVES_MAX: u64 = 24;
/// Cases that are tried before any learns from another.
const GENERATION: u64 = 128;
/// A move in so many is made again and again.
const REPEATED: u64 = 24;
/// So often, at most.
const TIMES_MAX: u64 = 16;

/// One case, played.
struct Case {
    moves: u64,
    /// What was seen in it, and the steps up to the last that was new.
    seen: BTreeSet<u64>,
    kept: Vec<Line>,
    passed_over: u64,
    found: Option<(Violation, Trace)>,
}

impl<D: Defences + Send + Sync> Search<D> {
    /// Tries cases until one violates a claim, the budget is spent, or `goes_on` says no; it is asked now and then.
    ///
    /// # Panics
    /// Not unless the threads cannot be started.
    #[must_use]
    pub fn run(&self, build: &str, goes_on: impl Fn() -> bool) -> Searched {
        let pool = remembering(self.threads);
        let mut corpus = Corpus::default();
        let mut searched = Searched { cases: 0, moves: 0, novelties: 0, passed_over: 0, found: None };
        while searched.found.is_none() && searched.cases < self.budget && goes_on() {
            let cases = searched.cases..self.budget.min(searched.cases.saturating_add(GENERATION));
            let one = |number| (number, self.case(number, &corpus, build));
            let mut played: Vec<(u64, Case)> = pool.install(|| cases.into_par_iter().map(one).collect());
            played.sort_by_key(|(number, _)| *number);
            for (number, case) in played {
                searched.cases = number.saturating_add(1);
                searched.moves = searched.moves.saturating_add(case.moves);
                searched.passed_over = searched.passed_over.saturating_add(case.passed_over);
                if let Some((violation, trace)) = case.found {
                    searched.found = Some(Found { case: number, violation, trace });
                    break;
                }
                corpus.learn(&case.seen, case.kept);
            }
        }
        searched.novelties = corpus.novelties();
        searched
    }

    fn case(&self, number: u64, corpus: &Corpus, build: &str) -> Case {
        let mut dice = Dice::new(self.seed ^ number.rotate_left(32), Stream::Search);
        let mut play = Play::new(self.realm, self.seed, self.defences);
        let mut novelty = Novelty::default();
        let mut case = Case { moves: 0, seen: BTreeSet::new(), kept: Vec::new(), passed_over: 0, found: None };
        let (mut judged, mut last_new) = (Judged::default(), 0);
        let begins = match self.method {
            Method::Random => &[],
            Method::Novelty => corpus.pick(&mut dice),
        };
        let habits = dice.draw();
        for line in begins {
            play.again(line);
            case.seen.extend(novelty.see(&play));
        }
        for _ in 0..MOVES_MAX {
            case.found = judged.first(self, &play, build);
            if case.found.is_some() {
                break;
            }
            let times = if dice.below(REPEATED) == 0 { dice.below(TIMES_MAX) } else { 0 };
            let next = play.draw_as(dice.draw(), habits);
            let again = Again::of(&play, &next);
            play.make(next);
            (1..=times).for_each(|time| again.make(&mut play, time));
            case.moves = case.moves.saturating_add(1);
            let seen = novelty.see(&play);
            if seen.iter().any(|seen| !corpus.knows(*seen) && !case.seen.contains(seen)) {
                last_new = play.last_step();
            }
            case.seen.extend(seen);
        }
        if self.method == Method::Novelty {
            case.kept = play.steps_done();
            case.kept.retain(|line| line.step <= last_new);
        }
        if case.found.is_none() {
            play.compare_with_twin();
            case.found = judged.first(self, &play, build);
        }
        case.passed_over = judged.passed_over();
        case
    }
}

/// Threads that remember scalar multiplications, each until it ends.
fn remembering(threads: usize) -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.start_handler(|_| core::mem::forget(Memo::begin())).build().expect("threads can be started")
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = FnvHasher::default();
    what.hash(&mut hasher);
    hasher.finish()
}
