//! `countersign attack search`: breaks that nobody wrote down.

mod document;
mod done;
mod every;
mod found;
mod limit;
mod table;
mod target;
mod told;

use crate::args::{AttackSearch, TIME_S};
use crate::{Failure, print, trace};
use done::{Done, How, Settings, search};
use limit::Limit;
use std::thread;
use target::Target;

pub(super) fn run(options: &AttackSearch) -> Result<(), Failure> {
    if options.every_defence {
        return every::run(options);
    }
    if options.exhaustive.is_some() && options.budget.is_some() {
        let what = "an --exhaustive search has no --budget of cases; leave one of the two out";
        return Err(Failure::Usage(what.to_owned()));
    }
    let unseen: Option<Vec<_>> =
        options.without.iter().map(|off| target::unseen(*off).map(|why| (*off, why))).collect();
    if let Some((off, why)) = unseen.and_then(|unseen| unseen.into_iter().next()) {
        return Err(Failure::Usage(format!("nothing to search for without {off}: {why}")));
    }
    let targets = Target::chosen(options);
    let how = how(options, targets.len());
    let settings = Settings { how, seed: options.seed, threads: threads(options) };
    let mut limit = Limit::new(options.time, targets.len());
    let mut all: Vec<Done> = Vec::new();
    for target in targets {
        let watch = limit.next().shown(target.realm.name());
        let done = search(target, settings, &watch);
        if !options.json {
            print(&told::text(&done, settings))?;
        }
        let is_found = done.found.is_some();
        all.push(done);
        if is_found {
            break;
        }
    }
    finish(options, &all, settings)
}

/// What is kept and said at the end, and what the exit code says.
fn finish(options: &AttackSearch, all: &[Done], settings: Settings) -> Result<(), Failure> {
    let found = all.iter().find_map(|done| done.found.as_ref());
    if let (Some(file), Some(found)) = (&options.trace, found) {
        trace::write(file, &found.trace)?;
    }
    let command = repeat(options);
    print(&if options.json {
        document::searched(all, settings, &command)?
    } else {
        let kept = options.trace.as_deref().map_or_else(String::new, |file| told::kept(file, found.is_some()));
        format!("{kept}repeat with  {command}\n")
    })?;
    let Some(found) = found else { return Ok(()) };
    let (claim, rule) = (found.violation.claim, &found.violation.rule);
    let whole = if options.without.is_empty() { " with every defence on, which is a failure of the code" } else { "" };
    Err(Failure::Attacked(format!("{claim} is violated (rule {rule:?}){whole}; repeat with: {command}")))
}

/// How each world is searched.
fn how(options: &AttackSearch, worlds: usize) -> How {
    if let Some(actions) = options.exhaustive {
        return How::Actions(actions);
    }
    let worlds = u64::try_from(worlds).unwrap_or(u64::MAX).max(1);
    let budget = options.budget.unwrap_or(BUDGET).checked_div(worlds).unwrap_or_default().max(1);
    How::Cases { method: options.method.0, budget }
}

fn threads(options: &AttackSearch) -> usize {
    options.threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// The command that searches again.
fn repeat(options: &AttackSearch) -> String {
    let AttackSearch { world, without, method, budget, exhaustive, time, seed, .. } = options;
    let world = world.map_or_else(String::new, |world| format!(" --world {}", world.name()));
    let without: String = without.iter().map(|defence| format!(" --without {defence}")).collect();
    let how = exhaustive.map_or_else(
        || format!(" --method {} --budget {}", method.name(), budget.unwrap_or(BUDGET)),
        |actions| format!(" --exhaustive {actions}"),
    );
    format!("countersign attack search{world}{without}{how}{} --seed {seed}", timed(*time))
}

/// How long, if not as long as usual.
fn timed(seconds: u64) -> String {
    if seconds == TIME_S { String::new() } else { format!(" --time {seconds}") }
}

/// As many cases as are tried unless others are asked for.
const BUDGET: u64 = 100_000;
