//! Does a handshake cost more where many sessions are held, and do two threads do twice as many?
//!
//! `cargo bench --bench endpoint` prints a handshake between two endpoints that hold 10, 1,000 and 100,000 sessions each, closed again
//! afterwards, and fails if the last takes more than 1.3 times as long as the first. Then it runs independent worlds of the simulator on one
//! thread and on two, by the time that passes: on a machine that is busy with other things the ratio says nothing.

use countersign::{Backend, Whole};
use countersign_benches::{Contestant, Limit, Pair, Spread, Verdict, in_turn, micros};
use countersign_endpoint::Limits;
use countersign_sim::{RunOf, Scenario, Shard, run_worlds};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const LIMIT: f64 = 1.3;

fn main() -> ExitCode {
    let mut verdict = Verdict::default();
    let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(10) };
    let times = in_turn([10, 1_000, 100_000].map(holding).into(), limit, |_| ());
    times.iter().for_each(micros);
    for more in &times[1..] {
        verdict.ratio(more, &times[0], Some(LIMIT));
    }
    let gains = (1..=5).map(|seed| worlds(seed, 1).as_secs_f64() / worlds(seed, 2).as_secs_f64());
    verdict.spread("worlds on 2 threads / on 1, per second", Spread::of(gains), None);
    verdict.exit_code()
}

/// A handshake at endpoints that hold this many sessions.
fn holding(sessions: usize) -> Contestant {
    let limits = Limits { entries_max: 1 << 20, ..Limits::default() };
    let mut pair = Pair::new(Backend::best(), limits);
    for _ in 0..sessions {
        pair.pass(LAPSE);
        pair.handshake();
    }
    Contestant::new(format!("handshake, {sessions} sessions held"), move || {
        pair.pass(LAPSE);
        pair.handshake();
        pair.close();
    })
}

/// After this long nothing is left of a handshake but its session.
const LAPSE: Duration = Duration::from_secs(130);

fn worlds(seed: u64, threads: usize) -> Duration {
    let scenario = Scenario::named("lan").expect("a shipped scenario");
    let run = RunOf { backend: Backend::best(), ..RunOf::new(scenario, seed, 4_000) };
    let start = Instant::now();
    let report = run_worlds(&run, Shard::WHOLE, threads, Whole, || ());
    assert!(!report.expect("a run that can be made").is_violated());
    start.elapsed()
}
