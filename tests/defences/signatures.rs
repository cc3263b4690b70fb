//! What does an attacker gain where signatures are lax, or say too little?

use crate::attacker::{
    Claimant, Guard, Insider, accepts, agreement, challenge_of, claim_input, devices_claim, header, hello_of,
    in_catalogue, less, server, sign, stolen_ephemeral, to_server,
};
use countersign::signature::challenge_input;
use countersign::wire::{ClaimPlaintext, Kind};
use countersign::{Clearances, Defence, Defences, Name, PublicKey, Responder, ResponderPolicy, SigningKey, Timestamp};
use countersign_endpoint::{Endpoint, Limits};
use countersign_tests::world::{DEVICE, DEVICE_SEED, Generator, SERVER_SEED, Setup, Side};
use curve25519_dalek::{EdwardsPoint, Scalar};
use sha2::{Digest, Sha512};

/// CS-SIG-01: a device signs with the nonce zero, so that R is the neutral element and S gives its key away.
///
/// World: a broken signer at the device, with weak keys refused. Only the key's holder can make such a signature, so
/// this is the narrow property: it is refused, whether or not a library would let it pass.
pub(crate) fn signature_that_gives_its_key_away_is_refused<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 31).build();
    let claim = devices_claim(world.now(Side::Device).wall);
    let scalar = secret_scalar(&DEVICE_SEED);
    let mut seen_by_server = Scalar::ZERO;
    let verdict = Claimant::hello(&mut world, defences).claim(&mut world, claim.clone(), |message| {
        let challenge = hash_scalar(&[&NEUTRAL, &claim.device, message]);
        let response = challenge * scalar;
        seen_by_server = response * challenge.invert();
        [NEUTRAL, response.to_bytes()].concat().try_into().unwrap()
    });
    assert_eq!(seen_by_server, scalar, "whoever opens the box computes the device's key");
    Guard::broken_if(accepts(&verdict), "a signature from which anybody computes the device's key was as good as any")
}

/// CS-SIG-02: somebody without any key signs for a device whose enrolled key is of small order.
///
/// World: the enrolment took whatever key it was given; R is an honest one, so that the rule on R does not stand
/// before.
pub(crate) fn key_that_everybody_can_sign_for_is_refused<D: Defences>(defences: D) -> Guard {
    let mut setup = Setup::with(defences, 32);
    setup.profile.as_mut().unwrap().devices = vec![NEUTRAL];
    let mut world = setup.build();
    let claim = ClaimPlaintext { device: NEUTRAL, ..devices_claim(world.now(Side::Device).wall) };
    let verdict = Claimant::hello(&mut world, defences).claim(&mut world, claim, |_any_message| {
        let chosen = Scalar::from(3_141_592_653_u64);
        let commitment = EdwardsPoint::mul_base(&chosen).compress();
        [commitment.to_bytes(), chosen.to_bytes()].concat().try_into().unwrap()
    });
    Guard::broken_if(accepts(&verdict), "somebody without any key was admitted: one signature verified for every claim")
}

/// CS-SIG-03: a responder's signature, shown as a device's.
///
/// World: one key in both roles, signed inputs of one shape (the claim not signed), and one transcript hash. The last
/// is out of reach on the wire, so this is the narrow property: the two inputs differ, by their labels alone.
pub(crate) fn signature_means_nothing_in_another_place<D: Defences>(defences: D) -> Guard {
    let one_shape = less(defences, &[Defence::ClaimSigned]);
    let at_box = [0x33; 32];
    let signature = sign(&SERVER_SEED, &challenge_input(one_shape, &at_box, &server()));
    let key = PublicKey::decode(&server().key).unwrap();
    let claim = ClaimPlaintext { device: server().key, ..devices_claim(Timestamp::default()) };
    assert!(key.verifies(&challenge_input(one_shape, &at_box, &server()), &signature));
    let reflected = key.verifies(&claim_input(one_shape, &at_box, &claim), &signature);
    Guard::broken_if(reflected, "what a responder signed verified as what a device signs")
}

/// CS-SIG-04: the Hello is led to another responder that has the same key under another name.
///
/// World: the ordinary one, with one key under two names.
pub(crate) fn another_name_over_the_same_key_gets_no_response<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 34).build();
    let name = Name::new(b"mail.example").unwrap();
    let other =
        Responder::with_defences(defences, name, SigningKey::from_seed(&SERVER_SEED), ResponderPolicy::default());
    world.server = Endpoint::new(Limits::default(), Generator::working(34)).unwrap().with_responder(other);
    world.connect();
    let responded = world.run().iter().any(|datagram| datagram.kind() == Kind::Response);
    Guard::broken_if(responded, "the device said who it is to another name, believing it was the one expected")
}

/// CS-SIG-05: somebody on the path opens the Response, asks for more and seals it again, under the device's signature.
///
/// World: the shared secret is known to the attacker; elsewhere the box binds the claim as well.
pub(crate) fn claim_rewritten_under_its_signature_is_refused<D: Defences>(defences: D) -> Guard {
    let mut world = Setup { device_rng: Generator::Stuck(0x35), ..Setup::with(defences, 35) }.build();
    world.connect();
    let stolen = stolen_ephemeral(&world, defences, 0x35);
    let hello = world.take(Kind::Hello);
    assert_eq!(stolen.public(), hello_of(&hello.bytes).ephemeral);
    world.deliver(&hello).unwrap();
    let challenge_bytes = world.take(Kind::Challenge);
    world.deliver(&challenge_bytes).unwrap();
    let response = world.take(Kind::Response).bytes;

    let challenge = challenge_of(&challenge_bytes.bytes);
    let shared = stolen.agree(challenge.ephemeral).unwrap();
    let mut insider = Insider::new(defences, &hello.bytes, &challenge, &shared);
    insider.follow(challenge.sealed);
    let text = insider.open(Kind::Response, challenge.sid_r, &response[10..]).expect("the shared secret is known");
    let wanted = Clearances::new(&[b"read", b"write"]).unwrap();
    let claim = ClaimPlaintext { wanted, ..ClaimPlaintext::decode(&text).unwrap() };
    let sealed = insider.seal(Kind::Response, challenge.sid_r, &claim.encode());
    to_server(&mut world, DEVICE, &[&header(Kind::Response, challenge.sid_r)[..], &sealed].concat()).unwrap();
    let granted = agreement(&world, Side::Server).is_some_and(|agreed| agreed.granted.contains(b"write"));
    Guard::broken_if(granted, "a session was granted what the device never asked for, under the device's own signature")
}

/// CS-SIG-06: a device means another responder, which passes everything on to the server.
///
/// World: the name is gone from the Challenge's signature as well; the other responder has the server's public key.
pub(crate) fn handshake_relayed_under_another_name_is_refused<D: Defences>(defences: D) -> Guard {
    in_catalogue("relay-through-a-malicious-responder", defences)
}

/// The neutral element, a point of order 1, as a key and as R.
const NEUTRAL: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

/// The secret scalar of an Ed25519 seed (RFC 8032).
fn secret_scalar(seed: &[u8; 32]) -> Scalar {
    let mut scalar: [u8; 32] = *Sha512::digest(seed).first_chunk().unwrap();
    scalar[0] &= 0xf8;
    scalar[31] = scalar[31] & 0x7f | 0x40;
    Scalar::from_bytes_mod_order(scalar)
}

/// SHA-512 of all parts, modulo the group's order.
fn hash_scalar(parts: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(parts.concat()).into())
}
