//! How much of a handshake is not primitives?
//!
//! `cargo bench --bench floor` prints the whole handshake, both sides, the sum of the operations that `spec/costs.md` counts, each
//! by a direct call of its library, and the ratio on each backend.

use countersign_benches::{Limit, Race, Verdict, micros};
use std::process::ExitCode;
use std::time::Duration;

const LIMIT: f64 = 1.15;

fn main() -> ExitCode {
    let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(20) };
    let results = Race::of_backends().with_floors().run(limit, |_| ());
    results.all().for_each(micros);
    let mut verdict = Verdict::default();
    for (own, floor) in results.beside_floors() {
        verdict.ratio(own, floor, Some(LIMIT));
    }
    verdict.exit_code()
}
