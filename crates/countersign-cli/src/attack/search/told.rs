//! What a search has come to, for people.

use super::done::{Done, Ended, How, Settings, Tried};
use super::found::{Found, counted};
use super::target::Target;
use crate::args::MethodFlag;
use crate::attack::words::{self, fact};
use crate::report::words::{grouped, quoted};
use crate::{diagram, trace};
use std::path::Path;
use std::time::Duration;

/// One world: what was searched, how far it got, and what was found.
pub(super) fn text(done: &Done, settings: Settings) -> String {
    let realm = done.target.realm;
    let not_tried = match settings.how {
        How::Cases { .. } => String::new(),
        How::Actions(_) => fact("not tried", NOT_IN_ALPHABET),
    };
    let facts = [
        fact("world", &format!("{}: {}", realm.name(), realm.about())),
        fact("off", &off(&done.target)),
        fact("method", &method(settings)),
        not_tried,
        fact("tried", &tried(done)),
        fact("ended", &ended(done, settings)),
        fact("speed", &speed(done, settings.threads)),
    ];
    let found =
        done.found.as_ref().map_or_else(|| fact("found", "no claim violated"), |found| draw(found, &done.target));
    format!("{}{found}\n", facts.concat())
}

/// `spec/search.md` has the alphabet.
const NOT_IN_ALPHABET: &str = "a crash, a clock that steps, a theft, a third host, a cookie of the adversary's own, the comparison \
    with the twin (A7): what makes a world special may so be missing";

/// What can be done with the trace that was to be written.
pub(super) fn kept(file: &Path, is_found: bool) -> String {
    if !is_found {
        return fact("trace", "not written: nothing was found");
    }
    let command = format!("countersign trace replay {}", quoted(&file.to_string_lossy()));
    // In one line, to be copied.
    format!("trace        {command}\n")
}

fn off(target: &Target) -> String {
    let Target { without, weakened, .. } = target;
    match (without.as_slice(), weakened.as_slice()) {
        (without, []) => words::listed(without),
        (without, weakened) => {
            format!("{}, and {}, off in its world in any case", words::listed(without), words::listed(weakened))
        }
    }
}

fn method(settings: Settings) -> String {
    let seed = settings.seed;
    match settings.how {
        How::Cases { method, budget } => {
            format!("{}, seed {seed}, {} cases at most", MethodFlag(method).name(), grouped(budget))
        }
        How::Actions(actions) => {
            let actions = counted(usize::try_from(actions).unwrap_or(usize::MAX), "action");
            format!("everything with {actions} of the adversary at most, seed {seed}")
        }
    }
}

fn tried(done: &Done) -> String {
    let moves = grouped(done.moves);
    match &done.tried {
        Tried::Cases { cases, novelties, passed_over } => {
            let plural = if *cases == 1 { "" } else { "s" };
            let passed_over = match passed_over {
                0 => String::new(),
                count => format!("; {} passed over that are owed to what else is off", grouped(*count)),
            };
            let cases = grouped(*cases);
            format!("{cases} case{plural}, {moves} moves, in which hosts did {novelties} different things{passed_over}")
        }
        Tried::States { states, .. } => {
            let states =
                (0..).zip(states).map(|(actions, states)| format!("{states} after {}", counted(actions, "action")));
            format!("{moves} moves; states: {}", states.collect::<Vec<_>>().join(", "))
        }
    }
}

fn ended(done: &Done, settings: Settings) -> String {
    let through = match settings.how {
        How::Cases { .. } => "all cases were tried",
        How::Actions(_) => "complete: that was everything within the bound",
    };
    match (done.ended, &done.tried) {
        (Ended::Found, Tried::States { is_complete: true, .. }) => {
            "by what it found; complete up to there: with fewer actions nothing is violated".to_owned()
        }
        (Ended::Found, _) => "by what it found".to_owned(),
        (Ended::Bound, _) => through.to_owned(),
        (Ended::Time, _) => "not complete: the time was up, so how far it got depends on the machine".to_owned(),
    }
}

/// Measured: it differs from run to run.
fn speed(done: &Done, threads: usize) -> String {
    let took = format!("{:.1} s on {}", done.took.as_secs_f64(), counted(threads, "thread"));
    let (count, what) = match &done.tried {
        // What was tried beside the case that found something is not counted.
        Tried::Cases { .. } if done.ended == Ended::Found => return took,
        Tried::Cases { cases, .. } => (*cases, "cases"),
        Tried::States { .. } => (done.moves, "moves"),
    };
    format!("{:.0} {what} per second ({took})", rate(count, done.took))
}

/// So many a second.
#[expect(clippy::cast_precision_loss, reason = "a measurement is not that exact")]
fn rate(count: u64, took: Duration) -> f64 {
    if took.is_zero() { 0.0 } else { count as f64 / took.as_secs_f64() }
}

fn draw(found: &Found, target: &Target) -> String {
    let drawn = format!("\n{}\n{}\n", trace::draw(&found.trace), diagram::legend());
    let whole = "With every defence on this is a failure of the code.";
    let missed = if target.off().is_empty() { fact("", whole) } else { fact("stopped by", &found.missed()) };
    format!("{drawn}{}{missed}", fact("FOUND", &found.told()))
}
