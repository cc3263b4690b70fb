//! `countersign simulate`: the main job.

mod choose;

use crate::args::Simulate;
use crate::explain::Recorder;
use crate::html::{self, Environment};
use crate::report::{self, Document, Found, Measured};
use crate::verdict::{Wanted, judge};
use crate::{Failure, print, progress, trace};
use countersign::{Ablated, Defences, Whole};
use countersign_sim::{Happening, Report, RunOf, Shard, Trace, Watch, World, WorldOf, run_worlds};
use indicatif::ProgressBar;
use std::thread;
use std::time::Instant;

pub(crate) fn run(options: &Simulate) -> Result<(), Failure> {
    if options.list {
        return print(&choose::list());
    }
    if options.handshakes == 0 {
        return Err(Failure::Nothing("--handshakes is 0; give at least 1".to_owned()));
    }
    let run = choose::run(options)?;
    if options.explain {
        return explain(options, run);
    }
    if options.without.is_empty() {
        explore(options, &run, Whole)
    } else {
        explore(options, &run, Ablated::without(&options.without))
    }
}

fn explore<D: Defences + Send + Sync>(options: &Simulate, run: &RunOf, defences: D) -> Result<(), Failure> {
    let shard = options.shard.map_or(Shard::WHOLE, |shard| shard.0);
    if shard.worlds(run.worlds).is_empty() && run.worlds > 0 {
        let (Shard { part, of }, worlds) = (shard, run.worlds);
        let count = if worlds == 1 { "1 world".to_owned() } else { format!("{worlds} worlds") };
        let what =
            format!("--shard {part}/{of} has no world: the run has {count}; use as many parts at most, or --worlds");
        return Err(Failure::Usage(what));
    }
    let available = thread::available_parallelism().map_or(1, usize::from);
    let threads = options.threads.map_or(available, usize::from);
    let started = Instant::now();
    let bar = progress::bar(run.handshakes, "{pos}/{len} handshakes, {eta} left");
    let report = run_worlds(run, shard, threads, defences, || Progress { bar: bar.clone(), happened: 0, ended: 0 })
        .map_err(|error| Failure::Usage(error.to_string()))?;
    bar.finish_and_clear();
    let measured = Measured::new(&report, started.elapsed(), threads);
    let command = choose::repeat(options);
    let found = find(run, &report, defences);
    if let Some(file) = &options.trace {
        let first = report.worlds.keys().next().copied().unwrap_or(0);
        let whole = || Trace::record(run, first, None, trace::build(), defences);
        trace::write(file, &found.as_ref().map_or_else(whole, |found| found.trace.clone()))?;
    }
    if let Some(file) = &options.html {
        html::save(file, &html::page(&report, Some(&measured), &command, &Environment::here()))?;
    }
    print(&if options.json {
        let (build, repeat) = (trace::build(), command.clone());
        report::json(&Document { report: report.clone(), measured: Some(measured), build, repeat }, found.as_ref())?
    } else {
        let shrunk = found.as_ref().and_then(|found| found.shrunk.as_ref());
        let drawn = shrunk.map_or_else(String::new, trace::draw_shrunk);
        format!("{drawn}{}", report::text(&report, Some(&measured), &command))
    })?;
    judge(&report, Wanted::Part, command)
}

/// The trace of the first violation, and what is left of it when all is left out that may be, if any may.
fn find<D: Defences>(run: &RunOf, report: &Report, defences: D) -> Option<Found> {
    let violation = report.violations.first()?;
    let trace = Trace::record(run, violation.world, Some(violation), trace::build(), defences);
    let shrunk = trace.shrink(defences).ok();
    Some(Found { trace, shrunk })
}

fn explain(options: &Simulate, run: RunOf) -> Result<(), Failure> {
    if options.handshakes != 1 {
        return Err(Failure::Usage("--explain prints one exchange: use it with --handshakes 1".to_owned()));
    }
    run.check().map_err(|error| Failure::Usage(error.to_string()))?;
    let mut recorder = Recorder::new();
    let scenario = run.scenario.clone();
    let mut world = World::new(WorldOf::new(run, 0), Whole);
    world.run(&mut recorder);
    world.compare_with_twin(Whole);
    let report = world.report();
    let mut story = recorder.story(&scenario);
    // Writing to a string cannot fail.
    let _ = report::write_violations(&mut story, &report);
    let command = choose::repeat(options);
    print(&format!("{story}trace hash   {}\nrepeat with  {command}\n", report.trace_hash))?;
    judge(&report, Wanted::Part, command)
}

/// What one world adds to the bar of all.
struct Progress {
    bar: ProgressBar,
    happened: u64,
    ended: u64,
}

impl<D: Defences> Watch<D> for Progress {
    fn happened(&mut self, world: &World<D>, _: Happening<'_>) {
        self.happened = self.happened.wrapping_add(1);
        if self.happened.is_multiple_of(1_024) {
            self.bar.inc(world.ended().saturating_sub(self.ended));
            self.ended = world.ended();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_sim::{Population, Scenario};

    /// What cannot be shortened is kept as it is. Without a server nothing ends.
    #[test]
    fn a_violation_of_the_whole_world_keeps_its_trace() {
        let population = Population { clients: 1, servers: 0 };
        let run = RunOf::new(Scenario { population, ..Scenario::default() }, 1, 1);
        let mut world = World::new(WorldOf::new(run.clone(), 0), Whole);
        world.run(&mut ());
        let found = find(&run, &world.report(), Whole).unwrap();
        assert!(found.trace.violation().is_some() && found.shrunk.is_none());
    }
}
