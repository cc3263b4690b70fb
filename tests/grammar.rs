//! Does `spec/adversary.md` say all that the laboratory's adversary may do, and nothing else?

use countersign_attacks::ATTACKS;
use countersign_sim::Realm;
use countersign_tests::table::{rows, variants};

const SPECIFICATION: &str = include_str!("../spec/adversary.md");
const RATIONALE: &str = include_str!("../spec/rationale.md");
const GRAMMAR: &str = include_str!("../crates/countersign-sim/src/adversary/grammar.rs");
const ACTS: &str = include_str!("../crates/countersign-sim/src/act.rs");

/// The first column of the table under a heading; a cell may name several things.
fn named(heading: &str) -> Vec<&str> {
    rows(SPECIFICATION, heading).iter().flat_map(|row| row[0].split(", ")).collect()
}

/// A variant in words, and in small letters.
fn words(variant: &str) -> String {
    let spaced = variant.chars().flat_map(|letter| letter.is_uppercase().then_some(' ').into_iter().chain([letter]));
    spaced.collect::<String>().trim().to_lowercase()
}

fn in_words(source: &str, name: &str) -> Vec<String> {
    variants(source, name).iter().map(|variant| words(variant)).collect()
}

#[test]
fn every_world_stands_in_the_specification_in_order() {
    assert_eq!(named("## Worlds"), Realm::ALL.map(Realm::name));
}

#[test]
fn every_message_and_every_loot_stands_in_the_specification_in_order() {
    let messages: Vec<String> = named("## What it can say").iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(messages, in_words(GRAMMAR, "Forged"));
    assert_eq!(named("## What it can steal"), in_words(GRAMMAR, "Loot"));
}

/// What happens in a world and is not the adversary's doing has no row.
const OTHERS: [&str; 4] = ["junk", "stranger", "answer", "timer"];

#[test]
fn every_step_of_the_adversary_stands_in_the_specification() {
    let mut steps = in_words(ACTS, "Act");
    steps.retain(|step| !OTHERS.contains(&step.as_str()));
    // Time passes between two steps.
    steps.push("wait".to_owned());
    let mut specified = named("## Steps");
    steps.sort();
    specified.sort_unstable();
    assert_eq!(specified, steps);
}

#[test]
fn every_type_has_as_many_terms_as_the_specification_says() {
    let types = ["Point", "Key", "Signature", "Time", "Cookie"];
    let table = rows(SPECIFICATION, "## Terms of each type");
    assert_eq!(table.len(), types.len());
    for (row, name) in table.iter().zip(types) {
        assert_eq!(row[1].split(" · ").count(), variants(GRAMMAR, name).len(), "{}: {name}", row[0]);
    }
}

/// The entries that need more than one defence gone stand in the rationale, with all that would stop each.
#[test]
fn every_entry_in_a_weakened_world_stands_in_the_rationale() {
    let (_, section) = RATIONALE.split_once("Some entries play in a weakened world").expect("the section is there");
    for attack in ATTACKS.iter().filter(|attack| !attack.weakened.is_empty()) {
        let row = section.lines().find(|line| line.starts_with(&format!("| `{}` |", attack.name)));
        let row = row.unwrap_or_else(|| panic!("{} has no row", attack.name));
        let told: Vec<&str> = row.split('`').skip(1).step_by(2).skip(1).collect();
        let stops: Vec<String> = [attack.defence].iter().chain(attack.weakened).map(ToString::to_string).collect();
        assert_eq!(told, stops, "{}", attack.name);
    }
}
