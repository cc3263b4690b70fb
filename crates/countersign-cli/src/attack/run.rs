//! `countersign attack run`.

use super::played::{Half, Played};
use super::{document, matrix, words};
use crate::args::AttackRun;
use crate::{Failure, diagram, print, trace};
use countersign::Defence;
use countersign_attacks::{ATTACKS, Attack};
use std::path::Path;

pub(super) fn run(options: &AttackRun) -> Result<(), Failure> {
    let seed = options.seed;
    let Some(attack) = options.name else {
        let played: Vec<Played> = ATTACKS.iter().map(|attack| Played::both(attack, seed)).collect();
        print(&if options.json { document::runs(&played, seed)? } else { matrix::text(&played) })?;
        return matrix::judge(&played, seed);
    };
    let played = if options.whole {
        Played::whole(attack, seed)
    } else if options.without.is_empty() {
        Played::both(attack, seed)
    } else {
        Played::without(attack, seed, &options.without)
    };
    let command = repeat(attack, options);
    let kept = options.trace.as_deref().map_or_else(|| Ok(String::new()), |file| keep(&played, file))?;
    print(&if options.json {
        document::runs(std::slice::from_ref(&played), seed)?
    } else {
        format!("{}{kept}repeat with  {command}\n", text(&played))
    })?;
    judge(&played, options, &command)
}

/// What the exit code says.
fn judge(played: &Played, options: &AttackRun, command: &str) -> Result<(), Failure> {
    let name = played.attack.name;
    let is_half = options.whole || !options.without.is_empty();
    if is_half && played.halves().any(|half| half.run.won) {
        return Err(Failure::Attacked(format!("{name} wins; repeat with: {command}")));
    }
    if !is_half && !played.is_as_catalogued() {
        return Err(Failure::Attacked(format!("{name} does not go as the catalogue says; repeat with: {command}")));
    }
    Ok(())
}

/// Each half drawn, and what came of it.
fn text(played: &Played) -> String {
    let attack = played.attack;
    let facts = [
        words::fact("attack", attack.name),
        words::fact("after", &words::claim(attack.claim)),
        words::fact("world", &format!("{}: {}", attack.realm.name(), attack.realm.about())),
    ];
    let halves: String = played.halves().map(|half| draw(attack, half)).collect();
    format!("{}\n{halves}{}\n", facts.concat(), diagram::legend())
}

fn draw(attack: &Attack, half: &Half) -> String {
    let off: Vec<Defence> = half.off.iter().filter(|of| !attack.weakened.contains(of)).copied().collect();
    let against = match (off.as_slice(), attack.weakened) {
        ([], []) => "the whole".to_owned(),
        ([], weakened) => format!("all but {}, off in its world in any case", words::listed(weakened)),
        (off, []) => format!("all but {}", words::listed(off)),
        (off, weakened) => {
            format!("all but {}, and {}, off in its world in any case", words::listed(off), words::listed(weakened))
        }
    };
    let drawn = trace::draw(&half.run.trace);
    let outcome = if half.run.won { "WINS" } else { "LOSES" };
    format!("{}\n{drawn}\n{}\n", words::fact("AGAINST", &against), words::fact(outcome, &half.outcome(attack)))
}

/// Writes the trace of what was played last, and says what can be done with it.
fn keep(played: &Played, file: &Path) -> Result<String, Failure> {
    let Some(half) = played.halves().last() else { return Ok(String::new()) };
    let kept = half.trace();
    trace::write(file, &kept)?;
    let until = kept.violation().map_or_else(
        || "whole; no claim is violated in it, so there is nothing to shrink".to_owned(),
        |violation| format!("up to where {} is violated (rule {:?})", violation.claim, violation.rule),
    );
    Ok(words::fact("trace", &format!("{}: {until}", file.display())))
}

/// The command that plays it again.
fn repeat(attack: &Attack, options: &AttackRun) -> String {
    let whole = if options.whole { " --whole" } else { "" };
    let without: String = options.without.iter().map(|defence| format!(" --without {defence}")).collect();
    format!("countersign attack run {} --seed {}{whole}{without}", attack.name, options.seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::Ablated;
    use countersign_attacks::Goal;
    use countersign_sim::Replay;

    /// Whatever is written does again what it did, and a claim that is violated stays so when steps are left out.
    #[test]
    fn every_trace_that_is_kept_replays_and_shrinks() {
        for attack in ATTACKS {
            for half in Played::both(attack, 3).halves() {
                let kept = half.trace();
                let defences = Ablated::without(&half.off);
                assert_eq!(kept.replay(defences), Replay::Same, "{} without {:?}", attack.name, half.off);
                if half.run.won && matches!(attack.goal, Goal::Violates(_)) {
                    let shrunk = kept.shrink(defences).unwrap();
                    assert!(shrunk.steps() <= kept.steps() && shrunk.violation().is_some(), "{}", attack.name);
                }
            }
        }
    }

    /// Each outcome is one line of thought: who refused it and what holds, or what it has got.
    #[test]
    fn both_halves_are_drawn_and_told() {
        for attack in ATTACKS {
            let played = Played::both(attack, 1);
            assert!(played.is_as_catalogued(), "{}", attack.name);
            let text = text(&played);
            let (lost, won) = text.split_once("\nLOSES ").unwrap().1.split_once("\nAGAINST ").unwrap();
            assert!(lost.contains(";") && won.contains("\nWINS "), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 130), "{text}");
        }
    }
}
