//! The observer's own reading of the wire: types, session ids, nonces, at the offsets of the specification.

use crate::run::SidBytes;
use ring::digest::{Context, SHA256};

pub(super) const HELLO: u8 = 1;
pub(super) const RETRY: u8 = 2;
pub(super) const CHALLENGE: u8 = 3;
pub(super) const RESPONSE: u8 = 4;
pub(super) const VERDICT: u8 = 5;
pub(super) const RECORD: u8 = 7;

/// The size of a Verdict that refuses.
pub(super) const REFUSAL_BYTES: usize = 102;
/// What a refusal says that gives no reason: code, reason, and a timestamp.
pub(super) const NOTHING: [u8; 10] = [REFUSED, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// The code of a refusal.
const REFUSED: u8 = 2;
/// What a Record has beside its data.
pub(super) const RECORD_OVERHEAD_BYTES: usize = 35;

/// A SHA-256, standing for all that went into it.
pub(super) type Digest = [u8; 32];

/// The cookie of a Hello.
pub(crate) const COOKIE: core::ops::Range<usize> = 82..115;

/// The type and the first session id of a datagram.
pub(super) fn header(bytes: &[u8]) -> Option<(u8, SidBytes)> {
    Some((*bytes.get(1)?, slice(bytes, 2)?))
}

/// A Hello but for its cookie.
pub(super) fn without_cookie(hello: &[u8]) -> impl Iterator<Item = &u8> {
    hello.iter().take(COOKIE.start).chain(hello.iter().skip(COOKIE.end))
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

/// What a Verdict says, by the text in its box, if it refuses.
pub(super) fn told(verdict: &[u8]) -> Option<[u8; NOTHING.len()]> {
    slice(verdict, 0).filter(|told: &[u8; NOTHING.len()]| told.first() == Some(&REFUSED))
}

/// The text of a Hello, without its cookie: that one has whoever sends it again.
pub(super) fn hello_text(hello: &[u8]) -> &[u8] {
    hello.get(..COOKIE.start).unwrap_or_default()
}

/// The cookie of a Hello.
pub(super) fn cookie(hello: &[u8]) -> Option<[u8; 33]> {
    slice(hello, COOKIE.start)
}

/// The cookie that a Retry brings.
pub(super) fn cookie_of_retry(retry: &[u8]) -> Option<[u8; 33]> {
    slice(retry, 10)
}

/// Where the box of a message is, if it has one.
pub(super) const fn box_at(kind: u8) -> Option<usize> {
    match kind {
        CHALLENGE => Some(91),
        RESPONSE | VERDICT => Some(10),
        _ => None,
    }
}

pub(super) fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    slice(context.finish().as_ref(), 0).unwrap_or_default()
}

pub(super) fn slice<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    // The first byte alone tells nearly every place.
    bytes.windows(part.len()).any(|window| window.first() == part.first() && window == part)
}
