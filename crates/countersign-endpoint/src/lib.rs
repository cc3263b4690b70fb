//! Many Countersign handshakes over datagrams: timers, repeats, cookies, queues, limits.
//!
//! An [`Endpoint`] plays the initiator, the responder, or both. It does no I/O: four verbs drive it, and what it wants
//! done comes out of the last. [`Endpoint::connect`], [`Endpoint::send`] and [`Endpoint::close`] are the application's.
//!
//! ```text
//! endpoint.handle_datagram(now, from, &bytes);     // in: bytes
//! endpoint.handle_timeout(now);                    // in: time
//! endpoint.handle_answer(now, ticket, answer);     // in: what the store said
//! while let Some(output) = endpoint.poll_output()  // out: Send | WakeAt | Lookup | Advance | Event
//! ```
//!
//! It never reads a clock, draws from a generator that it was not given, or calls a [`Store`]: that trait is for drivers.

mod bucket;
mod initiating;
mod limits;
mod links;
mod output;
mod responding;
mod shared;
mod store;
mod table;
mod timers;

pub use limits::{Limits, LimitsError};
pub use output::{
    Answer, AnswerError, Closed, ConnectError, Dropped, Event, HandshakeId, InitiatorState, Outcome, Output,
    ResponderState, SendError, Ticket,
};
pub use store::{MemoryStore, Store, answer};

use crate::initiating::Initiating;
use crate::links::Links;
use crate::responding::Responding;
use crate::shared::{Shared, Step, Timer};
use crate::timers::Timers;
use core::net::SocketAddr;
use countersign::wire::{Message, Sid};
use countersign::{
    Clearances, Defences, Expectation, ExportError, Identity, Initiator, Moment, Now, Reject, Responder, Timestamp,
    Whole,
};
use rand_core::CryptoRng;
use std::collections::VecDeque;

/// One party on a network: a device, a responder, or both, and all their handshakes and sessions.
#[derive(Debug)]
pub struct Endpoint<R, D = Whole> {
    initiating: Option<Initiating<D>>,
    responding: Option<Responding<D>>,
    shared: Shared<R, D>,
    announced: Option<Moment>,
}

impl<R: CryptoRng, D: Defences> Endpoint<R, D> {
    /// An endpoint that plays no role yet, with a generator of its own.
    ///
    /// # Errors
    /// [`LimitsError`] if the limits make no sense.
    pub fn new(limits: Limits, rng: R) -> Result<Self, LimitsError> {
        limits.check()?;
        let shared = Shared { limits, rng, timers: Timers::new(), out: VecDeque::new(), links: Links::new() };
        Ok(Self { initiating: None, responding: None, shared, announced: None })
    }

    /// Lets it begin handshakes.
    #[must_use]
    pub fn with_initiator(mut self, initiator: Initiator<D>) -> Self {
        self.initiating = Some(Initiating::new(initiator));
        self
    }

    /// Lets it answer handshakes.
    #[must_use]
    pub fn with_responder(mut self, responder: Responder<D>) -> Self {
        self.responding = Some(Responding::new(responder, &mut self.shared.rng));
        self
    }

    /// Begins a handshake with the expected responder at this address, or queues it behind the one under way.
    ///
    /// # Errors
    /// [`ConnectError`]; no handshake is begun or queued.
    pub fn connect(
        &mut self,
        now: Now,
        to: SocketAddr,
        expected: &Expectation,
        wanted: Clearances,
    ) -> Result<HandshakeId, ConnectError> {
        self.run_due(now);
        self.as_initiator(now, |side, step| side.connect(step, to, expected, wanted))
            .unwrap_or(Err(ConnectError::NoDevice))
    }

    /// Takes in one datagram.
    ///
    /// # Errors
    /// [`Dropped`]: why it was refused. By it nothing has changed and nothing is sent (CS-IMPL-04), though what was due is
    /// done first; a driver may count it.
    pub fn handle_datagram(&mut self, now: Now, from: SocketAddr, bytes: &[u8]) -> Result<(), Dropped> {
        self.run_due(now);
        let message = match &self.responding {
            Some(side) => Message::decode_with(side.defences(), bytes),
            None => Message::decode(bytes),
        };
        match message.map_err(Reject::from)? {
            Message::Hello(hello) => self.as_responder(now, |side, step| side.hello(step, from, &hello)),
            Message::Retry(retry) => self.as_initiator(now, |side, step| side.retry(step, &retry)),
            Message::Challenge(challenge) => {
                self.as_initiator(now, |side, step| side.challenge(step, from, &challenge))
            }
            Message::Response(response) => self.as_responder(now, |side, step| side.response(step, from, &response)),
            Message::Verdict(verdict) => self.as_initiator(now, |side, step| side.verdict(step, &verdict)),
            Message::Record(record) => {
                let mut step = Step { now, shared: &mut self.shared, elsewhere: &|_| false };
                match links::record(&mut step, from, &record) {
                    Err(Dropped::UnknownSid) => {
                        let unconfirmed = self.as_responder(now, |side, step| side.record(step, from, &record));
                        unconfirmed.or(Some(Err(Dropped::UnknownSid)))
                    }
                    done => Some(done),
                }
            }
        }
        .unwrap_or(Err(Dropped::NoSuchRole))
    }

    /// Does what is due. A call that comes early does nothing but ask for the next.
    pub fn handle_timeout(&mut self, now: Now) {
        self.announced = None;
        self.run_due(now);
    }

    /// Every verb begins with this: nothing is judged in a state whose time is over, however late the driver is.
    fn run_due(&mut self, now: Now) {
        while let Some(timer) = self.shared.timers.pop_due(now.monotonic) {
            let mut step = Step { now, shared: &mut self.shared, elsewhere: &|_| false };
            match timer {
                Timer::Confirm(sid) => links::confirm_again(&mut step, sid),
                Timer::SessionEnd(sid) if step.shared.links.contains(&sid) => links::end(&mut step, sid),
                Timer::SessionEnd(sid) => _ = self.as_responder(now, |side, step| side.expire(step, sid)),
                Timer::Deadline(id) => _ = self.as_initiator(now, |side, step| side.deadline(step, id)),
                Timer::Retransmit(id) => _ = self.as_initiator(now, |side, step| side.retransmit(step, id)),
                Timer::Lapse(sid) => _ = self.as_responder(now, |side, step| side.lapse(step, sid)),
            }
        }
    }

    /// Takes in what the store said to [`Output::Lookup`] or [`Output::Advance`].
    ///
    /// # Errors
    /// [`AnswerError`]: the answer is of no use, and has changed nothing.
    pub fn handle_answer(&mut self, now: Now, ticket: Ticket, answer: Answer) -> Result<(), AnswerError> {
        self.run_due(now);
        self.as_responder(now, |side, step| side.answer(step, ticket, answer))
            .unwrap_or(Err(AnswerError::UnknownTicket))
    }

    /// What the endpoint wants done next, until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(output) = self.shared.out.pop_front() {
            return Some(output);
        }
        let next = self.shared.timers.next();
        if next == self.announced {
            return None;
        }
        self.announced = next;
        next.map(Output::WakeAt)
    }

    /// Seals data for the peer of an open session.
    ///
    /// # Errors
    /// [`SendError`]; no record is sealed.
    pub fn send(&mut self, now: Now, session: Sid, data: &[u8]) -> Result<(), SendError> {
        self.run_due(now);
        links::send(&mut self.shared, session, data)
    }

    /// Closes a session: sends its last record and forgets it. One that is not confirmed is forgotten in silence.
    ///
    /// # Errors
    /// [`SendError`]; a session without counters left is forgotten all the same.
    pub fn close(&mut self, now: Now, session: Sid) -> Result<(), SendError> {
        self.run_due(now);
        if self.as_responder(now, |side, step| side.forget_unconfirmed(step, session)) == Some(true) {
            return Ok(());
        }
        links::close(&mut self.shared, session)
    }

    /// The last timestamp that a responder accepted from this device, for a driver to keep across restarts.
    #[must_use]
    pub fn latest(&self, responder: &Identity) -> Option<Timestamp> {
        self.initiating.as_ref().and_then(|side| side.latest(responder))
    }

    /// Tells of the last timestamp that a responder accepted before this device restarted (CS-INIT-11). One that is not
    /// later than what is known changes nothing. `false` if this endpoint has no device.
    pub fn remember_latest(&mut self, responder: Identity, latest: Timestamp) -> bool {
        self.initiating.as_mut().map(|side| side.remember_latest(responder, latest)).is_some()
    }

    /// Keying material of a session, confirmed or not, the same on both sides (CS-EXP-01). `None` if there is none.
    #[must_use]
    pub fn export(
        &self,
        session: Sid,
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Option<Result<(), ExportError>> {
        if let Some(session) = self.shared.links.session(&session) {
            return Some(session.export(label, context, out));
        }
        Some(self.responding.as_ref()?.unconfirmed(&session)?.export(label, context, out))
    }

    /// The responder's name and key, if it plays that role.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.responding.as_ref().map(Responding::identity)
    }

    /// How many sessions are open.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.shared.links.len()
    }

    /// How many of the responder's entries have no Verdict yet.
    #[must_use]
    pub fn half_open(&self) -> usize {
        self.responding.as_ref().map_or(0, Responding::half_open)
    }

    /// How many entries the responder keeps, with a Verdict or without.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.responding.as_ref().map_or(0, Responding::entries)
    }

    /// Where a handshake that this endpoint began stands. Walks all sessions: for diagnostics.
    #[must_use]
    pub fn initiator_state(&self, handshake: HandshakeId) -> InitiatorState {
        let under_way = self.initiating.as_ref().and_then(|side| side.state_of(handshake));
        under_way.or_else(|| self.shared.links.state_of(handshake)).unwrap_or(InitiatorState::Ended)
    }

    /// Where the handshake under this session id of the responder's stands.
    #[must_use]
    pub fn responder_state(&self, sid: Sid) -> ResponderState {
        if self.shared.links.contains(&sid) {
            return ResponderState::Established;
        }
        self.responding.as_ref().and_then(|side| side.state_of(&sid)).unwrap_or(ResponderState::Listen)
    }

    fn as_initiator<T>(
        &mut self,
        now: Now,
        act: impl FnOnce(&mut Initiating<D>, &mut Step<'_, R, D>) -> T,
    ) -> Option<T> {
        let responding = &self.responding;
        let elsewhere = |sid: &Sid| responding.as_ref().is_some_and(|side| side.knows(sid));
        let mut step = Step { now, shared: &mut self.shared, elsewhere: &elsewhere };
        self.initiating.as_mut().map(|side| act(side, &mut step))
    }

    fn as_responder<T>(
        &mut self,
        now: Now,
        act: impl FnOnce(&mut Responding<D>, &mut Step<'_, R, D>) -> T,
    ) -> Option<T> {
        let initiating = &self.initiating;
        let elsewhere = |sid: &Sid| initiating.as_ref().is_some_and(|side| side.knows(sid));
        let mut step = Step { now, shared: &mut self.shared, elsewhere: &elsewhere };
        self.responding.as_mut().map(|side| act(side, &mut step))
    }
}
