//! A report as one JSON object, written and read back; its schema is in `spec/schemas/simulate.v2.json`.

use super::Measured;
use crate::Failure;
use countersign_sim::{Line, Report, Trace};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A report with what stands beside it in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) report: Report,
    /// Nothing if it was merged from others.
    pub(crate) measured: Option<Measured>,
    pub(crate) repeat: String,
}

/// What `countersign simulate --json` prints.
#[derive(JsonSchema, Serialize)]
#[schemars(title = "countersign.simulate.v2")]
struct Written<'a> {
    /// The version of this format.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    #[serde(flatten)]
    report: &'a Report,
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
    pub(crate) shrunk: Trace,
}

const SCHEMA: &str = "countersign.simulate.v2";

/// One JSON object, with a `schema` field.
pub(crate) fn json(
    report: &Report,
    measured: Option<&Measured>,
    found: Option<&Found>,
    repeat: &str,
) -> Result<String, Failure> {
    let shrunk = found.map(|found| Shrunk { steps: found.shrunk.steps(), lines: &found.shrunk.lines });
    let written = Written { schema: SCHEMA, report, measured, shrunk, repeat };
    let json = serde_json::to_string_pretty(&written).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(json + "\n")
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
    fields.remove("shrunk");
    let not_a_report = |error: serde_json::Error| format!("it is not a whole report: {error}");
    let measured = fields.remove("measured").map(serde_json::from_value).transpose().map_err(not_a_report)?;
    let repeat = fields.remove("repeat").ok_or("it is not a whole report: missing field `repeat`")?;
    let repeat = serde_json::from_value(repeat).map_err(not_a_report)?;
    // Not flattened from the text: that way of reading loses keys that are numbers.
    let report: Report = serde_json::from_value(Value::Object(fields)).map_err(not_a_report)?;
    check(&report)?;
    Ok(Document { report, measured, repeat })
}

/// Whether the worlds are the run's, and the hash is theirs.
fn check(report: &Report) -> Result<(), String> {
    let worlds = report.run.worlds;
    if let Some(stranger) = report.worlds.keys().find(|world| **world >= worlds) {
        return Err(format!("it covers world {stranger}, and its run has {worlds}, counted from 0"));
    }
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
    use countersign_sim::TraceHeader;
    use schemars::Schema;
    use std::path::Path;
    use std::{env, fs};

    /// A line of a trace: the first is the header.
    #[derive(JsonSchema)]
    #[schemars(title = "countersign.trace.v1")]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    enum TraceLine {
        Header(TraceHeader),
        Line(Line),
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
            let text = json(&report, measured.as_ref(), None, "again").unwrap();
            let document = Document { report: report.clone(), measured, repeat: "again".to_owned() };
            assert_eq!(parse(&text), Ok(document));
        }
    }

    /// Whoever gives a wrong file is told what is wrong with it.
    #[test]
    fn what_is_not_a_report_is_refused_by_name() {
        let text = json(&sample::report(), None, None, "again").unwrap();
        let without = |field: &str| text.replacen(&format!("\"{field}\""), "\"other\"", 1);
        let cases = [
            ("{".to_owned(), "it is not JSON: EOF while parsing"),
            ("[1]".to_owned(), "it is not an object"),
            ("{}".to_owned(), "it has no field `schema`"),
            (text.replacen("simulate.v2", "simulate.v1", 1), "its schema is \"countersign.simulate.v1\""),
            (without("latency"), "missing field `latency`"),
            (without("repeat"), "missing field `repeat`"),
            (text.replacen("\"1\": \"", "\"2\": \"", 1), "it covers world 2, and its run has 2"),
            (text.replacen("\"1\": \"", "\"1\": \"0", 1), "its trace hash is not that of its worlds"),
        ];
        for (broken, said) in cases {
            let complaint = parse(&broken).unwrap_err();
            assert!(complaint.contains(said), "{complaint:?} does not say {said:?}");
        }
    }

    /// What the programs write follows the schemas, and what does not is told from it.
    #[test]
    fn what_is_written_follows_its_schema() {
        let mut value: Value =
            serde_json::from_str(&json(&sample::report(), Some(&sample::MEASURED), None, "").unwrap()).unwrap();
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
