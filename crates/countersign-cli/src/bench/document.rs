//! What `countersign bench --json` prints; the schema is `spec/schemas/bench.v1.json`.

use super::machine::Machine;
use super::{Outcome, Ratio};
use crate::{Failure, trace};
use countersign_benches::Spread;
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign bench --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.bench.v1")]
struct Bench<'a> {
    /// The version of this format.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// What made it.
    build: String,
    /// What it was measured on.
    machine: &'a Machine,
    /// How many rounds there were. In each, every contestant ran for about a millisecond.
    rounds: usize,
    /// How long that took, in seconds.
    seconds: f64,
    /// How many times as long as another a contestant took, round by round.
    ratios: Vec<Compared<'a>>,
    /// The contestants, the quickest first.
    contestants: Vec<Measured<'a>>,
    /// The command that repeats it.
    repeat: &'a str,
}

/// A contestant beside another.
#[derive(JsonSchema, Serialize)]
struct Compared<'a> {
    /// The one.
    of: &'a str,
    /// The other.
    to: &'a str,
    /// How many times as long the one took: less is better for the one.
    ratio: Spreading,
}

/// A contestant.
#[derive(JsonSchema, Serialize)]
struct Measured<'a> {
    /// What it is called.
    name: &'a str,
    /// The processor time of one handshake, both sides, in microseconds.
    micros: Spreading,
}

/// How the values of the rounds lie.
#[derive(JsonSchema, Serialize)]
struct Spreading {
    /// The one in the middle.
    median: f64,
    /// One in ten is less.
    p10: f64,
    /// One in ten is more.
    p90: f64,
    /// The least.
    least: f64,
}

const SCHEMA: &str = "countersign.bench.v1";

pub(super) fn json(outcome: &Outcome) -> Result<String, Failure> {
    let bench = Bench {
        schema: SCHEMA,
        build: trace::build(),
        machine: &outcome.machine,
        rounds: outcome.rounds,
        seconds: rounded(outcome.took.as_secs_f64()),
        ratios: outcome.ratios.iter().map(compared).collect(),
        contestants: outcome.contestants.iter().map(measured).collect(),
        repeat: &outcome.repeat,
    };
    let json = serde_json::to_string_pretty(&bench).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(json + "\n")
}

fn compared(ratio: &Ratio) -> Compared<'_> {
    Compared { of: &ratio.of, to: &ratio.to, ratio: spreading(&ratio.spread) }
}

fn measured((name, spread): &(String, Spread)) -> Measured<'_> {
    Measured { name, micros: spreading(spread) }
}

fn spreading(spread: &Spread) -> Spreading {
    let [median, p10, p90, least] = [spread.median, spread.p10, spread.p90, spread.least].map(rounded);
    Spreading { median, p10, p90, least }
}

/// To three decimals: the rest is noise.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::is_that_of_the_code;

    /// The schema in `spec/` is that of this code. To write it anew, run this test with `COUNTERSIGN_WRITE` set.
    #[test]
    fn the_schema_of_a_bench_is_that_of_the_code() {
        is_that_of_the_code("bench.v1.json", &schemars::schema_for!(Bench<'_>));
    }
}
