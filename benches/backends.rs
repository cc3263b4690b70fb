//! How much quicker is a whole handshake on the fast backend? Both backends in this process, on one thread, in turn.
//!
//! `cargo bench --bench backends` prints the times of both sides together, and two ratios: the middle one of all rounds, and that of
//! the least times, which says more while the machine is busy with other things.

use countersign_benches::{Parties, backends};
use std::time::{Duration, Instant};

/// Handshakes of a turn: about a millisecond.
const TURN: u32 = 5;
const ROUNDS: usize = 2_001;

fn main() {
    let [(_, portable), (_, fast)] = backends()[..] else {
        return println!("this processor does not have the fast backend: there is nothing to compare");
    };
    let (mut portable, mut fast) = (Parties::new(portable), Parties::new(fast));
    let mut rounds: Vec<(Duration, Duration)> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push((turn(&mut portable), turn(&mut fast)));
    }
    let portable = sorted(rounds.iter().map(|(portable, _)| micros(*portable)));
    let fast = sorted(rounds.iter().map(|(_, fast)| micros(*fast)));
    let ratios = sorted(rounds.iter().map(|(portable, fast)| micros(*portable) / micros(*fast)));
    println!("portable  {:.1} µs, least {:.1}", middle(&portable), portable[0]);
    println!("fast      {:.1} µs, least {:.1}", middle(&fast), fast[0]);
    println!("ratio     {:.2}, of the least times {:.2}", middle(&ratios), portable[0] / fast[0]);
}

fn turn(parties: &mut Parties) -> Duration {
    let start = Instant::now();
    (0..TURN).for_each(|_| drop(parties.handshake()));
    start.elapsed() / TURN
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
