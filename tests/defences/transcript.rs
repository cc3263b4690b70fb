//! What does an attacker on the path gain where a field is not in the transcript?

use crate::attacker::{Answer, Guard, Insider, agreement, challenge_of, less, overwrite, read_record};
use countersign::primitives::Ephemeral;
use countersign::wire::Kind;
use countersign::{Agreement, Defence, Defences};
use countersign_tests::world::{Setup, Side};

/// CS-TRN-03: a suite that the responder does not know is added to the offer on its way, or takes the chosen one's
/// place.
///
/// World: the ordinary one; for the suite chosen, one in which the device does not look whether it was offered.
pub(crate) fn suites_changed_on_the_way_are_noticed<D: Defences>(defences: D) -> Guard {
    let lax = less(defences, &[Defence::SuiteOffered]);
    let first = changed_on_the_way(defences, Kind::Hello, "suites", &[1, 2, 0, 0, 0, 0, 0, 0]);
    let second = changed_on_the_way(lax, Kind::Challenge, "suite", &[2]);
    let disagree = first.is_some_and(|(device, server)| device.terms.offered != server.terms.offered)
        || second.is_some_and(|(device, server)| device.terms.suite != server.terms.suite);
    Guard::broken_if(disagree, "the offer was changed on the way: both accepted, and disagree about what was offered")
}

/// CS-TRN-04: either nonce replaced on its way.
///
/// World: the ordinary one.
pub(crate) fn nonces_changed_on_the_way_are_noticed<D: Defences>(defences: D) -> Guard {
    let first = changed_on_the_way(defences, Kind::Hello, "n_i", &[0xee; 32]);
    let second = changed_on_the_way(defences, Kind::Challenge, "n_r", &[0xee; 32]);
    let disagree = first.is_some_and(|(device, server)| device.terms.nonce_i != server.terms.nonce_i)
        || second.is_some_and(|(device, server)| device.terms.nonce_r != server.terms.nonce_r);
    Guard::broken_if(disagree, "a challenge was replaced on the way: both accepted, and neither answered the other's")
}

/// CS-TRN-05: a man in the middle with an ephemeral of his own for each side, who passes the responder's signature on.
///
/// World: the ordinary one.
pub(crate) fn man_in_the_middle_reads_nothing<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 5).build();
    world.connect();
    let hello = world.take(Kind::Hello);
    let own = Ephemeral::from_secret(&[0x6d; 32]);
    let mut changed = hello.clone();
    overwrite(&mut changed.bytes, "e_i", own.public());
    world.deliver(&changed).unwrap();
    let challenge = world.take(Kind::Challenge).bytes;
    let challenge = challenge_of(&challenge);

    let shared_with_server = own.agree(challenge.ephemeral).unwrap();
    let towards_server = Insider::new(defences, &changed.bytes, &challenge, &shared_with_server);
    let proof = towards_server.open(Kind::Challenge, challenge.sid_r, challenge.sealed).expect("the secret is shared");
    let signature = *proof.last_chunk().unwrap();
    let answer = Answer { sid_r: challenge.sid_r, nonce: *challenge.nonce, ..Answer::to(&hello.bytes) };
    let Some(mut insider) = answer.send(&mut world, defences, |_| signature) else { return Guard::Held };
    if answer.accept(&mut world, &mut insider, &[b"read"]).is_none() {
        return Guard::Held;
    }
    world.lose_all();
    let session = world.device_session().unwrap();
    world.device.send(world.now(Side::Device), session, b"the secret").unwrap();
    world.settle(Side::Device);
    let record = world.take(Kind::Record).bytes;
    let read = read_record(&insider.initiators_records(), &record).is_some_and(|text| text.ends_with(b"the secret"));
    Guard::broken_if(read, "a man in the middle was accepted as the responder, and read what the device sent")
}

/// CS-TRN-06: the responder's timestamp moved by a second on its way.
///
/// World: the ordinary one.
pub(crate) fn timestamp_changed_on_the_way_is_noticed<D: Defences>(defences: D) -> Guard {
    let world = Setup::with(defences, 6).build();
    let moved = world.now(Side::Server).wall.as_millis() + 1_000;
    let changed = changed_on_the_way(defences, Kind::Challenge, "t_r", &moved.to_be_bytes());
    let disagree = changed.is_some_and(|(device, server)| device.terms.timestamp_r != server.terms.timestamp_r);
    Guard::broken_if(disagree, "the responder's time was changed on the way: both accepted, and disagree about it")
}

/// A handshake with one field changed on the way: what the two sides take for agreed, if both accept.
fn changed_on_the_way<D: Defences>(
    defences: D,
    kind: Kind,
    field: &str,
    bytes: &[u8],
) -> Option<(Agreement, Agreement)> {
    let mut world = Setup::with(defences, 3).build();
    world.connect();
    let mut changed = world.run_until(kind);
    overwrite(&mut changed.bytes, field, bytes);
    // A refusal shows in that nobody accepts.
    let _ = world.deliver(&changed);
    world.run();
    Some((agreement(&world, Side::Device)?, agreement(&world, Side::Server)?))
}
