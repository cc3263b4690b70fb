//! The sessions of an endpoint, whichever role it plays in them (`spec/sessions.md`).

use crate::output::{Closed, Dropped, Event, HandshakeId, InitiatorState, SendError};
use crate::shared::{Shared, Step, Timer};
use crate::table::Table;
use core::net::SocketAddr;
use core::time::Duration;
use countersign::wire::{Record, Sid};
use countersign::{Content, Defence, Defences, Moment, Role, Session};

#[derive(Debug)]
pub(crate) struct Links<D>(Table<Sid, Link<D>>);

/// One session and where its peer is.
#[derive(Debug)]
pub(crate) struct Link<D> {
    session: Session<D>,
    peer: SocketAddr,
    expires: Moment,
    side: Side,
}

/// What either role still has to do.
#[derive(Debug)]
enum Side {
    /// Initiator: no record of the responder has opened; confirm again after `interval`, and not after `until`.
    Confirming { handshake: HandshakeId, interval: Duration, until: Moment },
    /// Initiator: both know that both accepted.
    Initiator { handshake: HandshakeId },
    /// Responder: the initiator has confirmed.
    Responder,
}

impl Side {
    const fn role(&self) -> Role {
        match self {
            Self::Confirming { .. } | Self::Initiator { .. } => Role::Initiator,
            Self::Responder => Role::Responder,
        }
    }
}

impl<D: Defences> Links<D> {
    pub(crate) fn new() -> Self {
        Self(Table::new())
    }

    pub(crate) fn contains(&self, sid: &Sid) -> bool {
        self.0.contains(sid)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn session(&self, sid: &Sid) -> Option<&Session<D>> {
        self.0.get(sid).map(|link| &link.session)
    }

    /// Where the handshake's session stands. Walks all sessions: for diagnostics.
    pub(crate) fn state_of(&self, handshake: HandshakeId) -> Option<InitiatorState> {
        self.0.only(|link| match link.side {
            Side::Confirming { handshake: of, .. } if of == handshake => Some(InitiatorState::Confirming),
            Side::Initiator { handshake: of } if of == handshake => Some(InitiatorState::Established),
            Side::Confirming { .. } | Side::Initiator { .. } | Side::Responder => None,
        })
    }
}

/// An initiator's new session: confirm, and again on the timer, until `stop` (CS-SESS-03).
pub(crate) fn open_confirming<R, D: Defences>(
    step: &mut Step<'_, R, D>,
    handshake: HandshakeId,
    session: Session<D>,
    peer: SocketAddr,
    lifetime: Duration,
    stop: Moment,
) {
    let sid = session.id();
    let expires = step.after(lifetime);
    let interval = step.shared.limits.retransmit_first;
    let side = Side::Confirming { handshake, interval, until: stop.min(expires) };
    step.shared.links.0.insert(sid, Link { session, peer, expires, side });
    step.set(Timer::SessionEnd(sid), stop.min(expires));
    step.set(Timer::Confirm(sid), step.after(step.shared.limits.retransmit_first));
    send_confirm(step.shared, sid);
}

/// A responder's session, confirmed by this record's content.
pub(crate) fn open_confirmed<R, D: Defences>(
    step: &mut Step<'_, R, D>,
    session: Session<D>,
    peer: SocketAddr,
    expires: Moment,
    content: Content,
) {
    let sid = session.id();
    step.shared.links.0.insert(sid, Link { session, peer, expires, side: Side::Responder });
    step.set(Timer::SessionEnd(sid), expires);
    step.shared.tell(Event::Confirmed { session: sid });
    deliver(step.shared, sid, content);
}

/// A record for an open session.
pub(crate) fn record<R, D: Defences>(
    step: &mut Step<'_, R, D>,
    from: SocketAddr,
    record: &Record<'_>,
) -> Result<(), Dropped> {
    let sid = record.sid;
    let link = step.shared.links.0.get_mut(&sid).ok_or(Dropped::UnknownSid)?;
    let opened = link.session.check(record)?;
    let newest = link.session.newest();
    let content = link.session.take(opened);
    match link.side {
        // CS-SESS-05: only a responder's peer moves, and only by its newest record.
        Side::Responder => {
            let is_newest = link.session.newest() > newest;
            let follows_any = !link.session.defences().holds(Defence::AddressFollowsNewest);
            if is_newest || follows_any {
                link.peer = from;
            }
        }
        Side::Confirming { handshake, .. } => {
            link.side = Side::Initiator { handshake };
            let expires = link.expires;
            step.shared.timers.cancel(Timer::Confirm(sid));
            step.set(Timer::SessionEnd(sid), expires);
            step.shared.tell(Event::Confirmed { session: sid });
        }
        Side::Initiator { .. } => {}
    }
    deliver(step.shared, sid, content);
    Ok(())
}

/// The timer of an initiator that has seen no record yet.
pub(crate) fn confirm_again<R, D: Defences>(step: &mut Step<'_, R, D>, sid: Sid) {
    let longest = step.shared.limits.retransmit_max;
    let Some(link) = step.shared.links.0.get_mut(&sid) else { return };
    let Side::Confirming { interval, until, .. } = &mut link.side else { return };
    if step.now.monotonic >= *until {
        return; // a driver that is late: the end is due as well
    }
    *interval = interval.saturating_mul(2).min(longest);
    let interval = *interval;
    step.set(Timer::Confirm(sid), step.after(interval));
    send_confirm(step.shared, sid);
}

/// The end of a session's lifetime, or of an initiator's confirming.
pub(crate) fn end<R, D: Defences>(step: &mut Step<'_, R, D>, sid: Sid) {
    let Some(link) = step.shared.links.0.remove(&sid) else { return };
    step.shared.timers.cancel(Timer::Confirm(sid));
    let why = match link.side {
        Side::Confirming { .. } if step.now.monotonic < link.expires => Closed::Unconfirmed,
        Side::Confirming { .. } | Side::Initiator { .. } | Side::Responder => Closed::Expired, // CS-SESS-06
    };
    step.shared.tell(Event::Closed { session: sid, why });
}

pub(crate) fn send<R, D: Defences>(shared: &mut Shared<R, D>, sid: Sid, data: &[u8]) -> Result<(), SendError> {
    let link = shared.links.0.get_mut(&sid).ok_or(SendError::NoSession)?;
    let record = link.session.seal(data)?;
    let peer = link.peer;
    shared.send(peer, &record);
    Ok(())
}

/// Sends the last record and forgets the session.
pub(crate) fn close<R, D: Defences>(shared: &mut Shared<R, D>, sid: Sid) -> Result<(), SendError> {
    let link = shared.links.0.remove(&sid).ok_or(SendError::NoSession)?;
    shared.timers.cancel(Timer::Confirm(sid));
    shared.timers.cancel(Timer::SessionEnd(sid));
    let record = link.session.close()?;
    shared.send(link.peer, &record);
    Ok(())
}

fn deliver<R, D: Defences>(shared: &mut Shared<R, D>, sid: Sid, content: Content) {
    match content {
        Content::Data(data) => shared.tell(Event::Data { session: sid, data }),
        Content::Confirm => {
            // CS-SESS-04: each confirmation of the initiator gets one of the responder, and none gets one back.
            if shared.links.0.get(&sid).is_some_and(|link| link.side.role() == Role::Responder) {
                send_confirm(shared, sid);
            }
        }
        Content::Close { missing } => {
            shared.links.0.remove(&sid);
            shared.timers.cancel(Timer::Confirm(sid));
            shared.timers.cancel(Timer::SessionEnd(sid));
            shared.tell(Event::Closed { session: sid, why: Closed::ByPeer { missing } });
        }
    }
}

/// A fresh record each time: records are never repeated.
fn send_confirm<R, D: Defences>(shared: &mut Shared<R, D>, sid: Sid) {
    let Some(link) = shared.links.0.get_mut(&sid) else { return };
    // A session out of counters confirms nothing more, and soon ends by its lifetime.
    let Ok(record) = link.session.confirm() else { return };
    let peer = link.peer;
    shared.send(peer, &record);
}
