//! What both sides know of a handshake that ended well.

use crate::identity::{Clearances, Identity, Name};
use crate::time::Timestamp;
use crate::wire::{Sid, Suites};
use core::time::Duration;

/// What both signatures and the transcript cover.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Terms {
    /// The responder, by name and key.
    pub responder: Identity,
    /// The user.
    pub user: Name,
    /// The user's device, by its key, 32 bytes.
    pub device: [u8; 32],
    /// The initiator's session id.
    pub sid_i: Sid,
    /// The responder's session id.
    pub sid_r: Sid,
    /// The initiator's challenge.
    pub nonce_i: [u8; 32],
    /// The responder's challenge.
    pub nonce_r: [u8; 32],
    /// The initiator's timestamp.
    pub timestamp_i: Timestamp,
    /// The responder's timestamp.
    pub timestamp_r: Timestamp,
    /// The suites offered.
    pub offered: Suites,
    /// The suite chosen.
    pub suite: u8,
    /// The clearances wanted.
    pub wanted: Clearances,
}

/// The terms, and what the Verdict added.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Agreement {
    /// What both sides signed.
    pub terms: Terms,
    /// The clearances granted.
    pub granted: Clearances,
    /// How long the session lives, counted from the Verdict; whole seconds.
    pub lifetime: Duration,
}
