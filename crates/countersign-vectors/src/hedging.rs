//! The steps of a side's hedged draw, from its inputs (`spec/keys.md`, "Hedged randomness").

use crate::format::VectorFile;
use crate::inputs::Inputs;
use countersign::hedge::{DRAW_BYTES, expand, initiator_context, responder_context, salt, seed};
use countersign::schedule::Secret;
use countersign::transcript::TranscriptHash;
use countersign::{ClockPolicy, Role, SigningKey, Timestamp, Whole};
use zeroize::Zeroizing;

/// One draw. Its `Debug` shows secrets: for vectors and the laboratory.
#[derive(Debug)]
pub struct Draw {
    /// SHA-256 of the signature over the fixed tag.
    pub salt: Secret,
    /// HKDF-Extract of the generator's bytes.
    pub seed: Secret,
    /// SHA-256 of what was known of the handshake.
    pub context: [u8; 32],
    /// Session id, nonce, ephemeral secret.
    pub out: Zeroizing<[u8; DRAW_BYTES]>,
}

impl Draw {
    /// The initiator's first draw. Its timestamp must be that of the handshake, as it is under its own clock.
    #[must_use]
    pub fn of_initiator(inputs: &Inputs, timestamp: Timestamp) -> Self {
        let initiator = &inputs.initiator;
        let known = match initiator.clock_policy {
            ClockPolicy::Own => Some(timestamp),
            ClockPolicy::Follow => None,
        };
        let context = initiator_context(&initiator.expected, &initiator.user, known, &initiator.wanted);
        Self::new(&initiator.seed, &initiator.generator, Role::Initiator, initiator.clock, context)
    }

    /// The responder's first draw, in answer to the Hello of this hash.
    #[must_use]
    pub fn of_responder(inputs: &Inputs, hello: &TranscriptHash) -> Self {
        let responder = &inputs.responder;
        let context = responder_context(hello, responder.clock);
        Self::new(&responder.seed, &responder.generator, Role::Responder, responder.clock, context)
    }

    fn new(key: &[u8; 32], generated: &[u8; 32], role: Role, clock: Timestamp, context: [u8; 32]) -> Self {
        let salt = salt(&SigningKey::from_seed(key));
        let seed = seed(&salt, generated);
        let out = expand(Whole, &seed, role, 0, clock, &context);
        Self { salt, seed, context, out }
    }

    /// The ephemeral secret, 32 bytes.
    #[must_use]
    pub fn ephemeral(&self) -> &[u8; 32] {
        self.out.last_chunk().expect("72 bytes end with 32")
    }

    /// Writes the steps, their names beginning with the role's.
    pub(crate) fn write(&self, file: &mut VectorFile, role: &str) {
        file.push(&format!("{role}_hedge_salt"), &*self.salt);
        file.push(&format!("{role}_hedge_seed"), &*self.seed);
        file.push(&format!("{role}_hedge_context"), &self.context);
        file.push(&format!("{role}_hedge_out"), &*self.out);
    }
}
