//! Hedged randomness (RFC 8937): what is drawn does not rest on the generator alone.
//!
//! A generator that repeats still yields other values for another counter, clock or handshake, to whoever lacks the
//! long-term key.

use crate::defence::{Defence, Defences};
use crate::primitives::{self, Ephemeral, SigningKey};
use crate::signature::hedge_input;
use crate::time::Timestamp;
use crate::wire::Sid;
use core::fmt;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

const INFO: &[u8] = b"countersign v1 hedge\0";
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

/// What one handshake draws: 72 bytes.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) sid: Sid,
    pub(crate) nonce: [u8; 32],
    pub(crate) ephemeral: Ephemeral,
}

/// The state of the hedging of one long-term key.
pub(crate) struct Hedge<D> {
    salt: Zeroizing<[u8; 32]>,
    role: Role,
    counter: u64,
    defences: D,
}

impl<D: Defences> Hedge<D> {
    /// Signs the fixed tag, once (CS-HEDGE-01).
    pub(crate) fn new(defences: D, role: Role, key: &SigningKey) -> Self {
        let signature = Zeroizing::new(key.sign(&hedge_input()));
        let salt = Zeroizing::new(primitives::sha256(signature.as_slice()));
        Self { salt, role, counter: 0, defences }
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
        rng.fill_bytes(generated.as_mut_slice());
        (0..SID_DRAWS_MAX).map(|_| self.expand(&generated, clock, context)).find(|drawn| is_free(&drawn.sid))
    }

    fn expand(&mut self, generated: &[u8; 32], clock: Timestamp, context: &[u8; 32]) -> Drawn {
        let role = [self.role as u8];
        let counter = self.counter.to_be_bytes();
        let clock = clock.as_millis().to_be_bytes();
        self.counter = self.counter.wrapping_add(1);
        let hedged: [&[u8]; 5] = [INFO, &role, &counter, &clock, context];
        let info = if self.defences.holds(Defence::HedgedRandomness) { &hedged[..] } else { &hedged[..2] }; // CS-HEDGE-02
        let mut out = Zeroizing::new([0; 72]);
        Hkdf::<Sha256>::new(Some(self.salt.as_slice()), generated)
            .expand_multi_info(info, out.as_mut_slice())
            .expect("72 bytes are three blocks");
        split(&out)
    }
}

impl<D> fmt::Debug for Hedge<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedge").field("role", &self.role).finish_non_exhaustive()
    }
}

fn split(out: &[u8; 72]) -> Drawn {
    let (sid, rest) = out.split_first_chunk().expect("72 bytes begin with 8");
    let (nonce, rest) = rest.split_first_chunk().expect("64 bytes begin with 32");
    let mut secret = Zeroizing::new([0; 32]);
    secret.copy_from_slice(rest);
    Drawn { sid: Sid(*sid), nonce: *nonce, ephemeral: Ephemeral::from_secret(*secret) }
}
