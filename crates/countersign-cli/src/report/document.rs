//! A report as one JSON object, written and read back; its schema is in `spec/schemas/simulate.v2.json`.

use super::Measured;
use super::words::{Worlds, gaps};
use crate::Failure;
use countersign_sim::{Line, Report, Trace, VIOLATIONS_KEPT};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A report with what stands beside it in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) report: Report,
    /// Nothing if it was merged from others.
    pub(crate) measured: Option<Measured>,
    /// What made it.
    pub(crate) build: String,
    pub(crate) repeat: String,
}

/// What `countersign simulate --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.simulate.v2")]
struct Written<'a> {
    /// The version of this format.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// What made it: another build may do other things.
    build: &'a str,
    #[serde(flatten)]
    report: &'a Report,
    /// The worlds of the run that this report does not cover.
    missing_worlds: Vec<Worlds>,
    /// What the scenario is sure to meet, and this run did not. Whole runs of 25,000 handshakes or more must meet it.
    unexplored: Vec<String>,
    /// What was measured on the machine that ran it. Absent when reports were merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<&'a Measured>,
    /// The shortest trace of the first violation, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    shrunk: Option<Shrunk<'a>>,
    /// The command that repeats it.
    repeat: &'a str,
}

/// A trace of which nothing more can be left out.
#[derive(JsonSchema, Serialize)]
struct Shrunk<'a> {
    /// How many steps it has.
    steps: usize,
    /// The lines of the trace.
    lines: &'a [Line],
}

/// The trace of the first violation of a run, to there, and the shortest that still shows it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) trace: Trace,
    pub(crate) shrunk: Option<Trace>,
}

const SCHEMA: &str = "countersign.simulate.v2";

/// One JSON object, with a `schema` field.
pub(crate) fn json(document: &Document, found: Option<&Found>) -> Result<String, Failure> {
    let Document { report, measured, build, repeat } = document;
    let shrunk = found.and_then(|found| found.shrunk.as_ref());
    let shrunk = shrunk.map(|shrunk| Shrunk { steps: shrunk.steps(), lines: &shrunk.lines });
    let (missing_worlds, unexplored) = (gaps(report), report.unexplored_names());
    let measured = measured.as_ref();
    let written = Written { schema: SCHEMA, build, report, missing_worlds, unexplored, measured, shrunk, repeat };
    let json = serde_json::to_string_pretty(&written).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(json + "\n")
}

/// Whether a text is meant to be one, by the way it begins.
pub(crate) fn is_one(text: &str) -> bool {
    let start = text.get(..200).unwrap_or(text);
    start.contains("\"schema\"") && start.contains("countersign.simulate.")
}

/// Reads what [`json`] wrote.
///
/// # Errors
/// What is wrong with it, to be read after the name of the file.
pub(crate) fn parse(text: &str) -> Result<Document, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let Value::Object(mut fields) = value else {
        return Err("it is JSON, but no report: it is not an object".to_owned());
    };
    match fields.remove("schema") {
        Some(Value::String(schema)) if schema == SCHEMA => {}
        Some(other) => return Err(format!("its schema is {other}, and this program reads \"{SCHEMA}\"")),
        None => return Err("it is JSON, but no report: it has no field `schema`".to_owned()),
    }
    for told_again in ["shrunk", "missing_worlds", "unexplored"] {
        fields.remove(told_again);
    }
    let not_a_report = |error: serde_json::Error| format!("it is not a whole report: {error}");
    let measured = fields.remove("measured").map(serde_json::from_value).transpose().map_err(not_a_report)?;
    let mut text = |name: &str| {
        let field = fields.remove(name).ok_or_else(|| format!("it is not a whole report: missing field `{name}`"))?;
        serde_json::from_value(field).map_err(not_a_report)
    };
    let (build, repeat) = (text("build")?, text("repeat")?);
    // Not flattened from the text: that way of reading loses keys that are numbers.
    let report: Report = serde_json::from_value(Value::Object(fields)).map_err(not_a_report)?;
    check(&report)?;
    Ok(Document { report, measured, build, repeat })
}

/// Whether the violations that are listed are as many as are counted, as far as they are kept.
fn check_violations(report: &Report) -> Result<(), String> {
    let mut counted = 0_u64;
    for (claim, count) in &report.claims {
        let listed = report.violations.iter().filter(|violation| violation.claim == *claim).count();
        if u64::try_from(listed).is_ok_and(|listed| listed > count.violated) {
            return Err(format!(
                "it lists {listed} violations of {claim} and counts {}: it was changed",
                count.violated
            ));
        }
        counted = counted.saturating_add(count.violated);
    }
    let kept = usize::try_from(counted).unwrap_or(usize::MAX).min(VIOLATIONS_KEPT);
    if report.violations.len() == kept {
        return Ok(());
    }
    let listed = report.violations.len();
    Err(format!("it counts {counted} violations and lists {listed}, not {kept}: it was changed"))
}

/// Whether the worlds are the run's, and the hash is theirs.
fn check(report: &Report) -> Result<(), String> {
    let worlds = report.run.worlds;
    if let Some(stranger) = report.worlds.keys().find(|world| **world >= worlds) {
        return Err(format!("it covers world {stranger}, and its run has {worlds}, counted from 0"));
    }
    check_violations(report)?;
    let mut again = Report::empty(report.run.clone());
    again.merge(report.clone()).map_err(|error| error.to_string())?;
    if again.trace_hash == report.trace_hash {
        Ok(())
    } else {
        Err("its trace hash is not that of its worlds: it was changed".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use countersign_sim::{Claim, ClaimCount, End, Explored, TraceEnd, TraceHeader};
    use schemars::Schema;
    use std::path::Path;
    use std::{env, fs};

    /// A line of a trace: the first is the header, the last the end.
    #[derive(JsonSchema)]
    #[schemars(title = "countersign.trace.v1")]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    enum TraceLine {
        Header(TraceHeader),
        Line(Line),
        End(TraceEnd),
    }

    fn simulate() -> Schema {
        schemars::schema_for!(Written<'_>)
    }

    fn trace() -> Schema {
        schemars::schema_for!(TraceLine)
    }

    fn complaints(schema: &Schema, value: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path)).collect()
    }

    /// What is written is read back, with keys that are numbers and with nothing measured.
    #[test]
    fn a_report_is_read_back_as_it_was_written() {
        let (report, measured) = (sample::report(), sample::MEASURED);
        for measured in [Some(measured), None] {
            let document = Document { measured, ..sample::document(report.clone(), "again") };
            let text = json(&document, None).unwrap();
            assert_eq!(parse(&text), Ok(document));
        }
    }

    /// Whoever gives a wrong file is told what is wrong with it.
    #[test]
    fn what_is_not_a_report_is_refused_by_name() {
        let text = sample::json(sample::report(), "again");
        let without = |field: &str| text.replacen(&format!("\"{field}\""), "\"other\"", 1);
        let cases = [
            ("{".to_owned(), "it is not JSON: EOF while parsing"),
            ("[1]".to_owned(), "it is not an object"),
            ("{}".to_owned(), "it has no field `schema`"),
            (text.replacen("simulate.v2", "simulate.v1", 1), "its schema is \"countersign.simulate.v1\""),
            (without("latency"), "missing field `latency`"),
            (without("repeat"), "missing field `repeat`"),
            (without("build"), "missing field `build`"),
            (text.replacen("\"1\": \"", "\"2\": \"", 1), "it covers world 2, and its run has 2"),
            (text.replacen("\"1\": \"", "\"1\": \"0", 1), "its trace hash is not that of its worlds"),
        ];
        for (broken, said) in cases {
            let complaint = parse(&broken).unwrap_err();
            assert!(complaint.contains(said), "{complaint:?} does not say {said:?}");
        }
    }

    /// A report says of its violations what it counts.
    #[test]
    fn violations_that_are_not_counted_are_refused() {
        let mut violated = sample::violated(1);
        assert!(parse(&sample::json(violated.clone(), "")).is_ok());
        violated.claims.insert(Claim::A2, ClaimCount { occurred: 5, violated: 0 });
        assert!(violated.is_violated(), "whatever is counted");
        let complaint = parse(&sample::json(violated.clone(), "")).unwrap_err();
        assert_eq!(complaint, "it lists 1 violations of A2 and counts 0: it was changed");
        violated.claims.insert(Claim::A2, ClaimCount { occurred: 5, violated: 3 });
        let complaint = parse(&sample::json(violated, "")).unwrap_err();
        assert_eq!(complaint, "it counts 3 violations and lists 1, not 3: it was changed");
    }

    /// What is missing is told to machines, too.
    #[test]
    fn missing_worlds_and_what_is_unexplored_have_fields() {
        let mut part = sample::shard(1);
        part.explored.remove(&Explored::LostInBurst);
        let written: Value = serde_json::from_str(&sample::json(part, "")).unwrap();
        assert_eq!(written["missing_worlds"], serde_json::json!([{ "from": 0, "to": 0 }]));
        assert_eq!(written["unexplored"], serde_json::json!(["lost-in-burst"]));
        let whole: Value = serde_json::from_str(&sample::json(sample::report(), "")).unwrap();
        assert_eq!((&whole["missing_worlds"], &whole["unexplored"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    }

    /// What the programs write follows the schemas, and what does not is told from it.
    #[test]
    fn what_is_written_follows_its_schema() {
        let document = Document { measured: Some(sample::MEASURED), ..sample::document(sample::report(), "") };
        let mut value: Value = serde_json::from_str(&json(&document, None).unwrap()).unwrap();
        assert_eq!(complaints(&simulate(), &value), [""; 0]);
        value["schema"] = "countersign.simulate.v1".into();
        value["run"]["scenario"]["up"]["burst"]["mean"] = "1 s".into();
        value["slowest"][0]["arrows"][0]["nature"] = "dreamt".into();
        assert_eq!(complaints(&simulate(), &value).len(), 3);
        for line in [serde_json::to_value(sample::header()), serde_json::to_value(sample::line())] {
            let mut line = line.unwrap();
            assert_eq!(complaints(&trace(), &line), [""; 0]);
            line.as_object_mut().unwrap().remove("effects");
            line.as_object_mut().unwrap().remove("hosts");
            assert!(!complaints(&trace(), &line).is_empty());
        }
        let end = serde_json::to_value(TraceEnd { end: End { steps: 7 } }).unwrap();
        assert_eq!(complaints(&trace(), &end), [""; 0]);
    }

    /// The schemas in `spec/` are those of this code. To write them anew, run this test with `COUNTERSIGN_WRITE` set.
    #[test]
    fn the_schemas_in_the_specification_are_those_of_the_code() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/schemas");
        for (name, schema) in [("simulate.v2.json", simulate()), ("trace.v1.json", trace())] {
            let path = directory.join(name);
            let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            if env::var_os("COUNTERSIGN_WRITE").is_some() {
                fs::create_dir_all(&directory).unwrap();
                fs::write(&path, &generated).unwrap();
            }
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == generated, "spec/schemas/{name} differs; run this test with COUNTERSIGN_WRITE=1");
        }
    }
}
