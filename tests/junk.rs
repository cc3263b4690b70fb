//! A7, A9: does junk do any harm? Against every sequence of an adversary's moves.

use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};

#[test]
fn junk_does_no_harm_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A7, Claim::A9]);
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/junk.rs");
}
