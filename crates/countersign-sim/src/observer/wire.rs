//! The observer's own reading of the wire: types, session ids, nonces, at the offsets of the specification.

use crate::run::SidBytes;

pub(super) const HELLO: u8 = 1;
pub(super) const RETRY: u8 = 2;
pub(super) const CHALLENGE: u8 = 3;
pub(super) const RESPONSE: u8 = 4;
pub(super) const VERDICT: u8 = 5;
pub(super) const RECORD: u8 = 7;

/// The cookie of a Hello.
pub(crate) const COOKIE: core::ops::Range<usize> = 82..115;

/// The type and the first session id of a datagram.
pub(super) fn header(bytes: &[u8]) -> Option<(u8, SidBytes)> {
    Some((*bytes.get(1)?, slice(bytes, 2)?))
}

/// n_i of a Hello.
pub(super) fn nonce_i(hello: &[u8]) -> Option<[u8; 32]> {
    slice(hello, 10)
}

/// sid_r of a Challenge.
pub(super) fn sid_r(challenge: &[u8]) -> Option<SidBytes> {
    slice(challenge, 10)
}

/// n_r of a Challenge.
pub(super) fn nonce_r(challenge: &[u8]) -> Option<[u8; 32]> {
    slice(challenge, 19)
}

/// t_r of a Challenge, in milliseconds.
pub(super) fn time_r(challenge: &[u8]) -> Option<u64> {
    slice(challenge, 51).map(u64::from_be_bytes)
}

/// The counter of a Record.
pub(super) fn counter(record: &[u8]) -> Option<u64> {
    slice(record, 10).map(u64::from_be_bytes)
}

pub(super) fn slice<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
