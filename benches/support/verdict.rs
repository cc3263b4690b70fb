//! What a bench says in the end: ratios beside their limits, and an exit code.

use crate::rounds::{Spread, Times};
use std::process::ExitCode;

/// Whether all limits have held so far.
#[derive(Debug)]
pub struct Verdict {
    holds: bool,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { holds: true }
    }
}

impl Verdict {
    /// Prints a ratio; a limit that its median exceeds makes the bench fail.
    pub fn ratio(&mut self, what: &str, ratio: Spread, limit: Option<f64>) {
        let Spread { median, p10, p90, .. } = ratio;
        let held = limit.is_none_or(|limit| median <= limit);
        let limit = match limit {
            None => String::new(),
            Some(limit) if held => format!("  at most {}", short(limit)),
            Some(limit) => format!("  EXCEEDS {}", short(limit)),
        };
        println!("{what:44} {}  ({} to {}){limit}", short(median), short(p10), short(p90));
        self.holds &= held;
    }

    /// The exit code: 1 if a limit was exceeded.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Prints what a contestant took.
pub fn micros(times: &Times) {
    let Spread { median, p10, p90, least } = times.spread();
    println!("{:44} {median:8.3} µs  ({p10:.3} to {p90:.3}), least {least:.3}", times.name);
}

/// Small ratios as one in so many.
fn short(ratio: f64) -> String {
    if ratio < 0.1 { format!("1/{:.0}", 1.0 / ratio) } else { format!("{ratio:.2}") }
}
