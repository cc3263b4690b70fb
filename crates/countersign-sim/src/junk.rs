//! Junk: random bytes, shapes without sense, and mutated copies of what honest hosts send.
//!
//! Only what must be refused is junk. A well-formed Hello is a handshake attempt whoever sends it, and a Hello with
//! another cookie is the same Hello, so mutations leave those fields alone; so with the cookie of a Retry.

use crate::dice::Dice;
use crate::link::Flip;
use countersign::wire::{DATAGRAM_BYTES_MAX, Kind, VERSION, layout};

/// One bit of a datagram that, changed, makes it something else, or something nobody sealed.
pub(crate) fn flip(dice: &mut Dice, datagram: &[u8]) -> Option<Flip> {
    let kind = Kind::of(datagram).ok()?;
    let fields: Vec<_> = layout(kind, datagram.len()).filter(|field| may_change(kind, field.name)).collect();
    let field = fields.get(dice.index(fields.len()))?;
    let at = field.at.start.checked_add(dice.index(field.at.len()))?;
    Some(Flip { byte: u16::try_from(at).ok()?, bit: u8::try_from(dice.below(8)).ok()? })
}

fn may_change(kind: Kind, field: &str) -> bool {
    match kind {
        Kind::Hello => matches!(field, "version" | "type" | "padding"),
        Kind::Retry => matches!(field, "version" | "type" | "sid_i"),
        Kind::Challenge | Kind::Response | Kind::Verdict | Kind::Record => true,
    }
}

/// Bytes that nobody meant: of any length, or of the shape of a message.
pub(crate) fn random(dice: &mut Dice) -> Vec<u8> {
    let shape: Option<(Kind, usize)> = match dice.below(6) {
        0 => Some((Kind::Retry, 43)),
        1 => Some((Kind::Challenge, 215)),
        2 => Some((Kind::Response, 38 + 128)),
        3 => Some((Kind::Verdict, 38 + 64)),
        4 => Some((Kind::Record, 40)),
        _ => None,
    };
    let any = dice.index(DATAGRAM_BYTES_MAX + 100);
    let mut bytes = dice.bytes(shape.map_or(any, |(_, length)| length));
    if let (Some((kind, _)), Some(head)) = (shape, bytes.first_chunk_mut()) {
        *head = [VERSION, kind as u8];
    } else if let Some(first) = bytes.first_mut() {
        *first = 0; // never by chance a Hello
    }
    bytes
}
