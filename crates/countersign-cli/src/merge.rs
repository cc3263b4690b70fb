//! `countersign merge`: the reports of parts of a run, made into that of the whole.

use crate::args::Merge;
use crate::html::{self, Environment};
use crate::report::words::plain;
use crate::report::{self, Document};
use crate::verdict::judge;
use crate::{Failure, print};
use countersign_sim::Report;
use std::fs;
use std::path::Path;

pub(crate) fn run(options: &Merge) -> Result<(), Failure> {
    let merged = merge(&options.files)?;
    let Document { report, measured, repeat } = &merged.document;
    let measured = measured.as_ref();
    if let Some(path) = &options.html {
        html::save(path, &html::page(report, measured, repeat, &Environment::here()))?;
    }
    let text = if options.json {
        report::json(report, measured, None, repeat)?
    } else {
        report::text(report, measured, repeat)
    };
    print(&text)?;
    judge(report, merged.suspect.unwrap_or_else(|| repeat.clone()))
}

/// The whole.
#[derive(Debug)]
struct Merged {
    document: Document,
    /// The command of the first part in which a claim was violated: it is shorter to repeat.
    suspect: Option<String>,
}

/// Reads the parts and adds them up. The order of the files does not matter.
fn merge(files: &[impl AsRef<Path>]) -> Result<Merged, Failure> {
    let mut whole: Option<Report> = None;
    let mut suspects = Vec::new();
    for file in files {
        let Document { report, repeat, .. } = read(file.as_ref())?;
        if report.is_violated() {
            suspects.push((report.worlds.keys().next().copied(), plain(&repeat)));
        }
        whole.get_or_insert_with(|| Report::empty(report.run.clone())).merge(report).map_err(|error| {
            let shown = file.as_ref().display();
            Failure::Usage(format!("{shown} does not go with the files before it: {error}"))
        })?;
    }
    let report = whole.ok_or_else(|| Failure::Usage("no file was named; give at least one report".to_owned()))?;
    suspects.sort();
    let suspect = suspects.into_iter().next().map(|(_, repeat)| repeat);
    Ok(Merged { document: Document { report, measured: None, repeat: repeat(files) }, suspect })
}

fn read(file: &Path) -> Result<Document, Failure> {
    let shown = file.display();
    let remedy = "give files that countersign simulate --json wrote";
    let text =
        fs::read_to_string(file).map_err(|error| Failure::Usage(format!("cannot read {shown}: {error}; {remedy}")))?;
    report::parse(&text).map_err(|what| Failure::Usage(format!("cannot use {shown}: {}; {remedy}", plain(&what))))
}

/// The command that merges these again: the same one in whatever order they were given.
fn repeat(files: &[impl AsRef<Path>]) -> String {
    let mut names: Vec<String> = files.iter().map(|file| quoted(&file.as_ref().to_string_lossy())).collect();
    names.sort();
    format!("countersign merge {}", names.join(" "))
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_safe = |char: char| char.is_ascii_alphanumeric() || "/._-+=:,@".contains(char);
    if !word.is_empty() && word.chars().all(is_safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use countersign_sim::{Claim, ClaimCount};
    use std::path::PathBuf;
    use std::{env, process};

    /// A directory of its own for each test, gone afterwards.
    struct Files(PathBuf);

    impl Files {
        fn new(name: &str) -> Self {
            let directory = env::temp_dir().join(format!("countersign-merge-{name}-{}", process::id()));
            fs::create_dir_all(&directory).unwrap();
            Self(directory)
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::write(&path, text).unwrap();
            path
        }

        fn shard(&self, world: u32) -> PathBuf {
            let text =
                report::json(&sample::shard(world), Some(&sample::MEASURED), None, &format!("shard {world}")).unwrap();
            self.write(&format!("{world}.json"), &text)
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn complaint(files: &[PathBuf]) -> String {
        match merge(files) {
            Err(Failure::Usage(what)) => what,
            other => panic!("{other:?}"),
        }
    }

    /// In any order, the parts make the report of the whole run, with the same command to repeat it.
    #[test]
    fn parts_in_any_order_make_the_whole() {
        let files = Files::new("order");
        let [first, second] = [0, 1].map(|world| files.shard(world));
        let merged = merge(&[first.clone(), second.clone()]).unwrap();
        assert_eq!(merged.document, merge(&[second, first]).unwrap().document);
        assert_eq!(merged.document.report, sample::report());
        assert_eq!((merged.document.measured, merged.suspect), (None, None));
    }

    /// A violated claim is repeated by the command of the part in which it was violated.
    #[test]
    fn a_violation_names_the_part_that_shows_it() {
        let files = Files::new("suspect");
        let mut broken = sample::shard(1);
        broken.claims.insert(Claim::A2, ClaimCount { occurred: 5, violated: 1 });
        let broken = files.write("broken.json", &report::json(&broken, None, None, "shard 1").unwrap());
        let merged = merge(&[files.shard(0), broken]).unwrap();
        assert_eq!(merged.suspect.as_deref(), Some("shard 1"));
    }

    /// The file and the remedy are named.
    #[test]
    fn files_that_do_not_belong_together_are_refused_by_name() {
        let files = Files::new("refusals");
        let [first, second] = [0, 1].map(|world| files.shard(world));
        let mut other = sample::shard(1);
        other.run.seed = 8;
        let other = files.write("other.json", &report::json(&other, None, None, "").unwrap());
        let prose = files.write("prose.json", "not JSON at all");
        let absent = files.0.join("absent.json");
        let cases = [
            (vec![first.clone(), second.clone(), first.clone()], "0.json", "both cover world 0: give each shard once"),
            (
                vec![first.clone(), other],
                "other.json",
                "seed, handshakes, worlds, scenario and defences must be the same",
            ),
            (vec![first.clone(), prose], "prose.json", "it is not JSON"),
            (vec![absent], "absent.json", "give files that countersign simulate --json wrote"),
        ];
        for (given, file, said) in cases {
            let complaint = complaint(&given);
            assert!(complaint.contains(file) && complaint.contains(said), "{complaint}");
        }
    }

    /// A command that is copied into a shell means the same files.
    #[test]
    fn names_of_files_are_quoted_for_a_shell() {
        assert_eq!(repeat(&["b.json", "a b's.json"]), r"countersign merge 'a b'\''s.json' b.json");
    }
}
