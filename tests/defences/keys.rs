//! What does an attacker gain where a key exchange is not contributory, or randomness repeats?

use crate::attacker::{
    Answer, Guard, Insider, challenge_of, devices_salt, first_ephemeral, hello, hello_of, less, read_record,
    server_signs, stolen_ephemeral, take_if_sent, to_device, to_server,
};
use core::time::Duration;
use countersign::primitives::Ephemeral;
use countersign::schedule::Secret;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_tests::world::{DEVICE, ELSEWHERE, Generator, Setup, Side, World};

/// CS-KEY-01: the genuine responder answers with an ephemeral of small order, so that the shared secret is all zero;
/// and the same in a Hello.
///
/// World: the ephemerals of one side are broken, its key is not. The list of small orders stands at the responder
/// alone, and is gone for the second half; the transcript in every key only keeps apart what everybody can compute.
pub(crate) fn session_that_everybody_could_read_is_refused<D: Defences>(defences: D) -> Guard {
    let mut listless = Setup::with(less(defences, &[Defence::SmallOrderEphemeral]), 11).build();
    // Whether the server takes it in shows in whether it answers.
    let _ = to_server(&mut listless, ELSEWHERE, &hello(0x77, &[0; 32]));
    let answered = take_if_sent(&mut listless, Kind::Challenge).is_some();

    let mut world = Setup::with(defences, 11).build();
    world.connect();
    let hello = world.take(Kind::Hello).bytes;
    let answer = Answer { ephemeral: [0; 32], shared: [0; 32], ..Answer::to(&hello) };
    // But for the signature, all of this follows from the wire and zeros.
    let onlooker = answer.send(&mut world, defences, server_signs(defences));
    assert_eq!(onlooker.is_some(), answered, "both sides refuse, or neither does");
    let Some(mut onlooker) = onlooker else { return Guard::Held };
    answer.accept(&mut world, &mut onlooker, &[b"read"]).expect("the keys are those of zero");
    world.lose_all();
    let session = world.device_session().unwrap();
    world.device.send(world.now(Side::Device), session, b"the secret").unwrap();
    world.settle(Side::Device);
    let record = world.take(Kind::Record).bytes;
    let read = read_record(&onlooker.initiators_records(), &record).is_some_and(|text| text.ends_with(b"the secret"));
    Guard::broken_if(
        read,
        "the session rested on a shared secret of zeros: an onlooker without any key read its record",
    )
}

/// CS-KEY-04: a Hello with an ephemeral of small order, and then an honest one.
///
/// World: the ordinary one. The contributory check refuses the Hello all the same, but only after a draw and an
/// exchange; that it costs no draw shows in that the honest Hello after it gets the very bytes that it would have got
/// anyway.
pub(crate) fn hello_of_small_order_draws_nothing<D: Defences>(defences: D) -> Guard {
    let mut top_bit = [0; 32];
    top_bit[31] = 0x80;
    let challenge_after = |junk: &[[u8; 32]]| {
        let mut world = Setup::with(defences, 12).build();
        world.connect();
        let honest = world.take(Kind::Hello);
        for ephemeral in junk {
            to_server(&mut world, ELSEWHERE, &hello(0x77, ephemeral)).unwrap_err();
        }
        world.deliver(&honest).unwrap();
        world.take(Kind::Challenge).bytes
    };
    let drawn = challenge_after(&[]) != challenge_after(&[[0; 32], top_bit]);
    Guard::broken_if(drawn, "a Hello of zeros cost the responder a draw of its generator and a key exchange")
}

/// CS-KEY-05: the device's own ephemeral comes back as the responder's, in either of its encodings.
///
/// World: the device's ephemeral is stolen and the responder signs without an ephemeral of its own. No attack beyond
/// that world is known; the narrow property is that nobody's half of the exchange is missing.
pub(crate) fn own_ephemeral_is_refused<D: Defences>(defences: D) -> Guard {
    let goes_on_with = |top_bit: u8| {
        let mut world = Setup { device_rng: Generator::Stuck(0x13), ..Setup::with(defences, 13) }.build();
        world.connect();
        let hello = world.take(Kind::Hello).bytes;
        let stolen = stolen_ephemeral(&world, defences, 0x13);
        assert_eq!(stolen.public(), hello_of(&hello).ephemeral);
        let mut ephemeral = *stolen.public();
        ephemeral[31] |= top_bit;
        let answer = Answer { ephemeral, shared: *stolen.agree(&ephemeral).unwrap(), ..Answer::to(&hello) };
        answer.send(&mut world, defences, server_signs(defences)).is_some()
    };
    let accepted = goes_on_with(0) || goes_on_with(0x80);
    Guard::broken_if(accepted, "the device agreed on a secret with itself: nothing of the responder was in the keys")
}

/// CS-HEDGE-02: a recorded Challenge, sent again to a device whose generator is stuck, while the responder is away.
///
/// World: the device's generator always gives the same bytes.
pub(crate) fn stuck_generator_does_not_repeat<D: Defences>(defences: D) -> Guard {
    let mut world = Setup { device_rng: Generator::Stuck(0x14), ..Setup::with(defences, 14) }.build();
    world.connect();
    let recorded = world.run().into_iter().find(|datagram| datagram.kind() == Kind::Challenge).unwrap();
    let session = world.device_session().expect("the first handshake is an honest one");
    world.device.close(world.now(Side::Device), session).unwrap();
    world.settle(Side::Device);

    world.pass(Duration::from_secs(1));
    world.connect();
    world.lose_all();
    assert_eq!(recorded.to, DEVICE);
    // Whether the device takes it in shows in whether it responds.
    let _ = to_device(&mut world, &recorded.bytes);
    let responded = take_if_sent(&mut world, Kind::Response).is_some();
    Guard::broken_if(responded, "the device drew the same handshake again, and answered a Challenge of the one before")
}

/// CS-HEDGE-03: the attacker computes what the device's generator yields, and reads a recorded handshake.
///
/// World: the generator is the attacker's, the device's key is not.
pub(crate) fn generator_that_others_compute_gives_nothing_away<D: Defences>(defences: D) -> Guard {
    let mut world = Setup { device_rng: Generator::Stuck(0x15), ..Setup::with(defences, 15) }.build();
    let ephemeral = first_ephemeral(&world, defences, &Secret::take(&mut [0; 32]), &[0x15; 32]);
    let read = reads_recorded(&mut world, defences, &ephemeral);
    Guard::broken_if(read, "what the generator yields was enough to compute the ephemeral, and to read the handshake")
}

/// CS-HEDGE-04: the attacker has recorded a handshake, and steals the device's key.
///
/// World: the device's key is stolen afterwards, its generator is in order.
pub(crate) fn key_stolen_later_opens_nothing_recorded<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 16).build();
    let ephemeral = first_ephemeral(&world, defences, &devices_salt(), &[0; 32]);
    let read = reads_recorded(&mut world, defences, &ephemeral);
    Guard::broken_if(read, "the stolen key was enough to compute the ephemeral, and to read what had been recorded")
}

/// Whether who takes this for the device's ephemeral opens the Challenge of its handshake.
fn reads_recorded<D: Defences>(world: &mut World<D>, defences: D, ephemeral: &Ephemeral) -> bool {
    world.connect();
    let recorded = world.run();
    let of_kind = |kind| &recorded.iter().find(|datagram| datagram.kind() == kind).expect("a whole handshake").bytes;
    let (hello, challenge) = (of_kind(Kind::Hello), challenge_of(of_kind(Kind::Challenge)));
    let Some(shared) = ephemeral.agree(challenge.ephemeral) else { return false };
    Insider::new(defences, hello, &challenge, &shared)
        .open(Kind::Challenge, challenge.sid_r, challenge.sealed)
        .is_some()
}
