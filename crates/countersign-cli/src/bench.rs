//! `countersign bench`: what a handshake costs, as ratios of contestants that take turns in this process.

mod chart;
mod document;
mod machine;

use crate::args::Bench;
use crate::{Failure, print, progress};
use countersign_benches::{Limit, Race, Results, Spread, Times};
use machine::Machine;
use std::time::{Duration, Instant};

pub(crate) fn run(options: Bench) -> Result<(), Failure> {
    let rounds = options.rounds.and_then(|rounds| usize::try_from(rounds).ok()).unwrap_or(usize::MAX);
    let began = Instant::now();
    let bar = progress::bar(options.time, "{pos} of {len} s at most");
    let limit = Limit { rounds, time: options.time() };
    let race = Race::of_backends().with_floors().with_peers();
    let results = race.run(limit, |_| bar.set_position(began.elapsed().as_secs()));
    bar.finish_and_clear();
    let outcome = Outcome::of(&results, began.elapsed(), options.written());
    print(&if options.json { document::json(&outcome)? } else { chart::text(&outcome) })
}

/// All that was measured.
#[derive(Debug)]
struct Outcome {
    machine: Machine,
    rounds: usize,
    took: Duration,
    /// The quickest first.
    contestants: Vec<(String, Spread)>,
    ratios: Vec<Ratio>,
    repeat: String,
}

/// How many times as long as another a contestant took.
#[derive(Debug)]
struct Ratio {
    of: String,
    to: String,
    spread: Spread,
}

impl Outcome {
    fn of(results: &Results, took: Duration, repeat: String) -> Self {
        let rounds = results.all().next().map_or(0, |times| times.micros.len());
        let mut contestants: Vec<_> = results.all().map(|times| (times.name.clone(), times.spread())).collect();
        contestants.sort_by(|(_, one), (_, other)| one.median.total_cmp(&other.median));
        Self { machine: Machine::this(), rounds, took, contestants, ratios: ratios(results), repeat }
    }
}

/// Each handshake to its floor, the backends to one another, and ours to the peers.
fn ratios(results: &Results) -> Vec<Ratio> {
    let backends = results.handshake("portable").zip(results.handshake("fast"));
    let pairs = results.beside_floors().into_iter().chain(backends).chain(results.beside_peers());
    let ratio = |(one, other): (&Times, &Times)| Ratio {
        of: one.name.clone(),
        to: other.name.clone(),
        spread: one.over(other),
    };
    pairs.map(ratio).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(name: &str, micros: [f64; 3]) -> Times {
        Times { name: name.to_owned(), micros: micros.to_vec() }
    }

    /// Ratios are taken round by round: a machine that is slow for a while is slow for both.
    #[test]
    fn ratios_are_of_contestants_in_the_same_round() {
        let results = Results {
            handshakes: vec![
                ("portable", times("Countersign, portable", [20.0, 200.0, 22.0])),
                ("fast", times("Countersign, fast", [10.0, 100.0, 11.0])),
            ],
            floors: vec![
                ("portable", times("floor, portable", [16.0, 160.0, 17.6])),
                ("fast", times("floor, fast", [8.0, 80.0, 8.8])),
            ],
            peers: vec![times("another, dalek", [5.0, 50.0, 5.5]), times("another, ring", [40.0, 400.0, 44.0])],
        };
        let ratios = ratios(&results);
        let said: Vec<_> = ratios.iter().map(|ratio| format!("{} / {}", ratio.of, ratio.to)).collect();
        let expected = [
            "Countersign, portable / floor, portable",
            "Countersign, fast / floor, fast",
            "Countersign, portable / Countersign, fast",
            "Countersign, fast / another, dalek",
            "Countersign, fast / another, ring",
            "Countersign, portable / another, dalek",
        ];
        assert_eq!(said, expected);
        for (ratio, value) in ratios.iter().zip([1.25, 1.25, 2.0, 2.0, 0.25, 4.0]) {
            for value_of in [ratio.spread.median, ratio.spread.p10, ratio.spread.p90] {
                assert!((value_of - value).abs() < 1e-9, "{ratio:?}");
            }
        }
        let outcome = Outcome::of(&results, Duration::from_secs(1), "countersign bench".to_owned());
        assert_eq!((outcome.rounds, outcome.contestants[0].0.as_str()), (3, "another, dalek"));
        let text = chart::text(&outcome);
        assert!(text.find("ratio").unwrap() < text.find("contestant").unwrap(), "ratios first:\n{text}");
    }
}
