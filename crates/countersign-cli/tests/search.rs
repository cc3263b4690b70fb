//! Does `countersign attack search` find what is off, nothing when nothing is, and say so with its exit code?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn countersign(arguments: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let output = command.args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (stdout, stderr, output.status.code().unwrap())
}

/// What a search prints, its complaint, and its exit code. The time is not to end it, on any machine.
fn search(arguments: &[&str]) -> (String, String, i32) {
    countersign(&[&["attack", "search", "--time", "3600"], arguments].concat())
}

/// What it prints as JSON, which follows the schema that it names.
fn json(arguments: &[&str]) -> Value {
    let (text, complaint, _) = search(&[arguments, &["--json"]].concat());
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {complaint}"));
    let name = document.get("schema").and_then(Value::as_str).unwrap().trim_start_matches("countersign.");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../spec/schemas/{name}.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let complaints: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(complaints, [""; 0], "{arguments:?}");
    document
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

const PINNED: [&str; 2] = ["--without", "ResponderKeyPinned"];

/// It would end with "no claim violated", whatever the code does.
#[test]
fn what_no_observer_sees_is_not_searched_for() {
    let (text, complaint, code) = search(&["--without", "ReflectedEphemeral"]);
    assert_eq!((text.as_str(), code), ("", 2));
    assert!(complaint.contains("nothing to search for without ReflectedEphemeral"), "{complaint}");
}

/// What was searched, how far, what was found, and what can be done with it, in turn.
#[test]
fn what_is_found_is_drawn_and_can_be_run_again() {
    let (text, complaint, code) = search(&[&PINNED[..], &["--trace", "found.ndjson"]].concat());
    assert_eq!(code, 3, "{complaint}");
    assert!(
        complaint.starts_with("A") && complaint.contains("; repeat with: countersign attack search"),
        "{complaint}"
    );
    let told = [
        "world        honest: generators",
        "off          ResponderKeyPinned\n",
        "method       novelty, seed 1, 100,000 cases at most\n",
        "tried        ",
        "ended        by what it found\n",
        "speed        ",
        "~~~~",
        "╌╌╌ sent",
        "FOUND        A",
        "is violated (rule \"",
        "stopped by   ResponderKeyPinned: ",
        "trace        countersign trace replay found.ndjson\n",
        "repeat with  countersign attack search --without ResponderKeyPinned --method novelty --budget 100000 --time 3600 --seed 1\n",
    ];
    let mut rest = text.as_str();
    for words in told {
        let (_, after) = rest.split_once(words).unwrap_or_else(|| panic!("{words:?} is not told in turn:\n{text}"));
        rest = after;
    }
    let (text, _, code) = countersign(&["trace", "replay", "found.ndjson"]);
    assert!(code == 3 && text.contains(" do again what they did\nVIOLATED "), "{text}");
}

/// CS-IMPL-03: the same seed tries the same cases and finds the same, on one thread as on two; what was measured apart.
#[test]
fn the_seed_alone_decides_what_is_found() {
    let [one, two] = ["1", "2"].map(|threads| {
        let name = format!("threads-{threads}.ndjson");
        let arguments = [&PINNED[..], &["--method", "random", "--threads", threads, "--trace", &name]].concat();
        let mut document = json(&arguments);
        let measured = document["searches"][0].as_object_mut().unwrap().remove("measured").unwrap();
        assert_eq!(measured["threads"].to_string(), threads);
        (document, fs::read(file(&name)).unwrap())
    });
    assert_eq!(one, two);
    let searched = &one.0["searches"][0];
    assert!(searched["cases"].as_u64().unwrap() > 0 && searched["moves"].as_u64().unwrap() > 0);
    assert_eq!((&searched["ended"], &searched["found"]["stopped_by"][0]), (&"found".into(), &PINNED[1].into()));
}

/// Every world in turn, each with its share of the budget; with nothing off there is nothing to find.
#[test]
fn with_nothing_off_nothing_is_found_in_any_world() {
    let arguments = ["--budget", "2600"];
    let (text, complaint, code) = search(&arguments);
    assert_eq!((complaint.as_str(), code), ("", 0), "{text}");
    assert_eq!(text.matches("found        no claim violated\n").count(), 13);
    assert_eq!(text.matches(", 200 cases at most\n").count(), 13);
    assert_eq!(text.matches("off          nothing\n").count(), 13);
    let document = json(&["--budget", "200", "--world", "clones", "--seed", "5"]);
    let [searched] = document["searches"].as_array().unwrap().as_slice() else { panic!("{document}") };
    let got = ["world", "ended", "cases", "budget"].map(|field| searched[field].clone());
    assert_eq!(got, [Value::from("clones"), "bound".into(), 200.into(), 200.into()]);
}

/// In the world of a defence is off what is off there in any case, and it is said; in a world that was named it is not.
#[test]
fn the_world_of_a_defence_is_that_of_its_attack() {
    let named = ["--without", "ClaimNamesResponder", "--budget", "1"];
    let (text, ..) = search(&named);
    let off = "off          ClaimNamesResponder, and ResponderNameSigned, off in its world in any case\n";
    assert!(text.contains(off), "{text}");
    let searched = json(&named)["searches"][0].clone();
    assert_eq!(searched["weakened"], serde_json::json!(["ResponderNameSigned"]));
    assert_eq!(searched["off"].as_array().unwrap().len(), 2);
    let (text, ..) = search(&[&named[..], &["--world", "honest"]].concat());
    assert!(text.contains("off          ClaimNamesResponder\n"), "{text}");
}

/// Everything within a bound: states by actions, and whether that was all.
#[test]
fn an_exhaustive_search_says_whether_it_was_complete() {
    let (text, _, code) = search(&["--exhaustive", "0", "--world", "honest"]);
    assert_eq!(code, 0);
    assert!(text.contains("ended        complete: ") && text.contains(" after 0 actions\n"), "{text}");
    let document = json(&[&PINNED[..], &["--exhaustive", "1"]].concat());
    let searched = &document["searches"][0];
    assert_eq!((&document["actions"], &searched["found"]["actions"]), (&1.into(), &1.into()));
    assert!(searched["states"].as_array().is_some_and(|states| !states.is_empty()), "{searched}");
    assert!(document.get("method").is_none() && searched.get("cases").is_none(), "{document}");
    assert_eq!(search(&[&PINNED[..], &["--exhaustive", "1"]].concat()).2, 3);
}

/// A search that the time ends says so: it is not decided by the seed. A trace of nothing is not written.
#[test]
fn a_search_that_the_time_ends_says_so() {
    let arguments = ["attack", "search", "--time", "1", "--world", "honest", "--trace", "nothing.ndjson"];
    let (text, _, code) = countersign(&arguments);
    assert_eq!(code, 0);
    assert!(text.contains("ended        not complete: the time was up"), "{text}");
    assert!(text.contains("trace        not written: nothing was found\n") && !file("nothing.ndjson").exists());
}

/// A row for each defence and method, the same as data, and a trace for each that was found. A few cases find a few.
#[test]
fn every_defence_is_searched_for_and_what_is_found_is_kept() {
    let _ = fs::remove_dir_all(file("kept"));
    let arguments = ["--every-defence", "--seeds", "1", "--budget", "8"];
    let (text, complaint, code) = search(&[&arguments[..], &["--write", "kept"]].concat());
    assert!(code == 3 && complaint.starts_with("not found by novelty with every seed: "), "{complaint}");
    for row in [
        "| Defence | World | Also off | Method | Found | Median cases | Median seconds | Steps |\n|---|",
        "\n| `SyntheticNonce` | clones |  | novelty | 0 of 1 | none | none | none |\n",
        "\n| `StrictSignature` | honest |  | none | not searched: ",
        "\nrepeat with  countersign attack search --every-defence --seeds 1 --budget 8 --time 3600\n",
    ] {
        assert!(text.contains(row), "{row:?} is missing:\n{text}");
    }
    let table = json(&arguments);
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), text.lines().filter(|line| line.starts_with("| `")).count());
    let (found, missed): (Vec<&Value>, Vec<&Value>) = rows.iter().partition(|row| row["found"] == 1);
    assert!(found.len() > 4 && missed.len() > 4, "{text}");
    let kept = |row: &Value| format!("kept/{}.ndjson", row["defence"].as_str().unwrap());
    for row in &found {
        assert_eq!(row["median_cases"], row["tries"][0]["cases"], "{row}");
        assert_eq!(countersign(&["trace", "replay", &kept(row)]).2, 3, "{row}");
    }
    let is_found = |row: &Value| found.iter().any(|found| found["defence"] == row["defence"]);
    assert!(missed.into_iter().filter(|row| !is_found(row)).all(|row| !file(&kept(row)).exists()));
}

#[test]
fn wrong_use_gets_one_clear_line_and_exit_code_2() {
    let cases: [(&[&str], &[&str]); 11] = [
        (&["--world", "honset"], &["honset", "did you mean 'honest'"]),
        (&["--world", "moon"], &["moon", "stolen-later"]),
        (&["--without", "OwnKeys"], &["did you mean 'OwnKey'"]),
        (&["--method", "luck"], &["luck", "random and novelty"]),
        (&["--budget", "0"], &["0", "--budget"]),
        (&["--seed", "x"], &["x", "--seed"]),
        (&["--exhaustive", "1", "--method", "random"], &["--exhaustive", "--method"]),
        (&["--exhaustive", "1", "--budget", "7"], &["--exhaustive", "--budget"]),
        (&["--every-defence", "--without", "OwnKey"], &["--every-defence", "--without"]),
        (&["--seeds", "2"], &["--every-defence"]),
        (&["--without", "ResponderKeyPinned", "--json", "--trace", "nowhere/it.ndjson"], &["nowhere/it.ndjson"]),
    ];
    for (arguments, said) in cases {
        let (text, line, code) = search(arguments);
        assert_eq!((code, line.lines().count(), text.as_str()), (2, 1, ""), "{arguments:?}: {line}");
        for word in said {
            assert!(line.contains(word), "{arguments:?} should say {word:?}: {line}");
        }
    }
}
