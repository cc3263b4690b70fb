//! What `countersign attack search --json` prints; the schemas are `spec/schemas/attack-search.v1.json` and
//! `attack-search-table.v1.json`.

use super::done::{Done, Ended, How, Settings, Tried};
use super::every::{self, Row, Tries};
use super::found::Found;
use super::table;
use crate::Failure;
use crate::args::MethodFlag;
use crate::attack::document::{names, pretty};
use countersign_sim::{Realm, Violation};
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign attack search --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.attack-search.v1")]
struct Document<'a> {
    /// The version of this format.
    #[schemars(extend("const" = SEARCH))]
    schema: &'static str,
    /// What decided everything that was left to chance.
    seed: u64,
    /// How it went on from what was tried. Absent if it was exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    /// As many actions of the adversary at most. Absent if it was not exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<u32>,
    /// The worlds that were searched, one after the other, up to the first in which something was found.
    searches: Vec<Searched<'a>>,
    /// The command that searches again.
    repeat: &'a str,
}

/// A world that was searched.
#[derive(JsonSchema, Serialize)]
struct Searched<'a> {
    /// The world.
    world: Realm,
    /// What was off.
    off: Vec<String>,
    /// Which of these was off only because it is off in this world in any case.
    weakened: Vec<String>,
    /// As many cases at most. Absent if the search was exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u64>,
    /// Cases that were tried. Absent if the search was exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<u64>,
    /// How many different things hosts did in them. Absent if the search was exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    novelties: Option<usize>,
    /// Violations that were passed over: with what is to be missed in place they would have been there all the same. Absent
    /// if the search was exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_over: Option<u64>,
    /// States that were reached, by the number of actions that it takes. Absent if the search was not exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    states: Option<&'a [usize]>,
    /// Whether these are all within the bound, or all up to what was found. Absent if the search was not exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_complete: Option<bool>,
    /// Moves that were tried.
    moves: u64,
    /// What ended it.
    ended: EndedBy,
    /// What was found. Absent if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Violated<'a>>,
    /// What differs from run to run.
    measured: Measured,
}

/// What ended a search.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum EndedBy {
    /// A claim was violated.
    Found,
    /// There was nothing left that was to be tried.
    Bound,
    /// The time was up: how far it got depends on the machine.
    Time,
}

/// What was found.
#[derive(JsonSchema, Serialize)]
struct Violated<'a> {
    /// The claim that was violated, in the shortened trace.
    violation: &'a Violation,
    /// With how many actions of the adversary. Absent if the search was not exhaustive.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<u32>,
    /// Steps when it was found.
    steps_found: usize,
    /// Steps of the shortened trace.
    steps: usize,
    /// Whether it could be shortened.
    is_shortened: bool,
    /// Each of these defences, which are off, would have stopped the same steps alone.
    stopped_by: Vec<String>,
}

/// What differs from run to run.
#[derive(JsonSchema, Serialize)]
struct Measured {
    /// How long it took, without the shortening, in seconds.
    seconds: f64,
    /// Threads that searched.
    threads: usize,
}

/// What `countersign attack search --every-defence --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.attack-search-table.v1")]
struct Table<'a> {
    /// The version of this format.
    #[schemars(extend("const" = TABLE))]
    schema: &'static str,
    /// Seeds with which each was searched: from 1 to this.
    seeds: u64,
    /// How long each search might take, in seconds.
    time_limit: u64,
    /// A row for each defence and method, and one for each defence that cannot be searched for.
    rows: Vec<TableRow>,
    /// The command that searches again.
    repeat: &'a str,
}

/// A defence, and how a method finds that it is off.
#[derive(JsonSchema, Serialize)]
struct TableRow {
    /// The defence.
    defence: String,
    /// The world that was searched. Absent if there is none to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    world: Option<Realm>,
    /// What else was off.
    also_off: Vec<String>,
    /// Why it was not searched for. Absent if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_searched: Option<&'static str>,
    /// How. Absent if it was not searched for.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    /// Each search, by seed.
    tries: Vec<Try>,
    /// In how many of them it was found.
    found: usize,
    /// Cases in the median, or states where all were gone through. Absent if in most of them it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    median_cases: Option<u64>,
    /// With how many actions of the adversary it was found at first, where all were gone through.
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<u32>,
    /// Steps of the shortest trace, after shortening. Absent if it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    /// Seconds in the median: a measurement. Absent if in most of them it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_median_seconds: Option<f64>,
}

/// One search for a defence.
#[derive(JsonSchema, Serialize)]
struct Try {
    /// Its seed.
    seed: u64,
    /// Cases that were tried, or states that were reached.
    cases: u64,
    /// Violations in them that were passed over: with the defence on they would have been there all the same.
    passed_over: u64,
    /// Whether a claim was violated that would not have been with this defence on.
    found: bool,
    /// The claim that was violated. Absent if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<Violation>,
    /// Each of these would have stopped the same steps alone.
    stopped_by: Vec<String>,
    /// How long it took, in seconds: a measurement.
    measured_seconds: f64,
}

const SEARCH: &str = "countersign.attack-search.v1";
const TABLE: &str = "countersign.attack-search-table.v1";

/// Worlds that were searched.
pub(super) fn searched(all: &[Done], settings: Settings, repeat: &str) -> Result<String, Failure> {
    let (method, actions) = match settings.how {
        How::Cases { method, .. } => (Some(MethodFlag(method).name()), None),
        How::Actions(actions) => (None, Some(actions)),
    };
    let searches = all.iter().map(|done| one(done, settings)).collect();
    pretty(&Document { schema: SEARCH, seed: settings.seed, method, actions, searches, repeat })
}

/// How every defence is found.
pub(super) fn table(rows: &[Row], seeds: u64, time_limit: u64, repeat: &str) -> Result<String, Failure> {
    pretty(&Table { schema: TABLE, seeds, time_limit, rows: rows.iter().map(row).collect(), repeat })
}

fn one(done: &Done, settings: Settings) -> Searched<'_> {
    let (cases, novelties, passed_over) = match done.tried {
        Tried::Cases { cases, novelties, passed_over } => (Some(cases), Some(novelties), Some(passed_over)),
        Tried::States { .. } => (None, None, None),
    };
    let (states, is_complete) = match &done.tried {
        Tried::Cases { .. } => (None, None),
        Tried::States { states, is_complete } => (Some(states.as_slice()), Some(*is_complete)),
    };
    let budget = match settings.how {
        How::Cases { budget, .. } => Some(budget),
        How::Actions(_) => None,
    };
    let ended = match done.ended {
        Ended::Found => EndedBy::Found,
        Ended::Bound => EndedBy::Bound,
        Ended::Time => EndedBy::Time,
    };
    let measured = Measured { seconds: done.took.as_secs_f64(), threads: settings.threads };
    let (world, off, weakened) = (done.target.realm, names(&done.target.off()), names(&done.target.weakened));
    let (moves, found) = (done.moves, done.found.as_ref().map(violated));
    Searched {
        world,
        off,
        weakened,
        budget,
        cases,
        novelties,
        passed_over,
        states,
        is_complete,
        moves,
        ended,
        found,
        measured,
    }
}

fn violated(found: &Found) -> Violated<'_> {
    let Found { violation, actions, steps_found, is_shortened, stopped_by, .. } = found;
    Violated {
        violation,
        actions: *actions,
        steps_found: *steps_found,
        steps: found.steps(),
        is_shortened: *is_shortened,
        stopped_by: names(stopped_by),
    }
}

fn row(row: &Row) -> TableRow {
    let defence = row.defence.to_string();
    let (world, also_off) =
        row.target.as_ref().map_or((None, Vec::new()), |target| (Some(target.realm), names(&target.weakened)));
    let (not_searched, method, tries) = match &row.tries {
        Tries::None(why) => (Some(*why), None, Vec::new()),
        Tries::Made { by, all } => (None, Some(table::name(*by)), all.iter().map(tried).collect()),
    };
    TableRow {
        defence,
        world,
        also_off,
        not_searched,
        method,
        tries,
        found: row.found(),
        median_cases: row.median_cases(),
        actions: row.actions(),
        steps: row.shortest().map(Found::steps),
        measured_median_seconds: row.median_seconds(),
    }
}

fn tried(one: &every::Try) -> Try {
    let violation = one.violated.as_ref().map(|found| found.violation.clone());
    let stopped_by = one.violated.as_ref().map_or_else(Vec::new, |found| names(&found.stopped_by));
    let every::Try { seed, cases, passed_over, is_found: found, took, .. } = *one;
    let measured_seconds = took.as_secs_f64();
    Try { seed, cases, passed_over, found, violation, stopped_by, measured_seconds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::is_that_of_the_code;

    /// The schemas in `spec/` are those of this code. To write them anew, run this test with `COUNTERSIGN_WRITE` set.
    #[test]
    fn the_schemas_of_searches_are_those_of_the_code() {
        is_that_of_the_code("attack-search.v1.json", &schemars::schema_for!(Document<'_>));
        is_that_of_the_code("attack-search-table.v1.json", &schemars::schema_for!(Table<'_>));
    }
}
