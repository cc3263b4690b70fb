//! A1, A2: is anybody talked into less, or more, than was meant? Against every sequence of an adversary's moves.

use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};

#[test]
fn suites_and_clearances_are_what_was_meant_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A1, Claim::A2]);
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/downgrade.rs");
}
