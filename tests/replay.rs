//! A4, A5: does anything that was said count again? Against every sequence of an adversary's moves.

use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};

#[test]
fn nothing_counts_twice_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A4, Claim::A5]);
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/replay.rs");
}
