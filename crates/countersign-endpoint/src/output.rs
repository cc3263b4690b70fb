//! What goes into an endpoint and what comes out, as closed enums.

use core::net::SocketAddr;
use countersign::wire::{Reason, Sid};
use countersign::{Agreement, BeginError, Denial, Moment, Name, Profile, Receipt, Reject, Timestamp};

/// A handshake that this endpoint began, by its own count.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct HandshakeId(pub u64);

/// A question to the store; its answer carries it back.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ticket(pub u64);

/// What the endpoint wants done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Send this datagram.
    Send {
        /// Where to.
        to: SocketAddr,
        /// What, 1,200 bytes at most.
        bytes: Vec<u8>,
    },
    /// Call `handle_timeout` at this moment. Replaces an earlier wish.
    WakeAt(Moment),
    /// Look up this user's profile.
    Lookup {
        /// What the answer carries.
        ticket: Ticket,
        /// The user.
        user: Name,
        /// The device claimed, 32 bytes.
        device: [u8; 32],
    },
    /// Make this timestamp the latest of this user's device, durably, if it is later than the last.
    Advance {
        /// What the answer carries.
        ticket: Ticket,
        /// The user.
        user: Name,
        /// The device, 32 bytes.
        device: [u8; 32],
        /// Its timestamp.
        timestamp: Timestamp,
    },
    /// Something to know.
    Event(Event),
}

/// What the store said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// To a lookup: this is the user's profile.
    Profile(Profile),
    /// To a lookup: there is no such user.
    NoProfile,
    /// To an advance: done, and durable.
    Advanced(Receipt),
    /// To an advance: not later than this one.
    Stale {
        /// The latest accepted.
        latest: Timestamp,
    },
    /// To either: the store could not say. No Verdict is made (CS-RESP-11).
    StoreError,
}

/// Something to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// Initiator: a handshake left the queue; its Hello and its deadline are under way.
    Begun {
        /// Which one.
        handshake: HandshakeId,
        /// Its session id; another after a restart.
        sid: Sid,
    },
    /// Initiator: the expected responder has proved itself and accepted.
    Accepted {
        /// Which handshake.
        handshake: HandshakeId,
        /// The session.
        session: Sid,
        /// What both sides know of it.
        agreement: Box<Agreement>,
    },
    /// Initiator: a handshake ended with nothing.
    Ended {
        /// Which one.
        handshake: HandshakeId,
        /// How.
        outcome: Outcome,
    },
    /// Initiator: a Challenge did not check out. The handshake goes on waiting.
    Suspicious {
        /// Which handshake.
        handshake: HandshakeId,
        /// Where it came from.
        from: SocketAddr,
        /// What was wrong with it.
        reject: Reject,
    },
    /// Responder: a claim was accepted; the session is unconfirmed.
    Admitted {
        /// The session.
        session: Sid,
        /// What both sides know of it.
        agreement: Box<Agreement>,
    },
    /// Responder: a claim was refused. For the audit log alone (CS-REF-04).
    Denied {
        /// Where it came from.
        from: SocketAddr,
        /// The user and device claimed; `None` if the claim was malformed.
        claimant: Option<(Name, [u8; 32])>,
        /// Why.
        denial: Denial,
    },
    /// Either: a record of the peer opened, so both know that both accepted.
    Confirmed {
        /// The session.
        session: Sid,
    },
    /// Either: data of the application.
    Data {
        /// The session.
        session: Sid,
        /// What the peer sent.
        data: Vec<u8>,
    },
    /// Either: a session is over.
    Closed {
        /// The session.
        session: Sid,
        /// Why.
        why: Closed,
    },
}

/// How a handshake ended, at the initiator, with nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The verified responder refused.
    Refused(Reason),
    /// Nobody proved to be anybody in time.
    TimedOut,
    /// In time, somebody answered who was not the expected responder (CS-INIT-07).
    Impostor,
    /// The expected responder's clock is outside the skew.
    Clock {
        /// Its timestamp.
        responder: Timestamp,
    },
    /// It could not begin when its turn came.
    NotBegun(BeginError),
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Closed {
    /// The peer closed it.
    ByPeer {
        /// How many of the peer's records never arrived.
        missing: u64,
    },
    /// Its lifetime is over.
    Expired,
    /// Initiator: no record of the responder ever opened.
    Unconfirmed,
    /// Responder: no record of the initiator ever opened.
    Lapsed,
}

/// Why a datagram was dropped. By it nothing has changed, and nothing is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Dropped {
    /// The protocol refuses it.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// Nothing here has this session id.
    #[error("the session id is unknown")]
    UnknownSid,
    /// It is a message for another state than this one.
    #[error("the message is out of turn")]
    OutOfTurn,
    /// Too many Challenges for one handshake (CS-INIT-08).
    #[error("too many Challenges")]
    RateLimited,
    /// The table is full, cookie or not (CS-RESP-14).
    #[error("the table is full")]
    TableFull,
    /// This endpoint has no device, or no responder, that the message could be for.
    #[error("nobody here plays that role")]
    NoSuchRole,
}

/// Why no handshake was begun or queued.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint was made without a device.
    #[error("this endpoint has no device to connect with")]
    NoDevice,
    /// Too many wait for this responder.
    #[error("too many handshakes wait for this responder")]
    QueueFull,
    /// The handshake could not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

/// Why an answer of the store was of no use.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AnswerError {
    /// No question with this ticket is open: the handshake has lapsed, or it was answered.
    #[error("no question with this ticket is open")]
    UnknownTicket,
    /// The question was another one; it stays open.
    #[error("the question with this ticket was another one")]
    NotAsked,
}

/// Why data was not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SendError {
    /// There is no such session, or it is not confirmed (CS-SESS-02).
    #[error("there is no such session, or it is not confirmed")]
    NoSession,
    /// The record could not be sealed.
    #[error(transparent)]
    Seal(#[from] countersign::SealError),
}

/// Where an initiator's handshake stands: the states of `spec/states.md`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InitiatorState {
    /// Waits for its turn.
    Queued,
    /// Hello is out.
    AwaitChallenge,
    /// Response is out.
    AwaitVerdict,
    /// Accepted; no record of the responder has opened.
    Confirming,
    /// Accepted, and the responder knows.
    Established,
    /// Over.
    Ended,
}

/// Where a responder's handshake stands: the states of `spec/states.md`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResponderState {
    /// Nothing is kept.
    Listen,
    /// Challenge is out.
    AwaitResponse,
    /// The store was asked for the profile.
    AwaitProfile,
    /// The store failed to give the profile.
    StalledProfile,
    /// The store was asked to advance the timestamp.
    AwaitAdvance,
    /// The store failed to advance the timestamp.
    StalledAdvance,
    /// Accepted; no record of the initiator has opened.
    Unconfirmed,
    /// Accepted, and the initiator knows.
    Established,
    /// Refused, or closed; the Verdict is kept.
    Concluded,
}
