//! Boxes: one sealed text in a handshake message, under a nonce made from the text (CS-BOX-01).
//!
//! Keys alone do not make a box unique: where machines are cloned or generators repeat, one transcript can be asked to
//! carry two texts. Equal nonces then mean equal texts.
//!
//! Public, like [`crate::schedule`], for those who check vectors or take recorded handshakes apart.

use crate::defence::{Defence, Defences};
use crate::primitives;
use crate::schedule::{BoxKeys, HandshakeSecret, Label};
use crate::transcript::{Transcript, TranscriptHash};
use crate::wire::{BOX_HEADER_BYTES, BOX_OVERHEAD_BYTES, Buffer, Kind, Sid, box_header};
use zeroize::Zeroizing;

/// Bytes of a nonce of the AEAD.
pub const NONCE_BYTES: usize = 12;

/// The nonce for `text`: the first 12 bytes of its HMAC.
#[must_use]
pub fn synthetic_nonce<D: Defences>(defences: D, keys: &BoxKeys, text: &[u8]) -> [u8; NONCE_BYTES] {
    if !defences.holds(Defence::SyntheticNonce) {
        return [0; NONCE_BYTES];
    }
    let [nonce @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        primitives::hmac_sha256(&keys.nonce, text);
    nonce // CS-BOX-01
}

/// Appends nonce, ciphertext and tag to `out`. The transcript at the box is the associated data (CS-BOX-03).
///
/// # Panics
/// If `out` has no room for them.
pub fn seal<D: Defences, const N: usize>(
    defences: D,
    keys: &BoxKeys,
    transcript: &TranscriptHash,
    text: &[u8],
    out: &mut Buffer<N>,
) {
    let nonce = synthetic_nonce(defences, keys, text);
    out.push(&nonce);
    let start = out.len();
    out.push(text);
    let sealed = out.as_mut_slice().get_mut(start..).expect("the text was just written");
    let tag = keys.backend.seal(&keys.aead, &nonce, transcript, sealed);
    out.push(&tag);
}

/// The keys of the box that is to come in a message of this kind to the one that chose `sid`. Its header enters the transcript.
///
/// Made before it is there, as there may come many that do not open: each then costs a hash of few blocks and the AEAD.
pub(crate) fn awaited<D: Defences>(
    (kind, label): (Kind, Label),
    sid: Sid,
    transcript: &mut Transcript<D>,
    secret: &HandshakeSecret,
) -> BoxKeys {
    transcript.absorb(&box_header::<BOX_HEADER_BYTES>(kind, sid));
    secret.box_keys(label, &transcript.hash())
}

/// The text of a box, or `None` if it does not open or its nonce is not that of its text.
///
/// # Panics
/// If the text is of more than `N` bytes: what is decoded from a datagram never is, with the `N` of its message.
#[must_use]
pub fn open<D: Defences, const N: usize>(
    defences: D,
    keys: &BoxKeys,
    transcript: &TranscriptHash,
    sealed: &[u8],
) -> Option<Zeroizing<Buffer<N>>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (ciphertext, tag) = rest.split_last_chunk()?;
    debug_assert_eq!(sealed.len(), ciphertext.len().saturating_add(BOX_OVERHEAD_BYTES));
    let mut text = Zeroizing::new(Buffer::new());
    text.push(ciphertext);
    if !keys.backend.open(&keys.aead, nonce, transcript, text.as_mut_slice(), tag) {
        return None;
    }
    let same = primitives::equal(&synthetic_nonce(defences, keys, &text), nonce);
    if !same && defences.holds(Defence::NonceRecomputed) {
        return None; // CS-BOX-02
    }
    Some(text)
}
