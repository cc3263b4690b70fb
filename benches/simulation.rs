//! How much of a simulated handshake is the handshake, on each backend? Both in this process, on one thread, in turn.
//!
//! `cargo bench --bench simulation` prints the rates and their ratio; with `-- memory`, how much memory a run of 10⁴ and a
//! run of 10⁶ handshakes take at their peaks (Linux; five minutes).

use countersign::{Backend, Whole};
use countersign_benches::{Parties, backends};
use countersign_sim::{RunOf, Scenario, Shard, run_worlds};
use std::time::{Duration, Instant};

/// Handshakes of a round, of each kind.
const ROUND: u32 = 2_000;
const ROUNDS: usize = 9;

fn main() {
    if std::env::args().any(|argument| argument == "memory") {
        memory();
    } else {
        backends().into_iter().for_each(|(name, backend)| rates(name, backend));
    }
}

fn rates(name: &str, backend: Backend) {
    let mut parties = Parties::new(backend);
    let mut rounds: Vec<(Duration, Duration)> = Vec::new();
    for round in 0..=ROUNDS {
        let direct = timed(|| (0..ROUND).for_each(|_| drop(parties.handshake())));
        let simulated = timed(|| simulate(backend, ROUND.into(), u64::try_from(round).expect("a few rounds"), 1));
        // The first round warms up.
        if round > 0 {
            rounds.push((direct, simulated));
        }
    }
    rounds.sort_by_key(|(direct, simulated)| ratio(*direct, *simulated));
    let middle = rounds.len() / 2;
    let (direct, simulated) = rounds[middle];
    let of = |at: usize| f64::from(ratio(rounds[at].0, rounds[at].1)) / 1000.0;
    println!("{name}");
    println!("direct     {:.0} handshakes per second on one thread, both sides", rate(direct));
    println!("simulated  {:.0} per second on one thread: `lan`, observer on", rate(simulated));
    println!("ratio      {:.2}  ({:.2} to {:.2} in {ROUNDS} rounds)", of(middle), of(0), of(rounds.len() - 1));
}

fn memory() {
    for handshakes in [10_000, 1_000_000] {
        simulate(Backend::Portable, handshakes, 1, 2);
        println!("{handshakes} handshakes: {} KiB at the peak", peak_kib());
    }
}

fn simulate(backend: Backend, handshakes: u64, seed: u64, threads: usize) {
    let scenario = Scenario::named("lan").expect("a shipped scenario");
    let run = RunOf { backend, ..RunOf::new(scenario, seed, handshakes) };
    let report = run_worlds(&run, Shard::WHOLE, threads, Whole, || ());
    assert!(!report.expect("a run that can be made").is_violated());
}

/// What this process has used at most.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// In thousandths.
fn ratio(direct: Duration, simulated: Duration) -> u16 {
    u16::try_from(direct.as_nanos() * 1000 / simulated.as_nanos()).expect("not 65 times as fast")
}

fn rate(spent: Duration) -> f64 {
    f64::from(ROUND) / spent.as_secs_f64()
}
