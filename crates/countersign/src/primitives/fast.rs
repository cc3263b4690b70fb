//! The fast backend: graviola's X25519 and Ed25519, ring's ChaCha20-Poly1305.
//!
//! graviola wipes its keys on drop, ring wipes nothing (`spec/implementation.md`). graviola panics where the processor lacks
//! an instruction that it needs, so everything here takes a [`Supported`].

use graviola::key_agreement::x25519::{PublicKey, StaticPrivateKey};
use graviola::signing::eddsa::{Ed25519SigningKey, Ed25519VerifyingKey};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey};
use std::sync::Arc;
use zeroize::ZeroizeOnDrop;

/// This processor has the instructions that graviola needs: the proof that it was asked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Supported(());

impl Supported {
    pub(super) fn by_this_processor() -> Option<Self> {
        // graviola's assembly uses BMI2 beside what it asks for.
        #[cfg(target_arch = "x86_64")]
        let has_the_rest = std::arch::is_x86_feature_detected!("bmi2");
        #[cfg(not(target_arch = "x86_64"))]
        let has_the_rest = true;
        Self::if_it_is(has_the_rest && graviola::util::is_cpu_supported())
    }

    fn if_it_is(supported: bool) -> Option<Self> {
        supported.then_some(Self(())) // CS-IMPL-06
    }
}

/// An Ed25519 key pair. A clone shares it: graviola's key has no `Clone`, and wipes itself with the last owner.
#[derive(Clone)]
pub(crate) struct SigningKey(Arc<Ed25519SigningKey>);

impl ZeroizeOnDrop for SigningKey {}

impl SigningKey {
    pub(super) fn from_seed(_: Supported, seed: &[u8; 32]) -> Self {
        Self(Arc::new(Ed25519SigningKey::from_bytes(seed).expect("a seed is 32 bytes")))
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.0.public_key().as_bytes()
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }
}

/// An Ed25519 public key, decoded.
pub(crate) struct VerifyingKey(Ed25519VerifyingKey);

impl VerifyingKey {
    /// `None` if it is not on the curve or not canonical; keys of small order pass.
    pub(super) fn decode(_: Supported, bytes: &[u8; 32]) -> Option<Self> {
        Ed25519VerifyingKey::from_bytes(bytes).ok().map(Self)
    }

    /// Without the cofactor; an R of small order passes.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify(signature, message).is_ok()
    }
}

/// The public half of an X25519 secret.
pub(super) fn public_half(_: Supported, secret: &[u8; 32]) -> [u8; 32] {
    StaticPrivateKey::from_array(secret).public_key().as_bytes()
}

/// X25519; all zero if the peer's half is of small order, which is the one error of graviola's exchange.
pub(super) fn exchange(_: Supported, secret: &[u8; 32], peer: &[u8; 32]) -> [u8; 32] {
    let shared = StaticPrivateKey::from_array(secret).diffie_hellman(&PublicKey::from_array(peer));
    shared.map_or([0; 32], |shared| shared.0)
}

pub(super) fn seal(_: Supported, key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8]) -> [u8; 16] {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let tag = keyed(key).seal_in_place_separate_tag(nonce, Aad::from(ad), text);
    let tag = tag.expect("a datagram is far below the limit of ChaCha20-Poly1305");
    *tag.as_ref().first_chunk().expect("a tag is 16 bytes")
}

pub(super) fn open(_: Supported, key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> bool {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    keyed(key).open_in_place_separate_tag(nonce, Aad::from(ad), Tag::from(*tag), text, 0..).is_ok()
}

fn keyed(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("a key is 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CS-IMPL-06: where the processor is not enough, nothing of graviola can be called.
    #[test]
    fn a_lesser_processor_has_no_fast_backend() {
        assert_eq!(Supported::if_it_is(false), None);
        assert_eq!(Supported::if_it_is(true), Some(Supported(())));
    }
}
