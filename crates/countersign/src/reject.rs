//! The two ways to say no, told apart by type: [`Reject`] drops a datagram, [`Denial`] ends a handshake.
//!
//! Both stay local. The wire shows nothing for the first and one sealed refusal for the second (CS-REF-01, CS-REF-04).

use crate::time::Timestamp;
use crate::wire::DecodeError;

/// Why a datagram is dropped. Nothing has changed (CS-IMPL-04).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Reject {
    /// It is not a message.
    #[error("not a message: {0}")]
    Decode(#[from] DecodeError),
    /// No suite offered is one of ours.
    #[error("no suite offered is one of ours")]
    NoCommonSuite,
    /// The initiator's ephemeral is of small order.
    #[error("the ephemeral is of small order")]
    SmallOrderEphemeral,
    /// The shared secret is all zero.
    #[error("the shared secret is all zero")]
    ZeroSharedSecret,
    /// No free session id was drawn in eight tries.
    #[error("no free session id was drawn")]
    NoFreeSid,
    /// The suite chosen was not offered.
    #[error("the suite chosen was not offered")]
    SuiteNotOffered,
    /// The responder's ephemeral is the initiator's own.
    #[error("the ephemeral is our own, reflected")]
    ReflectedEphemeral,
    /// The box does not open under the keys of this handshake.
    #[error("the box does not open")]
    BoxDoesNotOpen,
    /// The box opens; the key in it is not the expected one.
    #[error("an impostor: the key is not the expected one")]
    ImpostorKey,
    /// The box opens; the signature in it does not verify for the expected responder.
    #[error("an impostor: the signature does not verify")]
    ImpostorSignature,
    /// The expected responder, proved, but its timestamp is outside the skew.
    #[error("the responder's clock is outside the skew")]
    ResponderClock {
        /// The responder's timestamp.
        responder: Timestamp,
    },
    /// The Verdict grants what was not wanted.
    #[error("the Verdict grants what was not wanted")]
    GrantNotWanted,
    /// A record with this counter has been opened, or it is older than the window.
    #[error("the record is a replay, or older than the window")]
    RecordReplayed,
    /// The record's epoch is neither the last, this nor the next.
    #[error("the record's epoch is out of reach")]
    EpochOutOfReach,
    /// The record does not open under the keys of this session.
    #[error("the record does not open")]
    RecordDoesNotOpen,
}

impl Reject {
    /// Whether somebody took part in the key exchange and then failed to be the expected responder (CS-INIT-07).
    #[must_use]
    pub const fn is_impostor(self) -> bool {
        matches!(self, Self::ImpostorKey | Self::ImpostorSignature)
    }
}

/// Why a handshake ends with the sealed refusal, for the local audit log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denial {
    /// The Response's box opened on something that is not a claim.
    #[error("the claim is malformed: {0}")]
    MalformedClaim(DecodeError),
    /// The device's key is not canonical or of small order.
    #[error("the device's key is weak")]
    WeakDeviceKey,
    /// The device's key is the responder's own.
    #[error("the device's key is our own")]
    OwnKey,
    /// There is no such user.
    #[error("there is no such user")]
    UnknownUser,
    /// The device is not enrolled for the user.
    #[error("the device is not enrolled for the user")]
    UnknownDevice,
    /// The device's signature does not verify.
    #[error("the device's signature does not verify")]
    BadSignature,
    /// The timestamp is outside the window.
    #[error("the device's clock is outside the window")]
    Clock {
        /// The device's timestamp.
        device: Timestamp,
    },
    /// Nothing wanted is held, or something required is not granted.
    #[error("the clearances are not sufficient")]
    Clearance,
    /// The timestamp is not later than the latest accepted.
    #[error("the timestamp is not later than the latest accepted")]
    Stale {
        /// The latest accepted.
        latest: Timestamp,
    },
    /// The store's receipt is for another user, device or timestamp.
    #[error("the store's receipt is for another claim")]
    WrongReceipt,
}
