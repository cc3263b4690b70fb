//! What the boxes hold.

use super::reader::Reader;
use super::{
    Buffer, CHALLENGE_PLAINTEXT_BYTES, CLAIM_PLAINTEXT_BYTES_MAX, DecodeError, PADDING_STEP_BYTES,
    VERDICT_PLAINTEXT_BYTES_MAX,
};
use crate::identity::{Clearances, Name};
use crate::time::Timestamp;

/// In a Challenge's box: 96 bytes.
#[derive(Clone, Copy, Debug)]
pub struct ChallengePlaintext<'a> {
    /// The responder's Ed25519 key, not yet judged.
    pub key: &'a [u8; 32],
    /// Its signature.
    pub signature: &'a [u8; 64],
}

impl<'a> ChallengePlaintext<'a> {
    /// Takes the 96 bytes apart.
    ///
    /// # Errors
    /// [`DecodeError::Length`] unless there are 96.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let plaintext = Self { key: reader.array()?, signature: reader.array()? };
        reader.finish()?;
        Ok(plaintext)
    }

    pub(crate) fn encode(&self) -> Buffer<CHALLENGE_PLAINTEXT_BYTES> {
        let mut out = Buffer::new();
        out.push(self.key);
        out.push(self.signature);
        out
    }
}

/// In a Response's box.
#[derive(Clone, Debug)]
pub struct ClaimPlaintext {
    /// The user.
    pub user: Name,
    /// The device's Ed25519 key, not yet judged.
    pub device: [u8; 32],
    /// The initiator's timestamp.
    pub timestamp: Timestamp,
    /// The clearances wanted.
    pub wanted: Clearances,
    /// The device's signature.
    pub signature: [u8; 64],
}

impl ClaimPlaintext {
    /// Reads a claim and its padding.
    ///
    /// # Errors
    /// What is wrong with its shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let claim = Self {
            user: Name::new(reader.opaque8()?)?,
            device: *reader.array()?,
            timestamp: Timestamp::from_millis(reader.uint64()?),
            wanted: Clearances::decode(reader.opaque16()?)?,
            signature: *reader.array()?,
        };
        padding(reader, bytes.len())?;
        Ok(claim)
    }

    /// The plaintext, padded.
    #[must_use]
    pub fn encode(&self) -> Buffer<CLAIM_PLAINTEXT_BYTES_MAX> {
        let mut out = Buffer::new();
        out.push_opaque8(self.user.as_bytes());
        out.push(&self.device);
        out.push(&self.timestamp.as_millis().to_be_bytes());
        out.push_opaque16(self.wanted.as_bytes());
        out.push(&self.signature);
        out.pad(PADDING_STEP_BYTES);
        out
    }
}

/// Why a responder refused, as far as it says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It does not say.
    None,
    /// The initiator's clock is outside the window.
    Clock,
    /// The timestamp is not later than this one, the latest accepted.
    Stale(Timestamp),
}

/// In a Verdict's box. Code 3, a demand, is reserved and refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VerdictPlaintext {
    /// Code 1.
    Accepted {
        /// The clearances granted.
        granted: Clearances,
        /// The session's lifetime in seconds, counted from the Verdict.
        lifetime_s: u32,
    },
    /// Code 2.
    Refused(Reason),
}

impl VerdictPlaintext {
    /// Reads a verdict and its padding.
    ///
    /// # Errors
    /// What is wrong with its shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let verdict = match reader.byte()? {
            1 => Self::Accepted { granted: Clearances::decode(reader.opaque16()?)?, lifetime_s: reader.uint32()? },
            2 => Self::Refused(match (reader.byte()?, reader.uint64()?) {
                (0, 0) => Reason::None,
                (1, 0) => Reason::Clock,
                (2, latest) => Reason::Stale(Timestamp::from_millis(latest)),
                _ => return Err(DecodeError::Verdict), // CS-WIRE-10
            }),
            _ => return Err(DecodeError::Verdict),
        };
        padding(reader, bytes.len())?;
        Ok(verdict)
    }

    /// The plaintext, padded. A refusal is one step, whatever its reason (CS-REF-01).
    #[must_use]
    pub fn encode(&self) -> Buffer<VERDICT_PLAINTEXT_BYTES_MAX> {
        let mut out = Buffer::new();
        match self {
            Self::Accepted { granted, lifetime_s } => {
                out.push(&[1]);
                out.push_opaque16(granted.as_bytes());
                out.push(&lifetime_s.to_be_bytes());
            }
            Self::Refused(reason) => {
                let (code, latest) = match reason {
                    Reason::None => (0, 0),
                    Reason::Clock => (1, 0),
                    Reason::Stale(latest) => (2, latest.as_millis()),
                };
                out.push(&[2, code]);
                out.push(&latest.to_be_bytes());
            }
        }
        out.pad(PADDING_STEP_BYTES);
        out
    }
}

/// The first byte of a record's plaintext.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum RecordKind {
    /// Data of the application.
    Data = 1,
    /// The sender is done; no data, and its counter is the final one.
    Close = 2,
    /// The sender has accepted; no data.
    Confirm = 3,
}

impl RecordKind {
    /// Splits a record's plaintext into its kind and its data.
    ///
    /// # Errors
    /// [`DecodeError::Record`] for another kind, or data where none belongs.
    pub fn decode(plaintext: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        match plaintext.split_first().ok_or(DecodeError::Record)? {
            (1, data) => Ok((Self::Data, data)),
            (2, []) => Ok((Self::Close, &[])),
            (3, []) => Ok((Self::Confirm, &[])),
            _ => Err(DecodeError::Record),
        }
    }
}

/// The fewest zero bytes to a whole step, none if already one (CS-WIRE-08).
fn padding(reader: Reader<'_>, plaintext_bytes: usize) -> Result<(), DecodeError> {
    let content = plaintext_bytes.saturating_sub(reader.rest().len());
    let fewest = content.next_multiple_of(PADDING_STEP_BYTES).saturating_sub(content);
    reader.zeros(fewest)
}
