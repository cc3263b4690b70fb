//! `countersign attack run --all`: one row for each attack.

use super::played::Played;
use super::words;
use crate::Failure;
use countersign_attacks::Goal;

pub(super) fn text(played: &[Played]) -> String {
    let head = ["attack", "claim", "stopped by", "world", "whole", "without"];
    format!("{}\n{}\n", words::table(&head, played.iter().map(row)), summary(played))
}

fn row(played: &Played) -> Vec<String> {
    let attack = played.attack;
    let whole = played.whole.as_ref().map_or("not played", |half| match (attack.is_refused(&half.run), half.run.won) {
        (true, _) => "refused",
        (false, true) => "WINS",
        (false, false) => "VIOLATES",
    });
    let without = played.without.as_ref().map_or_else(String::new, |half| match &half.run.violation {
        _ if !half.run.won => "LOSES".to_owned(),
        Some(violation) if matches!(attack.goal, Goal::Violates(_)) => {
            format!("wins ({} {})", violation.claim, violation.rule)
        }
        Some(_) | None => format!("wins ({}, by script)", attack.claim),
    });
    let (claim, defence, world) = (attack.claim.to_string(), attack.defence.to_string(), attack.realm.name());
    vec![attack.name.to_owned(), claim, defence, world.to_owned(), whole.to_owned(), without]
}

fn summary(played: &[Played]) -> String {
    let all = played.len();
    let refused = played.iter().filter(|of| of.whole.as_ref().is_some_and(|half| of.attack.is_refused(&half.run)));
    let won = played.iter().filter(|of| of.without.as_ref().is_some_and(|half| half.run.won));
    let share = |count: usize| if count == all { "all".to_owned() } else { format!("{count} of {all}") };
    let (refused, won) = (share(refused.count()), share(won.count()));
    format!("{all} attacks: {refused} refused by the whole, {won} won without their defence")
}

/// What the exit code says.
pub(super) fn judge(played: &[Played], seed: u64) -> Result<(), Failure> {
    let odd: Vec<&str> = played.iter().filter(|of| !of.is_as_catalogued()).map(|of| of.attack.name).collect();
    if odd.is_empty() {
        return Ok(());
    }
    let names = odd.join(", ");
    let what = format!("not as the catalogue says: {names}; repeat with: countersign attack run --all --seed {seed}");
    Err(Failure::Attacked(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_attacks::ATTACKS;

    /// An attack that wins where it should lose is seen in its row, in the summary and in the exit code.
    #[test]
    fn what_is_not_as_the_catalogue_says_stands_out() {
        let mut played: Vec<Played> = ATTACKS.iter().take(3).map(|attack| Played::both(attack, 1)).collect();
        assert!(judge(&played, 1).is_ok());
        assert!(text(&played).ends_with("3 attacks: all refused by the whole, all won without their defence\n"));
        let first = &mut played[0];
        std::mem::swap(&mut first.whole, &mut first.without);
        let text = text(&played);
        assert!(text.contains(" WINS ") && text.contains(" LOSES"), "{text}");
        assert!(text.ends_with("3 attacks: 2 of 3 refused by the whole, 2 of 3 won without their defence\n"), "{text}");
        let Err(Failure::Attacked(what)) = judge(&played, 7) else { panic!("it has passed") };
        assert!(what.contains(played[0].attack.name) && what.ends_with("--all --seed 7"), "{what}");
    }
}
