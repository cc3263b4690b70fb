//! Contestants in turn: each round every one of them runs for about a millisecond and leaves one time.

use crate::clock;
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};
use std::time::{Duration, Instant};

/// Something that can be done again and again.
pub struct Contestant {
    name: String,
    run: Box<dyn FnMut()>,
    depth: u32,
}

impl core::fmt::Debug for Contestant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Contestant").field(&self.name).finish()
    }
}

impl Contestant {
    /// What is called `name` and does this once a call.
    pub fn new<T>(name: impl Into<String>, mut run: impl FnMut() -> T + 'static) -> Self {
        let run = Box::new(move || drop(core::hint::black_box(run())));
        Self { name: name.into(), run, depth: 0 }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many calls make a turn.
    fn calls(&mut self) -> u32 {
        let mut calls = 1;
        loop {
            let spent = self.turn(calls);
            if spent >= TURN / 2 || calls >= CALLS_MAX {
                let each = spent.as_secs_f64() / f64::from(calls);
                return (TURN.as_secs_f64() / each).clamp(1.0, f64::from(CALLS_MAX)) as u32;
            }
            calls *= 2;
        }
    }

    /// The calls of a turn, at one depth of the stack after another; the next turn goes on where this one ends.
    fn turn(&mut self, calls: u32) -> Duration {
        let before = clock::used();
        let at_once = calls.div_ceil(DEPTHS);
        let mut left = calls;
        while left > 0 {
            let calls = left.min(at_once);
            further_down(self.depth, &mut || (0..calls).for_each(|_| (self.run)()));
            self.depth = (self.depth + DEPTHS_STEP) % DEPTHS;
            left -= calls;
        }
        clock::used().saturating_sub(before)
    }
}

/// When the rounds end: at the first of the two, but not before the third round.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The most rounds.
    pub rounds: usize,
    /// The longest time.
    pub time: Duration,
}

/// What a call of a contestant took, in microseconds: one time a round.
#[derive(Clone, Debug)]
pub struct Times {
    /// The contestant.
    pub name: String,
    /// The times, in the order of the rounds.
    pub micros: Vec<f64>,
}

/// How values lie.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// One in ten is less.
    pub p10: f64,
    /// One in ten is more.
    pub p90: f64,
    /// The least.
    pub least: f64,
}

impl Spread {
    /// Of these values.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |tenths: usize| sorted[((sorted.len() - 1) * tenths + 5) / 10];
        Self { median: at(5), p10: at(1), p90: at(9), least: at(0) }
    }
}

impl Times {
    /// How they lie.
    #[must_use]
    pub fn spread(&self) -> Spread {
        Spread::of(self.micros.iter().copied())
    }

    /// How many times as long as another it took, round by round.
    #[must_use]
    pub fn over(&self, other: &Self) -> Spread {
        Spread::of(self.micros.iter().zip(&other.micros).map(|(own, others)| own / others))
    }
}

/// Lets all take turns until the limit. `tick` is called after each round with how many there have been.
pub fn in_turn(contestants: Vec<Contestant>, limit: Limit, mut tick: impl FnMut(usize)) -> Vec<Times> {
    let mut calm = Calm::new();
    let start = Instant::now();
    let mut all: Vec<_> = contestants
        .into_iter()
        .map(|mut contestant| {
            let calls = contestant.calls();
            (contestant, calls, Vec::new())
        })
        .collect();
    for round in 1..=limit.rounds {
        for (contestant, calls, micros) in &mut all {
            calm.vector_registers();
            micros.push(contestant.turn(*calls).as_secs_f64() * 1e6 / f64::from(*calls));
        }
        tick(round);
        if round >= ROUNDS_MIN && start.elapsed() >= limit.time {
            break;
        }
    }
    all.into_iter().map(|(contestant, _, micros)| Times { name: contestant.name, micros }).collect()
}

/// Some libraries return with the upper halves of the vector registers in use, and SHA instructions that come next are then
/// slower by half. The generator's vector code leaves them clear, so that nobody is charged for who was before.
struct Calm(ChaCha20Rng);

impl Calm {
    fn new() -> Self {
        Self(ChaCha20Rng::seed_from_u64(0))
    }

    fn vector_registers(&mut self) {
        let mut blocks = [0; 1024];
        self.0.fill_bytes(&mut blocks);
        core::hint::black_box(blocks);
    }
}

/// Runs further down the stack, by so many frames.
///
/// Where the stack begins is another place in every process, and to some code it matters how what it keeps there lies to the lines of
/// the cache: a verification by dalek takes up to a quarter longer for it, in all of one run. Sixteen frames are a little more than a page.
#[inline(never)]
fn further_down(frames: u32, run: &mut dyn FnMut()) {
    let frame = core::hint::black_box([0_u8; 208]);
    match frames.checked_sub(1) {
        None => run(),
        Some(less) => further_down(less, run),
    }
    core::hint::black_box(&frame);
}

const DEPTHS: u32 = 16;
/// No divisor of theirs, so that all are reached, and those of one turn lie apart.
const DEPTHS_STEP: u32 = 5;
const TURN: Duration = Duration::from_millis(1);
const CALLS_MAX: u32 = 1 << 20;
const ROUNDS_MIN: usize = 3;
