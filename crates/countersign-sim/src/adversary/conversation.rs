//! An exchange whose shared secret is known: what is in its boxes, and boxes to put in their place.

use super::grammar::Sealing;
use countersign::schedule::{self, HandshakeSecret, Label, Secret};
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{Challenge, Hello, Kind, Sid, VERSION};
use countersign::{Backend, Defence, Defences, EPOCH_RECORDS, boxes, record_nonce};

/// Bytes before the box of a Response or a Verdict.
const HEADER_BYTES: usize = 10;
/// Epochs of records that are worth the hashing.
const EPOCHS_MAX: u64 = 2;

/// Stands somewhere in an exchange.
#[derive(Debug)]
pub(super) struct Conversation<D> {
    defences: D,
    secret: HandshakeSecret,
    transcript: Transcript<D>,
}

impl<D: Defences> Conversation<D> {
    /// Stands before the box of a Challenge.
    pub(super) fn new(defences: D, hello: &Hello<'_>, challenge: &Challenge<'_>, shared: &[u8; 32]) -> Self {
        let mut transcript = Transcript::of_hello(defences, hello);
        transcript.absorb_challenge_header(challenge);
        Self { defences, secret: HandshakeSecret::extract(&transcript.hash(), shared), transcript }
    }

    /// Goes past a Challenge's box, or past a whole Response or Verdict.
    pub(super) fn follow(&mut self, bytes: &[u8]) {
        self.transcript.absorb(bytes);
    }

    /// The transcript at a box of this kind, if it comes next.
    pub(super) fn at_box(&self, kind: Kind, sid: Sid) -> TranscriptHash {
        let mut transcript = self.transcript.clone();
        if kind != Kind::Challenge {
            transcript.absorb(&header(kind, sid));
        }
        transcript.hash()
    }

    /// Nonce, ciphertext and tag of a box that comes next.
    pub(super) fn seal(&self, kind: Kind, sid: Sid, text: &[u8], sealing: Sealing) -> Option<Vec<u8>> {
        let at_box = self.at_box(kind, sid);
        let keys = self.secret.box_keys(label(kind)?, &at_box);
        let nonce = match sealing {
            Sealing::Proper => boxes::synthetic_nonce(self.defences, &keys, text),
            Sealing::ZeroNonce => [0; boxes::NONCE_BYTES],
        };
        let mut ciphertext = text.to_vec();
        let tag = keys.backend.seal(&keys.aead, &nonce, &at_box, &mut ciphertext);
        Some([&nonce[..], &ciphertext, &tag].concat())
    }

    /// The text of a box that comes next.
    pub(super) fn open(&self, kind: Kind, sid: Sid, sealed: &[u8]) -> Option<Vec<u8>> {
        let at_box = self.at_box(kind, sid);
        let keys = self.secret.box_keys(label(kind)?, &at_box);
        boxes::open::<_, 800>(self.defences, &keys, &at_box, sealed).map(|text| text.to_vec())
    }

    /// A record, once the Verdict is past.
    pub(super) fn record(&self, as_initiator: bool, to: Sid, counter: u64, text: &[u8]) -> Option<Vec<u8>> {
        let key = schedule::record_key(&self.epoch(as_initiator, counter)?);
        let header = [&header(Kind::Record, to)[..], &counter.to_be_bytes()].concat();
        let mut ciphertext = text.to_vec();
        let tag = Backend::Portable.seal(&key, &record_nonce(counter), &header, &mut ciphertext);
        Some([&header[..], &ciphertext, &tag].concat())
    }

    /// The secret of the epoch that a counter lies in.
    fn epoch(&self, as_initiator: bool, counter: u64) -> Option<Secret> {
        let separate = self.defences.holds(Defence::DirectionKeys);
        let label = if as_initiator || !separate { Label::InitiatorToResponder } else { Label::ResponderToInitiator };
        let first = self.secret.key(label, &self.transcript.hash());
        let epoch = counter.checked_div(EPOCH_RECORDS)?;
        (epoch <= EPOCHS_MAX).then(|| (0..epoch).fold(first, |secret, _| schedule::next_epoch(&secret)))
    }
}

/// The ten bytes before the box of a Response or a Verdict, or before the counter of a Record.
pub(super) fn header(kind: Kind, sid: Sid) -> [u8; HEADER_BYTES] {
    let [one, two, three, four, five, six, seven, eight] = sid.0;
    [VERSION, kind as u8, one, two, three, four, five, six, seven, eight]
}

/// The 91 bytes before the box of a Challenge.
pub(super) fn challenge_header(challenge: &Challenge<'_>) -> Vec<u8> {
    let mut bytes = header(Kind::Challenge, challenge.sid_i).to_vec();
    let time = challenge.timestamp.as_millis().to_be_bytes();
    for field in [&challenge.sid_r.0[..], &[challenge.suite], challenge.nonce, &time, challenge.ephemeral] {
        bytes.extend(field);
    }
    bytes
}

const fn label(kind: Kind) -> Option<Label> {
    match kind {
        Kind::Challenge => Some(Label::Challenge),
        Kind::Response => Some(Label::Response),
        Kind::Verdict => Some(Label::Verdict),
        Kind::Hello | Kind::Retry | Kind::Record => None,
    }
}
