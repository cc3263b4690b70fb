//! What does an attacker gain against a server that checks one thing less?

use crate::attacker::{
    Claimant, Guard, accepts, agreement, devices_claim, hello, in_catalogue, server, sign, take_if_sent, to_server,
};
use core::time::Duration;
use countersign::primitives::Ephemeral;
use countersign::wire::{ClaimPlaintext, Kind, Reason, VerdictPlaintext};
use countersign::{BeginError, Clearances, Defences, Initiator, InitiatorPolicy, Now, SigningKey};
use countersign::{Expectation, Timestamp};
use countersign_endpoint::{Event, Limits};
use countersign_tests::world::{
    DEVICE, DEVICE_SEED, ELSEWHERE, Generator, SERVER_SEED, Setup, Side, World, profile, server_name, user,
};

/// CS-RESP-01: one Hello, sent a hundred times.
///
/// World: the ordinary one.
pub(crate) fn hello_sent_again_makes_no_second_entry<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 61).build();
    world.connect();
    let hello = world.take(Kind::Hello);
    for _ in 0..100 {
        world.deliver(&hello).unwrap();
    }
    let challenges = world.lose_all();
    let multiplied = world.server.entries() > 1 || challenges.iter().any(|challenge| *challenge != challenges[0]);
    Guard::broken_if(multiplied, "one recorded Hello, sent a hundred times, cost a hundred entries and key exchanges")
}

/// CS-RESP-04: somebody with a device of their own claims to be the user.
///
/// World: the ordinary one.
pub(crate) fn strange_device_is_refused<D: Defences>(defences: D) -> Guard {
    const STRANGE_SEED: [u8; 32] = [0x57; 32];
    let mut world = Setup::with(defences, 62).build();
    let device = SigningKey::from_seed(&STRANGE_SEED).public();
    let claim = ClaimPlaintext { device, ..devices_claim(world.now(Side::Device).wall) };
    let claimant = Claimant::hello(&mut world, defences);
    let verdict = claimant.claim(&mut world, claim, |message| sign(&STRANGE_SEED, message));
    Guard::broken_if(accepts(&verdict), "anybody's device was let into the user's account")
}

/// CS-RESP-05: somebody who has none but the device's public key.
///
/// World: the ordinary one.
pub(crate) fn device_key_without_its_signature_is_refused<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 63).build();
    let claim = devices_claim(world.now(Side::Device).wall);
    let verdict = Claimant::hello(&mut world, defences).claim(&mut world, claim, |_| [0x55; 64]);
    Guard::broken_if(accepts(&verdict), "somebody with nothing but the device's public key was let in as the device")
}

/// CS-RESP-06: the device speaks once while its clock is a year ahead, and again when it is right.
///
/// World: the ordinary one, with a device that does not look at the responder's clock, and somebody who moves its own.
pub(crate) fn clock_a_year_ahead_does_not_lock_the_device_out<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 64).build();
    let next_year = world.now(Side::Device).wall.plus(Duration::from_secs(365 * 86_400));
    let claimant = Claimant::hello(&mut world, defences);
    claimant.claim(&mut world, devices_claim(next_year), |message| sign(&DEVICE_SEED, message));
    let handshake = world.connect();
    world.run();
    let locked_out = !world.both_established(handshake);
    Guard::broken_if(locked_out, "one handshake with a clock a year ahead locked the device out for a year")
}

/// CS-RESP-07: the user holds "read" and asks for "admin" as well.
///
/// World: the ordinary one.
pub(crate) fn clearance_not_held_is_not_granted<D: Defences>(defences: D) -> Guard {
    let mut world = Setup { profile: Some(profile(&[b"read"])), ..Setup::with(defences, 65) }.build();
    world.connect_for(&[b"admin", b"read"]);
    world.run();
    let granted = agreement(&world, Side::Server).expect("what is held is granted").granted;
    Guard::broken_if(granted.contains(b"admin"), "a user was granted a clearance for the asking")
}

/// CS-RESP-08: policy requires "staff", and the user does not ask for it.
///
/// World: the ordinary one.
pub(crate) fn grant_below_policy_is_a_refusal<D: Defences>(defences: D) -> Guard {
    let mut setup = Setup::with(defences, 66);
    setup.profile.as_mut().unwrap().required = Clearances::new(&[b"staff"]).unwrap();
    let mut world = setup.build();
    world.connect();
    world.run();
    Guard::broken_if(world.admissions() > 0, "a session was opened without the clearance that policy requires")
}

/// CS-RESP-09: a whole handshake and its first data, replayed to a clone of the responder.
///
/// World: generator and clock of the responder repeat, as with a machine that was rolled back, and its store does not.
pub(crate) fn replay_to_a_clone_is_refused<D: Defences>(defences: D) -> Guard {
    let setup = || Setup { server_rng: Generator::Stuck(0x67), ..Setup::with(defences, 67) };
    let mut world = setup().build();
    world.connect();
    let mut recorded = world.run();
    let session = world.device_session().unwrap();
    world.device.send(world.now(Side::Device), session, b"pay 100 to bob").unwrap();
    world.settle(Side::Device);
    recorded.extend(world.run());
    assert_eq!(payments(&world), 1);

    world.server = setup().build().server;
    for datagram in recorded.iter().filter(|datagram| datagram.from == DEVICE) {
        // What the clone makes of it shows in what it says.
        let _ = world.deliver(datagram);
    }
    Guard::broken_if(
        payments(&world) > 1,
        "a recorded handshake was accepted again by a clone, and its order carried out",
    )
}

/// CS-RESP-12: the server's own key claims to be a device of the user, and likewise a device expects itself.
///
/// World: the server's key was enrolled as a device's. Only its holder can sign, so this is the narrow property: nobody
/// is authenticated who is oneself. The device's half of it, which comes before any byte, cannot be switched off.
pub(crate) fn own_key_is_no_peer<D: Defences>(defences: D) -> Guard {
    let mut setup = Setup::with(defences, 68);
    setup.profile.as_mut().unwrap().devices.push(server().key);
    let mut world = setup.build();
    let claim = ClaimPlaintext { device: server().key, ..devices_claim(world.now(Side::Device).wall) };
    let claimant = Claimant::hello(&mut world, defences);
    let verdict = claimant.claim(&mut world, claim, |message| sign(&SERVER_SEED, message));

    let own = SigningKey::from_seed(&SERVER_SEED);
    let mut device = Initiator::with_defences(defences, user(), own, InitiatorPolicy::default());
    let expected = Expectation::new(server_name(), &server().key).unwrap();
    let begun =
        device.begin(&expected, Clearances::none(), None, Now::default(), &mut Generator::working(68), |_| true);
    assert_eq!(begun.err(), Some(BeginError::OwnKey));
    Guard::broken_if(accepts(&verdict), "the server authenticated itself, as a user's device")
}

/// CS-WIRE-11: a Hello that ends before its padding, from an address that has proved nothing.
///
/// World: the ordinary one.
pub(crate) fn hello_without_padding_gets_no_answer<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 72).build();
    let bare = &hello(1, Ephemeral::from_secret(&[1; 32]).public())[..115];
    // Whether the server takes it in shows in whether it answers.
    let _ = to_server(&mut world, ELSEWHERE, bare);
    let answered = take_if_sent(&mut world, Kind::Challenge).is_some_and(|answer| answer.bytes.len() > bare.len());
    Guard::broken_if(answered, "a Hello of 115 bytes drew 215 to an address that had not asked for them")
}

/// CS-RESP-13: ten initiators say Hello and nothing more.
///
/// World: the ordinary one.
pub(crate) fn silent_initiators_are_forgotten<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 69).build();
    (0..10).for_each(|mark| deliver_hello(&mut world, mark).unwrap());
    assert_eq!(world.server.entries(), 10);
    world.pass(Limits::default().half_open_lifetime);
    Guard::broken_if(world.server.entries() > 0, "what silent initiators left behind stayed for ever")
}

/// CS-RESP-14: twenty Hellos at a table for ten.
///
/// World: the ordinary one.
pub(crate) fn table_does_not_outgrow_its_bound<D: Defences>(defences: D) -> Guard {
    let limits = Limits { entries_max: 10, ..Limits::default() };
    let mut world = Setup { limits, ..Setup::with(defences, 70) }.build();
    for mark in 0..20 {
        // Which are dropped shows in how many are kept.
        let _ = deliver_hello(&mut world, mark);
    }
    Guard::broken_if(world.server.entries() > 10, "a flood of Hellos grew the table past its bound")
}

/// CS-REF-02: somebody without the device's key makes a claim in its name, dated 1970.
///
/// World: the ordinary one.
pub(crate) fn stranger_is_not_told_why<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 71).build();
    let claim = devices_claim(Timestamp::default());
    let verdict = Claimant::hello(&mut world, defences).claim(&mut world, claim, |_| [0x55; 64]);
    assert!(!accepts(&verdict));
    let told = verdict != VerdictPlaintext::Refused(Reason::None);
    Guard::broken_if(told, "somebody who proved nothing was told why the claim was refused")
}

/// CS-REF-03: two claims in a user's name without a signature, one with the device's key and one with another.
///
/// World: the ordinary one, in which the attacker sees how much work the server does.
pub(crate) fn unknown_device_costs_as_much_as_a_known_one<D: Defences>(defences: D) -> Guard {
    in_catalogue("refusals-told-apart-by-work", defences)
}

/// A well-formed Hello from elsewhere; equal marks make equal ones.
fn deliver_hello<D: Defences>(world: &mut World<D>, mark: u8) -> Result<(), countersign_endpoint::Dropped> {
    to_server(world, ELSEWHERE, &hello(mark, Ephemeral::from_secret(&[mark; 32]).public()))
}

/// How often the server was told to pay.
fn payments<D>(world: &World<D>) -> usize {
    let paid = |(side, event): &&(Side, Event)| *side == Side::Server && matches!(event, Event::Data { .. });
    world.events.iter().filter(paid).count()
}
