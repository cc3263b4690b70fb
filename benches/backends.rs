//! How much quicker is a whole handshake on the fast backend?
//!
//! `cargo bench --bench backends` prints the times of both sides together, in microseconds of processor time, and their ratio.

use countersign_benches::{Limit, Race, Verdict, micros};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(10) };
    let results = Race::of_backends().run(limit, |_| ());
    results.all().for_each(micros);
    let (Some(portable), Some(fast)) = (results.handshake("portable"), results.handshake("fast")) else {
        println!("this processor does not have the fast backend: there is nothing to compare");
        return ExitCode::SUCCESS;
    };
    let mut verdict = Verdict::default();
    verdict.ratio(portable, fast, None);
    verdict.exit_code()
}
