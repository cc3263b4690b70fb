//! How does a handshake compare with those of other libraries that do the same job?
//!
//! `cargo bench -p countersign-benches --features peers --bench peers` prints every peer, both sides together, and how many times
//! as long as the handshake of the best backend here it takes. How each is configured: `benches/README.md`.

use countersign_benches::{Limit, Race, Verdict, handshake, is_peer, micros};
use std::process::ExitCode;
use std::time::Duration;

/// No peer is quicker.
const LIMIT: f64 = 1.0;

fn main() -> ExitCode {
    if cfg!(not(feature = "peers")) {
        println!("the peers are not in this build; use --features peers");
        return ExitCode::SUCCESS;
    }
    let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(30) };
    let times = Race::of_backends().with_peers().run(limit, |_| ());
    times.iter().for_each(micros);
    let of = |name: &str| times.iter().find(|times| times.name == handshake(name));
    let best = of("fast").or_else(|| of("portable")).expect("it took part");
    let mut verdict = Verdict::default();
    for peer in times.iter().filter(|times| is_peer(&times.name)) {
        verdict.ratio(&format!("{} / {}", best.name, peer.name), best.over(peer), Some(LIMIT));
    }
    verdict.exit_code()
}
