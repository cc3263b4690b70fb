//! The operations of `spec/costs.md`, each by a direct call of the library that a backend uses for it.

use crate::rounds::Contestant;
use countersign::Backend;
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// What is signed and verified: about as long as in a handshake.
const MESSAGE: [u8; 128] = [3; 128];
/// Associated data of every box: a transcript hash.
const AD: [u8; 32] = [4; 32];
const NONCE: [u8; 12] = [5; 12];
const KEY: [u8; 32] = [6; 32];
/// Blocks that a long message fills with its end.
const BLOCKS: u32 = 17;
const LONG: [u8; 64 * BLOCKS as usize - 9] = [7; 64 * BLOCKS as usize - 9];

/// One contestant an operation that has a price of its own, called as the operation is, and how many of it one call does.
pub(crate) fn units(backend: Backend, text_bytes: usize) -> Vec<(Contestant, u32)> {
    let units = match backend {
        Backend::Portable => portable::units(text_bytes),
        Backend::Fast(_) => fast::units(text_bytes),
    };
    let mut generator = ChaCha20Rng::seed_from_u64(1);
    let draw = move || {
        let mut drawn = [0; 32];
        generator.fill_bytes(&mut drawn);
        drawn
    };
    let block = Contestant::new("block", || Sha256::digest(core::hint::black_box(&LONG)));
    let each_once = units.into_iter().chain([Contestant::new("draw", draw)]).map(|unit| (unit, 1));
    each_once.chain([(block, BLOCKS)]).collect()
}

/// A text to seal or open in place.
fn text(bytes: usize) -> Vec<u8> {
    vec![8; bytes]
}

mod portable {
    use super::{AD, Contestant, KEY, MESSAGE, NONCE, text};
    use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
    use core::hint::black_box;
    use ed25519_dalek::{Signer, SigningKey, Verifier, VerifyingKey};
    use x25519_dalek::{PublicKey, StaticSecret};

    pub(super) fn units(text_bytes: usize) -> Vec<Contestant> {
        let signer = SigningKey::from_bytes(&KEY);
        let (key, signature) = (signer.verifying_key(), signer.sign(&MESSAGE));
        let key_bytes = key.to_bytes();
        let peer = PublicKey::from(&StaticSecret::from([9; 32]));
        let mut sealed = text(text_bytes);
        let (ad, nonce, of) = (&AD, &NONCE, || ChaCha20Poly1305::new(black_box(&KEY).into()));
        let tag = of().encrypt_inout_detached(nonce.into(), ad, sealed.as_mut_slice().into());
        let tag = tag.expect("a short text");
        let mut clear = text(text_bytes);
        let share = || PublicKey::from(&StaticSecret::from(black_box(KEY)));
        let exchange = move || StaticSecret::from(black_box(KEY)).diffie_hellman(&peer).to_bytes();
        let sign = move || signer.sign(black_box(&MESSAGE));
        let verify = move || key.verify(black_box(&MESSAGE), &signature).expect("a genuine signature");
        let decode = move || VerifyingKey::from_bytes(black_box(&key_bytes)).expect("a genuine key");
        let seal = move || {
            let sealed = of().encrypt_inout_detached(nonce.into(), ad, clear.as_mut_slice().into());
            sealed.expect("a short text")
        };
        let open = move || {
            let mut text = [0; 256];
            let text = &mut text[..sealed.len()];
            text.copy_from_slice(&sealed);
            of().decrypt_inout_detached(nonce.into(), ad, text.into(), &tag).expect("a genuine box");
        };
        vec![
            Contestant::new("share", share),
            Contestant::new("exchange", exchange),
            Contestant::new("sign", sign),
            Contestant::new("verify", verify),
            Contestant::new("decode", decode),
            Contestant::new("seal", seal),
            Contestant::new("open", open),
        ]
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod fast {
    use super::Contestant;

    pub(super) fn units(_: usize) -> Vec<Contestant> {
        unreachable!("no such processor has the fast backend")
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod fast {
    use super::{AD, Contestant, KEY, MESSAGE, NONCE, text};
    use core::hint::black_box;
    use graviola::key_agreement::x25519::{PublicKey, StaticPrivateKey};
    use graviola::signing::eddsa::{Ed25519SigningKey, Ed25519VerifyingKey};
    use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};

    pub(super) fn units(text_bytes: usize) -> Vec<Contestant> {
        let signer = Ed25519SigningKey::from_bytes(&KEY).expect("a seed");
        let (key_bytes, signature) = (signer.public_key().as_bytes(), signer.sign(&MESSAGE));
        let key = Ed25519VerifyingKey::from_bytes(&key_bytes).expect("a genuine key");
        let peer = StaticPrivateKey::from_array(&[9; 32]).public_key();
        let (peer, nonce) = (peer.as_bytes(), || Nonce::assume_unique_for_key(NONCE));
        let of = || LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, black_box(&KEY)).expect("32 bytes"));
        let mut sealed = text(text_bytes);
        let tag = of().seal_in_place_separate_tag(nonce(), Aad::from(AD), &mut sealed).expect("a short text");
        let tag: [u8; 16] = *tag.as_ref().first_chunk().expect("a tag is 16 bytes");
        let mut clear = text(text_bytes);
        let share = || StaticPrivateKey::from_array(black_box(&KEY)).public_key().as_bytes();
        let exchange = move || {
            let shared = StaticPrivateKey::from_array(black_box(&KEY)).diffie_hellman(&PublicKey::from_array(&peer));
            shared.expect("a genuine share").0
        };
        let sign = move || signer.sign(black_box(&MESSAGE));
        let verify = move || key.verify(&signature, black_box(&MESSAGE)).expect("a genuine signature");
        let decode = move || Ed25519VerifyingKey::from_bytes(black_box(&key_bytes)).expect("a genuine key");
        let seal = move || of().seal_in_place_separate_tag(nonce(), Aad::from(AD), &mut clear).expect("a short text");
        let open = move || {
            let mut text = [0; 256];
            let text = &mut text[..sealed.len()];
            text.copy_from_slice(&sealed);
            let opened = of().open_in_place_separate_tag(nonce(), Aad::from(AD), Tag::from(tag), text, 0..);
            opened.expect("a genuine box").len()
        };
        vec![
            Contestant::new("share", share),
            Contestant::new("exchange", exchange),
            Contestant::new("sign", sign),
            Contestant::new("verify", verify),
            Contestant::new("decode", decode),
            Contestant::new("seal", seal),
            Contestant::new("open", open),
        ]
    }
}
