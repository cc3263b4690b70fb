//! Does a whole network of handshakes keep the claims, and would the observer see it if it did not?

use core::time::Duration;
use countersign::{Ablated, Defence, Defences, Whole};
use countersign_endpoint::Limits;
use countersign_sim::{Claim, Delay, Explored, LinkProfile, Replay, Report, RunOf, Scenario, Shard, Trace, run_worlds};

fn scenario(name: &str) -> Scenario {
    Scenario::named(name).expect("a scenario that is shipped")
}

fn explore<D: Defences + Send + Sync>(run: &RunOf, defences: D) -> Report {
    let report = run_worlds(run, Shard::WHOLE, 2, defences, || ()).unwrap();
    println!("{} of seed {}: {:?}", run.scenario.name, run.seed, report.violations.first());
    report
}

fn of(scenario: Scenario, handshakes: u64, seed: u64) -> Report {
    explore(&RunOf::new(scenario, seed, handshakes), Whole)
}

/// CS-IMPL-03
#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let hashes: Vec<String> = [1, 1, 2].map(|seed| of(scenario("default"), 300, seed).trace_hash).into();
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
}

/// CS-IMPL-03: which thread ran a world, and which part of a run it was in, is nowhere to be seen.
#[test]
fn threads_and_shards_do_not_show_in_the_result() {
    let run = RunOf { worlds: 7, ..RunOf::new(scenario("awful"), 3, 700) };
    let whole = run_worlds(&run, Shard::WHOLE, 1, Whole, || ()).unwrap();
    assert_eq!(run_worlds(&run, Shard::WHOLE, 2, Whole, || ()).unwrap(), whole);
    let mut merged = Report::empty(run.clone());
    for part in [2, 3, 1] {
        let shard = run_worlds(&run, Shard { part, of: 3 }, 2, Whole, || ()).unwrap();
        assert!(!shard.is_whole());
        merged.merge(shard).unwrap();
    }
    assert!(merged.is_whole());
    assert_eq!(merged, whole);
}

/// CS-IMPL-04, CS-AMP-01
#[test]
fn every_shipped_scenario_holds_and_meets_what_it_is_meant_to() {
    for scenario in Scenario::shipped() {
        let name = scenario.name.clone();
        let report = of(scenario, 25_000, 1);
        assert_eq!(report.violations, [], "{name}");
        assert_eq!(report.unexplored().into_iter().collect::<Vec<_>>(), [""; 0], "{name}");
        assert!(report.has_explored(), "{name}");
        assert_eq!(report.accepted + report.ended.values().sum::<u64>(), report.started, "{name}");
        if name == "awful" {
            assert!(report.honest.accepted * 100 >= report.honest.ended * 99, "{:?}", report.honest);
        }
    }
}

/// Runs a world without one defence; the claims that it violates.
fn violated_without(scenario: Scenario, defence: Defence) -> Vec<Claim> {
    violated_without_all(scenario, &[defence])
}

fn violated_without_all(scenario: Scenario, defences: &[Defence]) -> Vec<Claim> {
    let report = explore(&RunOf::new(scenario, 5, 1_500), Ablated::without(defences));
    report.claims.iter().filter(|(_, count)| count.violated > 0).map(|(claim, _)| *claim).collect()
}

/// CS-RESP-04
#[test]
fn the_observer_sees_a_strange_device_that_is_let_in() {
    assert_eq!(violated_without(scenario("default"), Defence::DeviceEnrolled), [Claim::A2]);
}

/// CS-RESP-08
#[test]
fn the_observer_sees_who_gets_in_for_what_it_does_not_hold() {
    assert_eq!(violated_without(scenario("default"), Defence::RequiredClearances), [Claim::A2]);
}

/// CS-INIT-03
#[test]
fn the_observer_sees_a_response_to_a_look_alike_and_to_a_thief() {
    let violated = violated_without(scenario("default"), Defence::ResponderKeyPinned);
    assert!(violated.contains(&Claim::A3) && violated.contains(&Claim::A6), "{violated:?}");
}

/// CS-INIT-09
#[test]
fn the_observer_sees_an_acceptance_on_a_forged_verdict() {
    assert!(violated_without(scenario("default"), Defence::VerdictAuthenticated).contains(&Claim::A1));
}

/// CS-INIT-06
#[test]
fn the_twin_world_shows_that_junk_changed_something() {
    assert!(violated_without(scenario("default"), Defence::JunkIgnored).contains(&Claim::A7));
}

/// CS-REC-02
#[test]
fn the_observer_sees_a_record_that_opens_twice() {
    assert!(violated_without(scenario("default"), Defence::ReplayWindow).contains(&Claim::A4));
}

/// CS-RESP-06, CS-INIT-05: both sides look at the clocks, so both must look away.
#[test]
fn the_observer_sees_a_timestamp_outside_the_window() {
    let blind = [Defence::TimestampWindow, Defence::ResponderClock];
    assert!(violated_without_all(scenario("default"), &blind).contains(&Claim::A5));
}

/// CS-RESP-14
#[test]
fn the_observer_sees_a_responder_that_does_not_answer() {
    let mut full = scenario("default");
    full.limits = Limits { entries_max: 3, ..full.limits };
    let report = of(full, 500, 6);
    assert!(report.violations.iter().any(|violation| violation.claim == Claim::A9), "{:?}", report.violations);
}

/// CS-RESP-09: of two machines from one snapshot, the copy accepts nothing that the other has accepted, as long as they
/// share a store; and only for this rule.
#[test]
fn only_the_latest_timestamp_stops_a_replay_to_a_clone_and_only_in_one_store() {
    let cloned = scenario("cloned-responder");
    let stopped = |report: &Report| report.explored.get(&Explored::StaleReplays).copied().unwrap_or(0);
    let report = of(cloned.clone(), 500, 2);
    assert_eq!(report.violations, []);
    assert!(stopped(&report) > 0);
    assert_eq!(violated_without(cloned, Defence::LatestTimestamp)[0], Claim::A2);
    let text = include_str!("../crates/countersign-sim/scenarios/beyond/cloned-responder-own-stores.toml");
    let report = of(Scenario::parse("own stores", text).unwrap(), 500, 2);
    assert_eq!(stopped(&report), 0);
    assert_eq!(report.violations[0].claim, Claim::A2, "the limit of the rule");
}

/// CS-IMPL-03: a violation is recorded, does again what it did, and is shrunk to what it takes.
#[test]
fn a_violation_is_replayed_and_shrunk_to_the_steps_that_it_takes() {
    let without = Ablated::without(&[Defence::LatestTimestamp]);
    let run = RunOf::new(scenario("cloned-responder"), 2, 200);
    let report = explore(&run, without);
    let violation = &report.violations[0];
    let trace = Trace::record(&run, violation.world, Some(violation), "a test".to_owned(), without);
    assert_eq!(trace.replay(without), Replay::Same);
    let shrunk = trace.shrink(without).unwrap();
    assert_eq!(shrunk.steps(), 10, "one handshake with a machine and its copy");
    assert_eq!(shrunk.replay(without), Replay::Same);
    assert_eq!(shrunk.violation().map(|violation| violation.claim), Some(violation.claim));
    assert!(matches!(shrunk.replay(Whole), Replay::Differs { .. }), "with the rule, something else happens");
}

/// CS-RESP-11, CS-INIT-13: what a store that often fails brings about, timers that fire as datagrams arrive, and Verdicts
/// that come at the deadline are no violation.
#[test]
fn the_observer_blames_nobody_without_reason() {
    let between =
        |min: u64, max: u64| Delay::Uniform { min: Duration::from_millis(min), max: Duration::from_millis(max) };
    let mut failing = scenario("default");
    failing.stores.failures = 100_000;
    let mut busy = scenario("default");
    busy.limits.retransmit_first = Duration::from_millis(1);
    busy.limits.retransmit_max = Duration::from_millis(1);
    busy.up.delay = between(10, 410);
    busy.down.delay = between(10, 410);
    let mut tight = scenario("default");
    tight.limits.deadline = Duration::from_millis(1_040);
    tight.up = LinkProfile { loss: 300_000, delay: between(10, 10), ..tight.up };
    tight.down = tight.up.clone();
    for (scenario, handshakes, seed) in [(failing, 600, 7), (busy, 60, 8), (tight, 600, 9)] {
        let report = of(scenario, handshakes, seed);
        assert_eq!(report.violations, []);
        assert!(report.has_explored());
    }
}
