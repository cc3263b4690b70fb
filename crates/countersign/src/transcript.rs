//! The transcript: a running SHA-256 over every handshake byte, in order (CS-TRN-01).

use crate::defence::{Defence, Defences};
use crate::primitives::Hash;
use crate::wire::{Challenge, HELLO_BYTES, Hello, Kind, VERSION};
use core::fmt;

const START: &[u8] = b"countersign v1";
const ZEROS: [u8; HELLO_BYTES] = [0; HELLO_BYTES];

/// A transcript hash, 32 bytes.
pub type TranscriptHash = [u8; 32];

/// Every handshake byte so far.
#[derive(Clone)]
pub struct Transcript<D> {
    hash: Hash,
    defences: D,
}

impl<D: Defences> Transcript<D> {
    /// Starts with a Hello, its cookie zeroed, so that the Hello enters once however often it is sent (CS-TRN-02).
    #[must_use]
    pub fn of_hello(defences: D, hello: &Hello<'_>) -> Self {
        let mut transcript = Self { hash: Hash::new(), defences };
        transcript.absorb(START);
        transcript.absorb(&[VERSION, Kind::Hello as u8]);
        transcript.absorb(&hello.sid_i.0);
        transcript.absorb_if(Defence::NoncesInTranscript, hello.nonce); // CS-TRN-04
        transcript.absorb_if(Defence::SuitesInTranscript, hello.suites.as_bytes()); // CS-TRN-03
        transcript.absorb_if(Defence::EphemeralsInTranscript, hello.ephemeral); // CS-TRN-05
        let (cookie_and_padding, _) = ZEROS.split_at(HELLO_BYTES - 2 - 8 - 32 - 8 - 32);
        transcript.absorb(cookie_and_padding);
        transcript
    }

    /// Goes on with the 91 bytes of a Challenge before its box.
    pub fn absorb_challenge_header(&mut self, challenge: &Challenge<'_>) {
        self.absorb(&[VERSION, Kind::Challenge as u8]);
        self.absorb(&challenge.sid_i.0);
        self.absorb(&challenge.sid_r.0);
        self.absorb_if(Defence::SuitesInTranscript, &[challenge.suite]);
        self.absorb_if(Defence::NoncesInTranscript, challenge.nonce);
        self.absorb_if(Defence::TimestampInTranscript, &challenge.timestamp.as_millis().to_be_bytes()); // CS-TRN-06
        self.absorb_if(Defence::EphemeralsInTranscript, challenge.ephemeral);
    }

    /// Goes on with bytes as they travelled.
    pub fn absorb(&mut self, bytes: &[u8]) {
        self.hash.absorb(bytes);
    }

    /// The hash of all so far.
    #[must_use]
    pub fn hash(&self) -> TranscriptHash {
        self.hash.value()
    }

    /// A field, or as many zeros where the defence that covers it is off.
    fn absorb_if(&mut self, defence: Defence, field: &[u8]) {
        if self.defences.holds(defence) {
            self.absorb(field);
        } else {
            let (zeros, _) = ZEROS.split_at(field.len());
            self.absorb(zeros);
        }
    }
}

impl<D> fmt::Debug for Transcript<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").finish_non_exhaustive()
    }
}
