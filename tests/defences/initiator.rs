//! What does an attacker gain against a device that checks one thing less?

use crate::attacker::{
    Answer, Guard, agreement, challenge_header, header, hello_of, server, server_signs, sign, to_device,
};
use countersign::primitives::Ephemeral;
use countersign::signature::challenge_input;
use countersign::wire::{CHALLENGE_BYTES, CHALLENGE_HEADER_BYTES, Challenge, Kind, SUITE_1, Sid};
use countersign::{Defences, Identity, SigningKey, Timestamp};
use countersign_endpoint::{Event, InitiatorState, Limits};
use countersign_tests::world::{Setup, Side};

/// CS-INIT-02: the expected responder's key answers with a suite that was not offered.
///
/// World: the ordinary one, with a responder that does as it likes.
pub(crate) fn suite_not_offered_is_refused<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 41).build();
    world.connect();
    let hello = world.take(Kind::Hello).bytes;
    let answer = Answer { suite: 2, ..Answer::to(&hello) };
    let Some(mut insider) = answer.send(&mut world, defences, server_signs(defences)) else { return Guard::Held };
    let agreed = answer.accept(&mut world, &mut insider, &[b"read"]);
    let downgraded = agreed.is_some_and(|agreed| !agreed.terms.offered.contains(agreed.terms.suite));
    Guard::broken_if(downgraded, "the device opened a session under a suite that it never offered")
}

/// CS-INIT-03: a look-alike with the right name and a key of its own.
///
/// World: the ordinary one.
pub(crate) fn look_alike_with_its_own_key_is_refused<D: Defences>(defences: D) -> Guard {
    const LOOK_ALIKE_SEED: [u8; 32] = [0x1a; 32];
    let mut world = Setup::with(defences, 42).build();
    world.connect();
    let hello = world.take(Kind::Hello).bytes;
    let look_alike = Identity { key: SigningKey::from_seed(&LOOK_ALIKE_SEED).public(), ..server() };
    let answer = Answer { key: look_alike.key, ..Answer::to(&hello) };
    let signs = |at_box: &[u8; 32]| sign(&LOOK_ALIKE_SEED, &challenge_input(defences, at_box, &look_alike));
    let Some(mut insider) = answer.send(&mut world, defences, signs) else { return Guard::Held };
    let accepted = answer.accept(&mut world, &mut insider, &[b"read"]).is_some();
    Guard::broken_if(
        accepted,
        "the device revealed itself to a look-alike with another key, and took it for the responder",
    )
}

/// CS-INIT-04: somebody who has none but the responder's public key.
///
/// World: the ordinary one.
pub(crate) fn stranger_cannot_answer_for_the_responder<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 43).build();
    world.connect();
    let hello = world.take(Kind::Hello).bytes;
    let answer = Answer::to(&hello);
    let Some(mut insider) = answer.send(&mut world, defences, |_| [0x55; 64]) else { return Guard::Held };
    let accepted = answer.accept(&mut world, &mut insider, &[b"read"]).is_some();
    Guard::broken_if(accepted, "somebody with nothing but the responder's public key was taken for the responder")
}

/// CS-INIT-05: the responder's clock is ten minutes ahead.
///
/// World: the ordinary one. Such a responder refuses the device in the end; what is at stake is that the device does
/// not say who it is to a machine whose clock is wrong.
pub(crate) fn responder_outside_the_skew_gets_no_response<D: Defences>(defences: D) -> Guard {
    let mut world = Setup { server_ahead_ms: 600_000, ..Setup::with(defences, 44) }.build();
    world.connect();
    let responded = world.run().iter().any(|datagram| datagram.kind() == Kind::Response);
    Guard::broken_if(responded, "a responder whose clock is ten minutes off learned who the device is")
}

/// CS-INIT-06: one forged Challenge, before the genuine one.
///
/// World: the ordinary one.
pub(crate) fn forged_challenge_does_not_end_the_wait<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 45).build();
    let handshake = world.connect();
    let forged = forged_challenge(&world.wire[0].bytes);
    to_device(&mut world, &forged).unwrap_err();
    world.run();
    let ended = !world.both_established(handshake);
    Guard::broken_if(ended, "one forged datagram ended the handshake before the responder could answer")
}

/// CS-INIT-08: a thousand forged Challenges in one instant.
///
/// World: the ordinary one.
pub(crate) fn flood_of_challenges_costs_a_few_checks<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 46).build();
    world.connect();
    let forged = forged_challenge(&world.wire[0].bytes);
    for _ in 0..1_000 {
        to_device(&mut world, &forged).unwrap_err();
    }
    let checked = world.events.iter().filter(|(_, event)| matches!(event, Event::Suspicious { .. })).count();
    let burst = usize::try_from(Limits::default().challenge_burst).unwrap();
    Guard::broken_if(checked > burst, "a thousand forged Challenges cost the device a thousand key exchanges")
}

/// CS-INIT-09: a Verdict of random bytes, while the Response is lost.
///
/// World: the ordinary one.
pub(crate) fn forged_verdict_is_not_believed<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 47).build();
    world.connect();
    let sid_i = hello_of(&world.wire[0].bytes).sid_i;
    world.run_until(Kind::Response);
    let forged = [&header(Kind::Verdict, sid_i)[..], &[0x9d; 12 + 64 + 16]].concat();
    // Whether the device believes it shows in whether it accepts.
    let _ = to_device(&mut world, &forged);
    assert_eq!(world.admissions(), 0, "the Response never arrived");
    let accepted = world.device_session().is_some();
    Guard::broken_if(accepted, "the device accepted on bytes that anybody can write; the responder knew of nothing")
}

/// CS-INIT-10: the responder grants "write" to a device that wanted "read".
///
/// World: the ordinary one, with a responder that does as it likes.
pub(crate) fn grant_not_wanted_is_dropped<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 48).build();
    world.connect();
    let hello = world.take(Kind::Hello).bytes;
    let answer = Answer::to(&hello);
    let mut insider = answer.send(&mut world, defences, server_signs(defences)).expect("the responder is genuine");
    let agreed = answer.accept(&mut world, &mut insider, &[b"read", b"write"]);
    let more = agreed.is_some_and(|agreed| !agreed.granted.is_subset_of(&agreed.terms.wanted));
    Guard::broken_if(more, "the device works with a clearance that it did not ask for")
}

/// CS-INIT-11: after one handshake the device's clock is set back by half a minute, well within the skew.
///
/// World: the ordinary one, with somebody who moves the device's clock.
pub(crate) fn clock_set_back_does_not_lock_the_device_out<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 49).build();
    world.connect();
    world.run();
    let first = agreement(&world, Side::Device).expect("the first handshake is an honest one").terms.timestamp_i;
    world.device_ahead_ms = -30_000;
    let second = world.connect();
    world.run();
    if !world.both_established(second) {
        return Guard::Broken(
            "a device whose clock was set back within the skew was refused as stale, restart and all",
        );
    }
    assert!(agreement(&world, Side::Server).unwrap().terms.timestamp_i > first);
    Guard::Held
}

/// CS-INIT-12: three handshakes with one responder, begun in one instant.
///
/// World: the ordinary one. The one restart after a stale refusal heals a single clash; with three, one is refused
/// twice.
pub(crate) fn handshakes_begun_at_once_do_not_clash<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 50).build();
    let handshakes = [world.connect(), world.connect(), world.connect()];
    world.run();
    let open = |handshake| world.device.initiator_state(handshake) == InitiatorState::Established;
    let clash = !handshakes.into_iter().all(open);
    Guard::broken_if(clash, "handshakes begun at once had equal timestamps, and one of three was refused as stale")
}

/// A Challenge for this Hello with nothing in its box.
fn forged_challenge(hello: &[u8]) -> Vec<u8> {
    let header = challenge_header(&Challenge {
        sid_i: hello_of(hello).sid_i,
        sid_r: Sid([0xf0; 8]),
        suite: SUITE_1,
        nonce: &[0xf0; 32],
        timestamp: Timestamp::default(),
        ephemeral: Ephemeral::from_secret(&[0xf0; 32]).public(),
        sealed: &[],
        bytes: &[],
    });
    [&header[..], &[0xf0; CHALLENGE_BYTES - CHALLENGE_HEADER_BYTES]].concat()
}
