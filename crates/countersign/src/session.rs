//! A session: sealed records in both directions, and the exporter (`spec/sessions.md`).

use crate::defence::{Defence, Defences, Whole};
use crate::hedge::Role;
use crate::primitives::Backend;
use crate::reject::Reject;
use crate::schedule::{self, ExportError, HandshakeSecret, Label, Secret};
use crate::transcript::TranscriptHash;
use crate::window::ReplayWindow;
use crate::wire::{
    Buffer, DATAGRAM_BYTES_MAX, RECORD_DATA_BYTES_MAX, RECORD_HEADER_BYTES, Record, RecordKind, Sid, record_header,
};
use core::fmt;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Records in one epoch: 2^20.
pub const EPOCH_RECORDS: u64 = 1 << 20;

/// The only thing with record keys, made only from an accepted Verdict (CS-SESS-01).
pub struct Session<D = Whole> {
    id: Sid,
    peer: Sid,
    outbound: Outbound,
    inbound: Inbound,
    exporter: Secret,
    backend: Backend,
    defences: D,
}

/// A responder's session until a record of the initiator opens: it can seal nothing (CS-SESS-02).
#[derive(Debug)]
pub struct Unconfirmed<D = Whole>(Session<D>);

/// Why a record was not sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// More than 1,165 bytes of data.
    #[error("a record carries at most {RECORD_DATA_BYTES_MAX} bytes of data")]
    TooLong,
    /// Every counter has been used.
    #[error("every counter has been used: open a new session")]
    Exhausted,
}

/// A record that opened. Only `check` makes one.
#[derive(Debug)]
pub struct OpenedRecord {
    session: Sid,
    counter: u64,
    text: Zeroizing<Buffer<DATAGRAM_BYTES_MAX>>,
    kind: RecordKind,
}

/// What a record brought.
#[derive(Debug, Eq, PartialEq)]
pub enum Content {
    /// Data of the application.
    Data(Vec<u8>),
    /// The peer has accepted.
    Confirm,
    /// The peer is done; no record of its comes after this one.
    Close {
        /// How many of its records, this one not counted, never arrived.
        missing: u64,
    },
}

struct Outbound {
    epoch: Epoch,
    counter: u64,
}

struct Inbound {
    epoch: Epoch,
    previous: Option<Secret>,
    /// Made when the first record claims to be of it, and kept: whoever repeats the claim is refused for the price of the AEAD.
    next: OnceLock<Epoch>,
    window: ReplayWindow,
    received: u64,
}

struct Epoch {
    number: u64,
    secret: Secret,
    key: Secret,
}

impl Epoch {
    fn first(secret: Secret) -> Self {
        Self { number: 0, key: schedule::record_key(&secret), secret }
    }

    fn next(&self) -> Self {
        let secret = schedule::next_epoch(&self.secret);
        Self { number: self.number.saturating_add(1), key: schedule::record_key(&secret), secret }
    }
}

impl<D: Defences> Session<D> {
    pub(crate) fn new(
        defences: D,
        role: Role,
        secret: &HandshakeSecret,
        transcript: &TranscriptHash,
        id: Sid,
        peer: Sid,
    ) -> Self {
        let initiators = secret.key(Label::InitiatorToResponder, transcript);
        let responders = if defences.holds(Defence::DirectionKeys) {
            secret.key(Label::ResponderToInitiator, transcript) // CS-REC-03
        } else {
            secret.key(Label::InitiatorToResponder, transcript)
        };
        let (own, peers) = match role {
            Role::Initiator => (initiators, responders),
            Role::Responder => (responders, initiators),
        };
        Self {
            id,
            peer,
            outbound: Outbound { epoch: Epoch::first(own), counter: 0 },
            inbound: Inbound {
                epoch: Epoch::first(peers),
                previous: None,
                next: OnceLock::new(),
                window: ReplayWindow::new(),
                received: 0,
            },
            exporter: secret.key(Label::Exporter, transcript),
            backend: secret.backend(),
            defences,
        }
    }

    /// The session id that the peer's records carry.
    #[must_use]
    pub const fn id(&self) -> Sid {
        self.id
    }

    /// Which defences hold.
    #[must_use]
    pub const fn defences(&self) -> D {
        self.defences
    }

    /// Seals data for the peer.
    ///
    /// # Errors
    /// [`SealError`]; no counter is spent.
    pub fn seal(&mut self, data: &[u8]) -> Result<Buffer<DATAGRAM_BYTES_MAX>, SealError> {
        self.seal_kind(RecordKind::Data, data)
    }

    /// Seals a confirmation: this side has accepted.
    ///
    /// # Errors
    /// [`SealError::Exhausted`].
    pub fn confirm(&mut self) -> Result<Buffer<DATAGRAM_BYTES_MAX>, SealError> {
        self.seal_kind(RecordKind::Confirm, &[])
    }

    /// Seals the last record. Takes `self`: nothing is sealed or opened after it.
    ///
    /// # Errors
    /// [`SealError::Exhausted`].
    pub fn close(mut self) -> Result<Buffer<DATAGRAM_BYTES_MAX>, SealError> {
        self.seal_kind(RecordKind::Close, &[])
    }

    /// The highest counter opened, if any.
    #[must_use]
    pub const fn newest(&self) -> Option<u64> {
        self.inbound.window.newest()
    }

    /// Judges a record. Borrows, so a refused one changes nothing: at most a key is ready that would be made later.
    ///
    /// # Errors
    /// Why it is dropped.
    pub fn check(&self, record: &Record<'_>) -> Result<OpenedRecord, Reject> {
        let inbound = &self.inbound;
        if !inbound.window.is_new(record.counter) && self.defences.holds(Defence::ReplayWindow) {
            return Err(Reject::RecordReplayed); // CS-REC-02
        }
        let epoch = record.counter / EPOCH_RECORDS;
        let ahead = epoch.saturating_sub(inbound.epoch.number);
        if ahead > 1 && self.defences.holds(Defence::EpochReach) {
            return Err(Reject::EpochOutOfReach); // CS-REC-04
        }
        let far;
        let key = if epoch == inbound.epoch.number {
            &inbound.epoch.key
        } else if ahead == 1 {
            &inbound.next().key
        } else if ahead > 1 {
            far = inbound.epoch_after(ahead);
            &far.key
        } else if epoch.saturating_add(1) == inbound.epoch.number {
            inbound.previous.as_ref().ok_or(Reject::EpochOutOfReach)? // CS-REC-05
        } else {
            return Err(Reject::EpochOutOfReach);
        };
        if self.defences.holds(Defence::CloseAuthenticated) {
            open_record(self.backend, key, record) // CS-REC-06
        } else {
            open_record(self.backend, key, record).or_else(|_| Ok(unsealed_close(record)))
        }
    }

    /// Takes in a record that opened: window, epoch and count move on, and only here.
    ///
    /// # Panics
    /// If the record was opened by another session, or taken before: the driver's own mistake.
    #[must_use]
    pub fn take(&mut self, opened: OpenedRecord) -> Content {
        assert_eq!(opened.session, self.id, "a record is taken by the session that opened it");
        let inbound = &mut self.inbound;
        let first = inbound.window.is_new(opened.counter) || !self.defences.holds(Defence::ReplayWindow);
        assert!(first, "a record is taken once");
        inbound.window.mark(opened.counter);
        let ahead = (opened.counter / EPOCH_RECORDS).saturating_sub(inbound.epoch.number);
        if ahead > 0 {
            inbound.move_on(ahead);
        }
        let epoch_start = inbound.epoch.number.saturating_mul(EPOCH_RECORDS);
        if inbound.window.oldest() >= epoch_start {
            inbound.previous = None; // CS-REC-05
        }
        let received_before = inbound.received;
        inbound.received = received_before.saturating_add(1);
        match opened.kind {
            RecordKind::Data => Content::Data(opened.text.get(1..).unwrap_or_default().to_vec()),
            RecordKind::Confirm => Content::Confirm,
            RecordKind::Close => Content::Close { missing: opened.counter.saturating_sub(received_before) },
        }
    }

    /// Keying material for the application, the same on both sides (CS-EXP-01).
    ///
    /// # Errors
    /// [`ExportError`] for a label that is not of 1 to 255 bytes, or more than 8,160 bytes of output.
    pub fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), ExportError> {
        schedule::export(&self.exporter, label, context, out)
    }

    fn seal_kind(&mut self, kind: RecordKind, data: &[u8]) -> Result<Buffer<DATAGRAM_BYTES_MAX>, SealError> {
        if data.len() > RECORD_DATA_BYTES_MAX {
            return Err(SealError::TooLong);
        }
        let outbound = &mut self.outbound;
        let counter = outbound.counter;
        let after = counter.checked_add(1).ok_or(SealError::Exhausted)?;
        if counter / EPOCH_RECORDS > outbound.epoch.number {
            outbound.epoch = outbound.epoch.next();
        }
        outbound.counter = after;
        let mut record = record_header(self.peer, counter);
        let header: [u8; RECORD_HEADER_BYTES] = *record.first_chunk().expect("the header was just written");
        record.push(&[kind as u8]);
        record.push(data);
        let text = record.as_mut_slice().get_mut(RECORD_HEADER_BYTES..).expect("the text was just written");
        let tag = self.backend.seal(&outbound.epoch.key, &record_nonce(counter), &header, text);
        record.push(&tag);
        Ok(record)
    }
}

impl Inbound {
    fn next(&self) -> &Epoch {
        self.next.get_or_init(|| self.epoch.next())
    }

    /// So many epochs on. Of the last one its key is kept, and the rest wiped where it is.
    fn move_on(&mut self, steps: u64) {
        if steps == 1 {
            self.next();
        } else {
            self.next = OnceLock::from(self.epoch_after(steps));
        }
        if let Some(next) = self.next.get_mut() {
            core::mem::swap(&mut self.epoch, next);
            self.previous = Some(core::mem::take(&mut next.key));
        }
        self.next = OnceLock::new();
    }

    fn epoch_after(&self, steps: u64) -> Epoch {
        (1..steps).fold(self.epoch.next(), |epoch, _| epoch.next())
    }
}

impl<D: Defences> Unconfirmed<D> {
    pub(crate) const fn new(session: Session<D>) -> Self {
        Self(session)
    }

    /// The session id that the peer's records carry.
    #[must_use]
    pub const fn id(&self) -> Sid {
        self.0.id
    }

    /// Judges a record. Borrows, so a refused one changes nothing.
    ///
    /// # Errors
    /// Why it is dropped.
    pub fn check(&self, record: &Record<'_>) -> Result<OpenedRecord, Reject> {
        self.0.check(record)
    }

    /// Moves on: the initiator's record opened, so the initiator has accepted.
    #[must_use]
    pub fn confirm(mut self, opened: OpenedRecord) -> (Session<D>, Content) {
        let content = self.0.take(opened);
        (self.0, content)
    }

    /// Keying material, as of a session.
    ///
    /// # Errors
    /// As of a session.
    pub fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), ExportError> {
        self.0.export(label, context, out)
    }
}

impl<D> fmt::Debug for Session<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The nonce of a record: four zero bytes and the counter (CS-REC-01).
#[must_use]
pub fn record_nonce(counter: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    let (_, tail) = nonce.split_at_mut(4);
    tail.copy_from_slice(&counter.to_be_bytes());
    nonce
}

/// What an attacker on the path can write.
fn unsealed_close(record: &Record<'_>) -> OpenedRecord {
    let mut text = Zeroizing::new(Buffer::new());
    text.push(&[RecordKind::Close as u8]);
    OpenedRecord { session: record.sid, counter: record.counter, text, kind: RecordKind::Close }
}

fn open_record(backend: Backend, key: &Secret, record: &Record<'_>) -> Result<OpenedRecord, Reject> {
    let (ciphertext, tag) = record.sealed.split_last_chunk().ok_or(Reject::RecordDoesNotOpen)?;
    let mut text = Zeroizing::new(Buffer::new());
    text.push(ciphertext);
    if !backend.open(key, &record_nonce(record.counter), record.header, text.as_mut_slice(), tag) {
        return Err(Reject::RecordDoesNotOpen);
    }
    let (kind, _) = RecordKind::decode(&text).map_err(|_| Reject::RecordDoesNotOpen)?;
    Ok(OpenedRecord { session: record.sid, counter: record.counter, text, kind })
}
