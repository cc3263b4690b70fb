//! `countersign attack table`: the tables of `spec/attacks.md`.

use super::words;
use countersign::Defence;
use countersign_attacks::{ATTACKS, Attack, Coverage, Goal, coverage, property, stopped_by};

/// The file. A test of the binary compares it, and writes it anew with `COUNTERSIGN_WRITE` set.
pub(super) fn markdown() -> String {
    let defences: String = Defence::ALL.iter().map(|defence| defence_row(*defence)).collect();
    let attacks: String = ATTACKS.iter().map(attack_row).collect();
    format!("{HEAD}{DEFENCES}{defences}\n{ATTACKS_HEAD}{attacks}")
}

fn defence_row(defence: Defence) -> String {
    let requirement = defence.requirement();
    let anchor = requirement.to_lowercase();
    let mut worlds: Vec<&str> = Vec::new();
    for attack in stopped_by(defence) {
        if !worlds.contains(&attack.realm.name()) {
            worlds.push(attack.realm.name());
        }
    }
    let stops = match coverage(defence) {
        Coverage::Stops => {
            stopped_by(defence).map(|attack| format!("`{}`", attack.name)).collect::<Vec<_>>().join(", ")
        }
        Coverage::Redundant(why) => format!("none: {why}"),
    };
    let read = format!("[{requirement}]({}#{anchor})", words::file(requirement));
    let shows = stopped_by(defence).any(|attack| matches!(attack.goal, Goal::Violates(_)));
    let property = if shows { format!("`{}`", property(defence)) } else { "none".to_owned() };
    format!("| `{defence}` | {read} | {} | {stops} | {property} |\n", worlds.join(", "))
}

fn attack_row(attack: &Attack) -> String {
    let goal = match attack.goal {
        Goal::Violates(rule) => format!("violates *{rule}*"),
        Goal::Achieves => "achieves".to_owned(),
    };
    let Attack { name, claim, defence, realm, .. } = attack;
    let also: Vec<String> = attack.weakened.iter().map(|defence| format!("`{defence}`")).collect();
    format!("| `{name}` | {claim} | `{defence}` | {} | {} | {goal} |\n", also.join(", "), realm.name())
}

const HEAD: &str = "\
# Attacks and defences

Each attack of the catalogue is a script that plays over real bytes. Against the whole it loses; with the one defence off that stops it, it
wins. Where several would each stop it, the others are off in both halves (*also off*). `countersign attack explain NAME` tells its story and the break that it stands for, `countersign attack run NAME` plays both halves,
`countersign attack run --all` plays every one. This file is not normative. It is what `countersign attack table` prints; a test compares
the two.

";

const DEFENCES: &str = "\
## Defences

The worlds are those in which an attack shows what the defence holds up. The property is the test that fails, when the defence is off, at plays
of the adversary: moves at random, or a known attack with moves put in and steps left out. What `ReflectedEphemeral`, `NonceRecomputed` and
`StrictSignature` keep up is less than a claim, so that no such play can show it: there the attack alone does.

| Defence | Requirement | World | Attacks that it stops | Property |
|---|---|---|---|---|
";

const ATTACKS_HEAD: &str = "\
## Attacks

An attack *violates* when the observer sees its claim violated, by the rule named. It *achieves* when its script tells that it has got what it was after: what no
observer of the hosts can see, or what is less than a claim.

| Attack | Claim | Stopped by | Also off | World | Goal |
|---|---|---|---|---|---|
";
