//! Does every requirement stand in the specification, decide in the code, and have a test that witnesses it?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every text file under a directory that ends like this.
fn texts(directory: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// Every `CS-XXX-NN` in a text.
fn ids(text: &str) -> BTreeSet<String> {
    text.match_indices("CS-")
        .filter_map(|(at, _)| {
            let id: String =
                text[at..].chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '-').collect();
            let parts: Vec<&str> = id.trim_end_matches('-').split('-').collect();
            let numbered = parts.len() == 3 && parts[2].len() == 2 && parts[2].bytes().all(|b| b.is_ascii_digit());
            numbered.then(|| parts.join("-"))
        })
        .collect()
}

/// The requirements: each a heading of the specification, once.
fn required() -> BTreeSet<String> {
    let mut required = BTreeMap::<String, usize>::new();
    for (_, text) in texts(&root().join("spec"), "md") {
        for line in text.lines().filter(|line| line.starts_with("### CS-")) {
            *required.entry(line.trim_start_matches("### ").to_owned()).or_default() += 1;
        }
    }
    let twice: Vec<_> = required.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "numbered more than once: {twice:?}");
    assert!(required.len() > 80, "the specification was found");
    required.into_keys().collect()
}

/// The requirements that only prose can hold, with a reason each.
fn prose_only() -> BTreeSet<String> {
    let readme = fs::read_to_string(root().join("spec/README.md")).unwrap();
    let section = readme.split_once("## Prose-only requirements").unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .map(|line| {
            let (id, reason) = line.split_once(": ").expect("an ID, a colon and a reason");
            assert!(!reason.trim().is_empty(), "{id} needs a reason");
            id.trim_matches('`').to_owned()
        })
        .collect()
}

/// What the code cites, outside its own tests.
fn cited() -> BTreeSet<String> {
    let sources = texts(&root().join("crates"), "rs").into_iter();
    let code = sources.filter(|(path, _)| path.components().any(|part| part.as_os_str() == "src"));
    code.flat_map(|(_, text)| ids(text.split("#[cfg(test)]").next().unwrap())).collect()
}

/// What tests say that they witness: in the doc comment above a test, three at most.
fn witnessed() -> BTreeSet<String> {
    let mut witnessed = BTreeSet::new();
    let mut crowded = Vec::new();
    let tests = texts(&root().join("tests"), "rs").into_iter().chain(texts(&root().join("crates"), "rs"));
    for (path, text) in tests {
        let mut doc = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(comment) = line.strip_prefix("///") {
                doc.push_str(comment);
                doc.push('\n');
            } else if line.starts_with("#[test]") || is_guard(&path, line) {
                let own = ids(&doc);
                if own.len() > 3 {
                    crowded.push(format!("{}: {doc}", path.display()));
                }
                witnessed.extend(own);
            } else if !line.starts_with("#[") {
                doc.clear();
            }
        }
        if path.ends_with("misuse.rs") {
            witnessed.extend(ids(&text));
        }
    }
    assert!(crowded.is_empty(), "a test witnesses three requirements at most: {crowded:#?}");
    witnessed
}

/// A guard of `tests/defences` is a test that is run with its defence on and off.
fn is_guard(path: &Path, line: &str) -> bool {
    path.components().any(|part| part.as_os_str() == "defences")
        && line.contains("fn ")
        && line.contains("<D: Defences>")
}

/// Every requirement is cited in the code and witnessed by a test, or listed as prose with a reason.
#[test]
fn every_requirement_is_cited_and_tested() {
    let (required, prose) = (required(), prose_only());
    let (cited, witnessed) = (cited(), witnessed());
    let orphans: Vec<String> = required
        .difference(&prose)
        .filter_map(|id| match (cited.contains(id), witnessed.contains(id)) {
            (true, true) => None,
            (false, true) => Some(format!("{id} is cited nowhere in the code")),
            (true, false) => Some(format!("{id} has no test")),
            (false, false) => Some(format!("{id} is cited nowhere in the code and has no test")),
        })
        .collect();
    assert!(orphans.is_empty(), "{orphans:#?}");
}

/// No ID is used that the specification does not know, anywhere.
#[test]
fn no_unknown_requirement_is_named() {
    let required = required();
    let mut unknown = Vec::new();
    for extension in ["rs", "md", "toml", "txt"] {
        for directory in ["crates", "tests", "benches", "spec"] {
            for (path, text) in texts(&root().join(directory), extension) {
                let strange: Vec<_> = ids(&text).difference(&required).cloned().collect();
                if !strange.is_empty() {
                    unknown.push(format!("{}: {strange:?}", path.display()));
                }
            }
        }
    }
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        unknown.extend(ids(&text).difference(&required).map(|id| format!("{file}: {id}")));
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// Every defence stands in the specification under its requirement, and none stands there that the code does not have.
#[test]
fn every_defence_stands_under_its_requirement() {
    let mut specified = BTreeSet::new();
    for (_, text) in texts(&root().join("spec"), "md") {
        for section in text.split("\n### ").skip(1) {
            let id = section.lines().next().unwrap();
            for line in section.lines().filter_map(|line| line.strip_prefix("Defence: `")) {
                specified.insert((line.split('`').next().unwrap().to_owned(), id.to_owned()));
            }
        }
    }
    let known: BTreeSet<_> = countersign::Defence::ALL
        .iter()
        .map(|defence| (defence.to_string(), defence.requirement().to_owned()))
        .collect();
    // One defence may stand under a second requirement, that of the other role.
    let missing: Vec<_> = known.difference(&specified).collect();
    assert!(missing.is_empty(), "the specification lacks {missing:?}");
    let names: BTreeSet<_> = known.iter().map(|(name, _)| name).collect();
    let unknown: Vec<_> = specified.iter().filter(|(name, _)| !names.contains(name)).collect();
    assert!(unknown.is_empty(), "the code lacks {unknown:?}");
}
