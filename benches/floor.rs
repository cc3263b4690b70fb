//! How much of a handshake is not primitives?
//!
//! `cargo bench --bench floor` prints the whole handshake, both sides, the sum of the operations that `spec/costs.md` counts, each
//! by a direct call of its library, and the ratio on each backend.

use countersign_benches::{Limit, Race, Verdict, backends, floor, handshake, micros};
use std::process::ExitCode;
use std::time::Duration;

const LIMIT: f64 = 1.15;

fn main() -> ExitCode {
    let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(20) };
    let times = Race::of_backends().with_floors().run(limit, |_| ());
    times.iter().for_each(micros);
    let of = |name: String| times.iter().find(|times| times.name == name).expect("it took part");
    let mut verdict = Verdict::default();
    for (name, _) in backends() {
        let ratio = of(handshake(name)).over(of(floor(name)));
        verdict.ratio(&format!("handshake / floor, {name}"), ratio, Some(LIMIT));
    }
    verdict.exit_code()
}
