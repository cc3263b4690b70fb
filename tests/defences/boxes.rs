//! What does an attacker gain where a box's nonce is not made from its text?

use crate::attacker::{Answer, Guard, agreement, less, server_signs, to_server, verdict_of};
use countersign::wire::{Kind, VerdictPlaintext};
use countersign::{Defence, Defences};
use countersign_tests::world::{DEVICE, Datagram, Generator, Setup, Side, profile};

/// CS-BOX-01: a handshake replayed to a clone of the responder, which refuses it under the keys it was accepted under.
///
/// World: generator and clock of the responder repeat, as with a machine that was rolled back, and its store does not.
/// An eavesdropper adds up the two boxes, and most of a refusal is zeros.
pub(crate) fn two_texts_under_one_key_stay_apart<D: Defences>(defences: D) -> Guard {
    const CLEARANCE: &[u8] = b"the vault under the old library";
    let setup = || Setup {
        server_rng: Generator::Stuck(0x21),
        profile: Some(profile(&[CLEARANCE])),
        ..Setup::with(defences, 21)
    };
    let mut world = setup().build();
    world.connect_for(&[CLEARANCE]);
    let recorded = world.run();
    let granted = agreement(&world, Side::Device).unwrap().granted;
    let accepted = VerdictPlaintext::Accepted { granted, lifetime_s: 3_600 }.encode();

    world.server = setup().build().server;
    for datagram in recorded.iter().filter(|datagram| matches!(datagram.kind(), Kind::Hello | Kind::Response)) {
        to_server(&mut world, DEVICE, &datagram.bytes).expect("the clone draws what was drawn before");
    }
    let acceptance = recorded.iter().find(|datagram| datagram.kind() == Kind::Verdict).map(sealed_text).unwrap();
    let refusal = sealed_text(&world.take(Kind::Verdict));
    let sum: Vec<u8> = acceptance.iter().zip(&refusal).map(|(one, other)| one ^ other).collect();
    let read = sum[REFUSAL_CONTENT_BYTES..] == accepted[REFUSAL_CONTENT_BYTES..];
    Guard::broken_if(
        read,
        "an eavesdropper without any key read most of what was granted from two boxes under one nonce",
    )
}

/// CS-BOX-02: a responder that is genuine but seals every box under the nonce zero.
///
/// World: a careless implementation at the other end. Nobody else can choose a nonce, so this is the narrow property:
/// what the first defence does is seen from the other side, and a party that lacks it is not spoken to.
pub(crate) fn peer_that_repeats_nonces_is_refused<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 22).build();
    world.connect();
    let hello = world.take(Kind::Hello).bytes;
    let careless = less(defences, &[Defence::SyntheticNonce]);
    let answer = Answer::to(&hello);
    let Some(mut insider) = answer.send(&mut world, careless, server_signs(careless)) else { return Guard::Held };
    let accepted = answer.accept(&mut world, &mut insider, &[b"read"]).is_some();
    Guard::broken_if(accepted, "a responder whose boxes all have one nonce was accepted, and nobody noticed")
}

/// The ciphertext of a Verdict.
fn sealed_text(datagram: &Datagram) -> Vec<u8> {
    let sealed = verdict_of(&datagram.bytes).sealed;
    sealed[12..sealed.len() - 16].to_vec()
}

/// Code, reason and timestamp; zeros follow.
const REFUSAL_CONTENT_BYTES: usize = 10;
