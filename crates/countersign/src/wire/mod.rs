//! The byte layouts of `spec/wire.md`: one byte string for one message.
//!
//! Decoding borrows and allocates nothing; whatever decodes, encodes to the same bytes (CS-WIRE-10).
//! Knows shapes only: whether a message is believed is decided in `initiator` and `responder`.

mod buffer;
mod layout;
mod message;
mod plaintext;
mod reader;

pub use buffer::Buffer;
pub use layout::{Field, layout};
pub use message::{Challenge, Hello, Message, Record, Response, Retry, Verdict};
pub(crate) use message::{box_header, record_header};
pub use plaintext::{ChallengePlaintext, ClaimPlaintext, Reason, RecordKind, VerdictPlaintext};

/// The protocol version, the first byte of every message.
pub const VERSION: u8 = 1;
/// Suite 1: X25519, Ed25519, ChaCha20-Poly1305, SHA-256.
pub const SUITE_1: u8 = 1;
/// Bytes of a session id.
pub const SID_BYTES: usize = 8;
/// Bytes of a Hello, always.
pub const HELLO_BYTES: usize = 224;
/// Bytes of a Retry.
pub const RETRY_BYTES: usize = 43;
/// Bytes of a Challenge.
pub const CHALLENGE_BYTES: usize = 215;
/// Bytes of a Challenge before its box.
pub const CHALLENGE_HEADER_BYTES: usize = 91;
/// Bytes of a Response or a Verdict before its box.
pub const BOX_HEADER_BYTES: usize = 10;
/// Bytes that a box adds to its plaintext: nonce and tag.
pub const BOX_OVERHEAD_BYTES: usize = 28;
/// The step to which Response and Verdict plaintexts are padded (CS-WIRE-08).
pub const PADDING_STEP_BYTES: usize = 64;
/// Bytes of a Challenge's plaintext.
pub const CHALLENGE_PLAINTEXT_BYTES: usize = 96;
/// The longest plaintext of a Response, padded.
pub const CLAIM_PLAINTEXT_BYTES_MAX: usize = 704;
/// The longest plaintext of a Verdict, padded.
pub const VERDICT_PLAINTEXT_BYTES_MAX: usize = 576;
/// Bytes of the longest Response.
pub const RESPONSE_BYTES_MAX: usize = BOX_HEADER_BYTES + BOX_OVERHEAD_BYTES + CLAIM_PLAINTEXT_BYTES_MAX;
/// Bytes of the longest Verdict.
pub const VERDICT_BYTES_MAX: usize = BOX_HEADER_BYTES + BOX_OVERHEAD_BYTES + VERDICT_PLAINTEXT_BYTES_MAX;
/// Bytes of a Record before its sealed part.
pub const RECORD_HEADER_BYTES: usize = 18;
/// Bytes of an AEAD tag.
pub const TAG_BYTES: usize = 16;
/// The longest datagram, sent or accepted (CS-WIRE-09).
pub const DATAGRAM_BYTES_MAX: usize = 1200;
/// The most data that a record carries.
pub const RECORD_DATA_BYTES_MAX: usize = DATAGRAM_BYTES_MAX - RECORD_HEADER_BYTES - 1 - TAG_BYTES;
/// Bytes of a cookie: the epoch and a MAC.
pub const COOKIE_BYTES: usize = 33;
/// Most suites in an offer.
pub const SUITES_MAX: usize = 8;

/// A session id: 8 random bytes chosen by the side that looks them up.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sid(pub [u8; SID_BYTES]);

/// A cookie as it travels: epoch byte and MAC, all zero when there is none.
pub type Cookie = [u8; COOKIE_BYTES];

/// The type byte of a message. 6, Answer, is reserved and refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Kind {
    /// Initiator to responder: offer, nonce, ephemeral.
    Hello = 1,
    /// Responder to initiator, under load: a cookie.
    Retry = 2,
    /// Responder to initiator: the responder proves itself.
    Challenge = 3,
    /// Initiator to responder: the initiator proves itself.
    Response = 4,
    /// Responder to initiator: accepted or refused.
    Verdict = 5,
    /// Either way: sealed data of a session.
    Record = 7,
}

impl Kind {
    /// Every kind, in the order of the type bytes.
    pub const ALL: [Self; 6] = [Self::Hello, Self::Retry, Self::Challenge, Self::Response, Self::Verdict, Self::Record];

    /// The kind of a datagram, by its first two bytes (CS-WIRE-01).
    ///
    /// # Errors
    /// [`DecodeError::Length`], [`DecodeError::Version`] or [`DecodeError::Kind`].
    pub fn of(datagram: &[u8]) -> Result<Self, DecodeError> {
        let [version, kind] = datagram.first_chunk().ok_or(DecodeError::Length)?;
        if *version != VERSION {
            return Err(DecodeError::Version);
        }
        match kind {
            1 => Ok(Self::Hello),
            2 => Ok(Self::Retry),
            3 => Ok(Self::Challenge),
            4 => Ok(Self::Response),
            5 => Ok(Self::Verdict),
            7 => Ok(Self::Record),
            _ => Err(DecodeError::Kind),
        }
    }
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// Too short, too long, or a length inside that does not fit.
    #[error("the length is not that of the message")]
    Length,
    /// Not version 1.
    #[error("the version is unknown")]
    Version,
    /// Not a type of version 1.
    #[error("the message type is unknown")]
    Kind,
    /// Suites are not distinct non-zero bytes, at least one, then zeros.
    #[error("the suites are not distinct non-zero bytes followed by zeros")]
    Suites,
    /// Padding is not zero.
    #[error("padding is not zero")]
    Padding,
    /// A name is empty or longer than 64 bytes.
    #[error("a name is not of 1 to 64 bytes")]
    Name,
    /// Clearances are not ascending, too many, empty or too long.
    #[error("clearances are not at most 16 of 1 to 32 bytes, strictly ascending")]
    Clearances,
    /// A Verdict's code or reason is not defined.
    #[error("the Verdict's code or reason is not defined")]
    Verdict,
    /// A record's kind is not defined, or one without data carries some.
    #[error("the record's kind is not defined")]
    Record,
}

/// The suites of a Hello, preferred first, zero-filled to 8 bytes (CS-WIRE-04).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Suites([u8; SUITES_MAX]);

impl Suites {
    /// The offer of suite 1 alone.
    pub const ONE: Self = Self([SUITE_1, 0, 0, 0, 0, 0, 0, 0]);

    /// Checks the shape of an offer.
    ///
    /// # Errors
    /// [`DecodeError::Suites`] unless there are distinct non-zero bytes, at least one, then zeros.
    pub fn decode(bytes: &[u8; SUITES_MAX]) -> Result<Self, DecodeError> {
        let offered = bytes.iter().take_while(|suite| **suite != 0).count();
        let (suites, fill) = bytes.split_at(offered);
        let distinct = suites.iter().enumerate().all(|(at, suite)| !suites.iter().take(at).any(|seen| seen == suite));
        if suites.is_empty() || !distinct || fill.iter().any(|byte| *byte != 0) {
            return Err(DecodeError::Suites);
        }
        Ok(Self(*bytes))
    }

    /// The suites offered, preferred first.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().copied().take_while(|suite| *suite != 0)
    }

    /// Whether `suite` was offered.
    #[must_use]
    pub fn contains(&self, suite: u8) -> bool {
        self.iter().any(|offered| offered == suite)
    }

    /// The 8 bytes as they travel.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SUITES_MAX] {
        &self.0
    }
}
