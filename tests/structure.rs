//! Is the code as ARCHITECTURE.md says, and of a size that can be read?

use countersign_tests::table::variants;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file under a directory of the repository that ends like this, generated ones left out.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A newcomer reads a file in one go.
#[test]
fn no_source_file_is_longer_than_500_lines() {
    let sources = files(&root(), "rs");
    assert!(sources.len() > 50, "the sources were found");
    let long: Vec<_> = sources.iter().filter(|path| read(path).lines().count() > 500).collect();
    assert!(long.is_empty(), "{long:?}");
}

/// Functions as rustfmt writes them: from the line with `fn` to the closing brace at its indentation.
#[test]
fn no_function_is_longer_than_70_lines() {
    let mut functions = 0;
    let mut long = Vec::new();
    for path in files(&root(), "rs") {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let code = line.trim_start();
            let is_function = code.starts_with("fn ")
                || code.starts_with("pub") && code.contains(" fn ")
                || code.starts_with("const fn ");
            if !is_function || code.ends_with([';', '}']) {
                continue;
            }
            let indent = line.len() - code.len();
            let end = format!("{}}}", " ".repeat(indent));
            let Some(length) = lines[at..].iter().position(|line| *line == end) else { continue };
            functions += 1;
            if length >= 70 {
                long.push(format!("{}:{} has {} lines", path.display(), at + 1, length + 1));
            }
        }
    }
    assert!(functions > 300, "the functions were found: {functions}");
    assert!(long.is_empty(), "{long:#?}");
}

/// README, ARCHITECTURE.md, and the file that ARCHITECTURE.md names for a refusal: three files to open.
#[test]
fn architecture_leads_to_the_line_that_decides_any_refusal() {
    assert!(read("README.md").contains("(ARCHITECTURE.md)"));
    let architecture = read("ARCHITECTURE.md");
    let section = architecture.split_once("## Where a refusal is decided").unwrap().1.split_once("\n## ").unwrap().0;
    let core = read("crates/countersign/src/reject.rs");
    let endpoint = read("crates/countersign-endpoint/src/output.rs");
    let wire = read("crates/countersign/src/wire/mod.rs");
    let enums = [(&core, "Reject"), (&core, "Denial"), (&endpoint, "Dropped"), (&wire, "DecodeError")];
    let mut refusals = 0;
    for (source, name) in enums {
        for variant in variants(source, name) {
            if ["Decode", "Rejected", "Record"].contains(&variant.as_str()) {
                continue; // wrap another refusal; `Record` never leaves the session
            }
            refusals += 1;
            let row =
                section.lines().filter(|line| line.starts_with('|')).find(|row| row.contains(&format!("`{variant}`")));
            let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md does not say where {name}::{variant} is decided"));
            let places: Vec<&str> = row.split('`').filter(|part| part.starts_with("crates/")).collect();
            let decides = |path: PathBuf| read(path).contains(&format!("{name}::{variant}"));
            let found = places.iter().any(|place| match root().join(place) {
                directory if directory.is_dir() => files(&directory, "rs").into_iter().any(decides),
                file => decides(file),
            });
            assert!(found, "{name}::{variant} is not decided in any of {places:?}");
            assert!(read("spec/refusals.md").contains(&variant), "spec/refusals.md does not know {variant}");
        }
    }
    assert!(refusals > 35, "the refusals were found: {refusals}");
}

/// What was measured beside the peers stands in two documents, and is one measurement.
#[test]
fn the_table_of_what_it_costs_is_the_same_in_both_documents() {
    let table = |document| -> Vec<String> {
        let text = read(document);
        let lines = text.lines().skip_while(|line| !line.starts_with("| One mutual handshake, both sides |"));
        lines.take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    assert!(table("README.md").len() > 10, "the table was found");
    assert_eq!(table("README.md"), table("benches/README.md"));
}
