//! An adversary that looks for breaks by itself: it tries sequences of moves until the observer sees a claim violated.
//!
//! It knows the grammar and who is there. It is not told which defence is off, nothing of the catalogue guides it, and every
//! move is one of [`Play::draw`]'s. `spec/search.md` compares its methods.

mod bounded;
mod novelty;
mod owed;

pub use bounded::{Bounded, Bounds};

use crate::act::{Act, Line, Nature};
use crate::adversary::{Move, Play, Realm};
use crate::claims::Violation;
use crate::dice::{Dice, Stream};
use crate::trace::Trace;
use core::hash::{Hash, Hasher};
use countersign::{Defences, Memo};
use fnv::FnvHasher;
use novelty::{Corpus, Novelty};
use owed::Judged;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

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
const GENERATION: u64 = 512;
/// A move in so many is made again and again.
const REPEATED: u64 = 24;
/// So often, at most.
const TIMES_MAX: u64 = 16;

/// One case, played.
struct Case {
    moves: u64,
    /// What was new in it, and the moves up to the last of it.
    novelties: Vec<u64>,
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
                corpus.learn(&case.novelties, case.kept);
            }
        }
        searched.novelties = corpus.novelties();
        searched
    }

    fn case(&self, number: u64, corpus: &Corpus, build: &str) -> Case {
        let mut dice = Dice::new(self.seed ^ number.rotate_left(32), Stream::Search);
        let mut play = Play::new(self.realm, self.seed, self.defences);
        let mut novelty = Novelty::default();
        let mut case = Case { moves: 0, novelties: Vec::new(), kept: Vec::new(), passed_over: 0, found: None };
        let mut judged = Judged::default();
        let begins = match self.method {
            Method::Random => &[],
            Method::Novelty => corpus.pick(&mut dice),
        };
        for line in begins {
            play.again(line);
            novelty.see(&play).for_each(drop);
        }
        for _ in 0..MOVES_MAX {
            case.found = judged.first(self, &play, build);
            if case.found.is_some() {
                break;
            }
            let times = if dice.below(REPEATED) == 0 { dice.below(TIMES_MAX) } else { 0 };
            let next = play.draw(dice.draw());
            let again = repeated(&play, &next);
            play.make(next);
            for again in core::iter::repeat_n(again, usize::try_from(times).unwrap_or(0)).flatten() {
                play.make(again);
            }
            case.moves = case.moves.saturating_add(1);
            let new = novelty.see(&play).filter(|seen| !corpus.knows(*seen));
            let before = case.novelties.len();
            case.novelties.extend(new);
            if self.method == Method::Novelty && case.novelties.len() > before {
                case.kept = play.steps_done();
            }
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

/// The same move once more: what was forged is sent again.
fn repeated<D: Defences>(play: &Play<D>, made: &Move) -> Option<Move> {
    match made {
        Move::Act(Act::Forge { message, to, from }) => {
            let datagram = play.next_forged(message);
            Some(Move::Act(Act::Deliver { datagram, to: *to, from: *from, flip: None, nature: Nature::Replayed }))
        }
        Move::Act(act @ Act::Deliver { .. }) => Some(Move::Act(act.clone())),
        Move::Act(_) | Move::Wait(_) | Move::Drop => None,
    }
}
