//! The scenarios that come with the laboratory.

use super::Scenario;

/// Names each file of `scenarios/` once, and takes it in when the laboratory is built.
macro_rules! shipped {
    ($($name:literal,)+) => {
        /// The name and the text of each scenario that is shipped.
        pub const SHIPPED: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../scenarios/", $name, ".toml"))),)+];
    };
}

shipped! {
    "default",
    "lan",
    "wifi",
    "lte",
    "satellite",
    "awful",
    "partition",
    "rebinding",
    "clock-chaos",
    "cloned-responder",
    "cloned-initiator",
    "swarm",
}

impl Scenario {
    /// All that are shipped, in the order in which they are listed.
    #[must_use]
    pub fn shipped() -> Vec<Self> {
        SHIPPED.iter().map(|(name, text)| Self::of_ours(name, text)).collect()
    }

    /// The shipped one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SHIPPED.iter().find(|(known, _)| *known == name).map(|(name, text)| Self::of_ours(name, text))
    }

    fn of_ours(name: &str, text: &str) -> Self {
        Self::parse(&format!("scenarios/{name}.toml"), text).expect("a test reads every shipped scenario")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Claim;
    use crate::explored::Explored;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn directory() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
    }

    fn files(directory: &Path) -> BTreeSet<String> {
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    }

    /// A scenario is found under the name of its file, and says what it is and where it comes from.
    #[test]
    fn every_shipped_scenario_reads_and_introduces_itself() {
        let shipped = Scenario::shipped();
        assert_eq!(shipped.len(), SHIPPED.len());
        for (scenario, (name, _)) in shipped.iter().zip(SHIPPED) {
            assert_eq!(scenario.name, *name);
            assert_eq!(Scenario::named(name).as_ref(), Some(scenario));
            assert!(!scenario.sources.is_empty(), "{name}");
            let (sentence, dot) = scenario.about.split_at(scenario.about.len() - 1);
            assert!(dot == "." && !sentence.contains(". ") && sentence.len() < 120, "{name}: {}", scenario.about);
            assert!(!scenario.exercises.claims.is_empty() && !scenario.exercises.faults.is_empty(), "{name}");
        }
        assert_eq!(Scenario::named("sunshine"), None);
    }

    /// No file of the directory is forgotten; those in `beyond/` are not shipped, and can be read all the same.
    #[test]
    fn every_file_is_shipped_but_those_beyond_the_claims() {
        let names: BTreeSet<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(files(&directory()), names);
        let beyond = directory().join("beyond");
        let names = files(&beyond);
        assert!(!names.is_empty());
        for name in names {
            let text = std::fs::read_to_string(beyond.join(format!("{name}.toml"))).unwrap();
            assert_eq!(Scenario::parse(&name, &text).unwrap().name, name);
        }
    }

    /// Whatever can be explored is, by one of them at least.
    #[test]
    fn together_they_exercise_everything() {
        let shipped = Scenario::shipped();
        for claim in Claim::ALL {
            assert!(shipped.iter().any(|scenario| scenario.exercises.claims.contains(&claim)), "{claim}");
        }
        // A machine repeats itself to the bit only if it is asked for the same thing in the same millisecond of its life.
        for fault in Explored::ALL.iter().filter(|fault| **fault != Explored::RepeatedHellos) {
            assert!(shipped.iter().any(|scenario| scenario.exercises.faults.contains(fault)), "{fault:?}");
        }
    }

    /// The reader of the README finds every scenario in its table.
    #[test]
    fn the_readme_lists_every_shipped_scenario() {
        let readme = std::fs::read_to_string(directory().join("README.md")).unwrap();
        for (name, _) in SHIPPED {
            assert!(readme.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
