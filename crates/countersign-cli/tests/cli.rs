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

fn complaint_in(place: &Path, arguments: &[&str]) -> (String, i32) {
    let output = countersign(arguments).current_dir(place).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

/// Wrong use is told from an empty run by the exit code.
#[test]
fn wrong_use_gets_one_clear_line_and_exit_code_2_or_4() {
    let cases: [(&[&str], i32, &[&str]); 18] = [
        (&["simulate", "--frobnicate"], 2, &["--frobnicate", "--help"]),
        (&["simulate", "--loss", "140"], 2, &["140", "--loss", "from 0 to 100"]),
        (&["simulate", "--duplicate", "-3"], 2, &["-3"]),
        (&["simulate", "--delay", "soon"], 2, &["soon", "--delay"]),
        (&["simulate", "--seed", "x"], 2, &["x", "--seed"]),
        (&["simulate", "--explain"], 2, &["--explain", "--handshakes 1"]),
        (&["simulate", "--without", "Luck"], 2, &["Luck", "--without", "LatestTimestamp"]),
        (&["simulate", "--shard", "4/3", "--json"], 2, &["4/3", "--shard"]),
        (&["simulate", "--handshakes", "600", "--shard", "1/3", "--json"], 2, &["--shard 1/3", "1 world;"]),
        (&["simulate", "--without", "list"], 2, &["LatestTimestamp", "ReplayWindow"]),
        (&["simulate", "--worlds", "7", "--handshakes", "3"], 2, &["at least one world"]),
        (&["trace", "show", "nowhere.ndjson"], 2, &["nowhere.ndjson"]),
        (&["merge", "nowhere.json"], 2, &["nowhere.json"]),
        (&["bench", "--time", "600"], 2, &["600", "--time", "120"]),
        (&["bench", "--rounds", "0"], 2, &["0", "--rounds"]),
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

/// A file that is no report is named, with what to give instead.
#[test]
fn merging_what_is_no_report_gets_one_clear_line_and_exit_code_2() {
    let vectors = root().join("spec/vectors/README.md");
    let cases: [(&[&str], &[&str]); 3] = [
        (&["merge"], &["FILE", "--help"]),
        (&["merge", "nowhere.json"], &["nowhere.json", "countersign simulate --json"]),
        (&["merge", vectors.to_str().unwrap()], &["README.md", "not JSON", "countersign simulate --json"]),
    ];
    for (arguments, said) in cases {
        let (line, exit) = complaint(arguments);
        assert_eq!(exit, 2, "{arguments:?}: {line}");
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
        assert_eq!(report["schema"], "countersign.simulate.v2");
        assert!(report["measured"]["handshakes_per_second"].as_f64().unwrap() > 0.0);
        report.as_object_mut().unwrap().remove("measured");
    }
    let [one, again, other] = reports;
    assert_eq!(one, again);
    assert_ne!(one["trace_hash"], other["trace_hash"]);
    assert_eq!(one["started"], 200);
    assert_eq!(one["claims"].as_object().unwrap().len(), 10);
    assert_eq!(one["repeat"], "countersign simulate --scenario default --seed 1 --handshakes 200");
}

/// CS-IMPL-03: nor does the backend show, but in the command that repeats the run.
#[test]
fn json_is_the_same_on_the_backend_that_is_best_here() {
    let mut reports = ["portable", "auto"].map(|name| report(&["simulate", "--handshakes", "200", "--backend", name]));
    assert_eq!(reports[1]["repeat"], format!("{} --backend auto", reports[0]["repeat"].as_str().unwrap()));
    for report in &mut reports {
        report.as_object_mut().unwrap().retain(|name, _| name != "measured" && name != "repeat");
    }
    assert_eq!(reports[0], reports[1]);
}

/// CS-IMPL-06: built for tests, graviola can be told that the processor lacks an instruction. Then nothing of it is called:
/// what needs it is refused, and what does not falls back.
#[test]
#[cfg(all(debug_assertions, target_arch = "x86_64"))]
fn on_a_lesser_processor_fast_is_refused_and_auto_falls_back() {
    let on_lesser = |backend| {
        let mut command = countersign(&["simulate", "--handshakes", "20", "--json", "--backend", backend]);
        command.env("GRAVIOLA_CPU_DISABLE_avx2", "1").output().unwrap()
    };
    let refused = on_lesser("fast");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--backend auto"));
    let auto = on_lesser("auto");
    assert!(auto.status.success(), "{}", String::from_utf8_lossy(&auto.stderr));
}

/// The flags reach the network, and the command that repeats a run has them.
#[test]
fn link_flags_are_what_was_asked_for() {
    let most = |report: &Value| {
        let latency = report["latency"].as_object().unwrap();
        latency.keys().map(|us| us.parse::<u64>().unwrap()).max().unwrap()
    };
    let quiet = report(&["simulate", "--handshakes", "100", "--loss", "0", "--duplicate", "0", "--delay", "0"]);
    assert_eq!((&quiet["explored"]["lost"], &quiet["explored"]["duplicated"]), (&Value::Null, &Value::Null));
    assert!(most(&quiet) < 100_000);
    let flags = ["--loss", "30", "--duplicate", "50", "--corrupt", "2", "--mtu", "1000", "--delay-min", "500"];
    let bursts = ["--burst-loss", "20", "--burst-mean", "700", "--overtake", "50", "--delay", "400"];
    let lossy = report(&[&["simulate", "--handshakes", "100", "--scenario", "lan"][..], &flags, &bursts].concat());
    for met in ["lost", "lost-in-burst", "duplicated", "corrupted", "too-big", "overtaken"] {
        assert!(lossy["explored"][met].as_u64() > Some(0), "{met}");
    }
    assert!(lossy["latency"].as_object().unwrap().keys().all(|us| us.parse::<u64>().unwrap() > 2_000_000));
    let repeat = lossy["repeat"].as_str().unwrap();
    let arguments: Vec<&str> = repeat.split(' ').skip(1).collect();
    assert_eq!(report(&arguments)["trace_hash"], lossy["trace_hash"], "{repeat}");
}

fn place(name: &str) -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&place).unwrap();
    place
}

const BROKEN: [&str; 6] = ["simulate", "--scenario", "cloned-responder", "--handshakes", "200", "--without"];

/// A claim that fails is drawn, with the fewest steps, and its trace can be kept, run again and shortened.
#[test]
fn a_violation_is_drawn_kept_replayed_and_shrunk() {
    let place = place("violation");
    let run = |arguments: &[&str]| {
        let output = countersign(arguments).current_dir(&place).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
    };
    let (text, code) = run(&[&BROKEN[..], &["LatestTimestamp", "--trace", "violation.ndjson"]].concat());
    assert_eq!(code, 3);
    for said in ["10 steps", "copied to a clone", "VIOLATED A2", "WITHOUT      LatestTimestamp"] {
        assert!(text.contains(said), "{said:?} is missing in\n{text}");
    }
    let (json, code) = run(&[&BROKEN[..], &["LatestTimestamp", "--json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["shrunk"]["steps"]), (3, &10.into()));
    let (text, code) = run(&["trace", "replay", "violation.ndjson"]);
    assert!(code == 3 && text.contains("do again what they did\nVIOLATED A5 in handshake 15 at step 50: "), "{text}");
    assert!(text.contains("`countersign trace show violation.ndjson`") && text.contains("trace shrink"), "{text}");
    let (text, code) = run(&["trace", "shrink", "violation.ndjson", "--out", "short.ndjson"]);
    assert!(code == 0 && text.contains("10 steps of "), "{text}");
    let (_, code) = run(&["trace", "replay", "short.ndjson"]);
    assert_eq!(code, 3);
    let (drawn, code) = run(&["trace", "show", "short.ndjson"]);
    assert!(code == 0 && drawn.contains("copied to a clone"), "{drawn}");
    let changed = fs::read_to_string(place.join("short.ndjson")).unwrap().replacen("\"bytes\":215", "\"bytes\":216", 1);
    fs::write(place.join("changed.ndjson"), changed).unwrap();
    let output = countersign(&["trace", "replay", "changed.ndjson"]).current_dir(&place).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        complaint.ends_with("changed.ndjson, line 3, step 27: sent bytes: the trace says 216, this build does 215\n"),
        "{complaint}"
    );
    let text = fs::read_to_string(place.join("short.ndjson")).unwrap();
    let elsewhere =
        text.replacen("\"build\":\"", "\"build\":\"\\u001b[2J", 1).replacen("\"bytes\":215", "\"bytes\":216", 1);
    fs::write(place.join("elsewhere.ndjson"), elsewhere).unwrap();
    let output = countersign(&["trace", "replay", "elsewhere.ndjson"]).current_dir(&place).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("; it was made by \u{fffd}[2Jcountersign ") && complaint.contains(", and this is "));
    let cut: Vec<&str> = text.lines().take(5).collect();
    fs::write(place.join("cut.ndjson"), cut.join("\n")).unwrap();
    let (line, code) = complaint_in(&place, &["trace", "replay", "cut.ndjson"]);
    assert!(code == 2 && line.contains("cut.ndjson, line 5: the file is cut off"), "{line}");
    let nothing = format!("{}\n{{\"end\":{{\"steps\":0}}}}\n", text.lines().next().unwrap());
    fs::write(place.join("nothing.ndjson"), nothing).unwrap();
    let (line, code) = complaint_in(&place, &["trace", "replay", "nothing.ndjson"]);
    assert!(code == 4 && line.contains("nothing.ndjson has no step"), "{line}");
    let report = countersign(&["simulate", "--handshakes", "1", "--json"]).output().unwrap().stdout;
    fs::write(place.join("report.json"), report).unwrap();
    let (line, code) = complaint_in(&place, &["trace", "show", "report.json"]);
    assert!(code == 2 && line.contains("it is a report; a trace is what countersign simulate --trace FILE"), "{line}");
}

/// CS-IMPL-03: the parts of a run, merged in any order, are the run.
#[test]
fn merged_shards_are_the_whole_run() {
    let place = place("shards");
    let arguments = ["simulate", "--scenario", "wifi", "--handshakes", "300", "--worlds", "5", "--json"];
    let mut whole = report(&arguments[..7]);
    for part in ["1", "2", "3"] {
        let output = countersign(&arguments).args(["--shard", &format!("{part}/3")]).output().unwrap();
        assert!(output.status.success());
        fs::write(place.join(format!("part-{part}.json")), output.stdout).unwrap();
    }
    let files = ["part-3.json", "part-1.json", "part-2.json"];
    let output = countersign(&["merge", "--json"]).args(files).current_dir(&place).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut merged: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(merged["repeat"], whole["repeat"]);
    assert_eq!(merged["missing_worlds"], serde_json::json!([]));
    for report in [&mut whole, &mut merged] {
        report.as_object_mut().unwrap().retain(|field, _| field != "measured" && field != "repeat");
    }
    assert_eq!(merged, whole);
}

/// A job that loses a part does not pass.
#[test]
fn a_merge_without_all_parts_is_incomplete() {
    let place = place("lost shard");
    let arguments =
        ["simulate", "--scenario", "wifi", "--handshakes", "90", "--worlds", "3", "--json", "--shard", "2/3"];
    fs::write(place.join("part.json"), countersign(&arguments).output().unwrap().stdout).unwrap();
    let merge = |more: &[&str]| {
        let arguments = [&["merge", "part.json", "--json"], more].concat();
        let output = countersign(&arguments).current_dir(&place).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap(), report)
    };
    let (code, line, report) = merge(&["--html", "part.html"]);
    let said = "incomplete: of the 3 worlds of the run these are missing: 0, 2; give the reports of all its parts, or --partial\n";
    assert_eq!((code, line.as_str()), (4, said));
    assert_eq!(report["missing_worlds"], serde_json::json!([{ "from": 0, "to": 0 }, { "from": 2, "to": 2 }]));
    assert!(!fs::read_to_string(place.join("part.html")).unwrap().contains("Held"));
    assert_eq!(merge(&["--partial"]).0, 0);
}

/// A long run that does not meet what its scenario is meant to meet does not pass.
#[test]
fn an_unkept_promise_is_incomplete() {
    let place = place("promise");
    let output = countersign(&["simulate", "--scenario", "awful", "--handshakes", "20", "--json"]).output().unwrap();
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success());
    assert!(!report["unexplored"].as_array().unwrap().is_empty(), "20 handshakes do not meet all");
    let text = countersign(&["simulate", "--scenario", "awful", "--handshakes", "20"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains(": only 20 of the 25,000 handshakes that the promise is for") && !text.contains("UNEXPLORED")
    );
    report["run"]["handshakes"] = 25_000.into();
    fs::write(place.join("long.json"), report.to_string()).unwrap();
    let (line, code) = complaint_in(&place, &["merge", "long.json"]);
    assert!(code == 4 && line.starts_with("incomplete: the scenario is meant to meet "), "{line}");
    let loss = ["simulate", "--scenario", "awful", "--handshakes", "20", "--loss", "5", "--json"];
    let overridden: Value = serde_json::from_slice(&countersign(&loss).output().unwrap().stdout).unwrap();
    assert_eq!(overridden["run"]["overridden"], serde_json::json!(["--loss"]));
}

/// What decides the form of the output is not among what decides the links.
#[test]
fn help_groups_what_belongs_together() {
    let help = String::from_utf8(countersign(&["simulate", "--help"]).output().unwrap().stdout).unwrap();
    let (_, output) = help.split_once("\nOutput:\n").unwrap();
    for flag in ["--json", "--html", "--trace", "--explain"] {
        assert!(output.contains(flag), "{flag}");
    }
    for said in ["needs `--json`", "`--without list`", "It promises that to a whole run"] {
        let words: Vec<&str> = help.split_whitespace().collect();
        assert!(words.join(" ").contains(said), "{said}: {help}");
    }
}

/// The page loads nothing and runs nothing, and shows the numbers that the terminal shows.
#[test]
fn the_page_is_whole_by_itself() {
    let place = place("page");
    let output =
        countersign(&["simulate", "--handshakes", "200", "--html", "report.html"]).current_dir(&place).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let page = fs::read_to_string(place.join("report.html")).unwrap();
    for loads in ["<script", " src=", "url(http", "@import", "<link", "<iframe"] {
        assert!(!page.contains(loads), "{loads}");
    }
    let hash = text.lines().find_map(|line| line.strip_prefix("trace hash   ")).unwrap();
    assert!(page.contains(hash) && page.contains("<svg"));
}

/// A scenario file that is wrong is named, with the line and the remedy; and so is a scenario that does not exist.
#[test]
fn a_broken_scenario_is_named_with_its_line() {
    let place = place("scenario");
    let file = place.join("broken.toml");
    fs::write(&file, "name = \"broken\"\nabout = \"A test.\"\nsource = [\"chosen\"]\n[link]\nloss = \"140 %\"\n")
        .unwrap();
    let shown = file.to_str().unwrap();
    let (line, code) = complaint(&["simulate", "--scenario", shown]);
    assert_eq!(code, 2);
    assert!(line.contains(&format!("{shown}:5: ")) && line.contains("140 %"), "{line}");
    let (line, code) = complaint(&["simulate", "--scenario", "wlan"]);
    assert!(code == 2 && line.contains("wlan") && line.contains("--list"), "{line}");
    let list = String::from_utf8(countersign(&["simulate", "--list"]).output().unwrap().stdout).unwrap();
    assert_eq!(list.lines().count(), 12, "{list}");
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
    for command in [
        &["--help"][..],
        &["simulate", "--help"],
        &["vectors", "--help"],
        &["merge", "--help"],
        &["bench", "--help"],
        &["attack", "--help"],
        &["attack", "list", "--help"],
        &["attack", "run", "--help"],
        &["attack", "explain", "--help"],
        &["attack", "search", "--help"],
        &["attack", "table", "--help"],
        &["trace", "--help"],
        &["trace", "show", "--help"],
        &["trace", "replay", "--help"],
        &["trace", "shrink", "--help"],
    ] {
        let help = String::from_utf8(countersign(command).output().unwrap().stdout).unwrap();
        let (_, examples) = help.split_once("Examples:").expect("each help ends with examples");
        assert_eq!(commands(examples).len(), 2, "two examples end {command:?}");
        texts.push(help);
    }
    let place = place("documents/spec/vectors").ancestors().nth(2).unwrap().to_owned();
    let mut run: Vec<Vec<String>> = texts.iter().flat_map(|text| commands(text)).collect();
    run.sort();
    run.dedup();
    assert!(run.len() >= 5, "the commands were found: {run:?}");
    countersign(&["vectors"]).current_dir(&place).assert().success();
    // What the commands are about.
    let broken = [&BROKEN[..], &["LatestTimestamp", "--trace", "violation.ndjson"]].concat();
    countersign(&broken).current_dir(&place).assert().code(3);
    for part in ["1", "2"] {
        let shard = ["simulate", "--handshakes", "60", "--worlds", "2", "--json", "--shard", &format!("{part}/2")];
        let output = countersign(&shard).output().unwrap();
        fs::write(place.join(format!("part-{part}.json")), output.stdout).unwrap();
    }
    for arguments in run {
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if arguments[0] == "bench" && !arguments.contains(&"--rounds") {
            arguments.extend(["--rounds", "3"]); // a test is not there to measure
        }
        let done = countersign(&arguments).current_dir(&place).assert();
        // A violation that is run again, and a run without a defence, are violations.
        let is_violated = arguments.contains(&"replay") || arguments.contains(&"--without");
        done.code(if is_violated { 3 } else { 0 });
    }
}

/// The vectors of the repository are what this program writes.
#[test]
fn vectors_are_written_and_checked() {
    let place = place("vectors");
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
