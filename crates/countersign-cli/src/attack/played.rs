//! Attacks that have been played, and what came of them in a sentence.

use super::words;
use crate::trace;
use countersign::{Ablated, Defence};
use countersign_attacks::{Attack, Goal, Run};
use countersign_sim::{Effect, Trace};

/// An attack that has been played.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) attack: &'static Attack,
    /// Against the whole, or against all but what its world lacks.
    pub(super) whole: Option<Half>,
    /// With its defence off, or another that was named.
    pub(super) without: Option<Half>,
}

/// Played once.
#[derive(Debug)]
pub(super) struct Half {
    /// What was off.
    pub(super) off: Vec<Defence>,
    pub(super) run: Run,
    /// Who refused it, if it was refused.
    pub(super) refusal: Option<Refusal>,
}

/// The check that an attack did not pass.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    pub(super) step: u64,
    pub(super) host: String,
    pub(super) what: String,
}

impl Played {
    /// Both halves, as the catalogue has them.
    pub(super) fn both(attack: &'static Attack, seed: u64) -> Self {
        let whole = Some(Half::play(attack, seed, attack.weakened));
        let without = Some(Half::play(attack, seed, &[attack.weakened, &[attack.defence]].concat()));
        Self { attack, whole, without }
    }

    /// Only against the whole.
    pub(super) fn whole(attack: &'static Attack, seed: u64) -> Self {
        Self { attack, whole: Some(Half::play(attack, seed, attack.weakened)), without: None }
    }

    /// Only without these defences, and what is off in its world in any case.
    pub(super) fn without(attack: &'static Attack, seed: u64, defences: &[Defence]) -> Self {
        let mut off = [attack.weakened, defences].concat();
        off.sort();
        off.dedup();
        Self { attack, whole: None, without: Some(Half::play(attack, seed, &off)) }
    }

    pub(super) fn halves(&self) -> impl Iterator<Item = &Half> {
        self.whole.iter().chain(&self.without)
    }

    /// Whether it loses and wins as the catalogue says, as far as it was played as it is there.
    pub(super) fn is_as_catalogued(&self) -> bool {
        let is_refused = self.whole.as_ref().is_none_or(|half| self.attack.is_refused(&half.run));
        let wins = self.without.as_ref().is_none_or(|half| half.run.won == half.off.contains(&self.attack.defence));
        is_refused && wins
    }
}

impl Half {
    fn play(attack: &Attack, seed: u64, off: &[Defence]) -> Self {
        let build = trace::build();
        let run = if off == attack.weakened {
            attack.run(seed, &build)
        } else {
            attack.run_with(seed, Ablated::without(off), &build)
        };
        let refusal = if run.won { None } else { refusal(&run.trace, &attack.run_without(seed, &build).trace) };
        Self { off: off.to_vec(), run, refusal }
    }

    /// What can be run again and shortened: up to the first violated claim.
    pub(super) fn trace(&self) -> Trace {
        self.run.trace.rerun(self.run.violation.as_ref(), Ablated::without(&self.off))
    }

    /// What came of it.
    pub(super) fn outcome(&self, attack: &Attack) -> String {
        if self.run.won { self.won(attack) } else { self.lost(attack) }
    }

    fn won(&self, attack: &Attack) -> String {
        let (achieved, claim) = (attack.achieved, words::claim(attack.claim));
        let violation = self.run.violation.as_ref();
        let violation = violation.map(|of| format!("{} (rule {:?})", words::claim(of.claim), of.rule));
        match (attack.goal, violation) {
            (Goal::Violates(_), Some(violated)) => format!("{achieved}; this violates {violated}."),
            (_, violated) => {
                let also = violated.map_or_else(String::new, |violated| format!("; {violated} is violated, too"));
                format!("{achieved}; its script tells so, against {claim}{also}.")
            }
        }
    }

    fn lost(&self, attack: &Attack) -> String {
        let refused = self.refusal.as_ref().map_or_else(
            || "it comes to nothing, and nothing has to be refused".to_owned(),
            |Refusal { step, host, what }| format!("at step {step} {host} {what}"),
        );
        let holds = if self.off.contains(&attack.defence) {
            format!("this holds even without {}", attack.defence)
        } else {
            format!("what holds is {}", words::defence(attack.defence).trim_end_matches('.'))
        };
        let aside = self.run.violation.as_ref().map_or_else(String::new, |violation| {
            let (claim, off) = (words::claim(violation.claim), words::listed(&self.off));
            format!(" On the way {claim}, is violated (rule {:?}), because {off} is off.", violation.rule)
        });
        format!("{refused}; {holds}.{aside}")
    }
}

/// The first refusal from where a trace that loses parts from the one that wins, if that does not have it too.
fn refusal(lost: &Trace, won: &Trace) -> Option<Refusal> {
    let parts = lost.lines.iter().zip(&won.lines).position(|(lost, won)| lost != won);
    let from = parts.unwrap_or_else(|| lost.lines.len().min(won.lines.len()));
    let of = |trace: &Trace| -> Vec<Refusal> {
        let lines = trace.lines.iter().skip(from);
        lines.flat_map(|line| line.effects.iter().filter_map(|effect| told(trace, line.step, effect))).collect()
    };
    let passed = of(won);
    of(lost).into_iter().find(|refusal| !passed.contains(refusal))
}

/// An effect, if it is a refusal.
fn told(trace: &Trace, step: u64, effect: &Effect) -> Option<Refusal> {
    let (host, what) = match effect {
        Effect::Dropped { host, why } => (*host, format!("refuses what it gets: {why}")),
        Effect::Said { host, what, .. } if what.starts_with("refuses: ") => {
            (*host, what.replacen("refuses: ", "refuses the claim: ", 1))
        }
        Effect::Said { host, what, .. } if what.starts_with("ends: ") => {
            (*host, what.replacen("ends: ", "ends the handshake: ", 1))
        }
        Effect::Said { .. } | Effect::Sent { .. } | Effect::Asked { .. } | Effect::Violated(_) => return None,
    };
    Some(Refusal { step, host: trace.name(host), what })
}
