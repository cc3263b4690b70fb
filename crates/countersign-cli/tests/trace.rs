//! Does `countersign trace` show what is in a file, and complain in one clear line?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use assert_cmd::Command;
use countersign_sim::{Act, HostId, Line, Scenario, TRACE_SCHEMA, Trace, TraceHeader};
use std::fs;
use std::path::Path;

fn show(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["trace", "show"]).args(arguments);
    command
}

/// A file with this content, for one test alone.
fn file(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn trace() -> Vec<u8> {
    let header = TraceHeader {
        schema: TRACE_SCHEMA.to_owned(),
        build: "countersign 0.1.0".to_owned(),
        seed: 7,
        world: 0,
        handshakes: 1,
        scenario: Scenario { name: "train".to_owned(), ..Scenario::default() },
        without: vec!["freshness".to_owned()],
        hosts: vec!["vault-00000.example".to_owned(), "user-00000.example".to_owned()],
    };
    let (client, server) = (HostId(1), HostId(0));
    let connect = Act::Connect { client, server, via: server, wanted: vec!["read".to_owned()] };
    let lines = vec![Line { step: 1, at_us: 1_000, act: connect, effects: Vec::new() }];
    let mut bytes = Vec::new();
    Trace { header, lines }.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_trace_is_shown_with_what_was_run_and_a_legend() {
    let path = file("shown.ndjson", &trace());
    let output = show(&[&path]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    for part in [
        "world 0 of seed 7, scenario train, 1 step, made by countersign 0.1.0\nwithout freshness\n",
        "● asks for handshake 1 with vault-00000.example for read\n",
        "──▶ arrives",
    ] {
        assert!(text.contains(part), "{part:?} is missing: {text}");
    }
    show(&[&path, "--handshake", "1"]).assert().success();
}

#[test]
fn wrong_use_and_broken_files_get_one_clear_line_and_exit_code_2() {
    let (whole, empty) = (file("whole.ndjson", &trace()), file("empty.ndjson", b""));
    let text = file("text.ndjson", b"hello\n");
    let cases: [(&[&str], &[&str]); 7] = [
        (&["nowhere.ndjson"], &["nowhere.ndjson", "give a trace"]),
        (&[env!("CARGO_TARGET_TMPDIR")], &["line 1", "cannot be read"]),
        (&[&empty], &["empty.ndjson, line 1", "is empty"]),
        (&[&text], &["text.ndjson, line 1", "not JSON"]),
        (&[&whole, "--handshake", "9"], &["has no handshake 9", "it has handshake 1 alone"]),
        (&[&whole, "--handshake", "x"], &["x", "--handshake"]),
        (&[], &["<FILE>", "--help"]),
    ];
    for (arguments, said) in cases {
        let output = show(arguments).output().unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), line.lines().count()), (Some(2), 1), "{arguments:?}: {line}");
        assert!(output.stdout.is_empty(), "nothing on stdout");
        for word in said {
            assert!(line.contains(word), "{arguments:?} should say {word:?}: {line}");
        }
    }
}

#[test]
fn help_ends_with_two_examples() {
    for arguments in [&["trace", "--help"][..], &["trace", "show", "--help"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign")).args(arguments).output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        assert_eq!(examples.lines().count(), 2, "{help}");
        assert!(examples.lines().all(|line| line.starts_with("  countersign trace ")), "{help}");
    }
}
