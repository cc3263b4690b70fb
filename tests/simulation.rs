//! Does a whole network of handshakes keep the claims, and would the observer see it if it did not?

use core::time::Duration;
use countersign::{Ablated, Defence, Defences, Whole};
use countersign_endpoint::Limits;
use countersign_sim::{Claim, Config, LinkProfile, Report, simulate};

fn run<D: Defences>(config: Config, defences: D) -> Report {
    let report = simulate(config, defences, &mut ()).unwrap();
    println!("seed {}: {:?}", config.seed, report.violations.first());
    report
}

fn of(handshakes: u64, seed: u64) -> Config {
    Config { handshakes, seed, ..Config::default() }
}

/// 30 % lost, 10 % doubled, up to two seconds late.
fn awful(handshakes: u64, seed: u64) -> Config {
    let link =
        LinkProfile { loss: 300_000, duplicate: 100_000, jitter: Duration::from_secs(2), ..LinkProfile::default() };
    Config { link, ..of(handshakes, seed) }
}

/// CS-IMPL-03
#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let hashes: Vec<String> = [1, 1, 2].map(|seed| run(of(300, seed), Whole).trace_hash).into();
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
}

/// CS-IMPL-04, CS-AMP-01
#[test]
fn no_claim_is_violated_and_every_premise_occurs() {
    // Few enough half-open entries that a short run meets cookies too.
    let limits = Limits { half_open_before_cookies: 12, ..Limits::default() };
    let report = run(Config { limits, store_failures: 10_000, ..of(2_000, 3) }, Whole);
    assert_eq!(report.violations, []);
    for claim in &report.claims {
        assert!(claim.occurred > 0, "{} never said anything", claim.claim);
    }
    assert_eq!(report.claims.len(), Claim::ALL.len());
    assert!(report.traffic.retries > 0, "cookies were asked for");
    assert!(report.confirmed > 0);
    let outcomes: Vec<&str> = report.ended.keys().copied().collect();
    assert_eq!(outcomes, ["clock", "impostor", "refused"]);
    let denials: Vec<&str> = report.denied.keys().copied().collect();
    assert_eq!(denials, ["clearance", "stale", "unknown device", "unknown user"]);
    assert!(report.store_failures > 0, "and the initiators that it made stale began again");
    assert_eq!(report.accepted + report.ended.values().sum::<u64>(), report.started);
}

/// CS-INIT-14, CS-INIT-15
#[test]
fn on_an_awful_network_ninety_nine_in_a_hundred_honest_handshakes_are_accepted() {
    let report = run(awful(2_000, 4), Whole);
    assert_eq!(report.violations, []);
    assert!(report.traffic.lost > 0 && report.traffic.duplicated > 0 && report.traffic.repeats > 0);
    let Report { honest, .. } = report;
    assert!(honest.accepted * 100 >= honest.ended * 99, "{honest:?}");
    assert_eq!(report.accepted + report.ended.values().sum::<u64>(), report.started, "each ended with a reason");
}

/// Runs a world without one defence; the claims that it violates.
fn violated_without(defence: Defence) -> Vec<Claim> {
    let report = run(of(1_500, 5), Ablated::without(&[defence]));
    let mut claims: Vec<Claim> = report.violations.iter().map(|violation| violation.claim).collect();
    claims.sort_unstable();
    claims.dedup();
    claims
}

/// CS-RESP-04
#[test]
fn the_observer_sees_a_strange_device_that_is_let_in() {
    assert_eq!(violated_without(Defence::DeviceEnrolled), [Claim::A2]);
}

/// CS-RESP-08
#[test]
fn the_observer_sees_who_gets_in_for_what_it_does_not_hold() {
    assert_eq!(violated_without(Defence::RequiredClearances), [Claim::A2]);
}

/// CS-INIT-03
#[test]
fn the_observer_sees_a_response_to_a_look_alike() {
    assert!(violated_without(Defence::ResponderKeyPinned).contains(&Claim::A3));
}

/// CS-INIT-09
#[test]
fn the_observer_sees_an_acceptance_on_a_forged_verdict() {
    assert!(violated_without(Defence::VerdictAuthenticated).contains(&Claim::A1));
}

/// CS-INIT-06
#[test]
fn the_twin_world_shows_that_junk_changed_something() {
    assert!(violated_without(Defence::JunkIgnored).contains(&Claim::A7));
}

/// CS-RESP-14
#[test]
fn the_observer_sees_a_responder_that_does_not_answer() {
    let limits = Limits { entries_max: 3, ..Limits::default() };
    let report = run(Config { limits, ..of(500, 6) }, Whole);
    assert!(report.violations.iter().any(|violation| violation.claim == Claim::A9), "{:?}", report.violations);
}

/// CS-RESP-11, CS-INIT-13: what a store that often fails brings about, timers that fire as datagrams arrive, and Verdicts
/// that come at the deadline are no violation.
#[test]
fn the_observer_blames_nobody_without_reason() {
    let failing = Config { store_failures: 100_000, ..of(600, 7) };
    let busy = Config {
        limits: Limits {
            retransmit_first: Duration::from_millis(1),
            retransmit_max: Duration::from_millis(1),
            ..Limits::default()
        },
        link: LinkProfile { jitter: Duration::from_millis(400), ..LinkProfile::default() },
        ..of(60, 8)
    };
    let tight = Config {
        limits: Limits { deadline: Duration::from_millis(1_040), ..Limits::default() },
        link: LinkProfile { loss: 300_000, jitter: Duration::ZERO, ..LinkProfile::default() },
        ..of(600, 9)
    };
    for config in [failing, busy, tight] {
        let report = run(config, Whole);
        assert_eq!(report.violations, []);
        assert!(report.has_explored());
    }
}
