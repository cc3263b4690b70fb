//! SHA-256, HMAC and HKDF: the same libraries on every backend.

use crate::schedule::Secret;
use crate::work;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// A running SHA-256, which can be forked.
#[derive(Clone)]
pub(crate) struct Hash {
    hash: Sha256,
    hashed: work::Hashed,
}

impl Hash {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        Self { hash: Sha256::new(), hashed: work::Hashed::nothing() }
    }

    /// Goes on with these bytes.
    pub(crate) fn absorb(&mut self, bytes: &[u8]) {
        self.hashed.absorb(bytes.len());
        self.hash.update(bytes);
    }

    /// The hash of all so far.
    pub(crate) fn value(&self) -> [u8; 32] {
        self.hashed.finish();
        self.hash.clone().finalize().into()
    }
}

/// SHA-256.
#[must_use]
pub fn sha256(message: &[u8]) -> [u8; 32] {
    let mut hashed = work::Hashed::nothing();
    hashed.absorb(message.len());
    hashed.finish();
    Sha256::digest(message).into()
}

/// HMAC-SHA-256.
pub(crate) fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    work::hmac_key();
    work::hmac(message.len());
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HKDF-Extract with SHA-256.
pub(crate) fn extract(salt: &[u8; 32], input: &[u8; 32]) -> Secret {
    work::hmac_key();
    work::hmac(input.len());
    let (prk, _) = Hkdf::<Sha256>::extract(Some(salt), input);
    Secret::take(&mut prk.into())
}

/// HKDF-Expand with SHA-256, of at most 255 times 32 bytes.
pub(crate) fn expand(prk: &[u8; 32], info: &[&[u8]], out: &mut [u8]) {
    work::hmac_key();
    let info_bytes: usize = info.iter().map(|part| part.len()).sum();
    for block in 0..out.len().div_ceil(32) {
        let before = if block == 0 { 0 } else { 32 };
        work::hmac(info_bytes.saturating_add(before).saturating_add(1));
    }
    Hkdf::<Sha256>::from_prk(prk)
        .expect("32 bytes are a pseudorandom key")
        .expand_multi_info(info, out)
        .expect("no output here exceeds 255 blocks");
}
