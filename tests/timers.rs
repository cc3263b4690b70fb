//! Does everything that waits end exactly when it should, and repeat itself exactly when it should?

use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Moment, Reject};
use countersign_endpoint::{
    Answer, AnswerError, Closed, Dropped, Event, InitiatorState, Outcome, Output, ResponderState,
};
use countersign_tests::world::{Datagram, Generator, SERVER_SEED, Setup, Side, World, responder_with};

const LOOK_ALIKE_SEED: [u8; 32] = [0x10; 32];

/// When the device sends what from here on, in milliseconds since the start. Nothing that it sends arrives.
fn sends(world: &mut World, until_s: u64) -> Vec<(u64, Datagram)> {
    let end = Moment::from_micros(until_s * 1_000_000);
    let mut sends = Vec::new();
    loop {
        let millis = world.moment.as_micros() / 1_000;
        sends.extend(world.lose_all().into_iter().map(|datagram| (millis, datagram)));
        if world.next_wake().is_none_or(|next| next > end) {
            world.moment = end;
            return sends;
        }
        world.pass_to_next_wake();
    }
}

fn seconds(sends: &[(u64, Datagram)]) -> Vec<u64> {
    assert!(sends.iter().all(|(millis, _)| millis % 1_000 == 0));
    sends.iter().map(|(millis, _)| millis / 1_000).collect()
}

/// From so many seconds on, after 1, 2 and 4 seconds, and then every 4.
fn schedule(from_s: u64, before_s: u64) -> Vec<u64> {
    let later = (0..).map(|step| from_s + 3 + 4 * step).take_while(|at| *at < before_s);
    [from_s, from_s + 1].into_iter().chain(later).collect()
}

fn outcome(world: &World) -> Option<Outcome> {
    world.events.iter().find_map(|(_, event)| match event {
        Event::Ended { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

fn pass_s(world: &mut World, seconds: u64) {
    world.pass(Duration::from_secs(seconds));
}

/// Up to a Challenge of the genuine server, or of a look-alike, that has not been delivered.
fn challenged(key: &[u8; 32]) -> (World, Datagram) {
    let mut world = Setup::whole(1).build();
    world.server = responder_with(key, Generator::working(2));
    world.connect();
    let challenge = world.run_until(Kind::Challenge);
    (world, challenge)
}

/// CS-INIT-14, CS-INIT-15: 17 copies of one Hello, and the end at 60 s.
#[test]
fn a_hello_is_repeated_at_1_3_7_11_seconds_and_so_on() {
    let mut world = Setup::whole(1).build();
    world.connect();
    let sends = sends(&mut world, 59);
    assert_eq!(seconds(&sends), schedule(0, 60));
    assert_eq!(seconds(&sends)[..6], [0, 1, 3, 7, 11, 15]);
    assert_eq!(sends.len(), 17);
    assert!(sends.iter().all(|(_, hello)| *hello == sends[0].1));
    world.pass(Duration::from_micros(999_999));
    assert_eq!(outcome(&world), None);
    world.pass(Duration::from_micros(1));
    assert_eq!(outcome(&world), Some(Outcome::TimedOut));
    assert_eq!(self::sends(&mut world, 3_600), [], "and it is quiet after that");
}

/// CS-INIT-14, CS-INIT-15: the intervals begin anew with a Response, the deadline does not.
#[test]
fn a_response_is_repeated_from_1_second_on() {
    let (mut world, challenge) = challenged(&SERVER_SEED);
    pass_s(&mut world, 10);
    world.lose_all();
    world.deliver(&challenge).unwrap();
    let sends = sends(&mut world, 60);
    assert_eq!(seconds(&sends), schedule(10, 60));
    assert!(sends.iter().all(|(_, response)| response.kind() == Kind::Response && *response == sends[0].1));
    assert_eq!(outcome(&world), Some(Outcome::TimedOut));
}

/// CS-SESS-03, CS-INIT-14: fresh confirms in the same rhythm, up to 60 s after the deadline.
#[test]
fn a_confirm_is_sent_anew_until_120_seconds() {
    let mut world = Setup::whole(1).build();
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    pass_s(&mut world, 20);
    world.lose_all();
    world.deliver(&verdict).unwrap();
    let sends = sends(&mut world, 119);
    assert_eq!(seconds(&sends), schedule(20, 120));
    for pair in sends.windows(2) {
        assert!(pair[0].1.kind() == Kind::Record && pair[0].1 != pair[1].1, "each is a fresh record");
    }
    pass_s(&mut world, 1);
    let session = world.device_session().unwrap();
    let closed = Event::Closed { session, why: Closed::Unconfirmed };
    assert!(world.events.contains(&(Side::Device, closed)));
    assert_eq!((world.device.sessions(), self::sends(&mut world, 3_600)), (0, vec![]));
}

/// CS-INIT-14: a configured deadline is kept as exactly.
#[test]
fn a_shorter_deadline_ends_earlier() {
    let mut setup = Setup::whole(1);
    setup.limits.deadline = Duration::from_millis(2_500);
    let mut world = setup.build();
    world.connect();
    world.pass(Duration::from_micros(2_499_999));
    assert_eq!(outcome(&world), None);
    world.pass(Duration::from_micros(1));
    assert_eq!(outcome(&world), Some(Outcome::TimedOut));
}

/// CS-INIT-06, CS-INIT-07: who answers in person and is somebody else makes the outcome, at the deadline only.
#[test]
fn a_look_alike_is_reported_at_the_deadline() {
    let (mut world, challenge) = challenged(&LOOK_ALIKE_SEED);
    assert_eq!(world.deliver(&challenge), Err(Reject::ImpostorKey.into()));
    pass_s(&mut world, 59);
    assert_eq!(outcome(&world), None);
    pass_s(&mut world, 1);
    assert_eq!(outcome(&world), Some(Outcome::Impostor));
}

/// CS-INIT-07: in AwaitVerdict too.
#[test]
fn a_look_alike_is_reported_even_if_the_genuine_one_answered_and_fell_silent() {
    let (mut world, genuine) = challenged(&SERVER_SEED);
    let (_, false_one) = challenged(&LOOK_ALIKE_SEED);
    world.deliver(&false_one).unwrap_err();
    world.deliver(&genuine).unwrap();
    pass_s(&mut world, 60);
    assert_eq!(outcome(&world), Some(Outcome::Impostor));
}

/// CS-INIT-07: noise does not cry wolf.
#[test]
fn a_damaged_challenge_is_no_impostor() {
    let (mut world, mut challenge) = challenged(&LOOK_ALIKE_SEED);
    for byte in 91..215 {
        challenge.bytes[byte] ^= 1;
        world.deliver(&challenge).unwrap_err();
        challenge.bytes[byte] ^= 1;
        world.pass(Duration::from_millis(125));
    }
    pass_s(&mut world, 60);
    assert_eq!(outcome(&world), Some(Outcome::TimedOut));
}

/// CS-INIT-08: 16 at once, then one every 125 ms, and never more than 16.
#[test]
fn challenges_are_judged_16_at_once_and_8_a_second() {
    let (mut world, challenge) = challenged(&LOOK_ALIKE_SEED);
    let judged = |world: &mut World| {
        let results: Vec<_> = (0..20).map(|_| world.deliver(&challenge)).collect();
        let judged = results.iter().filter(|result| **result == Err(Reject::ImpostorKey.into())).count();
        let unjudged = results.iter().filter(|result| **result == Err(Dropped::RateLimited)).count();
        assert_eq!(judged + unjudged, 20);
        judged
    };
    assert_eq!(judged(&mut world), 16);
    world.pass(Duration::from_millis(124));
    assert_eq!(judged(&mut world), 0);
    world.pass(Duration::from_millis(1));
    assert_eq!(judged(&mut world), 1);
    pass_s(&mut world, 1);
    assert_eq!(judged(&mut world), 8);
    pass_s(&mut world, 30);
    assert_eq!(judged(&mut world), 16);
}

/// CS-INIT-08: a genuine Challenge among too many counts as lost, and the repeated Hello draws it again.
#[test]
fn a_genuine_challenge_beyond_the_budget_comes_again() {
    let (mut world, genuine) = challenged(&SERVER_SEED);
    let (_, false_one) = challenged(&LOOK_ALIKE_SEED);
    for _ in 0..16 {
        assert_eq!(world.deliver(&false_one), Err(Reject::ImpostorKey.into()));
    }
    assert_eq!(world.deliver(&genuine), Err(Dropped::RateLimited));
    pass_s(&mut world, 1);
    world.run();
    assert!(world.device_session().is_some());
}

/// CS-RESP-13: counted from the Challenge, whatever the entry waits for.
#[test]
fn a_half_open_entry_ends_after_120_seconds() {
    for asked in [false, true] {
        let mut world = Setup::whole(1).build();
        world.store_answers = false;
        pass_s(&mut world, 10);
        world.connect();
        let response = world.run_until(Kind::Response);
        pass_s(&mut world, 40);
        if asked {
            world.deliver(&response).unwrap();
        }
        world.pass(Duration::from_micros(79_999_999));
        assert_eq!((world.server.entries(), world.server.half_open()), (1, 1));
        world.pass(Duration::from_micros(1));
        assert_eq!((world.server.entries(), world.server.half_open()), (0, 0));
        assert_eq!(world.deliver(&response), Err(Dropped::UnknownSid));
        if let Some(Output::Lookup { ticket, .. }) = world.questions.pop_front() {
            assert_eq!(world.try_answer(ticket, Answer::NoProfile), Err(AnswerError::UnknownTicket));
        }
    }
}

/// CS-RESP-13, CS-RESP-10: a Verdict, and a refusal as well, is repeated until then and not after.
#[test]
fn a_kept_verdict_ends_120_seconds_after_its_challenge() {
    for is_enrolled in [true, false] {
        let mut setup = Setup::whole(1);
        setup.profile = setup.profile.filter(|_| is_enrolled);
        let mut world = setup.build();
        world.connect();
        let response = world.run_until(Kind::Response);
        pass_s(&mut world, 30);
        world.deliver(&response).unwrap();
        let verdict = world.take(Kind::Verdict);
        world.pass(Duration::from_micros(89_999_999));
        world.lose_all();
        world.deliver(&response).unwrap();
        assert_eq!(world.lose_all(), [verdict]);
        world.pass(Duration::from_micros(1));
        assert_eq!(world.deliver(&response), Err(Dropped::UnknownSid));
        assert_eq!((world.server.entries(), world.lose_all()), (0, vec![]));
    }
}

/// CS-RESP-13, CS-SESS-02: an unconfirmed session too.
#[test]
fn an_unconfirmed_session_lapses_120_seconds_after_its_challenge() {
    let mut world = Setup::whole(1).build();
    world.connect();
    let response = world.run_until(Kind::Response);
    pass_s(&mut world, 30);
    world.deliver(&response).unwrap();
    let session = world.server_session().unwrap();
    world.pass(Duration::from_micros(89_999_999));
    assert_eq!(world.server.responder_state(session), ResponderState::Unconfirmed);
    world.pass(Duration::from_micros(1));
    assert_eq!(world.server.responder_state(session), ResponderState::Listen);
    let lapsed = Event::Closed { session, why: Closed::Lapsed };
    assert_eq!(world.events.last(), Some(&(Side::Server, lapsed)));
}

/// CS-RESP-13: a confirmed session is not half open, and goes on.
#[test]
fn a_confirmed_session_outlives_its_entry() {
    let mut world = Setup::whole(1).build();
    let handshake = world.connect();
    world.run();
    pass_s(&mut world, 120);
    assert!(world.both_established(handshake));
    assert_eq!(world.server.sessions(), 1);
}

/// CS-INIT-14, CS-SESS-03: whoever calls late finds it over, and nothing more is sent.
#[test]
fn after_the_deadline_a_late_driver_sends_nothing() {
    let mut world = Setup::whole(1).build();
    let handshake = world.connect();
    world.lose_all();
    world.moment = world.moment.plus(Duration::from_secs(300));
    let now = world.now(Side::Device);
    world.device.handle_timeout(now);
    world.settle(Side::Device);
    assert_eq!((world.lose_all(), world.device.initiator_state(handshake)), (vec![], InitiatorState::Ended));
    let mut world = Setup::whole(2).build();
    let handshake = world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.deliver(&verdict).unwrap();
    assert_eq!(world.lose_all().len(), 1, "the first confirm");
    world.moment = world.moment.plus(Duration::from_secs(300));
    let now = world.now(Side::Device);
    world.device.handle_timeout(now);
    world.settle(Side::Device);
    assert_eq!((world.lose_all(), world.device.initiator_state(handshake)), (vec![], InitiatorState::Ended));
}
