//! How much quicker is a whole handshake on the fast backend? Both backends in this process, on one thread, in turn.
//!
//! `cargo bench --bench backends` prints the times of both sides together, and the ratio of the two in each round: while the
//! machine is busy with other things, the ratio says more than the times.

use countersign_benches::{Parties, backends};
use std::time::{Duration, Instant};

/// Handshakes of a turn: some milliseconds.
const TURN: u32 = 20;
const ROUNDS: usize = 401;

fn main() {
    let [(_, portable), (_, fast)] = backends()[..] else {
        return println!("this processor does not have the fast backend: there is nothing to compare");
    };
    let (mut portable, mut fast) = (Parties::new(portable), Parties::new(fast));
    let mut rounds: Vec<(Duration, Duration)> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push((turn(&mut portable), turn(&mut fast)));
    }
    println!("portable  {}", spread(rounds.iter().map(|(portable, _)| micros(*portable)), "µs"));
    println!("fast      {}", spread(rounds.iter().map(|(_, fast)| micros(*fast)), "µs"));
    println!("ratio     {}", spread(rounds.iter().map(|(portable, fast)| micros(*portable) / micros(*fast)), ""));
}

fn turn(parties: &mut Parties) -> Duration {
    let start = Instant::now();
    (0..TURN).for_each(|_| drop(parties.handshake()));
    start.elapsed() / TURN
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn spread(values: impl Iterator<Item = f64>, unit: &str) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |percent: usize| values[values.len() * percent / 100];
    format!("{:.2} {unit} (5 to 95 %: {:.2} to {:.2})", at(50), at(5), at(95))
}
