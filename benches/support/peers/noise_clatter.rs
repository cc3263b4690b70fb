//! clatter: Noise XX and IK, `25519_ChaChaPoly_SHA256` (curve25519-dalek, RustCrypto), without allocation.

use crate::rounds::Contestant;
use clatter::NqHandshake;
use clatter::crypto::cipher::ChaChaPoly;
use clatter::crypto::dh::X25519;
use clatter::crypto::hash::Sha256;
use clatter::handshakepattern::{HandshakePattern, noise_ik, noise_xx};
use clatter::traits::{Dh, Handshaker};

type Side = NqHandshake<X25519, ChaChaPoly, Sha256>;

pub(super) fn peers() -> Vec<Contestant> {
    vec![
        Contestant::new("clatter XX, dalek", parties(noise_xx, false)),
        Contestant::new("clatter IK, dalek", parties(noise_ik, true)),
    ]
}

fn parties(pattern: fn() -> HandshakePattern, knows_server: bool) -> impl FnMut() {
    let (device, server) = (X25519::genkey().expect("a key pair"), X25519::genkey().expect("a key pair"));
    move || {
        let known = knows_server.then_some(server.public);
        let mut device =
            Side::new(pattern(), &[], true, Some(device.clone()), None, known, None).expect("all that it needs");
        let mut server =
            Side::new(pattern(), &[], false, Some(server.clone()), None, None, None).expect("all that it needs");
        while !device.is_finished() {
            pass(&mut device, &mut server);
            if !server.is_finished() {
                pass(&mut server, &mut device);
            }
        }
        let both = (device.finalize().expect("a finished handshake"), server.finalize().expect("a finished handshake"));
        drop(core::hint::black_box(both));
    }
}

fn pass(from: &mut Side, to: &mut Side) {
    let (mut message, mut payload) = ([0; 256], [0; 256]);
    let bytes = from.write_message(&[], &mut message).expect("its turn");
    to.read_message(&message[..bytes], &mut payload).expect("a genuine message");
}
