//! Does the binary do what its help and the documents say, and complain in one clear line?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn countersign(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments);
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The one line on stderr, the exit code, and nothing on stdout.
fn complaint(arguments: &[&str]) -> (String, i32) {
    let output = countersign(arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    assert!(output.stdout.is_empty(), "nothing on stdout");
    (stderr, output.status.code().unwrap())
}

/// Wrong use is told from an empty run by the exit code.
#[test]
fn wrong_use_gets_one_clear_line_and_exit_code_2_or_4() {
    let cases: [(&[&str], i32, &[&str]); 9] = [
        (&["simulate", "--frobnicate"], 2, &["--frobnicate", "--help"]),
        (&["simulate", "--loss", "140"], 2, &["140", "--loss", "from 0 to 100"]),
        (&["simulate", "--duplicate", "-3"], 2, &["-3"]),
        (&["simulate", "--delay", "soon"], 2, &["soon", "--delay"]),
        (&["simulate", "--seed", "x"], 2, &["x", "--seed"]),
        (&["simulate", "--explain"], 2, &["--explain", "--handshakes 1"]),
        (&["dance"], 2, &["dance", "--help"]),
        (&["vectors", "--check", "nowhere"], 2, &["nowhere", "countersign vectors"]),
        (&["simulate", "--handshakes", "0"], 4, &["nothing was explored", "--handshakes"]),
    ];
    for (arguments, code, said) in cases {
        let (line, exit) = complaint(arguments);
        assert_eq!(exit, code, "{arguments:?}: {line}");
        for word in said {
            assert!(line.contains(word), "{arguments:?} should say {word:?}: {line}");
        }
    }
}

/// Without a command, help is shown and nothing is done.
#[test]
fn no_command_is_wrong_use() {
    countersign(&[]).assert().code(2);
}

fn report(arguments: &[&str]) -> Value {
    let output = countersign(arguments).arg("--json").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// CS-IMPL-03: what was measured differs from run to run, all else does not.
#[test]
fn json_is_the_same_for_the_same_seed_but_for_what_was_measured() {
    let mut reports = ["1", "1", "2"].map(|seed| report(&["simulate", "--handshakes", "200", "--seed", seed]));
    for report in &mut reports {
        assert_eq!(report["schema"], "countersign.simulate.v1");
        assert!(report["measured"]["handshakes_per_second"].as_f64().unwrap() > 0.0);
        report.as_object_mut().unwrap().remove("measured");
    }
    let [one, again, other] = reports;
    assert_eq!(one, again);
    assert_ne!(one["trace_hash"], other["trace_hash"]);
    assert_eq!(one["started"], 200);
    assert_eq!(one["claims"].as_array().unwrap().len(), 5);
    assert_eq!(one["repeat"], "countersign simulate --seed 1 --handshakes 200 --loss 5 --duplicate 2 --delay 100");
}

/// The flags reach the network.
#[test]
fn loss_duplication_and_delay_are_what_was_asked_for() {
    let quiet = report(&["simulate", "--handshakes", "100", "--loss", "0", "--duplicate", "0", "--delay", "0"]);
    assert_eq!((&quiet["traffic"]["lost"], &quiet["traffic"]["duplicated"]), (&0.into(), &0.into()));
    assert!(quiet["latency_us"]["p99"].as_u64().unwrap() < 100_000);
    let lossy = report(&["simulate", "--handshakes", "100", "--loss", "50", "--duplicate", "50", "--delay", "900"]);
    assert!(lossy["traffic"]["lost"].as_u64() > Some(100));
    assert!(lossy["traffic"]["duplicated"].as_u64() > Some(100));
    assert!(lossy["latency_us"]["p50"].as_u64() > Some(900_000));
}

/// A run in which no claim had anything to say has not passed.
#[test]
fn a_network_that_carries_nothing_explores_nothing() {
    let output = countersign(&["simulate", "--handshakes", "20", "--loss", "100", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let dead: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&dead["accepted"], &dead["ended"]["timed out"]), (&0.into(), &20.into()));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.starts_with("nothing was explored: ") && complaint.lines().count() == 1, "{complaint}");
}

/// One exchange: every message with its size, what is sealed, every state and why.
#[test]
fn explain_tells_one_exchange_from_hello_to_confirmation() {
    let output = countersign(&["simulate", "--handshakes", "1", "--explain"]).output().unwrap();
    let story = String::from_utf8(output.stdout).unwrap();
    let told = [
        "Hello, 224 bytes",
        "Challenge, 215 bytes",
        "sealed: key",
        "the responder enters AwaitResponse",
        "the initiator enters AwaitVerdict",
        "Response, ",
        "sealed: user          user-00000.example",
        "the responder enters AwaitProfile",
        "the responder enters AwaitAdvance",
        "the responder enters Unconfirmed",
        "Verdict, 102 bytes",
        "sealed: granted       [\"read\", \"write\"]",
        "the initiator enters Confirming",
        "sealed: kind          confirm",
        "the initiator enters Established",
        "trace hash",
    ];
    let mut rest = story.as_str();
    for words in told {
        let (_, after) = rest.split_once(words).unwrap_or_else(|| panic!("{words:?} is not told in turn:\n{story}"));
        rest = after;
    }
}

/// The commands of a document: in its fences, or in the examples of a help text.
fn commands(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap().trim());
    let own = lines.filter_map(|line| {
        line.strip_prefix("countersign ").or_else(|| {
            let (before, arguments) = line.split_once(" -- ")?;
            before.starts_with("cargo run ").then_some(arguments)
        })
    });
    own.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// Every command that is printed anywhere runs as printed.
#[test]
fn every_command_in_the_documents_and_in_help_runs() {
    let mut texts: Vec<String> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "spec/vectors/README.md"]
        .map(|file| fs::read_to_string(root().join(file)).unwrap())
        .into();
    for command in [&["--help"][..], &["simulate", "--help"], &["vectors", "--help"]] {
        let help = String::from_utf8(countersign(command).output().unwrap().stdout).unwrap();
        let (_, examples) = help.split_once("Examples:").expect("each help ends with examples");
        assert_eq!(commands(examples).len(), 2, "two examples end {command:?}");
        texts.push(help);
    }
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("documents");
    let vectors = place.join("spec/vectors");
    fs::create_dir_all(&vectors).unwrap();
    let mut run: Vec<Vec<String>> = texts.iter().flat_map(|text| commands(text)).collect();
    run.sort();
    run.dedup();
    assert!(run.len() >= 5, "the commands were found: {run:?}");
    countersign(&["vectors"]).current_dir(&place).assert().success();
    for arguments in run {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        countersign(&arguments).current_dir(&place).assert().success();
    }
}

/// The vectors of the repository are what this program writes.
#[test]
fn vectors_are_written_and_checked() {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("vectors");
    fs::create_dir_all(&place).unwrap();
    let shown = place.to_str().unwrap();
    countersign(&["vectors", shown]).assert().success();
    countersign(&["vectors", "--check", shown]).assert().success();
    let file = place.join("accepted.txt");
    let text = fs::read_to_string(&file).unwrap();
    let at = text.find("\nprk: ").unwrap() + 6;
    let mut changed = text.clone();
    changed.replace_range(at..=at, if text.as_bytes()[at] == b'0' { "1" } else { "0" });
    fs::write(&file, changed).unwrap();
    let (line, code) = complaint(&["vectors", "--check", shown]);
    assert_eq!(code, 2);
    assert!(line.contains("accepted.txt") && line.contains("prk"), "the first value that differs is named: {line}");
}
