//! What does an attacker on the path gain against a session that checks one thing less?

use crate::attacker::{Guard, header, to_server};
use countersign::wire::{Kind, Message, Record, Sid};
use countersign::{Defences, EPOCH_RECORDS, Reject};
use countersign_endpoint::{Dropped, Event};
use countersign_tests::world::{DEVICE, Datagram, ELSEWHERE, Setup, Side, World};

/// CS-SESS-05: a record held back on the path, and sent from elsewhere once a newer one has arrived.
///
/// World: the ordinary one.
pub(crate) fn late_record_does_not_move_the_peer<D: Defences>(defences: D) -> Guard {
    let mut world = established(defences);
    let held_back = sent_by(&mut world, Side::Device, b"first");
    let newer = sent_by(&mut world, Side::Device, b"second");
    world.deliver(&newer).unwrap();
    world.deliver(&Datagram { from: ELSEWHERE, ..held_back }).expect("late is not refused");
    let to = sent_by(&mut world, Side::Server, b"an answer").to;
    assert!(to == DEVICE || to == ELSEWHERE);
    Guard::broken_if(to == ELSEWHERE, "with one record held back, the server's records went to the attacker")
}

/// CS-REC-02: a record is delivered twice.
///
/// World: the ordinary one.
pub(crate) fn record_counts_once<D: Defences>(defences: D) -> Guard {
    let mut world = established(defences);
    let record = sent_by(&mut world, Side::Device, b"pay 100 to bob");
    world.deliver(&record).unwrap();
    // Whether it is taken in again shows in what the server says.
    let _ = world.deliver(&record);
    let payments = world.events.iter().filter(|(_, event)| matches!(event, Event::Data { .. })).count();
    assert!(payments >= 1);
    Guard::broken_if(payments > 1, "an order recorded on the path was carried out twice")
}

/// CS-REC-03: both sides send data of one length under one counter, and the attacker knows the server's.
///
/// World: the ordinary one. The session id in the associated data stops a plain reflection, but no eavesdropper.
pub(crate) fn directions_share_no_key<D: Defences>(defences: D) -> Guard {
    const KNOWN: &[u8] = b"welcome to the vault, dear user";
    const SECRET: &[u8] = b"the key is under the third pot!";
    let mut world = established(defences);
    let known = sent_by(&mut world, Side::Server, KNOWN).bytes;
    let secret = sent_by(&mut world, Side::Device, SECRET).bytes;
    let (known, secret) = (record_of(&known), record_of(&secret));
    assert_eq!(known.counter, secret.counter);
    let sum = known.sealed.iter().zip(secret.sealed).map(|(one, other)| one ^ other);
    let read: Vec<u8> = sum.skip(1).zip(KNOWN).map(|(sum, known)| sum ^ known).collect();
    Guard::broken_if(read == SECRET, "an eavesdropper who knew what the server said read what the device said")
}

/// CS-REC-04: a forged record a thousand epochs ahead.
///
/// World: the ordinary one. Counters reach 2^44 epochs; how far the receiver went shows in why it refuses: for the
/// reach, or because the record does not open under the keys that it has gone to derive.
pub(crate) fn far_epoch_costs_nothing<D: Defences>(defences: D) -> Guard {
    let mut world = established(defences);
    let forged = forged_record(world.server_session().unwrap(), 1_000 * EPOCH_RECORDS);
    let refused = to_server(&mut world, ELSEWHERE, &forged).unwrap_err();
    let derived = match refused {
        Dropped::Rejected(Reject::EpochOutOfReach) => false,
        Dropped::Rejected(Reject::RecordDoesNotOpen) => true,
        other => panic!("refused for another reason: {other}"),
    };
    Guard::broken_if(derived, "one forged record made the server derive the keys of a thousand epochs")
}

/// CS-REC-06: a record with the right session id and nothing in it.
///
/// World: the ordinary one.
pub(crate) fn forged_close_closes_nothing<D: Defences>(defences: D) -> Guard {
    let mut world = established(defences);
    let forged = forged_record(world.server_session().unwrap(), 1);
    // Whether it counts shows in whether the session is still open.
    let _ = to_server(&mut world, ELSEWHERE, &forged);
    Guard::broken_if(world.server.sessions() == 0, "one forged datagram closed the session")
}

/// A world in which both sides have confirmed.
fn established<D: Defences>(defences: D) -> World<D> {
    let mut world = Setup::with(defences, 91).build();
    let handshake = world.connect();
    world.run();
    assert!(world.both_established(handshake));
    world
}

/// Sends data and takes the record off the wire.
fn sent_by<D: Defences>(world: &mut World<D>, side: Side, data: &[u8]) -> Datagram {
    match side {
        Side::Device => world.device.send(world.now(Side::Device), world.device_session().unwrap(), data).unwrap(),
        Side::Server => world.server.send(world.now(Side::Server), world.server_session().unwrap(), data).unwrap(),
    }
    world.settle(side);
    world.take(Kind::Record)
}

/// A record that anybody can write who has seen the session id.
fn forged_record(sid: Sid, counter: u64) -> Vec<u8> {
    [&header(Kind::Record, sid)[..], &counter.to_be_bytes(), &[0xcd; 1 + 16]].concat()
}

fn record_of(bytes: &[u8]) -> Record<'_> {
    let Ok(Message::Record(record)) = Message::decode(bytes) else { panic!("no record: {bytes:?}") };
    record
}
