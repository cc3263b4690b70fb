//! A6: what does a thief of keys, or a broken exchange, give away? Against every sequence of an adversary's moves.

use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};

#[test]
fn what_was_said_stays_secret_from_thieves_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A2, Claim::A6]);
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/compromise.rs");
}
