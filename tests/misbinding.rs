//! A1, A2: does anybody take a handshake for another one than it is? Against every sequence of an adversary's moves.

use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};

#[test]
fn both_sides_mean_the_same_handshake_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A1, Claim::A2, Claim::A3]);
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/misbinding.rs");
}
