//! `countersign simulate`: the main job.

use crate::args::Simulate;
use crate::explain::Recorder;
use crate::report;
use crate::{Failure, print};
use core::time::Duration;
use countersign::{Defences, Whole};
use countersign_sim::{Config, Happening, LinkProfile, Report, Watch, World, simulate};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Instant;

pub(crate) fn run(options: &Simulate) -> Result<(), Failure> {
    if options.handshakes == 0 {
        return Err(Failure::Nothing("--handshakes is 0; give at least 1".to_owned()));
    }
    let config = Config {
        seed: options.seed,
        handshakes: options.handshakes,
        link: LinkProfile {
            loss: options.loss.0,
            duplicate: options.duplicate.0,
            jitter: Duration::from_millis(options.delay.into()),
            ..LinkProfile::default()
        },
        ..Config::default()
    };
    if options.explain && options.handshakes != 1 {
        return Err(Failure::Usage("--explain prints one exchange: use it with --handshakes 1".to_owned()));
    }
    let command = repeat(options);
    if options.explain {
        let mut recorder = Recorder::new(options.seed);
        let report = simulate(config, Whole, &mut recorder).map_err(|error| Failure::Usage(error.to_string()))?;
        let mut story = recorder.story(config.link.jitter);
        // Writing to a string cannot fail.
        let _ = report::write_violations(&mut story, &report);
        print(&format!("{story}trace hash   {}\nrepeat with  {command}\n", report.trace_hash))?;
        return judge(&report, command);
    }
    let started = Instant::now();
    let mut progress = Progress::new(options.handshakes);
    let report = simulate(config, Whole, &mut progress).map_err(|error| Failure::Usage(error.to_string()))?;
    progress.bar.finish_and_clear();
    let measured = report::Measured::new(&report, started.elapsed());
    let text = if options.json {
        report::json(&report, &measured, &command)?
    } else {
        report::text(&report, &measured, &command)
    };
    print(&text)?;
    judge(&report, command)
}

/// What the exit code says.
fn judge(report: &Report, command: String) -> Result<(), Failure> {
    if report.is_violated() {
        Err(Failure::Violated(command))
    } else if report.has_explored() {
        Ok(())
    } else {
        Err(Failure::Nothing("no honest handshake was accepted; lose or delay less, or begin more".to_owned()))
    }
}

/// The command that repeats a run.
fn repeat(options: &Simulate) -> String {
    let Simulate { handshakes, loss, duplicate, delay, seed, explain, json: _ } = options;
    let explain = if *explain { " --explain" } else { "" };
    format!(
        "countersign simulate --seed {seed} --handshakes {handshakes} --loss {loss} --duplicate {duplicate} --delay {delay}{explain}"
    )
}

/// A bar on stderr, when that is a terminal.
struct Progress {
    bar: ProgressBar,
    happened: u64,
}

impl Progress {
    fn new(handshakes: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} handshakes, {eta} left");
        let bar = ProgressBar::new(handshakes).with_style(style.expect("the template is well formed"));
        Self { bar, happened: 0 }
    }
}

impl<D: Defences> Watch<D> for Progress {
    fn happened(&mut self, world: &World<D>, _: Happening<'_>) {
        self.happened = self.happened.wrapping_add(1);
        if self.happened.is_multiple_of(1_024) {
            self.bar.set_position(world.ended());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_sim::{Claim, Violation};

    /// A run passes only if it explored something and every claim held.
    #[test]
    fn the_exit_tells_a_violated_claim_from_an_empty_run() {
        let run = |handshakes, loss| {
            let link = LinkProfile { loss, ..LinkProfile::default() };
            simulate(Config { handshakes, link, ..Config::default() }, Whole, &mut ()).unwrap()
        };
        let mut report = run(30, 0);
        assert!(judge(&report, String::new()).is_ok());
        report.violations.push(Violation { claim: Claim::A1, at_us: 7, what: "a test".to_owned() });
        assert!(matches!(judge(&report, "again".to_owned()), Err(Failure::Violated(command)) if command == "again"));
        let text = report::text(&report, &report::Measured::new(&report, Duration::from_secs(1)), "again");
        assert!(text.contains("VIOLATED     A1 at 0.000 s: a test") && text.ends_with("repeat with  again\n"));
        assert!(matches!(judge(&run(5, 1_000_000), String::new()), Err(Failure::Nothing(_))));
    }
}
