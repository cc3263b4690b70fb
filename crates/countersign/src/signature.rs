//! What is signed: presentation-language structs that name both parties as far as they are known.

use crate::defence::{Defence, Defences};
use crate::identity::{Clearances, Identity, Name};
use crate::time::Timestamp;
use crate::transcript::TranscriptHash;
use crate::wire::Buffer;

const CHALLENGE_LABEL: &[u8] = b"countersign v1 challenge signature";
const RESPONSE_LABEL: &[u8] = b"countersign v1 response signature";
const HEDGE_LABEL: &[u8] = b"countersign v1 hedge";

/// Bytes of the longest input of a Challenge signature.
pub const CHALLENGE_INPUT_BYTES_MAX: usize = 1 + CHALLENGE_LABEL.len() + 32 + 65 + 32;
/// Bytes of the longest input of a Response signature.
pub const RESPONSE_INPUT_BYTES_MAX: usize = 1 + RESPONSE_LABEL.len() + 32 + 65 + 32 + 65 + 32 + 8 + 2 + 528;

/// `{ label<1..255>, th[32], Identity responder }`, what the responder signs.
#[must_use]
pub fn challenge_input<D: Defences>(
    defences: D,
    transcript: &TranscriptHash,
    responder: &Identity,
) -> Buffer<CHALLENGE_INPUT_BYTES_MAX> {
    let mut input = Buffer::new();
    push_label(defences, &mut input, CHALLENGE_LABEL);
    input.push(transcript);
    if defences.holds(Defence::ResponderNameSigned) {
        input.push_opaque8(responder.name.as_bytes()); // CS-SIG-04
    }
    input.push(&responder.key);
    input
}

/// What a device claims, as far as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct SignedClaim<'a> {
    /// The user.
    pub user: &'a Name,
    /// The device's key.
    pub device: &'a [u8; 32],
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// The clearances it wants.
    pub wanted: &'a Clearances,
}

/// `{ label<1..255>, th[32], Identity responder, user<1..64>, device[32], t_i, wanted<0..528> }`, what the device signs.
#[must_use]
pub fn response_input<D: Defences>(
    defences: D,
    transcript: &TranscriptHash,
    responder: &Identity,
    claim: &SignedClaim<'_>,
) -> Buffer<RESPONSE_INPUT_BYTES_MAX> {
    let mut input = Buffer::new();
    push_label(defences, &mut input, RESPONSE_LABEL);
    input.push(transcript);
    if defences.holds(Defence::ClaimNamesResponder) {
        input.push_opaque8(responder.name.as_bytes()); // CS-SIG-06
        input.push(&responder.key);
    }
    if defences.holds(Defence::ClaimSigned) {
        input.push_opaque8(claim.user.as_bytes()); // CS-SIG-05
        input.push(claim.device);
        input.push(&claim.timestamp.as_millis().to_be_bytes());
        input.push_opaque16(claim.wanted.as_bytes());
    }
    input
}

/// The fixed tag whose signature seeds the hedging (RFC 8937, tag1). The signature never leaves its party.
pub(crate) fn hedge_input() -> Buffer<{ 1 + HEDGE_LABEL.len() }> {
    let mut input = Buffer::new();
    input.push_opaque8(HEDGE_LABEL);
    input
}

/// Version and position of the signature (CS-SIG-03).
fn push_label<D: Defences, const N: usize>(defences: D, input: &mut Buffer<N>, label: &[u8]) {
    if defences.holds(Defence::SignatureLabels) {
        input.push_opaque8(label);
    }
}
