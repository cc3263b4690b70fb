//! The key schedule: HKDF-SHA-256 from the shared secret and the transcript to every key (`spec/keys.md`).
//!
//! Public for those who check vectors or take recorded handshakes apart; a user of [`crate::Session`] never needs it.

use crate::primitives::{self, Backend};
use crate::transcript::TranscriptHash;
use core::fmt;
use core::ops::{Deref, DerefMut};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const KEY_PREFIX: &[u8] = b"countersign v1 ";
const RECORD_KEY: &[u8] = b"countersign v1 record key";
const NEXT_EPOCH: &[u8] = b"countersign v1 next epoch";
const EXPORT: &[u8] = b"countersign v1 export";

/// A secret of 32 bytes: not copied, not printed, not compared, and wiped on drop (CS-IMPL-02).
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Takes the bytes, and wipes them where they were.
    #[must_use]
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let secret = Self(*bytes);
        bytes.zeroize();
        secret
    }

    pub(crate) const fn copy(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }
}

impl Deref for Secret {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl DerefMut for Secret {
    fn deref_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

/// What a key is for. No two keys share a label (CS-KEY-03).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Label {
    /// The box of a Challenge.
    Challenge,
    /// The box of a Response.
    Response,
    /// The box of a Verdict.
    Verdict,
    /// Records of the initiator.
    InitiatorToResponder,
    /// Records of the responder.
    ResponderToInitiator,
    /// The exporter.
    Exporter,
}

impl Label {
    /// The bytes under the hash.
    #[must_use]
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Challenge => b"challenge",
            Self::Response => b"response",
            Self::Verdict => b"verdict",
            Self::InitiatorToResponder => b"initiator to responder",
            Self::ResponderToInitiator => b"responder to initiator",
            Self::Exporter => b"exporter",
        }
    }
}

/// The pseudorandom key of one handshake: 32 bytes, wiped on drop.
pub struct HandshakeSecret {
    prk: Secret,
    backend: Backend,
}

impl HandshakeSecret {
    /// HKDF-Extract with the transcript before the Challenge's box as salt (CS-KEY-02).
    #[must_use]
    pub fn extract(salt: &TranscriptHash, shared_secret: &[u8; 32]) -> Self {
        Self::extract_on(Backend::Portable, salt, shared_secret)
    }

    /// The same; what its keys seal and open, this backend does.
    #[must_use]
    pub fn extract_on(backend: Backend, salt: &TranscriptHash, shared_secret: &[u8; 32]) -> Self {
        Self { prk: primitives::extract(salt, shared_secret), backend }
    }

    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    /// The key of a box and that of its nonces.
    #[must_use]
    pub fn box_keys(&self, label: Label, transcript: &TranscriptHash) -> BoxKeys {
        let mut keys = BoxKeys { aead: Secret::default(), nonce: Secret::default(), backend: self.backend };
        let mut both = Zeroizing::new([0; 64]);
        self.expand(label, transcript, both.as_mut_slice());
        let (aead, nonce) = both.split_at(32);
        keys.aead.copy_from_slice(aead);
        keys.nonce.copy_from_slice(nonce);
        keys
    }

    /// A key of 32 bytes.
    #[must_use]
    pub fn key(&self, label: Label, transcript: &TranscriptHash) -> Secret {
        let mut key = Secret::default();
        self.expand(label, transcript, key.as_mut_slice());
        key
    }

    /// The 32 bytes themselves.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.prk
    }

    fn expand(&self, label: Label, transcript: &TranscriptHash, out: &mut [u8]) {
        primitives::expand(&self.prk, &[KEY_PREFIX, label.as_bytes(), &[0], transcript], out);
    }
}

impl fmt::Debug for HandshakeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeSecret").finish_non_exhaustive()
    }
}

/// What seals one box.
pub struct BoxKeys {
    /// The key of ChaCha20-Poly1305.
    pub aead: Secret,
    /// The HMAC key that makes the nonce.
    pub nonce: Secret,
    /// What computes the AEAD.
    pub backend: Backend,
}

impl fmt::Debug for BoxKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxKeys").finish_non_exhaustive()
    }
}

/// The key of the records of one epoch.
#[must_use]
pub fn record_key(epoch_secret: &Secret) -> Secret {
    let mut key = Secret::default();
    primitives::expand(epoch_secret, &[RECORD_KEY], key.as_mut_slice());
    key
}

/// The secret of the epoch after.
#[must_use]
pub fn next_epoch(epoch_secret: &Secret) -> Secret {
    let mut next = Secret::default();
    primitives::expand(epoch_secret, &[NEXT_EPOCH], next.as_mut_slice());
    next
}

/// Fills `out` with keying material for an application (CS-EXP-01).
///
/// # Errors
/// [`ExportError`] for a label that is not of 1 to 255 bytes, or more than 8,160 bytes of output.
pub fn export(exporter: &Secret, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), ExportError> {
    let length = u8::try_from(label.len()).map_err(|_| ExportError::Label)?;
    if length == 0 {
        return Err(ExportError::Label);
    }
    if out.len() > EXPORT_BYTES_MAX {
        return Err(ExportError::Length);
    }
    primitives::expand(exporter, &[EXPORT, &[length], label, &primitives::sha256(context)], out);
    Ok(())
}

/// The most bytes of one export: 255 blocks of SHA-256 (RFC 5869).
pub const EXPORT_BYTES_MAX: usize = 8_160;

/// Why nothing was exported.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExportError {
    /// The label is not of 1 to 255 bytes.
    #[error("an exporter label has 1 to 255 bytes")]
    Label,
    /// More than 8,160 bytes were asked for.
    #[error("an export has at most 8160 bytes")]
    Length,
}
