//! The initiator's side: queues, Hellos, timers, restarts (`spec/initiator.md`, `spec/states.md`).

use crate::bucket::Bucket;
use crate::links;
use crate::output::{ConnectError, Dropped, Event, HandshakeId, InitiatorState, Outcome};
use crate::shared::{Step, Timer};
use core::net::SocketAddr;
use core::time::Duration;
use countersign::wire::{Buffer, COOKIE_BYTES, Challenge, Cookie, RESPONSE_BYTES_MAX, Reason, Retry, Sid, Verdict};
use countersign::{
    AcceptedVerdict, AwaitChallenge, AwaitVerdict, BeginError, Clearances, Defence, Defences, Expectation, Identity,
    Initiator, Moment, Reject, Timestamp, VerifiedChallenge, VerifiedVerdict,
};
use rand_core::CryptoRng;
use std::collections::{BTreeMap, VecDeque};

#[derive(Debug)]
pub(crate) struct Initiating<D> {
    initiator: Initiator<D>,
    /// The last timestamp that each responder accepted (CS-INIT-11).
    latest: BTreeMap<Identity, Timestamp>,
    /// Who waits for each responder that a handshake is under way with (CS-INIT-12).
    queues: BTreeMap<Identity, VecDeque<(HandshakeId, Request)>>,
    attempts: BTreeMap<HandshakeId, Attempt<D>>,
    by_sid: BTreeMap<Sid, HandshakeId>,
    next: u64,
}

/// What was asked for.
#[derive(Debug)]
struct Request {
    to: SocketAddr,
    expected: Expectation,
    wanted: Clearances,
}

/// A handshake under way.
#[derive(Debug)]
struct Attempt<D> {
    request: Request,
    deadline: Moment,
    interval: Duration,
    retries_left: u32,
    bucket: Bucket,
    impostor_seen: bool,
    restarted: bool,
    state: State<D>,
}

#[derive(Debug)]
enum State<D> {
    AwaitChallenge { waiting: Box<AwaitChallenge<D>>, cookie: Cookie },
    AwaitVerdict { waiting: Box<AwaitVerdict<D>>, response: Buffer<RESPONSE_BYTES_MAX> },
}

impl<D: Defences> State<D> {
    fn sid(&self) -> Sid {
        match self {
            Self::AwaitChallenge { waiting, .. } => waiting.sid(),
            Self::AwaitVerdict { waiting, .. } => waiting.sid(),
        }
    }
}

impl<D: Defences> Initiating<D> {
    pub(crate) const fn new(initiator: Initiator<D>) -> Self {
        Self {
            initiator,
            latest: BTreeMap::new(),
            queues: BTreeMap::new(),
            attempts: BTreeMap::new(),
            by_sid: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn latest(&self, responder: &Identity) -> Option<Timestamp> {
        self.latest.get(responder).copied()
    }

    pub(crate) fn remember_latest(&mut self, responder: Identity, latest: Timestamp) {
        let known = self.latest.entry(responder).or_insert(latest);
        *known = latest.max(*known);
    }

    pub(crate) fn knows(&self, sid: &Sid) -> bool {
        self.by_sid.contains_key(sid)
    }

    pub(crate) fn state_of(&self, handshake: HandshakeId) -> Option<InitiatorState> {
        let queued =
            || self.queues.values().flatten().any(|(id, _)| *id == handshake).then_some(InitiatorState::Queued);
        self.attempts.get(&handshake).map_or_else(queued, |attempt| match attempt.state {
            State::AwaitChallenge { .. } => Some(InitiatorState::AwaitChallenge),
            State::AwaitVerdict { .. } => Some(InitiatorState::AwaitVerdict),
        })
    }

    pub(crate) fn connect<R: CryptoRng>(
        &mut self,
        step: &mut Step<'_, R, D>,
        to: SocketAddr,
        expected: &Expectation,
        wanted: Clearances,
    ) -> Result<HandshakeId, ConnectError> {
        let id = HandshakeId(self.next);
        let request = Request { to, expected: expected.clone(), wanted };
        let one_at_a_time = self.initiator.defences().holds(Defence::OneAtATime);
        match self.queues.get_mut(expected.identity()) {
            Some(queue) if one_at_a_time => {
                if queue.len() >= step.shared.limits.queue_max {
                    return Err(ConnectError::QueueFull);
                }
                queue.push_back((id, request)); // CS-INIT-12
            }
            Some(_) => self.begin(step, id, request)?,
            None => {
                self.begin(step, id, request)?;
                self.queues.insert(expected.identity().clone(), VecDeque::new());
            }
        }
        self.next = self.next.saturating_add(1);
        Ok(id)
    }

    pub(crate) fn retry<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, retry: &Retry<'_>) -> Result<(), Dropped> {
        let budget_holds = self.initiator.defences().holds(Defence::RetryBudget);
        let (_, attempt) = self.attempt_mut(retry.sid_i)?;
        // CS-RETRY-02: once the responder is verified there is no cookie to change.
        let State::AwaitChallenge { waiting, cookie } = &mut attempt.state else { return Err(Dropped::OutOfTurn) };
        *cookie = *retry.cookie;
        let left = attempt.retries_left.checked_sub(1);
        if left.is_some() || !budget_holds {
            attempt.retries_left = left.unwrap_or(0); // CS-RETRY-01
            step.shared.send(attempt.request.to, &waiting.hello(cookie));
        }
        Ok(())
    }

    pub(crate) fn challenge<R: CryptoRng>(
        &mut self,
        step: &mut Step<'_, R, D>,
        from: SocketAddr,
        challenge: &Challenge<'_>,
    ) -> Result<(), Dropped> {
        let defences = self.initiator.defences();
        let (id, attempt) = self.attempt_mut(challenge.sid_i)?;
        let State::AwaitChallenge { waiting, .. } = &attempt.state else { return Err(Dropped::OutOfTurn) };
        let in_budget = attempt.bucket.take(&step.shared.limits, step.now.monotonic);
        if !in_budget && defences.holds(Defence::ChallengeBucket) {
            return Err(Dropped::RateLimited); // CS-INIT-08
        }
        match waiting.check(challenge, step.now) {
            Ok(verified) => self.respond(step, id, verified),
            Err(Reject::ResponderClock { responder }) => self.end(step, id, Outcome::Clock { responder }), // CS-INIT-05
            Err(reject) => {
                attempt.impostor_seen |= reject.is_impostor();
                step.shared.tell(Event::Suspicious { handshake: id, from, reject });
                if !defences.holds(Defence::JunkIgnored) {
                    self.end(step, id, Outcome::TimedOut); // CS-INIT-06
                }
                return Err(reject.into());
            }
        }
        Ok(())
    }

    pub(crate) fn verdict<R: CryptoRng>(
        &mut self,
        step: &mut Step<'_, R, D>,
        verdict: &Verdict<'_>,
    ) -> Result<(), Dropped> {
        let (id, attempt) = self.attempt_mut(verdict.sid_i)?;
        let State::AwaitVerdict { waiting, .. } = &attempt.state else { return Err(Dropped::OutOfTurn) };
        match waiting.check(verdict)? {
            VerifiedVerdict::Accepted(accepted) => self.accept(step, id, accepted),
            VerifiedVerdict::Refused(Reason::Stale(latest)) if !attempt.restarted => self.restart(step, id, latest),
            VerifiedVerdict::Refused(reason) => self.end(step, id, Outcome::Refused(reason)),
        }
        Ok(())
    }

    /// The retransmission timer: it renews the budget of Retries and repeats what is out, byte for byte (CS-INIT-15).
    pub(crate) fn retransmit<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId) {
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        if step.now.monotonic >= attempt.deadline {
            return; // a driver that is late: the deadline is due as well
        }
        attempt.retries_left = step.shared.limits.retries_per_expiry;
        attempt.interval = attempt.interval.saturating_mul(2).min(step.shared.limits.retransmit_max); // CS-INIT-14
        step.set(Timer::Retransmit(id), step.after(attempt.interval));
        match &attempt.state {
            State::AwaitChallenge { waiting, cookie } => step.shared.send(attempt.request.to, &waiting.hello(cookie)),
            State::AwaitVerdict { response, .. } => step.shared.send(attempt.request.to, response),
        }
    }

    /// The end of the wait.
    pub(crate) fn deadline<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        let outcome = if attempt.impostor_seen { Outcome::Impostor } else { Outcome::TimedOut }; // CS-INIT-07
        self.end(step, id, outcome);
    }

    /// Sends a first Hello and starts the clock.
    fn begin<R: CryptoRng>(
        &mut self,
        step: &mut Step<'_, R, D>,
        id: HandshakeId,
        request: Request,
    ) -> Result<(), BeginError> {
        let state = self.send_hello(step, id, &request, None)?;
        let deadline = step.after(step.shared.limits.deadline);
        step.set(Timer::Deadline(id), deadline);
        let attempt = Attempt {
            request,
            deadline,
            interval: step.shared.limits.retransmit_first,
            retries_left: step.shared.limits.retries_per_expiry,
            bucket: Bucket::full(&step.shared.limits, step.now.monotonic),
            impostor_seen: false,
            restarted: false,
            state,
        };
        self.attempts.insert(id, attempt);
        Ok(())
    }

    /// Begins again, once, later than the timestamp that the verified responder named; the deadline stays (CS-INIT-13).
    fn restart<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId, latest: Timestamp) {
        let Some(mut attempt) = self.attempts.remove(&id) else { return };
        self.by_sid.remove(&attempt.state.sid());
        match self.send_hello(step, id, &attempt.request, Some(latest)) {
            Ok(state) => {
                attempt.restarted = true;
                attempt.interval = step.shared.limits.retransmit_first;
                attempt.retries_left = step.shared.limits.retries_per_expiry;
                attempt.state = state;
                self.attempts.insert(id, attempt);
            }
            Err(error) => {
                self.attempts.insert(id, attempt);
                self.end(step, id, Outcome::NotBegun(error));
            }
        }
    }

    fn send_hello<R: CryptoRng>(
        &mut self,
        step: &mut Step<'_, R, D>,
        id: HandshakeId,
        request: &Request,
        named: Option<Timestamp>,
    ) -> Result<State<D>, BeginError> {
        let expected = &request.expected;
        let latest = self.latest.get(expected.identity()).copied();
        let by_sid = &self.by_sid;
        let links = &step.shared.links;
        let is_free = |sid: &Sid| !by_sid.contains_key(sid) && !links.contains(sid) && !(step.elsewhere)(sid);
        let wanted = request.wanted.clone();
        let rng = &mut step.shared.rng;
        let waiting = match named {
            Some(named) => self.initiator.begin_again(expected, wanted, named, step.now, rng, is_free)?, // CS-INIT-13
            None => self.initiator.begin(expected, wanted, latest, step.now, rng, is_free)?,
        };
        let sid = waiting.sid();
        self.by_sid.insert(sid, id);
        step.shared.tell(Event::Begun { handshake: id, sid });
        let cookie = [0; COOKIE_BYTES];
        step.shared.send(request.to, &waiting.hello(&cookie));
        step.set(Timer::Retransmit(id), step.after(step.shared.limits.retransmit_first));
        Ok(State::AwaitChallenge { waiting: Box::new(waiting), cookie })
    }

    fn respond<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId, verified: VerifiedChallenge<D>) {
        let Some(mut attempt) = self.attempts.remove(&id) else { return };
        if let State::AwaitChallenge { waiting, .. } = attempt.state {
            let (waiting, response) = waiting.accept(&self.initiator, verified);
            step.shared.send(attempt.request.to, &response);
            attempt.interval = step.shared.limits.retransmit_first;
            step.set(Timer::Retransmit(id), step.after(attempt.interval));
            attempt.state = State::AwaitVerdict { waiting: Box::new(waiting), response };
        }
        self.attempts.insert(id, attempt);
    }

    fn accept<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId, verdict: AcceptedVerdict<D>) {
        let Some(attempt) = self.forget(step, id) else { return };
        if let State::AwaitVerdict { waiting, .. } = attempt.state {
            let (session, agreement) = waiting.accept(verdict);
            self.latest.insert(agreement.terms.responder.clone(), agreement.terms.timestamp_i);
            let stop = attempt.deadline.plus(step.shared.limits.confirm_grace);
            let lifetime = agreement.lifetime;
            let accepted = Event::Accepted { handshake: id, session: session.id(), agreement: Box::new(agreement) };
            step.shared.tell(accepted);
            links::open_confirming(step, id, session, attempt.request.to, lifetime, stop);
        }
        self.begin_next(step, attempt.request.expected.identity());
    }

    fn end<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId, outcome: Outcome) {
        let Some(attempt) = self.forget(step, id) else { return };
        step.shared.tell(Event::Ended { handshake: id, outcome });
        self.begin_next(step, attempt.request.expected.identity());
    }

    fn forget<R>(&mut self, step: &mut Step<'_, R, D>, id: HandshakeId) -> Option<Attempt<D>> {
        let attempt = self.attempts.remove(&id)?;
        self.by_sid.remove(&attempt.state.sid());
        step.shared.timers.cancel(Timer::Retransmit(id));
        step.shared.timers.cancel(Timer::Deadline(id));
        Some(attempt)
    }

    /// The next in the queue for this responder gets its turn.
    fn begin_next<R: CryptoRng>(&mut self, step: &mut Step<'_, R, D>, responder: &Identity) {
        while let Some((id, request)) = self.queues.get_mut(responder).and_then(VecDeque::pop_front) {
            match self.begin(step, id, request) {
                Ok(()) => return,
                Err(error) => step.shared.tell(Event::Ended { handshake: id, outcome: Outcome::NotBegun(error) }),
            }
        }
        self.queues.remove(responder);
    }

    fn attempt_mut(&mut self, sid: Sid) -> Result<(HandshakeId, &mut Attempt<D>), Dropped> {
        let id = *self.by_sid.get(&sid).ok_or(Dropped::UnknownSid)?;
        let attempt = self.attempts.get_mut(&id).ok_or(Dropped::UnknownSid)?;
        Ok((id, attempt))
    }
}
