//! Does each attack fail against the whole, and win without its defence?

use countersign::{Ablated, Defence};
use countersign_attacks::{ATTACKS, Coverage, coverage, stopped_by};

#[test]
fn each_attack_loses_to_the_whole_and_wins_without_its_defence() {
    for attack in ATTACKS {
        for seed in [1, 2] {
            let whole = attack.run(seed, "");
            assert!(attack.is_refused(&whole), "{} against the whole, seed {seed}: {:?}", attack.name, whole.violation);
            let without = attack.run_without(seed, "");
            assert!(without.won, "{} without {}, seed {seed}: {:#?}", attack.name, attack.defence, without.violation);
        }
    }
}

/// What is off beside the defence is off for a reason.
#[test]
fn each_weakened_defence_would_stop_its_attack_too() {
    for attack in ATTACKS {
        for kept in attack.weakened {
            let others = attack.weakened.iter().filter(|other| *other != kept).copied();
            let off: Vec<Defence> = others.chain([attack.defence]).collect();
            let run = attack.run_with(1, Ablated::without(&off), "");
            assert!(!run.won, "{} wins with {kept} in place", attack.name);
        }
    }
}

/// A defence stops an attack, or there is a reason why none needs it gone.
#[test]
fn each_defence_stops_an_attack_or_is_redundant_for_a_reason() {
    for defence in Defence::ALL {
        let stops = stopped_by(*defence).count();
        match coverage(*defence) {
            Coverage::Stops => assert!(stops > 0, "{defence} stops no attack"),
            Coverage::Redundant(why) => assert!(stops == 0 && !why.is_empty(), "{defence} stops {stops}"),
        }
    }
}
