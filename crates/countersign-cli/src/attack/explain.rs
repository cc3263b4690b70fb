//! `countersign attack explain`.

use super::words::{self, fact};
use countersign_attacks::{Attack, Goal};

pub(super) fn text(attack: &Attack) -> String {
    let requirement = attack.defence.requirement();
    let read = format!("{} Read {requirement} in spec/{}.", words::defence(attack.defence), words::file(requirement));
    let goal = match attack.goal {
        Goal::Violates(_) => "the observer, who knows the truth, and sees the claim violated.",
        Goal::Achieves => "its script: no observer of the hosts can see it, or it is less than a claim.",
    };
    let facts = [
        fact("attack", attack.name),
        fact("story", attack.story),
        fact("stands for", &format!("{}.", attack.stands_for)),
        fact("reference", &format!("{}.", attack.reference)),
        fact("claim", &format!("{}.", words::claim(attack.claim))),
        fact("stopped by", &read),
        fact("world", &format!("{}: {}.", attack.realm.name(), attack.realm.about())),
        off(attack),
        fact("achieves", &format!("{}.", attack.achieved)),
        fact("told by", goal),
    ];
    let Attack { name, defence, .. } = attack;
    format!(
        "{}\nTry it:\n  countersign attack run {name}\n  countersign attack run {name} --without {defence}\n",
        facts.concat()
    )
}

/// What else is off, and why.
fn off(attack: &Attack) -> String {
    let Some((first, rest)) = attack.weakened.split_first() else {
        return fact("also off", &format!("nothing: {} alone stops it.", attack.defence));
    };
    let rest = rest.iter().map(|defence| fact("", &words::defence(*defence)));
    let (each, them) = if attack.weakened.len() == 1 { ("It", "it") } else { ("Each", "them") };
    let why =
        format!("{each} would stop this attack too, so what {} holds up shows only without {them}.", attack.defence);
    [fact("also off", &words::defence(*first)), rest.collect(), fact("", &why)].concat()
}
