//! Is a session what its Verdict made it: confirmed, at the right address, and over when it should be?

use core::net::SocketAddr;
use core::time::Duration;
use countersign::wire::{Kind, RECORD_DATA_BYTES_MAX, Sid};
use countersign::{EXPORT_BYTES_MAX, ExportError, Profile, Reject, SealError};
use countersign_endpoint::{Closed, Dropped, Event, ResponderState, SendError};
use countersign_sim::Claim;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};
use countersign_tests::world::{DEVICE, Datagram, ELSEWHERE, SERVER, Setup, Side, World, profile};
use proptest::prelude::*;

/// Both have a session, and each knows it of the other.
fn established(seed: u64) -> (World, Sid, Sid) {
    let mut world = Setup::whole(seed).build();
    world.connect();
    world.run();
    let (device, server) = (world.device_session().unwrap(), world.server_session().unwrap());
    (world, device, server)
}

/// The device has accepted; its first confirm is on the wire.
fn confirming(lifetime_s: u32) -> World {
    let mut setup = Setup::whole(1);
    setup.profile = Some(Profile { lifetime_s, ..profile(&[b"read"]) });
    let mut world = setup.build();
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.deliver(&verdict).unwrap();
    world
}

/// One side sends data; its record.
fn say(world: &mut World, side: Side, session: Sid, data: &[u8]) -> Datagram {
    match side {
        Side::Device => world.device.send(world.now(Side::Device), session, data).unwrap(),
        Side::Server => world.server.send(world.now(Side::Server), session, data).unwrap(),
    }
    world.settle(side);
    world.wire.pop_back().unwrap()
}

fn close(world: &mut World, side: Side, session: Sid) -> Datagram {
    match side {
        Side::Device => world.device.close(world.now(Side::Device), session).unwrap(),
        Side::Server => world.server.close(world.now(Side::Server), session).unwrap(),
    }
    world.settle(side);
    world.wire.pop_back().unwrap()
}

fn data(session: Sid, data: &[u8]) -> Event {
    Event::Data { session, data: data.to_vec() }
}

fn ends(world: &World) -> Vec<(Side, Closed)> {
    let end = |(side, event): &(Side, Event)| match event {
        Event::Closed { why, .. } => Some((*side, *why)),
        _ => None,
    };
    world.events.iter().filter_map(end).collect()
}

fn from(datagram: &Datagram, from: SocketAddr) -> Datagram {
    Datagram { from, ..datagram.clone() }
}

/// CS-SESS-01, CS-SESS-02: neither before the Verdict nor before the first record of the initiator.
#[test]
fn an_unconfirmed_responder_can_send_nothing() {
    let mut world = Setup::whole(1).build();
    world.connect();
    let challenge = world.run_until(Kind::Challenge);
    let sid = Sid(*challenge.bytes[10..18].first_chunk().unwrap());
    assert_eq!(world.server.send(world.now(Side::Server), sid, b"early"), Err(SendError::NoSession));
    world.deliver(&challenge).unwrap();
    let verdict = world.run_until(Kind::Verdict);
    assert_eq!(world.server.responder_state(sid), ResponderState::Unconfirmed);
    assert_eq!(world.server.send(world.now(Side::Server), sid, b"early"), Err(SendError::NoSession));
    assert_eq!((world.server.sessions(), world.device.sessions()), (0, 0));
    world.deliver(&verdict).unwrap();
    world.run();
    assert_eq!(world.server.send(world.now(Side::Server), sid, b"now"), Ok(()));
}

/// CS-SESS-03, CS-SESS-02: any one of the confirms will do, and then no more are sent.
#[test]
fn confirms_are_sent_until_the_responder_is_heard() {
    let mut world = confirming(3_600);
    world.pass(Duration::from_secs(3));
    let confirms = world.lose_all();
    assert_eq!(confirms.len(), 3);
    world.deliver(&confirms[1]).unwrap();
    let answer = world.take(Kind::Record);
    world.pass(Duration::from_secs(4));
    assert_eq!(world.lose_all().len(), 1, "the answer has not arrived yet");
    world.deliver(&answer).unwrap();
    world.pass(Duration::from_secs(100));
    assert_eq!(world.lose_all(), []);
    let confirmed = world.events.iter().filter(|(_, event)| matches!(event, Event::Confirmed { .. })).count();
    assert_eq!(confirmed, 2, "once on each side");
}

/// CS-SESS-04, CS-REC-02: each confirm gets one, whatever their order, and a replay none.
#[test]
fn each_confirm_is_answered_by_one() {
    let mut world = confirming(3_600);
    world.pass(Duration::from_secs(11));
    let confirms = world.lose_all();
    for at in [3, 0, 4, 1, 2] {
        world.deliver(&confirms[at]).unwrap();
        let answers = world.lose_all();
        assert_eq!(answers.iter().map(|answer| answer.bytes.len()).collect::<Vec<_>>(), [35]);
        assert_eq!(world.deliver(&confirms[at]), Err(Reject::RecordReplayed.into()));
        assert_eq!(world.lose_all(), []);
    }
}

/// CS-SESS-04, CS-SESS-05: an old confirm from another address draws its answer to where the peer is.
#[test]
fn the_answer_to_a_confirm_goes_to_the_newest_address() {
    let mut world = confirming(3_600);
    world.pass(Duration::from_secs(1));
    let confirms = world.lose_all();
    world.deliver(&confirms[1]).unwrap();
    assert_eq!(world.lose_all()[0].to, DEVICE);
    world.deliver(&from(&confirms[0], ELSEWHERE)).unwrap();
    assert_eq!(world.lose_all()[0].to, DEVICE, "an old one, from another address");
    let session = world.server_session().unwrap();
    assert_eq!(say(&mut world, Side::Server, session, b"data").to, DEVICE);
}

/// CS-SESS-01: data goes both ways, up to the bytes that a record carries.
#[test]
fn data_arrives_on_both_sides() {
    let (mut world, device, server) = established(1);
    for length in [0, 1, RECORD_DATA_BYTES_MAX] {
        let text = vec![0xda; length];
        let record = say(&mut world, Side::Device, device, &text);
        world.deliver(&record).unwrap();
        assert_eq!(world.events.last(), Some(&(Side::Server, data(server, &text))));
        let record = say(&mut world, Side::Server, server, &text);
        assert_eq!(record.bytes.len(), 35 + length);
        world.deliver(&record).unwrap();
        assert_eq!(world.events.last(), Some(&(Side::Device, data(device, &text))));
    }
    let too_long = [0; RECORD_DATA_BYTES_MAX + 1];
    assert_eq!(world.device.send(world.now(Side::Device), device, &too_long), Err(SendError::Seal(SealError::TooLong)));
}

/// CS-SESS-05: the newest record that opened says where the initiator is.
#[test]
fn the_responder_follows_the_newest_record() {
    let (mut world, device, server) = established(1);
    let home = say(&mut world, Side::Server, server, b"at home?");
    assert_eq!(home.to, DEVICE);
    let record = say(&mut world, Side::Device, device, b"on the road");
    world.deliver(&from(&record, ELSEWHERE)).unwrap();
    assert_eq!(say(&mut world, Side::Server, server, b"good journey").to, ELSEWHERE);
}

/// CS-SESS-05: not a delayed, a copied or a forged one.
#[test]
fn no_other_record_moves_the_responder() {
    let (mut world, device, server) = established(1);
    let [delayed, newest] = [0; 2].map(|_| say(&mut world, Side::Device, device, b"here"));
    world.deliver(&newest).unwrap();
    world.deliver(&from(&delayed, ELSEWHERE)).unwrap();
    assert_eq!(world.events.last(), Some(&(Side::Server, data(server, b"here"))), "it counts, and moves nothing");
    assert_eq!(world.deliver(&from(&newest, ELSEWHERE)), Err(Reject::RecordReplayed.into()));
    let mut forged = from(&say(&mut world, Side::Device, device, b"away"), ELSEWHERE);
    forged.bytes[17] += 1;
    assert_eq!(world.deliver(&forged), Err(Reject::RecordDoesNotOpen.into()));
    assert_eq!(say(&mut world, Side::Server, server, b"still there?").to, DEVICE);
}

/// CS-SESS-05: the initiator knows where its responder is, and does not move at all.
#[test]
fn the_initiator_stays_with_its_responder() {
    let (mut world, device, server) = established(1);
    let record = say(&mut world, Side::Server, server, b"from elsewhere");
    world.deliver(&from(&record, ELSEWHERE)).unwrap();
    assert_eq!(say(&mut world, Side::Device, device, b"answer").to, SERVER);
}

/// CS-REC-06: on both sides, with the count of what never arrived.
#[test]
fn a_close_reports_what_is_missing() {
    for (side, lost) in [(Side::Device, 0_u64), (Side::Device, 3), (Side::Server, 0), (Side::Server, 3)] {
        let (mut world, device, server) = established(1);
        let (own, peer) = if side == Side::Device { (device, Side::Server) } else { (server, Side::Device) };
        for _ in 0..lost {
            say(&mut world, side, own, b"lost");
        }
        let late = say(&mut world, side, own, b"late");
        let last = close(&mut world, side, own);
        world.deliver(&last).unwrap();
        assert_eq!(ends(&world), [(peer, Closed::ByPeer { missing: lost + 1 })]);
        assert!(world.deliver(&late).is_err(), "what comes after a close is dropped");
        assert_eq!((world.device.sessions(), world.server.sessions()), (0, 0));
        assert_eq!(world.device.send(world.now(Side::Device), device, b"more"), Err(SendError::NoSession));
        assert_eq!(world.server.send(world.now(Side::Server), server, b"more"), Err(SendError::NoSession));
    }
}

/// CS-REC-06: no other datagram closes a session.
#[test]
fn junk_closes_nothing() {
    let (mut world, device, server) = established(1);
    let last = close(&mut world, Side::Device, device);
    for at in 0..last.bytes.len() {
        let mut junk = last.clone();
        junk.bytes[at] ^= 1;
        assert!(world.deliver(&junk).is_err(), "byte {at}");
        assert_eq!(world.server.responder_state(server), ResponderState::Established, "byte {at}");
    }
    world.deliver(&last).unwrap();
    assert_eq!(ends(&world), [(Side::Server, Closed::ByPeer { missing: 0 })]);
}

/// CS-SESS-06: counted at the responder from when it made the Verdict, at the initiator from when it opened.
#[test]
fn the_lifetime_ends_a_session_on_both_sides() {
    let mut world = Setup::whole(1).build();
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.pass(Duration::from_secs(10));
    world.lose_all();
    world.deliver(&verdict).unwrap();
    world.run();
    world.pass(Duration::from_micros(3_589_999_999));
    assert_eq!(ends(&world), []);
    world.pass(Duration::from_micros(1));
    assert_eq!(ends(&world), [(Side::Server, Closed::Expired)]);
    world.pass(Duration::from_micros(9_999_999));
    assert_eq!(ends(&world).len(), 1);
    world.pass(Duration::from_micros(1));
    assert_eq!(ends(&world)[1..], [(Side::Device, Closed::Expired)]);
    assert_eq!(world.lose_all(), [], "and no record is sent for it");
}

/// CS-SESS-02, CS-SESS-06: closed by its own side, in silence, it takes no record any more; its Verdict is still kept.
#[test]
fn an_unconfirmed_session_can_be_closed() {
    let mut world = confirming(3_600);
    let (session, confirm) = (world.server_session().unwrap(), world.take(Kind::Record));
    world.server.close(world.now(Side::Server), session).unwrap();
    world.settle(Side::Server);
    assert_eq!((world.lose_all(), ends(&world)), (vec![], vec![]));
    assert_eq!(world.server.responder_state(session), ResponderState::Concluded);
    assert_eq!(world.deliver(&confirm), Err(Dropped::OutOfTurn));
}

/// CS-SESS-06, CS-INIT-14: what is due is done before anything is judged, however late the driver is.
#[test]
fn a_driver_that_is_late_cannot_use_what_is_over() {
    let (mut world, device, server) = established(1);
    world.moment = world.moment.plus(Duration::from_secs(3_600));
    let late = world.device.send(world.now(Side::Device), device, b"late");
    assert_eq!(late, Err(SendError::NoSession));
    assert_eq!(world.server.close(world.now(Side::Server), server), Err(SendError::NoSession));
    let mut world = Setup::whole(2).build();
    world.connect();
    let verdict = world.run_until(Kind::Verdict);
    world.moment = world.moment.plus(Duration::from_secs(60));
    assert_eq!(world.deliver(&verdict), Err(Dropped::UnknownSid));
    assert_eq!(world.device_session(), None, "the deadline has passed");
}

/// CS-SESS-06: a lost close leaves the peer to the lifetime.
#[test]
fn a_lost_close_ends_with_the_lifetime() {
    let (mut world, device, _) = established(1);
    close(&mut world, Side::Device, device);
    world.pass(Duration::from_secs(3_600));
    assert_eq!(ends(&world), [(Side::Server, Closed::Expired)]);
}

/// CS-SESS-06, CS-SESS-02: an unconfirmed session has no longer life than a confirmed one; its Verdict is still kept.
#[test]
fn the_lifetime_ends_an_unconfirmed_session_too() {
    let mut world = confirming(30);
    let session = world.server_session().unwrap();
    world.pass(Duration::from_micros(29_999_999));
    assert_eq!(world.server.responder_state(session), ResponderState::Unconfirmed);
    let confirm = world.take(Kind::Record);
    world.pass(Duration::from_micros(1));
    assert_eq!(ends(&world), [(Side::Device, Closed::Expired), (Side::Server, Closed::Expired)]);
    assert_eq!(world.server.responder_state(session), ResponderState::Concluded);
    assert_eq!(world.deliver(&confirm), Err(Dropped::OutOfTurn));
    world.pass(Duration::from_secs(90));
    assert_eq!((world.server.responder_state(session), ends(&world).len()), (ResponderState::Listen, 2));
}

/// CS-RESP-14: a live session is an entry, whether what else was kept of it has lapsed or not.
#[test]
fn a_live_session_keeps_its_place_in_the_table() {
    let mut setup = Setup::whole(1);
    setup.limits.entries_max = 1;
    let mut world = setup.build();
    world.connect();
    world.run();
    let device = world.device_session().unwrap();
    let mut other = Setup::whole(2).build();
    other.connect();
    let hello = other.take(Kind::Hello);
    assert_eq!(world.deliver(&hello), Err(Dropped::TableFull));
    world.pass(Duration::from_secs(120));
    assert_eq!(world.deliver(&hello), Err(Dropped::TableFull));
    let last = close(&mut world, Side::Device, device);
    world.deliver(&last).unwrap();
    assert_eq!(world.deliver(&hello), Ok(()));
}

fn export(world: &World, side: Side, session: Sid, label: &[u8], context: &[u8]) -> [u8; 48] {
    let mut out = [0; 48];
    let endpoint = if side == Side::Device { &world.device } else { &world.server };
    endpoint.export(session, label, context, &mut out).unwrap().unwrap();
    out
}

/// CS-EXP-01: the same on both sides; another for another label, context or handshake.
#[test]
fn both_sides_export_the_same() {
    let (world, device, server) = established(1);
    let (other, other_device, _) = established(2);
    let key = export(&world, Side::Device, device, b"label", b"context");
    assert_eq!(export(&world, Side::Server, server, b"label", b"context"), key);
    for (label, context) in
        [(&b"labem"[..], &b"context"[..]), (b"label", b"contexu"), (b"label", b""), (b"labelc", b"ontext")]
    {
        assert_ne!(export(&world, Side::Device, device, label, context), key);
        assert_eq!(
            export(&world, Side::Device, device, label, context),
            export(&world, Side::Server, server, label, context)
        );
    }
    assert_ne!(export(&other, Side::Device, other_device, b"label", b"context"), key);
    assert_eq!(world.device.export(server, b"label", b"", &mut [0; 1]), None, "a session by its own name only");
}

/// CS-EXP-01
#[test]
fn labels_and_lengths_of_exports_are_bounded() {
    let (world, device, _) = established(1);
    let export = |label: &[u8], length: usize| world.device.export(device, label, b"", &mut vec![0; length]).unwrap();
    assert_eq!(export(&[7; 1], EXPORT_BYTES_MAX), Ok(()));
    assert_eq!(export(&[7; 255], 1), Ok(()));
    assert_eq!(export(b"", 1), Err(ExportError::Label));
    assert_eq!(export(&[7; 256], 1), Err(ExportError::Label));
    assert_eq!(export(b"label", EXPORT_BYTES_MAX + 1), Err(ExportError::Length));
    assert_eq!(EXPORT_BYTES_MAX, 8_160);
}

/// What somebody on the path throws at an open session.
#[derive(Clone, Debug)]
enum Junk {
    /// The last record, with one byte changed.
    Changed(prop::sample::Index, u8),
    /// The last record, back to its sender.
    Reflected,
    /// The last record again.
    Repeated,
    /// Anything, under the header of the last record.
    Written(Vec<u8>),
}

fn junk() -> impl Strategy<Value = Junk> {
    prop_oneof![
        (any::<prop::sample::Index>(), 1_u8..).prop_map(|(at, change)| Junk::Changed(at, change)),
        Just(Junk::Reflected),
        Just(Junk::Repeated),
        proptest::collection::vec(any::<u8>(), 0..64).prop_map(Junk::Written),
    ]
}

impl Junk {
    fn of(&self, last: &Datagram, sid_of_sender: Sid) -> Datagram {
        let mut junk = from(last, ELSEWHERE);
        match self {
            Self::Changed(at, change) => *at.get_mut(&mut junk.bytes) ^= change,
            Self::Reflected => {
                junk.to = last.from;
                junk.bytes[2..10].copy_from_slice(&sid_of_sender.0);
            }
            Self::Repeated => {}
            Self::Written(bytes) => {
                junk.bytes.truncate(18);
                junk.bytes.extend(bytes);
            }
        }
        junk
    }
}

/// Both talk in turns; junk is thrown in between. Returns what was sent, what was said, and how much was refused.
fn talk(seed: u64, turns: &[(bool, Vec<u8>)], junk: &[Junk]) -> (Vec<Datagram>, Vec<(Side, Event)>, usize) {
    let (mut world, device, server) = established(seed);
    let (mut sent, mut refused) = (Vec::new(), 0);
    for (is_device, text) in turns {
        let (side, own) = if *is_device { (Side::Device, device) } else { (Side::Server, server) };
        let record = say(&mut world, side, own, text);
        world.deliver(&record).unwrap();
        for one in junk {
            refused += usize::from(world.deliver(&one.of(&record, own)).is_err());
        }
        assert_eq!(world.lose_all(), [], "junk is not answered");
        sent.push(record);
    }
    sent.push(close(&mut world, Side::Device, device));
    world.deliver(&sent[sent.len() - 1]).unwrap();
    (sent, world.events, refused)
}

proptest! {
    /// CS-IMPL-04, CS-REC-03, CS-REC-06: the twin without junk sends the same bytes and says the same (A7).
    #[test]
    fn junk_changes_nothing_of_a_session(
        seed: u64,
        turns in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..20)), 1..8),
        junk in proptest::collection::vec(junk(), 1..6),
    ) {
        let (sent, said, refused) = talk(seed, &turns, &junk);
        let (sent_quietly, said_quietly, _) = talk(seed, &turns, &[]);
        prop_assert_eq!(refused, turns.len() * junk.len());
        prop_assert_eq!(sent, sent_quietly);
        prop_assert_eq!(said, said_quietly);
    }
}

/// CS-REC-02 to CS-REC-06, CS-SESS-05: records are what their senders sent, once, in their place.
#[test]
fn records_are_what_was_sent_whatever_an_adversary_does() {
    hold_against_every_adversary(file!(), &[Claim::A4, Claim::A6, Claim::A7]);
}

#[test]
fn without_any_defence_of_sessions_a_claim_fails() {
    every_defence_is_missed("tests/sessions.rs");
}
