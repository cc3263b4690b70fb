//! What an attack is, and how it is run.

use countersign::{Ablated, Defence, Defences, Whole};
use countersign_sim::{Claim, Play, Realm, Trace, Violation};

/// An attack.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// What it is called: words with hyphens.
    pub name: &'static str,
    /// What happens, in plain words.
    pub story: &'static str,
    /// The break of the real world that it stands for.
    pub stands_for: &'static str,
    /// Where to read of that.
    pub reference: &'static str,
    /// The claim that it is after.
    pub claim: Claim,
    /// What stops it.
    pub defence: Defence,
    /// Defences that are off in its world in any case, because each would stop it too.
    pub weakened: &'static [Defence],
    /// Its world.
    pub realm: Realm,
    /// How it is told whether it has won.
    pub goal: Goal,
    /// What it has achieved when it has won.
    pub achieved: &'static str,
    /// Its script, against the whole.
    pub(crate) whole: fn(&mut Play<Whole>) -> bool,
    /// The same, against what has defences off.
    pub(crate) ablated: fn(&mut Play<Ablated>) -> bool,
}

/// How it is told whether an attack has won.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Goal {
    /// The observer sees its claim violated, by this rule.
    Violates(&'static str),
    /// The script says so: it has got what no observer of hosts can see, or what is less than a claim.
    Achieves,
}

/// An attack that has been run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Whether it has won.
    pub won: bool,
    /// The claim that was violated first, if one was.
    pub violation: Option<Violation>,
    /// All that happened.
    pub trace: Trace,
}

impl Attack {
    /// Plays it against the whole, or against all but what its world lacks.
    #[must_use]
    pub fn run(&self, seed: u64, build: &str) -> Run {
        if self.weakened.is_empty() {
            self.play(seed, Whole, self.whole, build)
        } else {
            self.play(seed, Ablated::without(self.weakened), self.ablated, build)
        }
    }

    /// Plays it with its defence off.
    #[must_use]
    pub fn run_without(&self, seed: u64, build: &str) -> Run {
        self.run_with(seed, Ablated::without(&[self.weakened, &[self.defence]].concat()), build)
    }

    /// Whether it came to nothing: it has not won, and no claim failed that its world still holds up. Where a world lacks
    /// more than the defence, other claims may have lost what holds them up.
    #[must_use]
    pub fn is_refused(&self, run: &Run) -> bool {
        let blames = |violation: &Violation| self.weakened.is_empty() || violation.claim == self.claim;
        !run.won && !run.violation.as_ref().is_some_and(blames)
    }

    /// Plays it with any defences off.
    #[must_use]
    pub fn run_with(&self, seed: u64, defences: Ablated, build: &str) -> Run {
        self.play(seed, defences, self.ablated, build)
    }

    fn play<D: Defences>(&self, seed: u64, defences: D, script: fn(&mut Play<D>) -> bool, build: &str) -> Run {
        let mut play = Play::new(self.realm, seed, defences);
        let achieved = script(&mut play);
        play.compare_with_twin();
        let is_it = |violation: &&Violation| match self.goal {
            Goal::Violates(rule) => violation.claim == self.claim && violation.rule == rule,
            Goal::Achieves => violation.claim == self.claim,
        };
        let violation = play.violations().iter().find(is_it);
        let won = match self.goal {
            Goal::Violates(_) => violation.is_some(),
            Goal::Achieves => achieved,
        };
        let violation = violation.or_else(|| play.violation()).cloned();
        Run { won, violation, trace: play.trace(build.to_owned()) }
    }
}

/// An [`Attack`] whose script is generic over defences.
macro_rules! attack {
    ($script:ident; $($field:ident: $value:expr,)+) => {
        $crate::attack::Attack { $($field: $value,)+ whole: $script, ablated: $script }
    };
}
pub(crate) use attack;
