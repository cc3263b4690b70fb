//! Does a responder under load keep nothing for whoever has not shown an address, and can a Retry do no harm?

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use countersign::wire::{Kind, Retry, Sid};
use countersign::{Moment, Reject};
use countersign_endpoint::{Dropped, InitiatorState};
use countersign_tests::world::{DEVICE, Datagram, ELSEWHERE, SERVER, Setup, Side, World};
use proptest::prelude::*;

/// Where the cookie is in a Hello.
const COOKIE: core::ops::Range<usize> = 82..115;

/// A world whose server asks everybody for a cookie.
fn loaded(seed: u64) -> World {
    let mut setup = Setup::whole(seed);
    setup.limits.half_open_before_cookies = 0;
    setup.build()
}

/// The first Hello of a device of its own.
fn hello_of(seed: u64) -> Datagram {
    let mut world = Setup::whole(seed).build();
    world.connect();
    world.take(Kind::Hello)
}

/// The one answer of the server, if it answered.
fn answer(world: &mut World, datagram: &Datagram) -> Option<Datagram> {
    world.lose_all();
    let _ = world.deliver(datagram);
    let answer = world.wire.pop_front();
    assert_eq!(world.wire, [], "one answer at most");
    answer
}

fn kind_of_answer(world: &mut World, datagram: &Datagram) -> Option<Kind> {
    answer(world, datagram).map(|answer| answer.kind())
}

/// The Hello as it comes again, with the cookie of this Retry.
fn with_cookie_of(hello: &Datagram, retry: &Datagram) -> Datagram {
    assert_eq!(retry.kind(), Kind::Retry);
    let mut hello = hello.clone();
    hello.bytes[COOKIE].copy_from_slice(&retry.bytes[10..43]);
    hello
}

fn from(hello: &Datagram, from: SocketAddr) -> Datagram {
    Datagram { from, ..hello.clone() }
}

/// A Retry that anybody can write who saw the Hello.
fn forged(hello: &Datagram, cookie: u8) -> Datagram {
    let sid_i = Sid(*hello.bytes[2..10].first_chunk().unwrap());
    Datagram { from: SERVER, to: DEVICE, bytes: Retry { sid_i, cookie: &[cookie; 33] }.encode().to_vec() }
}

fn at(world: &mut World, millis: u64) {
    world.moment = Moment::from_micros(millis * 1_000);
}

/// CS-COOKIE-01: load begins with the last entry below the bound, and ends when one is judged.
#[test]
fn under_load_a_fresh_hello_gets_a_retry_and_nothing_is_kept() {
    let mut setup = Setup::whole(1);
    setup.limits.half_open_before_cookies = 3;
    let mut world = setup.build();
    world.connect();
    let first = world.run_until(Kind::Challenge);
    for (seed, half_open) in [(2, 2), (3, 3)] {
        assert_eq!(kind_of_answer(&mut world, &hello_of(seed)), Some(Kind::Challenge));
        assert_eq!(world.server.half_open(), half_open);
    }
    for seed in 4..20 {
        let retry = answer(&mut world, &hello_of(seed)).unwrap();
        assert_eq!((retry.kind(), retry.bytes.len()), (Kind::Retry, 43));
        assert_eq!((world.server.entries(), world.server.half_open()), (3, 3));
    }
    world.lose_all();
    world.deliver(&first).unwrap();
    world.run();
    assert_eq!(world.server.half_open(), 2);
    assert_eq!(kind_of_answer(&mut world, &hello_of(20)), Some(Kind::Challenge));
}

/// CS-COOKIE-01: with the cookie of its Retry the same Hello is answered.
#[test]
fn the_cookie_opens_the_door_once_to_its_owner() {
    let mut world = loaded(1);
    let hello = hello_of(2);
    let retry = answer(&mut world, &hello).unwrap();
    let again = with_cookie_of(&hello, &retry);
    let challenge = answer(&mut world, &again).unwrap();
    assert_eq!((challenge.kind(), world.server.entries()), (Kind::Challenge, 1));
    assert_eq!(answer(&mut world, &again), Some(challenge), "a repeat gets the same, and no second entry");
    assert_eq!(world.server.entries(), 1);
}

/// CS-COOKIE-02
#[test]
fn a_cookie_is_good_for_one_address_and_port() {
    let mut world = loaded(1);
    let hello = hello_of(2);
    let retry = answer(&mut world, &hello).unwrap();
    let again = with_cookie_of(&hello, &retry);
    let other_port = SocketAddr::new(DEVICE.ip(), DEVICE.port() + 1);
    let other_address = SocketAddr::new(ELSEWHERE.ip(), DEVICE.port());
    for other in [other_port, other_address, ELSEWHERE] {
        assert_eq!(kind_of_answer(&mut world, &from(&again, other)), Some(Kind::Retry), "{other}");
    }
    let IpAddr::V4(address) = DEVICE.ip() else { unreachable!() };
    let mapped = SocketAddr::new(IpAddr::V6(address.to_ipv6_mapped()), DEVICE.port());
    assert_eq!(kind_of_answer(&mut world, &from(&again, mapped)), Some(Kind::Challenge), "the same address");
}

/// CS-COOKIE-03
#[test]
fn a_cookie_is_good_for_one_hello() {
    let mut world = loaded(1);
    let (hello, other) = (hello_of(2), hello_of(3));
    let retry = answer(&mut world, &hello).unwrap();
    assert_eq!(kind_of_answer(&mut world, &with_cookie_of(&other, &retry)), Some(Kind::Retry));
    // Any byte of what the cookie covers: sid, nonce, a second suite, ephemeral.
    for at in (2..42).chain([43]).chain(50..COOKIE.start) {
        let mut changed = with_cookie_of(&hello, &retry);
        changed.bytes[at] ^= 0x40;
        assert_eq!(kind_of_answer(&mut world, &changed), Some(Kind::Retry), "byte {at}");
    }
    assert_eq!(world.server.entries(), 0);
    assert_eq!(kind_of_answer(&mut world, &with_cookie_of(&hello, &retry)), Some(Kind::Challenge));
}

/// CS-KEY-04, CS-WIRE-05: a cookie would be of no use to these, so load makes no difference.
#[test]
fn a_hello_that_no_cookie_could_help_gets_no_retry() {
    let hello = hello_of(2);
    let (mut small_order, mut unknown_suite) = (hello.clone(), hello);
    small_order.bytes[50..82].fill(0);
    unknown_suite.bytes[42] = 0x41;
    for mut world in [loaded(1), Setup::whole(1).build()] {
        assert_eq!(world.deliver(&small_order), Err(Reject::SmallOrderEphemeral.into()));
        assert_eq!(world.deliver(&unknown_suite), Err(Reject::NoCommonSuite.into()));
        assert_eq!(world.wire, []);
    }
}

/// CS-COOKIE-04: in its own epoch and the next, to the millisecond, and not when its byte comes round again.
#[test]
fn a_cookie_lives_for_two_epochs() {
    const EPOCH: u64 = 60_000;
    for baked in [0, 1, EPOCH - 1, EPOCH, 7 * EPOCH + 1] {
        let next_but_one = (baked / EPOCH + 2) * EPOCH;
        let cases = [
            (baked, Kind::Challenge),
            (next_but_one - 1, Kind::Challenge),
            (next_but_one, Kind::Retry),
            (baked + 256 * EPOCH, Kind::Retry),
        ];
        for (used, expected) in cases {
            let mut world = loaded(1);
            let hello = hello_of(2);
            at(&mut world, baked);
            let retry = answer(&mut world, &hello).unwrap();
            at(&mut world, used);
            let answered = kind_of_answer(&mut world, &with_cookie_of(&hello, &retry));
            assert_eq!(answered, Some(expected), "made at {baked} ms, used at {used} ms");
        }
    }
}

/// CS-COOKIE-05
#[test]
fn a_wrong_cookie_counts_as_none() {
    let mut world = loaded(1);
    let hello = hello_of(2);
    let retry = answer(&mut world, &hello).unwrap();
    for at in COOKIE {
        let mut wrong = with_cookie_of(&hello, &retry);
        wrong.bytes[at] ^= 1;
        assert_eq!(answer(&mut world, &wrong), Some(retry.clone()), "byte {at}");
        assert_eq!(world.server.entries(), 0);
    }
}

/// CS-COOKIE-05, CS-TRN-02: out of load not even a wrong cookie makes a difference.
#[test]
fn out_of_load_no_cookie_is_read() {
    let hello = hello_of(2);
    let mut wrong = hello.clone();
    wrong.bytes[COOKIE].fill(0xc0);
    let challenge = answer(&mut Setup::whole(1).build(), &hello);
    assert_eq!(answer(&mut Setup::whole(1).build(), &wrong), challenge);
    assert_eq!(challenge.unwrap().kind(), Kind::Challenge);
}

/// CS-RESP-14
#[test]
fn a_full_table_drops_even_a_good_cookie_and_evicts_nothing() {
    let mut setup = Setup::whole(1);
    setup.limits.entries_max = 2;
    setup.limits.half_open_before_cookies = 0;
    let mut world = setup.build();
    let handshake = world.connect();
    let challenge = world.run_until(Kind::Challenge);
    let hellos = [hello_of(2), hello_of(3)];
    let retries = hellos.each_ref().map(|hello| answer(&mut world, hello).unwrap());
    assert_eq!(kind_of_answer(&mut world, &with_cookie_of(&hellos[0], &retries[0])), Some(Kind::Challenge));
    let third = with_cookie_of(&hellos[1], &retries[1]);
    assert_eq!(world.deliver(&third), Err(Dropped::TableFull));
    assert_eq!(world.server.entries(), 2);
    world.lose_all();
    world.deliver(&challenge).unwrap();
    world.run();
    assert!(world.both_established(handshake), "who was there before still gets through");
    world.pass(Duration::from_secs(120));
    assert_eq!(world.deliver(&third), Ok(()), "a place is free again");
}

/// CS-RETRY-02
#[test]
fn a_retry_after_a_genuine_challenge_is_ignored() {
    let mut world = Setup::whole(1).build();
    let handshake = world.connect();
    let hello = world.wire[0].clone();
    let response = world.run_until(Kind::Response);
    assert_eq!(world.deliver(&forged(&hello, 9)), Err(Dropped::OutOfTurn));
    world.pass(Duration::from_secs(1));
    assert!(world.wire.iter().eq([&response]), "the Response is what is repeated");
    world.run();
    assert!(world.both_established(handshake));
}

/// CS-RETRY-01: two at once; the others only leave their cookie, and the timer does not move.
#[test]
fn two_retries_are_answered_after_each_expiry() {
    let mut world = Setup::whole(1).build();
    world.connect();
    let hello = world.take(Kind::Hello);
    let with_cookie = |cookie: u8| {
        let mut hello = hello.clone();
        hello.bytes[COOKIE].fill(cookie);
        hello
    };
    let mut cookie = 0;
    for (expiry, pause) in [(0, 1_000), (1, 2_000), (2, 4_000), (3, 4_000)] {
        for _ in 0..5 {
            cookie += 1;
            world.deliver(&forged(&hello, cookie)).unwrap();
        }
        assert_eq!(world.lose_all(), [with_cookie(cookie - 4), with_cookie(cookie - 3)], "expiry {expiry}");
        world.pass(Duration::from_millis(pause - 1));
        assert_eq!(world.wire, []);
        world.pass(Duration::from_millis(1));
        assert_eq!(world.lose_all(), [with_cookie(cookie)], "the last cookie goes into the next copy");
    }
}

/// CS-TRN-02, CS-COOKIE-01: but for the Retry and the cookie, not a byte differs.
#[test]
fn a_retried_handshake_ends_like_any_other() {
    let (mut quiet, mut busy) = (Setup::whole(1).build(), loaded(1));
    let handshake = quiet.connect();
    assert_eq!(busy.connect(), handshake);
    let sent = quiet.run();
    let sent_busily = busy.run();
    assert_eq!(sent_busily[0], sent[0], "the first Hello has no cookie in either");
    assert_eq!(sent_busily[1].kind(), Kind::Retry);
    assert_eq!(sent_busily[2], with_cookie_of(&sent[0], &sent_busily[1]));
    assert_eq!(sent_busily[3..], sent[1..]);
    assert!(quiet.both_established(handshake) && busy.both_established(handshake));
}

/// CS-RETRY-01: a thousand forged Retries a second draw three Hellos an expiry, and the deadline stands.
#[test]
fn a_flood_of_retries_draws_a_bounded_number_of_hellos() {
    let mut world = Setup::whole(1).build();
    let handshake = world.connect();
    let hello = world.wire[0].clone();
    let flood: Vec<_> = (0..60_000_u32).map(|at| forged(&hello, at.to_be_bytes()[3])).collect();
    for retry in &flood[..59_999] {
        world.deliver(retry).unwrap();
        world.pass(Duration::from_millis(1));
    }
    assert_eq!(world.device.initiator_state(handshake), InitiatorState::AwaitChallenge);
    assert_eq!(world.wire.len(), 17 * 3, "17 copies, and two answers after each");
    world.pass(Duration::from_millis(1));
    assert_eq!(world.device.initiator_state(handshake), InitiatorState::Ended);
}

proptest! {
    /// CS-RETRY-01, CS-COOKIE-05: forged Retries neither end a handshake nor keep it from its end.
    #[test]
    fn forged_retries_cannot_end_a_handshake(
        seed: u64,
        is_loaded: bool,
        forgeries in proptest::collection::vec((any::<u8>(), 0_u64..900), 1..20),
    ) {
        let mut world = if is_loaded { loaded(seed) } else { Setup::whole(seed).build() };
        let handshake = world.connect();
        let hello = world.wire[0].clone();
        world.lose_all();
        for (cookie, pause) in forgeries {
            world.deliver(&forged(&hello, cookie)).unwrap();
            world.pass(Duration::from_millis(pause));
        }
        prop_assert_eq!(world.device.initiator_state(handshake), InitiatorState::AwaitChallenge);
        for _ in 0..3 {
            world.run();
            world.pass(Duration::from_secs(4));
        }
        world.run();
        prop_assert!(world.both_established(handshake));
    }

    /// CS-AMP-01: whatever a server is sent, it answers with one datagram that is no larger, or with none.
    #[test]
    fn no_answer_is_larger_than_what_it_answers(
        seed: u64,
        is_loaded: bool,
        held in 0_usize..17,
        wanted in 0_usize..17,
        longest in 1_usize..33,
        repeats in 1_usize..3,
    ) {
        let clearances: Vec<Vec<u8>> = (0..16_u8).map(|at| [vec![at], vec![7; longest - 1]].concat()).collect();
        let lists: Vec<&[u8]> = clearances.iter().map(Vec::as_slice).collect();
        let mut setup = Setup::whole(seed);
        setup.profile = Some(countersign_tests::world::profile(&lists[..held]));
        setup.limits.half_open_before_cookies = usize::from(!is_loaded);
        let mut world = setup.build();
        world.connect_for(&lists[..wanted]);
        let mut answered = Vec::new();
        while let Some(datagram) = world.wire.pop_front() {
            for _ in 0..if datagram.to == SERVER { repeats } else { 1 } {
                let before = world.wire.len();
                let _ = world.deliver(&datagram);
                if Side::Server.is_at(datagram.to) {
                    let sent: Vec<_> = world.wire.iter().skip(before).cloned().collect();
                    prop_assert!(sent.len() <= 1);
                    for answer in sent {
                        prop_assert!(answer.bytes.len() <= datagram.bytes.len());
                        prop_assert_eq!(answer.to, datagram.from);
                        answered.push(answer.kind());
                    }
                }
            }
        }
        prop_assert!(answered.contains(&Kind::Verdict));
        prop_assert_eq!(answered.contains(&Kind::Retry), is_loaded);
        prop_assert_eq!(answered.contains(&Kind::Record), wanted == 0 || held > 0);
    }
}
