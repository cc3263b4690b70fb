//! What both roles of an endpoint share: the generator, the timers, what goes out, the sessions.

use crate::limits::Limits;
use crate::links::Links;
use crate::output::{Event, HandshakeId, Output};
use crate::timers::Timers;
use core::net::SocketAddr;
use core::time::Duration;
use countersign::wire::Sid;
use countersign::{Moment, Now};
use std::collections::VecDeque;

/// What a timer is for. Of two due at once the earlier in this list comes first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Timer {
    /// An initiator's wait is over.
    Deadline(HandshakeId),
    /// An initiator repeats itself.
    Retransmit(HandshakeId),
    /// What a responder keeps of a handshake is dropped.
    Lapse(Sid),
    /// A session, or the confirming of it, is over.
    SessionEnd(Sid),
    /// An initiator confirms again.
    Confirm(Sid),
}

#[derive(Debug)]
pub(crate) struct Shared<R, D> {
    pub(crate) limits: Limits,
    pub(crate) rng: R,
    pub(crate) timers: Timers<Timer>,
    pub(crate) out: VecDeque<Output>,
    pub(crate) links: Links<D>,
}

impl<R, D> Shared<R, D> {
    pub(crate) fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        self.out.push_back(Output::Send { to, bytes: bytes.to_vec() });
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }
}

/// One call of a verb, as a role sees it.
pub(crate) struct Step<'a, R, D> {
    pub(crate) now: Now,
    pub(crate) shared: &'a mut Shared<R, D>,
    /// Whether the other role of this endpoint uses a session id.
    pub(crate) elsewhere: &'a dyn Fn(&Sid) -> bool,
}

impl<R, D> Step<'_, R, D> {
    pub(crate) fn set(&mut self, timer: Timer, at: Moment) {
        self.shared.timers.set(timer, at);
    }

    pub(crate) fn after(&self, span: Duration) -> Moment {
        self.now.monotonic.plus(span)
    }
}
