//! What happens in a world, for whoever watches.

use crate::host::HostId;
use crate::stage::Notice;
use crate::world::World;
use countersign::wire::Kind;
use countersign_endpoint::{Dropped, Event};

/// Something that happens, as whoever watches a run sees it.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// A host has sent a datagram.
    Sent {
        /// Who.
        from: HostId,
        /// To whom.
        to: HostId,
        /// What.
        bytes: &'a [u8],
        /// How many copies will arrive.
        copies: usize,
    },
    /// A datagram has reached a host, and this came of it.
    Arrived {
        /// Whose, or in whose name if it is junk.
        from: HostId,
        /// Where.
        to: HostId,
        /// What, if it is a message.
        kind: Option<Kind>,
        /// Why it was dropped, if it was.
        result: Result<(), Dropped>,
        /// Whether it was junk.
        junk: bool,
    },
    /// A host's store has answered.
    Answered {
        /// Whose.
        host: HostId,
    },
    /// A host's endpoint has something to say.
    Said {
        /// Who.
        host: HostId,
        /// What.
        event: &'a Event,
    },
}

/// Watches a run: told of everything, as soon as it has happened.
pub trait Watch<D> {
    /// At this moment, this happened; the world is as it is now.
    fn happened(&mut self, world: &World<D>, happening: Happening<'_>);
}

/// Watches nothing.
impl<D> Watch<D> for () {
    fn happened(&mut self, _: &World<D>, _: Happening<'_>) {}
}

impl<'a> Happening<'a> {
    /// What a notice is to whoever watches; of a datagram that was sent, this many copies will arrive.
    pub(crate) fn of(notice: &'a Notice, copies: usize) -> Option<Self> {
        match notice {
            Notice::Arrived { from, to, kind, result, junk } => {
                Some(Self::Arrived { from: *from, to: *to, kind: *kind, result: *result, junk: *junk })
            }
            Notice::Sent(flight) => {
                Some(Self::Sent { from: flight.name.from, to: flight.to, bytes: &flight.bytes, copies })
            }
            Notice::Said { host, event, .. } => Some(Self::Said { host: *host, event }),
            Notice::Answered { host } => Some(Self::Answered { host: *host }),
            Notice::Missed { .. }
            | Notice::Asked(_)
            | Notice::Confirmed { .. }
            | Notice::NotBegun { .. }
            | Notice::Over { .. } => None,
        }
    }
}
