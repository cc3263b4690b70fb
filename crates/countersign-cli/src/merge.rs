//! `countersign merge`: the reports of parts of a run, made into that of the whole.

use crate::args::Merge;
use crate::html::{self, Environment};
use crate::report::words::{plain, quoted};
use crate::report::{self, Document};
use crate::verdict::{Wanted, judge};
use crate::{Failure, print};
use countersign_sim::Report;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub(crate) fn run(options: &Merge) -> Result<(), Failure> {
    let merged = merge(&options.files)?;
    let Document { report, repeat, .. } = &merged.document;
    if let Some(path) = &options.html {
        html::save(path, &html::page(report, None, repeat, &Environment::here()))?;
    }
    let text = if options.json { report::json(&merged.document, None)? } else { report::text(report, None, repeat) };
    print(&text)?;
    let wanted = if options.partial { Wanted::Part } else { Wanted::Whole };
    judge(report, wanted, merged.suspect.unwrap_or_else(|| repeat.clone()))
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
    let mut commands = BTreeSet::new();
    let mut made_by: Option<String> = None;
    for file in files {
        let shown = file.as_ref().display();
        let Document { report, build, repeat, .. } = read(file.as_ref())?;
        if report.is_violated() {
            suspects.push((report.worlds.keys().next().copied(), plain(&repeat)));
        }
        commands.insert(of_the_whole(&plain(&repeat)));
        let first = made_by.get_or_insert_with(|| build.clone());
        if *first != build {
            return Err(Failure::Usage(format!(
                "{shown} does not go with the files before it: it was made by {}, and they by {}; \
                 make all parts with one build",
                plain(&build),
                plain(first)
            )));
        }
        whole
            .get_or_insert_with(|| Report::empty(report.run.clone()))
            .merge(report)
            .map_err(|error| Failure::Usage(format!("{shown} does not go with the files before it: {error}")))?;
    }
    let report = whole.ok_or_else(|| Failure::Usage("no file was named; give at least one report".to_owned()))?;
    suspects.sort();
    let suspect = suspects.into_iter().next().map(|(_, repeat)| repeat);
    let repeat = if commands.len() == 1 { commands.pop_first() } else { None };
    let repeat = repeat.unwrap_or_else(|| merge_again(files));
    let build = made_by.unwrap_or_default();
    Ok(Merged { document: Document { report, measured: None, build, repeat }, suspect })
}

fn read(file: &Path) -> Result<Document, Failure> {
    let shown = file.display();
    let remedy = "give files that countersign simulate --json wrote";
    let text =
        fs::read_to_string(file).map_err(|error| Failure::Usage(format!("cannot read {shown}: {error}; {remedy}")))?;
    report::parse(&text).map_err(|what| Failure::Usage(format!("cannot use {shown}: {}; {remedy}", plain(&what))))
}

/// The command that runs all of which this one runs a part.
fn of_the_whole(command: &str) -> String {
    let Some((before, shard)) = command.split_once(" --shard ") else { return command.to_owned() };
    let (_, after) = shard.split_once(' ').unwrap_or((shard, ""));
    let after = after.strip_prefix("--json").unwrap_or(after).trim_start();
    format!("{before} {after}").trim_end().to_owned()
}

/// The command that merges these again, if they are parts of no one command: in whatever order they were given.
fn merge_again(files: &[impl AsRef<Path>]) -> String {
    let mut names: Vec<String> = files.iter().map(|file| quoted(&file.as_ref().to_string_lossy())).collect();
    names.sort();
    format!("countersign merge {}", names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
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
            let text = sample::json(sample::shard(world), &format!("simulate --shard {world}/2 --json"));
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
        assert_eq!(merged.document.repeat, "simulate");
    }

    /// A violated claim is repeated by the command of the part in which it was violated.
    #[test]
    fn a_violation_names_the_part_that_shows_it() {
        let files = Files::new("suspect");
        let broken = files.write("broken.json", &sample::json(sample::violated(1), "shard 1"));
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
        let other = files.write("other.json", &sample::json(other, ""));
        let later = Document { build: "countersign 0.2.0".to_owned(), ..sample::document(sample::shard(1), "") };
        let later = files.write("later.json", &report::json(&later, None).unwrap());
        let prose = files.write("prose.json", "not JSON at all");
        let absent = files.0.join("absent.json");
        let cases = [
            (vec![first.clone(), second.clone(), first.clone()], "0.json", "both cover world 0: give each shard once"),
            (
                vec![first.clone(), other],
                "other.json",
                "seed, handshakes, worlds, scenario and defences must be the same",
            ),
            (
                vec![first.clone(), later],
                "later.json",
                "it was made by countersign 0.2.0, and they by countersign 0.1.0",
            ),
            (vec![first.clone(), prose], "prose.json", "it is not JSON"),
            (vec![absent], "absent.json", "give files that countersign simulate --json wrote"),
        ];
        for (given, file, said) in cases {
            let complaint = complaint(&given);
            assert!(complaint.contains(file) && complaint.contains(said), "{complaint}");
        }
    }

    /// A run is repeated by what ran it, not by the merging of files that may be gone.
    #[test]
    fn the_command_of_the_whole_is_that_of_a_part_without_its_shard() {
        let whole = "countersign simulate --scenario wifi --seed 1 --handshakes 300 --worlds 5";
        for (part, said) in [
            (format!("{whole} --shard 2/3 --json"), whole.to_owned()),
            (format!("{whole} --shard 2/3 --json --loss 30"), format!("{whole} --loss 30")),
            (whole.to_owned(), whole.to_owned()),
        ] {
            assert_eq!(of_the_whole(&part), said);
        }
        assert_eq!(merge_again(&["b.json", "a b.json"]), "countersign merge 'a b.json' b.json");
    }
}
