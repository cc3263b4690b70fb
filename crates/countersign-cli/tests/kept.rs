//! Do the traces of `spec/attacks/`, which searches have found, still win without their defence, and lose to the whole?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use countersign::{Ablated, Defence, Whole};
use countersign_sim::{Replay, Trace};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Each trace that is kept, with the name of its file.
fn kept() -> Vec<(String, Trace)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/attacks");
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ndjson"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let trace = Trace::read(&path.display().to_string(), BufReader::new(File::open(&path).unwrap()));
        (name, trace.unwrap_or_else(|error| panic!("{error}")))
    };
    paths.into_iter().map(read).collect()
}

fn defence(name: &str) -> Defence {
    let known = Defence::ALL.iter().find(|defence| defence.to_string() == name);
    *known.unwrap_or_else(|| panic!("there is no defence {name}"))
}

/// The same steps violate the same claim again without the defence that the file is called after, and with that defence
/// they do not; with every defence they violate nothing.
#[test]
fn a_trace_that_is_kept_wins_without_its_defence_alone() {
    for (name, trace) in kept() {
        let missed = defence(&name);
        let off: Vec<Defence> = trace.header.without.iter().map(|name| defence(name)).collect();
        assert!(off.contains(&missed), "{name} is on in its trace");
        let violation = trace.violation().unwrap_or_else(|| panic!("nothing is violated in the trace of {name}"));
        assert_eq!(trace.replay(Ablated::without(&off)), Replay::Same, "{name}");
        let rest: Vec<Defence> = off.iter().filter(|other| **other != missed).copied().collect();
        let with_it = trace.rerun(Some(violation), Ablated::without(&rest));
        assert!(with_it.violation().is_none_or(|other| other.claim != violation.claim), "{name} does not stop this");
        let whole = trace.rerun(Some(violation), Whole);
        assert_eq!(whole.violation(), None, "the whole does not stop what is kept of {name}");
    }
}

/// The table of `spec/search.md` has every defence; a trace is kept of each that it says was found, and of no other.
#[test]
fn a_trace_is_kept_of_each_defence_that_the_table_says_was_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/search.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let (mut all, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (name, row) in rows {
        let (method, count) = (row.split('|').nth(2).unwrap().trim(), row.split('|').nth(3).unwrap().trim());
        all.insert(name.to_owned());
        if method != "none" && !count.starts_with("0 of") {
            found.insert(name.to_owned());
        }
    }
    assert_eq!(all, Defence::ALL.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
    assert!(found.len() * 10 >= all.len() * 9, "at most one in ten is not found");
    assert_eq!(found, kept().into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>());
}
