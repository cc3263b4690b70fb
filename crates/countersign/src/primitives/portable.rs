//! The portable backend: x25519-dalek, ed25519-dalek, chacha20poly1305. Any processor; all keys are wiped.

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use ed25519_dalek::{Signature, Signer, Verifier};
use x25519_dalek::StaticSecret;
use zeroize::ZeroizeOnDrop;

/// An Ed25519 key pair.
#[derive(Clone, ZeroizeOnDrop)]
pub(crate) struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// An Ed25519 public key, decoded.
#[derive(Clone)]
pub(crate) struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// `None` if it is not on the curve; weak keys and odd spellings pass.
    pub(super) fn decode(bytes: &[u8; 32]) -> Option<Self> {
        ed25519_dalek::VerifyingKey::from_bytes(bytes).ok().map(Self)
    }

    /// Without the cofactor; an R of small order passes.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// The public half of an X25519 secret.
pub(super) fn public_half(secret: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&StaticSecret::from(*secret)).to_bytes()
}

/// X25519; all zero if the peer's half is of small order.
pub(super) fn exchange(secret: &[u8; 32], peer: &[u8; 32]) -> [u8; 32] {
    StaticSecret::from(*secret).diffie_hellman(&x25519_dalek::PublicKey::from(*peer)).to_bytes()
}

pub(super) fn seal(key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8]) -> [u8; 16] {
    ChaCha20Poly1305::new(key.into())
        .encrypt_inout_detached(nonce.into(), ad, text.into())
        .expect("a datagram is far below the limit of ChaCha20-Poly1305")
        .into()
}

pub(super) fn open(key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> bool {
    ChaCha20Poly1305::new(key.into()).decrypt_inout_detached(nonce.into(), ad, text.into(), tag.into()).is_ok()
}
