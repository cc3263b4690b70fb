//! How does a handshake compare with those of other libraries that do the same job?
//!
//! `cargo bench -p countersign-benches --features peers --bench peers` prints every peer, both sides together, and what part of
//! its time a handshake takes: on the best backend here, and on the portable one beside those that stand on dalek, too. It fails
//! if a peer is quicker. How each is configured: `benches/README.md`.

use countersign_benches::{Limit, Race, Verdict, micros};
use std::process::ExitCode;
use std::time::Duration;

/// No peer is quicker.
const LIMIT: f64 = 1.0;

fn main() -> ExitCode {
    let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(30) };
    let results = Race::of_backends().with_peers().run(limit, |_| ());
    results.all().for_each(micros);
    let mut verdict = Verdict::default();
    for (own, peer) in results.beside_peers() {
        verdict.ratio(own, peer, Some(LIMIT));
    }
    verdict.exit_code()
}
