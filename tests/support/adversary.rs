//! Sequences of an adversary's moves: at random, or a known attack with moves put in and steps left out.
//!
//! Every move is of the grammar in `spec/adversary.md`. With every defence in place no claim may fail, whatever the
//! sequence; with one off, one must.

use countersign::primitives::sha256;
use countersign::{Ablated, Defence, Defences, Whole};
use countersign_attacks::{ATTACKS, Attack, Goal, property};
use countersign_endpoint::Event;
use countersign_sim::{Claim, ClaimCount, Line, Play, Realm};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What an adversary does.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Decides what honest hosts draw.
    pub seed: u64,
    /// Which of the attacks of the world it begins from, if any.
    pub known: Option<usize>,
    /// Which of its steps are left out.
    pub left_out: Vec<u8>,
    /// What is put in, before which step, or after all of them.
    pub put_in: Vec<(u8, u64)>,
}

/// Moves that are put in, at most.
const MOVES_MAX: usize = 24;
/// Sequences for each world.
const CASES: u32 = 48;
/// Sequences in which a claim must fail once a defence is off.
const BUDGET: u32 = 400;

fn sequences(known: usize) -> impl Strategy<Value = Sequence> {
    let known = if known == 0 { Just(None).boxed() } else { proptest::option::of(0..known).boxed() };
    let left_out = proptest::collection::vec(0..16_u8, 0..2);
    let put_in = proptest::collection::vec((0..24_u8, any::<u64>()), 0..MOVES_MAX);
    (any::<u64>(), known, left_out, put_in).prop_map(|(seed, known, left_out, mut put_in)| {
        put_in.sort_by_key(|(at, _)| *at);
        Sequence { seed, known, left_out, put_in }
    })
}

/// The steps of the attacks of a world, as they were when they won.
fn deck(realm: Realm) -> Vec<(&'static Attack, Vec<Line>)> {
    let of_realm = ATTACKS.iter().filter(|attack| attack.realm == realm);
    of_realm.map(|attack| (attack, attack.run_without(1, "").trace.lines)).collect()
}

/// Plays a sequence.
#[must_use]
pub fn play<D: Defences>(realm: Realm, deck: &[(&Attack, Vec<Line>)], sequence: &Sequence, defences: D) -> Play<D> {
    let mut play = Play::new(realm, sequence.seed, defences);
    play.number_apart();
    let steps = sequence.known.and_then(|known| deck.get(known)).map(|(_, lines)| &lines[..]).unwrap_or_default();
    let mut moves = sequence.put_in.iter().peekable();
    for (at, step) in (0_u8..).zip(steps) {
        while let Some((_, number)) = moves.next_if(|(before, _)| *before <= at) {
            let next = play.draw(*number);
            play.make(next);
        }
        if !sequence.left_out.contains(&at) {
            play.follow(step);
        }
    }
    for (_, number) in moves {
        let next = play.draw(*number);
        play.make(next);
    }
    play.compare_with_twin();
    play
}

/// How often responders refused for each reason of their own.
pub type Denials = BTreeMap<String, u64>;

/// In every world, whatever the adversary does in the sequences of this file, these claims hold; and it does what puts each to the test. Returns what it
/// was refused for on the way.
///
/// # Panics
/// If one does not hold, or if the premise of one never occurred.
pub fn hold_against_every_adversary(file: &str, claims: &[Claim]) -> Denials {
    let mut occurred: BTreeMap<Claim, u64> = BTreeMap::new();
    let mut denials = Denials::new();
    for realm in Realm::ALL {
        let claimed: Vec<Claim> = claims.iter().copied().filter(|claim| realm.claims().contains(claim)).collect();
        for (claim, count) in run(file, realm, &claimed, &mut denials) {
            *occurred.entry(claim).or_default() += count.occurred;
        }
    }
    for claim in claims {
        assert!(occurred[claim] > 0, "nothing that was done puts {claim} to the test: {occurred:?}");
    }
    println!("premises: {occurred:?}");
    denials
}

/// Each file has sequences of its own.
fn rng(file: &str) -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &sha256(file.as_bytes()))
}

fn run(file: &str, realm: Realm, claims: &[Claim], denials: &mut Denials) -> BTreeMap<Claim, ClaimCount> {
    let deck = deck(realm);
    let counts: RefCell<BTreeMap<Claim, ClaimCount>> = RefCell::default();
    let denials = RefCell::new(denials);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng(file));
    let result = runner.run(&sequences(deck.len()), |sequence| {
        let play = play(realm, &deck, &sequence, Whole);
        for (claim, count) in play.counts() {
            counts.borrow_mut().entry(claim).or_default().occurred += count.occurred;
        }
        for denial in play.said().filter_map(|(.., event)| denial(event)) {
            *denials.borrow_mut().entry(denial).or_default() += 1;
        }
        let violated = play.violations().iter().find(|violation| claims.contains(&violation.claim));
        prop_assert!(violated.is_none(), "{violated:?}\n{}", shown(&play));
        Ok(())
    });
    if let Err(TestError::Fail(reason, sequence)) = &result {
        panic!("in the world {}, {sequence:?}: {reason}", realm.name());
    }
    result.expect("the runner runs");
    counts.into_inner()
}

/// What a responder has against a claim, without the particulars.
fn denial(event: &Event) -> Option<String> {
    let Event::Denied { denial, .. } = event else { return None };
    let said = format!("{denial:?}");
    said.split([' ', '(']).next().map(str::to_owned)
}

/// A trace that `countersign trace show` draws.
fn shown<D: Defences>(play: &Play<D>) -> String {
    let mut trace = Vec::new();
    play.trace(String::new()).write(&mut trace).expect("memory can be written to");
    String::from_utf8(trace).expect("a trace is text")
}

/// Each defence whose property stands in this file is missed by it once it is off, in a world where it is the one that
/// holds.
///
/// # Panics
/// If one is not.
pub fn every_defence_is_missed(file: &str) {
    let defences: Vec<Defence> = Defence::ALL.iter().copied().filter(|of| property(*of) == file).collect();
    assert!(!defences.is_empty(), "no defence has its property in {file}");
    let narrow: BTreeSet<Defence> = NARROW.iter().map(|(defence, _)| *defence).collect();
    for defence in defences.into_iter().filter(|defence| !narrow.contains(defence)) {
        let attacks = ATTACKS.iter().filter(|of| of.defence == defence && matches!(of.goal, Goal::Violates(_)));
        let cases: Vec<u32> = attacks.filter_map(missed_after).collect();
        let least = cases.iter().min();
        assert!(least.is_some(), "without {defence} no claim fails in {BUDGET} sequences");
        println!("without {defence}: a claim fails after {} sequences", cases[0]);
    }
}

/// How many sequences it takes until the claim of an attack fails in its world without its defence.
fn missed_after(attack: &Attack) -> Option<u32> {
    let deck = deck(attack.realm);
    let defences = Ablated::without(&[attack.weakened, &[attack.defence]].concat());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    (1..=BUDGET).find(|_| {
        let sequence = sequences(deck.len()).new_tree(&mut runner).expect("a sequence can be drawn").current();
        let play = play(attack.realm, &deck, &sequence, defences);
        play.violations().iter().any(|violation| violation.claim == attack.claim)
    })
}

/// Defences that no property can miss, as what they keep up is less than a claim. Their attacks in the catalogue say
/// what is gained without them.
pub const NARROW: &[(Defence, &str)] = &[
    (Defence::ReflectedEphemeral, "only who owns the responder's key can reflect, and no claim is made to him"),
    (Defence::NonceRecomputed, "a careless peer harms its own secrecy"),
    (Defence::StrictSignature, "only the owner of a key can make such a signature"),
];
