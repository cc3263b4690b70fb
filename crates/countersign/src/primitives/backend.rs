//! Which libraries compute the primitives: a value, chosen once, that keys and secrets carry.

use super::{fast, portable};
use crate::work;
use zeroize::ZeroizeOnDrop;

/// The libraries that compute the primitives. They give the same bytes and the same verdicts (CS-IMPL-05).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Backend {
    /// x25519-dalek, ed25519-dalek and chacha20poly1305: any processor, and all keys are wiped.
    #[default]
    Portable,
    /// graviola and ring, which does not wipe the keys of the AEAD. Only [`Backend::fast`] makes one.
    Fast(fast::Supported),
}

impl Backend {
    /// The fast backend, if this build has it and this processor can run it (CS-IMPL-06). Ask once, and keep the answer.
    #[must_use]
    pub fn fast() -> Option<Self> {
        fast::Supported::by_this_processor().map(Self::Fast)
    }

    /// The fast backend where there is one, else the portable one.
    #[must_use]
    pub fn best() -> Self {
        Self::fast().unwrap_or_default()
    }

    pub(super) fn pair(self, seed: &[u8; 32]) -> KeyPair {
        match self {
            Self::Portable => KeyPair::Portable(portable::SigningKey::from_seed(seed)),
            Self::Fast(supported) => KeyPair::Fast(fast::SigningKey::from_seed(supported, seed)),
        }
    }

    pub(super) fn decode(self, bytes: &[u8; 32]) -> Option<Decoded> {
        match self {
            Self::Portable => portable::VerifyingKey::decode(bytes).map(Decoded::Portable),
            Self::Fast(supported) => fast::VerifyingKey::decode(supported, bytes).map(Decoded::Fast),
        }
    }

    pub(super) fn public_half(self, secret: &[u8; 32]) -> [u8; 32] {
        match self {
            Self::Portable => portable::public_half(secret),
            Self::Fast(supported) => fast::public_half(supported, secret),
        }
    }

    pub(super) fn exchange(self, secret: &[u8; 32], peer: &[u8; 32]) -> [u8; 32] {
        match self {
            Self::Portable => portable::exchange(secret, peer),
            Self::Fast(supported) => fast::exchange(supported, secret, peer),
        }
    }

    /// Seals in place and returns the tag: the AEAD, for records and boxes.
    #[must_use]
    pub fn seal(self, key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8]) -> [u8; 16] {
        work::seal(text);
        match self {
            Self::Portable => portable::seal(key, nonce, ad, text),
            Self::Fast(supported) => fast::seal(supported, key, nonce, ad, text),
        }
    }

    /// Opens in place; `false`, and `text` to be thrown away, unless the tag is right.
    #[must_use]
    pub fn open(self, key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> bool {
        work::open(text);
        match self {
            Self::Portable => portable::open(key, nonce, ad, text, tag),
            Self::Fast(supported) => fast::open(supported, key, nonce, ad, text, tag),
        }
    }
}

/// An Ed25519 key pair of either backend; wiped on drop.
#[derive(Clone, ZeroizeOnDrop)]
pub(crate) enum KeyPair {
    Portable(portable::SigningKey),
    Fast(fast::SigningKey),
}

impl KeyPair {
    pub(super) fn public(&self) -> [u8; 32] {
        match self {
            Self::Portable(pair) => pair.public(),
            Self::Fast(pair) => pair.public(),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        match self {
            Self::Portable(pair) => pair.sign(message),
            Self::Fast(pair) => pair.sign(message),
        }
    }
}

/// An Ed25519 public key as a backend decoded it.
pub(super) enum Decoded {
    Portable(portable::VerifyingKey),
    Fast(fast::VerifyingKey),
}

impl Decoded {
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        match self {
            Self::Portable(key) => key.verifies(message, signature),
            Self::Fast(key) => key.verifies(message, signature),
        }
    }
}
