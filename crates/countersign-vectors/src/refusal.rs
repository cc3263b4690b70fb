//! The names under which vectors expect refusals: stable, whatever the code calls them.

use core::fmt;
use countersign::wire::DecodeError;
use countersign::{Denial, Reject, Timestamp};

/// A refusal of either kind. Its `Display` is its name in a vector: the values in it are left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The datagram is dropped, and nothing has changed.
    Drop(Reject),
    /// The handshake ends with the sealed refusal.
    Refuse(Denial),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop(Reject::Decode(error)) => write!(f, "drop decode {}", decode_name(*error)),
            Self::Drop(reject) => write!(f, "drop {}", reject_name(*reject)),
            Self::Refuse(Denial::MalformedClaim(error)) => write!(f, "refuse malformed-claim {}", decode_name(*error)),
            Self::Refuse(denial) => write!(f, "refuse {}", denial_name(*denial)),
        }
    }
}

impl Refusal {
    /// One of each kind that a datagram or a store can cause, to count what the vectors cover. Only
    /// [`Reject::NoFreeSid`] is not among them: only a generator can cause it.
    #[must_use]
    pub fn each() -> Vec<Self> {
        let time = Timestamp::default();
        let decoding = DECODE_ERRORS.map(|error| Self::Drop(Reject::Decode(error)));
        let rejects = [
            Reject::NoCommonSuite,
            Reject::SmallOrderEphemeral,
            Reject::ZeroSharedSecret,
            Reject::SuiteNotOffered,
            Reject::ReflectedEphemeral,
            Reject::BoxDoesNotOpen,
            Reject::ImpostorKey,
            Reject::ImpostorSignature,
            Reject::ResponderClock { responder: time },
            Reject::GrantNotWanted,
            Reject::RecordReplayed,
            Reject::EpochOutOfReach,
            Reject::RecordDoesNotOpen,
        ];
        let denials = [
            Denial::MalformedClaim(DecodeError::Length),
            Denial::MalformedClaim(DecodeError::Padding),
            Denial::MalformedClaim(DecodeError::Name),
            Denial::MalformedClaim(DecodeError::Clearances),
            Denial::WeakDeviceKey,
            Denial::OwnKey,
            Denial::UnknownUser,
            Denial::UnknownDevice,
            Denial::BadSignature,
            Denial::Clock { device: time },
            Denial::Clearance,
            Denial::Stale { latest: time },
            Denial::WrongReceipt,
        ];
        decoding.into_iter().chain(rejects.map(Self::Drop)).chain(denials.map(Self::Refuse)).collect()
    }
}

/// What a datagram can be dropped for before it is opened, or once its Verdict is open. A name stands in claims alone,
/// and a record that opens on none counts as one that does not open.
const DECODE_ERRORS: [DecodeError; 7] = [
    DecodeError::Length,
    DecodeError::Version,
    DecodeError::Kind,
    DecodeError::Suites,
    DecodeError::Padding,
    DecodeError::Clearances,
    DecodeError::Verdict,
];

const fn decode_name(error: DecodeError) -> &'static str {
    match error {
        DecodeError::Length => "length",
        DecodeError::Version => "version",
        DecodeError::Kind => "kind",
        DecodeError::Suites => "suites",
        DecodeError::Padding => "padding",
        DecodeError::Name => "name",
        DecodeError::Clearances => "clearances",
        DecodeError::Verdict => "verdict",
        DecodeError::Record => "record",
    }
}

const fn reject_name(reject: Reject) -> &'static str {
    match reject {
        Reject::Decode(_) => "decode",
        Reject::NoCommonSuite => "no-common-suite",
        Reject::SmallOrderEphemeral => "small-order-ephemeral",
        Reject::ZeroSharedSecret => "zero-shared-secret",
        Reject::NoFreeSid => "no-free-sid",
        Reject::SuiteNotOffered => "suite-not-offered",
        Reject::ReflectedEphemeral => "reflected-ephemeral",
        Reject::BoxDoesNotOpen => "box-does-not-open",
        Reject::ImpostorKey => "impostor-key",
        Reject::ImpostorSignature => "impostor-signature",
        Reject::ResponderClock { .. } => "responder-clock",
        Reject::GrantNotWanted => "grant-not-wanted",
        Reject::RecordReplayed => "record-replayed",
        Reject::EpochOutOfReach => "epoch-out-of-reach",
        Reject::RecordDoesNotOpen => "record-does-not-open",
    }
}

const fn denial_name(denial: Denial) -> &'static str {
    match denial {
        Denial::MalformedClaim(_) => "malformed-claim",
        Denial::WeakDeviceKey => "weak-device-key",
        Denial::OwnKey => "own-key",
        Denial::UnknownUser => "unknown-user",
        Denial::UnknownDevice => "unknown-device",
        Denial::BadSignature => "bad-signature",
        Denial::Clock { .. } => "clock",
        Denial::Clearance => "clearance",
        Denial::Stale { .. } => "stale",
        Denial::WrongReceipt => "wrong-receipt",
    }
}
