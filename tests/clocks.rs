//! Are timestamps judged to the millisecond, and does no wrong clock do more harm than it must?

use core::time::Duration;
use countersign::wire::{Kind, Reason};
use countersign::{ClockPolicy, Denial, InitiatorPolicy, SKEW, Timestamp, Whole};
use countersign_endpoint::{Event, Outcome, Store};
use countersign_tests::world::{START, Setup, Side, World, profile, user};

const SKEW_MS: i64 = 120_000;
const YEAR_MS: i64 = 365 * 24 * 3_600 * 1_000;

/// A timestamp by its distance from the start, in milliseconds.
fn stamp(from_start_ms: i64) -> Timestamp {
    Timestamp::from_millis(START.checked_add_signed(from_start_ms).unwrap())
}

/// The `t_i` of each handshake that the device has accepted.
fn accepted(world: &World) -> Vec<Timestamp> {
    let timestamp = |event: &Event| match event {
        Event::Accepted { agreement, .. } => Some(agreement.terms.timestamp_i),
        _ => None,
    };
    world.events.iter().filter_map(|(_, event)| timestamp(event)).collect()
}

fn outcomes(world: &World) -> Vec<Outcome> {
    let outcome = |event: &Event| match event {
        Event::Ended { outcome, .. } => Some(*outcome),
        _ => None,
    };
    world.events.iter().filter_map(|(_, event)| outcome(event)).collect()
}

fn denials(world: &World) -> Vec<Denial> {
    let denial = |event: &Event| match event {
        Event::Denied { denial, .. } => Some(*denial),
        _ => None,
    };
    world.events.iter().filter_map(|(_, event)| denial(event)).collect()
}

/// How many Hellos with a sid of their own were sent.
fn begun(world: &World) -> usize {
    world.events.iter().filter(|(_, event)| matches!(event, Event::Begun { .. })).count()
}

fn exchange(world: &mut World) {
    world.connect();
    world.run();
}

/// What the store has accepted last from the device, though the device does not know.
fn accepted_elsewhere(world: &mut World, latest: Timestamp) {
    let _ = world.store.advance(&user(), &profile(&[]).devices[0], latest).unwrap();
}

/// A device that tolerates any clock of the server, so that the server's own judgement shows.
fn tolerant(seed: u64) -> Setup<Whole> {
    let mut setup = Setup::whole(seed);
    setup.device_policy = InitiatorPolicy { skew: Duration::from_secs(10_000), clock: ClockPolicy::Own };
    setup
}

/// CS-INIT-11: the later of the clock and the last accepted plus 1.
#[test]
fn timestamps_rise_when_the_clock_does_not() {
    let mut world = Setup::whole(1).build();
    exchange(&mut world);
    exchange(&mut world);
    world.device_ahead_ms = -30_000;
    exchange(&mut world);
    world.device_ahead_ms = 3;
    exchange(&mut world);
    assert_eq!(accepted(&world), [0, 1, 2, 3].map(stamp));
    assert_eq!((denials(&world), begun(&world)), (vec![], 4), "no restart was needed");
}

/// CS-INIT-11: a refused timestamp binds nobody.
#[test]
fn a_refused_timestamp_raises_nothing() {
    let mut world = Setup::whole(1).build();
    world.store.enrol(user(), profile(&[b"write"]));
    world.device_ahead_ms = 100_000;
    exchange(&mut world);
    assert_eq!(denials(&world), [Denial::Clearance]);
    world.store.enrol(user(), profile(&[b"read"]));
    world.device_ahead_ms = 0;
    exchange(&mut world);
    assert_eq!(accepted(&world), [stamp(0)]);
}

/// CS-INIT-11: kept up to the clock plus the skew, and discarded one millisecond beyond.
#[test]
fn a_floor_beyond_the_skew_is_discarded() {
    let ahead = 100_000;
    for (clock, expected, begun_in_all) in
        [(ahead - SKEW_MS, vec![stamp(ahead), stamp(ahead + 1)], 2), (ahead - SKEW_MS - 1, vec![stamp(ahead)], 3)]
    {
        let mut world = Setup::whole(1).build();
        world.device_ahead_ms = ahead;
        exchange(&mut world);
        world.device_ahead_ms = clock;
        world.connect();
        let verdict = world.run_until(Kind::Verdict);
        // The Hello of the second handshake went out with its clock's timestamp if the floor was discarded.
        let first_claim = if begun_in_all == 2 { vec![] } else { vec![Denial::Stale { latest: stamp(ahead) }] };
        assert_eq!(denials(&world), first_claim, "clock at {clock}");
        world.deliver(&verdict).unwrap();
        assert_eq!(accepted(&world), expected, "clock at {clock}");
        world.run();
        assert_eq!((begun(&world), world.admissions()), (begun_in_all, 2));
    }
}

/// CS-INIT-13: one restart, later than what the responder named, however far that is from the device's clock.
#[test]
fn a_stale_device_restarts_after_the_timestamp_that_it_is_told() {
    for latest in [0, 1, 5_000, SKEW_MS, SKEW_MS + 1, SKEW_MS + 99_999] {
        let mut world = Setup::whole(1).build();
        world.server_ahead_ms = 100_000;
        accepted_elsewhere(&mut world, stamp(latest));
        exchange(&mut world);
        assert_eq!(denials(&world), [Denial::Stale { latest: stamp(latest) }], "{latest}");
        assert_eq!((accepted(&world), begun(&world)), (vec![stamp(latest + 1)], 2), "{latest}");
        assert_eq!(outcomes(&world), []);
    }
}

/// CS-INIT-13: if the clock is later by then, it counts.
#[test]
fn a_restart_takes_the_clock_if_it_is_later() {
    let mut world = Setup::whole(1).build();
    accepted_elsewhere(&mut world, stamp(5_000));
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.pass(Duration::from_secs(10));
    world.lose_all();
    world.deliver(&verdict).unwrap();
    world.run();
    assert_eq!(accepted(&world), [stamp(10_000)]);
}

/// CS-INIT-13
#[test]
fn a_second_stale_ends_the_handshake() {
    let mut world = Setup::whole(1).build();
    accepted_elsewhere(&mut world, stamp(5_000));
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.deliver(&verdict).unwrap();
    accepted_elsewhere(&mut world, stamp(9_000));
    world.run();
    assert_eq!(outcomes(&world), [Outcome::Refused(Reason::Stale(stamp(9_000)))]);
    assert_eq!((begun(&world), accepted(&world)), (2, vec![]));
}

/// CS-INIT-13: under the first deadline, and in the first Hello's turn.
#[test]
fn a_restart_does_not_move_the_deadline() {
    let mut world = Setup::whole(1).build();
    accepted_elsewhere(&mut world, stamp(5_000));
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.pass(Duration::from_secs(50));
    world.deliver(&verdict).unwrap();
    world.pass(Duration::from_micros(9_999_999));
    assert_eq!(outcomes(&world), []);
    world.pass(Duration::from_micros(1));
    assert_eq!(outcomes(&world), [Outcome::TimedOut]);
}

/// CS-INIT-05: the server's clock, to the millisecond at both ends.
#[test]
fn a_responder_within_the_skew_is_accepted_and_beyond_it_is_not() {
    for (ahead, is_within) in [(SKEW_MS, true), (SKEW_MS + 1, false), (-SKEW_MS, true), (-SKEW_MS - 1, false)] {
        let mut world = Setup::whole(1).build();
        world.server_ahead_ms = ahead;
        exchange(&mut world);
        let clock = Outcome::Clock { responder: stamp(ahead) };
        assert_eq!(outcomes(&world), if is_within { vec![] } else { vec![clock] }, "{ahead} ms ahead");
        assert_eq!(accepted(&world).len(), usize::from(is_within), "{ahead} ms ahead");
    }
}

/// CS-INIT-05: the upper end is counted from when the Challenge is judged, the lower from `t_i`.
#[test]
fn the_responders_window_opens_at_t_i_and_ends_at_now() {
    for (ahead, is_within) in [(SKEW_MS + 30_000, true), (SKEW_MS + 30_001, false), (-SKEW_MS, true)] {
        let mut world = Setup::whole(1).build();
        world.server_ahead_ms = ahead;
        world.connect();
        let challenge = world.run_until(Kind::Challenge);
        world.pass(Duration::from_secs(30));
        world.lose_all();
        world.deliver(&challenge).unwrap();
        let clock = Outcome::Clock { responder: stamp(ahead) };
        assert_eq!(outcomes(&world), if is_within { vec![] } else { vec![clock] }, "{ahead} ms ahead");
    }
}

/// CS-RESP-06: the device's clock, to the millisecond at both ends; behind, the flight grace is added.
#[test]
fn a_device_within_the_window_is_admitted_and_beyond_it_is_told() {
    let behind = SKEW_MS + 60_000;
    for (ahead, is_within) in [(SKEW_MS, true), (SKEW_MS + 1, false), (-behind, true), (-behind - 1, false)] {
        let mut world = tolerant(1).build();
        world.device_ahead_ms = ahead;
        exchange(&mut world);
        let denied = vec![Denial::Clock { device: stamp(ahead) }];
        assert_eq!(denials(&world), if is_within { vec![] } else { denied }, "{ahead} ms ahead");
        let told = vec![Outcome::Refused(Reason::Clock)];
        assert_eq!(outcomes(&world), if is_within { vec![] } else { told }, "{ahead} ms ahead");
        assert_eq!(world.admissions(), usize::from(is_within));
    }
}

/// CS-RESP-06: the upper end is counted from when the claim is judged, the lower from `t_r`.
#[test]
fn the_devices_window_opens_at_t_r_and_ends_at_now() {
    let behind = SKEW_MS + 60_000;
    let cases = [(SKEW_MS + 30_000, true), (SKEW_MS + 30_001, false), (-behind, true), (-behind - 1, false)];
    for (ahead, is_within) in cases {
        let mut world = tolerant(1).build();
        world.device_ahead_ms = ahead;
        world.connect();
        let response = world.run_until(Kind::Response);
        world.pass(Duration::from_secs(30));
        world.lose_all();
        world.deliver(&response).unwrap();
        assert_eq!(world.admissions(), usize::from(is_within), "{ahead} ms ahead");
    }
}

/// CS-RESP-06: a clock that was far ahead locks its device out for no longer than it was ahead.
#[test]
fn a_wrong_clock_is_healed_by_setting_it_right() {
    let mut world = Setup::whole(1).build();
    world.device_ahead_ms = SKEW_MS;
    exchange(&mut world);
    world.device_ahead_ms = 0;
    world.pass(Duration::from_millis(1));
    exchange(&mut world);
    world.pass(SKEW + Duration::from_secs(1));
    exchange(&mut world);
    assert_eq!(accepted(&world), [SKEW_MS, SKEW_MS + 1, SKEW_MS + 1_001].map(stamp));
    assert_eq!((denials(&world), outcomes(&world)), (vec![], vec![]));
}

/// CS-INIT-05: a device that follows takes the verified `t_r` for its clock, whatever its own shows.
#[test]
fn a_following_device_gets_in_with_any_clock() {
    for ahead in [0, YEAR_MS, -YEAR_MS] {
        let mut setup = Setup::whole(1);
        setup.device_policy.clock = ClockPolicy::Follow;
        let mut world = setup.build();
        world.device_ahead_ms = ahead;
        exchange(&mut world);
        exchange(&mut world);
        world.server_ahead_ms = -5_000;
        exchange(&mut world);
        assert_eq!(accepted(&world), [0, 1, 2].map(stamp), "{ahead} ms ahead");
        assert_eq!((denials(&world), outcomes(&world)), (vec![], vec![]));
    }
}

/// CS-INIT-05: one that does not follow is told by itself that its clock is wrong.
#[test]
fn a_device_by_its_own_clock_reports_clock() {
    for ahead in [YEAR_MS, -YEAR_MS] {
        let mut world = Setup::whole(1).build();
        world.device_ahead_ms = ahead;
        exchange(&mut world);
        assert_eq!(outcomes(&world), [Outcome::Clock { responder: stamp(0) }]);
        assert_eq!(world.server.half_open(), 1, "and said nothing of itself");
    }
}

/// CS-INIT-13, CS-INIT-11: under *follow* a restart counts from `t_r`, and so does what is discarded.
#[test]
fn a_following_device_restarts_and_rises_by_the_responders_clock() {
    let mut setup = Setup::whole(1);
    setup.device_policy.clock = ClockPolicy::Follow;
    let mut world = setup.build();
    world.device_ahead_ms = YEAR_MS;
    accepted_elsewhere(&mut world, stamp(SKEW_MS - 1));
    exchange(&mut world);
    assert_eq!((accepted(&world), begun(&world)), (vec![stamp(SKEW_MS)], 2));
    // The server's clock was ahead and has been set right: the floor is beyond its skew.
    world.server_ahead_ms = -1;
    exchange(&mut world);
    let latest = stamp(SKEW_MS);
    assert!(latest > world.now(Side::Server).wall.plus(SKEW));
    let clock = Denial::Clock { device: latest.next() };
    assert_eq!(denials(&world)[1..], [Denial::Stale { latest }, clock], "first the server's own time, then later");
    world.pass(Duration::from_millis(2));
    exchange(&mut world);
    assert_eq!(accepted(&world).last(), Some(&latest.next()));
}

/// CS-INIT-11: a device that restarts with its clock set back rises above what its driver kept for it.
#[test]
fn a_kept_timestamp_outlives_a_restart() {
    let mut world = Setup::whole(1).build();
    world.connect();
    world.run();
    let responder = world.expected.identity().clone();
    let latest = world.device.latest(&responder).expect("one was accepted");
    let mut restarted = Setup::whole(2).build();
    restarted.store = world.store.clone();
    restarted.device_ahead_ms = -60_000;
    assert!(restarted.device.remember_latest(responder.clone(), latest));
    assert!(restarted.device.remember_latest(responder.clone(), Timestamp::default()));
    assert_eq!(restarted.device.latest(&responder), Some(latest), "an earlier one changes nothing");
    let handshake = restarted.connect();
    restarted.run();
    assert!(restarted.both_established(handshake));
    assert!(restarted.device.latest(&responder) > Some(latest));
    let denied = restarted.events.iter().any(|(_, event)| matches!(event, Event::Denied { .. }));
    assert!(!denied, "it was not stale");
    assert!(!restarted.server.remember_latest(responder, latest), "a responder has no device");
}
