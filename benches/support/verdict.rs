//! What a bench says in the end: ratios beside their limits, and an exit code.

use crate::rounds::{Spread, Times};
use std::process::ExitCode;

/// How many limits there were, and how many were exceeded.
#[derive(Debug, Default)]
pub struct Verdict {
    limits: u32,
    exceeded: u32,
}

impl Verdict {
    /// Prints how many times as long as another a contestant took; a limit that the median exceeds makes the bench fail.
    pub fn ratio(&mut self, one: &Times, other: &Times, limit: Option<f64>) {
        self.spread(&format!("{} / {}", one.name, other.name), one.over(other), limit);
    }

    /// Prints any ratio, with its limit.
    pub fn spread(&mut self, what: &str, ratio: Spread, limit: Option<f64>) {
        let Spread { median, p10, p90, .. } = ratio;
        let exceeds = limit.is_some_and(|limit| median > limit);
        let limit_said = match limit {
            None => "no limit".to_owned(),
            Some(limit) if exceeds => format!("EXCEEDS {}", short(limit)),
            Some(limit) => format!("at most {}", short(limit)),
        };
        let range = format!("({} to {})", short(p10), short(p90));
        println!("{what:WIDE$} {:>8}  {range:20}  {limit_said}", short(median));
        self.limits += u32::from(limit.is_some());
        self.exceeded += u32::from(exceeds);
    }

    /// Says how it went; the exit code is 1 if a limit was exceeded.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match (self.limits, self.exceeded) {
            (0, _) => ExitCode::SUCCESS,
            (limits, 0) => {
                println!("all {limits} ratios with a limit are within it");
                ExitCode::SUCCESS
            }
            (limits, exceeded) => {
                println!("{exceeded} of {limits} ratios with a limit exceed it");
                ExitCode::FAILURE
            }
        }
    }
}

/// Prints what a contestant took: median, a tenth, nine tenths and least of the rounds.
pub fn micros(times: &Times) {
    let Spread { median, p10, p90, least } = times.spread();
    let range = format!("({p10:.3} to {p90:.3})");
    println!("{:WIDE$} {median:8.3} µs  {range:20}  least {least:.3}", times.name);
}

/// Wide enough for every name and ratio.
const WIDE: usize = 62;

/// Small ratios as one in so many.
fn short(ratio: f64) -> String {
    if ratio < 0.1 { format!("1/{:.0}", 1.0 / ratio) } else { format!("{ratio:.2}") }
}
