//! The primitives of suite 1, on the portable backend; nothing else in this crate names their libraries.
//!
//! X25519 follows RFC 7748 (top bit masked, non-canonical accepted), Ed25519 RFC 8032 made strict: keys are checked
//! when decoded, R against the eight small-order encodings.

use crate::defence::{Defence, Defences, Whole};
#[cfg(any(test, feature = "ablation"))]
use crate::memo;
use crate::schedule::Secret;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use core::fmt;
use ed25519_dalek::Signer;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

/// A public key that is not canonical, not on the curve, or of small order.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the public key is not canonical, not on the curve, or of small order")]
pub struct WeakKey;

/// An Ed25519 public key, decoded and judged (CS-SIG-02).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// Decodes 32 bytes.
    ///
    /// # Errors
    /// [`WeakKey`] if they are not canonical, not on the curve, or of small order.
    pub fn decode(bytes: &[u8; 32]) -> Result<Self, WeakKey> {
        Self::decode_with(Whole, bytes)
    }

    pub(crate) fn decode_with<D: Defences>(defences: D, bytes: &[u8; 32]) -> Result<Self, WeakKey> {
        let weak = SMALL_ORDER_EDWARDS.contains(bytes) || NEGATIVE_ZERO_EDWARDS.contains(bytes) || !is_canonical(bytes);
        if weak && defences.holds(Defence::WeakKeyRefused) {
            return Err(WeakKey); // CS-SIG-02
        }
        ed25519_dalek::VerifyingKey::from_bytes(bytes).map(Self).map_err(|_| WeakKey)
    }

    /// The 32 bytes it was decoded from.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether `signature` (64 bytes) over `message` verifies, strictly.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.verifies_with(Whole, message, signature)
    }

    pub(crate) fn verifies_with<D: Defences>(&self, defences: D, message: &[u8], signature: &[u8; 64]) -> bool {
        #[cfg(any(test, feature = "ablation"))]
        crate::work::count(|work| &mut work.verifications);
        let small_order_r = signature.first_chunk().is_some_and(|r| SMALL_ORDER_EDWARDS.contains(r));
        if small_order_r && defences.holds(Defence::StrictSignature) {
            return false; // CS-SIG-01
        }
        let verify = || {
            let signature = ed25519_dalek::Signature::from_bytes(signature);
            ed25519_dalek::Verifier::verify(&self.0, message, &signature).is_ok()
        };
        #[cfg(any(test, feature = "ablation"))]
        let verify = || {
            let input: [&[u8]; 3] = [self.as_bytes(), signature, message];
            memo::remembered(memo::Of::Verification, &input, || [u8::from(verify())]) == [1]
        };
        verify()
    }
}

/// An Ed25519 key pair; wiped on drop.
#[derive(ZeroizeOnDrop)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// From its 32-byte seed (RFC 8032).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = || ed25519_dalek::SigningKey::from_bytes(seed);
        #[cfg(any(test, feature = "ablation"))]
        let key = || memo::remembered_key(seed, key);
        Self(key())
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        #[cfg(any(test, feature = "ablation"))]
        crate::work::count(|work| &mut work.signatures);
        let sign = || self.0.sign(message).to_bytes();
        #[cfg(any(test, feature = "ablation"))]
        let sign = || memo::remembered(memo::Of::Signature, &[self.0.as_bytes(), message], sign);
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
    secret: x25519_dalek::StaticSecret,
    #[zeroize(skip)]
    public: [u8; 32],
}

impl Ephemeral {
    /// From 32 secret bytes, clamped as RFC 7748 says.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let secret = x25519_dalek::StaticSecret::from(*secret);
        let public = || x25519_dalek::PublicKey::from(&secret).to_bytes();
        #[cfg(any(test, feature = "ablation"))]
        let public = || memo::remembered(memo::Of::Ephemeral, &[secret.as_bytes()], public);
        let public = public();
        Self { secret, public }
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The shared secret, or `None` if it is all zero (CS-KEY-01).
    #[must_use]
    pub fn agree(&self, peer: &[u8; 32]) -> Option<Secret> {
        self.agree_with(Whole, peer)
    }

    pub(crate) fn agree_with<D: Defences>(&self, defences: D, peer: &[u8; 32]) -> Option<Secret> {
        #[cfg(any(test, feature = "ablation"))]
        crate::work::count(|work| &mut work.exchanges);
        let exchange = || self.secret.diffie_hellman(&x25519_dalek::PublicKey::from(*peer)).to_bytes();
        #[cfg(any(test, feature = "ablation"))]
        let exchange = || memo::remembered(memo::Of::Exchange, &[self.secret.as_bytes(), peer], exchange);
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

/// Seals in place and returns the tag: the AEAD, for records and boxes.
#[must_use]
pub fn seal(key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8]) -> [u8; 16] {
    ChaCha20Poly1305::new(key.into())
        .encrypt_inout_detached(nonce.into(), ad, text.into())
        .expect("a datagram is far below the limit of ChaCha20-Poly1305")
        .into()
}

/// Opens in place; `false`, and `text` to be thrown away, unless the tag is right.
#[must_use]
pub fn open(key: &[u8; 32], nonce: &[u8; 12], ad: &[u8], text: &mut [u8], tag: &[u8; 16]) -> bool {
    ChaCha20Poly1305::new(key.into()).decrypt_inout_detached(nonce.into(), ad, text.into(), tag.into()).is_ok()
}

/// HMAC-SHA-256.
pub(crate) fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// SHA-256.
#[must_use]
pub fn sha256(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

/// Whether two byte strings are equal, in constant time for their length.
pub(crate) fn equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// Whether the y coordinate is below p = 2^255 - 19.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    *low < 0xed || high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

const fn without_top_bit(bytes: &[u8; 32]) -> [u8; 32] {
    let mut masked = *bytes;
    masked[31] &= 0x7f;
    masked
}

/// Parses 64 hexadecimal digits at compile time.
const fn hex(digits: &str) -> [u8; 32] {
    const fn digit(digit: u8) -> u8 {
        match digit {
            b'0'..=b'9' => digit.wrapping_sub(b'0'),
            b'a'..=b'f' => digit.wrapping_sub(b'a').wrapping_add(10),
            _ => panic!("not a hexadecimal digit"),
        }
    }
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    assert!(pairs.len() == 32 && rest.is_empty(), "32 bytes are 64 digits");
    let mut bytes = [0; 32];
    let mut at = 0;
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "checked by the compiler, in a constant"
    )]
    while at < 32 {
        bytes[at] = digit(pairs[at][0]) << 4 | digit(pairs[at][1]);
        at += 1;
    }
    bytes
}

/// The encodings of the eight points of small order on edwards25519.
const SMALL_ORDER_EDWARDS: [[u8; 32]; 8] = [
    hex("0100000000000000000000000000000000000000000000000000000000000000"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("0000000000000000000000000000000000000000000000000000000000000000"),
    hex("0000000000000000000000000000000000000000000000000000000000000080"),
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
];

/// The encodings of x = 0 with the sign bit set, for y = 1 and y = -1, which the library decodes all the same.
const NEGATIVE_ZERO_EDWARDS: [[u8; 32]; 2] = [
    hex("0100000000000000000000000000000000000000000000000000000000000080"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
];

/// The u coordinates of small order on curve25519 and its twist, with their encodings at or above p.
const SMALL_ORDER_MONTGOMERY: [[u8; 32]; 7] = [
    hex("0000000000000000000000000000000000000000000000000000000000000000"),
    hex("0100000000000000000000000000000000000000000000000000000000000000"),
    hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];
