//! The primitives of suite 1; nothing else in this crate names their libraries.
//!
//! X25519 follows RFC 7748 (top bit masked, non-canonical accepted), Ed25519 RFC 8032 made strict: keys are checked
//! when decoded, R against the eight small-order encodings.

mod backend;
mod encodings;
#[cfg(all(feature = "fast", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod fast;
#[cfg(not(all(feature = "fast", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "absent.rs"]
mod fast;
mod hash;
mod portable;
#[cfg(all(test, feature = "ablation"))]
mod tests;

pub use backend::Backend;
pub(crate) use backend::KeyPair;
pub use hash::sha256;
pub(crate) use hash::{Hash, expand, extract, hmac_sha256};

use crate::defence::{Defence, Defences, Whole};
#[cfg(any(test, feature = "ablation"))]
use crate::memo;
use crate::schedule::Secret;
use crate::work;
use backend::Decoded;
use core::fmt;
use encodings::{NEGATIVE_ZERO_EDWARDS, SMALL_ORDER_EDWARDS, SMALL_ORDER_MONTGOMERY, is_canonical, without_top_bit};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

/// A public key that is not canonical, not on the curve, or of small order.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the public key is not canonical, not on the curve, or of small order")]
pub struct WeakKey;

/// An Ed25519 public key, decoded and judged (CS-SIG-02). Who needs it again keeps it: decoding is dear.
pub struct PublicKey {
    bytes: [u8; 32],
    decoded: Decoded,
}

impl PublicKey {
    /// Decodes 32 bytes.
    ///
    /// # Errors
    /// [`WeakKey`] if they are not canonical, not on the curve, or of small order.
    pub fn decode(bytes: &[u8; 32]) -> Result<Self, WeakKey> {
        Self::decode_on(Backend::Portable, bytes)
    }

    /// The same, for a backend.
    ///
    /// # Errors
    /// The same.
    pub fn decode_on(backend: Backend, bytes: &[u8; 32]) -> Result<Self, WeakKey> {
        Self::decode_with(Whole, backend, bytes)
    }

    pub(crate) fn decode_with<D: Defences>(defences: D, backend: Backend, bytes: &[u8; 32]) -> Result<Self, WeakKey> {
        let weak = SMALL_ORDER_EDWARDS.contains(bytes) || NEGATIVE_ZERO_EDWARDS.contains(bytes) || !is_canonical(bytes);
        if weak && defences.holds(Defence::WeakKeyRefused) {
            return Err(WeakKey); // CS-SIG-02
        }
        // The fast backend cannot decode every weak key that the laboratory may let through.
        let backend = if weak { Backend::Portable } else { backend };
        work::decoding();
        let decoded = backend.decode(bytes).ok_or(WeakKey)?;
        Ok(Self { bytes: *bytes, decoded })
    }

    /// The 32 bytes it was decoded from.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether `signature` (64 bytes) over `message` verifies, strictly.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.verifies_with(Whole, message, signature)
    }

    pub(crate) fn verifies_with<D: Defences>(&self, defences: D, message: &[u8], signature: &[u8; 64]) -> bool {
        work::verification();
        let small_order_r = signature.first_chunk().is_some_and(|r| SMALL_ORDER_EDWARDS.contains(r));
        if small_order_r && defences.holds(Defence::StrictSignature) {
            return false; // CS-SIG-01
        }
        let verify = || self.decoded.verifies(message, signature);
        #[cfg(any(test, feature = "ablation"))]
        let verify = || {
            let input: [&[u8]; 3] = [&self.bytes, signature, message];
            memo::remembered(memo::Of::Verification, &input, || [u8::from(verify())]) == [1]
        };
        verify()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.bytes).finish()
    }
}

/// An Ed25519 key pair; wiped on drop.
#[derive(ZeroizeOnDrop)]
pub struct SigningKey {
    pair: KeyPair,
    #[zeroize(skip)]
    public: [u8; 32],
    #[zeroize(skip)]
    backend: Backend,
}

impl SigningKey {
    /// From its 32-byte seed (RFC 8032), for the portable backend.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self::from_seed_on(Backend::Portable, seed)
    }

    /// The same, for a backend: whoever holds the key does all its handshakes on it.
    #[must_use]
    pub fn from_seed_on(backend: Backend, seed: &[u8; 32]) -> Self {
        let pair = || backend.pair(seed);
        #[cfg(any(test, feature = "ablation"))]
        let pair = || memo::remembered_pair(backend, seed, pair);
        let pair = pair();
        Self { public: pair.public(), pair, backend }
    }

    /// What it is computed on.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        work::signature();
        let sign = || self.pair.sign(message);
        #[cfg(any(test, feature = "ablation"))]
        let sign = || memo::remembered(memo::Of::Signature, &[&self.public, message], sign);
        sign()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

/// An X25519 ephemeral; wiped on drop.
#[derive(ZeroizeOnDrop)]
pub struct Ephemeral {
    secret: Secret,
    #[zeroize(skip)]
    public: [u8; 32],
    #[zeroize(skip)]
    backend: Backend,
}

impl Ephemeral {
    /// From 32 secret bytes, clamped as RFC 7748 says, for the portable backend.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self::from_secret_on(Backend::Portable, secret)
    }

    /// The same, for a backend.
    #[must_use]
    pub fn from_secret_on(backend: Backend, secret: &[u8; 32]) -> Self {
        work::share();
        let public = || backend.public_half(secret);
        #[cfg(any(test, feature = "ablation"))]
        let public = || memo::remembered(memo::Of::Ephemeral, &[secret], public);
        let public = public();
        Self { secret: Secret::copy(secret), public, backend }
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// What it is computed on.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The shared secret, or `None` if it is all zero (CS-KEY-01).
    #[must_use]
    pub fn agree(&self, peer: &[u8; 32]) -> Option<Secret> {
        self.agree_with(Whole, peer)
    }

    pub(crate) fn agree_with<D: Defences>(&self, defences: D, peer: &[u8; 32]) -> Option<Secret> {
        work::exchange();
        let exchange = || self.backend.exchange(&self.secret, peer);
        #[cfg(any(test, feature = "ablation"))]
        let exchange = || memo::remembered(memo::Of::Exchange, &[self.secret.as_slice(), peer], exchange);
        let mut shared = exchange();
        if equal(&shared, &[0; 32]) && defences.holds(Defence::ContributoryExchange) {
            return None; // CS-KEY-01
        }
        Some(Secret::take(&mut shared))
    }
}

impl fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ephemeral").finish_non_exhaustive()
    }
}

/// Whether an X25519 public value is one of the small-order points, the top bit ignored.
#[must_use]
pub fn is_small_order(ephemeral: &[u8; 32]) -> bool {
    SMALL_ORDER_MONTGOMERY.contains(&without_top_bit(ephemeral))
}

/// Whether two X25519 public values are the same bytes, the top bit ignored.
#[must_use]
pub fn same_ephemeral(one: &[u8; 32], other: &[u8; 32]) -> bool {
    without_top_bit(one) == without_top_bit(other)
}

/// Whether two byte strings are equal, in constant time for their length.
pub(crate) fn equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}
