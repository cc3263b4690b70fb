//! Hedged randomness (RFC 8937): what is drawn does not rest on the generator alone.
//!
//! A generator that repeats still yields other values for another counter, clock or handshake, to whoever lacks the
//! long-term key. Its steps are public for those who check vectors; what a state has drawn is not reachable.

use crate::defence::{Defence, Defences};
use crate::identity::{Clearances, Identity, Name};
use crate::primitives::{self, Backend, Ephemeral, SigningKey};
use crate::schedule::Secret;
use crate::signature::hedge_input;
use crate::time::Timestamp;
use crate::transcript::TranscriptHash;
use crate::wire::{Buffer, Sid};
use crate::work;
use core::fmt;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

const INFO: &[u8] = b"countersign v1 hedge\0";
/// Bytes of one draw: session id, nonce, ephemeral secret.
pub const DRAW_BYTES: usize = 8 + 32 + 32;
const SID_DRAWS_MAX: usize = 8;

/// Which side draws.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Role {
    /// The side that speaks first.
    Initiator = 1,
    /// The side that answers.
    Responder = 2,
}

/// The salt of every draw of one long-term key: SHA-256 of its signature over a fixed tag, made once (CS-HEDGE-01).
#[must_use]
pub fn salt(key: &SigningKey) -> Secret {
    let signature = Zeroizing::new(key.sign(&hedge_input()));
    Secret::take(&mut primitives::sha256(signature.as_slice()))
}

/// The seed of one draw: HKDF-Extract of what the generator yielded.
#[must_use]
pub fn seed(salt: &Secret, generated: &[u8; 32]) -> Secret {
    primitives::extract(salt, generated)
}

/// Session id 8, nonce 32 and ephemeral secret 32, expanded from the seed and all that is known (CS-HEDGE-02).
#[must_use]
pub fn expand<D: Defences>(
    defences: D,
    seed: &Secret,
    role: Role,
    counter: u64,
    clock: Timestamp,
    context: &[u8; 32],
) -> Zeroizing<[u8; DRAW_BYTES]> {
    let role = [role as u8];
    let counter = counter.to_be_bytes();
    let clock = clock.as_millis().to_be_bytes();
    let hedged: [&[u8]; 5] = [INFO, &role, &counter, &clock, context];
    let info = if defences.holds(Defence::HedgedRandomness) { &hedged[..] } else { &hedged[..2] }; // CS-HEDGE-02
    let mut out = Zeroizing::new([0; DRAW_BYTES]);
    primitives::expand(seed, info, out.as_mut_slice());
    out
}

/// All that an initiator knows of a handshake before its Hello; no timestamp when it follows the responder's.
#[must_use]
pub fn initiator_context(
    responder: &Identity,
    user: &Name,
    timestamp: Option<Timestamp>,
    wanted: &Clearances,
) -> [u8; 32] {
    let mut known = Buffer::<{ 65 + 32 + 65 + 9 + 530 }>::new();
    known.push_opaque8(responder.name.as_bytes());
    known.push(&responder.key);
    known.push_opaque8(user.as_bytes());
    known.push(&[u8::from(timestamp.is_some())]);
    known.push(&timestamp.unwrap_or_default().as_millis().to_be_bytes());
    known.push_opaque16(wanted.as_bytes());
    primitives::sha256(&known)
}

/// All that a responder knows of a handshake before its Challenge: the transcript after the Hello, and its clock.
#[must_use]
pub fn responder_context(hello: &TranscriptHash, clock: Timestamp) -> [u8; 32] {
    let mut known = Buffer::<40>::new();
    known.push(hello);
    known.push(&clock.as_millis().to_be_bytes());
    primitives::sha256(&known)
}

/// What one handshake draws: 72 bytes.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) sid: Sid,
    pub(crate) nonce: [u8; 32],
    pub(crate) ephemeral: Ephemeral,
}

/// The state of the hedging of one long-term key.
pub(crate) struct Hedge<D> {
    salt: Secret,
    role: Role,
    counter: u64,
    backend: Backend,
    defences: D,
}

impl<D: Defences> Hedge<D> {
    /// Signs the fixed tag, once.
    pub(crate) fn new(defences: D, role: Role, key: &SigningKey) -> Self {
        let salt = if defences.holds(Defence::HedgeSalted) { salt(key) } else { Secret::take(&mut [0; 32]) }; // CS-HEDGE-03
        Self { salt, role, counter: 0, backend: key.backend(), defences }
    }

    /// Reads the generator once and expands until the session id is free, 8 times at most.
    pub(crate) fn draw(
        &mut self,
        rng: &mut (impl CryptoRng + ?Sized),
        clock: Timestamp,
        context: &[u8; 32],
        is_free: impl Fn(&Sid) -> bool,
    ) -> Option<Drawn> {
        let mut generated = Zeroizing::new([0; 32]);
        work::draw();
        rng.fill_bytes(generated.as_mut_slice());
        if !self.defences.holds(Defence::HedgeSeeded) {
            generated.fill(0); // CS-HEDGE-04
        }
        let seed = seed(&self.salt, &generated);
        (0..SID_DRAWS_MAX).map(|_| self.expand(&seed, clock, context)).find(|drawn| is_free(&drawn.sid))
    }

    fn expand(&mut self, seed: &Secret, clock: Timestamp, context: &[u8; 32]) -> Drawn {
        let counter = self.counter;
        self.counter = counter.wrapping_add(1);
        let out = expand(self.defences, seed, self.role, counter, clock, context);
        split(self.backend, &out)
    }
}

impl<D> fmt::Debug for Hedge<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedge").field("role", &self.role).finish_non_exhaustive()
    }
}

fn split(backend: Backend, out: &[u8; DRAW_BYTES]) -> Drawn {
    let (sid, rest) = out.split_first_chunk().expect("72 bytes begin with 8");
    let (nonce, rest) = rest.split_first_chunk().expect("64 bytes begin with 32");
    let mut secret = Zeroizing::new([0; 32]);
    secret.copy_from_slice(rest);
    Drawn { sid: Sid(*sid), nonce: *nonce, ephemeral: Ephemeral::from_secret_on(backend, &secret) }
}
