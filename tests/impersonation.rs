//! A1, A2, A3: is anybody taken for somebody else? Against every sequence of an adversary's moves.

use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};

#[test]
fn nobody_is_taken_for_somebody_else_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A1, Claim::A2, Claim::A3]);
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/impersonation.rs");
}
