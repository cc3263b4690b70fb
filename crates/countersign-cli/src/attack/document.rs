//! What `countersign attack list --json` and `attack run --json` print; the schemas are `spec/schemas/attacks.v1.json` and
//! `attack-runs.v1.json`.

use super::played::{Half, Played};
use crate::Failure;
use countersign::Defence;
use countersign_attacks::{ATTACKS, Attack, Goal};
use countersign_sim::{Claim, Realm, Violation};
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign attack list --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.attacks.v1")]
struct List {
    /// The version of this format.
    #[schemars(extend("const" = LIST))]
    schema: &'static str,
    /// All attacks of the catalogue, in its order.
    attacks: Vec<Listed>,
}

/// An attack.
#[derive(JsonSchema, Serialize)]
struct Listed {
    /// What it is called.
    name: &'static str,
    /// The claim that it is after.
    claim: Claim,
    /// What stops it.
    defence: String,
    /// The requirement that this defence fulfils.
    requirement: &'static str,
    /// The world that it is played in.
    world: Realm,
    /// How it is told whether it has won.
    goal: Told,
    /// Defences that are off in its world in any case, because each would stop it too.
    weakened: Vec<String>,
    /// What happens, in plain words.
    story: &'static str,
    /// The break of the real world that it stands for.
    stands_for: &'static str,
    /// Where to read of that.
    reference: &'static str,
    /// What it has achieved when it has won.
    achieved: &'static str,
}

/// How it is told whether an attack has won.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    /// The observer sees its claim violated.
    Violates,
    /// Its script says so.
    Achieves,
}

/// What `countersign attack run --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.attack-runs.v1")]
struct Runs<'a> {
    /// The version of this format.
    #[schemars(extend("const" = RUNS))]
    schema: &'static str,
    /// What decided everything that was left to chance.
    seed: u64,
    /// The attacks that were played.
    runs: Vec<Ran<'a>>,
}

/// An attack that has been played.
#[derive(JsonSchema, Serialize)]
struct Ran<'a> {
    /// What it is called.
    name: &'static str,
    /// The claim that it is after.
    claim: Claim,
    /// What stops it.
    defence: String,
    /// The world that it was played in.
    world: Realm,
    /// Whether all that was played went as the catalogue says.
    as_catalogued: bool,
    /// Against the whole, or against all but what its world lacks. Absent if it was not played.
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<Ended<'a>>,
    /// With defences off. Absent if it was not played.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<Ended<'a>>,
}

/// What came of an attack.
#[derive(JsonSchema, Serialize)]
struct Ended<'a> {
    /// Which defences were off.
    off: Vec<String>,
    /// Whether it won.
    won: bool,
    /// The refusal that it lost by, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refused<'a>>,
    /// The claim that was violated: its own, or else the first, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<&'a Violation>,
    /// The same in a sentence or two.
    outcome: String,
}

/// A refusal.
#[derive(JsonSchema, Serialize)]
struct Refused<'a> {
    /// At which step of the trace.
    step: u64,
    /// By whom.
    host: &'a str,
    /// What was refused, and why.
    what: &'a str,
}

const LIST: &str = "countersign.attacks.v1";
const RUNS: &str = "countersign.attack-runs.v1";

/// The catalogue.
pub(super) fn list() -> Result<String, Failure> {
    pretty(&List { schema: LIST, attacks: ATTACKS.iter().map(listed).collect() })
}

/// What was played.
pub(super) fn runs(played: &[Played], seed: u64) -> Result<String, Failure> {
    pretty(&Runs { schema: RUNS, seed, runs: played.iter().map(ran).collect() })
}

pub(super) fn pretty(document: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(document).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(json + "\n")
}

fn listed(attack: &Attack) -> Listed {
    let Attack { name, story, stands_for, reference, claim, defence, weakened, realm, goal, achieved, .. } = *attack;
    let goal = match goal {
        Goal::Violates(_) => Told::Violates,
        Goal::Achieves => Told::Achieves,
    };
    let (requirement, weakened, defence) = (defence.requirement(), names(weakened), defence.to_string());
    Listed { name, claim, defence, requirement, world: realm, goal, weakened, story, stands_for, reference, achieved }
}

fn ran(played: &Played) -> Ran<'_> {
    let Attack { name, claim, defence, realm, .. } = *played.attack;
    let [whole, without] =
        [&played.whole, &played.without].map(|half| half.as_ref().map(|half| ended(played.attack, half)));
    let as_catalogued = played.is_as_catalogued();
    Ran { name, claim, defence: defence.to_string(), world: realm, as_catalogued, whole, without }
}

fn ended<'a>(attack: &Attack, half: &'a Half) -> Ended<'a> {
    let refusal = half.refusal.as_ref();
    let refusal = refusal.map(|of| Refused { step: of.step, host: &of.host, what: &of.what });
    let (violation, outcome) = (half.run.violation.as_ref(), half.outcome(attack));
    Ended { off: names(&half.off), won: half.run.won, refusal, violation, outcome }
}

pub(super) fn names(defences: &[Defence]) -> Vec<String> {
    defences.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::is_that_of_the_code;

    /// The schemas in `spec/` are those of this code. To write them anew, run this test with `COUNTERSIGN_WRITE` set.
    #[test]
    fn the_schemas_of_attacks_are_those_of_the_code() {
        is_that_of_the_code("attacks.v1.json", &schemars::schema_for!(List));
        is_that_of_the_code("attack-runs.v1.json", &schemars::schema_for!(Runs<'_>));
    }
}
