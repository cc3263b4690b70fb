//! The six messages, as borrowed views of their bytes.

use super::reader::Reader;
use super::{
    BOX_HEADER_BYTES, BOX_OVERHEAD_BYTES, Buffer, CHALLENGE_BYTES, CHALLENGE_HEADER_BYTES, CLAIM_PLAINTEXT_BYTES_MAX,
    COOKIE_BYTES, Cookie, DATAGRAM_BYTES_MAX, DecodeError, HELLO_BYTES, Kind, PADDING_STEP_BYTES, RECORD_HEADER_BYTES,
    RETRY_BYTES, SID_BYTES, Sid, Suites, TAG_BYTES, VERDICT_PLAINTEXT_BYTES_MAX, VERSION,
};
use crate::defence::{Defence, Defences, Whole};
use crate::time::Timestamp;

/// Any message.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// Type 1.
    Hello(Hello<'a>),
    /// Type 2.
    Retry(Retry<'a>),
    /// Type 3.
    Challenge(Challenge<'a>),
    /// Type 4.
    Response(Response<'a>),
    /// Type 5.
    Verdict(Verdict<'a>),
    /// Type 7.
    Record(Record<'a>),
}

impl<'a> Message<'a> {
    /// Decodes one datagram. Whatever the bytes, it returns (CS-IMPL-01).
    ///
    /// # Errors
    /// What is wrong with its shape; the datagram is dropped silently.
    pub fn decode(datagram: &'a [u8]) -> Result<Self, DecodeError> {
        Self::decode_with(Whole, datagram)
    }

    /// The same, with the defences that hold.
    ///
    /// # Errors
    /// As for [`Message::decode`].
    pub fn decode_with(defences: impl Defences, datagram: &'a [u8]) -> Result<Self, DecodeError> {
        let kind = Kind::of(datagram)?;
        let mut reader = Reader::new(datagram);
        let _: &[u8; 2] = reader.array()?;
        Ok(match kind {
            Kind::Hello => Self::Hello(Hello::decode(defences, reader)?),
            Kind::Retry => Self::Retry(Retry::decode(reader)?),
            Kind::Challenge => Self::Challenge(Challenge::decode(datagram, reader)?),
            Kind::Response => Self::Response(Response::decode(datagram, reader)?),
            Kind::Verdict => Self::Verdict(Verdict::decode(datagram, reader)?),
            Kind::Record => Self::Record(Record::decode(datagram, reader)?),
        })
    }
}

/// The initiator's offer: 224 bytes, always, so that no answer is larger (CS-AMP-01).
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// The initiator's session id.
    pub sid_i: Sid,
    /// The initiator's challenge.
    pub nonce: &'a [u8; 32],
    /// The suites offered.
    pub suites: Suites,
    /// The initiator's X25519 ephemeral.
    pub ephemeral: &'a [u8; 32],
    /// The cookie of an earlier Retry, or zeros. Not in the transcript.
    pub cookie: &'a Cookie,
}

impl<'a> Hello<'a> {
    /// Without its padding.
    const BARE_BYTES: usize = 2 + SID_BYTES + 32 + 8 + 32 + COOKIE_BYTES;

    fn decode(defences: impl Defences, mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let is_bare = !defences.holds(Defence::HelloPadded) && reader.rest().len() == Self::BARE_BYTES - 2; // CS-WIRE-11
        if reader.rest().len() != HELLO_BYTES - 2 && !is_bare {
            return Err(DecodeError::Length); // CS-WIRE-02
        }
        let hello = Self {
            sid_i: Sid(*reader.array()?),
            nonce: reader.array()?,
            suites: Suites::decode(reader.array()?)?,
            ephemeral: reader.array()?,
            cookie: reader.array()?,
        };
        reader.zeros(if is_bare { 0 } else { HELLO_BYTES - Self::BARE_BYTES })?; // CS-WIRE-03
        Ok(hello)
    }

    /// The bytes as they travel.
    #[must_use]
    pub fn encode(&self) -> Buffer<HELLO_BYTES> {
        let mut out = Buffer::new();
        out.push(&[VERSION, Kind::Hello as u8]);
        out.push(&self.sid_i.0);
        out.push(self.nonce);
        out.push(self.suites.as_bytes());
        out.push(self.ephemeral);
        out.push(self.cookie);
        out.pad(HELLO_BYTES);
        out
    }
}

/// A cookie for a Hello to come again with.
#[derive(Clone, Copy, Debug)]
pub struct Retry<'a> {
    /// The initiator's session id.
    pub sid_i: Sid,
    /// What the Hello is to carry.
    pub cookie: &'a Cookie,
}

impl<'a> Retry<'a> {
    fn decode(mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let retry = Self { sid_i: Sid(*reader.array()?), cookie: reader.array()? };
        reader.finish()?;
        Ok(retry)
    }

    /// The bytes as they travel.
    #[must_use]
    pub fn encode(&self) -> Buffer<RETRY_BYTES> {
        let mut out = Buffer::new();
        out.push(&[VERSION, Kind::Retry as u8]);
        out.push(&self.sid_i.0);
        out.push(self.cookie);
        out
    }
}

/// The responder's proof: 215 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// The initiator's session id.
    pub sid_i: Sid,
    /// The responder's session id.
    pub sid_r: Sid,
    /// The suite chosen.
    pub suite: u8,
    /// The responder's challenge.
    pub nonce: &'a [u8; 32],
    /// The responder's clock.
    pub timestamp: Timestamp,
    /// The responder's X25519 ephemeral.
    pub ephemeral: &'a [u8; 32],
    /// Key and signature, sealed.
    pub sealed: &'a [u8],
    /// The whole datagram.
    pub bytes: &'a [u8],
}

impl<'a> Challenge<'a> {
    fn decode(bytes: &'a [u8], mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let challenge = Self {
            sid_i: Sid(*reader.array()?),
            sid_r: Sid(*reader.array()?),
            suite: reader.byte()?,
            nonce: reader.array()?,
            timestamp: Timestamp::from_millis(reader.uint64()?),
            ephemeral: reader.array()?,
            sealed: reader.slice(CHALLENGE_BYTES - CHALLENGE_HEADER_BYTES)?,
            bytes,
        };
        reader.finish()?;
        Ok(challenge)
    }

    /// The 91 bytes before the box.
    #[must_use]
    pub(crate) fn encode_header(&self) -> Buffer<CHALLENGE_BYTES> {
        let mut out = Buffer::new();
        out.push(&[VERSION, Kind::Challenge as u8]);
        out.push(&self.sid_i.0);
        out.push(&self.sid_r.0);
        out.push(&[self.suite]);
        out.push(self.nonce);
        out.push(&self.timestamp.as_millis().to_be_bytes());
        out.push(self.ephemeral);
        out
    }
}

/// The initiator's proof, sealed.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The responder's session id.
    pub sid_r: Sid,
    /// Claim and signature, sealed.
    pub sealed: &'a [u8],
    /// The whole datagram.
    pub bytes: &'a [u8],
}

impl<'a> Response<'a> {
    fn decode(bytes: &'a [u8], mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let sid_r = Sid(*reader.array()?);
        let sealed = sealed_steps(reader, 2, CLAIM_PLAINTEXT_BYTES_MAX)?;
        Ok(Self { sid_r, sealed, bytes })
    }
}

/// The responder's answer, sealed.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<'a> {
    /// The initiator's session id.
    pub sid_i: Sid,
    /// Accepted or refused, sealed.
    pub sealed: &'a [u8],
    /// The whole datagram.
    pub bytes: &'a [u8],
}

impl<'a> Verdict<'a> {
    fn decode(bytes: &'a [u8], mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let sid_i = Sid(*reader.array()?);
        let sealed = sealed_steps(reader, 1, VERDICT_PLAINTEXT_BYTES_MAX)?;
        Ok(Self { sid_i, sealed, bytes })
    }
}

/// One sealed record of a session.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The receiver's session id.
    pub sid: Sid,
    /// The sender's counter.
    pub counter: u64,
    /// Kind and data, sealed.
    pub sealed: &'a [u8],
    /// The 18 bytes before the sealed part.
    pub header: &'a [u8; RECORD_HEADER_BYTES],
}

impl<'a> Record<'a> {
    fn decode(bytes: &'a [u8], mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let sid = Sid(*reader.array()?);
        let counter = reader.uint64()?;
        let sealed = reader.rest();
        let header = bytes.first_chunk().ok_or(DecodeError::Length)?;
        if sealed.len() <= TAG_BYTES || bytes.len() > DATAGRAM_BYTES_MAX {
            return Err(DecodeError::Length); // CS-WIRE-09
        }
        Ok(Self { sid, counter, sealed, header })
    }
}

/// The ten bytes before the box of a Response or Verdict.
pub(crate) fn box_header<const N: usize>(kind: Kind, sid: Sid) -> Buffer<N> {
    let mut out = Buffer::new();
    out.push(&[VERSION, kind as u8]);
    out.push(&sid.0);
    debug_assert_eq!(out.len(), BOX_HEADER_BYTES);
    out
}

/// The 18 bytes before the sealed part of a Record.
pub(crate) fn record_header(sid: Sid, counter: u64) -> Buffer<DATAGRAM_BYTES_MAX> {
    let mut out = Buffer::new();
    out.push(&[VERSION, Kind::Record as u8]);
    out.push(&sid.0);
    out.push(&counter.to_be_bytes());
    out
}

/// A box whose plaintext is of whole steps, from `steps_min` up to `plaintext_max` bytes (CS-WIRE-02).
fn sealed_steps(reader: Reader<'_>, steps_min: usize, plaintext_max: usize) -> Result<&[u8], DecodeError> {
    let sealed = reader.rest();
    let plaintext = sealed.len().checked_sub(BOX_OVERHEAD_BYTES).ok_or(DecodeError::Length)?;
    let whole = plaintext.is_multiple_of(PADDING_STEP_BYTES);
    if !whole || plaintext / PADDING_STEP_BYTES < steps_min || plaintext > plaintext_max {
        return Err(DecodeError::Length);
    }
    Ok(sealed)
}
