//! Does each rule of the observer see what it is there to see? Each world holds as it is, and breaks its rule as soon as one
//! defence is gone. What no world meets by itself is tested beside the observer.

use core::time::Duration;
use countersign::{Ablated, Defence, Defences, Whole};
use countersign_endpoint::Limits;
use countersign_sim::{Claim, Delay, Report, RunOf, Scenario, Shard, run_worlds};
use std::collections::BTreeSet;

fn scenario(name: &str) -> Scenario {
    Scenario::named(name).expect("a scenario that is shipped")
}

fn run<D: Defences + Send + Sync>(scenario: &Scenario, defences: D) -> Report {
    let report = run_worlds(&RunOf::new(scenario.clone(), 5, 1_500), Shard::WHOLE, 2, defences, || ()).unwrap();
    println!("{}: {:?}", scenario.name, report.violations.first());
    report
}

/// The rules that a world breaks without these defences, and none with them.
fn broken_without(scenario: &Scenario, defences: &[Defence]) -> BTreeSet<(Claim, String)> {
    assert_eq!(run(scenario, Whole).violations, [], "with all defences");
    let report = run(scenario, Ablated::without(defences));
    report.violations.into_iter().map(|violation| (violation.claim, violation.rule)).collect()
}

fn breaks(scenario: &Scenario, defence: Defence, claim: Claim, rule: &str) {
    let broken = broken_without(scenario, &[defence]);
    assert!(broken.contains(&(claim, rule.to_owned())), "without {defence}: {broken:?}");
}

/// CS-RESP-07, CS-RESP-08
#[test]
fn a_grant_of_what_is_not_held_is_seen() {
    breaks(&scenario("default"), Defence::GrantWithinHeld, Claim::A2, "clearances");
    breaks(&scenario("default"), Defence::RequiredClearances, Claim::A2, "clearances");
}

/// CS-INIT-06, CS-INIT-07
#[test]
fn a_handshake_that_gives_up_early_is_seen() {
    breaks(&scenario("default"), Defence::JunkIgnored, Claim::A7, "wait");
}

/// CS-RESP-01
#[test]
fn a_second_challenge_for_one_hello_is_seen() {
    breaks(&scenario("default"), Defence::RepeatsIdentical, Claim::A4, "regenerated");
}

/// CS-INIT-05
#[test]
fn an_answer_to_a_responder_with_a_wrong_clock_is_seen() {
    breaks(&scenario("default"), Defence::ResponderClock, Claim::A5, "clock");
}

/// CS-RETRY-01
#[test]
fn a_hello_for_every_retry_is_seen() {
    let mut echoing = scenario("default");
    echoing.limits.half_open_before_cookies = 0;
    echoing.up.duplicate = 500_000;
    echoing.down.duplicate = 500_000;
    breaks(&echoing, Defence::RetryBudget, Claim::A7, "retries");
}

/// CS-REF-02: as clients look at the clocks first, they must look away.
#[test]
fn a_reason_that_is_told_to_a_stranger_is_seen() {
    let broken = broken_without(&scenario("clock-chaos"), &[Defence::ReasonWithheld, Defence::ResponderClock]);
    assert!(broken.contains(&(Claim::A8, "reason".to_owned())), "{broken:?}");
}

/// CS-REF-03
#[test]
fn a_refusal_that_costs_less_than_others_is_seen() {
    breaks(&scenario("default"), Defence::EqualWork, Claim::A8, "equal work");
}

/// CS-SESS-05
#[test]
fn a_record_to_where_the_peer_was_before_is_seen() {
    let mut restless = scenario("rebinding");
    restless.rebinding.session = 500_000;
    restless.up.duplicate = 500_000;
    restless.up.overtake = 1_000_000;
    restless.up.delay = Delay::Uniform { min: Duration::from_millis(10), max: Duration::from_secs(3) };
    breaks(&restless, Defence::AddressFollowsNewest, Claim::A7, "address");
}

/// CS-REC-06
#[test]
fn a_session_that_junk_closes_is_seen() {
    breaks(&scenario("default"), Defence::CloseAuthenticated, Claim::A7, "closed");
}

/// CS-BOX-01: a machine and its clone seal two Verdicts under one key.
#[test]
fn two_texts_under_one_key_and_nonce_are_seen() {
    breaks(&scenario("cloned-responder"), Defence::SyntheticNonce, Claim::A6, "one text");
}

/// CS-REC-03
#[test]
fn one_keystream_for_both_directions_is_seen() {
    breaks(&scenario("default"), Defence::DirectionKeys, Claim::A6, "keystream");
}

/// CS-RESP-14: the first entries are those of strangers, so that none who is honest is turned away unanswered.
#[test]
fn a_table_without_a_bound_is_seen() {
    let mut small = scenario("default");
    small.limits = Limits { entries_max: 3, ..small.limits };
    let broken = run(&small, Ablated::without(&[Defence::TableBound])).violations;
    assert!(broken.iter().any(|violation| violation.rule == "table"), "{broken:?}");
    assert!(run(&small, Whole).violations.iter().all(|violation| violation.claim == Claim::A9));
}

/// CS-RESP-13
#[test]
fn an_entry_that_never_lapses_is_seen() {
    breaks(&scenario("partition"), Defence::HalfOpenLifetime, Claim::A7, "half-open");
}

/// CS-COOKIE-02
#[test]
fn a_cookie_that_is_good_at_another_address_is_seen() {
    let mut guarded = scenario("rebinding");
    guarded.limits.half_open_before_cookies = 0;
    breaks(&guarded, Defence::CookieBoundToAddress, Claim::A7, "cookie");
}

/// CS-INIT-08: a genuine Challenge that a flood crowds out counts as lost. Junk then shows, as it may up to this limit.
#[test]
fn a_challenge_that_is_judged_beyond_the_budget_is_seen() {
    let mut flooded = scenario("default");
    flooded.noise.mutated = 500_000;
    flooded.limits = Limits { challenge_burst: 1, challenges_per_second: 1, ..flooded.limits };
    assert!(run(&flooded, Whole).violations.iter().all(|violation| violation.rule == "twin"));
    let broken = run(&flooded, Ablated::without(&[Defence::ChallengeBucket])).violations;
    assert!(broken.iter().any(|violation| violation.rule == "bucket"), "{broken:?}");
}

/// CS-INIT-11: a clock that is set back by less than the skew makes nobody stale.
#[test]
fn a_client_that_a_small_step_of_its_clock_makes_stale_is_seen() {
    let mut uneasy = scenario("default");
    uneasy.population.clients = 8;
    uneasy.stores.failures = 0;
    uneasy.client_clocks.step = Duration::from_secs(5);
    uneasy.client_clocks.step_every = Duration::from_secs(30);
    let broken = broken_without(&uneasy, &[Defence::RisingTimestamp]);
    assert!(broken.contains(&(Claim::A9, "restarted".to_owned())), "{broken:?}");
}
