//! Does `countersign attack` play the catalogue, and say with its exit code how it went?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn attack(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.arg("attack").args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// What it prints, its complaint, and its exit code.
fn done(arguments: &[&str]) -> (String, String, i32) {
    let output = attack(arguments).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (stdout, stderr, output.status.code().unwrap())
}

fn spec(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec").join(path)
}

/// What it prints as JSON, which follows its schema.
fn json(arguments: &[&str], schema: &str) -> Value {
    let (text, complaint, _) = done(arguments);
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {complaint}"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(spec(schema)).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let complaints: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(complaints, [""; 0], "{arguments:?}");
    document
}

/// An attack that needs another defence off in its world, beside its own.
const RELAY: &str = "relay-through-a-malicious-responder";

#[test]
fn the_list_names_every_attack_with_all_that_is_known_of_it() {
    let list = json(&["list", "--json"], "schemas/attacks.v1.json");
    let attacks = list["attacks"].as_array().unwrap();
    assert!(list["schema"] == "countersign.attacks.v1" && attacks.len() >= 45, "{}", attacks.len());
    let relay = attacks.iter().find(|attack| attack["name"] == RELAY).unwrap();
    assert_eq!(relay["weakened"], serde_json::json!(["ResponderNameSigned"]));
    assert_eq!((&relay["requirement"], &relay["goal"]), (&"CS-SIG-06".into(), &"violates".into()));
    let (table, _, code) = done(&["list"]);
    assert!(code == 0 && table.lines().count() == attacks.len() + 1, "{table}");
    assert!(attacks.iter().all(|attack| table.contains(attack["name"].as_str().unwrap())));
}

#[test]
fn one_attack_is_drawn_losing_and_then_winning() {
    let (text, complaint, code) = done(&["run", "man-in-the-middle"]);
    assert_eq!((complaint.as_str(), code), ("", 0));
    let told = [
        "AGAINST      the whole\n",
        "~~~~▶│ forged\n",
        "LOSES        at step 3 user-00000.example refuses",
        "EphemeralsInTranscript (CS-TRN-05)",
        "AGAINST      all but EphemeralsInTranscript\n",
        "│ forged, accepted",
        "WINS         the device accepted",
        "(rule \"secrecy\").\n",
        "repeat with  countersign attack run man-in-the-middle --seed 1\n",
    ];
    let mut rest = text.as_str();
    for words in told {
        let (_, after) = rest.split_once(words).unwrap_or_else(|| panic!("{words:?} is not told in turn:\n{text}"));
        rest = after;
    }
}

/// CS-SIG-06: a claim that names its responder is no good for another, and is if it does not. The exit code is 0 if an
/// attack goes as it should, 3 if it wins alone; JSON says the same.
#[test]
fn the_exit_code_tells_who_has_won() {
    let cases: [(&[&str], i32, &[&str]); 6] = [
        (&["run", RELAY], 0, &["whole", "without"]),
        (&["run", RELAY, "--whole"], 0, &["whole"]),
        (&["run", RELAY, "--without", "ClaimNamesResponder"], 3, &["without"]),
        (&["run", RELAY, "--without", "OwnKey"], 0, &["without"]),
        (&["run", "man-in-the-middle", "--without", "OwnKey", "--without", "EphemeralsInTranscript"], 3, &["without"]),
        (&["run", "reflection", "--seed", "7"], 0, &["whole", "without"]),
    ];
    for (arguments, code, halves) in cases {
        let (text, complaint, exit) = done(arguments);
        assert_eq!(exit, code, "{arguments:?}: {complaint}");
        assert_eq!(complaint.contains("wins; repeat with: countersign attack run"), code == 3, "{complaint}");
        assert_eq!(text.contains("\nLOSES "), halves.contains(&"whole") || code == 0, "{text}");
        let document = json(&[arguments, &["--json"]].concat(), "schemas/attack-runs.v1.json");
        let run = document["runs"][0].as_object().unwrap();
        let played: Vec<&str> = ["whole", "without"].into_iter().filter(|half| run.contains_key(*half)).collect();
        assert_eq!(played, halves);
        assert_eq!(run[halves[halves.len() - 1]]["won"], code == 3 || halves.len() == 2, "{arguments:?}");
    }
}

#[test]
fn all_attacks_lose_to_the_whole_and_win_without_their_defence() {
    let (text, complaint, code) = done(&["run", "--all", "--seed", "5"]);
    assert_eq!((complaint.as_str(), code), ("", 0), "{text}");
    let runs = json(&["run", "--all", "--json"], "schemas/attack-runs.v1.json");
    let runs = runs["runs"].as_array().unwrap();
    let summary = format!("{} attacks: all refused by the whole, all won without their defence\n", runs.len());
    assert!(runs.len() >= 45 && text.ends_with(&summary), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains(" refused ")).count(), runs.len() + 1);
    assert!(text.contains(" wins (A6 secrecy)") && !text.contains("WINS") && !text.contains("LOSES"));
    assert!(runs.iter().all(|run| run["as_catalogued"] == true));
}

/// The last half is written, and can be shown, run again and shortened; a half that lost violates nothing.
#[test]
fn a_trace_that_is_kept_replays_and_shrinks() {
    let trace = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.arg("trace").args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR")).assert()
    };
    let (text, _, code) = done(&["run", "record-replay", "--trace", "won.ndjson"]);
    assert!(code == 0 && text.contains("\ntrace        won.ndjson: up to where A4 is violated"), "{text}");
    trace(&["replay", "won.ndjson"]).code(3);
    let shown = trace(&["show", "won.ndjson"]).code(0).get_output().stdout.clone();
    assert!(String::from_utf8(shown).unwrap().contains("without ReplayWindow\n"));
    trace(&["shrink", "won.ndjson", "--out", "short.ndjson"]).code(0);
    trace(&["replay", "short.ndjson"]).code(3);
    let (text, _, code) = done(&["run", "record-replay", "--whole", "--trace", "lost.ndjson"]);
    assert!(code == 0 && text.contains("no claim is violated in it"), "{text}");
    trace(&["replay", "lost.ndjson"]).code(0);
}

/// The story, and two commands that run as printed: the second leaves the attack its way.
#[test]
fn an_attack_is_explained_with_commands_to_try_it() {
    for name in [RELAY, "all-zero-exchange", "man-in-the-middle"] {
        let (text, _, code) = done(&["explain", name]);
        assert_eq!(code, 0);
        for label in
            ["story ", "stands for ", "reference ", "claim ", "stopped by ", "world ", "also off ", "achieves "]
        {
            assert!(text.contains(&format!("\n{label}")), "{label}: {text}");
        }
        assert!(text.contains("in spec/"), "{text}");
        let (_, commands) = text.split_once("\nTry it:\n").unwrap();
        let commands: Vec<&str> =
            commands.lines().map(|line| line.strip_prefix("  countersign attack ").unwrap()).collect();
        assert_eq!(commands.len(), 2, "{text}");
        for (command, code) in commands.into_iter().zip([0, 3]) {
            attack(&command.split(' ').collect::<Vec<_>>()).assert().code(code);
        }
    }
}

#[test]
fn wrong_use_gets_one_clear_line_and_exit_code_2() {
    let cases: [(&[&str], &[&str]); 9] = [
        (&["run", "reflektion"], &["reflektion", "did you mean 'reflection'"]),
        (&["explain", "lowe-relay"], &["lowe-relay", "countersign attack list"]),
        (&["run", RELAY, "--without", "ClaimNamesResponders"], &["did you mean 'ClaimNamesResponder'"]),
        (&["run", RELAY, "--without", "Luck"], &["Luck", "countersign attack table"]),
        (&["run"], &["NAME", "--help"]),
        (&["run", "--all", "--whole"], &["--all", "--whole"]),
        (&["run", RELAY, "--whole", "--without", "OwnKey"], &["--whole", "--without"]),
        (&["run", RELAY, "--trace", "nowhere/trace.ndjson"], &["nowhere/trace.ndjson", "name a file"]),
        (&["dance"], &["dance", "--help"]),
    ];
    for (arguments, said) in cases {
        let (text, line, code) = done(arguments);
        assert_eq!((code, line.lines().count(), text.as_str()), (2, 1, ""), "{arguments:?}: {line}");
        for word in said {
            assert!(line.contains(word), "{arguments:?} should say {word:?}: {line}");
        }
    }
}

/// The tables in `spec/` are those of this code. To write them anew, run this test with `COUNTERSIGN_WRITE` set.
#[test]
fn the_tables_in_the_specification_are_those_of_the_code() {
    let (generated, _, code) = done(&["table"]);
    assert_eq!(code, 0);
    let path = spec("attacks.md");
    if env::var_os("COUNTERSIGN_WRITE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "spec/attacks.md differs; run this test with COUNTERSIGN_WRITE=1");
    let readme = fs::read_to_string(spec("README.md")).unwrap();
    assert!(readme.contains("(attacks.md)"));
}
