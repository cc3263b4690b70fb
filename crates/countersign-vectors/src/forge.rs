//! Messages that the core would not make, sealed and signed with real keys: what a misbehaving peer can send.

use crate::dissect::Dissection;
use countersign::schedule::{BoxKeys, HandshakeSecret, Label, Secret};
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{Challenge, Hello, Kind, Sid, VERSION};
use countersign::{Backend, Whole, boxes, record_nonce};
use curve25519_dalek::Scalar;
use ed25519_dalek::Signer;
use sha2::{Digest, Sha512};

/// A nonce of its text, or another one.
#[derive(Clone, Copy)]
pub(crate) enum Nonce {
    /// As CS-BOX-01 says.
    OfText,
    /// This one.
    Other([u8; 12]),
}

/// Seals any text as a box, under any nonce.
fn seal(keys: &BoxKeys, th: &TranscriptHash, nonce: Nonce, text: &[u8]) -> Vec<u8> {
    let nonce = match nonce {
        Nonce::OfText => boxes::synthetic_nonce(Whole, keys, text),
        Nonce::Other(nonce) => nonce,
    };
    let mut ciphertext = text.to_vec();
    let tag = keys.backend.seal(&keys.aead, &nonce, th, &mut ciphertext);
    [&nonce[..], &ciphertext, &tag].concat()
}

/// A Challenge of any header, over any shared secret. `text` is given th2.
pub(crate) fn challenge(
    hello: &Hello<'_>,
    header: &Challenge<'_>,
    ss: &[u8; 32],
    nonce: Nonce,
    text: impl FnOnce(&TranscriptHash) -> Vec<u8>,
) -> Vec<u8> {
    let mut transcript = Transcript::of_hello(Whole, hello);
    transcript.absorb_challenge_header(header);
    let th2 = transcript.hash();
    let keys = HandshakeSecret::extract(&th2, ss).box_keys(Label::Challenge, &th2);
    let t_r = header.timestamp.as_millis().to_be_bytes();
    let sids = [header.sid_i.0, header.sid_r.0];
    let mut out = vec![VERSION, Kind::Challenge as u8];
    for field in [sids.as_flattened(), &[header.suite], header.nonce, &t_r, header.ephemeral] {
        out.extend(field);
    }
    out.extend(seal(&keys, &th2, nonce, &text(&th2)));
    out
}

/// A Response in a handshake as far as its Challenge. `text` is given th4.
pub(crate) fn response(handshake: &Dissection, nonce: Nonce, text: impl FnOnce(&TranscriptHash) -> Vec<u8>) -> Vec<u8> {
    let sid_r = handshake.challenge.as_ref().expect("the Challenge opened").sid_r;
    boxed(handshake, Kind::Response, sid_r, Label::Response, nonce, text)
}

/// A Verdict in a handshake as far as its Response.
pub(crate) fn verdict(handshake: &Dissection, nonce: Nonce, text: &[u8]) -> Vec<u8> {
    boxed(handshake, Kind::Verdict, handshake.sid_i, Label::Verdict, nonce, |_| text.to_vec())
}

fn boxed(
    handshake: &Dissection,
    kind: Kind,
    sid: Sid,
    label: Label,
    nonce: Nonce,
    text: impl FnOnce(&TranscriptHash) -> Vec<u8>,
) -> Vec<u8> {
    let mut out = vec![VERSION, kind as u8];
    out.extend(sid.0);
    let mut transcript = handshake.transcript().clone();
    transcript.absorb(&out);
    let th = transcript.hash();
    let keys = handshake.prk().expect("the Challenge opened").box_keys(label, &th);
    out.extend(seal(&keys, &th, nonce, &text(&th)));
    out
}

/// A record of any counter and text.
pub(crate) fn record(key: &Secret, receiver: Sid, counter: u64, text: &[u8]) -> Vec<u8> {
    let mut header = vec![VERSION, Kind::Record as u8];
    header.extend(receiver.0);
    header.extend(counter.to_be_bytes());
    let mut ciphertext = text.to_vec();
    let tag = Backend::Portable.seal(key, &record_nonce(counter), &header, &mut ciphertext);
    [&header[..], &ciphertext, &tag].concat()
}

/// Fills up with the fewest zeros to a multiple of 64.
pub(crate) fn padded(mut text: Vec<u8>) -> Vec<u8> {
    text.resize(text.len().next_multiple_of(64), 0);
    text
}

/// An honest signature over anything.
pub(crate) fn sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// A signature by the real key with the neutral point as R: S = k·a, so that \[S\]B = R + \[k\]A holds.
pub(crate) fn sign_with_small_order_r(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    let key = ed25519_dalek::SigningKey::from_bytes(seed);
    let mut hash = Sha512::new_with_prefix(NEUTRAL_POINT);
    hash.update(key.verifying_key().as_bytes());
    hash.update(message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s: Scalar = [k, key.to_scalar()].iter().product();
    joined(&NEUTRAL_POINT, s.as_bytes())
}

/// An honest signature with the group order added to S: the same equation, another encoding.
pub(crate) fn sign_with_large_s(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    let signature = sign(seed, message);
    let (r, s) = signature.split_first_chunk::<32>().expect("64 bytes begin with 32");
    let mut sum = [0; 32];
    let mut carry = 0_u16;
    for ((out, one), other) in sum.iter_mut().zip(s).zip(GROUP_ORDER) {
        carry = carry.wrapping_add(u16::from(*one)).wrapping_add(u16::from(other));
        let [high, low] = carry.to_be_bytes();
        *out = low;
        carry = high.into();
    }
    joined(r, &sum)
}

/// A signature that the neutral point, taken for a key, verifies over every message: R = B, S = 1.
pub(crate) fn signature_of_neutral_key() -> [u8; 64] {
    joined(curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED.as_bytes(), Scalar::ONE.as_bytes())
}

fn joined(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    let (first, second) = signature.split_at_mut(32);
    first.copy_from_slice(r);
    second.copy_from_slice(s);
    signature
}

/// The encoding of the point of order 1.
pub(crate) const NEUTRAL_POINT: [u8; 32] = {
    let mut point = [0; 32];
    let [first, ..] = &mut point;
    *first = 1;
    point
};

/// The order of the prime-order group of Ed25519, little-endian (RFC 8032, 5.1).
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::PublicKey;
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};

    const MESSAGE: &[u8] = b"a message";

    fn lax(key: &[u8; 32], signature: &[u8; 64]) -> bool {
        let key = VerifyingKey::from_bytes(key).unwrap();
        key.verify(MESSAGE, &Signature::from_bytes(signature)).is_ok()
    }

    /// CS-SIG-01: the forged signature is one that only the strict rule refuses.
    #[test]
    fn a_lax_verifier_takes_the_small_order_signature() {
        let key = countersign::SigningKey::from_seed(&[1; 32]).public();
        let signature = sign_with_small_order_r(&[1; 32], MESSAGE);
        assert!(lax(&key, &signature));
        assert!(!PublicKey::decode(&key).unwrap().verifies(MESSAGE, &signature));
    }

    /// CS-SIG-02: the neutral key vouches for anything, to a verifier that takes it.
    #[test]
    fn a_lax_verifier_takes_the_neutral_key() {
        assert!(lax(&NEUTRAL_POINT, &signature_of_neutral_key()));
        assert!(PublicKey::decode(&NEUTRAL_POINT).is_err());
    }

    /// CS-SIG-01: the large S is the honest one and the group order, and less than 2^256.
    #[test]
    fn the_large_s_is_the_honest_one_modulo_the_group_order() {
        let (honest, large) = (sign(&[1; 32], MESSAGE), sign_with_large_s(&[1; 32], MESSAGE));
        let s = |signature: &[u8; 64]| Scalar::from_bytes_mod_order(*signature.last_chunk().unwrap());
        assert_ne!(honest, large);
        assert_eq!(s(&honest), s(&large));
    }
}
