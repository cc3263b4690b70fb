//! What an accepting Verdict opened: record keys, the exporter's secret, records.

use countersign::schedule::{HandshakeSecret, Label, Secret, next_epoch, record_key};
use countersign::transcript::TranscriptHash;
use countersign::wire::{DecodeError, Record, RecordKind, Sid, TAG_BYTES};
use countersign::{Backend, EPOCH_RECORDS, Role, record_nonce};
use zeroize::Zeroizing;

/// The keys of a session and the records that opened under them.
#[derive(Debug)]
pub struct OpenedSession {
    /// Records of the initiator.
    pub initiator_to_responder: Direction,
    /// Records of the responder.
    pub responder_to_initiator: Direction,
    /// The exporter's secret.
    pub exporter: Secret,
    /// The records that opened, in the order of the recording.
    pub records: Vec<OpenedRecord>,
}

/// The keys of one direction, by epoch: one more than a record has opened in.
#[derive(Debug)]
pub struct Direction {
    /// The session id in its records.
    pub receiver: Sid,
    /// `s_k` and `key_k`, from k = 0.
    pub epochs: Vec<(Secret, Secret)>,
}

/// A record, opened.
#[derive(Debug)]
pub struct OpenedRecord {
    /// Who sealed it.
    pub sender: Role,
    /// Its counter.
    pub counter: u64,
    /// Kind and data as sealed.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// The kind, if what was sealed is a record.
    pub kind: Result<RecordKind, DecodeError>,
}

impl OpenedSession {
    pub(super) fn new(prk: &HandshakeSecret, th7: &TranscriptHash, sid_i: Sid, sid_r: Sid) -> Self {
        Self {
            initiator_to_responder: Direction::new(sid_r, prk.key(Label::InitiatorToResponder, th7)),
            responder_to_initiator: Direction::new(sid_i, prk.key(Label::ResponderToInitiator, th7)),
            exporter: prk.key(Label::Exporter, th7),
            records: Vec::new(),
        }
    }

    /// The records that one side sent.
    #[must_use]
    pub const fn direction(&self, sender: Role) -> &Direction {
        match sender {
            Role::Initiator => &self.initiator_to_responder,
            Role::Responder => &self.responder_to_initiator,
        }
    }

    pub(super) fn take(&mut self, record: &Record<'_>) -> Option<()> {
        let initiators = self.initiator_to_responder.open(record).map(|text| (Role::Initiator, text));
        let (sender, plaintext) =
            initiators.or_else(|| Some((Role::Responder, self.responder_to_initiator.open(record)?)))?;
        let kind = RecordKind::decode(&plaintext).map(|(kind, _)| kind);
        self.records.push(OpenedRecord { sender, counter: record.counter, plaintext, kind });
        Some(())
    }
}

impl Direction {
    fn new(receiver: Sid, first: Secret) -> Self {
        let key = record_key(&first);
        let mut direction = Self { receiver, epochs: vec![(first, key)] };
        direction.add_epoch();
        direction
    }

    fn add_epoch(&mut self) {
        let (secret, _) = self.epochs.last().expect("there is a first epoch");
        let next = next_epoch(secret);
        let key = record_key(&next);
        self.epochs.push((next, key));
    }

    /// Opens a record of this direction, of an epoch whose key is there already.
    fn open(&mut self, record: &Record<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let epoch = usize::try_from(record.counter / EPOCH_RECORDS).ok().filter(|_| record.sid == self.receiver)?;
        let (_, key) = self.epochs.get(epoch)?;
        let (ciphertext, tag) = record.sealed.split_last_chunk::<TAG_BYTES>()?;
        let mut text = Zeroizing::new(ciphertext.to_vec());
        if !Backend::Portable.open(key, &record_nonce(record.counter), record.header, &mut text, tag) {
            return None;
        }
        if epoch.saturating_add(1) == self.epochs.len() {
            self.add_epoch();
        }
        Some(text)
    }
}
