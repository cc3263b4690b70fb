//! Where to search, and what is off there.

use crate::args::AttackSearch;
use countersign::Defence;
use countersign_attacks::{Attack, Coverage, Goal, coverage, stopped_by};
use countersign_sim::Realm;

/// A world, and what is off in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Target {
    pub(super) realm: Realm,
    /// What is to be missed.
    pub(super) without: Vec<Defence>,
    /// What is off in this world in any case, because it would stop the same.
    pub(super) weakened: Vec<Defence>,
}

impl Target {
    /// The world in which a defence shows what it holds up, and that defence off.
    pub(super) fn of(attack: &Attack) -> Self {
        Self { realm: attack.realm, without: vec![attack.defence], weakened: attack.weakened.to_vec() }
    }

    /// What was asked for: one world, or all.
    pub(super) fn chosen(options: &AttackSearch) -> Vec<Self> {
        let without = ascending(options.without.clone());
        let shown = options.without.first().and_then(|first| shown_by(*first));
        match (options.world, shown) {
            (Some(realm), _) => vec![Self { realm, without, weakened: Vec::new() }],
            (None, Some(attack)) => {
                let weakened = attack.weakened.iter().filter(|of| !without.contains(of)).copied().collect();
                vec![Self { realm: attack.realm, without, weakened }]
            }
            (None, None) => {
                let all = Realm::ALL.into_iter();
                all.map(|realm| Self { realm, without: without.clone(), weakened: Vec::new() }).collect()
            }
        }
    }

    /// All that is off.
    pub(super) fn off(&self) -> Vec<Defence> {
        ascending([self.without.as_slice(), &self.weakened].concat())
    }
}

/// The attack that shows best what a defence holds up: the first after which the observer sees a claim violated, or else
/// the first.
pub(super) fn shown_by(defence: Defence) -> Option<&'static Attack> {
    let violates = stopped_by(defence).find(|attack| matches!(attack.goal, Goal::Violates(_)));
    violates.or_else(|| stopped_by(defence).next())
}

/// Why there is nothing to search for without it, if there is not.
pub(super) fn unseen(defence: Defence) -> Option<&'static str> {
    match (coverage(defence), shown_by(defence)) {
        (Coverage::Redundant(why), _) => Some(why),
        (Coverage::Stops, None) => Some("no attack shows what it holds up"),
        (Coverage::Stops, Some(attack)) => (attack.goal == Goal::Achieves).then_some(NOT_SEEN),
    }
}

pub(super) const NOT_SEEN: &str = "what its attacks achieve no observer of hosts can see, or is less than a claim";

fn ascending(mut defences: Vec<Defence>) -> Vec<Defence> {
    defences.sort();
    defences.dedup();
    defences
}
