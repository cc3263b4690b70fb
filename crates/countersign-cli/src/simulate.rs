//! `countersign simulate`: the main job.

use crate::Failure;
use crate::args::Simulate;
use crate::explain::Recorder;
use crate::report;
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
        print!("{}", recorder.story(config.link.jitter));
        println!("trace hash   {}\nrepeat with  {command}", report.trace_hash);
        return judge(&report, command);
    }
    let started = Instant::now();
    let mut progress = Progress::new(options.handshakes);
    let report = simulate(config, Whole, &mut progress).map_err(|error| Failure::Usage(error.to_string()))?;
    progress.bar.finish_and_clear();
    let measured = report::Measured::new(&report, started.elapsed());
    if options.json {
        println!("{}", report::json(&report, &measured, &command)?);
    } else {
        print!("{}", report::text(&report, &measured, &command));
    }
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
