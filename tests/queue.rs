//! Does a device keep one handshake at a time with each responder, and let the others wait in order?

use core::time::Duration;
use countersign::wire::{Kind, Reason};
use countersign::{Clearances, Expectation, SigningKey, Timestamp};
use countersign_endpoint::{ConnectError, Event, HandshakeId, InitiatorState, Outcome};
use countersign_tests::world::{
    Generator, SERVER, START, Setup, Side, World, profile, responder_with, server_name, user,
};

/// Which handshakes have begun, in order.
fn begun(world: &World) -> Vec<HandshakeId> {
    let begun = |event: &Event| match event {
        Event::Begun { handshake, .. } => Some(*handshake),
        _ => None,
    };
    world.events.iter().filter_map(|(_, event)| begun(event)).collect()
}

fn hellos(world: &World) -> usize {
    world.wire.iter().filter(|datagram| datagram.kind() == Kind::Hello).count()
}

fn outcome(world: &World, of: HandshakeId) -> Option<Outcome> {
    world.events.iter().find_map(|(_, event)| match event {
        Event::Ended { handshake, outcome } if *handshake == of => Some(*outcome),
        _ => None,
    })
}

/// CS-INIT-12
#[test]
fn the_second_handshake_waits_before_its_hello() {
    let mut world = Setup::whole(1).build();
    let [first, second, third] = [0; 3].map(|_| world.connect());
    assert_eq!((begun(&world), hellos(&world)), (vec![first], 1));
    assert_eq!(world.device.initiator_state(second), InitiatorState::Queued);
    assert_eq!(world.device.initiator_state(third), InitiatorState::Queued);
    world.pass(Duration::from_secs(30));
    assert_eq!(begun(&world), [first], "time alone is no turn");
}

/// CS-INIT-12: in order, each when the one before has accepted; confirming holds nobody up.
#[test]
fn the_queue_moves_on_with_each_acceptance() {
    let mut world = Setup::whole(1).build();
    let [first, second, third] = [0; 3].map(|_| world.connect());
    let accept = |world: &mut World| {
        let verdict = world.run_until(Kind::Verdict);
        world.deliver(&verdict).unwrap();
    };
    accept(&mut world);
    assert_eq!(begun(&world), [first, second]);
    assert_eq!(world.device.initiator_state(first), InitiatorState::Confirming);
    accept(&mut world);
    assert_eq!(begun(&world), [first, second, third]);
    world.run();
    for handshake in [first, second, third] {
        assert_eq!(world.device.initiator_state(handshake), InitiatorState::Established);
    }
    assert_eq!(world.admissions(), 3);
}

/// CS-INIT-12, CS-INIT-11: the timestamp is chosen at the turn.
#[test]
fn the_timestamp_of_a_queued_handshake_is_that_of_its_turn() {
    let mut world = Setup::whole(1).build();
    let [first, second] = [0; 2].map(|_| world.connect());
    world.pass(Duration::from_secs(60));
    assert_eq!(outcome(&world, first), Some(Outcome::TimedOut));
    assert_eq!(begun(&world), [first, second]);
    let hello = world.lose_all().pop().unwrap();
    world.deliver(&hello).unwrap();
    world.run();
    let timestamp = world.events.iter().find_map(|(_, event)| match event {
        Event::Accepted { handshake, agreement, .. } if *handshake == second => Some(agreement.terms.timestamp_i),
        _ => None,
    });
    assert_eq!(timestamp, Some(Timestamp::from_millis(START + 60_000)));
}

/// CS-INIT-12: with a time-out of its own, 60 s after its turn.
#[test]
fn the_deadline_of_a_queued_handshake_starts_at_its_turn() {
    let mut world = Setup::whole(1).build();
    let [_, second, third] = [0; 3].map(|_| world.connect());
    world.pass(Duration::from_micros(119_999_999));
    assert_eq!((outcome(&world, second), outcome(&world, third)), (None, None));
    world.pass(Duration::from_micros(1));
    assert_eq!(outcome(&world, second), Some(Outcome::TimedOut));
    world.pass(Duration::from_secs(60));
    assert_eq!(outcome(&world, third), Some(Outcome::TimedOut));
}

/// CS-INIT-12: every end is the next one's turn.
#[test]
fn the_queue_moves_on_with_each_end() {
    let refusing = |world: &mut World| {
        world.store.enrol(user(), profile(&[b"write"]));
        world.run();
        Outcome::Refused(Reason::None)
    };
    let silent = |world: &mut World| {
        world.lose_all();
        world.pass(Duration::from_secs(60));
        Outcome::TimedOut
    };
    let look_alike = |world: &mut World| {
        world.server = responder_with(&[0x10; 32], Generator::working(5));
        let challenge = world.run_until(Kind::Challenge);
        world.deliver(&challenge).unwrap_err();
        world.pass(Duration::from_secs(60));
        Outcome::Impostor
    };
    let wrong_clock = |world: &mut World| {
        world.server_ahead_ms = 3_600_000;
        let challenge = world.run_until(Kind::Challenge);
        world.deliver(&challenge).unwrap();
        Outcome::Clock { responder: Timestamp::from_millis(START + 3_600_000) }
    };
    let ends: [&dyn Fn(&mut World) -> Outcome; 4] = [&refusing, &silent, &look_alike, &wrong_clock];
    for end in ends {
        let mut world = Setup::whole(1).build();
        let [first, second] = [0; 2].map(|_| world.connect());
        let expected = end(&mut world);
        assert_eq!(outcome(&world, first), Some(expected));
        assert_eq!(begun(&world)[..2], [first, second], "{expected:?}");
    }
}

/// CS-INIT-12: another responder is another queue.
#[test]
fn handshakes_with_different_responders_do_not_wait_for_each_other() {
    let mut world = Setup::whole(1).build();
    let now = world.now(Side::Device);
    let key = SigningKey::from_seed(&[0x77; 32]).public();
    let other_key = Expectation::new(server_name(), &key).unwrap();
    let other_name =
        Expectation::new(countersign::Name::new(b"mail.example").unwrap(), &world.expected.identity().key).unwrap();
    world.connect();
    for other in [other_key, other_name] {
        world.device.connect(now, SERVER, &other, Clearances::none()).unwrap();
    }
    world.settle(Side::Device);
    assert_eq!(hellos(&world), 3);
}

/// CS-INIT-12
#[test]
fn a_full_queue_refuses_and_sends_nothing() {
    let mut world = Setup::whole(1).build();
    let handshakes: Vec<HandshakeId> = (0..65).map(|_| world.connect()).collect();
    let now = world.now(Side::Device);
    let (expected, wanted) = (world.expected.clone(), Clearances::none());
    let refused = world.device.connect(now, SERVER, &expected, wanted);
    assert_eq!(refused, Err(ConnectError::QueueFull));
    world.settle(Side::Device);
    assert_eq!((hellos(&world), world.events.len()), (1, 1));
    world.run();
    let all_established =
        |world: &World| handshakes.iter().all(|one| world.device.initiator_state(*one) == InitiatorState::Established);
    assert!(all_established(&world), "those that were taken all get their turn");
    assert_eq!(begun(&world), handshakes);
    world.connect();
    assert_eq!(begun(&world).len(), 66, "and there is room again");
}
