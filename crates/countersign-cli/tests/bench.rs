//! Does `countersign bench` say what it measured, in the form that it promises?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn bench(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let output = command.args(["bench", "--rounds", "5"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_follows_its_schema_and_says_on_what_it_was_measured() {
    let document: Value = serde_json::from_str(&bench(&["--json"])).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/schemas/bench.v1.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let complaints: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(complaints, [""; 0]);
    assert_eq!((&document["rounds"], &document["repeat"]), (&5.into(), &"countersign bench --rounds 5".into()));
    assert_eq!(document["machine"]["optimised"], !cfg!(debug_assertions));
    let libraries = document["machine"]["libraries"].as_array().unwrap();
    let versions = libraries.iter().find(|library| library["name"] == "graviola").unwrap()["versions"].as_array();
    assert!(versions.unwrap()[0].as_str().unwrap().starts_with("0.4."));
    assert_eq!(document["machine"]["peers"], cfg!(feature = "peers"));
    assert_eq!(document["machine"]["poly1305"], "portable", "as .cargo/config.toml has it");
    let ratio = &document["ratios"][0];
    assert_eq!((&ratio["of"], &ratio["to"]), (&"Countersign, portable".into(), &"floor, portable".into()));
    let order = ["least", "p10", "median", "p90"].map(|of| ratio["ratio"][of].as_f64().unwrap());
    assert!(order.is_sorted() && order[0] > 0.0, "{order:?}");
}

#[test]
fn text_shows_ratios_first_and_the_machine_last() {
    let text = bench(&[]);
    let places = ["ratio", "contestant", "█", "machine", "rustc", "repeat with  countersign bench --rounds 5"];
    let mut rest = text.as_str();
    for words in places {
        rest = rest.split_once(words).unwrap_or_else(|| panic!("{words:?} is not there in turn:\n{text}")).1;
    }
}
