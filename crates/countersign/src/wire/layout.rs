//! Where each field of a message lies: for those who draw, mutate or explain datagrams.

use super::{
    BOX_HEADER_BYTES, BOX_OVERHEAD_BYTES, CHALLENGE_BYTES, CHALLENGE_HEADER_BYTES, COOKIE_BYTES, HELLO_BYTES, Kind,
    RECORD_HEADER_BYTES, SID_BYTES, SUITES_MAX, TAG_BYTES,
};
use core::ops::Range;

/// One field of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// Its name in `spec/wire.md`.
    pub name: &'static str,
    /// Its place in the datagram, in bytes.
    pub at: Range<usize>,
}

/// The fields of a datagram of this kind and length, in order and without gaps.
pub fn layout(kind: Kind, datagram_bytes: usize) -> impl Iterator<Item = Field> {
    const BOX_NONCE: (&str, usize) = ("box nonce", 12);
    let fixed: &[(&'static str, usize)] = match kind {
        Kind::Hello => &[
            ("version", 1),
            ("type", 1),
            ("sid_i", SID_BYTES),
            ("n_i", 32),
            ("suites", SUITES_MAX),
            ("e_i", 32),
            ("cookie", COOKIE_BYTES),
            ("padding", HELLO_BYTES - 115),
        ],
        Kind::Retry => &[("version", 1), ("type", 1), ("sid_i", SID_BYTES), ("cookie", COOKIE_BYTES)],
        Kind::Challenge => &[
            ("version", 1),
            ("type", 1),
            ("sid_i", SID_BYTES),
            ("sid_r", SID_BYTES),
            ("suite", 1),
            ("n_r", 32),
            ("t_r", 8),
            ("e_r", 32),
            BOX_NONCE,
            ("box ciphertext", CHALLENGE_BYTES - CHALLENGE_HEADER_BYTES - BOX_OVERHEAD_BYTES),
            ("box tag", TAG_BYTES),
        ],
        Kind::Response => &[("version", 1), ("type", 1), ("sid_r", SID_BYTES), BOX_NONCE],
        Kind::Verdict => &[("version", 1), ("type", 1), ("sid_i", SID_BYTES), BOX_NONCE],
        Kind::Record => &[("version", 1), ("type", 1), ("sid", SID_BYTES), ("counter", 8)],
    };
    let variable = match kind {
        Kind::Hello | Kind::Retry | Kind::Challenge => None,
        Kind::Response | Kind::Verdict => {
            Some(("box ciphertext", "box tag", datagram_bytes.saturating_sub(BOX_HEADER_BYTES + BOX_OVERHEAD_BYTES)))
        }
        Kind::Record => Some(("sealed", "tag", datagram_bytes.saturating_sub(RECORD_HEADER_BYTES + TAG_BYTES))),
    };
    let tail = variable.into_iter().flat_map(|(text, tag, bytes)| [(text, bytes), (tag, TAG_BYTES)]);
    let mut next = 0_usize;
    fixed.iter().copied().chain(tail).map(move |(name, bytes)| {
        let start = next;
        next = start.saturating_add(bytes);
        Field { name, at: start..next }
    })
}
